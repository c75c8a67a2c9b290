//! Exposures → at most one exposure notice a UTC day, and its reasons.

use crate::{
    device::Device,
    exposures::{self, DayExposures},
    state,
    store::{Change, Store, StoreFailed, Table},
};
use exposure::{
    attenuation::Decibels,
    config::RiskConfig,
    infectiousness::Infectiousness,
    notice,
    score::{self, daily_summaries},
    window::ExposureWindow,
};
use protocol::{
    diagnosis::ReportType,
    time::{UnixSeconds, UtcDay},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person is told about one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExposureNotice {
    /// UTC day of the exposure.
    pub day: UtcDay,
    /// Weighted minutes near confirmed cases.
    pub minutes: f64,
    /// When the device first decided it.
    pub decided_at: UnixSeconds,
    /// Whether a revised diagnosis or configuration took the ground away; the person is told that too.
    pub withdrawn: bool,
}

/// Why there is a notice for a day, or why there is none. Names no counterpart and no time of day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The day.
    pub day: UtcDay,
    /// Its weighted minutes.
    pub minutes: f64,
    /// Weighted minutes from which on there is a notice.
    pub threshold_minutes: u16,
    /// Exposure windows, the weightiest first.
    pub windows: Vec<ExplainedWindow>,
}

/// One exposure window with what it counts for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedWindow {
    /// Kind of diagnosis.
    pub report_type: ReportType,
    /// Its weight.
    pub report_type_weight: f64,
    /// Infectiousness on that day.
    pub infectiousness: Infectiousness,
    /// Its weight.
    pub infectiousness_weight: f64,
    /// Weighted minutes of the window.
    pub minutes: f64,
    /// Its scans.
    pub scans: Vec<ExplainedScan>,
}

/// One scan of a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedScan {
    /// Typical attenuation.
    pub typical_attenuation_db: Decibels,
    /// Least attenuation.
    pub min_attenuation_db: Decibels,
    /// Seconds the scan stands for.
    pub seconds: u32,
    /// Weight of its attenuation.
    pub weight: f64,
}

fn find(store: &impl Store, day: UtcDay) -> Result<Option<ExposureNotice>, StoreFailed> {
    store
        .find(Table::Notices, u64::from(day.0))?
        .as_ref()
        .map(state::read_json)
        .transpose()
}

/// Returns the notice of a day after its exposures changed; `None` when there is none and was none.
fn decide(
    day: UtcDay,
    exposures: &DayExposures,
    config: &RiskConfig,
    held: Option<&ExposureNotice>,
    now: UnixSeconds,
) -> Option<ExposureNotice> {
    // Days leave by retention, not by this rule, hence the day itself as "today".
    let summaries = daily_summaries(&exposures.windows(config), config, day);
    let minutes = summaries.iter().map(notice::weighted_minutes).sum();
    let withdrawn = notice::notice_days(&summaries, config).is_empty();
    if withdrawn && held.is_none() {
        return None;
    }
    let decided_at = held.filter(|held| !held.withdrawn).map_or(now, |held| held.decided_at);
    Some(ExposureNotice {
        day,
        minutes,
        decided_at,
        withdrawn,
    })
}

/// Decides the notices of days whose exposures or configuration changed.
///
/// Appends what to store and returns the days that have a notice now and had none before.
pub(crate) fn decide_days(
    store: &impl Store,
    days: &BTreeMap<UtcDay, DayExposures>,
    config: &RiskConfig,
    now: UnixSeconds,
    changes: &mut Vec<Change>,
) -> Result<Vec<UtcDay>, StoreFailed> {
    let mut new_notices = Vec::new();
    for (&day, exposures) in days {
        let held = find(store, day)?;
        let next = decide(day, exposures, config, held.as_ref(), now);
        if let Some(next) = next.filter(|next| held.as_ref() != Some(next)) {
            if !next.withdrawn && held.is_none_or(|held| held.withdrawn) {
                new_notices.push(day);
            }
            changes.push(state::put_json(Table::Notices, u64::from(day.0), day, &next));
        }
    }
    Ok(new_notices)
}

fn explain_window(window: &ExposureWindow, config: &RiskConfig) -> ExplainedWindow {
    let weights = config.attenuation_weights();
    let scans = window.scan_instances.iter().map(|scan| ExplainedScan {
        typical_attenuation_db: scan.typical,
        min_attenuation_db: scan.min,
        seconds: scan.seconds_since_last_scan,
        weight: weights[config.bucket(scan.typical)],
    });
    ExplainedWindow {
        report_type: window.report_type,
        report_type_weight: config.report_type_weight(window.report_type),
        infectiousness: window.infectiousness,
        infectiousness_weight: config.infectiousness_weight(window.infectiousness),
        minutes: score::window_score(window, config) / 60.0,
        scans: scans.collect(),
    }
}

impl<S: Store> Device<S> {
    /// Returns all notices kept, oldest day first, withdrawn ones included.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn notices(&self) -> Result<Vec<ExposureNotice>, StoreFailed> {
        self.store
            .range(Table::Notices, 0, u64::MAX)?
            .iter()
            .map(state::read_json)
            .collect()
    }

    /// Returns the reasons of a day's notice, or of there being none; `None` when no confirmed case was heard that day.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn explain(&self, day: UtcDay) -> Result<Option<Explanation>, StoreFailed> {
        let Some(config) = &self.engine.config else {
            return Ok(None);
        };
        let Some(exposures) = exposures::find(&self.store, day)? else {
            return Ok(None);
        };
        let windows = exposures.windows(config);
        let minutes = daily_summaries(&windows, config, day)
            .iter()
            .map(notice::weighted_minutes)
            .sum();
        let mut windows: Vec<_> = windows.iter().map(|window| explain_window(window, config)).collect();
        windows.sort_by(|a, b| b.minutes.total_cmp(&a.minutes));
        Ok(Some(Explanation {
            day,
            minutes,
            threshold_minutes: config.notice().threshold_minutes,
            windows,
        }))
    }
}
