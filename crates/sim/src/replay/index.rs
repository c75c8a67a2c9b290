//! One person is confirmed: code, upload, export, and what the others' devices make of it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use device::{
    Device, Setup,
    store::memory::MemoryStore,
    sync::{UploadOrder, UploadStage},
};
use protocol::time::{DAY_SECONDS, UnixSeconds, UtcDay};

use super::{
    Progress, ReplayError, ReplayOptions, Stage,
    phones::{FIRST_DAY, Phone, Phones, unix},
};
use crate::{
    recording::Person,
    search::{Finding, Needles},
    seed::Seed,
    services::Services,
};

/// Threads that work on cases.
const THREADS: usize = 2;
/// Seconds from an upload until its keys are exported for certain: the rest of the interval, the embargo, an export period.
const UNTIL_EXPORTED_SECONDS: i64 = 600 + protocol::diagnosis::EMBARGO_SECONDS + 2 * 3600;

/// What the others found out about one case.
pub(super) struct CaseOutcome {
    pub(super) index: Person,
    /// By person and day of the recording: weighted minutes, and whether there is a notice.
    pub(super) found: BTreeMap<(Person, i64), (f64, bool)>,
    pub(super) server_rows: BTreeMap<String, u64>,
    pub(super) identifiers_found: Vec<Finding>,
}

/// Runs every case on its own: fresh services, fresh copies of everybody's device.
pub(super) fn run_all(
    phones: &Phones,
    cases: &[Person],
    options: &ReplayOptions,
    progress: &Progress<'_>,
) -> Result<Vec<CaseOutcome>, ReplayError> {
    let needles = Needles::new(&phones.emitted);
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || {
        let mut outcomes = Vec::new();
        while let Some(&index) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            outcomes.push(run_case(phones, index, options, &needles)?);
            progress(
                Stage::Cases,
                done.fetch_add(1, Ordering::Relaxed) + 1,
                cases.len() as u64,
            );
        }
        Ok(outcomes)
    };
    let results: Vec<Result<Vec<CaseOutcome>, ReplayError>> = std::thread::scope(|threads| {
        let workers: Vec<_> = (0..THREADS.min(cases.len())).map(|_| threads.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a case does not panic"))
            .collect()
    });
    let mut outcomes = Vec::new();
    for result in results {
        outcomes.extend(result?);
    }
    outcomes.sort_by_key(|outcome| outcome.index);
    Ok(outcomes)
}

fn run_case(
    phones: &Phones,
    index: Person,
    options: &ReplayOptions,
    needles: &Needles,
) -> Result<CaseOutcome, ReplayError> {
    let seed = Seed::root(options.seed);
    let mut services = options.services(&seed, phones.now)?;
    let onset = options.onset_seconds.map(|second| unix(second).day());
    let case = phones
        .phones
        .iter()
        .find(|phone| phone.person == index)
        .ok_or(ReplayError::IndexNotCovered)?;
    let mut case = copy(case, &seed, phones.now)?;
    upload(&mut case, &mut services, onset, phones.now)?;
    let now = phones.now.plus(UNTIL_EXPORTED_SECONDS);
    services.set_now(now);
    services.run_due_jobs()?;
    let mut found = BTreeMap::new();
    for phone in phones.phones.iter().filter(|phone| phone.person != index) {
        let mut device = copy(phone, &seed, now)?;
        device.request_sync();
        services.sync(&mut device, now)?;
        found.extend(
            findings(&device, now)?
                .into_iter()
                .map(|(day, what)| ((phone.person, day), what)),
        );
    }
    let identifiers_found = needles.search(services.holdings()?);
    Ok(CaseOutcome {
        index,
        found,
        server_rows: services.rows()?,
        identifiers_found,
    })
}

/// Opens a copy of a phone as it was at the end of the recording.
fn copy(phone: &Phone, seed: &Seed, now: UnixSeconds) -> Result<Device<MemoryStore>, ReplayError> {
    let reopened = seed.child("reopened").nth(phone.person as usize);
    let setup = Setup {
        seed: reopened.bytes(),
        ..phone.setup.clone()
    };
    Ok(Device::open(phone.device.store().clone(), setup, now)?)
}

/// The person is confirmed, gets a code, and shares every day.
fn upload(
    device: &mut Device<MemoryStore>,
    services: &mut Services,
    onset: Option<UtcDay>,
    now: UnixSeconds,
) -> Result<(), ReplayError> {
    let order = UploadOrder {
        code: services.confirm_case(onset)?,
        days: device.shareable_days()?,
        symptom_onset: onset,
    };
    device.begin_upload(now, &order)?;
    services.sync(device, now)?;
    match device.upload().map(|upload| upload.stage) {
        Some(UploadStage::Done { dropped_by, .. }) if dropped_by.is_empty() => Ok(()),
        Some(UploadStage::Done { dropped_by, .. }) => Err(ReplayError::Refused(dropped_by.join(", "))),
        Some(UploadStage::Refused { problem, .. }) => Err(ReplayError::Refused(problem)),
        _ => Err(ReplayError::Refused("it is still under way".into())),
    }
}

/// A day of the recording with a device's weighted minutes and whether it shows a notice.
type DayFinding = (i64, (f64, bool));

/// Returns what a device found, by day of the recording.
fn findings(device: &Device<MemoryStore>, now: UnixSeconds) -> Result<Vec<DayFinding>, ReplayError> {
    let notices: Vec<UtcDay> = device
        .notices()?
        .iter()
        .filter(|notice| !notice.withdrawn)
        .map(|notice| notice.day)
        .collect();
    let days = (unix(-DAY_SECONDS).day().0..=now.day().0).map(UtcDay);
    let mut found = Vec::new();
    for day in days {
        if let Some(explanation) = device.explain(day)? {
            found.push((day.days_since(FIRST_DAY), (explanation.minutes, notices.contains(&day))));
        }
    }
    Ok(found)
}
