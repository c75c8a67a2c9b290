//! The one task that stores visits: whatever waits is stored in one transaction, then all are told.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::store::{self, VisitRow};
use crate::db::{Db, transaction};
use crate::error::ServiceError;

/// Most scans of one transaction, unless a single request has more.
const ROWS_AT_ONCE: usize = 4096;
/// How many callers may wait before further ones wait to be let in.
const QUEUE: usize = 4096;

/// Scans that belong together, and who waits for them.
struct Job {
    rows: Arc<[VisitRow]>,
    done: oneshot::Sender<bool>,
}

/// The callers' end of the task; it ends when this value is dropped, after what waits is stored.
pub(crate) struct VisitWriter {
    db: Db,
    queue: Mutex<Option<mpsc::Sender<Job>>>,
}

impl VisitWriter {
    /// Makes a writer; its task starts with the first request.
    pub(crate) fn new(db: Db) -> Self {
        Self {
            db,
            queue: Mutex::default(),
        }
    }

    /// Returns once the scans are durable.
    pub(super) async fn store(&self, rows: Vec<VisitRow>) -> Result<(), ServiceError> {
        let (done, answer) = oneshot::channel();
        let job = Job {
            rows: rows.into(),
            done,
        };
        // A closed queue drops the sender of the answer, which is an answer as well.
        let _ = self.queue().send(job).await;
        match answer.await {
            Ok(true) => Ok(()),
            _ => Err(ServiceError::Unavailable { what: "the database" }),
        }
    }

    fn queue(&self) -> mpsc::Sender<Job> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let open = queue.take().filter(|open| !open.is_closed());
        let open = open.unwrap_or_else(|| {
            let (open, inbox) = mpsc::channel(QUEUE);
            tokio::spawn(work(self.db.clone(), inbox));
            open
        });
        queue.insert(open).clone()
    }
}

async fn work(db: Db, mut inbox: mpsc::Receiver<Job>) {
    while let Some(first) = inbox.recv().await {
        let mut jobs = vec![first];
        let mut waiting = jobs[0].rows.len();
        while waiting < ROWS_AT_ONCE
            && let Ok(next) = inbox.try_recv()
        {
            waiting += next.rows.len();
            jobs.push(next);
        }
        let stored = store_all(&db, &jobs).await;
        match &stored {
            Ok(fresh) => {
                metrics::counter!("visits_stored_total").increment(*fresh);
                metrics::counter!("visits_transactions_total").increment(1);
            }
            Err(error) => tracing::error!(error = %crate::http::problem::chain(error), "visits cannot be stored"),
        }
        for job in jobs {
            // Who no longer waits has been stored all the same.
            let _ = job.done.send(stored.is_ok());
        }
    }
}

async fn store_all(db: &Db, jobs: &[Job]) -> Result<u64, ServiceError> {
    let mut rows: Vec<&VisitRow> = jobs.iter().flat_map(|job| job.rows.iter()).collect();
    // In the order of the key: neighbours are written together, and one request's scans do not lie together.
    rows.sort_unstable_by_key(|row| (row.venue, row.at, row.event));
    transaction!(db, "store visits", |tx| { Ok(store::insert(tx, &rows).await?) })
}
