//! Acts that need a second person: a large export, a change of role.

use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::accounts::{check_grant, load_officer, may_change};
use super::model::{Officer, ROLE_SECONDS};
use super::role::{Approvable, Role};
use super::session::Session;
use super::{store, trail};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::scope::{Level, Place, Scope};

/// How long an approved act can be carried out, in seconds.
pub(crate) const APPROVAL_SECONDS: i64 = 24 * 3600;

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    /// Waits for a second person.
    Asked,
    /// Approved, not carried out yet.
    Approved,
    /// Refused.
    Refused,
    /// Carried out.
    Used,
}

impl ApprovalState {
    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Used => "used",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Asked, Self::Approved, Self::Refused, Self::Used]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// An act that waits for, or has, a second person's word.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Id.
    pub approval_id: String,
    /// Kind of act.
    pub kind: Approvable,
    /// What exactly, as the asking feature wrote it; no personal data.
    pub subject: String,
    /// Login of who asked.
    pub asked_by: String,
    /// Officer id of who asked.
    pub asked_by_id: String,
    /// When.
    pub asked_at: UnixSeconds,
    /// Where it stands.
    pub state: ApprovalState,
    /// When a second person decided.
    pub decided_at: Option<UnixSeconds>,
}

/// A change of role, as it waits for approval.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoleChange {
    pub(crate) officer_id: String,
    pub(crate) login: String,
    pub(crate) role: String,
    pub(crate) level: Level,
    pub(crate) unit: i64,
    pub(crate) province: Option<i64>,
    pub(crate) district: Option<i64>,
    pub(crate) commune: Option<i64>,
}

impl Approval {
    /// Reads what a change of role says.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Internal`] when it is none.
    pub(super) fn role_change(&self) -> Result<RoleChange, ServiceError> {
        serde_json::from_str(&self.subject).map_err(|_| ServiceError::Internal("a stored change cannot be read"))
    }
}

impl RoleChange {
    pub(super) fn scope(&self) -> Scope {
        Scope {
            level: self.level,
            unit: self.unit,
        }
    }

    fn place(&self) -> Place {
        Place {
            province: self.province,
            district: self.district,
            commune: self.commune,
        }
    }
}

/// Asks for another role (or the same for longer) for an officer; a second person decides.
///
/// # Errors
///
/// [`ServiceError::NotFound`] outside the own unit; [`ServiceError::NotAllowed`] above oneself; [`ServiceError::Invalid`].
pub async fn ask_role_change(
    app: &AuthorityApp,
    by: &Session,
    officer_id: &str,
    role: Role,
    scope: Scope,
    place: Place,
) -> Result<String, ServiceError> {
    let found = load_officer(app, by, officer_id).await?;
    let verdict = check_change(by, &found).and_then(|()| check_grant(&by.officer, role, scope, &place));
    trail::judged(app, by, Action::ROLE_ASK, Some(officer_id), verdict).await?;
    let approval_id = format!("approval_{}", app.entropy.hex_id());
    let now = app.clock.now();
    trail::note(app, by, Action::ROLE_ASK, Some(officer_id)).await?;
    transaction!(app.db, "ask role change", |tx| {
        let found = store::load_officer(tx, app.db.dialect(), officer_id, by.officer.scope).await?;
        let found = found.ok_or(ServiceError::NotFound { what: "officer" })?;
        check_change(by, &found)?;
        let change = RoleChange {
            officer_id: found.officer_id,
            login: found.login,
            role: role.word().to_owned(),
            level: scope.level,
            unit: scope.unit,
            province: place.province,
            district: place.district,
            commune: place.commune,
        };
        let subject =
            serde_json::to_string(&change).map_err(|_| ServiceError::Internal("a change cannot be written"))?;
        store::insert_approval(tx, &approval_id, "role", &subject, &by.officer.officer_id, &place, now).await?;
        Ok(approval_id.clone())
    })
}

/// Checks that `by` may ask for another role of an officer: never of the own account.
fn check_change(by: &Session, found: &Officer) -> Result<(), ServiceError> {
    may_change(by, found)?;
    if found.officer_id == by.officer.officer_id {
        return Err(ServiceError::NotAllowed);
    }
    Ok(())
}

/// Decides as the second person. An approved change of role is carried out at once.
///
/// # Errors
///
/// [`ServiceError::NotFound`] outside the own unit or when decided already; [`ServiceError::NotAllowed`] for the person
/// who asked or a role that may not be the second person.
pub async fn decide(
    app: &AuthorityApp,
    by: &Session,
    approval_id: &str,
    approve: bool,
) -> Result<Approval, ServiceError> {
    let now = app.clock.now();
    let action = if approve {
        Action::APPROVAL_GRANT
    } else {
        Action::APPROVAL_REFUSE
    };
    let verdict = check_decision(by, &load_approval(app, by, approval_id).await?);
    trail::judged(app, by, action, Some(approval_id), verdict).await?;
    trail::note(app, by, action, Some(approval_id)).await?;
    let decided = transaction!(app.db, "decide approval", |tx| {
        let found = store::load_approval(tx, app.db.dialect(), approval_id, by.officer.scope).await?;
        let found = found.ok_or(ServiceError::NotFound { what: "approval" })?;
        check_decision(by, &found)?;
        let state = match (approve, found.kind) {
            (false, _) => ApprovalState::Refused,
            (true, Approvable::Role) => ApprovalState::Used,
            (true, Approvable::Export) => ApprovalState::Approved,
        };
        if state == ApprovalState::Used {
            let change = found.role_change()?;
            let role = Role::parse(&change.role).ok_or(ServiceError::Internal("a stored role is unknown"))?;
            store::change_role(
                tx,
                &change.officer_id,
                role,
                change.scope(),
                &change.place(),
                now.plus(ROLE_SECONDS),
            )
            .await?;
        }
        store::decide(tx, approval_id, state, &by.officer.officer_id, now).await?;
        Ok(Approval { state, ..found })
    })?;
    if decided.state == ApprovalState::Used {
        let change = decided.role_change()?;
        trail::note(app, by, Action::ROLE_CHANGE, Some(&change.officer_id)).await?;
    }
    Ok(decided)
}

/// Checks that `by` may be the second person: another one than who asked and than who it is about, in a role for it.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when it is decided; [`ServiceError::NotAllowed`].
pub(super) fn check_decision(by: &Session, found: &Approval) -> Result<(), ServiceError> {
    if found.state != ApprovalState::Asked {
        return Err(ServiceError::NotFound { what: "approval" });
    }
    let me = &by.officer.officer_id;
    let is_about_me = found.kind == Approvable::Role && found.role_change()?.officer_id == *me;
    if found.asked_by_id == *me || is_about_me || !by.officer.role.rule().seconds.contains(&found.kind) {
        return Err(ServiceError::NotAllowed);
    }
    Ok(())
}

/// Returns an approval of the own unit.
///
/// # Errors
///
/// [`ServiceError::NotFound`] also outside the own unit.
pub(super) async fn load_approval(
    app: &AuthorityApp,
    by: &Session,
    approval_id: &str,
) -> Result<Approval, ServiceError> {
    let mut tx = app.db.begin_reading().await?;
    let found = store::load_approval(&mut tx, app.db.dialect(), approval_id, by.officer.scope).await?;
    found.ok_or(ServiceError::NotFound { what: "approval" })
}

/// Returns what an officer sees of the approvals of the own unit, newest first: what they asked for, and what they may be
/// the second person for.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_approvals(app: &AuthorityApp, by: &Session) -> Result<Vec<Approval>, ServiceError> {
    let mut found = store::list_approvals(&app.db, by.officer.scope).await?;
    let seconds = &by.officer.role.rule().seconds;
    found.retain(|approval| approval.asked_by_id == by.officer.officer_id || seconds.contains(&approval.kind));
    Ok(found)
}

/// Asks for a second person's word on an export; `subject` says exactly what, without personal data.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn ask_export(app: &AuthorityApp, by: &Session, subject: &str) -> Result<String, ServiceError> {
    let approval_id = format!("approval_{}", app.entropy.hex_id());
    let now = app.clock.now();
    let place = store::place_of(&app.db, &by.officer.officer_id).await?;
    transaction!(app.db, "ask export", |tx| {
        store::insert_approval(tx, &approval_id, "export", subject, &by.officer.officer_id, &place, now).await?;
        Ok(approval_id.clone())
    })
}

/// Uses an approved export up: it must be the asker's own, for exactly `subject`, approved within a day.
///
/// # Errors
///
/// [`ServiceError::NotFound`] otherwise.
pub(crate) async fn use_export(
    app: &AuthorityApp,
    by: &Session,
    approval_id: &str,
    subject: &str,
) -> Result<(), ServiceError> {
    let since = app.clock.now().plus(-APPROVAL_SECONDS);
    transaction!(app.db, "use export", |tx| {
        if store::use_export(tx, approval_id, &by.officer.officer_id, subject, since).await? {
            Ok(())
        } else {
            Err(ServiceError::NotFound { what: "approval" })
        }
    })
}
