//! The face as the page uses it: a phone's snapshot, a round of requests, a notice, and records that the page keeps.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

#[path = "../../../crates/device/tests/common/mod.rs"]
mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{DAY, Region, START, diagnosis_keys, meet};
use device::{
    store::Store,
    sync::{Method, Request, Side},
};
use protocol::code::{CodeKind, VerificationCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wasm_bindgen::JsError;
use web_core::Core;

const LATER: f64 = (START.0 + DAY + DAY / 2) as f64;

/// `JsError` prints nothing outside JavaScript.
fn ok<T>(result: Result<T, JsError>) -> T {
    result.unwrap_or_else(|_| panic!("an error for JavaScript"))
}

fn read(result: Result<String, JsError>) -> Value {
    serde_json::from_str(&ok(result)).unwrap()
}

/// The page's object store.
#[derive(Default)]
struct Page(BTreeMap<String, Vec<u8>>);

impl Page {
    fn keep(&mut self, core: &mut Core) {
        let Some(changes) = core.changes() else { return };
        let changes: Value = serde_json::from_str(&changes).unwrap();
        if changes["clear"] == true {
            self.0.clear();
        }
        for put in changes["put"].as_array().unwrap() {
            self.0.insert(
                put[0].as_str().unwrap().into(),
                STANDARD.decode(put[1].as_str().unwrap()).unwrap(),
            );
        }
        for id in changes["remove"].as_array().unwrap() {
            self.0.remove(id.as_str().unwrap());
        }
        core.acknowledge(changes["number"].as_f64().unwrap());
        assert_eq!(core.changes(), None);
    }

    fn open(&self, region: &Region) -> Core {
        let records: Vec<u8> = self.0.values().flatten().copied().collect();
        ok(Core::new(
            &serde_json::to_string(&region.trust()).unwrap(),
            &records,
            LATER,
            &[9; 32],
        ))
    }
}

/// Runs a whole round through the JSON of the face; returns its events.
fn round(core: &mut Core, page: &mut Page, region: &mut Region) -> Vec<Value> {
    let mut events = Vec::new();
    while let Some(request) = ok(core.next_request(LATER)) {
        page.keep(core);
        let request: Value = serde_json::from_str(&request).unwrap();
        let (side, base) = match request["side"].as_str().unwrap() {
            "keys" => (Side::Keys, "https://keys.example"),
            _ => (Side::Authority, "https://authority.example"),
        };
        let asked = Request {
            side,
            method: if request["method"] == "GET" {
                Method::Get
            } else {
                Method::Post
            },
            path: request["url"].as_str().unwrap().strip_prefix(base).unwrap().into(),
            headers: Vec::new(),
            body: request["body"].as_str().unwrap_or_default().into(),
            max_answer_bytes: usize::MAX,
        };
        let answer = region.answer(&asked, protocol::time::UnixSeconds(LATER as i64));
        events.push(read(core.on_response(LATER, answer.status, answer.body)));
        page.keep(core);
        assert!(events.len() < 100, "requests without end");
    }
    events
}

#[test]
fn a_snapshot_a_round_and_a_notice_survive_closing_the_page() {
    let mut region = Region::new();
    let (mut nam, mut lan) = (region.device(1), region.device(2));
    meet(&mut nam, &mut lan, START.plus(3600), 20, -60);
    region.publish(&diagnosis_keys(&nam));

    let mut page = Page::default();
    let mut core = page.open(&region);
    ok(core.restore_snapshot(LATER, &lan.store().snapshot().unwrap()));
    page.keep(&mut core);
    let events = round(&mut core, &mut page, &mut region);
    let read_file = json!({"event": "fileRead", "keys": 1, "matched": 1, "newNotices": [START.day()]});
    assert_eq!(
        events.iter().find(|event| event["event"] == "fileRead"),
        Some(&read_file)
    );

    let core = page.open(&region);
    assert_eq!(read(core.notices())[0]["minutes"], 20.0);
    assert_eq!(
        read(core.explain(START.day().0))["windows"][0]["scans"][0]["typicalAttenuationDb"],
        45
    );
    assert_eq!(read(core.explain(START.day().0 + 1)), Value::Null);
    let status = read(core.status(LATER));
    assert_eq!(
        (&status["noticeDays"], &status["configured"]),
        (&json!([START.day()]), &json!(true))
    );
    assert_eq!(read(core.stored())["retentionDays"], 14);
}

#[test]
fn an_upload_goes_through_the_face() {
    let mut region = Region::new();
    let mut page = Page::default();
    let mut core = page.open(&region);
    let plan = read(core.radio_plan(LATER));
    assert_eq!(plan["advertise"]["payload"].as_str().unwrap().len(), 62);
    let today = protocol::time::UnixSeconds(LATER as i64).day();
    assert_eq!(read(core.shareable_days()), json!([today]));
    let drawn = VerificationCode::draw(CodeKind::Short, &mut || 5);
    let code = read(Core::read_code(&drawn.grouped().to_lowercase()));
    assert_eq!(code["kind"], "short");
    let order = json!({"code": code["grouped"], "days": [today], "symptomOnset": null}).to_string();
    assert_eq!(read(core.begin_upload(LATER, &order))["stage"], "verifying");
    round(&mut core, &mut page, &mut region);
    assert_eq!(region.uploads[0].keys.len(), 1);
    let core = page.open(&region);
    let upload = &read(core.status(LATER))["upload"];
    assert_eq!((&upload["stage"], &upload["accepted"]), (&json!("done"), &json!(1)));
}

#[test]
fn what_was_heard_is_counted_by_kind() {
    let region = Region::new();
    let mut core = Page::default().open(&region);
    let mut other = region.device(5);
    let heard: String = common::payload(&mut other, START)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let packets = json!([{"payload": heard, "rssi": -60}, {"payload": "zz", "rssi": -60}]).to_string();
    let observed = read(core.observe(START.0 as f64, &packets));
    assert_eq!(observed, json!({"stored": 1, "refused": 1, "own": 0, "dropped": 0}));
    ok(core.delete_all(LATER));
    assert!(
        read(core.stored())["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| entry["table"] == "state")
    );
}
