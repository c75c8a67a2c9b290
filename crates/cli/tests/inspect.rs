//! `vunglam inspect` as a person runs it.

use std::path::PathBuf;
use std::process::{Command, Output};

use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::export::{ALGORITHM, ExportHeader, ExportWriter, SignatureInfo};
use protocol::proximity::{ProximityKeys, RollingPeriod, TemporaryExposureKey};
use protocol::signature::SecretKey;
use protocol::time::{IntervalNumber, UnixSeconds};
use serde_json::Value;

const START: u32 = 2_710_080;

fn vunglam(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vunglam"))
        .args(args)
        .output()
        .expect("the binary runs")
}

fn json(args: &[&str]) -> Value {
    let output = vunglam(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON on --json")
}

/// Runs a command that must fail and returns its one sentence.
fn refusal(args: &[&str]) -> String {
    let output = vunglam(args);
    assert_eq!(output.status.code(), Some(1));
    let sentence = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(sentence.trim_end().lines().count(), 1, "{sentence}");
    sentence
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vunglam-inspect-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    fn put(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a temporary file");
        path.to_str().expect("UTF-8").into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn secret() -> SecretKey {
    SecretKey::from_bytes(&[21; 32]).expect("in range")
}

fn export(seeds: &[u8]) -> Vec<u8> {
    let info = SignatureInfo {
        key_version: "v1".into(),
        key_id: "82".into(),
        algorithm: ALGORITHM.into(),
    };
    let (start, end) = (UnixSeconds(1_626_048_000), UnixSeconds(1_626_051_600));
    let header = ExportHeader {
        start,
        end,
        region: "82".into(),
        batch_num: 1,
        batch_size: 1,
        signature_infos: vec![info],
    };
    let mut writer = ExportWriter::new(Vec::new(), header).expect("a vector takes all");
    for seed in seeds {
        let key = DiagnosisKey {
            key: [*seed; 16],
            rolling_start: IntervalNumber(START),
            rolling_period: RollingPeriod::DAY,
            report_type: ReportType::ConfirmedTest,
            transmission_risk: 0,
            days_since_onset: Some(-2),
        };
        writer.push(&key).expect("sorted");
    }
    writer.finish(&secret()).expect("a vector takes all")
}

#[test]
fn tek_prints_the_official_vector() {
    let args = [
        "--tek",
        "75c734c6dd1a782de7a965da5eb93125",
        "--interval",
        "2642976",
        "--metadata",
        "40080000",
        "--json",
    ];
    let out = json(&[&["inspect", "tek"][..], &args].concat());
    assert_eq!(out["rpik"], "185ad91db69ec7dd048960f1f3ba6175");
    assert_eq!(out["aemk"], "d57c46af7a1d83965b9bed8bd152936a");
    assert_eq!(out["intervals"].as_array().expect("list").len(), 144);
    assert_eq!(out["intervals"][1]["rpi"], "3c9a1de5dd6b02afa7fded7b570b3e56");
    assert_eq!(out["intervals"][1]["aem"], "c29211b1");
}

#[test]
fn tek_refuses_bad_input_in_one_sentence() {
    assert!(refusal(&["inspect", "tek", "--tek", "75c7", "--interval", "1"]).contains("32 hexadecimal digits"));
    let tek = [
        "inspect",
        "tek",
        "--tek",
        "75c734c6dd1a782de7a965da5eb93125",
        "--interval",
    ];
    assert!(refusal(&[&tek[..], &["1", "--period", "145"]].concat()).contains("(P1)"));
    assert!(refusal(&[&tek[..], &["4294967295"]].concat()).contains("beyond"));
}

#[test]
fn export_prints_header_keys_and_verdict() {
    let folder = Folder::new("export");
    let file = folder.put("e.zip", &export(&[1, 2]));
    let pem = folder.put("key.pem", secret().public_key().to_pem().as_bytes());
    let out = json(&["inspect", "export", &file, "--public-key", &pem, "--json"]);
    assert_eq!(out["header"]["region"], "82");
    assert_eq!(out["signature"], "valid");
    assert_eq!(out["keys"][0]["key"], "AQEBAQEBAQEBAQEBAQEBAQ==");
    assert_eq!(out["keys"][1]["days_since_onset_of_symptoms"], -2);
    assert_eq!(
        json(&["inspect", "export", &file, "--json"])["signature"],
        "not_checked"
    );
}

#[test]
fn export_refuses_what_is_malformed_or_badly_signed() {
    let folder = Folder::new("refused");
    let zip = export(&[1, 2]);
    let file = folder.put("e.zip", &zip);
    let stranger = SecretKey::from_bytes(&[22; 32])
        .expect("in range")
        .public_key()
        .to_pem();
    let pem = folder.put("stranger.pem", stranger.as_bytes());
    assert!(refusal(&["inspect", "export", &file, "--public-key", &pem]).contains("does not verify"));
    let cut = folder.put("cut.zip", &zip[..zip.len() / 2]);
    assert!(refusal(&["inspect", "export", &cut]).contains("(P20)"));
    assert!(refusal(&["inspect", "export", "no-such-file.zip"]).contains("cannot read"));
    let no_key = folder.put("no.pem", b"hello");
    assert!(refusal(&["inspect", "export", &file, "--public-key", &no_key]).contains("not a P-256 key"));
}

#[test]
fn match_finds_what_was_heard_in_time_and_nothing_else() {
    let folder = Folder::new("match");
    let file = folder.put("e.zip", &export(&[1, 2]));
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes([2; 16]));
    let broadcast = IntervalNumber(START + 70);
    let rpi = keys.identifier(broadcast);
    let aem = hex::encode(keys.seal(rpi, -15).0);
    let rpi = hex::encode(rpi.0);
    let mut csv = String::from("rpi_hex,aem_hex,rssi_dbm,unix_s\n");
    // two intervals early, one early, in time, two late, three late; the last has another identifier
    for offset in [-2, -1, 0, 2, 3] {
        csv += &format!("{rpi},{aem},-70,{}\n", broadcast.offset(offset).start().0);
    }
    csv += &format!("{},{aem},-70,{}\n", "00".repeat(16), broadcast.start().0);
    let csv = folder.put("s.csv", csv.as_bytes());
    let out = json(&["inspect", "match", "--export", &file, "--sightings", &csv, "--json"]);
    let matches = out["matches"].as_array().expect("list");
    assert_eq!(matches.len(), 3);
    assert_eq!(matches[0]["unix_s"], broadcast.offset(-1).start().0);
    assert_eq!(matches[2]["attenuation_db"], 55);
    assert_eq!(matches[2]["mac_valid"], true);
}

#[test]
fn match_names_the_line_that_is_wrong() {
    let folder = Folder::new("lines");
    let file = folder.put("e.zip", &export(&[1]));
    let bad = format!(
        "rpi_hex,aem_hex,rssi_dbm,unix_s\n{},01020304,-70,5\nxy,01020304,-70,5\n",
        "00".repeat(16)
    );
    let csv = folder.put("s.csv", bad.as_bytes());
    assert!(refusal(&["inspect", "match", "--export", &file, "--sightings", &csv]).contains("line 3: rpi_hex"));
}
