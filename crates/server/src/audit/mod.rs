//! The record of every look at a person: append-only hash chains, one for each writing process, joined by signed roots
//! (docs/spec/audit.md).
//!
//! A feature calls [`AuditLog::record`] before its answer leaves and before its change commits: nobody sees a person
//! without a record. People stand in the record only as keyed hashes, fields only by name.

mod chain;
mod checks;
mod export;
pub(crate) mod jobs;
mod model;
mod roots;
mod store;
mod verify;
mod writer;

use std::fmt;
use std::path::PathBuf;

use protocol::time::UnixSeconds;

use self::chain::WriterId;
use self::checks::Checks;
use self::model::{Line, object_hmac};
use self::roots::Roots;
use self::writer::Writer;
use crate::app::AuthorityApp;
use crate::clock::Clock;
use crate::db::{self, Db};
use crate::error::ServiceError;
use crate::secrets::AuthoritySecrets;

pub(crate) use checks::{CheckRun, check_in_background, newest_check};
pub use export::{ExportError, Exported, Within, export};
pub use jobs::RETENTION_SECONDS;
pub use model::{Action, Actor, Entry, OBJECTS_OF_AN_ENTRY, Object, Outcome, Purpose, text_id};
pub use roots::{RootCopy, newest_root, newest_root_hour, read_copies};
pub use verify::{Flaw, FlawKind, Report, verify};

/// Most rows of one page of [`list`] and of [`looks_at`].
pub const PAGE: u32 = 500;

/// Writes the audit of this process.
pub struct AuditLog {
    writer: Writer,
    clock: Clock,
    object_key: [u8; 32],
    roots: Roots,
    checks: Checks,
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditLog(…)")
    }
}

impl AuditLog {
    /// Starts the writing task of this process, whose chain gets the random id `writer`.
    pub(crate) fn start(db: Db, clock: Clock, secrets: &AuthoritySecrets, writer: WriterId) -> Self {
        Self {
            writer: Writer::start(db, secrets.audit.clone(), writer),
            clock,
            object_key: secrets.audit_objects,
            roots: Roots::default(),
            checks: Checks::default(),
        }
    }

    /// Records an act and returns once the record is durable.
    ///
    /// **Never call it inside a `transaction!`**: SQLite has one writer, and the audit would wait for the caller who
    /// waits for the audit. It is refused there. Record first, then open the transaction. An act that then fails has a
    /// record of the attempt, which is what one wants.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Unavailable`] when it cannot be written: do not answer then. [`ServiceError::Invalid`] when a
    /// word or an id has another form, or objects are too many. [`ServiceError::Internal`] inside a transaction.
    pub async fn record(&self, entry: Entry<'_>) -> Result<(), ServiceError> {
        if db::is_inside() {
            return Err(ServiceError::Internal(
                "an audit entry was recorded inside a transaction",
            ));
        }
        let lines = entry.lines(&self.object_key, self.clock.now())?;
        self.writer.write(lines).await
    }

    /// Copies each root to a file as well, for a place off the machine (A16).
    pub fn copy_roots_to(&self, file: PathBuf) {
        self.roots.copy_to(file);
    }

    /// Takes no more entries and returns when all that were handed over are durable.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

/// One look at a person, as the person is shown it: the role, never the officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: UnixSeconds,
    /// In which role.
    pub role: String,
    /// For what: the word of a [`Purpose`].
    pub purpose: String,
    /// What was done: the word of an [`Action`].
    pub action: String,
    /// Names of the fields seen or changed.
    pub fields: Vec<String>,
    /// Code of the reason given.
    pub reason: Option<String>,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// Returns the newest looks at a person, for the person: at most `limit` and at most [`PAGE`].
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn looks_at(app: &AuthorityApp, object: Object, limit: u32) -> Result<Vec<Look>, ServiceError> {
    let hmac = object_hmac(&app.secrets.audit_objects, &object);
    let found = store::list::newest(&app.db, &Filter::default(), Some(hmac), i64::from(limit.min(PAGE))).await?;
    found
        .into_iter()
        .map(|placed| {
            let line = read(&placed.line)?;
            Ok(Look {
                at: UnixSeconds(line.at),
                allowed: line.outcome == Outcome::Allowed.word(),
                role: line.role,
                purpose: line.purpose,
                action: line.action,
                fields: line.fields,
                reason: line.reason,
            })
        })
        .collect()
}

/// What the auditor asks for; what is not given does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub from: Option<UnixSeconds>,
    /// Before.
    pub until: Option<UnixSeconds>,
    /// By whom.
    pub actor: Option<Actor>,
    /// What was done.
    pub action: Option<Action>,
    /// In which role: its word.
    pub role: Option<String>,
    /// About whom.
    pub object: Option<Object>,
    /// About whom, as the hash stands in the lines (A6): for who sees no people.
    pub hashed: Option<[u8; 16]>,
    /// Allowed or refused.
    pub outcome: Option<Outcome>,
    /// Goes on after this entry, towards older ones.
    pub after: Option<Cursor>,
    /// Goes back from this entry, towards newer ones, the nearest first; instead of `after`.
    pub before: Option<Cursor>,
}

/// The place of an entry in the list of all, by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at_s: i64,
    pub(crate) writer: WriterId,
    pub(crate) seq: i64,
}

impl Cursor {
    /// Writes the place for a URL.
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.at_s, self.seq, hex::encode(self.writer))
    }

    /// Reads what [`Cursor::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        Some(Self {
            at_s: parts.next()?.parse().ok()?,
            seq: parts.next()?.parse().ok()?,
            writer: hex::decode(parts.next()?).ok()?.try_into().ok()?,
        })
    }
}

/// An entry as the auditor sees it: people only as keyed hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place.
    pub place: Cursor,
    /// When.
    pub at: UnixSeconds,
    /// Who: `officer:ID`, `api_key:ID`, `citizen` or `system`.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// For what.
    pub purpose: String,
    /// What was done.
    pub action: String,
    /// Whose data, as hexadecimal keyed hashes.
    pub objects: Vec<String>,
    /// Id of a record that is not personal data.
    pub record: Option<String>,
    /// Names of fields.
    pub fields: Vec<String>,
    /// How many results.
    pub count: u32,
    /// Code of the reason.
    pub reason: Option<String>,
    /// Administrative unit of the permission.
    pub scope: Option<i64>,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// A page of the auditor's list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Entries, newest first.
    pub entries: Vec<Recorded>,
    /// Where the next page begins, if there are more.
    pub next: Option<Cursor>,
}

/// Returns a page of at most `limit` (and at most [`PAGE`]) entries, newest first, or oldest first where the filter goes
/// back.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list(app: &AuthorityApp, filter: &Filter, limit: u32) -> Result<Listed, ServiceError> {
    let limit = limit.clamp(1, PAGE);
    let hmac = filter
        .object
        .map(|object| object_hmac(&app.secrets.audit_objects, &object))
        .or(filter.hashed);
    let mut found = store::list::newest(&app.db, filter, hmac, i64::from(limit) + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|placed| placed.place);
    let mut entries = Vec::with_capacity(found.len());
    for placed in found {
        let line = read(&placed.line)?;
        entries.push(Recorded {
            place: placed.place,
            at: UnixSeconds(line.at),
            allowed: line.outcome == Outcome::Allowed.word(),
            actor: line.actor,
            role: line.role,
            purpose: line.purpose,
            action: line.action,
            objects: line.objects,
            record: line.record,
            fields: line.fields,
            count: line.count,
            reason: line.reason,
            scope: line.scope,
        });
    }
    Ok(Listed { entries, next })
}

fn read(line: &str) -> Result<Line, ServiceError> {
    Line::read(line).ok_or(ServiceError::Internal("a line of the audit cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use crate::db::transaction;
    use crate::in_process::Both;

    #[tokio::test]
    async fn a_record_inside_a_transaction_is_refused_at_once() {
        let both = Both::open_memory(VirtualClock::new(UnixSeconds(0)).into(), 1)
            .await
            .unwrap();
        let app = &both.authority;
        let entry = || Entry::new(Actor::System, "system", Purpose::Oversight, Action::AUDIT_LIST);
        let trespass = async || {
            transaction!(app.db, "trespass", |tx| {
                store::chains(tx).await?;
                app.audit.record(entry()).await
            })
        };
        let refused = trespass().await;
        assert!(matches!(refused, Err(ServiceError::Internal(_))), "{refused:?}");
        app.audit.record(entry()).await.unwrap();
    }
}
