use std::collections::{BTreeMap, BTreeSet};

use server::{
    clock::{Clock, VirtualClock},
    config::AuthorityConfig,
    in_process::Both,
};

use super::{plan::What, *};
use crate::world::LocalDay;

const SMALL: Size = Size {
    people: 4_000,
    cases: 24,
    contacts: 220,
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
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for act in &plan.acts {
        let kind = match act.what {
            What::Open(_) => "open",
            What::Enter(_) => "enter",
            What::Tell(_) => "tell",
            What::Convert { .. } => "convert",
            What::Settle(..) => "settle",
            What::Call(..) => "call",
            What::Sheet(..) => "sheet",
            What::Night => "night",
        };
        *counts.entry(kind).or_default() += 1;
    }
    eprintln!("{counts:?} {}", plan.contacts);
}

#[tokio::test]
async fn small() {
    let clock = VirtualClock::new(present());
    let both = Both::open_memory(Clock::from(clock.clone()), 1).await.unwrap();
    let plan = Outbreak::plan(1, SMALL, present());
    populate(&both.authority, &plan, &clock, &|_, _| ()).await.unwrap();
    eprintln!("{:?}", both.table_counts().await.unwrap());
}
