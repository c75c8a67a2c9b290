//! A published key broadcast at any later time, with any wall clock, never matches (docs/spec/proximity.md).
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, MINUTE, Region, START, diagnosis_keys, meet};
use device::{Device, radio::Packet, store::memory::MemoryStore};
use proptest::prelude::*;
use protocol::{
    advertisement::{self, Advertisement, ServiceUuid},
    diagnosis::DiagnosisKey,
    proximity::{ProximityKeys, TemporaryExposureKey},
    time::{IntervalNumber, UnixSeconds},
};

const PUBLISHED: UnixSeconds = UnixSeconds(START.0 + DAY + 3 * 3600);

/// A phone that has imported Nam's published key, and the key. It never met Nam.
fn victim(region: &mut Region) -> (Device<MemoryStore>, DiagnosisKey) {
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    common::payload(&mut nam, START.plus(3600));
    let key = diagnosis_keys(&nam)[0];
    region.publish(&[key]);
    region.sync(&mut lan, PUBLISHED);
    (lan, key)
}

/// Broadcasts the published key's identifier of `interval` for an hour of the victim's clock.
fn broadcast(lan: &mut Device<MemoryStore>, key: &DiagnosisKey, interval: IntervalNumber, clock: UnixSeconds) {
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(key.key));
    let rpi = keys.identifier(interval);
    let advertisement = Advertisement {
        rpi,
        aem: keys.seal(rpi, -20),
    };
    let payload = advertisement::encode(ServiceUuid::OWN, &advertisement);
    for minute in 0..60 {
        let heard = lan
            .observe(
                clock.plus(minute * MINUTE),
                &[Packet {
                    payload: &payload,
                    rssi_dbm: -50,
                }],
            )
            .unwrap();
        assert_eq!(heard.stored, 1, "the attack needs its sighting stored");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_key_broadcast_after_its_import_never_matches(
        interval in 0i64..144,
        clock_offset in prop_oneof![Just(0i64), -2 * DAY..2 * DAY],
        further_files in 1usize..4,
        restart in any::<bool>(),
    ) {
        let mut region = Region::new();
        let (mut lan, key) = victim(&mut region);
        let interval = key.rolling_start.offset(interval);
        // The attacker sets the clock to the very time at which the identifier was valid, or anywhere near.
        broadcast(&mut lan, &key, interval, interval.start().plus(clock_offset));
        if restart {
            lan = Device::open(lan.store().clone(), region.setup(7), PUBLISHED).unwrap();
        }
        for n in 0..further_files {
            // The same key comes again in later files.
            region.publish(&[key]);
            region.sync(&mut lan, PUBLISHED.plus(n as i64 * 3600));
        }
        prop_assert_eq!(lan.notices().unwrap(), vec![]);
        for day in -3..5 {
            prop_assert_eq!(lan.explain(START.day().offset(day)).unwrap(), None);
        }
    }
}

#[test]
fn the_attack_works_on_a_phone_that_imports_the_key_only_afterwards() {
    // Otherwise the test above could not fail.
    let mut region = Region::new();
    let (_, key) = victim(&mut region);
    let mut other = region.device(3);
    broadcast(
        &mut other,
        &key,
        key.rolling_start.offset(30),
        key.rolling_start.offset(30).start(),
    );
    region.sync(&mut other, PUBLISHED);
    assert!(other.explain(START.day()).unwrap().is_some());
}

#[test]
fn a_wall_clock_moved_months_ahead_does_not_make_the_import_forgotten() {
    let mut region = Region::new();
    let (mut lan, key) = victim(&mut region);
    lan.prune(PUBLISHED.plus(90 * DAY)).unwrap();
    broadcast(
        &mut lan,
        &key,
        key.rolling_start.offset(30),
        key.rolling_start.offset(30).start(),
    );
    region.publish(&[key]);
    region.sync(&mut lan, PUBLISHED);
    assert_eq!(lan.explain(START.day()).unwrap(), None);
}

#[test]
fn imports_are_forgotten_after_fourteen_days_of_signed_time() {
    let mut region = Region::new();
    let (mut lan, _) = victim(&mut region);
    let imports = |lan: &Device<MemoryStore>| {
        lan.stored()
            .unwrap()
            .entries
            .iter()
            .filter(|entry| entry.table == "imports")
            .map(|entry| entry.count)
            .sum::<u64>()
    };
    assert_eq!(imports(&lan), 1);
    region.files.clear();
    for (days, left) in [(14, 1), (15, 0)] {
        region.sync(&mut lan, PUBLISHED.plus(days * DAY));
        lan.prune(PUBLISHED.plus(days * DAY)).unwrap();
        assert_eq!(imports(&lan), left, "after {days} days");
    }
}

#[test]
fn an_identifier_counts_only_from_one_interval_before_to_two_after_its_own() {
    for (late, counts) in [(-2, false), (-1, true), (0, true), (2, true), (3, false)] {
        let mut region = Region::new();
        let (_, key) = victim(&mut region);
        let mut phone = region.device(3);
        let interval = key.rolling_start.offset(60);
        let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(key.key));
        let rpi = keys.identifier(interval);
        let advertisement = Advertisement {
            rpi,
            aem: keys.seal(rpi, -20),
        };
        let payload = advertisement::encode(ServiceUuid::OWN, &advertisement);
        let packets = [Packet {
            payload: &payload,
            rssi_dbm: -50,
        }];
        phone.observe(interval.offset(late).start(), &packets).unwrap();
        region.sync(&mut phone, PUBLISHED);
        assert_eq!(
            phone.explain(START.day()).unwrap().is_some(),
            counts,
            "{late} intervals late"
        );
    }
}

#[test]
fn what_was_heard_before_the_import_counts_once_however_often_the_key_comes() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, START.plus(3600), 20, -60);
    for n in 0..3 {
        region.publish(&diagnosis_keys(&nam));
        region.sync(&mut lan, PUBLISHED.plus(n * 3600));
    }
    assert_eq!(
        lan.notices()
            .unwrap()
            .iter()
            .map(|notice| notice.minutes)
            .collect::<Vec<_>>(),
        [20.0]
    );
}
