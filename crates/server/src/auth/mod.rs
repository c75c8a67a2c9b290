//! Who may use the desk: one password, made at the first start, and sessions in cookies.
//!
//! People and roles come later; this keeps strangers out of the desk until then.

pub(crate) mod page;
mod store;

use std::fmt;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use protocol::code::ALPHABET;
use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::http::source::Source;

/// A session without a request for this long is over, in seconds.
pub const IDLE_SECONDS: i64 = 20 * 60;
/// A session is over after this long in any case, in seconds.
pub const SESSION_SECONDS: i64 = 8 * 3600;
/// Longest password compared, in bytes.
const MAX_PASSWORD: usize = 128;

/// A signed-in session. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct Session {
    /// Value that every form of this session carries.
    pub form_token: String,
    hash: [u8; 32],
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(…)")
    }
}

/// Makes the desk's password if there is none yet and returns it, to be shown once.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn ensure_password(app: &AuthorityApp) -> Result<Option<String>, ServiceError> {
    if store::password_hash(&app.db).await?.is_some() {
        return Ok(None);
    }
    let password = draw_password(app);
    set_password(app, &password).await?;
    Ok(Some(password))
}

/// Replaces the desk's password and ends all sessions.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn set_password(app: &AuthorityApp, password: &str) -> Result<(), ServiceError> {
    let (password, salt) = (password.to_owned(), app.entropy.bytes::<16>());
    let hash = blocking(move || {
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string())
            .map_err(|_| ServiceError::Internal("a password cannot be hashed"))
    })
    .await?;
    let now = app.clock.now();
    transaction!(app.db, "set password", |tx| {
        store::put_password(tx, &hash, now).await?;
        store::end_all(tx).await?;
        Ok(())
    })
}

/// Signs in and returns the secret of the session, for its cookie.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] on a wrong password; [`ServiceError::TooMany`] after ten attempts at once.
pub(crate) async fn sign_in(app: &AuthorityApp, password: &str, source: &Source) -> Result<String, ServiceError> {
    let now = app.clock.now();
    let counted = app.source_hash(&Source(format!("desk {}", source.0)));
    let limits = &app.config.code_limits;
    let admitted = app.sources().admit(counted, now, limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    let stored = store::password_hash(&app.db)
        .await?
        .ok_or(ServiceError::Unauthenticated)?;
    if password.len() > MAX_PASSWORD {
        return Err(ServiceError::Unauthenticated);
    }
    let password = password.to_owned();
    blocking(move || {
        let hash = PasswordHash::new(&stored).map_err(|_| ServiceError::Internal("the stored hash cannot be read"))?;
        let verdict = Argon2::default().verify_password(password.as_bytes(), &hash);
        verdict.map_err(|_| ServiceError::Unauthenticated)
    })
    .await?;
    app.sources().forgive(counted, limits);
    let secret = hex::encode(app.entropy.bytes::<32>());
    let form_token = app.entropy.hex_id();
    let hash = secret_hash(&secret);
    transaction!(app.db, "sign in", |tx| {
        store::end_expired(tx, now.plus(-IDLE_SECONDS), now.plus(-SESSION_SECONDS)).await?;
        store::begin(tx, &hash, &form_token, now).await?;
        Ok(())
    })?;
    Ok(secret)
}

/// Returns the session of a cookie's secret and notes that it was used.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] when there is none or its time is over.
pub(crate) async fn resume(app: &AuthorityApp, secret: &str) -> Result<Session, ServiceError> {
    let now = app.clock.now();
    let hash = secret_hash(secret);
    let found = store::find(&app.db, &hash)
        .await?
        .ok_or(ServiceError::Unauthenticated)?;
    if !is_valid(found.begun_at, found.seen_at, now) {
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
        form_token: found.form_token,
        hash,
    })
}

/// Ends a session.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn sign_out(app: &AuthorityApp, session: &Session) -> Result<(), ServiceError> {
    transaction!(app.db, "sign out", |tx| {
        store::end(tx, &session.hash).await?;
        Ok(())
    })
}

/// Erases sessions whose time is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "erase expired sessions", |tx| {
        store::end_expired(tx, now.plus(-IDLE_SECONDS), now.plus(-SESSION_SECONDS)).await?;
        Ok(())
    })
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
}

fn is_valid(begun_at: UnixSeconds, seen_at: UnixSeconds, now: UnixSeconds) -> bool {
    now.0 - seen_at.0 < IDLE_SECONDS && now.0 - begun_at.0 < SESSION_SECONDS
}

/// Sixteen signs that are hard to misread, 79 bits.
fn draw_password(app: &AuthorityApp) -> String {
    let mut text = String::new();
    for at in 0..16 {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[app.entropy.below(31) as usize]));
    }
    text
}

fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ServiceError::Internal("a task ended early"))?
}
