//! Guards: people who may open a venue's gates with a PIN that is sent to their telephone and that the owner never sees.

use hmac::Hmac;
use protocol::gate::rules::{Guard, to_hex};
use sha2::Sha256;

use super::model::MAX_GATES;
use super::store;
use crate::app::AuthorityApp;
use crate::console::Texts;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::messages::{NotTaken, Outgoing, hand_over_now};
use crate::people::{self, Identity, LegalBasis, PersonId, known_or_new};

/// Rounds of PBKDF2 over a PIN (OWASP's figure for HMAC-SHA256). Who has the rules and time tries a million PINs all the same: the PIN keeps
/// colleagues apart, it does not protect what was scanned.
const ROUNDS: u32 = 600_000;

/// A guard as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredGuard {
    pub(super) guard_id: String,
    pub(super) person: PersonId,
    pub(super) salt: [u8; 16],
    pub(super) pin_hash: [u8; 32],
}

/// A guard as the owner sees one.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownGuard {
    /// Id.
    pub guard_id: String,
    /// Name.
    pub name: String,
}

/// Enters a guard and sends the PIN to the telephone.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field, `phone` also when the carrier refuses; [`ServiceError::Conflict`] when there are too many.
pub(crate) async fn add(
    app: &AuthorityApp,
    venue_id: &str,
    name: &str,
    phone: &str,
    texts: Texts,
) -> Result<(), ServiceError> {
    let name = people::line(name, people::model::MAX_NAME, "name")?;
    let invalid = |field, why| ServiceError::Invalid { field, why };
    if !name.chars().any(char::is_alphabetic) {
        return Err(invalid("name", "must have a letter"));
    }
    let number = people::model::phone(phone).ok_or(invalid("phone", "is no telephone number"))?;
    let who = Identity {
        name,
        phones: vec![number.clone()],
        ..Identity::default()
    };
    let person = known_or_new(app, who, LegalBasis::Consent).await?;
    let pin = format!("{:06}", app.entropy.below(1_000_000));
    let salt: [u8; 16] = app.entropy.bytes();
    let guard = StoredGuard {
        guard_id: format!("guard_{}", app.entropy.hex_id()),
        person,
        salt,
        pin_hash: hash_of(&pin, salt).await?,
    };
    let now = app.clock.now();
    let message = Outgoing {
        message_id: guard.guard_id.clone(),
        to: number,
        text: texts.with("gate-pin-message", "pin", &pin),
    };
    // Told first: a guard whose PIN never arrived would stand before a gate that does not open.
    hand_over_now(app, &message).await.map_err(|refused| match refused {
        NotTaken::Refused => invalid("phone", "cannot be reached"),
        NotTaken::Later => ServiceError::Unavailable { what: "the carrier" },
    })?;
    transaction!(app.db, "enter guard", |tx| {
        if store::count_guards(tx, venue_id).await? >= MAX_GATES as i64 {
            return Err(ServiceError::Conflict {
                why: "a venue has at most 50 guards",
            });
        }
        store::insert_guard(tx, venue_id, &guard, now).await?;
        store::note_change(tx, venue_id, now).await?;
        Ok(())
    })
}

async fn hash_of(pin: &str, salt: [u8; 16]) -> Result<[u8; 32], ServiceError> {
    let pin = pin.to_owned();
    let hashed = tokio::task::spawn_blocking(move || {
        let mut hash = [0; 32];
        // HMAC takes a key of any length.
        let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(pin.as_bytes(), &salt, ROUNDS, &mut hash);
        hash
    });
    hashed
        .await
        .map_err(|_| ServiceError::Internal("hashing a PIN was cut off"))
}

/// Returns a venue's guards.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list(app: &AuthorityApp, venue_id: &str) -> Result<Vec<KnownGuard>, ServiceError> {
    let named = named(app, venue_id).await?;
    let known = |(guard, name): (StoredGuard, String)| KnownGuard {
        guard_id: guard.guard_id,
        name,
    };
    Ok(named.into_iter().map(known).collect())
}

async fn named(app: &AuthorityApp, venue_id: &str) -> Result<Vec<(StoredGuard, String)>, ServiceError> {
    let stored = store::guards(&app.db, venue_id).await?;
    let people: Vec<PersonId> = stored.iter().map(|guard| guard.person).collect();
    // Shown to the owner who entered them, and to their own gate: nobody's look at a case.
    let names = people::load(app, &people).await?;
    let name_of = |person: PersonId| {
        let mut found = names.iter().filter(|(known, _)| *known == person);
        found.next().map(|(_, known)| known.identity.name.clone())
    };
    Ok(stored
        .into_iter()
        .filter_map(|guard| name_of(guard.person).map(|name| (guard, name)))
        .collect())
}

/// Returns a venue's guards as the rules of its gates name them.
pub(super) async fn for_rules(app: &AuthorityApp, venue_id: &str) -> Result<Vec<Guard>, ServiceError> {
    let named = named(app, venue_id).await?;
    let rule = |(guard, name): (StoredGuard, String)| Guard {
        id: guard.guard_id,
        name,
        salt: to_hex(&guard.salt),
        hash: to_hex(&guard.pin_hash),
        rounds: ROUNDS,
    };
    Ok(named.into_iter().map(rule).collect())
}

/// Takes a guard's right away; gates know it with their next rules.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn end(app: &AuthorityApp, venue_id: &str, guard_id: &str) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "end guard", |tx| {
        if store::end_guard(tx, venue_id, guard_id).await? == 0 {
            return Err(ServiceError::NotFound { what: "guard" });
        }
        store::note_change(tx, venue_id, now).await?;
        Ok(())
    })
}
