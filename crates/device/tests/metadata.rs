//! Metadata flipped on the air: without a MAC an attacker moves phones together (docs/spec/proximity.md P4).
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, Region, START, diagnosis_keys};
use device::{Device, radio::Packet, store::memory::MemoryStore};
use exposure::config::RiskConfig;
use protocol::{
    advertisement::{self, ServiceUuid},
    time::UnixSeconds,
};

/// Lets a phone hear every possible change of the transmit power byte, twice over, on each of three days.
fn hear_flipped(region: &Region, nam: &mut Device<MemoryStore>) -> (Device<MemoryStore>, usize) {
    let mut lan = region.device(2);
    let mut flips = 0;
    for interval in 0..3 * 144 {
        let now = UnixSeconds(START.0 + interval * 600);
        let genuine = common::payload(nam, now);
        let flipped: Vec<[u8; 31]> = (1..=255u8)
            .map(|flip| {
                let mut payload = genuine;
                payload[28] ^= flip;
                payload
            })
            .collect();
        for (half, payloads) in flipped.chunks(128).enumerate() {
            let packets: Vec<_> = payloads
                .iter()
                .map(|payload| Packet { payload, rssi_dbm: -60 })
                .collect();
            flips += lan.observe(now.plus(half as i64 * 60), &packets).unwrap().stored as usize;
        }
    }
    (lan, flips)
}

fn accepted(lan: &Device<MemoryStore>) -> usize {
    let everything = lan.export_all().unwrap();
    let records = everything["records"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| record["table"] == "exposures");
    records
        .flat_map(|record| record["value"]["keys"].as_array().unwrap())
        .map(|key| key["scans"].as_array().unwrap().len())
        .sum()
}

#[test]
fn of_a_hundred_thousand_flips_of_the_power_byte_at_most_five_are_accepted() {
    let mut region = Region::new();
    let mut nam = region.device(1);
    let (mut lan, flips) = hear_flipped(&region, &mut nam);
    assert!(flips > 100_000, "{flips}");
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, START.plus(4 * DAY));
    assert!(accepted(&lan) <= 5, "{} of {flips} flips were accepted", accepted(&lan));
}

#[test]
fn a_region_that_does_not_ask_for_the_mac_takes_plausible_powers_only() {
    let mut region = Region::new();
    let mut json = serde_json::to_value(RiskConfig::vietnam_default()).unwrap();
    json["requireAemMac"] = false.into();
    region.config = RiskConfig::parse(json.to_string().as_bytes()).unwrap();
    let mut nam = region.device(1);
    let mut lan = region.device(2);
    let genuine = common::payload(&mut nam, START);
    // −15 dBm, flipped to each of the 256 values: 71 lie in −50…+20.
    for flip in 0..=255u8 {
        let mut payload = genuine;
        payload[28] ^= flip;
        let packet = Packet {
            payload: &payload,
            rssi_dbm: -60,
        };
        lan.observe(START.plus(i64::from(flip)), &[packet]).unwrap();
    }
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, START.plus(4 * DAY));
    assert_eq!(accepted(&lan), 71);
    assert!(advertisement::decode(ServiceUuid::OWN, &genuine).is_ok());
}
