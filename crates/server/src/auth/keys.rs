//! Keys of programs: made by an officer, shown once, stored as a hash, and never worth more than their maker is now.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use protocol::time::UnixSeconds;

use super::model::OfficerState;
use super::role::Permission;
use super::session::{Session, secret_hash};
use super::store::keys::{self as store, StoredKey};
use super::{trail, units};
use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Outcome, Purpose};
use crate::db::transaction;
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::http::Problem;
use crate::http::source::Source;
use crate::scope::{Place, Scope};

/// What a program may be allowed: permissions that a documented route of the API asks for.
pub(super) const MACHINE: &[Permission] = &[Permission::AuditRead];
/// Longest life of a key, in days.
pub(super) const MAX_DAYS: i64 = 90;
/// What every key begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "vl_";
/// Role under which programs stand in the audit.
const ROLE: &str = "api_key";

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Id, which the audit names.
    pub key_id: String,
    /// What it is for, in the maker's words.
    pub label: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// Where.
    pub scope: Scope,
    /// Login of who made it.
    pub made_by: String,
    /// When.
    pub created_at: UnixSeconds,
    /// Until when it works.
    pub until: UnixSeconds,
    /// When it was revoked.
    pub revoked_at: Option<UnixSeconds>,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for: 2 to 60 characters.
    pub label: String,
    /// What it allows: some of [`MACHINE`] that the maker may.
    pub permissions: Vec<Permission>,
    /// Where: inside the maker's unit.
    pub scope: Scope,
    /// The units above and at `scope`.
    pub place: Place,
    /// How long it works, 1 to [`MAX_DAYS`] days.
    pub days: i64,
}

/// A new key with its secret, which is shown once. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct MadeKey {
    /// The key.
    pub key: ApiKey,
    /// What the program sends after `Authorization: Bearer `.
    pub secret: String,
}

impl fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MadeKey({})", self.key.key_id)
    }
}

/// Returns what an officer may put into a key.
pub(super) fn offered(by: &Session) -> Vec<Permission> {
    MACHINE
        .iter()
        .copied()
        .filter(|permission| by.may(*permission))
        .collect()
}

/// Makes a key.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] for more than the own permissions or units; [`ServiceError::Invalid`].
pub async fn make_key(app: &AuthorityApp, by: &Session, new: &NewKey) -> Result<MadeKey, ServiceError> {
    check(new)?;
    let offered = offered(by);
    let is_own = new.permissions.iter().all(|permission| offered.contains(permission));
    let verdict = if is_own && by.officer.scope.covers(&new.place) {
        Ok(())
    } else {
        Err(ServiceError::NotAllowed)
    };
    trail::judged(app, by, Action::KEY_CREATE, None, verdict).await?;
    let now = app.clock.now();
    let key = ApiKey {
        key_id: format!("key_{}", app.entropy.hex_id()),
        label: new.label.trim().to_owned(),
        permissions: new.permissions.clone(),
        scope: new.scope,
        made_by: by.officer.login.clone(),
        created_at: now,
        until: now.plus(new.days * 86_400),
        revoked_at: None,
    };
    let secret = format!("{PREFIX}{}", hex::encode(app.entropy.bytes::<32>()));
    trail::note(app, by, Action::KEY_CREATE, Some(&key.key_id)).await?;
    transaction!(app.db, "make key", |tx| {
        store::insert(tx, &key, &secret_hash(&secret), &by.officer.officer_id).await?;
        Ok(())
    })?;
    Ok(MadeKey { key, secret })
}

fn check(new: &NewKey) -> Result<(), ServiceError> {
    let invalid = |field, why| Err(ServiceError::Invalid { field, why });
    let label = new.label.trim();
    if !(2..=60).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return invalid("label", "2 to 60 characters");
    }
    if new.permissions.is_empty() {
        return invalid("permissions", "at least one");
    }
    if !(1..=MAX_DAYS).contains(&new.days) {
        return invalid("days", "1 to 90");
    }
    Ok(())
}

/// Returns the keys that officers of the own unit made, newest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_keys(app: &AuthorityApp, by: &Session) -> Result<Vec<ApiKey>, ServiceError> {
    Ok(store::list(&app.db, by.officer.scope).await?)
}

/// Ends a key at once.
///
/// # Errors
///
/// [`ServiceError::NotFound`] also outside the own unit and when it was revoked.
pub async fn revoke_key(app: &AuthorityApp, by: &Session, key_id: &str) -> Result<(), ServiceError> {
    let unknown = || ServiceError::NotFound { what: "key" };
    let mut keys = list_keys(app, by).await?.into_iter();
    let found = keys
        .find(|key| key.key_id == key_id && key.revoked_at.is_none())
        .ok_or_else(unknown)?;
    trail::note(app, by, Action::KEY_REVOKE, Some(&found.key_id)).await?;
    let now = app.clock.now();
    transaction!(app.db, "revoke key", |tx| {
        if store::revoke(tx, key_id, now).await? {
            Ok(())
        } else {
            Err(ServiceError::NotFound { what: "key" })
        }
    })
}

/// A program that showed a key which works now.
#[derive(Clone, Debug)]
pub(crate) struct ApiCaller {
    key: ApiKey,
}

impl ApiCaller {
    /// Lets an act go on that needs `permission`, and records it; refusals are recorded too.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotAllowed`]; [`ServiceError::Unavailable`] when it cannot be recorded.
    pub(crate) async fn admit(
        &self,
        app: &AuthorityApp,
        permission: Permission,
        purpose: Purpose,
        action: Action,
    ) -> Result<(), ServiceError> {
        let allowed = self.key.permissions.contains(&permission);
        let outcome = if allowed { Outcome::Allowed } else { Outcome::Denied };
        let entry = Entry::new(Actor::ApiKey(self.key.key_id.clone()), ROLE, purpose, action);
        let scope = Some(self.key.scope.unit);
        app.audit
            .record(Entry {
                scope,
                outcome,
                ..entry
            })
            .await?;
        if allowed { Ok(()) } else { Err(ServiceError::NotAllowed) }
    }
}

impl FromRequestParts<AuthorityApp> for ApiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AuthorityApp) -> Result<Self, Problem> {
        let header = app.config.client_address_header.as_deref();
        let source = Source::of(&parts.headers, &parts.extensions, header);
        let secret = bearer(&parts.headers).filter(|secret| secret.starts_with(PREFIX));
        Ok(identify(app, secret, &source).await?)
    }
}

/// Returns what stands after `Authorization: Bearer `.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// Finds the key by the hash of its secret: how long that takes says nothing about the secret.
async fn identify(app: &AuthorityApp, secret: Option<&str>, source: &Source) -> Result<ApiCaller, ServiceError> {
    let now = app.clock.now();
    let counted = app.source_hash(&Source(format!("api {}", source.0)));
    let admitted = app.sources().admit(counted, now, &app.config.code_limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    let secret = secret.ok_or(ServiceError::Unauthenticated)?;
    let found = store::find(&app.db, &secret_hash(secret)).await?;
    let found = found
        .filter(|found| works(app, found, now))
        .ok_or(ServiceError::Unauthenticated)?;
    app.sources().forgive(counted, &app.config.code_limits);
    Ok(ApiCaller { key: found.key })
}

/// A key works while it is in time and its maker could make it anew.
fn works(app: &AuthorityApp, found: &StoredKey, now: UnixSeconds) -> bool {
    let key = &found.key;
    let in_time = key.revoked_at.is_none() && now < key.until;
    let maker_works = found.maker_state == OfficerState::Active && now < found.maker_role_until;
    let may = key
        .permissions
        .iter()
        .all(|permission| found.maker_role.may(*permission));
    let place = match UnitId::from_number(key.scope.unit) {
        Some(unit) => units::scope_of(&app.geo, unit).map(|(_, place)| place),
        None => (key.scope == Scope::NATION).then(Place::default),
    };
    in_time && maker_works && may && place.is_some_and(|place| found.maker_scope.covers(&place))
}
