//! What of accounts goes into the audit record, in one place. Never called inside a transaction (docs/spec/audit.md A2).

use super::model::Officer;
use super::session::Session;
use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Outcome, Purpose};
use crate::error::ServiceError;

/// Role of somebody who is not signed in.
const NOBODY: &str = "visitor";

/// Records an act of a signed-in officer before it is done; `record` is the id of the account, approval or key.
///
/// # Errors
///
/// [`ServiceError::Unavailable`]: then it must not be done.
pub(super) async fn note(
    app: &AuthorityApp,
    by: &Session,
    action: Action,
    record: Option<&str>,
) -> Result<(), ServiceError> {
    write(app, &by.officer, action, record, Outcome::Allowed).await
}

/// Records what an officer tried and may not do.
///
/// # Errors
///
/// [`ServiceError::Unavailable`].
pub(super) async fn refused(
    app: &AuthorityApp,
    by: &Session,
    action: Action,
    record: Option<&str>,
) -> Result<(), ServiceError> {
    write(app, &by.officer, action, record, Outcome::Denied).await
}

/// Passes a verdict on, and records it when it says that the officer may not.
///
/// # Errors
///
/// The verdict's own; [`ServiceError::Unavailable`] when it cannot be recorded.
pub(super) async fn judged<T>(
    app: &AuthorityApp,
    by: &Session,
    action: Action,
    record: Option<&str>,
    verdict: Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    if matches!(verdict, Err(ServiceError::NotAllowed)) {
        refused(app, by, action, record).await?;
    }
    verdict
}

/// Records what became of a proof that somebody is an officer: signing in, the repeated one-time code.
///
/// # Errors
///
/// [`ServiceError::Unavailable`].
pub(super) async fn proof(
    app: &AuthorityApp,
    officer: &Officer,
    action: Action,
    outcome: Outcome,
) -> Result<(), ServiceError> {
    write(app, officer, action, None, outcome).await
}

/// Records a failed attempt under a login that nobody has. What was typed is not recorded: it may be a password.
///
/// # Errors
///
/// [`ServiceError::Unavailable`].
pub(super) async fn unknown_login(app: &AuthorityApp) -> Result<(), ServiceError> {
    let entry = Entry::new(Actor::System, NOBODY, Purpose::Administration, Action::SIGN_IN_FAILED);
    let outcome = Outcome::Denied;
    app.audit.record(Entry { outcome, ..entry }).await
}

/// Records what somebody did with an account who was not signed in: the wizard, an accepted invitation.
///
/// # Errors
///
/// [`ServiceError::Unavailable`]: then it must not be done.
pub(super) async fn at_the_door(app: &AuthorityApp, action: Action, officer_id: &str) -> Result<(), ServiceError> {
    let entry = Entry::new(Actor::System, NOBODY, Purpose::Administration, action);
    let record = Some(officer_id);
    app.audit.record(Entry { record, ..entry }).await
}

async fn write(
    app: &AuthorityApp,
    officer: &Officer,
    action: Action,
    record: Option<&str>,
    outcome: Outcome,
) -> Result<(), ServiceError> {
    let actor = Actor::Officer(officer.officer_id.clone());
    let entry = Entry::new(actor, officer.role.word(), Purpose::Administration, action);
    let scope = Some(officer.scope.unit);
    let entry = Entry {
        record,
        scope,
        outcome,
        ..entry
    };
    app.audit.record(entry).await
}

/// Returns a page's route as the audit's record id: `/desk/cases/{case_id}` becomes `desk.cases.case_id`. It is the route's
/// pattern, never an address that somebody asked for.
pub(super) fn route_id(pattern: &str) -> String {
    let signs = pattern.trim_start_matches('/').chars().filter(|c| !"{}*".contains(*c));
    let id: String = signs.map(|c| if c == '/' { '.' } else { c }).collect();
    id.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::route_id;

    #[test]
    fn a_route_is_an_id_of_the_audit() {
        assert_eq!(route_id("/desk/cases/{case_id}/state"), "desk.cases.case_id.state");
        assert_eq!(route_id("/desk"), "desk");
        assert!(route_id(&"/long".repeat(40)).len() <= 64);
    }
}
