//! The check of the whole audit in the background, for the auditor's page: one at a time in a process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use protocol::time::UnixSeconds;
use tokio::sync::Notify;

use super::model::{Action, Actor, Entry, Purpose};
use super::roots::RootCopy;
use super::verify::{Report, verify_counting};
use crate::app::AuthorityApp;
use crate::error::ServiceError;

const UNPOISONED: &str = "no holder of this lock can panic";

/// The newest check of this process.
#[derive(Default)]
pub(super) struct Checks(Mutex<Option<Arc<CheckRun>>>);

/// A check that runs or has ended.
#[derive(Debug)]
pub(crate) struct CheckRun {
    /// When it began.
    pub(crate) begun: UnixSeconds,
    read: AtomicU64,
    ended: OnceLock<(UnixSeconds, Option<Report>)>,
    told: Notify,
}

impl CheckRun {
    /// Returns how many lines it has read.
    pub(crate) fn lines_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Returns when it ended and what it found; no report when it could not be done.
    pub(crate) fn verdict(&self) -> Option<(UnixSeconds, Option<&Report>)> {
        self.ended.get().map(|(at, report)| (*at, report.as_ref()))
    }

    /// Returns when it has ended.
    pub(crate) async fn end(&self) {
        let mut told = std::pin::pin!(self.told.notified());
        // Registered before the look, so that an end in between is not missed.
        told.as_mut().enable();
        if self.ended.get().is_none() {
            told.await;
        }
    }
}

/// Returns the newest check of this process.
pub(crate) fn newest_check(app: &AuthorityApp) -> Option<Arc<CheckRun>> {
    app.audit.checks.0.lock().expect(UNPOISONED).clone()
}

/// Starts a check, also against `copies` of roots kept elsewhere, unless one is running; returns the one that runs.
pub(crate) fn check_in_background(app: &AuthorityApp, copies: Vec<RootCopy>) -> Arc<CheckRun> {
    let mut newest = app.audit.checks.0.lock().expect(UNPOISONED);
    if let Some(run) = newest.as_ref().filter(|run| run.ended.get().is_none()) {
        return run.clone();
    }
    let run = Arc::new(CheckRun {
        begun: app.clock.now(),
        read: AtomicU64::new(0),
        ended: OnceLock::new(),
        told: Notify::new(),
    });
    *newest = Some(run.clone());
    let (app, watched) = (app.clone(), run.clone());
    tokio::spawn(async move {
        let (inner, counted) = (app.clone(), watched.clone());
        let work = tokio::spawn(async move {
            let key = inner.secrets.audit.public_key();
            verify_counting(&inner.db, &key, &copies, &counted.read).await
        });
        // A check that panicked has ended as well.
        let report = work.await.ok().and_then(Result::ok);
        if let Err(error) = note(&app, report.as_ref()).await {
            tracing::error!(error = %error, "the verdict on the audit cannot be recorded");
        }
        let _ = watched.ended.set((app.clock.now(), report));
        watched.told.notify_waiters();
    });
    run
}

async fn note(app: &AuthorityApp, report: Option<&Report>) -> Result<(), ServiceError> {
    let verdict = match report {
        Some(report) if report.is_whole() => "whole",
        Some(_) => "flawed",
        None => "failed",
    };
    let entry = Entry::new(Actor::System, "system", Purpose::Oversight, Action::AUDIT_VERIFY);
    let count = report.map_or(0, |report| u32::try_from(report.flaws).unwrap_or(u32::MAX));
    let record = Some(verdict);
    app.audit.record(Entry { record, count, ..entry }).await
}
