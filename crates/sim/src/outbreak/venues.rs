//! Check-ins of the outbreak: where cases and those they met had scanned, and who else was there.

use std::collections::BTreeMap;

use protocol::time::UnixSeconds;
use protocol::venue::VenueKind;
use rand_chacha::rand_core::Rng;
use server::{
    AuthorityApp, ServiceError,
    auth::Session,
    cases::{contacts, files},
    people::PersonId,
    venues::{self, NewVenue, Venue},
    visits::{self, NewVisit, Scan},
};

use super::{
    officers::LEAD,
    people::{Population, WorkKind},
    plan::{Batch, Plan, Setting, What},
    populate::Populated,
};
use crate::seed::{self, Seed};

/// How far back check-ins go, in days: they are kept for 21.
const DAYS: i64 = 20;
/// People who were there as well, for each list of contacts.
const OTHERS: usize = 4;
/// Share of visits in which somebody forgot to scan out.
const FORGETFUL: f64 = 0.15;
/// Check-ins registered at once.
const AT_ONCE: usize = 2_000;

/// What was registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// Venues.
    pub venues: usize,
    /// Scans.
    pub scans: usize,
}

/// Registers venues where cases met people in the last weeks, and who was there when.
///
/// # Errors
///
/// [`ServiceError`] of the first act that fails.
pub async fn check_in(app: &AuthorityApp, plan: &Plan, done: &Populated) -> Result<Registered, ServiceError> {
    let lead = server::auth::session_of(app, LEAD).await?;
    let people = Met::load(app, &lead, plan, done).await?;
    let mut rng = Seed::root(plan.seed).child("check-ins").rng();
    let mut known: BTreeMap<String, Venue> = BTreeMap::new();
    let mut scans = Vec::new();
    for (at, batch) in plan.acts.iter().filter_map(|act| match &act.what {
        What::Enter(batch) => Some((act.at, batch)),
        _ => None,
    }) {
        let Some((name, kind, commune)) = place(&plan.population, batch) else {
            continue;
        };
        let Some(&case) = people.of_case.get(&batch.case) else {
            continue;
        };
        let mut guests: Vec<PersonId> = (batch.first..)
            .zip(&batch.met)
            .filter_map(|(contact, _)| people.of_contact.get(&contact).copied())
            .collect();
        for _ in 0..OTHERS {
            let other = seed::below(&mut rng, people.everybody.len().max(1) as u32);
            guests.extend(people.everybody.get(other as usize).copied());
        }
        let day = batch
            .met
            .iter()
            .map(|met| met.day)
            .max()
            .map_or(at, |day| day.time(0, 0));
        let began = day.plus(i64::from(7 * 3600 + seed::below(&mut rng, 9 * 3600)));
        if began.0 < plan.now.0 - DAYS * 86_400 || began.0 + 4 * 3600 > plan.now.0 {
            continue;
        }
        let venue = match known.get(&name) {
            Some(venue) => venue.clone(),
            None => {
                let new = NewVenue {
                    kind,
                    name: name.clone(),
                    address: String::new(),
                    commune,
                };
                let venue = venues::register(app, None, new).await?;
                known.insert(name, venue.clone());
                venue
            }
        };
        let mut visit = |person: PersonId, from: UnixSeconds, seconds: i64| {
            let forgets = seed::unit(&mut rng) < FORGETFUL;
            // As a phone draws it: a number that counted on would join the scans of one person.
            let mut event = || rng.next_u64().cast_signed();
            let mut scan = |at: UnixSeconds, scan: Scan| NewVisit {
                venue: venue.number,
                person,
                at,
                scan,
                event: event(),
                flags: 0,
            };
            scans.push(scan(from, Scan::In));
            if !forgets {
                scans.push(scan(from.plus(seconds), Scan::Out));
            }
        };
        visit(case, began, 7_200);
        for (number, guest) in (0..).zip(guests) {
            // One after the other: the first ones stay longest.
            visit(guest, began.plus(number * 420), 1_200 + (number % 7) * 600);
        }
    }
    let count = scans.len();
    for chunk in scans.chunks(AT_ONCE) {
        visits::register(app, chunk).await?;
    }
    Ok(Registered {
        venues: known.len(),
        scans: count,
    })
}

/// Name, kind and commune of where a list of contacts met; homes have no code on the door.
fn place(population: &Population, batch: &Batch) -> Option<(String, VenueKind, i64)> {
    let commune = |at: u16| population.communes()[usize::from(at)].id.number();
    match batch.setting {
        Setting::Home(_) => None,
        Setting::Work(number) => {
            let workplace = population.workplace_at(number)?;
            let kind = match workplace.kind {
                WorkKind::Factory => VenueKind::Plant,
                WorkKind::Shop => VenueKind::Shop,
                WorkKind::Market => VenueKind::Market,
            };
            Some((
                capitalised(&population.workplace_name(number)),
                kind,
                commune(workplace.commune),
            ))
        }
        Setting::Street(at) => Some((
            capitalised(&batch.setting.place(population)),
            VenueKind::Restaurant,
            commune(at),
        )),
    }
}

fn capitalised(name: &str) -> String {
    let mut signs = name.chars();
    signs
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// Who of the plan is who in the vault.
struct Met {
    of_case: BTreeMap<u32, PersonId>,
    of_contact: BTreeMap<u32, PersonId>,
    everybody: Vec<PersonId>,
}

impl Met {
    async fn load(app: &AuthorityApp, lead: &Session, plan: &Plan, done: &Populated) -> Result<Self, ServiceError> {
        let (mut of_case, mut of_contact) = (BTreeMap::new(), BTreeMap::new());
        for (number, id) in (0..plan.cases).zip(&done.cases) {
            if let Some(id) = id {
                let person = files::load_file(app, lead, id).await?.person;
                of_case.extend(person.map(|person| (number, person)));
            }
        }
        for (number, id) in (0..plan.contacts).zip(&done.contacts) {
            if let Some(id) = id {
                of_contact.insert(number, contacts::load_contact(app, lead, id).await?.person);
            }
        }
        let everybody = of_contact.values().copied().collect();
        Ok(Self {
            of_case,
            of_contact,
            everybody,
        })
    }
}
