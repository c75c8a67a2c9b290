//! The walks of ARCHITECTURE.md, each through the real devices and the real services of both sides.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::collections::{BTreeMap, BTreeSet};

use device::{
    Device, Setup,
    store::memory::MemoryStore,
    sync::{UploadOrder, UploadStage},
};
use exposure::config::RiskConfig;
use protocol::time::{DAY_SECONDS, UnixSeconds};
use sim::{
    recording,
    replay::{self, Replay, ReplayOptions},
    search::Needles,
    seed::Seed,
    services::Services,
};

/// A Tuesday noon, UTC.
const NOON: UnixSeconds = UnixSeconds(19_000 * DAY_SECONDS + DAY_SECONDS / 2);

/// Writes the rows of `minutes` together from a second of the recording on.
fn together(text: &mut Vec<(i64, String)>, pair: &str, from: i64, minutes: i64) {
    text.extend((1..=minutes * 3).map(|row| (from + row * 20, pair.to_owned())));
}

/// Nam sits 20 minutes with Lan and just 15 with Mai, 14 with Hùng and 10 more the next day; Lan and Mai meet too.
fn office() -> String {
    let mut rows = Vec::new();
    together(&mut rows, "nam lan", 8 * 3600, 20);
    together(&mut rows, "nam mai", 10 * 3600, 15);
    together(&mut rows, "nam hung", 14 * 3600, 14);
    together(&mut rows, "nam hung", DAY_SECONDS + 14 * 3600, 10);
    together(&mut rows, "lan mai", DAY_SECONDS + 9 * 3600, 45);
    rows.sort();
    rows.iter().map(|(t, pair)| format!("{t} {pair}\n")).collect()
}

/// Who was together for 15 minutes on a day, counted from the lines themselves.
fn contacts_by_hand(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut rows_of: BTreeMap<(String, String, i64), u32> = BTreeMap::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let day = (fields[0].parse::<i64>().unwrap() - 20) / DAY_SECONDS;
        for (who, whom) in [(fields[1], fields[2]), (fields[2], fields[1])] {
            *rows_of.entry((who.into(), whom.into(), day)).or_default() += 1;
        }
    }
    let mut contacts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ((who, whom, _), rows) in rows_of {
        if rows >= 45 {
            contacts.entry(who).or_default().insert(whom);
        }
    }
    contacts
}

fn replayed(text: &str, index: Option<&str>) -> Replay {
    let recording = recording::read(text.as_bytes()).unwrap();
    let options = ReplayOptions {
        index: index.map(|name| recording.find(name).unwrap()),
        scan_interval_seconds: Some(20),
        ..ReplayOptions::default()
    };
    replay::run(&recording, &options, &|_, _, _| ()).unwrap()
}

fn phone(services: &Services, number: u8) -> Device<MemoryStore> {
    let setup = Setup::new(services.trust().clone(), [number; 32]);
    let mut device = Device::open(MemoryStore::default(), setup, NOON).unwrap();
    services.sync(&mut device, NOON).unwrap();
    device.radio_plan(NOON).unwrap();
    device
}

/// Shares the keys of the first day with a code; returns where that ended.
fn share(services: &Services, device: &mut Device<MemoryStore>, code: &str, now: UnixSeconds) -> UploadStage {
    let order = UploadOrder {
        code: code.into(),
        days: vec![NOON.day()],
        symptom_onset: Some(NOON.day()),
    };
    device.begin_upload(now, &order).unwrap();
    services.sync(device, now).unwrap();
    device.upload().unwrap().stage
}

#[test]
fn walk_1_an_observed_identifier_becomes_a_notice() {
    let replay = replayed(&office(), Some("nam"));
    let nam = replay.people.iter().find(|person| person.index).unwrap();
    assert_eq!(
        (nam.person.as_str(), nam.notified.as_slice()),
        ("nam", &["lan".to_owned(), "mai".to_owned()][..])
    );
    assert_eq!(replay.summary.minutes_error_max, Some(0.0));
    assert_eq!(replay.identifiers_found, [], "the services know who met whom");
    let keys = replay.server_rows.iter().filter(|(table, _)| table.contains("key"));
    assert!(keys.map(|(_, rows)| rows).sum::<u64>() > 0, "{:?}", replay.server_rows);
}

#[test]
fn walk_2_a_code_from_the_desk_to_a_certificate_and_never_twice() {
    let services = Services::open(&Seed::root(2), NOON, RiskConfig::vietnam_default()).unwrap();
    let [mut nam, mut thief] = [1, 2].map(|number| phone(&services, number));
    let code = services.confirm_case(Some(NOON.day())).unwrap();
    let done = share(&services, &mut nam, &code, NOON.plus(60));
    let UploadStage::Done {
        accepted: Some(1),
        dropped_by,
    } = done
    else {
        panic!("{done:?}");
    };
    assert_eq!(dropped_by, Vec::<String>::new());
    let refused = share(&services, &mut thief, &code, NOON.plus(120));
    let UploadStage::Refused { rule: Some(rule), .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(rule, "U22", "a code is redeemed once");
}

#[test]
fn walk_3_a_recording_becomes_a_measurement() {
    let text = office();
    let by_hand = contacts_by_hand(&text);
    let replay = replayed(&text, None);
    for person in &replay.people {
        let expected: Vec<String> = by_hand.get(&person.person).into_iter().flatten().cloned().collect();
        let mut notified = person.notified.clone();
        notified.sort();
        assert_eq!(notified, expected, "those who met {}", person.person);
    }
    assert_eq!(
        (replay.summary.recall, replay.summary.precision),
        (Some(1.0), Some(1.0))
    );
    assert_eq!(
        replay.summary.true_contacts,
        by_hand.values().map(BTreeSet::len).sum::<usize>()
    );
}

/// The search of walk 1 is able to find: a shared key is the one secret of a phone that both a table and a file hold.
#[test]
fn what_the_services_do_hold_is_found_by_the_same_search() {
    let mut services = Services::open(&Seed::root(4), NOON, RiskConfig::vietnam_default()).unwrap();
    let mut nam = phone(&services, 1);
    let shared = nam.export_all().unwrap()["identity"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let needles = Needles::new(&[hex::decode(shared).unwrap().try_into().unwrap()]);
    assert_eq!(needles.search(services.holdings().unwrap()), []);

    let code = services.confirm_case(Some(NOON.day())).unwrap();
    share(&services, &mut nam, &code, NOON.plus(60));
    services.set_now(NOON.plus(2 * DAY_SECONDS));
    services.run_due_jobs().unwrap();
    let found = needles.search(services.holdings().unwrap());
    let places: BTreeSet<&str> = found
        .iter()
        .filter_map(|finding| finding.place.split(' ').next())
        .collect();
    assert_eq!(places, BTreeSet::from(["keys", "table"]), "{found:?}");
}
