//! Changing a person: sealed anew under the same key, over the version that was read.

use super::model::{NewPerson, PersonId};
use super::store;
use super::store::keyring::Which;
use super::{Resealed, announce, check, known, seal_one};
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;

/// Seals a person anew over `version`, for [`replace`].
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::NotFound`].
pub async fn prepare_change(
    app: &AuthorityApp,
    person: PersonId,
    version: i64,
    change: NewPerson,
) -> Result<Resealed, ServiceError> {
    let now = app.clock.now();
    let change = check(change, CivilDate::today(now))?;
    let rows = store::person::find(&app.db, &[person]).await?;
    let keys = app.people.find_keys(Which::Of(&[person])).await?;
    let (Some(row), Some(key)) = (rows.first(), keys.get(&person)) else {
        return Err(ServiceError::NotFound { what: "person" });
    };
    let key = key.as_ref().ok_or(ServiceError::Internal("a wrapped key is damaged"))?;
    let known = known(change, version + 1, row.created_at, now);
    Ok(Resealed(seal_one(person, key, &app.entropy.bytes(), known)?))
}

fn changed_meanwhile() -> ServiceError {
    ServiceError::Conflict {
        why: "the person was changed by somebody else",
    }
}

/// Puts a person sealed anew in the place of the version before, in the caller's transaction. After the commit the caller
/// calls [`announce_change`].
///
/// # Errors
///
/// [`ServiceError::Conflict`] when the person was changed or erased since that version was read.
pub async fn replace(tx: &mut Tx, person: &Resealed) -> Result<(), ServiceError> {
    if store::person::replace(tx, &person.0.row).await? {
        Ok(())
    } else {
        Err(changed_meanwhile())
    }
}

/// Tells followers of a change that is committed.
pub fn announce_change(app: &AuthorityApp, person: &Resealed) {
    announce(app, std::slice::from_ref(&person.0));
}

/// Changes a person in a transaction of its own; returns the new version.
///
/// # Errors
///
/// As [`prepare_change`] and [`replace`].
pub async fn change(
    app: &AuthorityApp,
    person: PersonId,
    version: i64,
    change: NewPerson,
) -> Result<i64, ServiceError> {
    let resealed = prepare_change(app, person, version, change).await?;
    transaction!(app.db, "change person", |tx| { replace(tx, &resealed).await })?;
    announce_change(app, &resealed);
    Ok(resealed.0.row.version)
}
