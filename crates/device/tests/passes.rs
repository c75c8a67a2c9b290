//! The person's own code: passes kept for a fortnight, shown anew each minute, read by a gate.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{Region, START, venue_key};
use device::pass::{DAYS, KeepError, Wanted};
use protocol::gate::rules::{to_hex, unhex};
use protocol::pass::{Pass, PassError, PersonalCode};
use protocol::signature::{PublicKey, SecretKey};
use protocol::time::{DAY_SECONDS, UnixSeconds};
use protocol::visit::day_of;

/// Issues what was asked for, as the authority does.
fn issue(wanted: &[Wanted], authority: &SecretKey) -> Vec<String> {
    let pass = |wanted: &Wanted| {
        let holder = PublicKey::from_point(&unhex::<33>(&wanted.point).unwrap()).unwrap();
        let pass = Pass::issue(wanted.day, &[wanted.day as u8; 16], &holder, authority);
        to_hex(pass.as_bytes())
    };
    wanted.iter().map(pass).collect()
}

fn read(text: &str) -> (PersonalCode, u32) {
    let code = PersonalCode::read(text, &[venue_key().public_key()]).unwrap();
    match code {
        PersonalCode::Shown { minute, .. } => (code, minute),
        PersonalCode::Card { .. } => panic!("a telephone shows no card"),
    }
}

fn minute(at: UnixSeconds) -> u32 {
    u32::try_from(at.0 / 60).unwrap()
}

#[test]
fn a_code_is_shown_without_a_network_for_a_fortnight_and_a_new_one_each_minute() {
    let mut phone = Region::new().device(1);
    assert_eq!(phone.own_code(START).unwrap(), None);
    let wanted = phone.wanted_passes(START).unwrap();
    let days: Vec<u32> = wanted.iter().map(|wanted| wanted.day).collect();
    assert_eq!(days, (day_of(START.0)..day_of(START.0) + DAYS).collect::<Vec<_>>());
    // Asked again before anybody answered: the same keys.
    assert_eq!(phone.wanted_passes(START.plus(60)).unwrap(), wanted);
    phone.keep_passes(&issue(&wanted, &venue_key())).unwrap();
    assert_eq!(phone.wanted_passes(START).unwrap(), []);

    let first = phone.own_code(START).unwrap().unwrap();
    assert_eq!(
        (first.until.0 - START.0 <= 60, first.until.0 % 60, first.days),
        (true, 0, DAYS)
    );
    let same = phone.own_code(UnixSeconds(first.until.0 - 1)).unwrap().unwrap();
    let (code, shown) = read(&same.text);
    assert_eq!(shown, minute(START));
    assert!(code.is_fresh(minute(START) + 1, day_of(START.0)));
    assert!(!code.is_fresh(minute(START) + 2, day_of(START.0)));
    let next = phone.own_code(first.until).unwrap().unwrap();
    assert_ne!(next.text, first.text);
    assert_eq!(read(&next.text).1, minute(START) + 1);
    // Another day, another pseudonym: nothing of the two codes is the same but their form.
    let tomorrow = phone.own_code(START.plus(DAY_SECONDS)).unwrap().unwrap();
    let (PersonalCode::Shown { id: one, .. }, PersonalCode::Shown { id: two, .. }) = (code, read(&tomorrow.text).0)
    else {
        panic!("a telephone shows no card")
    };
    assert_ne!(one, two);
    assert_eq!(tomorrow.days, DAYS - 1);
    let last = START.plus(i64::from(DAYS - 1) * DAY_SECONDS);
    assert_eq!(phone.own_code(last).unwrap().unwrap().days, 1);
    assert_eq!(phone.own_code(last.plus(DAY_SECONDS)).unwrap(), None);
}

#[test]
fn days_that_are_over_go_and_new_ones_are_asked_for() {
    let mut phone = Region::new().device(1);
    let wanted = phone.wanted_passes(START).unwrap();
    phone.keep_passes(&issue(&wanted, &venue_key())).unwrap();
    let later = START.plus(3 * DAY_SECONDS);
    let more = phone.wanted_passes(later).unwrap();
    let days: Vec<u32> = more.iter().map(|wanted| wanted.day).collect();
    let end = day_of(START.0) + DAYS;
    assert_eq!(days, [end, end + 1, end + 2]);
    let stored = phone.stored().unwrap();
    let count: u64 = stored
        .entries
        .iter()
        .filter(|entry| entry.table == "passes")
        .map(|entry| entry.count)
        .sum();
    assert_eq!(count, u64::from(DAYS));
    phone.prune(later).unwrap();
    assert!(phone.own_code(later).unwrap().is_some());
    phone.forget_passes().unwrap();
    assert_eq!(phone.own_code(later).unwrap(), None);
    assert_eq!(
        phone
            .stored()
            .unwrap()
            .entries
            .iter()
            .filter(|entry| entry.table == "passes")
            .count(),
        0
    );
}

#[test]
fn passes_that_are_forged_or_of_another_phone_are_not_kept() {
    let region = Region::new();
    let (mut phone, mut other) = (region.device(1), region.device(2));
    let wanted = phone.wanted_passes(START).unwrap();
    let foreign = issue(&other.wanted_passes(START).unwrap(), &venue_key());
    let stranger = SecretKey::from_bytes(&[99; 32]).unwrap();
    let mut cut = issue(&wanted, &venue_key());
    cut[3].truncate(20);
    for (passes, why) in [
        (foreign, PassError::Signature),
        (issue(&wanted, &stranger), PassError::Signature),
        (cut, PassError::Form),
        (vec!["é".repeat(119)], PassError::Form),
    ] {
        assert_eq!(phone.keep_passes(&passes), Err(KeepError::Pass(why)));
        assert_eq!(phone.own_code(START).unwrap(), None);
    }
}
