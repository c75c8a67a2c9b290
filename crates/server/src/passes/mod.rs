//! Personal codes: passes that a telephone shows and cards that are printed, pseudonymous for whoever scans them
//! (docs/spec/venues.md V50–V55).

pub(crate) mod http;
mod store;

use protocol::gate::record::MAX_SCANNED;
use protocol::pass::{ID_BYTES, Pass, PersonalCode, print_card};
use protocol::signature::PublicKey;
use protocol::time::UnixSeconds;
use protocol::visit::{VisitKey, Week, day_begins, day_of};

use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::PersonId;

/// For how many days a telephone gets passes, today included (V54).
pub const PASS_DAYS: u32 = 14;

/// Number of a card.
pub type CardId = [u8; ID_BYTES];

/// A printed card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its number.
    pub id: CardId,
    /// What its code says.
    pub text: String,
}

/// Issues passes for a telephone's keys of days, from today on (V51).
///
/// # Errors
///
/// [`ServiceError::Invalid`] `day` for a day that is over or too far ahead; [`ServiceError::Unavailable`].
pub async fn issue(
    app: &AuthorityApp,
    person: PersonId,
    holders: &[(u32, PublicKey)],
) -> Result<Vec<Pass>, ServiceError> {
    let today = day_of(app.clock.now().0);
    let mut passes = Vec::with_capacity(holders.len());
    for (day, holder) in holders {
        let out_of_range = ServiceError::Invalid {
            field: "day",
            why: "is over, or more than 13 days ahead",
        };
        if !(today..today + PASS_DAYS).contains(day) {
            return Err(out_of_range);
        }
        let key = day_key(app, *day).await?.ok_or(out_of_range)?;
        passes.push(Pass::issue(
            *day,
            &key.token(&person.0),
            holder,
            &app.secrets.certificate,
        ));
    }
    Ok(passes)
}

async fn day_key(app: &AuthorityApp, day: u32) -> Result<Option<VisitKey>, ServiceError> {
    let week = Week::of(day_begins(day));
    let key = app.people.week_key(week, app.clock.now(), &app.entropy).await?;
    Ok(key.map(|key| VisitKey::of_day(&key, day)))
}

/// What a scanned text says of who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The code is genuine.
    Known {
        /// Whose it is.
        person: PersonId,
        /// When it was shown, to the minute; nothing for a card.
        shown_at: Option<UnixSeconds>,
    },
    /// A genuine code that is good no longer: a card that was taken back, or a day that is long over.
    Over,
    /// Signed by somebody else.
    Forged,
    /// No personal code.
    Other,
}

/// Finds whose personal code a text is.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
pub async fn holder(app: &AuthorityApp, scanned: &str) -> Result<Holder, ServiceError> {
    if scanned.len() > MAX_SCANNED {
        return Ok(Holder::Other);
    }
    match PersonalCode::read(scanned, &[app.secrets.certificate.public_key()]) {
        Ok(PersonalCode::Shown { id, day, minute }) => Ok(match day_key(app, day).await? {
            Some(key) => Holder::Known {
                person: PersonId(key.person(&id)),
                shown_at: Some(UnixSeconds(i64::from(minute) * 60)),
            },
            None => Holder::Over,
        }),
        Ok(PersonalCode::Card { id }) => Ok(match store::card(&app.db, &id).await? {
            Some((person, None)) => Holder::Known { person, shown_at: None },
            _ => Holder::Over,
        }),
        Err(protocol::pass::PassError::Signature) => Ok(Holder::Forged),
        Err(_) => Ok(Holder::Other),
    }
}

/// Makes a card for somebody (V53).
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn make_card(app: &AuthorityApp, person: PersonId) -> Result<Card, ServiceError> {
    let (id, now): (CardId, _) = (app.entropy.bytes(), app.clock.now());
    transaction!(app.db, "make card", |tx| {
        store::insert_card(tx, &id, person, now).await?;
        Ok(())
    })?;
    Ok(Card {
        text: print_card(&id, &app.secrets.certificate),
        id,
    })
}

/// Takes a card back: gates refuse it as soon as they have new rules, the authority at once.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn revoke_card(app: &AuthorityApp, id: &CardId) -> Result<(), ServiceError> {
    let now = app.clock.now();
    transaction!(app.db, "revoke card", |tx| {
        if store::revoke_card(tx, id, now).await? == 0 {
            return Err(ServiceError::NotFound { what: "card" });
        }
        Ok(())
    })
}

/// Returns the numbers of cards that were taken back, the newest first, at most `limit`.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn revoked_cards(app: &AuthorityApp, limit: u32) -> Result<Vec<CardId>, ServiceError> {
    Ok(store::revoked_cards(&app.db, i64::from(limit)).await?)
}
