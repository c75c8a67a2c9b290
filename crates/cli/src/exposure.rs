//! `vunglam exposure`: what exposure windows amount to under a risk configuration (docs/spec/risk.md).

use std::path::PathBuf;

use clap::Subcommand;
use exposure::{
    config::{MAX_CONFIG_BYTES, RiskConfig},
    notice,
    score::{DailySummary, ExposureSummaryData, daily_summaries},
    window::ExposureWindow,
};
use protocol::time::UtcDay;
use serde::{Deserialize, Serialize};

use crate::output::{Failure, Outcome, print, read_file};

/// Largest file of windows read, in bytes.
const MAX_WINDOWS: u64 = 64 * 1024 * 1024;

#[derive(Subcommand)]
pub(crate) enum Exposure {
    /// Score exposure windows by day and in total.
    Score(Args),
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Risk configuration, JSON with GAEN's names.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Exposure windows: a JSON array, or an object with `exposureWindows`.
    #[arg(long, value_name = "FILE")]
    windows: PathBuf,
    /// Day since the epoch that counts as today for `daysSinceExposureThreshold`; by default the newest window's.
    #[arg(long, value_name = "DAY")]
    today: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Windows {
    Array(Vec<ExposureWindow>),
    Named {
        #[serde(rename = "exposureWindows")]
        exposure_windows: Vec<ExposureWindow>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    daily_summaries: Vec<DailySummary>,
    total: ExposureSummaryData,
    notices: Vec<Notice>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    days_since_epoch: UtcDay,
    weighted_minutes: f64,
}

pub(crate) fn run(command: Exposure, json: bool) -> Outcome {
    let Exposure::Score(args) = command;
    let named = |path: &PathBuf, error: String| Failure::new(format!("{}: {error}", path.display()));
    let config = read_file(&args.config, MAX_CONFIG_BYTES as u64)?;
    let config = RiskConfig::parse(&config).map_err(|error| named(&args.config, error.to_string()))?;
    let windows = read_file(&args.windows, MAX_WINDOWS)?;
    let windows = read_windows(&windows).map_err(|error| named(&args.windows, error))?;
    let newest = windows.iter().map(|window| window.day).max().unwrap_or(UtcDay(0));
    let daily = daily_summaries(&windows, &config, args.today.map_or(newest, UtcDay));
    let notices = notice::notice_days(&daily, &config)
        .iter()
        .map(|day| Notice {
            days_since_epoch: day.day,
            weighted_minutes: day.weighted_minutes,
        })
        .collect();
    print(
        json,
        &Report {
            total: total(&daily),
            daily_summaries: daily,
            notices,
        },
        text,
    )
}

/// Tells apart the two forms first, so that an error names the window that is wrong.
fn read_windows(json: &[u8]) -> Result<Vec<ExposureWindow>, String> {
    let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        return serde_json::from_slice(json).map_err(|error| error.to_string());
    }
    match serde_json::from_slice(json).map_err(|error| error.to_string())? {
        Windows::Array(windows)
        | Windows::Named {
            exposure_windows: windows,
        } => Ok(windows),
    }
}

fn total(daily: &[DailySummary]) -> ExposureSummaryData {
    let days = daily.iter().map(|day| day.summary_data);
    days.fold(ExposureSummaryData::default(), |sum, day| ExposureSummaryData {
        maximum_score: sum.maximum_score.max(day.maximum_score),
        score_sum: sum.score_sum + day.score_sum,
        weighted_duration_sum: sum.weighted_duration_sum + day.weighted_duration_sum,
    })
}

fn text(report: &Report) -> String {
    let line = |label: String, data: &ExposureSummaryData| {
        format!(
            "{label:>12}  score sum {:.1}  maximum {:.1}  weighted seconds {:.1}\n",
            data.score_sum, data.maximum_score, data.weighted_duration_sum
        )
    };
    let mut out = String::new();
    for day in &report.daily_summaries {
        out += &line(format!("day {}", day.day.0), &day.summary_data);
    }
    out += &line("total".into(), &report.total);
    for notice in &report.notices {
        out += &format!(
            "notice for day {}: {:.1} minutes\n",
            notice.days_since_epoch.0, notice.weighted_minutes
        );
    }
    out
}
