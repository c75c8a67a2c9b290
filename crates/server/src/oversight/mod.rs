//! The auditor's side of the record of access: reading it, verifying it, taking it out. It changes nothing in it, and is
//! recorded in it.

mod download;
pub(crate) mod http;
pub(crate) mod page;
mod verify_page;

use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Purpose};
use crate::auth::Session;
use crate::error::ServiceError;

/// Records what an auditor does with the record.
///
/// # Errors
///
/// [`ServiceError::Unavailable`]: then nothing may be shown.
async fn note(app: &AuthorityApp, by: &Session, action: Action, count: usize) -> Result<(), ServiceError> {
    let actor = Actor::Officer(by.officer.officer_id.clone());
    let entry = Entry::new(actor, by.officer.role.word(), Purpose::Oversight, action);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let scope = Some(by.officer.scope.unit);
    app.audit.record(Entry { count, scope, ..entry }).await
}
