//! Erasing who somebody is: the records stay for the count, the person is gone from them.

use super::contacts::load_contact;
use super::files::load_file;
use super::looks::{Act, WHOLE, record};
use super::store::erase;
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::{Permission, Session};
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::{self, PersonId};

/// Reasons for which somebody is erased; their words name texts.
pub const REASONS: &[&str] = &["person-asks", "wrong-person", "time-over", "order"];

/// Where somebody to be erased, or told of, was found.
#[derive(Clone, Debug)]
pub enum Place {
    /// As a case.
    Case(String),
    /// As a contact.
    Contact(String),
}

/// Returns the person of a record of the own unit.
///
/// # Errors
///
/// [`ServiceError::NotFound`], the same whether it is elsewhere or nowhere; also for a case without a person.
pub async fn person_at(app: &AuthorityApp, by: &Session, place: &Place) -> Result<PersonId, ServiceError> {
    match place {
        Place::Case(case_id) => load_file(app, by, case_id)
            .await?
            .person
            .ok_or(ServiceError::NotFound { what: "person" }),
        Place::Contact(contact_id) => Ok(load_contact(app, by, contact_id).await?.person),
    }
}

/// Erases the person of a record for good: identity, milestones, places and what was noted of them, here, in the search of this
/// process, and, with the key, in every backup of the vault. Cases and contacts stay, without anybody.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `person.erase`; [`ServiceError::Invalid`] for another reason than of [`REASONS`];
/// [`ServiceError::NotFound`]; [`ServiceError::Unavailable`] when it cannot be recorded.
pub async fn erase_person(app: &AuthorityApp, by: &Session, place: &Place, reason: &str) -> Result<(), ServiceError> {
    if !by.may(Permission::PersonErase) {
        return Err(ServiceError::NotAllowed);
    }
    let reason = REASONS
        .iter()
        .find(|known| **known == reason)
        .ok_or(ServiceError::Invalid {
            field: "reason",
            why: "a reason of the list",
        })?;
    let person = person_at(app, by, place).await?;
    let (Place::Case(id) | Place::Contact(id)) = place;
    let people = [person];
    let act = Act {
        purpose: Purpose::Erasure,
        action: Action::PERSON_ERASE,
        people: &people,
        fields: WHOLE,
        record: Some(id),
        reason: Some(reason),
    };
    record(app, by, act).await?;
    let now = app.clock.now();
    transaction!(app.db, "erase person of a record", |tx| {
        erase::forget(tx, person).await?;
        people::erase_rows(tx, &[person], now).await?;
        Ok(())
    })?;
    people::finish_erasures(app).await
}
