//! The vault's state: the keyring's database, the keys that open it, and who is told of changes.
//!
//! A person is sealed under a key of its own; that key stands in the keyring, wrapped under the key of the current epoch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use protocol::time::UnixSeconds;
use zeroize::Zeroizing;

use super::kek::{EpochKeys, KekPlace};
use super::model::{Identity, Person, PersonId};
use super::store::keyring::{self, Epoch, Which, WrappedKey};
use super::store::person::{self, PersonRow};
use crate::app::KEYRING_MIGRATIONS;
use crate::db::{Db, DbError, transaction};
use crate::entropy::Entropy;
use crate::error::ServiceError;
use crate::secrets::SecretError;
use protocol::seal::{KEY_BYTES, Key, NONCE_BYTES, open, seal};
use protocol::visit::{WEEK_KEY_BYTES, Week};

/// Sealed texts are filled up to a multiple of this, so that their length says little about a name or an address.
const PADDING_BYTES: usize = 64;
/// How often a look at the keyring is repeated that met a rotation.
const LOOKS: usize = 4;

/// Why the keyring cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// Its database cannot be used.
    #[error("cannot open the keyring's database: {0}")]
    Database(#[from] DbError),
    /// Its key file cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The key file is gone, and with it everything the keyring holds.
    #[error("{0} is missing, and the keyring cannot be opened without it: restore both from one backup")]
    Missing(std::path::PathBuf),
    /// The key file belongs to another keyring, or to another time of this one.
    #[error("{0} does not fit the keyring: restore both from one backup")]
    Foreign(std::path::PathBuf),
    /// The keyring was made after people were entered: it is not theirs.
    #[error("the keyring is younger than the people in the vault: restore it from its backup")]
    Younger,
}

impl From<KeyringError> for ServiceError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Database(error) => Self::Database(error),
            KeyringError::Younger => Self::Unavailable {
                what: "the keyring of the people in the vault",
            },
            _ => Self::Unavailable { what: "the keyring" },
        }
    }
}

/// Is told of people entered, changed and erased, after the commit: for what is derived from them in memory.
///
/// Other processes on the same database do not tell; [`super::changes_since`] does.
pub trait Follower: Send + Sync {
    /// A person is known, or known differently.
    fn keep(&self, person: PersonId, known: &Person);
    /// A person is known no longer.
    fn forget(&self, person: PersonId);
}

/// Keyring and keys. `Debug` is left out on purpose.
pub struct Vault {
    pub(super) db: Db,
    pub(super) place: KekPlace,
    epoch_keys: RwLock<Arc<EpochKeys>>,
    followers: RwLock<Vec<Arc<dyn Follower>>>,
    weeks: Mutex<HashMap<Week, Zeroizing<[u8; WEEK_KEY_BYTES]>>>,
}

impl Vault {
    /// Opens the keyring: brings its schema up to date, makes the first key at the first start, and tries the key.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] says which part cannot be used. A key file that is missing is never made again.
    pub async fn open(db: Db, place: KekPlace, now: UnixSeconds, entropy: &Entropy) -> Result<Self, KeyringError> {
        db.migrate(&KEYRING_MIGRATIONS, now).await?;
        let mut keys = place.read()?;
        let mut current = keyring::current_epoch(&db).await?;
        if current.is_none() {
            keys = place.update(|keys| {
                if keys.newest().is_none() {
                    keys.add(1, draw_key(entropy));
                }
            })?;
            begin_newest(&db, &keys, now, entropy).await.map_err(database_error)?;
            current = keyring::current_epoch(&db).await?;
        }
        let current = current.ok_or_else(|| DbError::Failed("the keyring has no epoch".into()))?;
        if keys.newest().is_none() {
            return Err(KeyringError::Missing(place.path()));
        }
        let fits = keys.of(current.epoch).is_some_and(|key| proves(key, &current));
        if !fits {
            return Err(KeyringError::Foreign(place.path()));
        }
        Ok(Self {
            db,
            place,
            epoch_keys: RwLock::new(Arc::new(keys)),
            followers: RwLock::default(),
            weeks: Mutex::default(),
        })
    }

    /// Checks that the keyring was there before the people of `main` were: a new one in the place of one that was lost
    /// would make everybody look erased.
    pub(crate) async fn check_fits(&self, main: &Db) -> Result<(), KeyringError> {
        let made_at = keyring::made_at(&self.db).await?;
        if person::any_before(main, made_at).await? {
            return Err(KeyringError::Younger);
        }
        Ok(())
    }

    /// Adds somebody who is told of changes from now on.
    pub fn follow(&self, follower: Arc<dyn Follower>) {
        self.followers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(follower);
    }

    pub(super) fn tell(&self, tell: impl Fn(&dyn Follower)) {
        let followers = self.followers.read().unwrap_or_else(PoisonError::into_inner);
        followers.iter().for_each(|follower| tell(follower.as_ref()));
    }

    /// Returns the keyring's database: for backups and for checks.
    pub fn keyring(&self) -> &Db {
        &self.db
    }

    /// Closes the keyring's connections.
    pub async fn close(&self) {
        self.db.close().await;
    }

    pub(super) fn weeks(&self) -> MutexGuard<'_, HashMap<Week, Zeroizing<[u8; WEEK_KEY_BYTES]>>> {
        self.weeks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn epoch_keys(&self) -> Arc<EpochKeys> {
        Arc::clone(&self.epoch_keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn hold(&self, keys: EpochKeys) -> Arc<EpochKeys> {
        let keys = Arc::new(keys);
        *self.epoch_keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        keys
    }

    /// Returns keys of which one is that of `epoch`; another process may have made it.
    pub(super) fn keys_with(&self, epoch: i64) -> Result<Arc<EpochKeys>, ServiceError> {
        let known = self.epoch_keys();
        if known.of(epoch).is_some() {
            return Ok(known);
        }
        let read = self.place.read().map_err(unavailable)?;
        Ok(self.hold(read))
    }

    /// Stores new people's keys, wrapped under the current epoch; durable when it returns.
    pub(super) async fn store_keys(
        &self,
        keys: &[(PersonId, Key)],
        now: UnixSeconds,
        entropy: &Entropy,
    ) -> Result<(), ServiceError> {
        let mut wanted = keyring::current_epoch(&self.db).await?.map(|current| current.epoch);
        for _ in 0..LOOKS {
            let Some(epoch) = wanted else { break };
            let epoch_keys = self.keys_with(epoch)?;
            let wrapped = wrap_all(keys, epoch, &epoch_keys, entropy)?;
            // A key wrapped under an epoch that ends could never be opened again: the transaction looks once more.
            wanted = transaction!(self.db, "store person keys", |tx| {
                let current = keyring::current_epoch_in(tx).await?.map(|current| current.epoch);
                if current != Some(epoch) {
                    return Ok(current);
                }
                keyring::insert(tx, &wrapped, now).await?;
                Ok(None)
            })?;
            if wanted.is_none() {
                return Ok(());
            }
        }
        Err(ServiceError::Unavailable { what: "the keyring" })
    }

    /// Returns the keys asked for; `None` stands for one that is damaged. Keys that were destroyed are absent.
    pub(super) async fn find_keys(&self, which: Which<'_>) -> Result<HashMap<PersonId, Option<Key>>, ServiceError> {
        for _ in 0..LOOKS {
            let wrapped = keyring::find(&self.db, which).await?;
            let newest = wrapped.iter().map(|key| key.epoch).max().unwrap_or(0);
            let oldest = wrapped.iter().map(|key| key.epoch).min().unwrap_or(0);
            let mut epoch_keys = self.keys_with(newest)?;
            if epoch_keys.of(oldest).is_none() {
                epoch_keys = self.keys_with(oldest)?;
            }
            // Between the look at the database and the look at the file a rotation may have ended: look again.
            if wrapped.iter().all(|key| epoch_keys.of(key.epoch).is_some()) {
                return Ok(unwrap_all(&wrapped, &epoch_keys));
            }
        }
        Err(ServiceError::Unavailable { what: "the keyring" })
    }
}

pub(super) fn unavailable(_: SecretError) -> ServiceError {
    ServiceError::Unavailable {
        what: "the keyring's key file",
    }
}

fn database_error(error: ServiceError) -> DbError {
    match error {
        ServiceError::Database(error) => error,
        other => DbError::Failed(other.to_string()),
    }
}

pub(super) fn draw_key(entropy: &Entropy) -> Key {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    entropy.fill(key.as_mut_slice());
    key
}

/// Enters the newest of `keys` as the current epoch.
pub(super) async fn begin_newest(
    db: &Db,
    keys: &EpochKeys,
    now: UnixSeconds,
    entropy: &Entropy,
) -> Result<(), ServiceError> {
    let newest = keys.newest().and_then(|epoch| Some((epoch, keys.of(epoch)?)));
    let (epoch, key) = newest.ok_or(ServiceError::Unavailable { what: "the keyring" })?;
    let epoch = Epoch {
        epoch,
        proof: seal(key, &entropy.bytes(), &proof_of(epoch), b""),
        begun_at: now,
    };
    transaction!(db, "begin a keyring epoch", |tx| {
        keyring::begin_epoch(tx, &epoch).await?;
        Ok(())
    })
}

/// Returns whether `key` is the one that `epoch` was begun with.
fn proves(key: &Key, epoch: &Epoch) -> bool {
    open(key, &proof_of(epoch.epoch), &epoch.proof).is_some()
}

fn proof_of(epoch: i64) -> Vec<u8> {
    [b"keyring.epoch".as_slice(), &epoch.to_be_bytes()].concat()
}

fn key_of(person: PersonId, epoch: i64) -> Vec<u8> {
    [b"person.key".as_slice(), &person.0, &epoch.to_be_bytes()].concat()
}

fn identity_of(person: PersonId, version: i64) -> Vec<u8> {
    [b"person.identity".as_slice(), &person.0, &version.to_be_bytes()].concat()
}

pub(super) fn wrap_all(
    keys: &[(PersonId, Key)],
    epoch: i64,
    epoch_keys: &EpochKeys,
    entropy: &Entropy,
) -> Result<Vec<WrappedKey>, ServiceError> {
    let kek = epoch_keys
        .of(epoch)
        .ok_or(ServiceError::Unavailable { what: "the keyring" })?;
    let nonces = nonces(keys.len(), entropy);
    let wrap = |((person, key), nonce): (&(PersonId, Key), &[u8; NONCE_BYTES])| WrappedKey {
        person: *person,
        wrapped: seal(kek, nonce, &key_of(*person, epoch), key.as_slice()),
        epoch,
    };
    Ok(keys.iter().zip(&nonces).map(wrap).collect())
}

/// Draws many nonces at once: a call of the operating system for each would cost more than sealing.
pub(super) fn nonces(count: usize, entropy: &Entropy) -> Vec<[u8; NONCE_BYTES]> {
    let mut drawn = vec![[0; NONCE_BYTES]; count];
    entropy.fill(drawn.as_flattened_mut());
    drawn
}

pub(super) fn unwrap_all(wrapped: &[WrappedKey], epoch_keys: &EpochKeys) -> HashMap<PersonId, Option<Key>> {
    let unwrapped = |key: &WrappedKey| {
        let plain = open(epoch_keys.of(key.epoch)?, &key_of(key.person, key.epoch), &key.wrapped)?;
        Some(Zeroizing::new(<[u8; KEY_BYTES]>::try_from(plain.as_slice()).ok()?))
    };
    wrapped.iter().map(|key| (key.person, unwrapped(key))).collect()
}

/// Seals who a person is.
pub(super) fn seal_identity(
    key: &Key,
    nonce: &[u8; NONCE_BYTES],
    person: PersonId,
    version: i64,
    identity: &Identity,
) -> Result<Vec<u8>, ServiceError> {
    let text = serde_json::to_vec(identity).map_err(|_| ServiceError::Internal("an identity cannot be written"))?;
    let mut text = Zeroizing::new(text);
    // Spaces after JSON mean nothing.
    let filled = text.len().next_multiple_of(PADDING_BYTES);
    text.resize(filled, b' ');
    Ok(seal(key, nonce, &identity_of(person, version), &text))
}

/// Opens a row; `None` when it is not what was sealed for this person and version.
pub(super) fn open_row(row: PersonRow, key: &Key) -> Option<(PersonId, Person)> {
    let text = open(key, &identity_of(row.person, row.version), &row.sealed)?;
    let known = Person {
        identity: serde_json::from_slice(&text).ok()?,
        commune: row.commune,
        legal_basis: row.legal_basis,
        version: row.version,
        created_at: row.created_at,
        changed_at: row.changed_at,
    };
    Some((row.person, known))
}

#[cfg(test)]
mod tests {
    use super::super::model::LegalBasis;
    use super::*;

    fn row(person: PersonId, version: i64, sealed: Vec<u8>) -> PersonRow {
        PersonRow {
            person,
            sealed,
            commune: None,
            household: None,
            legal_basis: LegalBasis::Law,
            version,
            created_at: UnixSeconds(0),
            changed_at: UnixSeconds(0),
        }
    }

    #[test]
    fn a_sealed_identity_belongs_to_one_person_and_version() {
        let (key, ours, other) = (Zeroizing::new([1; 32]), PersonId([2; 16]), PersonId([3; 16]));
        let sealed = seal_identity(&key, &[4; 24], ours, 5, &Identity::default()).unwrap();
        assert!(open_row(row(ours, 5, sealed.clone()), &key).is_some());
        assert!(open_row(row(other, 5, sealed.clone()), &key).is_none());
        assert!(open_row(row(ours, 6, sealed), &key).is_none());
    }

    #[test]
    fn a_wrapped_key_belongs_to_one_person_and_epoch() {
        let mut kek = EpochKeys::default();
        kek.add(1, Zeroizing::new([1; 32]));
        let ours = [(PersonId([2; 16]), Zeroizing::new([3; 32]))];
        let wrapped = wrap_all(&ours, 1, &kek, &Entropy::seeded(1)).unwrap().remove(0);
        let opens = |key: WrappedKey, kek: &EpochKeys| unwrap_all(&[key], kek).into_values().all(|key| key.is_some());
        assert!(opens(wrapped.clone(), &kek));
        let other = PersonId([4; 16]);
        assert!(!opens(
            WrappedKey {
                person: other,
                ..wrapped.clone()
            },
            &kek
        ));
        let mut same_later = EpochKeys::default();
        same_later.add(2, Zeroizing::new([1; 32]));
        assert!(!opens(WrappedKey { epoch: 2, ..wrapped }, &same_later));
    }
}
