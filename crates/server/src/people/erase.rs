//! Erasing a person: first the row, in one transaction with the note that the key is to be destroyed, then the key.

use protocol::time::UnixSeconds;

use super::model::PersonId;
use super::{erased_among, store};
use crate::app::AuthorityApp;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;

/// Deletes people's rows in the caller's transaction and notes that their keys are to be destroyed; returns how many
/// there were. After the commit the caller calls [`finish_erasures`]; when it cannot, the hourly job does.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn erase_rows(tx: &mut Tx, people: &[PersonId], now: UnixSeconds) -> Result<usize, ServiceError> {
    let mut erased = 0;
    for person in people {
        erased += usize::from(store::person::erase(tx, *person, now).await?);
    }
    Ok(erased)
}

/// Destroys the keys of erased people and tells followers; from then on no backup of the vault opens them.
///
/// # Errors
///
/// [`ServiceError::Database`]; calling again finishes what is left.
pub async fn finish_erasures(app: &AuthorityApp) -> Result<(), ServiceError> {
    let mut any = false;
    loop {
        let people = store::person::undestroyed(&app.db).await?;
        if people.is_empty() {
            break;
        }
        any = true;
        app.people
            .tell(|follower| people.iter().for_each(|person| follower.forget(*person)));
        transaction!(app.people.db, "destroy person keys", |tx| {
            store::keyring::delete(tx, &people).await?;
            Ok(())
        })?;
        transaction!(app.db, "note destroyed keys", |tx| {
            store::person::mark_destroyed(tx, &people).await?;
            Ok(())
        })?;
    }
    if any && let Err(error) = app.people.db.clear_remnants("person_key").await {
        // The keys are gone; what a disk remembers of them is of no use after the next rotation.
        tracing::warn!(error = %error, "remnants of wrapped keys are left to the next rotation");
    }
    Ok(())
}

/// Erases a person for good: the row, the key, and so what older backups hold.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when there is no such person and never was; [`ServiceError::Database`].
pub async fn erase(app: &AuthorityApp, person: PersonId) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let erased = transaction!(app.db, "erase person", |tx| { erase_rows(tx, &[person], now).await })?;
    if erased == 0 && erased_among(app, &[person]).await?.is_empty() {
        return Err(ServiceError::NotFound { what: "person" });
    }
    finish_erasures(app).await
}
