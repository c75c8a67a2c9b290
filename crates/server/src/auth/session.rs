//! Signing in, sessions and the repeated proof before sensitive acts.

use std::fmt;

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use super::model::SESSION_SECONDS;
use super::model::{IDLE_SECONDS, MAX_PASSWORD, Officer, OfficerState, STEP_UP_SECONDS, fitting_step};
use super::role::Permission;
use super::store::{self, Credentials};
use super::trail;
use crate::app::AuthorityApp;
use crate::audit::{Action, Outcome};
use crate::db::transaction;
use crate::error::ServiceError;
use crate::http::source::Source;

/// A hash to compare with when there is no such login, so that the answer takes as long (argon2id of a random word).
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$9mCB1n0Yp6K7q0x5cB0m3Q2k1nq0b3hYt1pT8pX5u0E";

/// A signed-in officer.
#[derive(Clone)]
pub struct Session {
    /// Who.
    pub officer: Officer,
    /// Value that every form of this session carries.
    pub form_token: String,
    /// When the last one-time code was given.
    pub stepped_up_at: UnixSeconds,
    pub(super) hash: [u8; 32],
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?})", self.officer)
    }
}

impl Session {
    /// Checks the token of a form in constant time.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`].
    pub(crate) fn check_form(&self, token: &str) -> Result<(), ServiceError> {
        let same: bool = self.form_token.as_bytes().ct_eq(token.as_bytes()).into();
        if same { Ok(()) } else { Err(ServiceError::Forbidden) }
    }

    /// Returns whether the officer may do something.
    pub fn may(&self, permission: Permission) -> bool {
        self.officer.role.may(permission)
    }

    /// Returns whether a one-time code was given lately enough for a sensitive act.
    pub fn is_stepped_up(&self, now: UnixSeconds) -> bool {
        now.0 - self.stepped_up_at.0 < STEP_UP_SECONDS
    }
}

/// Signs in and returns the secret of the session, for its cookie.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] whatever is wrong; [`ServiceError::TooMany`] after ten attempts at once from one
/// network or on one login.
pub(crate) async fn sign_in(
    app: &AuthorityApp,
    login: &str,
    password: &str,
    code: &str,
    source: &Source,
) -> Result<(String, Officer), ServiceError> {
    let now = app.clock.now();
    let login = login.trim().to_lowercase();
    let counted = [format!("desk {}", source.0), format!("login {login}")].map(|key| app.source_hash(&Source(key)));
    for key in counted {
        let admitted = app.sources().admit(key, now, &app.config.code_limits);
        admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    }
    let found = store::credentials(&app.db, &login).await?;
    let officer = found.as_ref().map(|found| found.officer.clone());
    match begin(app, found, password, code, now).await {
        Ok((secret, officer)) => {
            // Without a record nobody gets the secret, so nobody is in.
            trail::proof(app, &officer, Action::SIGN_IN, Outcome::Allowed).await?;
            for key in counted {
                app.sources().forgive(key, &app.config.code_limits);
            }
            Ok((secret, officer))
        }
        Err(ServiceError::Unauthenticated) => {
            match &officer {
                Some(officer) => trail::proof(app, officer, Action::SIGN_IN_FAILED, Outcome::Denied).await?,
                None => trail::unknown_login(app).await?,
            }
            Err(ServiceError::Unauthenticated)
        }
        Err(error) => Err(error),
    }
}

/// Checks password and one-time code and begins a session; returns its secret.
async fn begin(
    app: &AuthorityApp,
    found: Option<Credentials>,
    password: &str,
    code: &str,
    now: UnixSeconds,
) -> Result<(String, Officer), ServiceError> {
    verify_password(password, found.as_ref().map(|found| found.password_hash.as_str())).await?;
    let found = found.ok_or(ServiceError::Unauthenticated)?;
    if found.officer.state != OfficerState::Active || found.officer.role_until <= now {
        return Err(ServiceError::Unauthenticated);
    }
    let secret = app.open_staff_secret(&found.officer.officer_id, &found.totp_sealed)?;
    let step = fitting_step(&secret, code, now, found.totp_used_step).ok_or(ServiceError::Unauthenticated)?;
    let secret = hex::encode(app.entropy.bytes::<32>());
    let form_token = app.entropy.hex_id();
    let hash = secret_hash(&secret);
    transaction!(app.db, "sign in", |tx| {
        if !store::use_step(tx, &found.officer.officer_id, step).await? {
            return Err(ServiceError::Unauthenticated);
        }
        store::end_expired(tx, now.plus(-IDLE_SECONDS), now.plus(-SESSION_SECONDS)).await?;
        store::begin(tx, &hash, &found.officer.officer_id, &form_token, now).await?;
        Ok(())
    })?;
    Ok((secret, found.officer))
}

/// Returns the session of a cookie's secret and notes that it was used.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] when there is none, its time is over, or the officer has left.
pub(crate) async fn resume(app: &AuthorityApp, secret: &str) -> Result<Session, ServiceError> {
    let now = app.clock.now();
    let hash = secret_hash(secret);
    let found = store::find_session(&app.db, &hash)
        .await?
        .ok_or(ServiceError::Unauthenticated)?;
    let is_over = now.0 - found.seen_at.0 >= IDLE_SECONDS || now.0 - found.begun_at.0 >= SESSION_SECONDS;
    let officer = found.officer;
    if is_over || officer.state != OfficerState::Active || officer.role_until <= now {
        return Err(ServiceError::Unauthenticated);
    }
    // Once a minute is enough: a page must not cost a write.
    if now.0 - found.seen_at.0 >= 60 {
        transaction!(app.db, "see session", |tx| {
            store::see(tx, &hash, now).await?;
            Ok(())
        })?;
    }
    Ok(Session {
        officer,
        form_token: found.form_token,
        stepped_up_at: found.stepped_up_at,
        hash,
    })
}

/// Notes a fresh one-time code, for the sensitive acts of the next ten minutes.
///
/// # Errors
///
/// [`ServiceError::Invalid`] when the code does not fit; [`ServiceError::TooMany`].
pub(crate) async fn step_up(app: &AuthorityApp, session: &Session, code: &str) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let key = app.source_hash(&Source(format!("step-up {}", session.officer.officer_id)));
    let admitted = app.sources().admit(key, now, &app.config.code_limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    let wrong = ServiceError::Invalid {
        field: "code",
        why: "the one-time code does not fit",
    };
    let Some(found) = store::credentials(&app.db, &session.officer.login).await? else {
        return Err(ServiceError::Unauthenticated);
    };
    let secret = app.open_staff_secret(&found.officer.officer_id, &found.totp_sealed)?;
    let Some(step) = fitting_step(&secret, code, now, found.totp_used_step) else {
        trail::proof(app, &session.officer, Action::STEP_UP, Outcome::Denied).await?;
        return Err(wrong);
    };
    app.sources().forgive(key, &app.config.code_limits);
    trail::proof(app, &session.officer, Action::STEP_UP, Outcome::Allowed).await?;
    transaction!(app.db, "step up", |tx| {
        if !store::use_step(tx, &found.officer.officer_id, step).await? {
            return Err(ServiceError::Unauthenticated);
        }
        store::step_up(tx, &session.hash, now).await?;
        Ok(())
    })
}

/// Returns a session of an active officer, without a cookie: for the simulator and for tests of other features.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
#[cfg(any(test, feature = "in-process"))]
pub async fn session_of(app: &AuthorityApp, login: &str) -> Result<Session, ServiceError> {
    let found = store::credentials(&app.db, login).await?;
    let found = found.ok_or(ServiceError::NotFound { what: "officer" })?;
    Ok(Session {
        officer: found.officer,
        form_token: String::new(),
        stepped_up_at: app.clock.now(),
        hash: [0; 32],
    })
}

/// Ends a session.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn sign_out(app: &AuthorityApp, session: &Session) -> Result<(), ServiceError> {
    trail::proof(app, &session.officer, Action::SIGN_OUT, Outcome::Allowed).await?;
    transaction!(app.db, "sign out", |tx| {
        store::end(tx, &session.hash).await?;
        Ok(())
    })
}

/// Erases sessions and invitations whose time is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase expired sessions", |tx| {
        store::end_expired(tx, now.plus(-IDLE_SECONDS), now.plus(-SESSION_SECONDS)).await?;
        store::erase_invitations(tx, now).await?;
        Ok(())
    })
}

/// Returns what a cookie's or an invitation's secret is stored as.
pub(super) fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

async fn verify_password(password: &str, stored: Option<&str>) -> Result<(), ServiceError> {
    if password.len() > MAX_PASSWORD {
        return Err(ServiceError::Unauthenticated);
    }
    let (password, known, stored) = (
        password.to_owned(),
        stored.is_some(),
        stored.unwrap_or(NOBODY).to_owned(),
    );
    blocking(move || {
        let hash = PasswordHash::new(&stored).map_err(|_| ServiceError::Internal("a stored hash cannot be read"))?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        if fits && known {
            Ok(())
        } else {
            Err(ServiceError::Unauthenticated)
        }
    })
    .await
}

/// Runs slow work, such as hashing a password, off the threads that answer requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ServiceError::Internal("a task ended early"))?
}
