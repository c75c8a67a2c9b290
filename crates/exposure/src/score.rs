//! Exposure windows → daily summaries, as GAEN's exposure window mode defines them.

use protocol::{diagnosis::ReportType, time::UtcDay};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::{config::RiskConfig, window::ExposureWindow};

/// Sums over the windows of a day; seconds when all weights are 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExposureSummaryData {
    /// Largest window score.
    pub maximum_score: f64,
    /// Sum of the window scores.
    pub score_sum: f64,
    /// Sum of the weighted durations.
    pub weighted_duration_sum: f64,
}

/// What a UTC day's windows add up to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DailySummary {
    /// The day.
    #[serde(rename = "daysSinceEpoch")]
    pub day: UtcDay,
    /// Over all report types.
    pub summary_data: ExposureSummaryData,
    /// By report type; types without a window are left out.
    pub report_summaries: BTreeMap<ReportType, ExposureSummaryData>,
}

/// Returns seconds × attenuation weight over the scans of a window (R5).
///
/// * returns weighted seconds, `0.0..`
pub fn weighted_duration(window: &ExposureWindow, config: &RiskConfig) -> f64 {
    let mut seconds = [0u64; 4];
    for scan in &window.scan_instances {
        seconds[config.bucket(scan.typical)] += u64::from(scan.seconds_since_last_scan);
    }
    let weights = config.attenuation_weights();
    // Exact: a phone cannot fill 2^53 seconds.
    seconds
        .iter()
        .zip(weights)
        .map(|(&seconds, weight)| seconds as f64 * weight)
        .sum()
}

/// Returns the window's score: weighted duration × report type weight × infectiousness weight (R6).
pub fn window_score(window: &ExposureWindow, config: &RiskConfig) -> f64 {
    weighted_duration(window, config)
        * config.report_type_weight(window.report_type)
        * config.infectiousness_weight(window.infectiousness)
}

/// Returns one summary a day that has a window, in the order of days (R7).
///
/// * `today`: days further back than `daysSinceExposureThreshold` are left out when that is not 0
pub fn daily_summaries(windows: &[ExposureWindow], config: &RiskConfig, today: UtcDay) -> Vec<DailySummary> {
    let mut days: BTreeMap<UtcDay, BTreeMap<ReportType, ExposureSummaryData>> = BTreeMap::new();
    for window in windows.iter().filter(|window| counts(window, config, today)) {
        let day = days.entry(window.day).or_default();
        let score = window_score(window, config);
        if score >= config.minimum_window_score() {
            day.entry(window.report_type)
                .or_default()
                .add(score, weighted_duration(window, config));
        }
    }
    days.into_iter()
        .map(|(day, reports)| DailySummary::new(day, reports))
        .collect()
}

/// Withdrawn keys and keys of unknown kind count for nothing, nor do days too far back (R7).
fn counts(window: &ExposureWindow, config: &RiskConfig, today: UtcDay) -> bool {
    let told = !matches!(window.report_type, ReportType::Unknown | ReportType::Revoked);
    let threshold = config.days_since_exposure_threshold();
    told && (threshold == 0 || today.days_since(window.day) <= i64::from(threshold))
}

impl ExposureSummaryData {
    fn add(&mut self, score: f64, weighted_duration: f64) {
        self.maximum_score = self.maximum_score.max(score);
        self.score_sum += score;
        self.weighted_duration_sum += weighted_duration;
    }
}

impl DailySummary {
    fn new(day: UtcDay, report_summaries: BTreeMap<ReportType, ExposureSummaryData>) -> Self {
        let mut summary_data = ExposureSummaryData::default();
        for report in report_summaries.values() {
            summary_data.maximum_score = summary_data.maximum_score.max(report.maximum_score);
            summary_data.score_sum += report.score_sum;
            summary_data.weighted_duration_sum += report.weighted_duration_sum;
        }
        Self {
            day,
            summary_data,
            report_summaries,
        }
    }
}
