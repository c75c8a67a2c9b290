#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::collections::{BTreeMap, BTreeSet};

use server::{
    clock::{Clock, VirtualClock},
    db::TableDump,
    in_process::Both,
};

use super::{people::Population, plan::What, *};
use crate::world::{LocalDay, Named};

const SMALL: Size = Size {
    people: 10_000,
    cases: 70,
    contacts: 900,
};

fn present() -> UnixSeconds {
    LocalDay::STORY.offset(1).time(9, 30)
}

#[test]
fn the_demos_plan_is_the_same_for_a_seed_and_as_large_as_it_says() {
    let plan = Outbreak::plan(1, Outbreak::DEMO, present());
    assert_eq!(plan.cases, 300);
    assert!((4_000..4_400).contains(&plan.contacts), "{}", plan.contacts);
    assert!(plan.population.len() >= 180_000);
    assert!(plan.acts.is_sorted_by_key(|act| act.at));
    assert!(plan.acts.iter().all(|act| plan.begin <= act.at && act.at < plan.now));
    assert!(plan == Outbreak::plan(1, Outbreak::DEMO, present()));
    assert!(plan.acts != Outbreak::plan(2, Outbreak::DEMO, present()).acts);
}

#[test]
fn nobody_is_entered_twice_and_of_the_story_only_lan_who_stays_well() {
    for seed in 1..=4 {
        let plan = Outbreak::plan(seed, Outbreak::DEMO, present());
        let (mut entered, mut ill) = (BTreeSet::new(), BTreeSet::new());
        let mut person_of = BTreeMap::new();
        for act in &plan.acts {
            match &act.what {
                What::Open(opened) => assert!(entered.insert(opened.person)),
                What::Enter(batch) => {
                    for (contact, met) in (batch.first..).zip(&batch.met) {
                        assert!(entered.insert(met.person));
                        person_of.insert(contact, met.person);
                    }
                }
                What::Convert { contact, .. } => assert!(ill.insert(person_of[contact])),
                _ => {}
            }
        }
        let lan = Population::named(Named::Lan);
        let story = Named::ALL.map(Population::named);
        let met: Vec<_> = story.iter().filter(|person| entered.contains(person)).collect();
        assert_eq!(met, [&lan], "seed {seed}");
        assert!(!ill.contains(&lan));
    }
}

#[test]
fn households_share_a_family_name_and_children_their_telephone() {
    let population = Population::draw(20_000, crate::seed::Seed::root(5));
    let (mut shared, mut numbers) = (0, BTreeMap::<String, BTreeSet<u32>>::new());
    for person in 0..population.len() {
        let home = population.household(person);
        assert!(home.contains(&person));
        let family = |person| population.name(person).split(' ').next().unwrap().to_owned();
        shared += u32::from(home.end - home.start > 2 && family(home.start) == family(home.start + 2));
        numbers.entry(population.phone(person)).or_default().insert(home.start);
        if population.age(person) < 14 {
            assert_eq!(population.phone(person), population.phone(home.start));
        }
    }
    assert!(shared > population.len() / 2, "{shared}");
    assert!(
        numbers.values().all(|homes| homes.len() == 1),
        "a number belongs to one home"
    );
    let fits = |number: &String| number.len() == 10 && number.starts_with("095");
    assert!(numbers.keys().all(fits));
    for named in Named::ALL {
        let person = Population::named(named);
        assert_eq!(population.name(person), named.full_name());
        assert_eq!(population.phone(person), Population::story_phone(named));
        assert_eq!(population.address(person), Population::story_address(named));
        assert_eq!(population.commune(person).code, Population::story_commune(named));
    }
}

fn column<'a>(tables: &'a [TableDump], table: &str, column: &str) -> Vec<&'a str> {
    let table = tables.iter().find(|dump| dump.table == table).unwrap();
    let at = table.columns.iter().position(|name| name == column).unwrap();
    table.rows.iter().map(|row| row[at].as_str()).collect()
}

/// Generations by brute force: a case that counts is 0, whoever met somebody of n is n + 1, four at most.
fn generations(tables: &[TableDump]) -> Vec<String> {
    let states = column(tables, "case_file", "state");
    let cases = column(tables, "case_file", "person_id").into_iter().zip(states);
    let sources = cases.filter(|(_, state)| ["confirmed", "closed"].contains(state));
    let mut distance: BTreeMap<&str, u8> = sources.map(|(person, _)| (person, 0)).collect();
    let from = column(tables, "contact", "of_person");
    let to = column(tables, "contact", "person_id");
    for _ in 0..4 {
        for (from, to) in from.iter().zip(&to) {
            if let Some(of) = distance.get(from).copied() {
                let known = distance.entry(to).or_insert(of + 1);
                *known = (*known).min(of + 1);
            }
        }
    }
    let of = |from: &&str| distance.get(from).map(|of| of + 1).filter(|of| *of <= 4);
    from.iter()
        .map(|from| of(from).map_or_else(String::new, |of| of.to_string()))
        .collect()
}

#[tokio::test]
async fn a_populated_desk_has_cases_and_contacts_in_every_state() {
    let clock = VirtualClock::new(present());
    let both = Both::open_memory(Clock::from(clock.clone()), 1).await.unwrap();
    let plan = Outbreak::plan(1, SMALL, present());
    let last = std::sync::Mutex::new((0, 0));
    let progress = |done, total| *last.lock().unwrap() = (done, total);
    let done = populate(&both.authority, &plan, &clock, &progress).await.unwrap();
    assert_eq!(clock.now(), present());
    assert_eq!(*last.lock().unwrap(), (plan.acts.len(), plan.acts.len()));
    assert!(
        done.cases.iter().chain(&done.contacts).all(Option::is_some),
        "everything planned was entered"
    );

    let tables = both.dump().await.unwrap();
    let all = |table, name| column(&tables, table, name).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(column(&tables, "case_file", "state").len(), SMALL.cases as usize);
    assert!(column(&tables, "contact", "state").len() >= SMALL.contacts as usize);
    // No operation of the desk leaves `wrong_number` or `cancelled` behind.
    let states = [
        "converted",
        "finished",
        "handed_over",
        "new",
        "reached",
        "refused",
        "trying",
    ];
    assert_eq!(all("contact", "state"), BTreeSet::from(states));
    assert_eq!(
        all("case_file", "state"),
        BTreeSet::from(["closed", "confirmed", "refuted", "suspected"])
    );
    let stored = column(&tables, "contact", "generation");
    assert_eq!(stored, generations(&tables));
    assert!(["", "1", "2", "3"].iter().all(|generation| stored.contains(generation)));
    let infected: Vec<_> = column(&tables, "case_file", "infected_by");
    assert!(infected.iter().filter(|by| !by.is_empty()).count() >= 20);
    for table in [
        "milestone",
        "contact_call",
        "follow_up",
        "case_event",
        "audit_entry",
        "audit_root",
    ] {
        assert!(
            !tables.iter().find(|dump| dump.table == table).unwrap().rows.is_empty(),
            "{table}"
        );
    }
    let lan = story_people(&both.authority, &plan, &done).await.unwrap();
    assert_eq!(lan.keys().collect::<Vec<_>>(), [&Named::Lan]);
    assert!(column(&tables, "person", "person_id").contains(&lan[&Named::Lan].person.hex().as_str()));
}
