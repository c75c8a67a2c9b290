//! What the device stores about its owner: shown, exported, deleted, forgotten in time.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, Region, START, diagnosis_keys, meet};
use device::{
    Device,
    observe::{MAX_SIGHTINGS_PER_DAY, MAX_SIGHTINGS_PER_INTERVAL, MAX_SIGHTINGS_PER_SCAN},
    radio::Packet,
    store::memory::MemoryStore,
};
use protocol::advertisement::{self, Advertisement, ServiceUuid};
use protocol::proximity::{AssociatedEncryptedMetadata, RollingProximityIdentifier};

/// A phone with a sighting, a key and a notice on the first day.
fn phone(region: &mut Region) -> Device<MemoryStore> {
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, START.plus(3600), 20, -60);
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, START.plus(DAY));
    lan
}

fn count(device: &Device<MemoryStore>, table: &str) -> u64 {
    device
        .stored()
        .unwrap()
        .entries
        .iter()
        .filter(|entry| entry.table == table)
        .map(|entry| entry.count)
        .sum()
}

#[test]
fn everything_stored_is_counted_and_exported() {
    let lan = phone(&mut Region::new());
    let counts = ["identity", "sightings", "exposures", "notices", "imports"].map(|table| count(&lan, table));
    assert_eq!(counts, [1, 20, 1, 1, 1]);
    let everything = lan.export_all().unwrap();
    assert_eq!(everything["sightings"].as_array().unwrap().len(), 20);
    assert_eq!(everything["sightings"][0]["rssiDbm"], -60);
    assert_eq!(everything["notices"][0]["minutes"], 20.0);
}

#[test]
fn reasons_name_no_counterpart_and_no_time_of_day() {
    let mut region = Region::new();
    let lan = phone(&mut region);
    let reasons = serde_json::to_string(&lan.explain(START.day()).unwrap()).unwrap();
    let everything = lan.export_all().unwrap();
    let identifier = everything["sightings"][0]["identifier"].as_str().unwrap();
    assert!(!reasons.contains(&identifier[..8]) && !reasons.contains("\"at\"") && !reasons.contains("tag"));
}

#[test]
fn deletion_leaves_a_new_device() {
    let mut region = Region::new();
    let mut lan = phone(&mut region);
    let before = common::payload(&mut lan, START.plus(DAY));
    lan.delete_all(START.plus(DAY)).unwrap();
    for table in ["identity", "sightings", "exposures", "notices", "imports"] {
        assert_eq!(count(&lan, table), 0, "{table}");
    }
    assert_ne!(common::payload(&mut lan, START.plus(DAY)), before);
    // It works on, and a second device opens from what is left.
    region.sync(&mut lan, START.plus(DAY));
    assert!(Device::open(lan.store().clone(), region.setup(8), START.plus(DAY)).is_ok());
}

#[test]
fn days_are_kept_for_fourteen_days_and_no_longer() {
    let mut lan = phone(&mut Region::new());
    lan.prune(START.plus(14 * DAY + DAY / 2)).unwrap();
    assert_eq!(count(&lan, "sightings"), 20);
    lan.prune(START.plus(15 * DAY)).unwrap();
    let counts = ["identity", "sightings", "exposures", "notices"].map(|table| count(&lan, table));
    assert_eq!(counts, [0, 0, 0, 0]);
}

#[test]
fn a_snapshot_makes_another_phone_the_same_phone() {
    use device::store::Store;
    let mut region = Region::new();
    let mut lan = phone(&mut region);
    let mut browser = region.device(9);
    common::payload(&mut browser, START.plus(DAY));
    browser
        .restore(START.plus(DAY), &lan.store().snapshot().unwrap())
        .unwrap();
    assert_eq!(browser.notices(), lan.notices());
    assert_eq!(browser.explain(START.day()), lan.explain(START.day()));
    assert_eq!(browser.radio_plan(START), lan.radio_plan(START));
    assert!(browser.restore(START, b"no snapshot").is_err());
}

fn flood(device: &mut Device<MemoryStore>, scans: std::ops::Range<u64>, pause: i64) -> u64 {
    let mut stored = 0;
    for scan in scans {
        let payloads: Vec<[u8; 31]> = (0..300u64)
            .map(|n| {
                let mut rpi = [0; 16];
                rpi[..8].copy_from_slice(&(scan << 32 | n).to_le_bytes());
                let aem = AssociatedEncryptedMetadata([0; 4]);
                advertisement::encode(
                    ServiceUuid::OWN,
                    &Advertisement {
                        rpi: RollingProximityIdentifier(rpi),
                        aem,
                    },
                )
            })
            .collect();
        let packets: Vec<_> = payloads
            .iter()
            .map(|payload| Packet { payload, rssi_dbm: -50 })
            .collect();
        stored += u64::from(
            device
                .observe(START.plus(scan as i64 * pause), &packets)
                .unwrap()
                .stored,
        );
    }
    stored
}

#[test]
fn a_flood_fills_no_more_than_its_caps() {
    let region = Region::new();
    let mut lan = region.device(2);
    assert_eq!(flood(&mut lan, 0..1, 20), MAX_SIGHTINGS_PER_SCAN as u64);
    assert_eq!(flood(&mut lan, 1..30, 20) + 250, MAX_SIGHTINGS_PER_INTERVAL as u64);
    flood(&mut lan, 30..4320, 20);
    assert_eq!(count(&lan, "sightings"), u64::from(MAX_SIGHTINGS_PER_DAY));
    assert!(flood(&mut lan, 4320..4321, 20) > 0, "the next day starts anew");
}
