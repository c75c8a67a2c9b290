//! The JSON forms that only JavaScript needs.

use crate::error::CoreError;
use base64::{Engine, engine::general_purpose::STANDARD};
use device::{
    radio::RadioPlan,
    store::{Record, Table, journal::Batch},
    sync::{Method, Request, Side, UploadOrder},
    visit::VenueFacts,
};
use protocol::{
    message::Trust,
    time::{UnixSeconds, UtcDay},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest list of packets read, in bytes.
const MAX_PACKETS_JSON: usize = 1024 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePlan {
    advertise: Option<WireAdvert>,
    rotate_at: UnixSeconds,
    next_scan_at: UnixSeconds,
    scan_seconds: u32,
}

#[derive(Serialize)]
struct WireAdvert {
    address: String,
    payload: String,
}

pub(crate) fn radio_plan(plan: &RadioPlan) -> String {
    let advertise = plan.advertise.map(|advert| WireAdvert {
        address: hex(&advert.address),
        payload: hex(&advert.payload),
    });
    json(&WirePlan {
        advertise,
        rotate_at: plan.rotate_at,
        next_scan_at: plan.next_scan_at,
        scan_seconds: plan.scan_seconds,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WirePacket {
    payload: String,
    pub(crate) rssi: i8,
}

impl WirePacket {
    /// Returns the payload; what is not hexadecimal is handed on as an empty packet, which the device refuses.
    pub(crate) fn payload(&self) -> Vec<u8> {
        unhex(&self.payload).unwrap_or_default()
    }
}

pub(crate) fn packets(json: &str) -> Result<Vec<WirePacket>, CoreError> {
    if json.len() > MAX_PACKETS_JSON {
        return Err(CoreError::new("argument", "the list of packets is too long"));
    }
    parse(json)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireRequest<'a> {
    side: Side,
    method: Method,
    url: String,
    headers: BTreeMap<&'a str, &'a str>,
    body: Option<&'a str>,
    max_answer_bytes: usize,
}

pub(crate) fn request(request: &Request, trust: &Trust) -> String {
    let base = match request.side {
        Side::Keys => &trust.keys_url,
        Side::Authority => &trust.authority_url,
    };
    json(&WireRequest {
        side: request.side,
        method: request.method,
        url: format!("{}{}", base.trim_end_matches('/'), request.path),
        headers: request.headers.iter().copied().collect(),
        body: std::str::from_utf8(&request.body).ok().filter(|body| !body.is_empty()),
        max_answer_bytes: request.max_answer_bytes,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireOrder {
    code: String,
    days: Vec<UtcDay>,
    symptom_onset: Option<UtcDay>,
}

pub(crate) fn upload_order(json: &str) -> Result<UploadOrder, CoreError> {
    let order: WireOrder = parse(json)?;
    Ok(UploadOrder {
        code: order.code,
        days: order.days,
        symptom_onset: order.symptom_onset,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireFacts {
    name: String,
    longest_seconds: Option<i64>,
}

pub(crate) fn venue_facts(json: &str) -> Result<VenueFacts, CoreError> {
    let facts: WireFacts = parse(json)?;
    Ok(VenueFacts {
        name: facts.name,
        longest_seconds: facts.longest_seconds,
    })
}

#[derive(Serialize)]
struct WireBatch {
    number: u64,
    clear: bool,
    put: Vec<(String, String)>,
    remove: Vec<String>,
}

pub(crate) fn batch(batch: &Batch) -> String {
    let put = |record: &Record| {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        (id(record.table, record.key), STANDARD.encode(bytes))
    };
    json(&WireBatch {
        number: batch.number,
        clear: batch.clear,
        put: batch.put.iter().map(put).collect(),
        remove: batch.remove.iter().map(|(table, key)| id(*table, *key)).collect(),
    })
}

/// Key of a record in the host's store: `<table>/<16 hexadecimal digits>`.
fn id(table: Table, key: u64) -> String {
    format!("{}/{key:016x}", table.name())
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("our own values have string keys and finite numbers")
}

pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, CoreError> {
    serde_json::from_str(json).map_err(|error| CoreError::new("argument", error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        assert_eq!(unhex("00fFa0"), Some(vec![0, 255, 160]));
        assert_eq!([unhex("0"), unhex("0g"), unhex("ấ")], [None, None, None]);
    }

    #[test]
    fn a_batch_names_its_records() {
        let record = Record {
            table: Table::Sightings,
            key: 255,
            day: UtcDay(1),
            value: vec![9],
        };
        let text = batch(&Batch {
            number: 3,
            clear: true,
            put: vec![record],
            remove: vec![(Table::State, 1)],
        });
        let expected = r#"{"number":3,"clear":true,"put":[["sightings/00000000000000ff","AQIBAAAA/wAAAAAAAAABAAAACQ=="]],"remove":["state/0000000000000001"]}"#;
        assert_eq!(text, expected);
    }
}
