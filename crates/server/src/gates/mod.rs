//! Gates: devices at the door of a venue that scan whoever comes, with or without a network (docs/spec/venues.md V60–V72).
//!
//! A gate belongs to a venue, its device is enrolled by a link, and what it sends was sealed when it was scanned.

pub mod guards;
pub(crate) mod http;
pub mod model;
pub(crate) mod page;
mod resolve;
mod store;
mod sync;

use protocol::gate::enrolment;
use protocol::gate::rules::{Rules, to_hex};
use protocol::signature::{POINT_BYTES, PublicKey, digest};
use protocol::time::{DAY_SECONDS, UnixSeconds};
use sha2::{Digest, Sha256};

pub use model::{Gate, GateId, NewGate};
pub use sync::{Request, Sealed, Synced, Wrong, sync};

use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::visits::model::KEPT_DAYS;
use crate::{passes, venues};

/// Most revoked cards that rules name.
const MOST_REVOKED: u32 = 500;

/// Makes a gate for a venue.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::Conflict`] when there are too many.
pub async fn register(app: &AuthorityApp, venue_id: &str, new: NewGate) -> Result<Gate, ServiceError> {
    let new = new.check()?;
    let now = app.clock.now();
    transaction!(app.db, "register gate", |tx| {
        if store::count(tx, venue_id).await? >= model::MAX_GATES as i64 {
            return Err(ServiceError::Conflict {
                why: "a venue has at most 50 gates",
            });
        }
        let gate = Gate {
            id: app.entropy.bytes(),
            number: store::next_number(tx).await?,
            venue_id: venue_id.to_owned(),
            name: new.name.clone(),
            way: new.way,
            takes: new.takes.clone(),
            made_at: now,
            changed_at: now,
            point: None,
            enrolled_at: None,
            seen_at: None,
            skew_s: None,
            forked_at: None,
            wiped_at: None,
        };
        store::insert(tx, &gate).await?;
        Ok(gate)
    })
}

/// Returns a venue's gates, the oldest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list(app: &AuthorityApp, venue_id: &str) -> Result<Vec<Gate>, ServiceError> {
    Ok(store::of_venue(&app.db, venue_id).await?)
}

/// Returns a gate of a venue; one of another venue is like a missing one.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn load(app: &AuthorityApp, venue_id: &str, id: &GateId) -> Result<Gate, ServiceError> {
    let found = store::by_id(&app.db, id).await?;
    let found = found.filter(|gate| gate.venue_id == venue_id);
    found.ok_or(ServiceError::NotFound { what: "gate" })
}

/// What of a gate's records arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many arrived.
    pub arrived: i64,
    /// How many counters between the first and the last did not (V63).
    pub missing: i64,
    /// How many were wrong.
    pub wrong: i64,
}

/// Returns what of a gate's records of the last 21 days arrived.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn tally(app: &AuthorityApp, gate: &Gate) -> Result<Tally, ServiceError> {
    let (arrived, span, wrong) = store::tally(&app.db, gate.number).await?;
    Ok(Tally {
        arrived,
        missing: span - arrived,
        wrong,
    })
}

/// Makes the secret of the link that opens a gate on a device; an earlier one works no longer.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn make_link(app: &AuthorityApp, gate: &Gate) -> Result<String, ServiceError> {
    let secret = to_hex(&app.entropy.bytes::<16>());
    let (hash, until) = (link_hash(&secret), app.clock.now().plus(model::LINK_SECONDS));
    transaction!(app.db, "make link of gate", |tx| {
        store::set_link(tx, &gate.id, &hash, until).await?;
        Ok(())
    })?;
    Ok(secret)
}

fn link_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Gives the gate of a link the device that holds this key; returns the gate and its rules (V65).
///
/// # Errors
///
/// [`ServiceError::Invalid`] `secret` for a link that was used, is too old or never was, `signature` when the device does not hold the key.
pub async fn enrol(
    app: &AuthorityApp,
    secret: &str,
    point: &[u8; POINT_BYTES],
    signature: &[u8],
) -> Result<(Gate, String), ServiceError> {
    let invalid = |field, why| ServiceError::Invalid { field, why };
    let key = PublicKey::from_point(point).map_err(|_| invalid("point", "is no point of the curve"))?;
    key.verify_digest(&digest(&enrolment(secret.as_bytes(), point)), signature)
        .map_err(|_| invalid("signature", "is not that of the key"))?;
    let (hash, now) = (link_hash(secret), app.clock.now());
    let id = transaction!(app.db, "enrol gate", |tx| {
        Ok(store::enrol(tx, &hash, &key, now).await?)
    })?;
    let id = id.ok_or(invalid("secret", "was used, or is too old"))?;
    let gate = store::by_id(&app.db, &id).await?;
    let gate = gate.ok_or(ServiceError::Internal("a gate was just enrolled"))?;
    let rules = rules(app, &gate).await?;
    Ok((gate, rules))
}

/// Returns a gate's rules of now, signed (V67).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn rules(app: &AuthorityApp, gate: &Gate) -> Result<String, ServiceError> {
    let venue = venues::load(app, &gate.venue_id).await?;
    let revoked = passes::revoked_cards(app, MOST_REVOKED).await?;
    let now = app.clock.now();
    let rules = Rules {
        gate: to_hex(&gate.id),
        name: gate.name.clone(),
        venue: venue.name,
        kind: venue.kind.number(),
        from: now.0,
        until: now.0 + model::RULES_SECONDS,
        way: gate.way,
        takes: gate.takes.clone(),
        guards: guards::for_rules(app, &gate.venue_id).await?,
        revoked_cards: revoked.iter().map(|id| to_hex(id)).collect(),
        code_keys: vec![to_hex(&app.secrets.certificate.public_key().to_point())],
        seal_key: to_hex(&app.secrets.gate.public_key().to_point()),
    };
    Ok(rules.sign(&app.secrets.certificate))
}

/// Tells a gate's device to forget everything with its next request; what it scans from now on is not taken (V71).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn wipe(app: &AuthorityApp, gate: &Gate) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "wipe gate", |tx| {
        store::wipe(tx, &gate.id, now).await?;
        Ok(())
    })
}

/// Erases what is kept of records as long as visits are.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let before: UnixSeconds = app.clock.now().plus(-KEPT_DAYS * DAY_SECONDS);
    transaction!(app.db, "erase records of gates", |tx| {
        store::erase_before(tx, before).await?;
        Ok(())
    })
}
