//! People: who they are is sealed under one key per person, in a vault whose keyring is kept and backed up apart.
//!
//! Everything else of the authority carries a [`PersonId`]. Destroying a person's key erases the person everywhere: in the
//! tables, in what the disk remembers of them, and in every backup of the vault.
//!
//! | what | where by default | backed up |
//! |---|---|---|
//! | vault: sealed people | tables `person`, `erased_person` of the authority's database | with it |
//! | keyring: one wrapped key per person | database `keyring/keyring.sqlite`, setting `keyring` | apart; often, for who is entered after it is lost with the live one; each copy only as long as an epoch |
//! | key of the epoch | file `keyring-kek` | apart from both, after each rotation; copies before are destroyed |
//!
//! Two of the three open nothing. A restored vault needs the present keyring: then who was erased stays erased.
//!
//! **Never call [`load`] or [`for_each`] without recording it**, unless nothing of it leaves the process: who looked,
//! at whom, and why is the caller's duty (`audit`), because only the caller knows.

mod change;
mod check;
mod erase;
pub mod finder;
mod kek;
mod keyring;
mod list;
pub mod model;
mod resolve;
pub mod search;
mod store;
mod texts;
mod vault;
pub mod weeks;

use std::collections::HashMap;

use protocol::time::UnixSeconds;

pub use change::{announce_change, change, prepare_change, replace};
pub use check::check;
pub(crate) use check::line;
pub use erase::{erase, erase_rows, finish_erasures};
pub use finder::Finder;
pub use kek::{KekPlace, KeptInMemory};
pub(crate) use keyring::keep;
pub use keyring::{Cursor, Step, rotate, sweep};
pub use list::{Fingerprint, ListKey, fingerprint, of_rows};
pub use model::{Birth, Document, DocumentKind, Identity, LegalBasis, NewPerson, Person, PersonId, Sex};
pub use resolve::known_or_new;
pub use texts::{About, open_texts, seal_texts};
pub use vault::{Follower, KeyringError, Vault};

use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use protocol::seal::{KEY_BYTES, Key};
use store::CHUNK;
use store::keyring::Which;
use store::person::PersonRow;

/// People read at a time by [`for_each`].
const PAGE: usize = 2000;

/// A person whose key is stored and who waits to be entered ([`insert`]). `Debug` prints nothing of who it is.
#[derive(Clone)]
pub struct Sealed {
    row: PersonRow,
    known: Person,
    source: Option<Fingerprint>,
}

/// A person sealed anew who waits to replace the version before ([`replace`]).
#[derive(Clone)]
pub struct Resealed(Sealed);

/// What a walk over everybody met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// People handed over.
    pub opened: usize,
    /// Rows whose key was destroyed: of people erased after the backup that this vault was restored from.
    pub erased: usize,
    /// Rows or keys that are damaged or were tampered with.
    pub damaged: usize,
}

/// What happened to people since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entered or changed, with the version.
    pub stored: Vec<(PersonId, i64)>,
    /// Erased.
    pub erased: Vec<PersonId>,
}

impl Sealed {
    /// Returns the person's id.
    pub fn person(&self) -> PersonId {
        self.row.person
    }

    /// Remembers which row of a list the person came from, so that the same row never makes somebody twice.
    #[must_use]
    pub fn from_row(self, source: Fingerprint) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({:?})", self.row.person)
    }
}

impl std::fmt::Debug for Resealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resealed({:?})", self.0.row.person)
    }
}

/// Draws the id of a household, for [`Identity::household`].
pub fn new_household(app: &AuthorityApp) -> String {
    app.entropy.hex_id()
}

/// Checks people, draws their ids and keys, stores the keys and seals the people, in the order given.
///
/// Keys come first: one whose person is never entered is harmless and swept after a day.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field of the first person that cannot be entered ([`check()`] asks for one);
/// [`ServiceError::Database`], [`ServiceError::Unavailable`] when the keyring cannot be used. Nobody is entered then.
pub async fn prepare(app: &AuthorityApp, people: Vec<NewPerson>) -> Result<Vec<Sealed>, ServiceError> {
    let now = app.clock.now();
    let today = CivilDate::today(now);
    let people: Vec<NewPerson> = people
        .into_iter()
        .map(|person| check(person, today))
        .collect::<Result<_, _>>()?;
    let keys = draw_keys(app, people.len());
    app.people.store_keys(&keys, now, &app.entropy).await?;
    let nonces = vault::nonces(people.len(), &app.entropy);
    let mut sealed = Vec::with_capacity(people.len());
    for ((new, (person, key)), nonce) in people.into_iter().zip(&keys).zip(&nonces) {
        let known = known(new, 1, now, now);
        sealed.push(seal_one(*person, key, nonce, known)?);
    }
    Ok(sealed)
}

fn draw_keys(app: &AuthorityApp, count: usize) -> Vec<(PersonId, Key)> {
    let mut drawn = zeroize::Zeroizing::new(vec![0; count * (16 + KEY_BYTES)]);
    app.entropy.fill(&mut drawn);
    let parts = drawn.chunks_exact(16 + KEY_BYTES).map(|both| {
        let mut person = PersonId([0; 16]);
        let mut key = Key::default();
        person.0.copy_from_slice(&both[..16]);
        key.copy_from_slice(&both[16..]);
        (person, key)
    });
    parts.collect()
}

fn known(new: NewPerson, version: i64, created_at: UnixSeconds, changed_at: UnixSeconds) -> Person {
    Person {
        identity: new.identity,
        commune: new.commune,
        legal_basis: new.legal_basis,
        version,
        created_at,
        changed_at,
    }
}

fn seal_one(person: PersonId, key: &Key, nonce: &[u8; 24], known: Person) -> Result<Sealed, ServiceError> {
    let household = known.identity.household.as_deref().and_then(PersonId::parse);
    let row = PersonRow {
        person,
        sealed: vault::seal_identity(key, nonce, person, known.version, &known.identity)?,
        commune: known.commune,
        household: household.map(|id| id.0),
        legal_basis: known.legal_basis,
        version: known.version,
        created_at: known.created_at,
        changed_at: known.changed_at,
    };
    Ok(Sealed {
        row,
        known,
        source: None,
    })
}

/// Enters people in the caller's transaction. After the commit the caller calls [`announce`].
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn insert(tx: &mut Tx, people: &[Sealed]) -> Result<(), ServiceError> {
    let mut rows: Vec<&PersonRow> = people.iter().map(|person| &person.row).collect();
    // In the order of ids, so that the table does not remember the order of a list and its index is written in one go.
    rows.sort_unstable_by_key(|row| row.person);
    store::person::insert(tx, &rows).await?;
    let sources = people
        .iter()
        .filter_map(|person| Some((person.source?, person.row.person)));
    store::source::insert(tx, &sources.collect::<Vec<_>>()).await?;
    Ok(())
}

/// Tells followers, search among them, of people whose entry is committed.
pub fn announce(app: &AuthorityApp, people: &[Sealed]) {
    app.people.tell(|follower| {
        for person in people {
            follower.keep(person.row.person, &person.known);
        }
    });
}

/// Enters people in a transaction of their own; returns their ids in the order given.
///
/// # Errors
///
/// As [`prepare`].
pub async fn create(app: &AuthorityApp, people: Vec<NewPerson>) -> Result<Vec<PersonId>, ServiceError> {
    let sealed = prepare(app, people).await?;
    transaction!(app.db, "enter people", |tx| { insert(tx, &sealed).await })?;
    announce(app, &sealed);
    Ok(sealed.iter().map(Sealed::person).collect())
}

/// Returns who these people are, in the order given; who is unknown or erased is simply absent, who is named twice comes
/// once. The caller records the look.
///
/// # Errors
///
/// [`ServiceError::Database`]; [`ServiceError::Internal`] when a row was tampered with or is damaged.
pub async fn load(app: &AuthorityApp, people: &[PersonId]) -> Result<Vec<(PersonId, Person)>, ServiceError> {
    let mut found = HashMap::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        let rows = async { Ok(store::person::find(&app.db, chunk).await?) };
        let (rows, keys) = tokio::try_join!(rows, app.people.find_keys(Which::Of(chunk)))?;
        let (opened, walked) = open_rows(rows, &keys);
        if walked.damaged > 0 {
            return Err(ServiceError::Internal("a sealed person does not open"));
        }
        found.extend(opened);
    }
    Ok(people.iter().filter_map(|person| found.remove_entry(person)).collect())
}

fn open_rows(rows: Vec<PersonRow>, keys: &HashMap<PersonId, Option<Key>>) -> (Vec<(PersonId, Person)>, Walked) {
    let mut walked = Walked::default();
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        match keys.get(&row.person) {
            None => walked.erased += 1,
            Some(key) => match key.as_ref().and_then(|key| vault::open_row(row, key)) {
                Some(person) => opened.push(person),
                None => walked.damaged += 1,
            },
        }
    }
    walked.opened = opened.len();
    (opened, walked)
}

/// Hands everybody to `each`, a few thousand at a time, in the order of ids: for what is derived in memory at the start.
///
/// What does not open is counted and left out, so that one damaged row does not keep the service from starting.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
pub async fn for_each(
    app: &AuthorityApp,
    mut each: impl FnMut(Vec<(PersonId, Person)>) + Send + 'static,
) -> Result<Walked, ServiceError> {
    // Pages are read here while those before are opened and handed over on a thread of its own.
    let (pages, mut waiting) = tokio::sync::mpsc::channel::<(Vec<PersonRow>, HashMap<PersonId, Option<Key>>)>(2);
    let opening = tokio::task::spawn_blocking(move || {
        let mut total = Walked::default();
        while let Some((rows, keys)) = waiting.blocking_recv() {
            let (opened, walked) = open_rows(rows, &keys);
            total.opened += walked.opened;
            total.erased += walked.erased;
            total.damaged += walked.damaged;
            each(opened);
        }
        total
    });
    let mut rows = store::person::page(&app.db, None, PAGE).await?;
    while let (Some(first), Some(last)) = (rows.first(), rows.last()) {
        let (first, last) = (first.person, last.person);
        let next = async { Ok(store::person::page(&app.db, Some(last), PAGE).await?) };
        let (keys, next) = tokio::try_join!(app.people.find_keys(Which::Between(first, last)), next)?;
        if pages.send((rows, keys)).await.is_err() {
            break;
        }
        rows = next;
    }
    drop(pages);
    let total = opening
        .await
        .map_err(|_| ServiceError::Internal("opening people was cut off"))?;
    if total.damaged > 0 {
        tracing::error!(damaged = total.damaged, "sealed people do not open");
    }
    Ok(total)
}

/// Returns which of these people were erased, so that a page can say so.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn erased_among(app: &AuthorityApp, people: &[PersonId]) -> Result<Vec<PersonId>, ServiceError> {
    let mut erased = Vec::new();
    for chunk in people.chunks(CHUNK) {
        erased.extend(store::person::erased(&app.db, chunk).await?);
    }
    Ok(erased)
}

/// Returns who lives together with a person, the person included; nobody when no household is known.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn same_household(app: &AuthorityApp, person: PersonId) -> Result<Vec<PersonId>, ServiceError> {
    Ok(store::person::same_household(&app.db, person).await?)
}

/// Returns how many people the vault holds.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn count(app: &AuthorityApp) -> Result<usize, ServiceError> {
    Ok(usize::try_from(store::person::count(&app.db).await?).unwrap_or(0))
}

/// Returns what happened since `since`, also by other processes. Ask from a minute before the last time on: a transaction
/// that began earlier may be committed later.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn changes_since(app: &AuthorityApp, since: UnixSeconds) -> Result<Changes, ServiceError> {
    Ok(Changes {
        stored: store::person::changed_since(&app.db, since).await?,
        erased: store::person::erased_since(&app.db, since).await?,
    })
}
