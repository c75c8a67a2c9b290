//! Check-ins that stay on the phone.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{Region, START, venue_key};
use device::store::Store;
use device::visit::{CheckInError, VenueFacts, VisitState};
use protocol::signature::SecretKey;
use protocol::venue::{VenueCode, VenueCodeError, VenueKind};

fn poster(secret: u8, key: &SecretKey) -> String {
    let code = VenueCode {
        kind: VenueKind::Market,
        secret: [secret; 16],
    };
    format!("HTTPS://VUNGLAM.EXAMPLE/V/{}", code.sign(key))
}

fn facts(name: &str) -> VenueFacts {
    VenueFacts {
        name: name.to_owned(),
        longest_seconds: Some(3 * 3600),
    }
}

#[test]
fn somebody_comes_goes_and_the_next_place_ends_the_one_before() {
    let mut phone = Region::new().device(1);
    let market = phone.check_in(START, &poster(1, &venue_key()), &facts("Chợ")).unwrap();
    assert_eq!(
        (market.state, market.name.as_str(), market.kind),
        (VisitState::Open, "Chợ", 5)
    );
    // Scanned again out of doubt.
    let again = phone
        .check_in(START.plus(100), &poster(1, &venue_key()), &facts(""))
        .unwrap();
    assert_eq!(
        (again.key, phone.visits(START.plus(100)).unwrap().len()),
        (market.key, 1)
    );
    let shop = phone
        .check_in(START.plus(1_000), &poster(2, &venue_key()), &facts(""))
        .unwrap();
    let left = phone.check_out(START.plus(2_000), shop.key).unwrap();
    assert_eq!((left.state, left.to), (VisitState::Closed, START.plus(2_000)));
    assert_eq!(
        phone.check_out(START.plus(2_001), shop.key),
        Err(CheckInError::NotThere)
    );
    assert_eq!(phone.check_out(START, 7), Err(CheckInError::NotThere));
    let all = phone.visits(START.plus(3_000)).unwrap();
    let ends: Vec<_> = all.iter().map(|visit| (visit.key, visit.to, visit.state)).collect();
    assert_eq!(
        ends,
        [
            (shop.key, START.plus(2_000), VisitState::Closed),
            (market.key, START.plus(1_000), VisitState::Closed)
        ]
    );
}

#[test]
fn a_visit_without_a_check_out_ends_with_the_longest_stay() {
    let mut phone = Region::new().device(1);
    let here = phone.check_in(START, &poster(1, &venue_key()), &facts("Chợ")).unwrap();
    let later = START.plus(3 * 3600);
    assert_eq!(phone.visits(later.plus(-1)).unwrap()[0].state, VisitState::Open);
    let lapsed = phone.visits(later.plus(500)).unwrap()[0].clone();
    assert_eq!((lapsed.state, lapsed.to), (VisitState::Lapsed, later));
    assert_eq!(phone.check_out(later, here.key), Err(CheckInError::NotThere));
}

#[test]
fn forged_and_foreign_codes_leave_nothing_behind() {
    let mut phone = Region::new().device(1);
    let forger = SecretKey::from_bytes(&[99; 32]).unwrap();
    let long = "A".repeat(1 << 20);
    for (scanned, error) in [
        (poster(1, &forger), VenueCodeError::Signature),
        ("https://example.com".to_owned(), VenueCodeError::Form),
        (long, VenueCodeError::Form),
    ] {
        assert_eq!(
            phone.check_in(START, &scanned, &facts("")),
            Err(CheckInError::Code(error))
        );
    }
    assert!(phone.visits(START).unwrap().is_empty());
    // A region of before there were venues knows no code.
    let mut old = Region::new().setup(2);
    old.trust.venue_public_key_pem = String::new();
    let mut old = device::Device::open(device::store::memory::MemoryStore::default(), old, START).unwrap();
    assert!(old.check_in(START, &poster(1, &venue_key()), &facts("")).is_err());
}

#[test]
fn what_is_to_be_registered_is_told_until_it_is_stored_and_the_past_never() {
    let mut phone = Region::new().device(1);
    let before = phone.check_in(START, &poster(1, &venue_key()), &facts("")).unwrap();
    phone.note_all_registered().unwrap();
    assert!(phone.unregistered_visits(100).unwrap().is_empty());
    phone.check_out(START.plus(300), before.key).unwrap();
    let shop = phone
        .check_in(START.plus(600), &poster(2, &venue_key()), &facts(""))
        .unwrap();
    let untold = phone.unregistered_visits(100).unwrap();
    let short: Vec<_> = untold.iter().map(|scan| (scan.key, scan.is_out)).collect();
    assert_eq!(short, [(before.key, true), (shop.key, false)]);
    assert_eq!(untold[0].venue.len(), 132);
    assert_eq!(phone.unregistered_visits(100).unwrap(), untold, "the same ids again");
    phone.note_registered(shop.key, false).unwrap();
    assert_eq!(phone.unregistered_visits(100).unwrap().len(), 1);
    assert!(phone.note_registered(7, false).is_err());
}

#[test]
fn visits_are_shown_exported_forgotten_and_end_after_a_fortnight() {
    let mut phone = Region::new().device(1);
    let one = phone
        .check_in(START, &poster(1, &venue_key()), &facts("Chợ Mỹ Tho"))
        .unwrap();
    phone.check_in(START, &poster(2, &venue_key()), &facts("Quán")).unwrap();
    let count = |phone: &device::Device<device::store::memory::MemoryStore>| {
        let stored = phone.stored().unwrap();
        stored
            .entries
            .iter()
            .filter(|entry| entry.table == "visits")
            .map(|entry| entry.count)
            .sum::<u64>()
    };
    assert_eq!(count(&phone), 2, "two in one second are two");
    assert!(phone.export_all().unwrap().to_string().contains("Chợ Mỹ Tho"));
    phone.forget_visit(one.key).unwrap();
    assert_eq!(count(&phone), 1);
    let snapshot = phone.store().snapshot().unwrap();
    let mut other = Region::new().device(3);
    other.restore(START, &snapshot).unwrap();
    assert_eq!(other.visits(START).unwrap(), phone.visits(START).unwrap());
    phone.prune(START.plus(14 * 86_400)).unwrap();
    assert_eq!(count(&phone), 1);
    phone.prune(START.plus(15 * 86_400)).unwrap();
    assert_eq!(count(&phone), 0);
}
