//! Acts that need a second person: a large export, a change of role.

use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::accounts::{check_grant, is_current};
use super::model::ROLE_SECONDS;
use super::role::{Approvable, Role};
use super::session::Session;
use super::store;
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::scope::{Level, Place, Scope};

/// How long an approved act can be carried out, in seconds.
const APPROVAL_SECONDS: i64 = 24 * 3600;

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

impl RoleChange {
    fn scope(&self) -> Scope {
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
    check_grant(&by.officer, role, scope, &place)?;
    let approval_id = format!("approval_{}", app.entropy.hex_id());
    let now = app.clock.now();
    transaction!(app.db, "ask role change", |tx| {
        let found = store::load_officer(tx, app.db.dialect(), officer_id, by.officer.scope).await?;
        let found = found.ok_or(ServiceError::NotFound { what: "officer" })?;
        // Whoever may not give the present role may not take it away either.
        if !by.officer.role.may_grant(found.role) || !is_current(&found) || found.officer_id == by.officer.officer_id {
            return Err(ServiceError::NotAllowed);
        }
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
    transaction!(app.db, "decide approval", |tx| {
        let found = store::load_approval(tx, app.db.dialect(), approval_id, by.officer.scope).await?;
        let found = found.ok_or(ServiceError::NotFound { what: "approval" })?;
        if found.state != ApprovalState::Asked {
            return Err(ServiceError::NotFound { what: "approval" });
        }
        if found.asked_by_id == by.officer.officer_id || !by.officer.role.rule().seconds.contains(&found.kind) {
            return Err(ServiceError::NotAllowed);
        }
        let state = match (approve, found.kind) {
            (false, _) => ApprovalState::Refused,
            (true, Approvable::Role) => ApprovalState::Used,
            (true, Approvable::Export) => ApprovalState::Approved,
        };
        if state == ApprovalState::Used {
            let change: RoleChange = serde_json::from_str(&found.subject)
                .map_err(|_| ServiceError::Internal("a stored change cannot be read"))?;
            if change.officer_id == by.officer.officer_id {
                return Err(ServiceError::NotAllowed);
            }
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
    })
}

/// Returns the approvals of the own unit that are open or were decided lately, newest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_approvals(app: &AuthorityApp, by: &Session) -> Result<Vec<Approval>, ServiceError> {
    Ok(store::list_approvals(&app.db, by.officer.scope).await?)
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
