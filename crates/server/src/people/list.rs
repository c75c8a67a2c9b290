//! Lists of people that come as files: which row made whom, and a key for what is kept of the file meanwhile.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use protocol::seal::{Key, open, seal};
use sha2::Sha256;

use super::model::{Identity, PersonId};
use super::store::keyring::Which;
use super::store::{self, CHUNK};
use super::vault::draw_key;
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;

/// What a row says of a person, hashed under a key of this service: it leads from the same row to the same person, and
/// goes with the person when the person is erased.
pub type Fingerprint = [u8; 16];

/// Returns the fingerprint of what a row says of a person.
pub fn fingerprint(app: &AuthorityApp, identity: &Identity) -> Fingerprint {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.secrets.code_pepper).expect("HMAC takes keys of any length");
    mac.update(b"person.source");
    mac.update(&serde_json::to_vec(identity).unwrap_or_default());
    let mut first = Fingerprint::default();
    first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    first
}

/// Returns whom these rows made before.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn of_rows(app: &AuthorityApp, rows: &[Fingerprint]) -> Result<HashMap<Fingerprint, PersonId>, ServiceError> {
    let mut known = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        known.extend(store::source::find(&app.db, chunk).await?);
    }
    Ok(known)
}

/// The key of a file that is kept for less than a day. It lies in the keyring beside those of people: destroyed, it takes
/// the file with it out of every backup; forgotten, it is swept after a day like that of an entry that failed.
pub struct ListKey {
    id: PersonId,
    key: Key,
}

impl ListKey {
    /// Draws and stores a key.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`], [`ServiceError::Unavailable`] when the keyring cannot be used.
    pub async fn draw(app: &AuthorityApp) -> Result<Self, ServiceError> {
        let (id, key) = (PersonId(app.entropy.bytes()), draw_key(&app.entropy));
        app.people
            .store_keys(&[(id, key.clone())], app.clock.now(), &app.entropy)
            .await?;
        Ok(Self { id, key })
    }

    /// Returns the key with this id; `None` when it was destroyed.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`], [`ServiceError::Unavailable`].
    pub async fn find(app: &AuthorityApp, id: PersonId) -> Result<Option<Self>, ServiceError> {
        let found = app.people.find_keys(Which::Of(&[id])).await?.remove(&id).flatten();
        Ok(found.map(|key| Self { id, key }))
    }

    /// Returns the key's id.
    pub fn id(&self) -> PersonId {
        self.id
    }

    /// Seals a part of the file, bound to its place in it.
    pub fn seal(&self, app: &AuthorityApp, place: &str, plain: &[u8]) -> Vec<u8> {
        seal(&self.key, &app.entropy.bytes(), place.as_bytes(), plain)
    }

    /// Opens a part of the file; `None` for one that was tampered with or moved.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.key, place.as_bytes(), sealed).map(|plain| plain.to_vec())
    }

    /// Destroys keys; what they sealed opens nowhere any more.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Database`].
    pub async fn destroy(app: &AuthorityApp, ids: &[PersonId]) -> Result<(), ServiceError> {
        transaction!(app.people.db, "destroy list keys", |tx| {
            for chunk in ids.chunks(CHUNK) {
                store::keyring::delete(tx, chunk).await?;
            }
            Ok(())
        })
    }
}
