//! Matches generated diagnosis keys against generated identifiers on one core and prints what it cost.
//!
//! `match_bench KEYS IDS` plants 20 of the keys among the identifiers and exits with 1 unless exactly those are found.
//! CPU time is the process's own (`/proc/self/schedstat`, else `/proc/self/stat`).

use device::matching::Matcher;
use protocol::{
    diagnosis::{DiagnosisKey, ReportType},
    proximity::{ProximityKeys, RollingPeriod, RollingProximityIdentifier, TemporaryExposureKey},
    time::IntervalNumber,
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use std::process::ExitCode;

const PLANTED: usize = 20;
const START: IntervalNumber = IntervalNumber(2_710_080);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let (Some(Ok(keys)), Some(Ok(ids)), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: match_bench KEYS IDS");
        return ExitCode::from(2);
    };
    if keys < PLANTED || ids < PLANTED {
        eprintln!("at least {PLANTED} keys and {PLANTED} identifiers are needed");
        return ExitCode::from(2);
    }
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let keys: Vec<DiagnosisKey> = (0..keys).map(|_| diagnosis_key(&mut rng)).collect();
    let planted: Vec<usize> = (0..PLANTED).map(|n| n * (keys.len() / PLANTED)).collect();
    let mut observed: Vec<_> = (PLANTED..ids)
        .map(|_| RollingProximityIdentifier(random(&mut rng)))
        .collect();
    observed.extend(planted.iter().enumerate().map(|(n, &at)| {
        let tek = TemporaryExposureKey::from_bytes(keys[at].key);
        ProximityKeys::derive(&tek).identifier(START.offset((n * 7) as i64))
    }));

    let before = cpu_seconds();
    let matches = Matcher::new(&observed).matches(&keys);
    let cpu_seconds = cpu_seconds() - before;

    let found: Vec<usize> = matches.iter().map(|found| found.key).collect();
    println!(
        r#"{{"keys":{},"ids":{},"hits":{},"cpu_seconds":{cpu_seconds:.6}}}"#,
        keys.len(),
        observed.len(),
        found.len()
    );
    if found == planted {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn diagnosis_key(rng: &mut ChaCha20Rng) -> DiagnosisKey {
    DiagnosisKey {
        key: random(rng),
        rolling_start: START,
        rolling_period: RollingPeriod::DAY,
        report_type: ReportType::ConfirmedTest,
        transmission_risk: 0,
        days_since_onset: None,
    }
}

fn random(rng: &mut ChaCha20Rng) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// Returns the CPU time this process has used; one thread, so that is the core's.
fn cpu_seconds() -> f64 {
    if let Some(nanoseconds) = std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
    {
        return nanoseconds / 1e9;
    }
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux with /proc");
    // Fields after the command, which may hold spaces: utime and stime are the 12th and 13th, in 1/100 s.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number of clock ticks");
    (ticks(11) + ticks(12)) / 100.0
}
