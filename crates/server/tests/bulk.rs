//! Codes for many cases: issued and sent once, whatever is uploaded again, cut off or refused by the carrier.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use common::World;
use common::desk::{Person, officer_in, scope_of, seat};
use server::auth::{self, Session};
use server::cases::bulk::{Issued, issue_list};
use server::cases::erase::{Place, erase_person};
use server::cases::files::{NewCaseFile, Subject, open_case};
use server::cases::model::{CaseFile, CaseState};
use server::civil::CivilDate;
use server::codes::Finding;
use server::messages::{Carrier, HandOver, NotTaken, Outgoing};
use server::people::Identity;

/// A carrier that keeps what it took, and takes as much as its queue has room for.
#[derive(Default)]
struct Kept {
    taken: Mutex<Vec<Outgoing>>,
    asked: Mutex<usize>,
    room: Mutex<usize>,
}

impl Carrier for Kept {
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a> {
        Box::pin(async move {
            *self.asked.lock().unwrap() += 1;
            if message.to == "0999999999" {
                return Err(NotTaken::Refused);
            }
            let mut room = self.room.lock().unwrap();
            if *room == 0 {
                return Err(NotTaken::Later);
            }
            *room -= 1;
            self.taken.lock().unwrap().push(message.clone());
            Ok(())
        })
    }
}

impl Kept {
    fn on(world: &World, room: usize) -> Arc<Self> {
        let kept = Arc::new(Self::default());
        *kept.room.lock().unwrap() = room;
        world.both.authority.outbox.through(kept.clone());
        kept
    }

    /// How many messages each number got.
    fn by_number(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for message in self.taken.lock().unwrap().iter() {
            *found.entry(message.to.clone()).or_default() += 1;
        }
        found
    }
}

async fn session(world: &World, login: &str, role: &str, unit: &str) -> Session {
    let (scope, place) = scope_of(world, unit);
    seat(world, login, role, scope, place).await;
    auth::session_of(&world.both.authority, login).await.unwrap()
}

async fn case(world: &World, by: &Session, label: &str, phone: &str, state: CaseState) -> CaseFile {
    let app = &world.both.authority;
    let today = CivilDate::today(world.clock.now());
    let new = NewCaseFile {
        subject: Subject::New(Box::new(Identity {
            name: format!("Nguyễn Văn {label}"),
            phones: (!phone.is_empty()).then(|| phone.to_owned()).into_iter().collect(),
            address: "ấp Một".into(),
            ..Identity::default()
        })),
        label: Some(label.into()),
        state,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date: None,
        unit: app.geo.by_code("28249", today).unwrap().id,
        is_listed: false,
    };
    open_case(app, by, new).await.unwrap()
}

async fn issue(world: &World, by: &Session, list: &str) -> Issued {
    let write = |link: &str| format!("Ma: {link}");
    issue_list(&world.both.authority, by, list, 1, &write).await.unwrap()
}

fn faults(issued: &Issued) -> Vec<(usize, &'static str)> {
    issued.wrong.iter().map(|line| (line.number, line.why)).collect()
}

/// Runs what is due now and a while later.
async fn pass(world: &World, seconds: i64) {
    world.clock.advance(seconds);
    world.both.authority.run_due_jobs().await.unwrap();
}

on_each_database! {
    async fn every_line_is_done_or_named(world) {
        let lead = session(world, "lead", "team_lead", "82").await;
        let issuer = session(world, "issuer", "code_issuer", "815").await;
        let kept = Kept::on(world, 100);
        case(world, &lead, "BN-1", "0911000001", CaseState::Confirmed).await;
        case(world, &lead, "BN-2", "", CaseState::Confirmed).await;
        case(world, &lead, "BN-3", "", CaseState::Confirmed).await;
        case(world, &lead, "BN-4", "0911000004", CaseState::Suspected).await;
        case(world, &lead, "BN-6", "0911000006", CaseState::Confirmed).await;
        let list = "Mã ca;SĐT\nBN-1\nbn 2;0911 000 002\nBN-3\nBN-4\nBN-5\nBN-6;09\nBN-1;0911000001\n;;\n";
        let first = issue(world, &issuer, list).await;
        assert_eq!((first.issued, first.served), (2, 0));
        let expected = [(4, "no-phone"), (5, "not-confirmed"), (6, "no-case"), (7, "bad-phone"), (8, "twice"), (9, "bad-code")];
        assert_eq!(faults(&first), expected);
        pass(world, 10).await;
        assert_eq!(kept.by_number(), BTreeMap::from([("0911000001".into(), 1), ("0911000002".into(), 1)]));
        let text = kept.taken.lock().unwrap()[0].text.clone();
        let code = text.split("#code=").nth(1).unwrap().to_owned();
        world.verify(&code).await;
        // The same list again, the day after the codes were over but one was used, and for another unit's officer.
        let again = issue(world, &issuer, list).await;
        assert_eq!((again.issued, again.served), (0, 2));
        pass(world, 25 * 3600).await;
        let next_day = issue(world, &issuer, list).await;
        assert_eq!((next_day.issued, next_day.served), (1, 1));
        pass(world, 10).await;
        assert_eq!(kept.by_number().values().sum::<usize>(), 3);
        let other = session(world, "other", "code_issuer", "816").await;
        let foreign = issue(world, &other, "BN-1\nBN-77").await;
        assert_eq!(faults(&foreign), [(1, "no-case"), (2, "no-case")]);
        let administrator = session(world, "admin", "administrator", "82").await;
        let write = |link: &str| link.to_owned();
        assert!(issue_list(&world.both.authority, &administrator, "BN-1", 1, &write).await.is_err());
    }

    async fn a_full_queue_stops_at_once_and_nobody_gets_two(world) {
        let lead = session(world, "lead", "team_lead", "82").await;
        let kept = Kept::on(world, 3);
        let mut list = String::new();
        for at in 1..=8 {
            let phone = if at == 2 { "0999999999".to_owned() } else { format!("09110000{at:02}") };
            case(world, &lead, &format!("BN-{at}"), &phone, CaseState::Confirmed).await;
            list.push_str(&format!("BN-{at}\n"));
        }
        // Cut off in the middle, then the whole list.
        issue(world, &lead, "BN-1\nBN-2\nBN-3").await;
        let rest = issue(world, &lead, &list).await;
        assert_eq!((rest.issued, rest.served), (5, 3));
        pass(world, 10).await;
        let asked = *kept.asked.lock().unwrap();
        assert_eq!(kept.taken.lock().unwrap().len(), 3);
        // One was refused, before or behind the three; one more was asked for when the queue was full.
        assert!(matches!(asked, 4 | 5), "{asked} requests to a queue with room for three");
        *kept.room.lock().unwrap() = 100;
        pass(world, 120).await;
        let by_number = kept.by_number();
        assert_eq!(by_number.len(), 7, "{by_number:?}");
        assert!(by_number.values().all(|count| *count == 1), "{by_number:?}");
        let counts = server::messages::counts(&world.both.authority, lead.officer.scope, world.clock.now().plus(-3600));
        assert_eq!(counts.await.unwrap(), [0, 7, 1, 0]);
    }

    async fn what_waits_is_gone_with_the_person_and_when_its_time_is_over(world) {
        let lead = session(world, "lead", "team_lead", "82").await;
        let kept = Kept::on(world, 0);
        let erased = case(world, &lead, "BN-1", "0911000001", CaseState::Confirmed).await;
        case(world, &lead, "BN-2", "0911000002", CaseState::Confirmed).await;
        issue(world, &lead, "BN-1\nBN-2").await;
        erase_person(&world.both.authority, &lead, &Place::Case(erased.case_id), "person-asks").await.unwrap();
        let counts = || server::messages::counts(&world.both.authority, lead.officer.scope, world.clock.now().plus(-200_000));
        assert_eq!(counts().await.unwrap(), [1, 0, 0, 0]);
        pass(world, 25 * 3600).await;
        *kept.room.lock().unwrap() = 100;
        pass(world, 120).await;
        assert_eq!(counts().await.unwrap(), [0, 0, 0, 1]);
        assert!(kept.taken.lock().unwrap().is_empty());
        let tables = world.both.dump().await.unwrap();
        let messages = tables.iter().find(|table| table.table == "message").unwrap();
        assert_eq!(messages.rows.len(), 1);
        pass(world, 31 * 86_400).await;
        assert_eq!(counts().await.unwrap(), [0; 4]);
    }

    async fn the_issuer_lands_here_and_sends_in_parts(world) {
        let lead = session(world, "lead", "team_lead", "82").await;
        let own = case(world, &lead, "BN-1", "0911000001", CaseState::Confirmed).await;
        let person: Person<'_> = officer_in(world, "issuer", "code_issuer", "82").await;
        let kept = Kept::on(world, 100);
        assert_eq!(person.get("/desk").await.headers["location"], "/desk/codes");
        let one = person.get("/desk/codes?case=bn+1").await;
        assert_eq!(one.headers["location"].to_str().unwrap(), format!("/desk/cases/{}/codes", own.case_id));
        assert_eq!(person.get("/desk/codes?case=BN-9").await.status, 200);
        let token = person.form_token().await;
        let form = format!("form_token={token}&lines=BN-1%0ABN-9&first=201");
        let part = person.post("/desk/codes", &form, &[("x-part", "1")]).await;
        let said: serde_json::Value = part.json();
        assert_eq!((said["issued"].as_i64(), said["served"].as_i64()), (Some(1), Some(0)));
        assert_eq!(said["wrong"], serde_json::json!(["BN-9"]));
        assert!(said["rows"].as_str().unwrap().contains(">202<"), "{said}");
        let whole = person.post("/desk/codes", &form, &[]).await.text();
        assert!(whole.contains("BN-9</textarea>"), "{whole}");
        assert!(!whole.contains("0911000001") && !whole.contains("Nguyễn Văn"), "{whole}");
        // One case, to the number in its record.
        let page = format!("/desk/cases/{}/codes", own.case_id);
        let sent = person.post(&page, &format!("form_token={token}&send=1"), &[]).await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        pass(world, 10).await;
        let code = |text: &str| text.split("#code=").nth(1).unwrap().to_owned();
        let codes: Vec<String> = kept.taken.lock().unwrap().iter().map(|taken| code(&taken.text)).collect();
        assert_eq!(codes.len(), 2);
        // One case, one live code: the first link was withdrawn by the second.
        let (first, second) = (world.try_verify(&codes[0]).await.status, world.try_verify(&codes[1]).await.status);
        assert_eq!([first, second].iter().filter(|status| **status == 200).count(), 1);
    }
}
