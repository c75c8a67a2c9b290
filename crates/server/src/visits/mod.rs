//! Visits: who was where and when, as far as it is registered (docs/spec/venues.md V20–V36).
//!
//! The table holds a pseudonym of each person for each venue and week; who reads it cannot follow anybody. What a case needs is
//! computed from the week's key, place by place, and the caller records it.

pub mod activity;
mod activity_page;
pub(crate) mod citizen;
pub(crate) mod http;
pub mod model;
pub(crate) mod page;
mod store;
mod writer;

use std::collections::HashMap;

use exposure::visit::{self, Event, Visit};
use protocol::time::{DAY_SECONDS, UnixSeconds};
use protocol::visit::{VisitKey, Week};

pub use citizen::{CREDENTIAL_SECONDS, Credential};
pub use exposure::visit::{Company as Met, Scan};
pub use model::NewVisit;
pub(crate) use writer::VisitWriter;

use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::PersonId;
use crate::people::weeks::{WeekKey, destroy_weeks};
use crate::venues::{self, Venue};
use store::VisitRow;

/// Longest that anybody may stay anywhere, in seconds: how far around a window scans are read.
const LONGEST_SECONDS: i64 = DAY_SECONDS;
/// Most scans of a venue that are looked at together.
const MOST_SCANS: i64 = 200_000;

/// A place where somebody was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceVisit {
    /// The venue.
    pub venue: Venue,
    /// The visit.
    pub visit: Visit,
    /// Whether a time was put right because a clock was wrong.
    pub is_skewed: bool,
}

/// Opens the keys of weeks as they are needed.
struct Weeks<'a> {
    app: &'a AuthorityApp,
    known: HashMap<Week, Option<WeekKey>>,
}

impl<'a> Weeks<'a> {
    fn new(app: &'a AuthorityApp) -> Self {
        Self {
            app,
            known: HashMap::new(),
        }
    }

    async fn key(&mut self, week: Week) -> Result<Option<WeekKey>, ServiceError> {
        if let Some(key) = self.known.get(&week) {
            return Ok(*key);
        }
        let now = self.app.clock.now();
        let key = self.app.people.week_key(week, now, &self.app.entropy).await?;
        self.known.insert(week, key);
        Ok(key)
    }

    /// Returns the scans with the people in the place of tokens; scans of a week whose key is gone are gone.
    async fn open(&mut self, rows: &[VisitRow]) -> Result<Vec<Event>, ServiceError> {
        let mut keys: HashMap<(i64, Week), Option<VisitKey>> = HashMap::new();
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let week = Week::of(row.at);
            let key = match keys.get(&(row.venue, week)) {
                Some(key) => key,
                None => {
                    let key = self.key(week).await?.map(|key| VisitKey::derive(&key, row.venue));
                    keys.entry((row.venue, week)).or_insert(key)
                }
            };
            if let Some(key) = key {
                events.push(Event {
                    who: key.person(&row.token),
                    at: row.at,
                    scan: row.scan,
                });
            }
        }
        Ok(events)
    }
}

/// Registers check-ins and check-outs; durable when it returns. The same event again changes nothing.
///
/// # Errors
///
/// [`ServiceError::Invalid`] `at` for a time out of range, then nothing is stored; [`ServiceError::Unavailable`].
pub async fn register(app: &AuthorityApp, visits: &[NewVisit]) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let mut weeks = Weeks::new(app);
    let mut rows = Vec::with_capacity(visits.len());
    for new in visits {
        model::check_time(new.at, now)?;
        let key = weeks.key(Week::of(new.at.0)).await?.ok_or(ServiceError::Invalid {
            field: "at",
            why: "lies in a week that is over",
        })?;
        rows.push(VisitRow {
            venue: new.venue,
            at: new.at.0,
            event: new.event,
            token: VisitKey::derive(&key, new.venue).token(&new.person.0),
            scan: new.scan,
            flags: new.flags,
        });
    }
    app.visits.store(rows).await
}

/// Returns how many scans are stored.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn count(app: &AuthorityApp) -> Result<i64, ServiceError> {
    Ok(store::count(&app.db).await?)
}

/// Returns where somebody was in `[from, to)`, in order of time. The caller records the look.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
///
/// # Cost
///
/// A token for each venue and week of the window, and a look at the index for each.
pub async fn places_of(
    app: &AuthorityApp,
    person: PersonId,
    from: UnixSeconds,
    to: UnixSeconds,
) -> Result<Vec<PlaceVisit>, ServiceError> {
    let mut weeks = Weeks::new(app);
    let (first, last) = (Week::of(from.0 - LONGEST_SECONDS), Week::of(to.0 + LONGEST_SECONDS));
    let venues = store::venues(&app.db).await?;
    let mut tokens = Vec::new();
    for number in first.0..=last.0 {
        if let Some(key) = weeks.key(Week(number)).await? {
            tokens.extend(
                venues
                    .iter()
                    .map(|&venue| VisitKey::derive(&key, venue).token(&person.0)),
            );
        }
    }
    tokens.sort_unstable();
    let rows = store::of_tokens(&app.db, &tokens).await?;
    let mut by_venue: HashMap<i64, Vec<VisitRow>> = HashMap::new();
    for row in rows {
        by_venue.entry(row.venue).or_default().push(row);
    }
    let now = app.clock.now().0;
    let numbers: Vec<i64> = by_venue.keys().copied().collect();
    let known = venues::by_numbers(app, &numbers).await?;
    let mut found = Vec::new();
    for (number, rows) in by_venue {
        let Some(venue) = known.get(&number) else {
            continue;
        };
        let is_skewed = rows.iter().any(|row| row.flags & model::SKEWED != 0);
        // Only this person's tokens were asked for: what opens to somebody else is a collision of two tokens.
        let mut events = weeks.open(&rows).await?;
        events.retain(|event| event.who == person.0);
        let visits = visit::visits(&events, venue.longest_stay_s, now);
        let inside = visits
            .into_iter()
            .filter(|visit| visit.from < to.0 && visit.to > from.0);
        found.extend(inside.map(|visit| PlaceVisit {
            venue: venue.clone(),
            visit,
            is_skewed,
        }));
    }
    found.sort_unstable_by_key(|place| (place.visit.from, place.venue.number, place.visit.to));
    Ok(found)
}

/// Returns who was at a venue together with somebody in `[from, to)`, ranked. The caller records the look.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
pub async fn company_at(
    app: &AuthorityApp,
    venue: &Venue,
    person: PersonId,
    (from, to): (UnixSeconds, UnixSeconds),
) -> Result<Vec<Met>, ServiceError> {
    let visits = visits_at(app, venue, from, to).await?;
    Ok(visit::company(&visits, person.0, from.0, to.0))
}

/// Returns how many are at a venue now, without opening who.
///
/// # Errors
///
/// [`ServiceError::Database`], [`ServiceError::Unavailable`].
pub async fn present(app: &AuthorityApp, venue: &Venue) -> Result<usize, ServiceError> {
    let now = app.clock.now();
    let visits = visits_at(app, venue, now, now.plus(1)).await?;
    Ok(visit::present(&visits, now.0))
}

async fn visits_at(
    app: &AuthorityApp,
    venue: &Venue,
    from: UnixSeconds,
    to: UnixSeconds,
) -> Result<Vec<Visit>, ServiceError> {
    let longest = venue.longest_stay_s;
    let rows = store::of_venue(&app.db, venue.number, from.plus(-longest), to.plus(longest), MOST_SCANS).await?;
    let events = Weeks::new(app).open(&rows).await?;
    Ok(visit::visits(&events, longest, app.clock.now().0))
}

/// Erases visits after 21 days, and the keys of weeks whose visits all are.
///
/// # Errors
///
/// [`ServiceError::Database`]; the next run does the rest.
pub(crate) async fn erase_expired(app: &AuthorityApp) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let before = now.plus(-model::KEPT_DAYS * DAY_SECONDS);
    // Keys first: what is left of a week whose key is gone says nothing.
    destroy_weeks(app).await?;
    for venue in store::venues(&app.db).await? {
        transaction!(app.db, "erase visits", |tx| {
            store::erase_before(tx, before, venue).await?;
            Ok(())
        })?;
    }
    citizen::erase_expired(app).await
}
