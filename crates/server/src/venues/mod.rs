//! Venues: places with a code on the door, registered by whoever runs them (docs/spec/venues.md).
//!
//! An owner needs a telephone and no account. What stands here about a place is public; who owns it is a person in the vault.

mod known;
pub mod model;
mod owner;
pub(crate) mod page;
pub mod poster;
mod store;

use std::collections::HashMap;

use protocol::venue::{ShortCode, VenueCode, VenueCodeError};

pub(crate) use known::KnownCodes;
pub use model::{NewOwner, NewVenue, PosterCode, Venue};
pub use owner::{Owner, SESSION_SECONDS};
pub(crate) use owner::{erase_expired, sign_in, sign_out};

use crate::app::AuthorityApp;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::people::PersonId;
use crate::scope::{Place, Scope};
use protocol::time::UnixSeconds;

/// Registers a venue for an owner.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::Conflict`] when the owner has as many as one may have.
pub async fn register(app: &AuthorityApp, owner: Option<PersonId>, new: NewVenue) -> Result<Venue, ServiceError> {
    let now = app.clock.now();
    let new = new.check()?;
    let place = place_of(app, new.commune)?;
    transaction!(app.db, "register venue", |tx| {
        if let Some(owner) = owner
            && store::count_of_owner(tx, owner).await? >= model::MAX_VENUES as i64
        {
            return Err(ServiceError::Conflict {
                why: "an owner has at most 200 venues",
            });
        }
        let venue = Venue {
            venue_id: format!("venue_{}", app.entropy.hex_id()),
            number: store::next_number(tx).await?,
            kind: new.kind,
            name: new.name.clone(),
            address: new.address.clone(),
            place,
            longest_stay_s: model::longest_stay_seconds(new.kind),
            made_at: now,
            poster: draw_code(app, tx, new.kind, 1, now).await?,
        };
        store::insert(tx, &venue, owner).await?;
        Ok(venue)
    })
}

/// Takes a venue's code back and makes another: for posters that were lost, copied or pasted over (V8).
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn renew_code(app: &AuthorityApp, venue_id: &str) -> Result<Venue, ServiceError> {
    let now = app.clock.now();
    let venue = load(app, venue_id).await?;
    let poster = transaction!(app.db, "renew code of venue", |tx| {
        if store::revoke_codes(tx, venue_id, now).await? == 0 {
            return Err(ServiceError::NotFound { what: "venue" });
        }
        let poster = draw_code(app, tx, venue.kind, venue.poster.version + 1, now).await?;
        store::insert_code(tx, venue_id, &poster).await?;
        Ok(poster)
    })?;
    app.venue_codes.forget(venue.number);
    Ok(Venue { poster, ..venue })
}

async fn draw_code(
    app: &AuthorityApp,
    tx: &mut Tx,
    kind: protocol::venue::VenueKind,
    version: i64,
    now: UnixSeconds,
) -> Result<PosterCode, ServiceError> {
    for _ in 0..100 {
        let short = ShortCode::draw(&mut || app.entropy.bytes::<1>()[0]);
        if !store::is_short_code_taken(tx, &short).await? {
            return Ok(PosterCode {
                code: VenueCode {
                    kind,
                    secret: app.entropy.bytes(),
                },
                version,
                short,
                made_at: now,
                revoked_at: None,
            });
        }
    }
    Err(ServiceError::Unavailable { what: "a free code" })
}

/// Returns the units of a commune that exists today or did in 2021.
fn place_of(app: &AuthorityApp, commune: i64) -> Result<Place, ServiceError> {
    let invalid = ServiceError::Invalid {
        field: "commune",
        why: "is no commune",
    };
    let path = UnitId::from_number(commune).and_then(|unit| app.geo.path(unit));
    let path = path.filter(|path| path.commune.is_some()).ok_or(invalid)?;
    Ok(Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: Some(commune),
    })
}

/// Returns a venue.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn load(app: &AuthorityApp, venue_id: &str) -> Result<Venue, ServiceError> {
    let found = store::by_id(&app.db, venue_id).await?;
    found.ok_or(ServiceError::NotFound { what: "venue" })
}

/// Returns the venue of an owner; one of somebody else is like a missing one.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn load_own(app: &AuthorityApp, owner: PersonId, venue_id: &str) -> Result<Venue, ServiceError> {
    if !store::is_owned(&app.db, venue_id, owner).await? {
        return Err(ServiceError::NotFound { what: "venue" });
    }
    load(app, venue_id).await
}

/// Returns an owner's venues, the oldest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn own(app: &AuthorityApp, owner: PersonId) -> Result<Vec<Venue>, ServiceError> {
    Ok(store::of_owner(&app.db, owner).await?)
}

/// Returns venues of a scope in the order of their numbers, after the number `after`.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list(app: &AuthorityApp, scope: Scope, after: i64, limit: u32) -> Result<Vec<Venue>, ServiceError> {
    Ok(store::page(&app.db, scope, after, i64::from(limit)).await?)
}

/// Returns venues by their numbers; one that does not exist is absent.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn by_numbers(app: &AuthorityApp, numbers: &[i64]) -> Result<HashMap<i64, Venue>, ServiceError> {
    let found = store::by_numbers(&app.db, numbers).await?;
    Ok(found.into_iter().map(|venue| (venue.number, venue)).collect())
}

/// What was found of a scanned or typed code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The venue of a code that is good.
    Venue(Venue),
    /// The code was taken back: whoever still shows it has an old poster, or a copied one.
    Revoked(Venue),
    /// A code of ours, or typed like one, that no venue has.
    Unknown,
    /// Not signed by this authority (V4).
    Forged,
    /// No code of a venue at all.
    Foreign,
}

/// Finds the venue of what was scanned or typed.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn find(app: &AuthorityApp, scanned: &str) -> Result<Found, ServiceError> {
    let venue = if let Ok(short) = ShortCode::parse(scanned) {
        store::by_short_code(&app.db, &short).await?
    } else {
        match VenueCode::read(scanned, &[app.secrets.certificate.public_key()]) {
            Ok(code) => store::by_secret(&app.db, &code.secret).await?,
            Err(VenueCodeError::Signature) => return Ok(Found::Forged),
            Err(_) => return Ok(Found::Foreign),
        }
    };
    Ok(match venue {
        Some(venue) if venue.poster.revoked_at.is_some() => Found::Revoked(venue),
        Some(venue) => Found::Venue(venue),
        None => Found::Unknown,
    })
}

/// Returns the number of the venue whose code is good, scanned or typed; whatever else it is, there is none.
///
/// # Errors
///
/// [`ServiceError::Database`].
///
/// # Cost
///
/// A look in memory for a code that was good within the last minute, else that of [`find`].
pub async fn number_of(app: &AuthorityApp, scanned: &str) -> Result<Option<i64>, ServiceError> {
    let now = app.clock.now();
    if let Some(known) = app.venue_codes.find(scanned, now) {
        return Ok(Some(known));
    }
    Ok(match find(app, scanned).await? {
        Found::Venue(venue) => {
            app.venue_codes.keep(scanned, venue.number, now);
            Some(venue.number)
        }
        _ => None,
    })
}

/// Returns the address on a venue's posters, in upper case so that it stays in the alphanumeric mode of a QR code (V1).
pub fn poster_address(app: &AuthorityApp, venue: &Venue) -> String {
    let code = venue.poster.code.sign(&app.secrets.certificate);
    format!("{}{code}", app.config.venue_url.to_ascii_uppercase())
}
