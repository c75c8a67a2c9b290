//! The configuration's JSON form and its checks.

use protocol::diagnosis::ReportType;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::{InvalidConfig, NoticeRule, RiskConfig, ScanDuty};
use crate::{
    flexible::{self, Listed, REPORT_TYPES},
    infectiousness::{DAYS, Infectiousness, InfectiousnessMap, MAX_DAYS_FROM_ONSET},
};

/// Largest weight (GAEN).
const MAX_WEIGHT: f64 = 2.5;

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawRiskConfig {
    #[serde(alias = "attenuationBucketThresholds")]
    attenuation_bucket_threshold_db: Vec<u8>,
    attenuation_bucket_weights: Vec<f64>,
    #[serde(
        alias = "infectiousnessForDaysSinceOnset",
        alias = "infectiousnessForDaysSinceOnsetOfSymptoms",
        default = "default_levels"
    )]
    days_since_onset_to_infectiousness: Levels,
    #[serde(default = "standard")]
    infectiousness_when_days_since_onset_missing: Infectiousness,
    infectiousness_weights: Weights,
    report_type_weights: Weights,
    #[serde(default = "confirmed_test", deserialize_with = "flexible::deserialize_report_type")]
    report_type_when_missing: ReportType,
    #[serde(default)]
    minimum_window_score: f64,
    #[serde(default)]
    days_since_exposure_threshold: u16,
    #[serde(default)]
    notice: NoticeRule,
    #[serde(default = "yes")]
    require_aem_mac: bool,
    #[serde(default)]
    scan: ScanDuty,
}

/// Weights by number, or by name; written by name, so that a reader need not count.
#[derive(Clone, Deserialize)]
#[serde(from = "Listed<f64>")]
enum Weights {
    Array(Vec<f64>),
    Named(Vec<(String, f64)>),
}

impl From<Listed<f64>> for Weights {
    fn from(listed: Listed<f64>) -> Self {
        match listed {
            Listed::Array(values) => Self::Array(values),
            Listed::Map(values) => Self::Named(values.into_iter().collect()),
        }
    }
}

impl Serialize for Weights {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Array(values) => values.serialize(to),
            Self::Named(values) => to.collect_map(values.iter().map(|(name, weight)| (name, weight))),
        }
    }
}

/// Levels of the 29 days.
#[derive(Clone, Deserialize)]
#[serde(from = "RawLevels")]
struct Levels(Option<[Infectiousness; DAYS]>);

#[derive(Deserialize)]
#[serde(untagged)]
enum RawLevels {
    Entries(Vec<DayLevel>),
    Listed(Listed<Infectiousness>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DayLevel {
    days_since_onset_of_symptoms: i8,
    infectiousness: Infectiousness,
}

impl From<RawLevels> for Levels {
    fn from(raw: RawLevels) -> Self {
        Self(match raw {
            RawLevels::Listed(listed) => listed.array(|day| position(day.parse().ok()?)),
            RawLevels::Entries(entries) => {
                let mut levels = [Infectiousness::None; DAYS];
                let set = |entry: &DayLevel| {
                    levels[position(entry.days_since_onset_of_symptoms)?] = entry.infectiousness;
                    Some(())
                };
                entries.iter().map(set).collect::<Option<()>>().map(|()| levels)
            }
        })
    }
}

impl Serialize for Levels {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let levels = self.0.unwrap_or([Infectiousness::None; DAYS]);
        let mut map = to.serialize_map(Some(DAYS))?;
        for (day, level) in (-MAX_DAYS_FROM_ONSET..=MAX_DAYS_FROM_ONSET).zip(levels) {
            map.serialize_entry(&day.to_string(), &level)?;
        }
        map.end()
    }
}

fn position(day: i8) -> Option<usize> {
    usize::try_from(i16::from(day) + i16::from(MAX_DAYS_FROM_ONSET))
        .ok()
        .filter(|&index| index < DAYS)
}

fn default_levels() -> Levels {
    Levels(Some(RiskConfig::vietnam_default().infectiousness.by_day))
}

fn standard() -> Infectiousness {
    Infectiousness::Standard
}

fn confirmed_test() -> ReportType {
    ReportType::ConfirmedTest
}

fn yes() -> bool {
    true
}

fn weights<const N: usize>(
    raw: Weights,
    name: &'static str,
    position: impl Fn(&str) -> Option<usize>,
) -> Result<[f64; N], InvalidConfig> {
    let listed = match raw {
        Weights::Array(values) => Listed::Array(values),
        Weights::Named(values) => Listed::Map(values.into_iter().collect()),
    };
    let weights = listed
        .array(position)
        .filter(|all| all.iter().all(|weight| (0.0..=MAX_WEIGHT).contains(weight)));
    weights.ok_or(InvalidConfig::Weights(name, N))
}

impl TryFrom<RawRiskConfig> for RiskConfig {
    type Error = InvalidConfig;

    fn try_from(raw: RawRiskConfig) -> Result<Self, InvalidConfig> {
        let thresholds = <[u8; 3]>::try_from(raw.attenuation_bucket_threshold_db);
        let thresholds = thresholds
            .ok()
            .filter(|t| t.is_sorted_by(|a, b| a < b))
            .ok_or(InvalidConfig::Thresholds)?;
        let in_order = |_: &str| None;
        let level = |name: &str| Infectiousness::parse(name).map(|level| level as usize);
        let report = |name: &str| flexible::report_type(name).map(|kind| kind.number() as usize);
        if !(raw.minimum_window_score.is_finite() && raw.minimum_window_score >= 0.0) {
            return Err(InvalidConfig::MinimumWindowScore);
        }
        if !(1..=1440).contains(&raw.notice.threshold_minutes) {
            return Err(InvalidConfig::Notice);
        }
        Ok(Self {
            thresholds,
            attenuation_weights: weights(
                Weights::Array(raw.attenuation_bucket_weights),
                "attenuationBucketWeights",
                in_order,
            )?,
            infectiousness: InfectiousnessMap {
                by_day: raw
                    .days_since_onset_to_infectiousness
                    .0
                    .ok_or(InvalidConfig::Infectiousness)?,
                when_missing: raw.infectiousness_when_days_since_onset_missing,
            },
            infectiousness_weights: weights(raw.infectiousness_weights, "infectiousnessWeights", level)?,
            report_type_weights: weights(raw.report_type_weights, "reportTypeWeights", report)?,
            report_type_when_missing: raw.report_type_when_missing,
            minimum_window_score: raw.minimum_window_score,
            days_since_exposure_threshold: raw.days_since_exposure_threshold,
            notice: raw.notice,
            require_aem_mac: raw.require_aem_mac,
            scan: checked_scan(raw.scan)?,
        })
    }
}

fn checked_scan(scan: ScanDuty) -> Result<ScanDuty, InvalidConfig> {
    let in_order = (1..=60).contains(&scan.scan_seconds)
        && scan.scan_seconds <= scan.dense_seconds
        && scan.dense_seconds <= scan.base_seconds
        && scan.base_seconds <= 3600
        && scan.company_seconds <= 3600
        && (1..=1000).contains(&scan.budget_per_mille);
    in_order.then_some(scan).ok_or(InvalidConfig::Scan)
}

impl From<RiskConfig> for RawRiskConfig {
    fn from(config: RiskConfig) -> Self {
        let levels = Infectiousness::ALL.map(|level| (level.name().to_owned(), config.infectiousness_weight(level)));
        let reports = REPORT_TYPES.map(|(kind, name)| (name.to_owned(), config.report_type_weight(kind)));
        Self {
            attenuation_bucket_threshold_db: config.thresholds.to_vec(),
            attenuation_bucket_weights: config.attenuation_weights.to_vec(),
            days_since_onset_to_infectiousness: Levels(Some(config.infectiousness.by_day)),
            infectiousness_when_days_since_onset_missing: config.infectiousness.when_missing,
            infectiousness_weights: Weights::Named(levels.to_vec()),
            report_type_weights: Weights::Named(reports.to_vec()),
            report_type_when_missing: config.report_type_when_missing,
            minimum_window_score: config.minimum_window_score,
            days_since_exposure_threshold: config.days_since_exposure_threshold,
            notice: config.notice,
            require_aem_mac: config.require_aem_mac,
            scan: config.scan,
        }
    }
}
