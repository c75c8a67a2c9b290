//! The risk configuration: everything a region may change, in one document the keys side signs.
//!
//! Start at [`RiskConfig::vietnam_default`] or [`RiskConfig::parse`]. A value of [`RiskConfig`] is valid by construction.
//! The JSON names are those of GAEN's `DailySummariesConfig` and `DiagnosisKeysDataMapping`; `notice`, `requireAemMac`
//! and `scan` are ours.

use protocol::diagnosis::ReportType;
use serde::{Deserialize, Serialize};

use crate::{
    attenuation::Decibels,
    infectiousness::{Infectiousness, InfectiousnessMap},
};

mod raw;
use raw::RawRiskConfig;

/// Largest configuration document accepted, in bytes.
pub const MAX_CONFIG_BYTES: usize = 64 * 1024;

/// When a day is worth a notice (R8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeRule {
    /// Daily weighted minutes from which on a notice is shown.
    pub threshold_minutes: u16,
}

impl Default for NoticeRule {
    fn default() -> Self {
        Self { threshold_minutes: 15 }
    }
}

/// How much of the time devices scan (R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanDuty {
    /// Length of a scan, 1..=60.
    pub scan_seconds: u16,
    /// Pause between the starts of two scans when nobody is near, up to 3600.
    pub base_seconds: u16,
    /// The same while somebody is near.
    pub dense_seconds: u16,
    /// How long company is believed to last after the last sighting.
    pub company_seconds: u16,
    /// Share of a UTC day that may be spent scanning, in tenths of a per cent.
    pub budget_per_mille: u16,
}

impl Default for ScanDuty {
    fn default() -> Self {
        Self {
            scan_seconds: 2,
            base_seconds: 120,
            dense_seconds: 60,
            company_seconds: 300,
            budget_per_mille: 19,
        }
    }
}

/// A valid risk configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRiskConfig", into = "RawRiskConfig")]
pub struct RiskConfig {
    thresholds: [u8; 3],
    attenuation_weights: [f64; 4],
    infectiousness: InfectiousnessMap,
    infectiousness_weights: [f64; 3],
    report_type_weights: [f64; 6],
    report_type_when_missing: ReportType,
    minimum_window_score: f64,
    days_since_exposure_threshold: u16,
    notice: NoticeRule,
    require_aem_mac: bool,
    scan: ScanDuty,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// Longer than [`MAX_CONFIG_BYTES`].
    #[error("a configuration of {0} bytes is too long")]
    TooLong(usize),
    /// Not the JSON of a configuration; the text names line and column.
    #[error("{0}")]
    Json(String),
    /// A weight outside 0..=2.5, or not as many as needed (R5, R6).
    #[error("{0} needs {1} weights, each from 0 to 2.5")]
    Weights(&'static str, usize),
    /// Thresholds that do not increase (R5).
    #[error("attenuationBucketThresholdDb needs 3 increasing numbers from 0 to 255 (R5)")]
    Thresholds,
    /// A day or level that does not exist (R4).
    #[error("daysSinceOnsetToInfectiousness needs levels for days from -14 to 14 (R4)")]
    Infectiousness,
    /// A negative or infinite minimum (R7).
    #[error("minimumWindowScore must be a number from 0 (R7)")]
    MinimumWindowScore,
    /// A notice rule that would never or always ring (R8).
    #[error("notice.thresholdMinutes must be from 1 to 1440 (R8)")]
    Notice,
    /// Scan settings out of range or in contradiction (R9).
    #[error("scan: scanSeconds <= denseSeconds <= baseSeconds <= 3600, budgetPerMille from 1 to 1000 (R9)")]
    Scan,
}

impl RiskConfig {
    /// Returns the configuration that ships: Viet Nam's close-contact rule of 11042/BYT-DP, at least 15 minutes within
    /// 2 metres from 2 days before onset (R10). The attenuation thresholds are SwissCovid's published 55 and 63 dB.
    pub fn vietnam_default() -> Self {
        let mut by_day = [Infectiousness::None; crate::infectiousness::DAYS];
        by_day[12..].fill(Infectiousness::Standard);
        Self {
            thresholds: [55, 63, 73],
            attenuation_weights: [1.0, 0.5, 0.0, 0.0],
            infectiousness: InfectiousnessMap {
                by_day,
                when_missing: Infectiousness::Standard,
            },
            infectiousness_weights: [0.0, 1.0, 1.0],
            report_type_weights: [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            report_type_when_missing: ReportType::ConfirmedTest,
            minimum_window_score: 0.0,
            days_since_exposure_threshold: 14,
            notice: NoticeRule::default(),
            require_aem_mac: true,
            scan: ScanDuty::default(),
        }
    }

    /// Returns the same configuration with every day infectious, for evaluations that know no onset (R4).
    pub fn with_every_day_infectious(mut self) -> Self {
        self.infectiousness = InfectiousnessMap {
            by_day: [Infectiousness::Standard; crate::infectiousness::DAYS],
            when_missing: Infectiousness::Standard,
        };
        self
    }

    /// Reads a configuration from JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`] on unknown fields and on every value out of its range.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidConfig> {
        if json.len() > MAX_CONFIG_BYTES {
            return Err(InvalidConfig::TooLong(json.len()));
        }
        let raw: RawRiskConfig =
            serde_json::from_slice(json).map_err(|error| InvalidConfig::Json(error.to_string()))?;
        Self::try_from(raw)
    }

    /// Returns the bucket of an attenuation, 0..=3; thresholds are inclusive (R5).
    pub fn bucket(&self, attenuation: Decibels) -> usize {
        let position = self
            .thresholds
            .iter()
            .position(|&threshold| attenuation.0 <= i16::from(threshold));
        position.unwrap_or(self.thresholds.len())
    }

    /// Returns the weights of the four attenuation buckets, each 0..=2.5 (R5).
    pub fn attenuation_weights(&self) -> [f64; 4] {
        self.attenuation_weights
    }

    /// Returns the infectiousness by days since onset (R4).
    pub fn infectiousness(&self) -> &InfectiousnessMap {
        &self.infectiousness
    }

    /// Returns the weight of a level, 0..=2.5 (R6).
    pub fn infectiousness_weight(&self, level: Infectiousness) -> f64 {
        self.infectiousness_weights[level as usize]
    }

    /// Returns the weight of a report type, 0..=2.5 (R6).
    pub fn report_type_weight(&self, report_type: ReportType) -> f64 {
        self.report_type_weights
            .get(report_type.number() as usize)
            .copied()
            .unwrap_or(0.0)
    }

    /// Returns the report type that counts for a key: the configured default where the key states none (R4).
    pub fn report_type(&self, stated: ReportType) -> ReportType {
        if stated == ReportType::Unknown {
            self.report_type_when_missing
        } else {
            stated
        }
    }

    /// Returns the least score a window needs to count, 0 for all (R7).
    pub fn minimum_window_score(&self) -> f64 {
        self.minimum_window_score
    }

    /// Returns how many days back exposures count, 0 for all (R7).
    pub fn days_since_exposure_threshold(&self) -> u16 {
        self.days_since_exposure_threshold
    }

    /// Returns when a day is worth a notice (R8).
    pub fn notice(&self) -> NoticeRule {
        self.notice
    }

    /// Returns whether keys of our own region must pass the metadata's MAC (docs/spec/proximity.md P4).
    pub fn requires_aem_mac(&self) -> bool {
        self.require_aem_mac
    }

    /// Returns how much devices scan (R9).
    pub fn scan(&self) -> ScanDuty {
        self.scan
    }
}

#[cfg(test)]
mod tests;
