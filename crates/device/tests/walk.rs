//! Two devices meet, one owner is confirmed, the other device tells its owner.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, MINUTE, Region, START, diagnosis_keys, meet};
use device::{radio::Packet, sync::SyncEvent};
use exposure::config::RiskConfig;
use protocol::diagnosis::ReportType;

const NOON: protocol::time::UnixSeconds = protocol::time::UnixSeconds(START.0 + DAY / 2);

#[test]
fn fifteen_minutes_near_a_case_give_one_notice_with_its_reasons() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    region.sync(&mut lan, START);
    meet(&mut nam, &mut lan, NOON, 15, -60);
    region.publish(&diagnosis_keys(&nam));
    let events = region.sync(&mut lan, NOON.plus(DAY));

    let read = SyncEvent::FileRead {
        keys: 1,
        matched: 1,
        new_notices: vec![START.day()],
    };
    assert_eq!(events.last(), Some(&Ok(read)));
    let notices = lan.notices().unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!(
        (notices[0].day, notices[0].minutes, notices[0].withdrawn),
        (START.day(), 15.0, false)
    );
    let reasons = lan.explain(START.day()).unwrap().unwrap();
    assert_eq!(
        (reasons.minutes, reasons.threshold_minutes, reasons.windows.len()),
        (15.0, 15, 1)
    );
    let scans = &reasons.windows[0].scans;
    assert_eq!(scans.len(), 15);
    assert!(
        scans
            .iter()
            .all(|s| (s.typical_attenuation_db.0, s.seconds, s.weight) == (45, 60, 1.0))
    );
    assert_eq!(lan.status(NOON.plus(DAY)).unwrap().notice_days, [START.day()]);
}

#[test]
fn fourteen_minutes_or_a_far_signal_give_none() {
    let mut region = Region::new();
    let (mut nam, mut lan, mut hung) = (region.device(1), region.device(2), region.device(3));
    meet(&mut nam, &mut lan, NOON, 14, -60);
    meet(&mut nam, &mut hung, NOON.plus(3600), 60, -95);
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, NOON.plus(DAY));
    region.sync(&mut hung, NOON.plus(DAY));
    assert_eq!((lan.notices().unwrap(), hung.notices().unwrap()), (vec![], vec![]));
    assert_eq!(lan.explain(START.day()).unwrap().unwrap().minutes, 14.0);
    assert_eq!(hung.explain(START.day()).unwrap().unwrap().minutes, 0.0);
    assert_eq!(lan.explain(START.day().offset(1)).unwrap(), None);
}

#[test]
fn a_meeting_over_midnight_counts_on_both_days() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, START.plus(DAY - 20 * MINUTE), 36, -60);
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, NOON.plus(DAY));
    let minutes: Vec<f64> = lan.notices().unwrap().iter().map(|notice| notice.minutes).collect();
    assert_eq!(minutes, [20.0, 16.0]);
}

#[test]
fn a_second_case_of_the_same_day_adds_minutes_and_no_second_notice() {
    let mut region = Region::new();
    let (mut nam, mut hoa, mut lan) = (region.device(1), region.device(3), region.device(2));
    meet(&mut nam, &mut lan, NOON, 15, -60);
    meet(&mut hoa, &mut lan, NOON.plus(3600), 10, -60);
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, NOON.plus(DAY));
    region.publish(&diagnosis_keys(&hoa));
    let events = region.sync(&mut lan, NOON.plus(DAY + 3600));
    assert_eq!(
        events.last(),
        Some(&Ok(SyncEvent::FileRead {
            keys: 1,
            matched: 1,
            new_notices: vec![]
        }))
    );
    let notices = lan.notices().unwrap();
    assert_eq!(
        (notices.len(), notices[0].minutes, notices[0].decided_at),
        (1, 25.0, NOON.plus(DAY))
    );
}

#[test]
fn a_revoked_diagnosis_withdraws_the_notice() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, NOON, 20, -60);
    let mut keys = diagnosis_keys(&nam);
    region.publish(&keys);
    region.sync(&mut lan, NOON.plus(DAY));
    keys[0].report_type = ReportType::Revoked;
    region.publish(&keys);
    region.sync(&mut lan, NOON.plus(DAY + 3600));
    let notices = lan.notices().unwrap();
    assert_eq!(
        (notices.len(), notices[0].minutes, notices[0].withdrawn),
        (1, 0.0, true)
    );
    assert_eq!(lan.status(NOON).unwrap().notice_days, []);
}

#[test]
fn another_configuration_scores_the_days_anew() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, NOON, 10, -60);
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, NOON.plus(DAY));
    assert_eq!(lan.notices().unwrap(), []);
    let mut json = serde_json::to_value(&region.config).unwrap();
    json["notice"]["thresholdMinutes"] = 10.into();
    region.config = RiskConfig::parse(json.to_string().as_bytes()).unwrap();
    let events = region.sync(&mut lan, NOON.plus(DAY + 3600));
    assert!(events.contains(&Ok(SyncEvent::ConfigRead {
        new_notices: vec![START.day()]
    })));
    json["notice"]["thresholdMinutes"] = 11.into();
    region.config = RiskConfig::parse(json.to_string().as_bytes()).unwrap();
    region.sync(&mut lan, NOON.plus(DAY + 7200));
    assert!(lan.notices().unwrap()[0].withdrawn);
}

#[test]
fn a_wrong_clock_is_corrected_before_anything_is_heard() {
    let mut region = Region::new();
    region.ahead_seconds = 3 * 3600 + 17;
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    region.sync(&mut lan, START);
    assert!(lan.status(START).unwrap().clock_trusted);
    // Nam's clock is right; the same moment is earlier on Lan's.
    for minute in 0..15 {
        let now = NOON.plus(minute * MINUTE);
        let from_nam = common::payload(&mut nam, now);
        let packets = [Packet {
            payload: &from_nam,
            rssi_dbm: -60,
        }];
        lan.observe(now.plus(-region.ahead_seconds), &packets).unwrap();
    }
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut lan, NOON.plus(DAY));
    assert_eq!(lan.notices().unwrap().len(), 1);
}

#[test]
fn a_case_does_not_match_itself() {
    let mut region = Region::new();
    let mut nam = region.device(1);
    let echo = common::payload(&mut nam, NOON);
    let own = nam
        .observe(
            NOON,
            &[Packet {
                payload: &echo,
                rssi_dbm: -40,
            }],
        )
        .unwrap();
    assert_eq!((own.own, own.stored), (1, 0));
    // After a restart the echo is heard before the own key is loaded.
    let mut nam = device::Device::open(nam.store().clone(), region.setup(9), NOON).unwrap();
    for minute in 0..20 {
        nam.observe(
            NOON.plus(minute * MINUTE),
            &[Packet {
                payload: &echo,
                rssi_dbm: -40,
            }],
        )
        .unwrap();
    }
    region.publish(&diagnosis_keys(&nam));
    region.sync(&mut nam, NOON.plus(DAY));
    assert_eq!(nam.explain(START.day()).unwrap(), None);
}
