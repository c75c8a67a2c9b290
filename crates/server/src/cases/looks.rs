//! What of the desk's work goes into the audit record, in one place.

use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Object, Purpose};
use crate::auth::Session;
use crate::error::ServiceError;
use crate::people::PersonId;

/// Fields of a person as lists show them.
pub(super) const MASKED: &[&str] = &["name_masked", "birth_year"];
/// Fields of a person as somebody sees them who works with the person.
pub(super) const WHOLE: &[&str] = &["name", "birth", "sex", "phones", "address", "documents"];

/// One look or act at the desk.
pub(super) struct Act<'a> {
    pub(super) purpose: Purpose,
    pub(super) action: Action,
    pub(super) people: &'a [PersonId],
    pub(super) fields: &'a [&'static str],
    pub(super) record: Option<&'a str>,
    pub(super) reason: Option<&'static str>,
}

impl<'a> Act<'a> {
    /// Describes an act for tracing.
    pub(super) fn tracing(
        action: Action,
        people: &'a [PersonId],
        fields: &'a [&'static str],
        record: Option<&'a str>,
    ) -> Self {
        Self {
            purpose: Purpose::Tracing,
            action,
            people,
            fields,
            record,
            reason: None,
        }
    }
}

/// Records an act before its answer leaves.
///
/// # Errors
///
/// [`ServiceError::Unavailable`]: then nothing may be shown or done.
pub(super) async fn record(app: &AuthorityApp, by: &Session, act: Act<'_>) -> Result<(), ServiceError> {
    let objects: Vec<Object> = act.people.iter().map(|person| Object(person.0)).collect();
    let actor = Actor::Officer(by.officer.officer_id.clone());
    let mut entry = Entry::new(actor, by.officer.role.word(), act.purpose, act.action);
    entry.objects = &objects;
    entry.fields = act.fields;
    entry.record = act.record;
    entry.reason = act.reason;
    entry.count = u32::try_from(act.people.len()).unwrap_or(u32::MAX);
    entry.scope = Some(by.officer.scope.unit);
    app.audit.record(entry).await
}
