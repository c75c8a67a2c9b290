//! Cases worked as a tracer works them, on both databases, through the operations.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::World;
use common::desk::seat;
use protocol::time::UnixSeconds;
use server::ServiceError;
use server::audit::{Action, Object};
use server::auth::{self, Session};
use server::cases::contacts::{self, Batch, ContactFilter, ContactOrder, Conversion, Entered, NewContact};
use server::cases::erase::{self, Place};
use server::cases::files::{self, CaseFilter, NewCaseFile, Subject};
use server::cases::known::known_here;
use server::cases::model::{CaseFile, CaseState, ContactState, DayState, Origin, Outcome, Source};
use server::cases::view::masked_people;
use server::cases::{follow, queue, timeline};
use server::civil::CivilDate;
use server::codes::Finding;
use server::geo::UnitId;
use server::people::{self, Identity};
use server::scope::{self, Level, Scope};

fn unit(world: &World, code: &str) -> UnitId {
    let app = &world.both.authority;
    app.geo.by_code(code, CivilDate::today(world.clock.now())).unwrap().id
}

/// A session with a role in a unit of 2021, for example `("tracer", "815")`.
async fn officer(world: &World, login: &str, role: &str, code: &str) -> Session {
    let app = &world.both.authority;
    let id = unit(world, code);
    let path = app.geo.path(id).unwrap();
    let place = scope::Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: path.commune.map(UnitId::number),
    };
    let level = match code.len() {
        2 => Level::Province,
        3 => Level::District,
        _ => Level::Commune,
    };
    seat(
        world,
        login,
        role,
        Scope {
            level,
            unit: id.number(),
        },
        place,
    )
    .await;
    auth::session_of(app, login).await.unwrap()
}

fn named(name: &str, phone: &str) -> Subject {
    Subject::New(Box::new(Identity {
        name: name.into(),
        phones: vec![phone.into()],
        ..Identity::default()
    }))
}

fn today(world: &World) -> CivilDate {
    CivilDate::today(world.clock.now())
}

async fn case(world: &World, by: &Session, name: &str) -> CaseFile {
    let new = NewCaseFile {
        subject: named(name, "0912345678"),
        label: None,
        state: CaseState::Confirmed,
        finding: Finding::Confirmed,
        test_date: today(world),
        onset_date: None,
        unit: unit(world, "28249"),
        is_listed: false,
    };
    files::open_case(&world.both.authority, by, new).await.unwrap()
}

fn met(world: &World, subject: Subject, code: &str, level: u8) -> NewContact {
    NewContact {
        subject,
        exposed_on: today(world),
        minutes: Some(30),
        place: "chợ Mỹ Tho".into(),
        relation: "khách".into(),
        level,
        unit: unit(world, code),
        origin: Origin::Interview,
    }
}

async fn add(world: &World, by: &Session, case_id: &str, of: Option<&str>, new: Vec<NewContact>) -> Vec<Entered> {
    let batch = Batch {
        case_id: case_id.into(),
        of_contact: of.map(str::to_owned),
        contacts: new,
        entry_seconds: None,
    };
    contacts::add_contacts(&world.both.authority, by, batch).await.unwrap()
}

fn id_of(entered: &Entered) -> &str {
    match entered {
        Entered::New(id) => id,
        Entered::Known => panic!("not new"),
    }
}

on_each_database! {
    async fn somebody_erased_is_gone_from_every_record_and_the_records_stay(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let lead = officer(world, "lead", "team_lead", "82").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let entered = add(world, &tracer, &first.case_id, None, vec![
            met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4),
            met(world, named("Trần Văn Bảy", "0987654322"), "28252", 2),
        ]).await;
        timeline::add_milestone(app, &tracer, &first.case_id, "10/7 8h nhà bà Ánh", 3, Source::Interview).await.unwrap();
        let at = Place::Contact(id_of(&entered[0]).into());
        let person = erase::person_at(app, &lead, &at).await.unwrap();

        // Who may not, or gives no reason, erases nobody.
        assert!(matches!(erase::erase_person(app, &tracer, &at, "person-asks").await, Err(ServiceError::NotAllowed)));
        assert!(matches!(erase::erase_person(app, &lead, &at, "because").await, Err(ServiceError::Invalid { .. })));
        assert_eq!(people::load(app, &[person]).await.unwrap().len(), 1);

        erase::erase_person(app, &lead, &at, "person-asks").await.unwrap();
        assert!(people::load(app, &[person]).await.unwrap().is_empty());
        let found = contacts::load_contact(app, &lead, id_of(&entered[0])).await.unwrap();
        assert_eq!((found.person, found.relation.as_str(), &found.place_sealed), (person, "", &None));
        let masked = masked_people(app, &lead, Action::CONTACT_LIST, &[person], None).await.unwrap();
        assert!(masked[&person].is_erased && masked[&person].name.is_empty());
        assert_eq!(known_here(app, &lead, &[person]).await.unwrap().len(), 1, "the record stays");
        assert!(app.finder.find("Lê Thị Ánh", 5).iter().all(|hit| hit.person != person));
        // The other contact is as before; the case's own milestones too.
        assert_eq!(contacts::load_contact(app, &lead, id_of(&entered[1])).await.unwrap().relation, "khách");
        assert_eq!(timeline::milestones(app, &first.case_id).await.unwrap().len(), 1);

        // The case itself: its milestones go with it, its contacts keep their generation.
        erase::erase_person(app, &lead, &Place::Case(first.case_id.clone()), "time-over").await.unwrap();
        assert!(timeline::milestones(app, &first.case_id).await.unwrap().is_empty());
        let other = contacts::load_contact(app, &lead, id_of(&entered[1])).await.unwrap();
        assert_eq!(other.generation, Some(1));
        let looks = server::audit::looks_at(app, Object(person.0), 50).await.unwrap();
        assert!(looks.iter().any(|look| look.action == "person.erase" && look.reason.as_deref() == Some("person-asks")));
    }

    async fn a_case_its_contacts_and_theirs_count_as_f0_f1_f2(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        assert_eq!((first.label.as_str(), first.state), ("BN-0001", CaseState::Confirmed));
        let f1 = add(world, &tracer, &first.case_id, None, vec![
            met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4),
            met(world, named("Trần Văn Bảy", "0987654322"), "28252", 2),
        ]).await;
        let f2 = add(world, &tracer, &first.case_id, Some(id_of(&f1[0])), vec![met(world, named("Phạm Thị Cúc", "0987654323"), "28249", 3)]).await;
        let generation = async |entered: &Entered| contacts::load_contact(app, &tracer, id_of(entered)).await.unwrap().generation;
        assert_eq!((generation(&f1[0]).await, generation(&f1[1]).await, generation(&f2[0]).await), (Some(1), Some(1), Some(2)));

        let facts = Conversion { finding: Finding::Confirmed, test_date: today(world), onset_date: None };
        let second = contacts::convert(app, &tracer, id_of(&f1[0]), &facts).await.unwrap();
        assert_eq!((second.label.as_str(), second.infected_by.as_deref()), ("BN-0002", Some(first.case_id.as_str())));
        assert_eq!(generation(&f2[0]).await, Some(1), "a contact of a case is F1");
        assert!(contacts::convert(app, &tracer, id_of(&f1[0]), &facts).await.is_err(), "once");

        files::set_state(app, &tracer, &first.case_id, CaseState::Refuted).await.unwrap();
        assert_eq!((generation(&f1[1]).await, generation(&f2[0]).await), (None, Some(1)), "nobody reaches the second");
        files::set_state(app, &tracer, &second.case_id, CaseState::Refuted).await.unwrap();
        let back = contacts::load_contact(app, &tracer, id_of(&f1[0])).await.unwrap();
        assert_eq!((back.state, back.generation, generation(&f2[0]).await), (ContactState::New, None, None));
        files::set_state(app, &tracer, &first.case_id, CaseState::Confirmed).await.unwrap();
        assert_eq!((generation(&f1[0]).await, generation(&f1[1]).await, generation(&f2[0]).await), (Some(1), Some(1), Some(2)));
        assert!(files::set_state(app, &tracer, &first.case_id, CaseState::Suspected).await.is_err());
    }

    async fn the_same_person_is_entered_once(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let f1 = add(world, &tracer, &first.case_id, None, vec![met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4)]).await;
        let person = contacts::load_contact(app, &tracer, id_of(&f1[0])).await.unwrap().person;
        let again = add(world, &tracer, &first.case_id, None, vec![
            met(world, Subject::Known(person), "28249", 4),
            met(world, Subject::Known(first.person.unwrap()), "28249", 4),
        ]).await;
        assert_eq!(again, [Entered::Known, Entered::Known]);
        assert_eq!(world.rows("authority.contact").await, 1);
        let other = case(world, &tracer, "Huỳnh Văn Tám").await;
        let too = add(world, &tracer, &other.case_id, None, vec![met(world, Subject::Known(person), "28249", 4)]).await;
        assert!(matches!(too[0], Entered::New(_)));
        let known = known_here(app, &tracer, &[person]).await.unwrap();
        let of: Vec<_> = known[&person].iter().map(|known| known.of_case.as_deref().unwrap()).collect();
        assert_eq!(of, ["BN-0001", "BN-0002"]);
        assert_eq!(world.rows("authority.person").await, 3);
    }

    async fn what_is_elsewhere_is_as_if_it_were_nowhere(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let f1 = add(world, &tracer, &first.case_id, None, vec![
            met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4),
            met(world, named("Trần Văn Bảy", "0987654322"), "28297", 2),
        ]).await;
        let stranger = officer(world, "stranger", "tracer", "817").await;
        let error = |result: Result<CaseFile, server::ServiceError>| result.unwrap_err().to_string();
        let missing = error(files::load_file(app, &stranger, "case_00").await);
        assert_eq!(error(files::load_file(app, &stranger, &first.case_id).await), missing);
        assert!(files::list_files(app, &stranger, &CaseFilter { limit: 10, ..Default::default() }).await.unwrap().is_empty());
        for contact in &f1 {
            assert!(contacts::load_contact(app, &stranger, id_of(contact)).await.is_err());
        }
        // A contact who lives elsewhere is seen there, its case is not.
        let there = officer(world, "there", "commune_tracer", "28297").await;
        assert!(contacts::load_contact(app, &there, id_of(&f1[1])).await.is_ok());
        assert!(contacts::load_contact(app, &there, id_of(&f1[0])).await.is_err());
        assert!(files::load_file(app, &there, &first.case_id).await.is_err());
        let outside = NewCaseFile {
            subject: named("Nguyễn Văn Mười", "0912345678"), label: None, state: CaseState::Confirmed, finding: Finding::Confirmed,
            test_date: today(world), onset_date: None, unit: unit(world, "28249"), is_listed: false };
        assert!(files::open_case(app, &stranger, outside).await.is_err());
        let list = contacts::list_contacts(app, &there, ContactOrder::Due, &ContactFilter { limit: 10, ..Default::default() }).await.unwrap();
        assert_eq!(list.len(), 1);
    }

    async fn the_queue_gives_what_is_due_first_and_to_one_officer_only(world) {
        let app = &world.both.authority;
        let one = officer(world, "one", "tracer", "815").await;
        let two = officer(world, "two", "tracer", "815").await;
        let first = case(world, &one, "Nguyễn Văn Mười").await;
        let entered = add(world, &one, &first.case_id, None, vec![
            met(world, named("Lê Thị Ánh", "0987654321"), "28249", 1),
            met(world, named("Trần Văn Bảy", "0987654322"), "28249", 4),
            met(world, named("Phạm Thị Cúc", "0987654323"), "28249", 2),
        ]).await;
        let next = async |by: &Session| queue::take_next(app, by).await.unwrap();
        assert_eq!(next(&one).await.as_deref(), Some(id_of(&entered[1])), "level 4 is due first");
        assert_eq!(next(&two).await.as_deref(), Some(id_of(&entered[2])));
        assert_eq!(next(&one).await.as_deref(), Some(id_of(&entered[1])), "the same until it is done");
        assert!(queue::open_call(app, &two, id_of(&entered[1])).await.is_err());
        assert!(queue::take(app, &two, id_of(&entered[1])).await.is_err());
        let call = queue::open_call(app, &one, id_of(&entered[1])).await.unwrap();
        assert_eq!(call.person.unwrap().identity.phones, ["0987654322"]);
        let began = world.clock.now();
        world.clock.advance(60);
        let done = queue::record_call(app, &one, id_of(&entered[1]), Outcome::Reached, began).await.unwrap();
        assert_eq!((done.state, done.attempts, done.leased_by), (ContactState::Reached, 1, None));
        assert!(queue::record_call(app, &one, id_of(&entered[1]), Outcome::Reached, began).await.is_err());
        assert_eq!(next(&one).await.as_deref(), Some(id_of(&entered[0])));
        world.clock.advance(queue::LEASE_SECONDS);
        assert_eq!(next(&one).await.as_deref(), Some(id_of(&entered[2])), "what nobody finished comes back, due first");
    }

    async fn the_figures_of_the_queue_are_those_of_the_own_unit(world) {
        let app = &world.both.authority;
        let (tracer, lead) = (officer(world, "tracer", "tracer", "815").await, officer(world, "lead", "team_lead", "82").await);
        let elsewhere = officer(world, "elsewhere", "tracer", "816").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        add(world, &tracer, &first.case_id, None, vec![
            met(world, named("Lê Thị Ánh", "0987654321"), "28249", 1),
            met(world, named("Trần Văn Bảy", "0987654322"), "28249", 4),
            met(world, named("Phạm Thị Cúc", "0987654323"), "28249", 2),
        ]).await;
        let figures = async |by: &Session| {
            let counts = contacts::queue_counts(app, by).await.unwrap();
            (counts.open, counts.overdue, counts.never, counts.mine, counts.followed)
        };
        let call = async |outcome| {
            let id = queue::take_next(app, &tracer).await.unwrap().unwrap();
            queue::record_call(app, &tracer, &id, outcome, world.clock.now()).await.unwrap();
        };
        assert_eq!(figures(&tracer).await, (3, 0, 3, 0, 0));
        queue::take_next(app, &tracer).await.unwrap();
        assert_eq!(figures(&tracer).await, (3, 0, 3, 1, 0));
        assert_eq!(figures(&lead).await, (3, 0, 3, 0, 0));
        // The term of level 4 passes, and the lease.
        world.clock.advance(3 * 3600);
        assert_eq!(figures(&tracer).await, (3, 1, 3, 0, 0));
        call(Outcome::NoAnswer).await;
        assert_eq!(figures(&tracer).await, (3, 1, 2, 0, 0));
        call(Outcome::Reached).await;
        assert_eq!(figures(&tracer).await, (2, 1, 1, 0, 1));
        assert_eq!(figures(&lead).await, (2, 1, 1, 0, 1));
        assert_eq!(figures(&elsewhere).await, (0, 0, 0, 0, 0));
    }

    async fn three_calls_without_an_answer_go_to_the_commune(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let commune = officer(world, "commune", "commune_tracer", "28249").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let entered = add(world, &tracer, &first.case_id, None, vec![met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4)]).await;
        for attempt in 1..=3 {
            assert_eq!(queue::take_next(app, &tracer).await.unwrap().as_deref(), Some(id_of(&entered[0])));
            queue::record_call(app, &tracer, id_of(&entered[0]), Outcome::NoAnswer, world.clock.now()).await.unwrap();
            assert_eq!(queue::take_next(app, &tracer).await.unwrap(), None, "not twice within two hours, attempt {attempt}");
            world.clock.advance(2 * 3600);
        }
        assert_eq!(queue::take_next(app, &tracer).await.unwrap(), None, "handed over");
        assert_eq!(queue::take_next(app, &commune).await.unwrap().as_deref(), Some(id_of(&entered[0])));
    }

    async fn follow_up_is_entered_by_day_and_ends(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let entered = add(world, &tracer, &first.case_id, None, vec![met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4)]).await;
        let id = id_of(&entered[0]).to_owned();
        let day = today(world);
        assert!(follow::put_sheet(app, &tracer, day, &[(id.clone(), DayState::Well)]).await.is_err(), "not in follow-up yet");
        queue::take_next(app, &tracer).await.unwrap();
        queue::record_call(app, &tracer, &id, Outcome::Reached, world.clock.now()).await.unwrap();
        let sheet = follow::sheet(app, &tracer, day, "", 100).await.unwrap();
        assert_eq!((sheet.len(), sheet[0].1), (1, None));
        for state in [DayState::Well, DayState::Fever] {
            follow::put_sheet(app, &tracer, day, &[(id.clone(), state)]).await.unwrap();
        }
        assert_eq!(follow::sheet(app, &tracer, day, "", 100).await.unwrap()[0].1, Some(DayState::Fever));
        assert_eq!(world.rows("authority.follow_up").await, 1);
        let wrong = [(id.clone(), DayState::Well), ("contact_0".into(), DayState::Well)];
        world.clock.advance(86_400);
        assert!(follow::put_sheet(app, &tracer, today(world), &wrong).await.is_err());
        assert_eq!(world.rows("authority.follow_up").await, 1, "all or none");
        world.clock.advance(21 * 86_400);
        assert_eq!(follow::finish(app).await.unwrap(), 1);
        assert_eq!(contacts::load_contact(app, &tracer, &id).await.unwrap().state, ContactState::Finished);
    }

    async fn milestones_are_sealed_and_bad_ones_say_why(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        timeline::add_milestone(app, &tracer, &first.case_id, "10/7 8h-10h30 nhà bà Bảy Kẹo", 3, Source::Interview).await.unwrap();
        for (line, field) in [("chợ", "milestone_day"), ("10/7 25h chợ", "milestone_hours"), ("10/7", "milestone_place"), ("13/7/2021 chợ", "milestone_future")] {
            let error = timeline::add_milestone(app, &tracer, &first.case_id, line, 3, Source::Interview).await.unwrap_err();
            assert!(error.to_string().starts_with(field), "{error}");
        }
        let everything: Vec<String> = world.both.dump().await.unwrap().into_iter().flat_map(|t| t.rows.into_iter().flatten()).collect();
        for secret in ["Bảy Kẹo", "Mười", "0912345678"] {
            let hidden = hex::encode(secret);
            assert!(everything.iter().all(|cell| !cell.contains(secret) && !cell.contains(&hidden)), "{secret}");
        }
        assert!(everything.iter().any(|cell| cell == "BN-0001"), "the search can find");
    }

    async fn every_look_and_act_is_recorded(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let first = case(world, &tracer, "Nguyễn Văn Mười").await;
        let entered = add(world, &tracer, &first.case_id, None, vec![met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4)]).await;
        let person = contacts::load_contact(app, &tracer, id_of(&entered[0])).await.unwrap().person;
        queue::take_next(app, &tracer).await.unwrap();
        queue::open_call(app, &tracer, id_of(&entered[0])).await.unwrap();
        let looks = server::audit::looks_at(app, server::audit::Object(person.0), 10).await.unwrap();
        let seen: Vec<&str> = looks.iter().map(|look| look.action.as_str()).collect();
        assert_eq!(seen, ["person.read", "contact.create"]);
    }
}

/// Random conversions both ways: after each hundred, every generation is that of a walk over the raw rows.
#[tokio::test]
async fn generations_stay_true_under_random_conversions() {
    convert_at_random(1_000).await;
}

/// The same ten thousand times; `cargo xtask drill` runs it.
#[tokio::test]
#[ignore = "takes minutes; the drill runs it"]
async fn generations_stay_true_under_ten_thousand_random_conversions() {
    convert_at_random(10_000).await;
}

async fn convert_at_random(attempts: usize) {
    let world = World::in_memory().await;
    let (app, world) = (&world.both.authority, &world);
    let tracer = officer(world, "tracer", "tracer", "82").await;
    let mut cases = Vec::new();
    let mut state = 7u64;
    let mut draw = move |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut people = Vec::new();
    for at in 0..12 {
        let case = case(world, &tracer, &format!("Ca {}", "I".repeat(at + 1))).await;
        people.push(case.person.unwrap());
        cases.push(case.case_id);
    }
    let mut all = Vec::new();
    for _ in 0..60 {
        let at = draw(cases.len());
        let subject = if draw(2) == 0 {
            Subject::Known(people[draw(people.len())])
        } else {
            named("Người Nào Đó", "0987654321")
        };
        let of: Vec<String> = all
            .iter()
            .filter(|(case, _)| *case == cases[at])
            .map(|(_, id): &(String, String)| id.clone())
            .collect();
        let of = (!of.is_empty() && draw(2) == 0).then(|| of[draw(of.len())].clone());
        for entered in add(
            world,
            &tracer,
            &cases[at],
            of.as_deref(),
            vec![met(world, subject, "28249", 2)],
        )
        .await
        {
            if let Entered::New(id) = entered {
                people.push(contacts::load_contact(app, &tracer, &id).await.unwrap().person);
                all.push((cases[at].clone(), id));
            }
        }
    }
    let facts = Conversion {
        finding: Finding::Confirmed,
        test_date: today(world),
        onset_date: None,
    };
    let (mut done, mut changed) = (0, 0);
    while done < attempts {
        done += 1;
        let outcome = match draw(3) {
            0 => contacts::convert(app, &tracer, &all[draw(all.len())].1, &facts)
                .await
                .map(|case| cases.push(case.case_id)),
            1 => files::set_state(app, &tracer, &cases[draw(cases.len())], CaseState::Refuted)
                .await
                .map(|_| ()),
            _ => files::set_state(app, &tracer, &cases[draw(cases.len())], CaseState::Confirmed)
                .await
                .map(|_| ()),
        };
        changed += usize::from(outcome.is_ok());
        if done % 100 == 0 {
            check_generations(world).await;
        }
    }
    assert!(changed > attempts / 10, "{changed} of {attempts} were possible");
    assert_eq!(
        world.rows("authority.contact").await,
        i64::try_from(all.len()).unwrap(),
        "nothing is lost"
    );
}

/// Relaxes every contact four times over the raw cells of the tables: the slow way, sharing nothing with the program.
async fn check_generations(world: &World) {
    let cells = async |table: &str, column: &str| common::cells(world, table, column).await;
    let (people, states) = (cells("case_file", "person_id").await, cells("case_file", "state").await);
    let mut of = std::collections::HashMap::new();
    for (person, state) in people.iter().zip(&states) {
        if state == "confirmed" {
            of.insert(person.clone(), 0u8);
        }
    }
    let (from, to) = (cells("contact", "of_person").await, cells("contact", "person_id").await);
    for _ in 0..4 {
        for (a, b) in from.iter().zip(&to) {
            if let Some(steps) = of.get(a).copied().filter(|steps| *steps < 4) {
                let best = of.get(b).copied().unwrap_or(9);
                of.insert(b.clone(), best.min(steps + 1));
            }
        }
    }
    let stored = cells("contact", "generation").await;
    for (at, a) in from.iter().enumerate() {
        let expected = of
            .get(a)
            .filter(|steps| **steps < 4)
            .map_or(String::new(), |steps| (steps + 1).to_string());
        assert_eq!(stored[at], expected, "contact {at}");
    }
}

#[tokio::test]
async fn calls_are_not_dated_before_the_lease() {
    let world = World::in_memory().await;
    let (app, world) = (&world.both.authority, &world);
    let tracer = officer(world, "tracer", "tracer", "815").await;
    let first = case(world, &tracer, "Nguyễn Văn Mười").await;
    let entered = add(
        world,
        &tracer,
        &first.case_id,
        None,
        vec![met(world, named("Lê Thị Ánh", "0987654321"), "28249", 4)],
    )
    .await;
    queue::take_next(app, &tracer).await.unwrap();
    queue::record_call(app, &tracer, id_of(&entered[0]), Outcome::Reached, UnixSeconds(0))
        .await
        .unwrap();
    let began = common::cells(world, "contact_call", "began_at_s").await;
    assert_eq!(began[0], (world.clock.now().0 - queue::LEASE_SECONDS).to_string());
}
