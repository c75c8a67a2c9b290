//! Whether a day is worth an exposure notice.

use protocol::time::UtcDay;

use crate::{config::RiskConfig, score::DailySummary};

/// A day that calls for a notice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoticeDay {
    /// The day.
    pub day: UtcDay,
    /// Daily weighted minutes, at least the configured threshold.
    pub weighted_minutes: f64,
}

/// Returns the day's weighted minutes: its score sum in minutes (R8).
pub fn weighted_minutes(summary: &DailySummary) -> f64 {
    summary.summary_data.score_sum / 60.0
}

/// Returns the days whose weighted minutes reach the threshold, in their order (R8; 11042/BYT-DP: at least 15 minutes).
pub fn notice_days(summaries: &[DailySummary], config: &RiskConfig) -> Vec<NoticeDay> {
    // Compared in seconds: those are exact where minutes are not.
    let threshold_seconds = f64::from(config.notice().threshold_minutes) * 60.0;
    let reached = summaries
        .iter()
        .filter(|summary| summary.summary_data.score_sum >= threshold_seconds);
    reached
        .map(|summary| NoticeDay {
            day: summary.day,
            weighted_minutes: weighted_minutes(summary),
        })
        .collect()
}
