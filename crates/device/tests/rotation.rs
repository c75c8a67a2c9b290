//! Address and identifier change together, always (GR5).
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, Region, START};
use device::{
    Device,
    radio::{Advert, Radio, RadioPlan},
    store::memory::MemoryStore,
    sync::UploadOrder,
    test_util::FakeRadio,
};
use protocol::{
    advertisement::{self, ServiceUuid},
    proximity::{RollingPeriod, RollingProximityIdentifier},
    time::UnixSeconds,
};
use std::collections::{BTreeMap, BTreeSet};

fn rpi(advert: &Advert) -> RollingProximityIdentifier {
    advertisement::decode(ServiceUuid::OWN, &advert.payload).unwrap().rpi
}

fn assert_joined(adverts: &[Advert]) -> usize {
    let mut by_address: BTreeMap<[u8; 6], BTreeSet<_>> = BTreeMap::new();
    let mut by_rpi: BTreeMap<_, BTreeSet<[u8; 6]>> = BTreeMap::new();
    for advert in adverts {
        assert_eq!(advert.address[0] & 0xc0, 0, "not a non-resolvable private address");
        by_address.entry(advert.address).or_default().insert(advert.payload);
        by_rpi.entry(rpi(advert)).or_default().insert(advert.address);
    }
    assert!(
        by_address.values().all(|payloads| payloads.len() == 1),
        "one address carried two identifiers"
    );
    assert!(
        by_rpi.values().all(|addresses| addresses.len() == 1),
        "one identifier had two addresses"
    );
    by_rpi.len()
}

/// Follows the plan for `days` days, asking far more often than needed, with restarts.
fn follow(period: u32, days: i64) -> Vec<Advert> {
    let region = Region::new();
    let mut setup = region.setup(1);
    setup.rolling_period = RollingPeriod::new(period).unwrap();
    let mut device = Device::open(MemoryStore::default(), setup.clone(), START).unwrap();
    let mut radio = FakeRadio::default();
    let mut plan: Option<RadioPlan> = None;
    for step in 0..days * DAY / 97 {
        let now = START.plus(step * 97);
        if step % 50 == 49 {
            setup.seed = [(step / 50 % 251) as u8; 32];
            device = Device::open(device.store().clone(), setup.clone(), now).unwrap();
        }
        let next = device.radio_plan(now).unwrap();
        if let Some(plan) = plan {
            let due = now >= plan.rotate_at;
            assert_eq!(
                next.advertise != plan.advertise,
                due,
                "rotates at each interval's end and only then"
            );
        }
        radio.advertise(next.advertise.as_ref()).unwrap();
        plan = Some(next);
    }
    radio.advertised.into_iter().flatten().collect()
}

#[test]
fn over_days_no_address_carries_two_identifiers_and_no_identifier_two_addresses() {
    assert_eq!(assert_joined(&follow(144, 3)), 3 * 144);
}

#[test]
fn every_rolling_period_rotates_alike() {
    for period in [1, 7, 24, 143] {
        assert_eq!(assert_joined(&follow(period, 1)), 144, "period {period}");
    }
}

#[test]
fn after_an_upload_the_next_interval_belongs_to_another_key() {
    let mut region = Region::new();
    let mut device = region.device(1);
    let now = START.plus(30_000);
    let mut adverts = Vec::new();
    let mut plans = |device: &mut Device<MemoryStore>, from: UnixSeconds, to: UnixSeconds| {
        let mut at = from;
        while at < to {
            let plan = device.radio_plan(at).unwrap();
            adverts.push(plan.advertise.unwrap());
            at = plan.rotate_at;
        }
    };
    plans(&mut device, START, now);
    let order = UploadOrder {
        code: code(),
        days: vec![START.day()],
        symptom_onset: None,
    };
    device.begin_upload(now, &order).unwrap();
    region.run(&mut device, now);
    plans(&mut device, now, START.plus(DAY));
    assert_eq!(assert_joined(&adverts), 144);

    let keys = common::diagnosis_keys(&device);
    assert_eq!(
        keys.iter()
            .map(|key| key.rolling_period.intervals())
            .collect::<Vec<_>>(),
        [51, 93]
    );
    assert_eq!(keys[0].rolling_end(), keys[1].rolling_start);
    let uploaded = &region.uploads[0].keys;
    assert_eq!((uploaded.len(), uploaded[0].rolling_period), (1, 51));
}

fn code() -> String {
    use protocol::code::{CodeKind, VerificationCode};
    VerificationCode::draw(CodeKind::Short, &mut || 5).reveal().into()
}

#[test]
fn a_paused_device_is_silent_and_deaf() {
    let region = Region::new();
    let (mut device, mut other) = (region.device(1), region.device(2));
    device.set_paused(true).unwrap();
    assert_eq!(device.radio_plan(START).unwrap().advertise, None);
    let payload = common::payload(&mut other, START);
    let heard = device
        .observe(
            START,
            &[device::radio::Packet {
                payload: &payload,
                rssi_dbm: -50,
            }],
        )
        .unwrap();
    assert_eq!(heard.stored, 0);
    device.set_paused(false).unwrap();
    assert!(device.radio_plan(START).unwrap().advertise.is_some());
}
