//! Synchronisation: order, refusals, retries, uploads over restarts, cover traffic.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use common::{DAY, Region, START, diagnosis_keys, meet};
use device::{
    Device,
    store::{Store, memory::MemoryStore},
    sync::{BeginUploadError, Request, Response, SyncError, SyncEvent, UploadOrder, UploadStage},
    test_util::FailingStore,
};
use proptest::prelude::*;
use protocol::{
    code::{CodeKind, VerificationCode},
    time::UnixSeconds,
};

const LATER: UnixSeconds = UnixSeconds(START.0 + DAY + DAY / 2);

fn order(days: std::ops::Range<i64>) -> UploadOrder {
    let code = VerificationCode::draw(CodeKind::Short, &mut || 5).reveal().into();
    UploadOrder {
        code,
        days: days.map(|day| START.day().offset(day)).collect(),
        symptom_onset: None,
    }
}

fn paths(asked: &[Request]) -> Vec<&str> {
    asked
        .iter()
        .map(|request| request.path.split('?').next().unwrap())
        .collect()
}

#[test]
fn a_round_asks_for_time_configuration_index_and_each_new_file_once() {
    let mut region = Region::new();
    let mut lan = region.device(2);
    region.publish(&[]);
    region.publish(&[]);
    region.sync(&mut lan, START);
    let files = ["/v1/exports/82/00001.zip", "/v1/exports/82/00002.zip"];
    assert_eq!(
        paths(&region.asked),
        ["/v1/time", "/v1/config", "/v1/exports/82/index.txt", files[0], files[1]]
    );
    assert_eq!(lan.next_request(START.plus(3599)).unwrap(), None);
    assert_eq!(lan.next_request_at(START), START.plus(3600));
    region.asked.clear();
    region.publish(&[]);
    // The next round, after a restart.
    let mut lan = Device::open(lan.store().clone(), region.setup(3), START).unwrap();
    region.run(&mut lan, START.plus(3600));
    assert_eq!(
        paths(&region.asked),
        ["/v1/config", "/v1/exports/82/index.txt", "/v1/exports/82/00003.zip"]
    );
}

#[test]
fn no_answer_is_tried_again_with_growing_pauses() {
    let mut region = Region::new();
    let mut lan = region.device(2);
    let mut now = START;
    for pause in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
        let request = lan.next_request(now).unwrap().unwrap();
        assert!(request.path.starts_with("/v1/time"));
        let event = lan.on_response(now, &Response::NO_ANSWER);
        assert_eq!(event, Ok(SyncEvent::RetryLater { seconds: pause }));
        assert_eq!(lan.next_request(now.plus(i64::from(pause) - 1)).unwrap(), None);
        now = now.plus(i64::from(pause));
    }
    assert!(region.run(&mut lan, now).iter().all(Result::is_ok));
}

#[test]
fn a_forged_file_is_refused_and_the_rest_of_the_round_goes_on() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, START, 20, -60);
    region.publish(&diagnosis_keys(&nam));
    region.publish(&[]);
    let intact = region.files[0].1.clone();
    let middle = intact.len() / 2;
    region.files[0].1[middle] ^= 1;
    let events = region.sync(&mut lan, LATER);
    assert!(matches!(events[3], Err(SyncError::Export(_))), "{:?}", events[3]);
    assert!(matches!(events[4], Ok(SyncEvent::FileRead { keys: 0, .. })));
    assert_eq!(lan.notices().unwrap(), []);
    // It is not taken for read.
    region.files[0].1 = intact;
    region.sync(&mut lan, LATER.plus(3600));
    assert_eq!(lan.notices().unwrap().len(), 1);
}

#[test]
fn names_that_are_no_plain_file_names_refuse_the_index() {
    for name in ["../../v1/config", "a/b.zip", "x.zip?y", ".zip", "ä.zip", "x.txt"] {
        let mut region = Region::new();
        let mut lan = region.device(2);
        region.files.push((name.into(), Vec::new()));
        let events = region.sync(&mut lan, START);
        assert_eq!(events.last(), Some(&Err(SyncError::Malformed)), "{name}");
        assert_eq!(events.len(), 3);
    }
}

#[test]
fn time_and_configuration_of_another_region_are_refused() {
    let mut lan = Region::new().device(2);
    let mut stranger = Region::signed_by(77);
    let events = stranger.sync(&mut lan, START);
    assert!(
        matches!(events[..2], [Err(SyncError::Time(_)), Err(SyncError::Config(_))]),
        "{events:?}"
    );
    let status = lan.status(START).unwrap();
    assert!(!status.clock_trusted && !status.configured);
}

#[test]
fn an_upload_sends_the_chosen_days_and_forgets_its_secrets() {
    let mut region = Region::new();
    let mut nam = region.device(1);
    for day in 0..3 {
        common::payload(&mut nam, START.plus(day * DAY));
    }
    let now = START.plus(2 * DAY + 7200);
    assert_eq!(nam.shareable_days().unwrap().len(), 3);
    let view = nam.begin_upload(now, &order(1..3)).unwrap();
    assert_eq!((view.stage, view.keys), (UploadStage::Verifying, 2));
    assert_eq!(nam.begin_upload(now, &order(0..1)), Err(BeginUploadError::UnderWay));
    region.run(&mut nam, now);
    assert_eq!(
        paths(&region.asked)[..3],
        ["/v1/verify", "/v1/certificate", "/v1/publish"]
    );
    let starts: Vec<u32> = region.uploads[0]
        .keys
        .iter()
        .map(|key| key.rolling_start_number)
        .collect();
    assert_eq!(
        starts,
        [
            START.day().offset(2).first_interval().0,
            START.day().offset(1).first_interval().0
        ]
    );
    let view = nam.upload().unwrap();
    assert_eq!(
        view.stage,
        UploadStage::Done {
            accepted: Some(2),
            dropped_by: vec![]
        }
    );
    assert_eq!(view.symptom_date.as_deref(), Some("2021-07-10"));
    let kept = String::from_utf8_lossy(&nam.store().snapshot().unwrap()).into_owned();
    for secret in ["tttt", "cccc", &order(0..1).code, &region.uploads[0].keys[0].key] {
        assert!(!kept.contains(secret), "{secret} is still stored");
    }
}

#[test]
fn an_upload_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let region = Region::new();
    let mut nam = region.device(1);
    common::payload(&mut nam, START);
    let before = nam.store().snapshot();
    assert_eq!(
        nam.begin_upload(START, &order(5..6)),
        Err(BeginUploadError::NothingToShare)
    );
    let typo = UploadOrder {
        code: "22222223".into(),
        ..order(0..1)
    };
    assert!(matches!(nam.begin_upload(START, &typo), Err(BeginUploadError::Code(_))));
    assert_eq!(nam.store().snapshot(), before);
}

#[test]
fn a_refusal_ends_the_upload_with_its_rule() {
    let mut nam = Region::new().device(1);
    common::payload(&mut nam, START);
    nam.begin_upload(START, &order(0..1)).unwrap();
    nam.next_request(START).unwrap().unwrap();
    let body = br#"{"type":"urn:vunglam:error:ruleRefused","title":"no","status":422,"rule":"U20"}"#.to_vec();
    nam.on_response(START, &Response { status: 422, body }).unwrap();
    let refused = UploadStage::Refused {
        problem: "urn:vunglam:error:ruleRefused".into(),
        rule: Some("U20".into()),
    };
    assert_eq!(nam.upload().unwrap().stage, refused);
    assert_eq!(
        nam.begin_upload(START, &order(0..1)).unwrap().stage,
        UploadStage::Verifying,
        "a new code may follow"
    );
}

#[test]
fn an_upload_whose_answer_was_lost_ends_as_arrived() {
    let mut region = Region::new();
    let mut nam = region.device(1);
    common::payload(&mut nam, START);
    nam.begin_upload(START, &order(0..1)).unwrap();
    for _ in 0..2 {
        let request = nam.next_request(START).unwrap().unwrap();
        let response = region.answer(&request, START);
        nam.on_response(START, &response).unwrap();
    }
    nam.next_request(START).unwrap().unwrap();
    nam.on_response(START, &Response::NO_ANSWER).unwrap();
    let again = nam.next_request(START.plus(60)).unwrap().unwrap();
    assert_eq!(again.path, "/v1/publish");
    let body = br#"{"type":"urn:vunglam:error:ruleRefused","rule":"U4"}"#.to_vec();
    nam.on_response(START.plus(60), &Response { status: 422, body })
        .unwrap();
    assert_eq!(
        nam.upload().unwrap().stage,
        UploadStage::Done {
            accepted: None,
            dropped_by: vec![]
        }
    );
}

#[test]
fn a_certificate_too_old_is_asked_for_again() {
    let mut region = Region::new();
    let mut nam = region.device(1);
    common::payload(&mut nam, START);
    nam.begin_upload(START, &order(0..1)).unwrap();
    for _ in 0..2 {
        let request = nam.next_request(START).unwrap().unwrap();
        let response = region.answer(&request, START);
        nam.on_response(START, &response).unwrap();
    }
    let mut nam = Device::open(nam.store().clone(), region.setup(5), START.plus(3600)).unwrap();
    region.asked.clear();
    region.run(&mut nam, START.plus(3600));
    assert_eq!(paths(&region.asked)[..2], ["/v1/certificate", "/v1/publish"]);
    assert!(matches!(
        nam.upload().unwrap().stage,
        UploadStage::Done { accepted: Some(1), .. }
    ));
}

/// The whole story on a store that dies after `commits` commits and is opened again; returns what came of it.
fn story(commits: usize) -> (bool, String, f64) {
    let mut region = Region::new();
    let mut nam = region.device(1);
    let mut died = false;
    let mut lan = region.device(2);
    meet(&mut nam, &mut lan, START, 20, -60);
    region.publish(&diagnosis_keys(&nam));
    let mut store = FailingStore {
        inner: lan.store().clone(),
        left: commits,
    };
    // Lan synchronises and uploads her own keys; after each death she starts again where the store is.
    for _ in 0..4 {
        let Ok(mut lan) = Device::open(store.clone(), region.setup(3), LATER) else {
            died = true;
            store.left = usize::MAX;
            continue;
        };
        let result = attempt(&mut region, &mut lan);
        store = lan.store().clone();
        if result.is_err() {
            died = true;
            store.left = usize::MAX;
        }
    }
    let lan = Device::open(store, region.setup(4), LATER).unwrap();
    let minutes = lan.notices().unwrap().iter().map(|notice| notice.minutes).sum();
    let uploaded = region
        .uploads
        .last()
        .map(|upload| upload.keys[0].key.clone())
        .unwrap_or_default();
    assert_eq!(region.uploads.iter().filter(|upload| upload.keys.len() != 1).count(), 0);
    (died, uploaded, minutes)
}

fn attempt<S: Store>(region: &mut Region, lan: &mut Device<S>) -> Result<(), ()> {
    if lan.upload().is_none() {
        lan.begin_upload(LATER, &order(0..1)).map_err(drop)?;
    }
    lan.request_sync();
    while let Some(request) = lan.next_request(LATER).map_err(drop)? {
        let response = region.answer(&request, LATER);
        if let Err(SyncError::Store(_)) = lan.on_response(LATER, &response) {
            return Err(());
        }
    }
    Ok(())
}

#[test]
fn dying_between_any_two_commits_loses_neither_notice_nor_upload() {
    let (died, uploaded, minutes) = story(usize::MAX);
    assert!(!died && !uploaded.is_empty() && minutes == 20.0);
    let mut deaths = 0;
    for commits in 0..40 {
        let (died, again, minutes) = story(commits);
        assert_eq!((again == uploaded, minutes), (true, 20.0), "after {commits} commits");
        deaths += usize::from(died);
    }
    assert!(
        (5..40).contains(&deaths),
        "{deaths} deaths: the story must have more than five commits and end"
    );
}

#[test]
fn cover_traffic_comes_about_once_in_two_days_and_looks_like_an_upload() {
    let mut region = Region::new();
    let mut setup = region.setup(1);
    setup.cover_traffic = true;
    let mut nam = Device::open(MemoryStore::default(), setup, START).unwrap();
    common::payload(&mut nam, START);
    for quarter in 0..200 * 96 {
        region.run(&mut nam, START.plus(quarter * 900));
    }
    let chaff: Vec<Request> = region
        .asked
        .iter()
        .filter(|r| r.headers.contains(&("x-chaff", "1")))
        .cloned()
        .collect();
    let sequence = ["/v1/verify", "/v1/certificate", "/v1/publish"];
    assert!(paths(&chaff).chunks(3).all(|three| three == sequence));
    // 1,200 draws at 1/12: 100 expected, standard deviation 9.6.
    assert!((70..=130).contains(&(chaff.len() / 3)), "{} sequences", chaff.len() / 3);

    region.asked.clear();
    let now = START.plus(200 * DAY);
    common::payload(&mut nam, now);
    nam.begin_upload(now, &order(200..201)).unwrap();
    region.run(&mut nam, now);
    for (real, fake) in region.asked.iter().zip(&chaff[..3]) {
        assert_eq!(
            (&real.path, real.side, real.body.len()),
            (&fake.path, fake.side, fake.body.len())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_answers_are_taken_or_refused(answers in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..300), any::<u32>()), 1..20)) {
        let region = Region::new();
        let mut lan = region.device(2);
        common::payload(&mut lan, START);
        lan.begin_upload(START, &order(0..1)).unwrap();
        let mut now = START;
        for (status, body, pause) in answers {
            let status = if status % 2 == 0 { 200 } else { status };
            if lan.next_request(now).unwrap().is_some() {
                let _ = lan.on_response(now, &Response { status, body });
            }
            now = now.plus(i64::from(pause % 10_000));
        }
        prop_assert_eq!(lan.notices().unwrap(), vec![]);
    }
}
