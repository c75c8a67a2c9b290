//! What was heard of matched diagnosis keys, one record a UTC day; the ground of every notice.
//!
//! Stored as scans, not as a verdict: when the region changes its configuration the days are scored anew.

use crate::{
    sighting::Sighting,
    state,
    store::{Store, StoreFailed, Table},
};
use exposure::{
    attenuation::{Decibels, attenuation},
    config::RiskConfig,
    window::{DiagnosisFacts, ExposureWindow, HeardScan, exposure_windows},
};
use protocol::{
    diagnosis::{DiagnosisKey, ReportType},
    proximity::Metadata,
    time::{IntervalNumber, UnixSeconds, UtcDay},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};

/// Keys kept of one day; more than any honest day brings.
const MAX_KEYS_PER_DAY: usize = 1000;

/// One identifier of a matched key in one scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scan {
    at: UnixSeconds,
    typical: Decibels,
    min: Decibels,
    packets: u8,
    /// Seconds the scan stands for.
    seconds: u16,
    confidence: u8,
}

impl Scan {
    /// Returns `None` when the sender states an implausible transmit power (docs/spec/risk.md R1).
    pub(crate) fn new(interval: IntervalNumber, sighting: &Sighting, metadata: &Metadata) -> Option<Self> {
        let attenuation = |rssi| attenuation(metadata.tx_power_dbm, rssi, 0).ok();
        Some(Self {
            at: sighting.at(interval),
            typical: attenuation(sighting.typical_rssi_dbm)?,
            min: attenuation(sighting.strongest_rssi_dbm)?,
            packets: sighting.packets,
            seconds: sighting.scan_seconds(),
            confidence: metadata.version >> 2 & 3,
        })
    }

    /// Returns the UTC day of the scan.
    pub(crate) fn day(&self) -> UtcDay {
        self.at.day()
    }

    fn heard(&self) -> HeardScan {
        HeardScan {
            at: self.at,
            typical: self.typical,
            min: self.min,
            packets: self.packets.into(),
            seconds_since_last_scan: Some(self.seconds.into()),
            calibration_confidence: self.confidence,
        }
    }
}

/// A matched key on one day. The tag recognises it; the key itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ExposedKey {
    tag: u64,
    report_type: ReportType,
    days_since_onset: Option<i8>,
    scans: Vec<Scan>,
}

/// All that was heard of matched keys on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DayExposures {
    keys: Vec<ExposedKey>,
}

impl DayExposures {
    /// Returns whether no matched key was heard.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds what a scan heard of a key; keys beyond the cap are left out.
    pub(crate) fn add(&mut self, tag: u64, key: &DiagnosisKey, scan: Scan) {
        if let Some(held) = self.keys.iter_mut().find(|held| held.tag == tag) {
            held.scans.push(scan);
        } else if self.keys.len() < MAX_KEYS_PER_DAY {
            let (report_type, days_since_onset) = (key.report_type, key.days_since_onset);
            self.keys.push(ExposedKey {
                tag,
                report_type,
                days_since_onset,
                scans: vec![scan],
            });
        }
    }

    /// Gives the key of `tag` another report type.
    pub(crate) fn revise(&mut self, tag: u64, report_type: ReportType) {
        for key in self.keys.iter_mut().filter(|key| key.tag == tag) {
            key.report_type = report_type;
        }
    }

    /// Returns the exposure windows of all keys.
    pub(crate) fn windows(&self, config: &RiskConfig) -> Vec<ExposureWindow> {
        let of_key = |key: &ExposedKey| {
            let facts = DiagnosisFacts {
                report_type: key.report_type,
                days_since_onset: key.days_since_onset,
            };
            let scans: Vec<HeardScan> = key.scans.iter().map(Scan::heard).collect();
            exposure_windows(facts, &scans, config)
        };
        self.keys.iter().flat_map(of_key).collect()
    }
}

/// Returns a day's exposures.
pub(crate) fn find(store: &impl Store, day: UtcDay) -> Result<Option<DayExposures>, StoreFailed> {
    store
        .find(Table::Exposures, u64::from(day.0))?
        .as_ref()
        .map(state::read_json)
        .transpose()
}

/// Returns the exposures of every day.
pub(crate) fn all(store: &impl Store) -> Result<BTreeMap<UtcDay, DayExposures>, StoreFailed> {
    let records = store.range(Table::Exposures, 0, u64::MAX)?;
    records
        .iter()
        .map(|record| Ok((record.day, state::read_json(record)?)))
        .collect()
}

/// Returns a day's exposures for changing, as stored or as changed before.
pub(crate) fn day_mut<'a>(
    store: &impl Store,
    days: &'a mut BTreeMap<UtcDay, DayExposures>,
    day: UtcDay,
) -> Result<&'a mut DayExposures, StoreFailed> {
    match days.entry(day) {
        Entry::Occupied(held) => Ok(held.into_mut()),
        Entry::Vacant(free) => Ok(free.insert(find(store, day)?.unwrap_or_default())),
    }
}
