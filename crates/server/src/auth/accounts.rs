//! Accounts: the first administrator, invitations, and leaving.

use std::collections::HashMap;

use argon2::{Argon2, PasswordHasher};
use protocol::time::UnixSeconds;

use super::model::{
    INVITATION_SECONDS, Officer, OfficerState, ROLE_SECONDS, check_login, check_name, check_password, fitting_step,
};
use super::role::{Permission, Role};
use super::session::{Session, blocking, secret_hash};
use super::{store, trail};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::scope::{Level, Place, Scope};

/// An officer to be.
#[derive(Clone, Debug)]
pub struct NewOfficer {
    /// Name to sign in with.
    pub login: String,
    /// Name shown to colleagues.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
    /// The units above and at `scope`, for the lists of officers.
    pub place: Place,
}

/// An invitation, to be handed to the person it is for; shown once.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Id of the account.
    pub officer_id: String,
    /// Secret of the link.
    pub token: String,
    /// Until when it can be accepted.
    pub until: UnixSeconds,
}

/// What a person gives to take an account over.
#[derive(Clone)]
pub struct Enrolment {
    /// The new password.
    pub password: String,
    /// Secret of the authenticator program.
    pub secret: Vec<u8>,
    /// A one-time code of that secret.
    pub code: String,
}

/// Returns the token of the first-run wizard while there is no officer; a new one at each start.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn setup_token(app: &AuthorityApp) -> Result<Option<String>, ServiceError> {
    if store::any_officer(&app.db).await? {
        return Ok(None);
    }
    let token = app.entropy.hex_id();
    *app.setup_token() = Some(secret_hash(&token));
    Ok(Some(token))
}

/// Returns whether there is no officer yet.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(super) async fn is_new(app: &AuthorityApp) -> Result<bool, ServiceError> {
    Ok(!store::any_officer(&app.db).await?)
}

/// Makes the only administrator that the wizard makes.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] on a wrong token or when there is an officer already; [`ServiceError::Invalid`].
pub async fn first_officer(
    app: &AuthorityApp,
    token: &str,
    login: &str,
    name: &str,
    enrolment: &Enrolment,
) -> Result<String, ServiceError> {
    let is_right = *app.setup_token() == Some(secret_hash(token));
    if !is_right {
        return Err(ServiceError::Unauthenticated);
    }
    let new = NewOfficer {
        login: login.trim().to_lowercase(),
        name: name.trim().to_owned(),
        role: Role::ADMINISTRATOR,
        scope: Scope::NATION,
        place: Place::default(),
    };
    check_login(&new.login)?;
    check_name(&new.name)?;
    let officer_id = format!("officer_{}", app.entropy.hex_id());
    let keys = enrol(app, &officer_id, &new.login, &new.name, enrolment).await?;
    let now = app.clock.now();
    trail::at_the_door(app, Action::USER_CREATE, &officer_id).await?;
    transaction!(app.db, "first officer", |tx| {
        if store::any_officer_in(tx).await? {
            return Err(ServiceError::Unauthenticated);
        }
        store::insert_officer(tx, &officer_id, &new, now.plus(ROLE_SECONDS), now).await?;
        store::activate(tx, &officer_id, &keys.0, &keys.1, keys.2).await?;
        Ok(())
    })?;
    *app.setup_token() = None;
    Ok(officer_id)
}

/// Invites somebody; nobody gives a role their own does not grant, or a unit outside their own.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`]; [`ServiceError::Invalid`]; [`ServiceError::Conflict`] when the login is taken.
pub async fn invite(app: &AuthorityApp, by: &Session, new: &NewOfficer) -> Result<Invitation, ServiceError> {
    check_login(&new.login)?;
    check_name(&new.name)?;
    let verdict = check_grant(&by.officer, new.role, new.scope, &new.place);
    trail::judged(app, by, Action::USER_CREATE, None, verdict).await?;
    let officer_id = format!("officer_{}", app.entropy.hex_id());
    let token = hex::encode(app.entropy.bytes::<32>());
    let now = app.clock.now();
    let until = now.plus(INVITATION_SECONDS);
    trail::note(app, by, Action::USER_CREATE, Some(&officer_id)).await?;
    transaction!(app.db, "invite officer", |tx| {
        if store::login_exists(tx, &new.login).await? {
            return Err(ServiceError::Conflict {
                why: "the login is taken",
            });
        }
        store::insert_officer(tx, &officer_id, new, now.plus(ROLE_SECONDS), now).await?;
        store::insert_invitation(tx, &secret_hash(&token), &officer_id, until).await?;
        Ok(())
    })?;
    Ok(Invitation {
        officer_id,
        token,
        until,
    })
}

/// Makes an active account at once: for the simulator and for tests of other features.
///
/// # Errors
///
/// [`ServiceError::Invalid`]; [`ServiceError::Database`].
#[cfg(any(test, feature = "in-process"))]
pub async fn seat(app: &AuthorityApp, new: &NewOfficer, enrolment: &Enrolment) -> Result<String, ServiceError> {
    let officer_id = format!("officer_{}", app.entropy.hex_id());
    let keys = enrol(app, &officer_id, &new.login, &new.name, enrolment).await?;
    let now = app.clock.now();
    transaction!(app.db, "seat officer", |tx| {
        store::insert_officer(tx, &officer_id, new, now.plus(ROLE_SECONDS), now).await?;
        store::activate(tx, &officer_id, &keys.0, &keys.1, keys.2).await?;
        Ok(())
    })?;
    Ok(officer_id)
}

/// Checks that `by` may give `role` in `scope` to somebody.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`]; [`ServiceError::Invalid`] when the role is not for units of that level.
pub(super) fn check_grant(by: &Officer, role: Role, scope: Scope, place: &Place) -> Result<(), ServiceError> {
    if !by.role.may_grant(role) || !by.scope.covers(place) {
        return Err(ServiceError::NotAllowed);
    }
    let fits_place = match scope.level {
        Level::Nation => by.scope == Scope::NATION && scope.unit == 0,
        _ => scope.covers(place),
    };
    if !fits_place || !role.rule().tiers.contains(&scope.level) {
        return Err(ServiceError::Invalid {
            field: "unit",
            why: "the role is not for such a unit",
        });
    }
    Ok(())
}

/// Accepts an invitation: sets password and authenticator.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when it is unknown, used or too old; [`ServiceError::Invalid`].
pub async fn accept(app: &AuthorityApp, token: &str, enrolment: &Enrolment) -> Result<Officer, ServiceError> {
    let (now, hash) = (app.clock.now(), secret_hash(token));
    let unknown = || ServiceError::NotFound { what: "invitation" };
    let officer = store::invited(&app.db, &hash, now).await?.ok_or_else(unknown)?;
    let keys = enrol(app, &officer.officer_id, &officer.login, &officer.name, enrolment).await?;
    trail::at_the_door(app, Action::USER_ACCEPT, &officer.officer_id).await?;
    transaction!(app.db, "accept invitation", |tx| {
        if !store::take_invitation(tx, &hash, now).await? {
            return Err(ServiceError::NotFound { what: "invitation" });
        }
        store::activate(tx, &officer.officer_id, &keys.0, &keys.1, keys.2).await?;
        Ok(())
    })?;
    Ok(officer)
}

/// Returns who an invitation is for.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when it is unknown, used or too old.
pub(super) async fn load_invited(app: &AuthorityApp, token: &str) -> Result<Officer, ServiceError> {
    let found = store::invited(&app.db, &secret_hash(token), app.clock.now()).await?;
    found.ok_or(ServiceError::NotFound { what: "invitation" })
}

/// Ends an account and every session of it at once.
///
/// # Errors
///
/// [`ServiceError::NotFound`] also outside the own unit; [`ServiceError::NotAllowed`] for a role that `by` may not give;
/// [`ServiceError::Conflict`] for the last administrator and for an account that has ended already.
pub async fn leave(app: &AuthorityApp, by: &Session, officer_id: &str) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let found = load_officer(app, by, officer_id).await?;
    if !is_current(&found) {
        return Err(ServiceError::Conflict {
            why: "the account has ended",
        });
    }
    let verdict = may_change(by, &found);
    trail::judged(app, by, Action::USER_DISABLE, Some(officer_id), verdict).await?;
    trail::note(app, by, Action::USER_DISABLE, Some(officer_id)).await?;
    transaction!(app.db, "officer leaves", |tx| {
        let found = store::load_officer(tx, app.db.dialect(), officer_id, by.officer.scope).await?;
        let found = found.ok_or(ServiceError::NotFound { what: "officer" })?;
        if !by.officer.role.may_grant(found.role) {
            return Err(ServiceError::NotAllowed);
        }
        if found.role == Role::ADMINISTRATOR && store::count_active(tx, Role::ADMINISTRATOR).await? <= 1 {
            return Err(ServiceError::Conflict {
                why: "the last administrator cannot leave",
            });
        }
        store::leave(tx, officer_id, now).await?;
        Ok(())
    })
}

/// Checks that `by` may end the account or change the role: whoever may not give a role may not take it away either.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`].
pub(super) fn may_change(by: &Session, found: &Officer) -> Result<(), ServiceError> {
    let allowed = by.officer.role.may_grant(found.role) && is_current(found);
    if allowed { Ok(()) } else { Err(ServiceError::NotAllowed) }
}

/// Returns an officer of the own unit.
///
/// # Errors
///
/// [`ServiceError::NotFound`] also outside the own unit.
pub async fn load_officer(app: &AuthorityApp, by: &Session, officer_id: &str) -> Result<Officer, ServiceError> {
    let mut tx = app.db.begin_reading().await?;
    let found = store::load_officer(&mut tx, app.db.dialect(), officer_id, by.officer.scope).await?;
    found.ok_or(ServiceError::NotFound { what: "officer" })
}

/// What is asked of the list of officers; what is not given does not restrict.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfficerFilter {
    /// In this role.
    pub role: Option<Role>,
    /// In this state.
    pub state: Option<OfficerState>,
    /// Leaves out who has left.
    pub current_only: bool,
}

/// A row as a place in the list of officers: when the role ends, and the id.
pub type OfficerPlace = (i64, String);

/// Returns up to `limit` officers of the own unit by the end of their role, from `from` on, without that one.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_officers(
    app: &AuthorityApp,
    by: &Session,
    filter: &OfficerFilter,
    from: Option<OfficerPlace>,
    descending: bool,
    limit: u32,
) -> Result<Vec<Officer>, ServiceError> {
    debug_assert!(by.may(Permission::UserManage), "the route asks for it");
    Ok(store::list_officers(&app.db, by.officer.scope, filter, from, descending, limit).await?)
}

/// Returns the logins of accounts, for who reads the audit; an id without an account is left out.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn logins(app: &AuthorityApp, ids: &[String]) -> Result<HashMap<String, String>, ServiceError> {
    let mut found = HashMap::new();
    for id in ids {
        if let Some(login) = store::login_of(&app.db, id).await? {
            found.insert(id.clone(), login);
        }
    }
    Ok(found)
}

/// Returns the id of the account with a login.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn id_of_login(app: &AuthorityApp, login: &str) -> Result<Option<String>, ServiceError> {
    Ok(store::id_of_login(&app.db, &login.trim().to_lowercase()).await?)
}

/// Checks what a person gives for an account; returns hash, sealed secret and the step of the code used.
async fn enrol(
    app: &AuthorityApp,
    officer_id: &str,
    login: &str,
    name: &str,
    enrolment: &Enrolment,
) -> Result<(String, Vec<u8>, i64), ServiceError> {
    check_password(&enrolment.password, login, name)?;
    if enrolment.secret.len() != 20 {
        return Err(ServiceError::Invalid {
            field: "secret",
            why: "20 bytes",
        });
    }
    let step = fitting_step(&enrolment.secret, &enrolment.code, app.clock.now(), 0).ok_or(ServiceError::Invalid {
        field: "code",
        why: "the one-time code does not fit",
    })?;
    let (password, salt) = (enrolment.password.clone(), app.entropy.bytes::<16>());
    let hash = blocking(move || {
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string())
            .map_err(|_| ServiceError::Internal("a password cannot be hashed"))
    })
    .await?;
    let sealed = app.seal_staff_secret(officer_id, &enrolment.secret);
    Ok((hash, sealed, step))
}

/// Returns whether an officer may still be changed: one who has left is history.
pub(super) fn is_current(officer: &Officer) -> bool {
    officer.state != OfficerState::Left
}
