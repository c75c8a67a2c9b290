//! Credentials of people who want their check-ins registered: given for a telephone that was proved, kept on the phone.

use std::fmt;

use protocol::time::{DAY_SECONDS, UnixSeconds};
use sha2::{Digest, Sha256};

use super::store;
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::{self, Identity, LegalBasis, NewPerson, PersonId};

/// How long a credential works, in seconds: 90 days.
pub const CREDENTIAL_SECONDS: i64 = 90 * DAY_SECONDS;
/// Length of a credential, in hexadecimal digits.
const DIGITS: usize = 40;

/// What a phone shows to register check-ins. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct Credential {
    /// The secret; only its hash is stored.
    pub secret: String,
    /// Until when it works.
    pub until: UnixSeconds,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// Enters somebody who proved `number` and gives a credential. Each is a person of its own: whether two are the same is for the
/// desk to decide, which is told of those who share a number.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::Database`].
pub(super) async fn register(
    app: &AuthorityApp,
    number: String,
    name: &str,
    commune: Option<i64>,
) -> Result<Credential, ServiceError> {
    let person = NewPerson {
        identity: Identity {
            name: name.to_owned(),
            phones: vec![number],
            ..Identity::default()
        },
        commune,
        legal_basis: LegalBasis::Consent,
    };
    let sealed = people::prepare(app, vec![person]).await?;
    let secret = hex::encode(app.entropy.bytes::<20>());
    let (hash, now) = (secret_hash(&secret), app.clock.now());
    let until = now.plus(CREDENTIAL_SECONDS);
    transaction!(app.db, "register citizen", |tx| {
        people::insert(tx, &sealed).await?;
        for person in &sealed {
            store::insert_citizen(tx, &hash, person.person(), now, until).await?;
        }
        Ok(())
    })?;
    people::announce(app, &sealed);
    Ok(Credential { secret, until })
}

/// Returns whose credential it is.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] whatever is wrong with it.
pub(crate) async fn find(app: &AuthorityApp, secret: Option<&str>) -> Result<PersonId, ServiceError> {
    let is_one = |secret: &&str| secret.len() == DIGITS && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    let secret = secret.filter(is_one).ok_or(ServiceError::Unauthenticated)?;
    let found = store::citizen(&app.db, &secret_hash(secret), app.clock.now()).await?;
    found.ok_or(ServiceError::Unauthenticated)
}

/// Ends a credential: nothing more is registered with it.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(super) async fn end(app: &AuthorityApp, secret: &str) -> Result<(), ServiceError> {
    let hash = secret_hash(secret);
    transaction!(app.db, "end credential", |tx| {
        store::end_citizen(tx, &hash).await?;
        Ok(())
    })
}

pub(super) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase credentials", |tx| {
        store::erase_citizens(tx, now).await?;
        Ok(())
    })
}

fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
