//! What a person sees of who looked at them: the list, behind a key that an officer hands over (docs/spec/audit.md A21–A24).
//!
//! The key is 160 random bits, stored as a hash beside the person's pseudonym. Whoever has it learns when, in which role,
//! for what and which fields were seen, never who looked, and nothing of the person.

pub(crate) mod http;
pub(crate) mod page;
mod store;

use std::fmt;

use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};

use crate::app::AuthorityApp;
use crate::audit::{self, Action, Actor, Entry, Look, Object, Purpose};
use crate::auth::{Permission, Session};
use crate::db::transaction;
use crate::error::ServiceError;
use crate::http::source::Source;
use crate::people::{self, PersonId};

/// How long a key works, in seconds: 90 days, as long as a contact is kept after follow-up.
pub const KEY_SECONDS: i64 = 90 * 86_400;
/// Most looks of an answer.
const LISTED: u32 = 200;
/// Length of a key, in hexadecimal digits.
const KEY_DIGITS: usize = 40;

/// A new key, to be sent to the person; shown once. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct RecordKey {
    /// The key.
    pub secret: String,
    /// Address that opens it in the citizen app. It stands after `#`, so that no server on the way logs it.
    pub link: String,
    /// Until when it works.
    pub until: UnixSeconds,
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(…)")
    }
}

/// A person's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Newest first, at most 200.
    pub looks: Vec<Look>,
    /// Until when the key works.
    pub until: UnixSeconds,
}

/// Makes a key for a person; an earlier one stops working. Whether the person is among those `by` works with is the
/// caller's duty: only the caller knows on which page it was asked.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `person.reveal`; [`ServiceError::NotFound`] when there is no such person.
pub async fn issue(app: &AuthorityApp, by: &Session, person: PersonId) -> Result<RecordKey, ServiceError> {
    if !by.may(Permission::PersonReveal) {
        return Err(ServiceError::NotAllowed);
    }
    // Opened to see that the person is there; nothing of it goes further.
    if people::load(app, &[person]).await?.is_empty() {
        return Err(ServiceError::NotFound { what: "person" });
    }
    let objects = [Object(person.0)];
    let actor = Actor::Officer(by.officer.officer_id.clone());
    let entry = Entry::new(actor, by.officer.role.word(), Purpose::OwnRecord, Action::RECORD_ISSUE);
    let entry = Entry {
        objects: &objects,
        count: 1,
        scope: Some(by.officer.scope.unit),
        ..entry
    };
    app.audit.record(entry).await?;
    let secret = hex::encode(app.entropy.bytes::<20>());
    let (hash, now) = (key_hash(&secret), app.clock.now());
    let until = now.plus(KEY_SECONDS);
    transaction!(app.db, "issue record key", |tx| {
        store::replace(tx, &hash, person, now, until).await?;
        Ok(())
    })?;
    let link = format!("{}#record={secret}", app.config.link_url);
    Ok(RecordKey { secret, link, until })
}

/// Returns who looked at the person of a key. A look is in it as soon as it is recorded, which is before it is shown.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] whatever is wrong with the key; [`ServiceError::TooMany`] after ten wrong ones at
/// once from one network.
pub(crate) async fn looks(app: &AuthorityApp, secret: Option<&str>, source: &Source) -> Result<Looks, ServiceError> {
    let now = app.clock.now();
    let counted = app.source_hash(&Source(format!("record {}", source.0)));
    let admitted = app.sources().admit(counted, now, &app.config.code_limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    // A key of another form is hashed and looked up all the same: the answers are alike in time as well.
    let found = store::find(&app.db, &key_hash(secret.unwrap_or_default()), now).await?;
    let is_key = |secret: &str| secret.len() == KEY_DIGITS && secret.bytes().all(|b| b.is_ascii_hexdigit());
    let (person, until) = found
        .filter(|_| secret.is_some_and(is_key))
        .ok_or(ServiceError::Unauthenticated)?;
    app.sources().forgive(counted, &app.config.code_limits);
    let mut looks = audit::looks_at(app, Object(person.0), LISTED).await?;
    looks.retain(|look| look.allowed);
    Ok(Looks { looks, until })
}

/// Erases keys whose time is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase record keys", |tx| {
        store::erase_expired(tx, now).await?;
        Ok(())
    })
}

fn key_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
