//! The one task that writes a process's chain: whatever waits is written in one transaction, then all are told.

use std::sync::Mutex;

use protocol::signature::SecretKey;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::chain::{Chain, Hash, StoredEntry, StoredObject, WriterId, genesis, link};
use super::model::Line;
use super::store;
use crate::db::{Db, transaction};
use crate::error::ServiceError;

/// Most lines of one transaction, unless a single entry has more.
const LINES_AT_ONCE: usize = 256;
/// How many callers may wait before further ones wait to be let in.
const QUEUE: usize = 1024;

/// Lines that belong together, and who waits for them.
struct Job {
    lines: Vec<Line>,
    done: oneshot::Sender<bool>,
}

/// The callers' end of the writer task.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the task. It ends when this value is dropped or [`Writer::close`] is called, after what waits is written.
    pub(super) fn start(db: Db, key: SecretKey, writer: WriterId) -> Self {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let state = State {
            db,
            key,
            writer,
            length: 0,
            head: genesis(&writer),
            attempted: None,
        };
        Self {
            queue: Mutex::new(Some(queue)),
            task: Mutex::new(Some(tokio::spawn(work(state, inbox)))),
        }
    }

    /// Returns once the lines are durable.
    pub(super) async fn write(&self, lines: Vec<Line>) -> Result<(), ServiceError> {
        let queue = self.queue.lock().expect(UNPOISONED).clone();
        let (done, answer) = oneshot::channel();
        if let Some(queue) = queue {
            // A closed queue drops the sender of the answer, which is an answer as well.
            let _ = queue.send(Job { lines, done }).await;
        } else {
            drop(done);
        }
        match answer.await {
            Ok(true) => Ok(()),
            _ => Err(ServiceError::Unavailable { what: "the audit log" }),
        }
    }

    /// Takes nothing more and returns when all that waited is written.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().expect(UNPOISONED).take());
        let task = self.task.lock().expect(UNPOISONED).take();
        if let Some(task) = task {
            // A task that panicked has told its callers already.
            let _ = task.await;
        }
    }
}

const UNPOISONED: &str = "no holder of this lock can panic";

async fn work(mut state: State, mut inbox: mpsc::Receiver<Job>) {
    while let Some(first) = inbox.recv().await {
        let mut jobs = vec![first];
        let mut lines = jobs[0].lines.len();
        while lines < LINES_AT_ONCE
            && let Ok(next) = inbox.try_recv()
        {
            lines += next.lines.len();
            jobs.push(next);
        }
        let result = state.append(&jobs).await;
        if let Err(error) = &result {
            metrics::counter!("audit_failures_total").increment(1);
            tracing::error!(error = %crate::http::problem::chain(error), "the audit log cannot be written");
        }
        for job in jobs {
            // Who no longer waits has been recorded all the same.
            let _ = job.done.send(result.is_ok());
        }
    }
}

/// Where this process's chain stands.
struct State {
    db: Db,
    key: SecretKey,
    writer: WriterId,
    length: i64,
    head: Hash,
    /// Where it stands instead when the last commit was done and its answer lost.
    attempted: Option<(i64, Hash)>,
}

impl State {
    async fn append(&mut self, jobs: &[Job]) -> Result<(), ServiceError> {
        let mut attempted = self.attempted;
        let appended = transaction!(self.db, "append audit lines", |tx| {
            let stored = store::chain(tx, &self.writer).await?;
            let (length, head) = self.place(stored.as_ref().map(|c| (c.length, c.head)))?;
            let (entries, objects) = self.rows(length, head, jobs)?;
            let Some(last) = entries.last() else {
                return Err(ServiceError::Internal("an audit entry has no line"));
            };
            let (length, head) = (last.seq, last.hash);
            store::insert_entries(tx, &entries).await?;
            store::insert_objects(tx, &objects).await?;
            store::put_chain(tx, &Chain::sign(&self.key, self.writer, length, head)).await?;
            attempted = Some((length, head));
            Ok((length, head))
        });
        match appended {
            Ok((length, head)) => {
                (self.length, self.head, self.attempted) = (length, head, None);
                Ok(())
            }
            Err(error) => {
                self.attempted = attempted;
                Err(error)
            }
        }
    }

    /// Returns where the chain goes on. Only this task writes it, so any other place than the one remembered means
    /// that somebody else had a hand in it: then nothing more is recorded, and nobody sees anything (A12).
    fn place(&self, stored: Option<(i64, Hash)>) -> Result<(i64, Hash), ServiceError> {
        let remembered = (self.length > 0).then_some((self.length, self.head));
        match stored {
            found if found == remembered => Ok((self.length, self.head)),
            Some(found) if Some(found) == self.attempted => Ok(found),
            _ => Err(ServiceError::Internal("the audit chain was changed by another hand")),
        }
    }

    fn rows(
        &self,
        length: i64,
        head: Hash,
        jobs: &[Job],
    ) -> Result<(Vec<StoredEntry>, Vec<StoredObject>), ServiceError> {
        let (mut seq, mut hash) = (length, head);
        let (mut entries, mut objects) = (Vec::new(), Vec::new());
        for line in jobs.iter().flat_map(|job| &job.lines) {
            let text = line.write();
            seq += 1;
            hash = link(&hash, &text);
            let hmacs = line.object_hmacs();
            for object_hmac in hmacs.ok_or(ServiceError::Internal("an object of the audit is no hash"))? {
                objects.push(StoredObject {
                    writer: self.writer,
                    seq,
                    object_hmac,
                    at_s: line.at,
                });
            }
            entries.push(StoredEntry {
                writer: self.writer,
                seq,
                at_s: line.at,
                actor: line.actor.clone(),
                action: line.action.clone(),
                outcome: line.outcome.clone(),
                line: text,
                hash,
            });
        }
        Ok((entries, objects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chain_goes_on_only_where_this_task_left_it_or_where_a_lost_answer_would() {
        let mut state = State {
            db: Db::connect("sqlite::memory:").await.unwrap(),
            key: SecretKey::from_bytes(&[5; 32]).unwrap(),
            writer: [1; 16],
            length: 0,
            head: genesis(&[1; 16]),
            attempted: None,
        };
        let at = |length: i64| (length, [9; 32]);
        assert_eq!(state.place(None).unwrap(), (0, genesis(&[1; 16])));
        assert!(state.place(Some(at(3))).is_err());
        state.attempted = Some(at(3));
        assert_eq!(state.place(Some(at(3))).unwrap(), at(3));
        assert_eq!(state.place(None).unwrap().0, 0, "the commit was not done");
        (state.length, state.head) = at(3);
        state.attempted = Some(at(5));
        assert_eq!(state.place(Some(at(3))).unwrap(), at(3));
        assert_eq!(state.place(Some(at(5))).unwrap(), at(5));
        for other in [None, Some(at(2)), Some(at(4)), Some((3, [8; 32]))] {
            assert!(state.place(other).is_err(), "{other:?}");
        }
    }
}
