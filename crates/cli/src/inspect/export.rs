//! `vunglam inspect export`: header, keys and signature verdict of an export file.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::export::{Export, ExportError, MAX_ZIP};
use protocol::signature::PublicKey;
use serde::Serialize;

use crate::output::{Failure, Outcome, print, read_file};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The export file (zip).
    file: PathBuf,
    /// Public key that must have signed it (PEM).
    #[arg(long, value_name = "PEM")]
    public_key: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    header: Header,
    keys: Vec<Key>,
    skipped_keys: u32,
    signature: Verdict,
}

#[derive(Serialize)]
struct Header {
    start_timestamp: i64,
    end_timestamp: i64,
    region: String,
    batch_num: u32,
    batch_size: u32,
    signature_infos: Vec<SignatureInfo>,
}

#[derive(Serialize)]
struct SignatureInfo {
    verification_key_id: String,
    verification_key_version: String,
    signature_algorithm: String,
}

#[derive(Serialize)]
struct Key {
    key: String,
    rolling_start_interval_number: u32,
    rolling_period: u32,
    report_type: protocol::diagnosis::ReportType,
    transmission_risk_level: u8,
    days_since_onset_of_symptoms: Option<i8>,
    revised: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// Signed by the key given.
    Valid,
    /// No public key was given.
    NotChecked,
}

pub(crate) fn run(args: &Args, json: bool) -> Outcome {
    let zip = read_file(&args.file, MAX_ZIP as u64)?;
    let refused = |error: ExportError| Failure::new(format!("{}: {error}", args.file.display()));
    let export = Export::open(&zip).map_err(refused)?;
    let signature = match &args.public_key {
        Some(path) => {
            let pem = String::from_utf8_lossy(&read_file(path, 4096)?).into_owned();
            let key = PublicKey::from_pem(&pem).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
            export.verify_any(&key).map_err(refused)?;
            Verdict::Valid
        }
        None => Verdict::NotChecked,
    };
    print(json, &report(&export, signature).map_err(refused)?, text)
}

fn report(export: &Export<'_>, signature: Verdict) -> Result<Report, ExportError> {
    let mut keys = Vec::new();
    let count = export.for_each_key(|exported| {
        let key = exported.key;
        keys.push(Key {
            key: STANDARD.encode(key.key),
            rolling_start_interval_number: key.rolling_start.0,
            rolling_period: key.rolling_period.intervals(),
            report_type: key.report_type,
            transmission_risk_level: key.transmission_risk,
            days_since_onset_of_symptoms: key.days_since_onset,
            revised: exported.revised,
        });
    })?;
    let header = export.header();
    let infos = header.signature_infos.iter().map(|info| SignatureInfo {
        verification_key_id: info.key_id.clone(),
        verification_key_version: info.key_version.clone(),
        signature_algorithm: info.algorithm.clone(),
    });
    let header = Header {
        start_timestamp: header.start.0,
        end_timestamp: header.end.0,
        region: header.region.clone(),
        batch_num: header.batch_num,
        batch_size: header.batch_size,
        signature_infos: infos.collect(),
    };
    Ok(Report {
        header,
        keys,
        skipped_keys: count.skipped,
        signature,
    })
}

fn text(report: &Report) -> String {
    let h = &report.header;
    let verdict = match report.signature {
        Verdict::Valid => "valid under the given key",
        Verdict::NotChecked => "not checked: no public key given",
    };
    let mut out = format!(
        "region {}  {} to {}  file {} of {}\nsignature {verdict}\n{} keys, {} skipped\n",
        h.region,
        h.start_timestamp,
        h.end_timestamp,
        h.batch_num,
        h.batch_size,
        report.keys.len(),
        report.skipped_keys
    );
    for key in &report.keys {
        let onset = key.days_since_onset_of_symptoms.map_or("-".into(), |d| d.to_string());
        out += &format!(
            "{}  {} +{}  {:?}  onset {onset}{}\n",
            key.key,
            key.rolling_start_interval_number,
            key.rolling_period,
            key.report_type,
            if key.revised { "  revised" } else { "" }
        );
    }
    out
}
