//! Owners of venues: people who proved a telephone. Their session is a cookie of its own, with no right at the desk.

use protocol::time::{DAY_SECONDS, UnixSeconds};
use sha2::{Digest, Sha256};

use super::model::NewOwner;
use super::store;
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::{self, Identity, LegalBasis, NewPerson, PersonId};

/// How long an owner stays signed in, in seconds: 30 days; the telephone was proved, and nothing of a visitor is shown.
pub const SESSION_SECONDS: i64 = 30 * DAY_SECONDS;
/// Length of a session's secret, in hexadecimal digits.
const SECRET_DIGITS: usize = 40;
/// Most people that share one number.
const SHARING: usize = 20;

/// Who is signed in as an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The person.
    pub person: PersonId,
}

/// Signs in whoever proved `number`: as the owner who has it, or as a new one named in `new`. Returns the cookie's secret.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when nobody with this number owns a venue and no name is given; [`ServiceError::Invalid`] names the field of
/// `new`; [`ServiceError::Unavailable`] while the search is warming.
pub(crate) async fn sign_in(
    app: &AuthorityApp,
    number: &str,
    new: Option<&NewOwner>,
) -> Result<(String, Owner), ServiceError> {
    let owner = match (find(app, number).await?, new) {
        (Some(owner), _) => owner,
        (None, Some(new)) => create(app, number, new).await?,
        (None, None) => return Err(ServiceError::NotFound { what: "owner" }),
    };
    let now = app.clock.now();
    let secret = hex::encode(app.entropy.bytes::<20>());
    let hash = secret_hash(&secret);
    transaction!(app.db, "sign owner in", |tx| {
        store::insert_session(tx, &hash, owner.person, now, now.plus(SESSION_SECONDS)).await?;
        Ok(())
    })?;
    Ok((secret, owner))
}

async fn find(app: &AuthorityApp, number: &str) -> Result<Option<Owner>, ServiceError> {
    if !app.finder.is_warm() {
        return Err(ServiceError::Unavailable { what: "the search" });
    }
    let people = app.finder.having_phone(number, SHARING);
    let owners = store::owners_among(&app.db, &people).await?;
    Ok(owners.first().map(|&person| Owner { person }))
}

/// Enters the owner as a person of the vault: with consent, and erased like everybody else.
async fn create(app: &AuthorityApp, number: &str, new: &NewOwner) -> Result<Owner, ServiceError> {
    let person = NewPerson {
        identity: Identity {
            name: new.name.clone(),
            phones: vec![number.to_owned()],
            ..Identity::default()
        },
        commune: None,
        legal_basis: LegalBasis::Consent,
    };
    let sealed = people::prepare(app, vec![person]).await?;
    let [person] = sealed.iter().map(people::Sealed::person).collect::<Vec<_>>()[..] else {
        return Err(ServiceError::Internal("one person was prepared"));
    };
    let now = app.clock.now();
    transaction!(app.db, "enter owner", |tx| {
        people::insert(tx, &sealed).await?;
        store::insert_owner(tx, person, now).await?;
        Ok(())
    })?;
    people::announce(app, &sealed);
    Ok(Owner { person })
}

/// Returns whose session a cookie's secret is.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`].
pub(crate) async fn resume(app: &AuthorityApp, secret: Option<&str>) -> Result<Owner, ServiceError> {
    let secret = secret.filter(|secret| secret.len() == SECRET_DIGITS);
    let secret = secret.ok_or(ServiceError::Unauthenticated)?;
    let found = store::session(&app.db, &secret_hash(secret), app.clock.now()).await?;
    let person = found.ok_or(ServiceError::Unauthenticated)?;
    Ok(Owner { person })
}

/// Ends a session.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn sign_out(app: &AuthorityApp, secret: &str) -> Result<(), ServiceError> {
    let hash = secret_hash(secret);
    transaction!(app.db, "sign owner out", |tx| {
        store::end_session(tx, &hash).await?;
        Ok(())
    })
}

/// Erases sessions that are over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now: UnixSeconds = app.clock.now();
    transaction!(app.db, "erase sessions of owners", |tx| {
        store::erase_sessions(tx, now).await?;
        Ok(())
    })
}

fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
