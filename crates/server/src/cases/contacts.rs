//! Entering contacts, many at a time, and making a case of one.

use std::collections::{HashMap, HashSet};

use super::files::{Subject, load_file, note, place_of};
use super::graph::recompute;
use super::looks::{Act, WHOLE, record};
use super::model::{CaseFile, CaseState, Contact, ContactState, Origin, due_at};
use super::rules::RULES;
use super::store::contacts::{self, NewRow};
pub use super::store::contacts::{ContactFilter, ContactOrder, MAX_COUNTED, QueueCounts};
use super::store::{codes, files, graph};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::auth::Session;
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::db::{DbError, Tx, transaction};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::people::{self, About, LegalBasis, NewPerson, PersonId};
use crate::scope::Scope;

/// Most contacts entered in one act.
pub const MAX_CONTACTS: usize = 500;

/// A contact to be entered.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// Who.
    pub subject: Subject,
    /// Day of the last exposure.
    pub exposed_on: CivilDate,
    /// Its length in minutes, where known.
    pub minutes: Option<i64>,
    /// Where they met.
    pub place: String,
    /// What the person is to the case.
    pub relation: String,
    /// How close it was, 1 to 4.
    pub level: u8,
    /// Commune of residence.
    pub unit: UnitId,
    /// How it became known.
    pub origin: Origin,
}

/// Contacts of one case, or of one contact of it, entered together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The case.
    pub case_id: String,
    /// The contact whose contacts these are; `None` for contacts of the case itself.
    pub of_contact: Option<String>,
    /// The contacts.
    pub contacts: Vec<NewContact>,
    /// How long the officer took, in seconds, for the measure of the desk's own speed.
    pub entry_seconds: Option<i64>,
}

/// What became of a contact of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is a new contact with this id.
    New(String),
    /// The person is a contact of this case already.
    Known,
}

/// Enters contacts in one transaction, in the order given.
///
/// # Errors
///
/// [`ServiceError::NotFound`] outside the own unit; [`ServiceError::Invalid`]; [`ServiceError::Conflict`] for a case without
/// a person. Nothing is entered then.
pub async fn add_contacts(app: &AuthorityApp, by: &Session, batch: Batch) -> Result<Vec<Entered>, ServiceError> {
    if batch.contacts.is_empty() || batch.contacts.len() > MAX_CONTACTS {
        return Err(ServiceError::Invalid {
            field: "contacts",
            why: "1 to 500",
        });
    }
    let about = batch.case_id.clone();
    Ok(add_lists(app, by, vec![batch], &about).await?.remove(0))
}

/// Enters the contacts of several cases in one transaction; `about` is what the audit record names as the reason.
///
/// # Errors
///
/// As [`add_contacts`].
pub async fn add_lists(
    app: &AuthorityApp,
    by: &Session,
    batches: Vec<Batch>,
    about: &str,
) -> Result<Vec<Vec<Entered>>, ServiceError> {
    let today = CivilDate::today(app.clock.now());
    let (mut cases, mut of_people) = (Vec::with_capacity(batches.len()), Vec::with_capacity(batches.len()));
    let ids: Vec<String> = batches.iter().map(|batch| batch.case_id.clone()).collect();
    let found = files::find_all(&app.db, &ids, by.officer.scope).await?;
    let by_id: HashMap<String, CaseFile> = found.into_iter().map(|case| (case.case_id.clone(), case)).collect();
    for batch in &batches {
        check(batch, today)?;
        let case = by_id
            .get(&batch.case_id)
            .ok_or(ServiceError::NotFound { what: "case" })?;
        of_people.push(whose(app, by, case, batch.of_contact.as_deref()).await?);
        cases.push(case);
    }
    let all: Vec<&NewContact> = batches.iter().flat_map(|batch| &batch.contacts).collect();
    let (sealed, people) = enter_people(app, &all).await?;
    record(
        app,
        by,
        Act::tracing(Action::CONTACT_CREATE, &people, WHOLE, Some(about)),
    )
    .await?;
    let ids: Vec<String> = people
        .iter()
        .zip(app.entropy.ids_together(app.clock.now()))
        .map(|(_, id)| format!("contact_{id}"))
        .collect();
    let places = seal_places(app, &all, &people, &ids).await?;
    let strangers: HashSet<PersonId> = sealed.iter().map(people::Sealed::person).collect();
    let entered = transaction!(app.db, "add contacts", |tx| {
        people::insert(tx, &sealed).await?;
        let prefix = free_label(app, tx).await?;
        let mut known: HashSet<(String, PersonId, PersonId)> = contacts::known_among(tx, &people, &strangers).await?;
        let sources = graph::cases_among(tx, &of_people).await?;
        let (mut rows, mut seeds, mut at) = (Vec::with_capacity(people.len()), Vec::new(), 0);
        let mut entered: Vec<Vec<Entered>> = Vec::with_capacity(batches.len());
        for ((batch, case), of_person) in batches.iter().zip(&cases).zip(&of_people) {
            let mut of_batch = Vec::with_capacity(batch.contacts.len());
            for new in &batch.contacts {
                let (person, id, place) = (people[at], &ids[at], places[at].clone());
                at += 1;
                if person == *of_person || !known.insert((case.case_id.clone(), *of_person, person)) {
                    of_batch.push(Entered::Known);
                    continue;
                }
                // Whom nobody knew yet leads to nobody: a contact of a confirmed case is F1, and that is all.
                let is_first = strangers.contains(&person) && sources.contains(of_person);
                if !is_first {
                    seeds.push(person);
                    seeds.push(*of_person);
                }
                let mut row = new_row(app, by, case, *of_person, new, person, id)?;
                row.contact.label = format!("{prefix}-{:02}", rows.len() + 1);
                row.contact.place_sealed = place;
                row.contact.generation = is_first.then_some(1);
                row.entry_seconds = batch.entry_seconds;
                rows.push(row);
                of_batch.push(Entered::New(id.clone()));
            }
            entered.push(of_batch);
        }
        contacts::insert(tx, &rows).await?;
        recompute(tx, &seeds).await?;
        Ok(entered)
    })?;
    people::announce(app, &sealed);
    Ok(entered)
}

/// Returns whom the contacts of a batch met.
async fn whose(
    app: &AuthorityApp,
    by: &Session,
    case: &CaseFile,
    of_contact: Option<&str>,
) -> Result<PersonId, ServiceError> {
    match of_contact {
        Some(contact_id) => {
            let contact = load_contact(app, by, contact_id).await?;
            if contact.case_id != case.case_id {
                return Err(ServiceError::NotFound { what: "contact" });
            }
            Ok(contact.person)
        }
        None => case.person.ok_or(ServiceError::Conflict {
            why: "the case has no person",
        }),
    }
}

/// Seals who is new, once each: rows of a list that say the same are one person.
async fn enter_people(
    app: &AuthorityApp,
    new: &[&NewContact],
) -> Result<(Vec<people::Sealed>, Vec<PersonId>), ServiceError> {
    let mut first_of: HashMap<people::Fingerprint, usize> = HashMap::new();
    let (mut strangers, mut rows, mut index) = (Vec::new(), Vec::new(), Vec::with_capacity(new.len()));
    for contact in new {
        let (identity, row) = match &contact.subject {
            Subject::Known(_) => {
                index.push(None);
                continue;
            }
            Subject::New(identity) => (identity, None),
            Subject::Listed(identity, row) => (identity, Some(*row)),
        };
        if let Some(earlier) = row.and_then(|row| first_of.get(&row)) {
            index.push(Some(*earlier));
            continue;
        }
        if let Some(row) = row {
            first_of.insert(row, strangers.len());
        }
        index.push(Some(strangers.len()));
        rows.push(row);
        strangers.push(NewPerson {
            identity: (**identity).clone(),
            commune: Some(contact.unit.number()),
            legal_basis: LegalBasis::Law,
        });
    }
    let sealed: Vec<people::Sealed> = people::prepare(app, strangers)
        .await?
        .into_iter()
        .zip(rows)
        .map(|(person, row)| match row {
            Some(row) => person.from_row(row),
            None => person,
        })
        .collect();
    let mut ids = Vec::with_capacity(new.len());
    for (contact, at) in new.iter().zip(index) {
        let person = match (&contact.subject, at) {
            (Subject::Known(person), _) => Some(*person),
            (_, at) => at.and_then(|at| sealed.get(at)).map(people::Sealed::person),
        };
        ids.push(person.ok_or(ServiceError::Internal("somebody was not sealed"))?);
    }
    Ok((sealed, ids))
}

async fn seal_places(
    app: &AuthorityApp,
    new: &[&NewContact],
    people: &[PersonId],
    ids: &[String],
) -> Result<Vec<Option<Vec<u8>>>, ServiceError> {
    let with_place: Vec<usize> = (0..new.len()).filter(|at| !new[*at].place.is_empty()).collect();
    let texts: Vec<About<'_, str>> = with_place
        .iter()
        .map(|at| About {
            person: people[*at],
            bound: place_bound(&ids[*at]),
            text: new[*at].place.as_str(),
        })
        .collect();
    let sealed = people::seal_texts(app, &texts).await?;
    let mut places = vec![None; new.len()];
    for (at, text) in with_place.into_iter().zip(sealed) {
        places[at] = Some(text);
    }
    Ok(places)
}

/// Returns what the sealed place of a contact is bound to.
pub(super) fn place_bound(contact_id: &str) -> String {
    format!("contact.place/{contact_id}")
}

/// Returns a contact's row without label, place and generation.
pub(super) fn new_row(
    app: &AuthorityApp,
    by: &Session,
    case: &CaseFile,
    of_person: PersonId,
    new: &NewContact,
    person: PersonId,
    contact_id: &str,
) -> Result<NewRow, ServiceError> {
    let now = app.clock.now();
    let until = RULES.follow_until(1, new.exposed_on, CivilDate::today(now));
    let contact = Contact {
        contact_id: contact_id.to_owned(),
        label: String::new(),
        person,
        of_person,
        case_id: case.case_id.clone(),
        case_label: case.label.clone(),
        origin: new.origin,
        exposed_on: new.exposed_on,
        exposed_minutes: new.minutes,
        place_sealed: None,
        relation: new.relation.clone(),
        level: new.level,
        generation: None,
        state: ContactState::New,
        attempts: 0,
        due_at: due_at(new.level, now),
        next_try_at: now,
        leased_by: None,
        leased_until: protocol::time::UnixSeconds(0),
        follow: None,
        converted_to: None,
        place: place_of(app, new.unit)?,
        created_at: now,
        version: 1,
    };
    Ok(NewRow {
        contact,
        milestone: None,
        legal_basis: LegalBasis::Law.word(),
        expires_on: RULES.expires_on(until),
        unit: Some(new.unit.number()),
        officer: Some(by.officer.officer_id.clone()),
        entry_seconds: None,
    })
}

/// Draws what the labels of a batch begin with: five signs that no earlier batch has. Every batch has a first label.
pub(super) async fn free_label(app: &AuthorityApp, tx: &mut Tx) -> Result<String, ServiceError> {
    let signs = protocol::code::ALPHABET;
    loop {
        let drawn: String = (0..5)
            .map(|_| char::from(signs[app.entropy.below(31) as usize]))
            .collect();
        if !contacts::label_exists(tx, &format!("{drawn}-01")).await? {
            return Ok(drawn);
        }
    }
}

fn check(batch: &Batch, today: CivilDate) -> Result<(), ServiceError> {
    let invalid = |field, why| Err(ServiceError::Invalid { field, why });
    for contact in &batch.contacts {
        if contact.exposed_on > today || today.days_since(contact.exposed_on) > 60 {
            return invalid("exposed_on", "today or one of the last 60 days");
        }
        if !(1..=4).contains(&contact.level) {
            return invalid("level", "1 to 4");
        }
        if contact.place.chars().count() > 200 || contact.relation.chars().count() > 60 {
            return invalid("place", "at most 200 characters");
        }
        if contact.minutes.is_some_and(|minutes| !(0..=20_160).contains(&minutes)) {
            return invalid("minutes", "at most two weeks");
        }
    }
    Ok(())
}

/// Returns a contact that the own unit answers for, or whose case it answers for.
///
/// # Errors
///
/// [`ServiceError::NotFound`], the same whether it is elsewhere or nowhere.
pub async fn load_contact(app: &AuthorityApp, by: &Session, contact_id: &str) -> Result<Contact, ServiceError> {
    let found = contacts::find(&app.db, contact_id, by.officer.scope).await?;
    found.ok_or(ServiceError::NotFound { what: "contact" })
}

/// Returns contacts of the own unit.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_contacts(
    app: &AuthorityApp,
    by: &Session,
    order: ContactOrder,
    filter: &ContactFilter,
) -> Result<Vec<Contact>, ServiceError> {
    Ok(contacts::list(&app.db, by.officer.scope, order, filter).await?)
}

/// Returns how many contacts of the own unit a filter lets through.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn count_contacts(app: &AuthorityApp, by: &Session, filter: &ContactFilter) -> Result<i64, ServiceError> {
    Ok(contacts::count(&app.db, by.officer.scope, filter).await?)
}

/// Returns the contacts of a case of the own unit, oldest first.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn contacts_of(
    app: &AuthorityApp,
    by: &Session,
    case_id: &str,
    limit: u32,
) -> Result<Vec<Contact>, ServiceError> {
    load_file(app, by, case_id).await?;
    Ok(contacts::of_case(&app.db, case_id, limit).await?)
}

/// Returns the figures of the queue of the own unit.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn queue_counts(app: &AuthorityApp, by: &Session) -> Result<QueueCounts, ServiceError> {
    Ok(contacts::counts(&app.db, by.officer.scope, &by.officer.officer_id, app.clock.now()).await?)
}

/// Facts that make a contact a case.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: CivilDate,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
}

/// Makes a confirmed case of a contact. Its contacts stay and come one generation nearer; the case it was a contact of is
/// noted as the likely source.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when it is a case already.
pub async fn convert(
    app: &AuthorityApp,
    by: &Session,
    contact_id: &str,
    facts: &Conversion,
) -> Result<CaseFile, ServiceError> {
    let now = app.clock.now();
    let seen = load_contact(app, by, contact_id).await?;
    record(
        app,
        by,
        Act::tracing(Action::CASE_CHANGE, &[seen.person], &["state"], Some(contact_id)),
    )
    .await?;
    let (case_id, event_id) = (format!("case_{}", app.entropy.hex_id()), app.entropy.hex_id());
    transaction!(app.db, "convert contact", |tx| {
        let found = contacts::find_in(tx, contact_id, by.officer.scope).await?;
        let mut contact = found.ok_or(ServiceError::NotFound { what: "contact" })?;
        if contact.state == ContactState::Converted || contact.state == ContactState::Cancelled {
            return Err(ServiceError::Conflict {
                why: "the contact is a case already",
            });
        }
        // The person may have been a case that was refuted: then it is the same case again.
        let source = files::of_person(tx, contact.of_person).await?;
        let case = CaseFile {
            case_id: case_id.clone(),
            label: codes::next_label(tx).await?,
            person: Some(contact.person),
            state: CaseState::Confirmed,
            finding: facts.finding,
            test_date: facts.test_date,
            onset_date: facts.onset_date,
            isolated_date: None,
            infected_by: source.or(Some(contact.case_id.clone())),
            unit: contact.place.commune.or(contact.place.province),
            place: contact.place,
            opened_at: now,
            confirmed_at: Some(now),
            version: 1,
        };
        files::insert(tx, &case, Some(&by.officer.officer_id)).await?;
        contact.state = ContactState::Converted;
        contact.converted_to = Some(case.case_id.clone());
        contact.leased_by = None;
        contact.leased_until = protocol::time::UnixSeconds(0);
        contact.version += 1;
        if !contacts::replace(tx, &contact).await? {
            return Err(ServiceError::Database(DbError::LostRace));
        }
        note(tx, &event_id, &case, by, "converted", now).await?;
        recompute(tx, &[contact.person]).await?;
        Ok(case)
    })
}

/// Returns who is a contact of a case.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(super) async fn people_of(app: &AuthorityApp, case_id: &str) -> Result<HashSet<PersonId>, ServiceError> {
    Ok(contacts::people_of(&app.db, case_id).await?)
}

/// Returns the unit that a scope's new records get when the form says nothing: the own commune.
pub fn own_commune(scope: Scope) -> Option<UnitId> {
    (scope.level == crate::scope::Level::Commune)
        .then(|| UnitId::from_number(scope.unit))
        .flatten()
}
