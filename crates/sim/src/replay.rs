//! A recording of real contacts happens again: every covered person carries a real device, one of them is confirmed at
//! the end, and the others find out by themselves, through the real services in process.
//!
//! Start at [`run`]. [`crate::truth`] says what they should have found.

use std::collections::{BTreeMap, BTreeSet};

use device::{device::OpenError, store::StoreFailed, sync::BeginUploadError};
use exposure::config::RiskConfig;
use protocol::time::UnixSeconds;
use serde::Serialize;

use crate::{
    recording::{Person, Recording},
    search::Finding,
    seed::Seed,
    services::{ServiceFailed, Services},
    truth,
};

mod air;
mod index;
mod measure;
mod phones;

pub use measure::{ContactDay, PersonResult, Summary};
pub use phones::{FIRST_DAY, NEAR_ATTENUATION_DB, TX_POWER_DBM};

/// What to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayOptions {
    /// Whose diagnosis is confirmed at the end; `None` lets each covered person be the only case in turn.
    pub index: Option<Person>,
    /// Onset of symptoms, in seconds of the recording; without it every day is infectious (docs/spec/risk.md R4).
    pub onset_seconds: Option<i64>,
    /// Seconds between scans; without it devices scan as shipped.
    pub scan_interval_seconds: Option<u32>,
    /// Share of people who carry a device, 0 to 1.
    pub adoption: f64,
    /// Number all randomness grows from.
    pub seed: u64,
}

impl ReplayOptions {
    /// Opens fresh services with the signing keys of this replay. Without an onset every day is infectious: the keys side
    /// assumes one when it is not told, so the configuration gives all days one weight.
    fn services(&self, seed: &Seed, now: UnixSeconds) -> Result<Services, ServiceFailed> {
        let shipped = RiskConfig::vietnam_default();
        let risk = if self.onset_seconds.is_some() {
            shipped
        } else {
            shipped.with_every_day_infectious()
        };
        Services::open(&seed.child("services"), now, risk)
    }
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self {
            index: None,
            onset_seconds: None,
            scan_interval_seconds: None,
            adoption: 1.0,
            seed: 1,
        }
    }
}

/// What a replay is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Devices advertise, scan and synchronise.
    Radio,
    /// Cases are confirmed and the others find out.
    Cases,
}

/// Is told how far a stage is: stage, steps done, steps in all.
pub type Progress<'a> = dyn Fn(Stage, u64, u64) + Sync + 'a;

/// What a replay found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replay {
    /// Over all index persons.
    pub summary: Summary,
    /// Everybody of the recording, in its order.
    pub people: Vec<PersonResult>,
    /// Rows that the services of both sides hold after the first case, by table.
    pub server_rows: BTreeMap<String, u64>,
    /// Identifiers of the air found in what the services hold: none is right.
    pub identifiers_found: Vec<Finding>,
}

/// Why a replay ends early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The index person has no device, so nothing can be uploaded.
    #[error("the index person is not covered at this adoption and seed")]
    IndexNotCovered,
    /// Nobody is covered.
    #[error("nobody is covered at this adoption and seed")]
    NobodyCovered,
    /// A device advertises nothing.
    #[error("a device stays silent")]
    Silent,
    /// A device does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A device's store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
    /// The upload does not begin.
    #[error(transparent)]
    Upload(#[from] BeginUploadError),
    /// The upload ended otherwise than done.
    #[error("the upload was not accepted: {0}")]
    Refused(String),
    /// The services failed.
    #[error(transparent)]
    Services(#[from] ServiceFailed),
}

/// Replays a recording.
///
/// # Errors
///
/// [`ReplayError`]; a recording as such is never refused here.
///
/// # Cost
///
/// Proportional to people × intervals for the radio and to people² for `index: None`.
pub fn run(recording: &Recording, options: &ReplayOptions, progress: &Progress<'_>) -> Result<Replay, ReplayError> {
    let seed = Seed::root(options.seed);
    let covered = phones::draw_covered(recording, options.adoption, &seed);
    let cases = cases(&covered, options)?;
    let mut services = options.services(&seed, phones::unix(0))?;
    let phones = phones::live(recording, &covered, options, &mut services, progress)?;
    let outcomes = index::run_all(&phones, &cases, options, progress)?;
    let onset_day = options
        .onset_seconds
        .map(|second| second.div_euclid(protocol::time::DAY_SECONDS));
    let truth = measure::Truth::new(truth::seconds_together(recording), onset_day);
    Ok(measure::replay(recording, &covered, &truth, outcomes))
}

fn cases(covered: &[bool], options: &ReplayOptions) -> Result<Vec<Person>, ReplayError> {
    let all: BTreeSet<Person> = (0..)
        .zip(covered)
        .filter(|(_, covered)| **covered)
        .map(|(person, _)| person)
        .collect();
    match options.index {
        Some(index) if all.contains(&index) => Ok(vec![index]),
        Some(_) => Err(ReplayError::IndexNotCovered),
        None if all.is_empty() => Err(ReplayError::NobodyCovered),
        None => Ok(all.into_iter().collect()),
    }
}
