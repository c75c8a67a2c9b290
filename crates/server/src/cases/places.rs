//! Where a case was, from what was scanned at doors, and who was there at the same time: within the days on which the case could
//! infect, and nothing else.

use std::collections::HashSet;

use exposure::visit::Ends;
use protocol::time::UnixSeconds;

use super::contacts::{self, Batch, Entered, NewContact};
use super::files::{Subject, load_file};
use super::looks::{Act, record};
use super::model::{CaseFile, Origin};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::auth::{Permission, Session};
use crate::civil::{CivilDate, clock_time};
use crate::error::ServiceError;
use crate::fold::fold;
use crate::geo::UnitId;
use crate::people::{self, PersonId};
use crate::venues::{self, Venue};
use crate::visits;

/// Most people of one list.
pub const MAX_COMPANY: usize = 300;
/// Shortest time together for which somebody is offered as a contact, in seconds.
pub const SHORTEST_SECONDS: i64 = 60;
/// Most venues that a typed place may mean.
const MEANT: usize = 20;

/// A venue where a case was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// The venue.
    pub venue: Venue,
    /// Beginning.
    pub from: UnixSeconds,
    /// End.
    pub to: UnixSeconds,
    /// How far both are known.
    pub ends: Ends,
    /// Whether a clock was wrong and the time put right.
    pub is_skewed: bool,
}

/// Somebody who was at a venue together with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Who.
    pub person: PersonId,
    /// Seconds together.
    pub seconds: i64,
    /// First moment together.
    pub from: UnixSeconds,
    /// Whether all ends were scanned.
    pub is_scanned: bool,
    /// Whether the person is a contact of the case already.
    pub is_contact: bool,
}

/// A list of people who were at a venue together with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// The case.
    pub case: CaseFile,
    /// The venue.
    pub venue: Venue,
    /// Beginning of what was asked, within the days on which the case could infect.
    pub from: UnixSeconds,
    /// End of it.
    pub to: UnixSeconds,
    /// Longest together first; at most [`MAX_COMPANY`].
    pub people: Vec<Attendee>,
    /// Whether there were more.
    pub is_cut: bool,
}

/// Returns the moments between which a case could infect others.
fn window(case: &CaseFile, now: UnixSeconds) -> (UnixSeconds, UnixSeconds) {
    let (from, until) = case.infectious(CivilDate::today(now));
    (from.at(0, 0), until.next().at(0, 0).min(now.plus(1)))
}

/// Returns where a case was on the days on which it could infect. Recorded.
///
/// # Errors
///
/// [`ServiceError::Unavailable`] when the look cannot be recorded; [`ServiceError::Database`].
pub async fn visited(app: &AuthorityApp, by: &Session, case: &CaseFile) -> Result<Vec<Visited>, ServiceError> {
    let Some(person) = case.person else {
        return Ok(Vec::new());
    };
    let people = [person];
    let act = Act::tracing(Action::VISIT_READ, &people, &["visits"], Some(&case.case_id));
    record(app, by, act).await?;
    let (from, to) = window(case, app.clock.now());
    let places = visits::places_of(app, person, from, to).await?;
    let visited = places.into_iter().map(|place| Visited {
        from: UnixSeconds(place.visit.from),
        to: UnixSeconds(place.visit.to),
        ends: place.visit.ends,
        is_skewed: place.is_skewed,
        venue: place.venue,
    });
    Ok(visited.collect())
}

/// Returns who was at a venue together with a case between two moments, as far as the case could infect then. Recorded, with everybody
/// on the list.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `contact.write`; [`ServiceError::NotFound`] for a case elsewhere or an unknown venue;
/// [`ServiceError::Conflict`] for a case without a person; [`ServiceError::Invalid`] for moments outside the days on which the case could infect.
pub async fn company(
    app: &AuthorityApp,
    by: &Session,
    case_id: &str,
    venue_id: &str,
    (from, to): (UnixSeconds, UnixSeconds),
) -> Result<Company, ServiceError> {
    if !by.may(Permission::ContactWrite) {
        return Err(ServiceError::NotAllowed);
    }
    let case = load_file(app, by, case_id).await?;
    let person = case.person.ok_or(ServiceError::Conflict {
        why: "the case has no person",
    })?;
    let (first, last) = window(&case, app.clock.now());
    let (from, to) = (from.max(first), to.min(last));
    if from >= to {
        return Err(ServiceError::Invalid {
            field: "moments",
            why: "the case could not infect then",
        });
    }
    let venue = venues::load(app, venue_id).await?;
    let mut found = visits::company_at(app, &venue, person, (from, to)).await?;
    found.retain(|met| met.seconds >= SHORTEST_SECONDS);
    let is_cut = found.len() > MAX_COMPANY;
    found.truncate(MAX_COMPANY);
    let ids: Vec<PersonId> = found.iter().map(|met| PersonId(met.who)).collect();
    let act = Act::tracing(Action::COMPANY_LIST, &ids, &["visits"], Some(case_id));
    record(app, by, act).await?;
    let known = contacts::people_of(app, case_id).await?;
    let attendee = |met: visits::Met| Attendee {
        person: PersonId(met.who),
        seconds: met.seconds,
        from: UnixSeconds(met.from),
        is_scanned: met.is_scanned,
        is_contact: known.contains(&PersonId(met.who)),
    };
    Ok(Company {
        people: found.into_iter().map(attendee).collect(),
        case,
        venue,
        from,
        to,
        is_cut,
    })
}

/// Makes contacts of those who are named in `chosen` and stand on the list; whoever does not is left out. The venue and the time together are
/// kept with each as evidence.
///
/// # Errors
///
/// As [`company`] and [`contacts::add_contacts`].
pub async fn make_contacts(
    app: &AuthorityApp,
    by: &Session,
    company: &Company,
    chosen: &[PersonId],
    relation: &str,
) -> Result<Vec<Entered>, ServiceError> {
    let chosen: HashSet<PersonId> = chosen.iter().copied().collect();
    let met: Vec<&Attendee> = company
        .people
        .iter()
        .filter(|met| chosen.contains(&met.person))
        .collect();
    let ids: Vec<PersonId> = met.iter().map(|met| met.person).collect();
    let communes = people::load(app, &ids).await?;
    let venue_unit = company.venue.place.commune;
    let mut new = Vec::with_capacity(met.len());
    for met in met {
        let own = communes.iter().find(|(person, _)| *person == met.person);
        let Some((_, known)) = own else { continue };
        let unit = known.commune.or(venue_unit).and_then(UnitId::from_number);
        new.push(NewContact {
            subject: Subject::Known(met.person),
            exposed_on: CivilDate::today(met.from),
            minutes: Some(met.seconds / 60),
            place: evidence(&company.venue, met),
            relation: relation.to_owned(),
            level: level(met),
            unit: unit.ok_or(ServiceError::Internal("a venue lies in a commune"))?,
            origin: Origin::CoPresence,
        });
    }
    let batch = Batch {
        case_id: company.case.case_id.clone(),
        of_contact: None,
        contacts: new,
        entry_seconds: None,
    };
    contacts::add_contacts(app, by, batch).await
}

/// What stands at the contact: the venue and when both were there.
fn evidence(venue: &Venue, met: &Attendee) -> String {
    let until = met.from.plus(met.seconds);
    format!(
        "{} ({} {}–{})",
        venue.name,
        CivilDate::today(met.from).local(),
        clock_time(met.from),
        clock_time(until)
    )
}

/// Being at one place is less than sitting at one table: 2 for a quarter of an hour and longer, else 1.
fn level(met: &Attendee) -> u8 {
    if met.is_scanned && met.seconds >= 15 * 60 { 2 } else { 1 }
}

/// Returns venues of the unit of `by` that a typed place may mean: those whose name stands in it, or holds it.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn meant(app: &AuthorityApp, by: &Session, place: &str) -> Result<Vec<Venue>, ServiceError> {
    let typed = fold(place);
    let mut found = Vec::new();
    let mut after = 0;
    while !typed.is_empty() && found.len() < MEANT {
        let page = venues::list(app, by.officer.scope, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        found.extend(page.into_iter().filter(|venue| {
            let name = fold(&venue.name);
            typed.contains(&name) || name.contains(&typed)
        }));
    }
    found.truncate(MEANT);
    Ok(found)
}
