//! Writes an export of N keys to a counting sink and prints size, CPU time and peak memory as JSON.
//!
//! `cargo run --release -p protocol --example export_bench -- 1000000`

use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::export::{ALGORITHM, ExportHeader, ExportWriter, SignatureInfo, Sink};
use protocol::proximity::RollingPeriod;
use protocol::signature::SecretKey;
use protocol::time::{IntervalNumber, UnixSeconds};

struct Counter(u64);

impl Sink for Counter {
    type Error = std::convert::Infallible;
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0 += bytes.len() as u64;
        Ok(())
    }
}

fn main() {
    let n: u64 = std::env::args()
        .nth(1)
        .and_then(|a| a.parse().ok())
        .unwrap_or(1_000_000);
    let before = peak_kib();
    let signer = SecretKey::from_bytes(&[3; 32]).expect("in range");
    let info = SignatureInfo {
        key_version: "v1".into(),
        key_id: "82".into(),
        algorithm: ALGORITHM.into(),
    };
    let header = ExportHeader {
        start: UnixSeconds(1_626_048_000),
        end: UnixSeconds(1_626_051_600),
        region: "82".into(),
        batch_num: 1,
        batch_size: 1,
        signature_infos: vec![info],
    };
    let mut writer = ExportWriter::new(Counter(0), header).expect("a counter takes all");
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let step = u64::MAX / n;
    for i in 0..n {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        writer
            .push(&key(i * step + mix(random) % step, mix(random ^ i)))
            .expect("ascending by construction");
    }
    let bytes = writer.finish(&signer).expect("a counter takes all").0;
    println!(
        "{{\"keys\":{n},\"bytes\":{bytes},\"bytes_per_key\":{:.3},\"cpu_seconds\":{:.3},\"peak_growth_kib\":{}}}",
        bytes as f64 / n as f64,
        cpu_seconds(),
        peak_kib() - before
    );
}

/// A key with random bytes and the fields a real period has: 14 days, one report type, onsets within a week.
fn key(high: u64, low: u64) -> DiagnosisKey {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    DiagnosisKey {
        key: bytes,
        rolling_start: IntervalNumber(2_710_080 - 144 * (low % 14) as u32),
        rolling_period: RollingPeriod::DAY,
        report_type: ReportType::ConfirmedTest,
        transmission_risk: 0,
        days_since_onset: Some((low % 14) as i8 - 7),
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Returns user and system time of this process; ticks are hundredths of a second on Linux.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
