//! Official vectors, each file with its source.

use protocol::certificate::{hmac_matches, hmac_over_keys};
use protocol::message::UploadedKey;
use protocol::proximity::{ProximityKeys, RollingProximityIdentifier, TemporaryExposureKey};
use protocol::time::IntervalNumber;
use serde_json::Value;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).expect("vector files are JSON")
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let decoded = hex::decode(value.as_str().expect("hex text")).expect("hex");
    decoded.try_into().expect("length")
}

#[test]
fn all_144_official_identifiers_and_metadata_are_reproduced() {
    let v = vectors(include_str!("vectors/gaen_v1_2.json"));
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(bytes(&v["tek"])));
    assert_eq!(keys.rpik(), &bytes::<16>(&v["rpik"]));
    assert_eq!(keys.aemk(), &bytes::<16>(&v["aemk"]));
    let start = v["rolling_start"].as_u64().expect("number") as u32;
    let rows = v["rpi_aem"].as_array().expect("list");
    assert_eq!(rows.len(), 144);
    for (j, row) in (start..).zip(rows) {
        let (rpi, aem) = row.as_str().expect("text").split_once(' ').expect("two parts");
        let identifier = keys.identifier(IntervalNumber(j));
        assert_eq!(hex::encode(identifier.0), rpi);
        assert_eq!(hex::encode(keys.seal_raw(identifier, bytes(&v["metadata"])).0), aem);
        let heard = RollingProximityIdentifier(bytes(&Value::from(rpi)));
        let opened = keys.open(
            heard,
            protocol::proximity::AssociatedEncryptedMetadata(bytes(&Value::from(aem))),
        );
        assert_eq!((opened.version, opened.tx_power_dbm, opened.mac), (0x40, 8, [0, 0]));
    }
}

#[test]
fn the_official_hmac_over_keys_is_reproduced_with_and_without_risk() {
    let v = vectors(include_str!("vectors/tekmac.json"));
    let secret: [u8; 16] = bytes(&v["secret"]);
    for case in v["cases"].as_array().expect("list") {
        let keys: Vec<UploadedKey> = serde_json::from_value(case["keys"].clone()).expect("keys");
        for accepted in case["accepted"].as_array().expect("list") {
            let accepted = accepted.as_str().expect("text");
            assert!(hmac_matches(&secret, &keys, accepted));
            assert!(!hmac_matches(&secret[1..], &keys, accepted));
            assert!(!hmac_matches(&secret, &keys[1..], accepted));
        }
        let mut reversed = keys.clone();
        reversed.reverse();
        assert_eq!(hmac_over_keys(&secret, &keys), hmac_over_keys(&secret, &reversed));
    }
}

#[test]
fn the_form_without_risk_is_refused_when_a_key_has_one() {
    let v = vectors(include_str!("vectors/tekmac.json"));
    let secret: [u8; 16] = bytes(&v["secret"]);
    let mut keys: Vec<UploadedKey> = serde_json::from_value(v["cases"][1]["keys"].clone()).expect("keys");
    let without_risk = v["cases"][1]["accepted"][1].as_str().expect("text");
    assert!(hmac_matches(&secret, &keys, without_risk));
    keys[0].transmission_risk = 1;
    assert!(!hmac_matches(&secret, &keys, without_risk));
}
