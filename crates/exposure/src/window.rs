//! Scans of one diagnosis key → exposure windows of at most 30 minutes.
//!
//! JSON carries GAEN's own names; a window names no counterpart and no time of day.

use protocol::{
    diagnosis::ReportType,
    time::{UnixSeconds, UtcDay},
};
use serde::{Deserialize, Serialize};

use crate::{attenuation::Decibels, config::RiskConfig, flexible, infectiousness::Infectiousness};

/// A window starts anew this many seconds after its first scan (R3).
pub const WINDOW_SECONDS: i64 = 30 * 60;
/// Longest time one scan stands for, in seconds (R2).
pub const MAX_SCAN_SECONDS: u32 = 300;
/// Time a scan stands for when the one before is unknown, in seconds (R2).
pub const UNKNOWN_SCAN_SECONDS: u32 = 120;

/// One diagnosis key as heard in one scan, or in a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardScan {
    /// Start of the scan.
    pub at: UnixSeconds,
    /// Rounded mean attenuation of the packets.
    pub typical: Decibels,
    /// Attenuation of the strongest packet.
    pub min: Decibels,
    /// Number of packets, at least 1.
    pub packets: u16,
    /// Seconds the scan stands for, `None` when the scan before is unknown.
    pub seconds_since_last_scan: Option<u32>,
    /// The sender's calibration confidence, 0..=3.
    pub calibration_confidence: u8,
}

/// What an export says of a diagnosis key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagnosisFacts {
    /// Kind of diagnosis.
    pub report_type: ReportType,
    /// Days from onset of symptoms to the key's day.
    pub days_since_onset: Option<i8>,
}

/// One scan of an exposure window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanInstance {
    /// Rounded mean attenuation.
    #[serde(rename = "typicalAttenuationDb")]
    pub typical: Decibels,
    /// Least attenuation.
    #[serde(rename = "minAttenuationDb")]
    pub min: Decibels,
    /// Seconds the scan stands for, 0..=300.
    pub seconds_since_last_scan: u32,
}

/// At most 30 minutes near one diagnosis key, on one UTC day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExposureWindow {
    /// Day of the window; GAEN tells no finer time.
    #[serde(rename = "dateMillisSinceEpoch", with = "day_millis")]
    pub day: UtcDay,
    /// Kind of diagnosis, the configured default where the key states none.
    #[serde(deserialize_with = "flexible::deserialize_report_type")]
    pub report_type: ReportType,
    /// The case's infectiousness on that day.
    pub infectiousness: Infectiousness,
    /// The sender's calibration confidence, 0..=3.
    #[serde(default)]
    pub calibration_confidence: u8,
    /// Scans in the order of time.
    pub scan_instances: Vec<ScanInstance>,
}

/// Cuts the scans of one diagnosis key into windows (R2, R3, R4).
///
/// * `scans`: in any order; those with the same start belong to one scan and are averaged by their packets
/// * returns windows in the order of time; none when there is no scan
pub fn exposure_windows(facts: DiagnosisFacts, scans: &[HeardScan], config: &RiskConfig) -> Vec<ExposureWindow> {
    let mut windows: Vec<ExposureWindow> = Vec::new();
    let mut started: Option<UnixSeconds> = None;
    for scan in merged(scans) {
        let goes_on = started.is_some_and(|start| scan.at.0 - start.0 < WINDOW_SECONDS && scan.at.day() == start.day());
        if !goes_on {
            started = Some(scan.at);
            windows.push(ExposureWindow {
                day: scan.at.day(),
                report_type: config.report_type(facts.report_type),
                infectiousness: config.infectiousness().level(facts.days_since_onset),
                calibration_confidence: scan.calibration_confidence,
                scan_instances: Vec::new(),
            });
        }
        let window = windows.last_mut().expect("a window was opened above");
        window.scan_instances.push(instance(&scan));
    }
    windows
}

fn instance(scan: &HeardScan) -> ScanInstance {
    let seconds = scan.seconds_since_last_scan.unwrap_or(UNKNOWN_SCAN_SECONDS);
    ScanInstance {
        typical: scan.typical,
        min: scan.min,
        seconds_since_last_scan: seconds.min(MAX_SCAN_SECONDS),
    }
}

/// Returns one entry a scan, in the order of time: an identifier may change in the middle of a scan (R2).
fn merged(scans: &[HeardScan]) -> Vec<HeardScan> {
    let mut sorted = scans.to_vec();
    sorted.sort_by_key(|scan| scan.at);
    let mut parts = sorted.chunk_by(|a, b| a.at == b.at).collect::<Vec<_>>();
    parts.drain(..).map(average).collect()
}

fn average(parts: &[HeardScan]) -> HeardScan {
    let packets: i32 = parts.iter().map(|part| i32::from(part.packets.max(1))).sum();
    let sum: i32 = parts
        .iter()
        .map(|part| i32::from(part.typical.0) * i32::from(part.packets.max(1)))
        .sum();
    let min = parts.iter().map(|part| part.min).min().unwrap_or(parts[0].min);
    let typical = Decibels(i16::try_from(rounded_mean(sum, packets)).unwrap_or(i16::MAX));
    HeardScan {
        typical,
        min,
        packets: u16::try_from(packets).unwrap_or(u16::MAX),
        ..parts[0]
    }
}

/// Rounds half up, as Java's `Math.round` does in GAEN.
fn rounded_mean(sum: i32, count: i32) -> i32 {
    (2 * sum + count).div_euclid(2 * count)
}

mod day_millis {
    use super::{UnixSeconds, UtcDay};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &UtcDay, to: S) -> Result<S::Ok, S::Error> {
        (day.start().0 * 1000).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UtcDay, D::Error> {
        i64::deserialize(from).map(|millis| UnixSeconds(millis.div_euclid(1000)).day())
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
