//! Writes `sample.zip` and `sample.pem` into a folder and prints, as JSON, what is in them and some sealed metadata:
//! what the independent peers in `examples/peers` check.
//!
//! `cargo run -p protocol --example export_sample -- FOLDER`

use std::path::PathBuf;

use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::export::{ALGORITHM, ExportHeader, ExportWriter, SignatureInfo};
use protocol::proximity::{ProximityKeys, RollingPeriod, TemporaryExposureKey};
use protocol::signature::SecretKey;
use protocol::time::{IntervalNumber, UnixSeconds};
use serde_json::json;

const KEYS: u8 = 200;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let signer = SecretKey::from_bytes(&[7; 32]).expect("in range");
    let keys: Vec<DiagnosisKey> = (0..KEYS).map(key).collect();
    let mut writer = ExportWriter::new(Vec::new(), header()).expect("a vector takes all");
    for key in &keys {
        writer.push(key).expect("ascending by construction");
    }
    std::fs::write(
        folder.join("sample.zip"),
        writer.finish(&signer).expect("a vector takes all"),
    )?;
    std::fs::write(folder.join("sample.pem"), signer.public_key().to_pem())?;
    let described: Vec<_> = keys.iter().map(describe).collect();
    let sealed: Vec<_> = (0..KEYS).map(seal).collect();
    println!("{}", json!({ "keys": described, "sealed": sealed }));
    Ok(())
}

fn header() -> ExportHeader {
    let info = SignatureInfo {
        key_version: "v1".into(),
        key_id: "sample".into(),
        algorithm: ALGORITHM.into(),
    };
    ExportHeader {
        start: UnixSeconds(1_626_048_000),
        end: UnixSeconds(1_626_051_600),
        region: "82".into(),
        batch_num: 1,
        batch_size: 1,
        signature_infos: vec![info],
    }
}

/// Keys that take every field through its range, the default period and an unknown onset included.
fn key(n: u8) -> DiagnosisKey {
    let reports = [
        ReportType::ConfirmedTest,
        ReportType::ConfirmedClinicalDiagnosis,
        ReportType::SelfReport,
    ];
    let mut bytes = [n.wrapping_mul(31) ^ 0x5a; 16];
    bytes[0] = n;
    DiagnosisKey {
        key: bytes,
        rolling_start: IntervalNumber(2_710_080 - 144 * u32::from(n % 14)),
        rolling_period: RollingPeriod::new(1 + u32::from(n) * 7 % 144).expect("1 to 144"),
        report_type: reports[usize::from(n) % reports.len()],
        transmission_risk: n % 9,
        days_since_onset: (!n.is_multiple_of(5)).then_some(i8::try_from(n % 29).expect("below 29") - 14),
    }
}

fn describe(key: &DiagnosisKey) -> serde_json::Value {
    json!({
        "key": hex::encode(key.key),
        "rolling_start": key.rolling_start.0,
        "rolling_period": key.rolling_period.intervals(),
        "report_type": key.report_type.number(),
        "transmission_risk": key.transmission_risk,
        "days_since_onset": key.days_since_onset,
    })
}

fn seal(n: u8) -> serde_json::Value {
    let tek = [n; 16];
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(tek));
    let interval = IntervalNumber(2_642_976 + u32::from(n));
    let rpi = keys.identifier(interval);
    let power = n.cast_signed();
    let aem = keys.seal(rpi, power);
    json!({
        "tek": hex::encode(tek),
        "interval": interval.0,
        "tx_power": power,
        "rpi": hex::encode(rpi.0),
        "aem": hex::encode(aem.0),
    })
}
