//! Entering contacts, many at a time, and making a case of one.

use super::files::{Subject, load_file, note, place_of};
use super::graph::recompute;
use super::looks::{Act, WHOLE, record};
use super::model::{CaseFile, CaseState, Contact, ContactState, Origin, due_at};
use super::rules::RULES;
use super::store::contacts::{self, NewRow};
pub use super::store::contacts::{ContactFilter, ContactOrder, QueueCounts};
use super::store::{codes, files};
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
    let now = app.clock.now();
    let case = load_file(app, by, &batch.case_id).await?;
    let of_person = whose(app, by, &case, batch.of_contact.as_deref()).await?;
    check(&batch, CivilDate::today(now))?;
    let (sealed, people) = enter_people(app, &batch.contacts).await?;
    record(
        app,
        by,
        Act::tracing(Action::CONTACT_CREATE, &people, WHOLE, Some(&case.case_id)),
    )
    .await?;
    let ids: Vec<String> = people
        .iter()
        .map(|_| format!("contact_{}", app.entropy.hex_id()))
        .collect();
    let places = seal_places(app, &batch.contacts, &people, &ids).await?;
    let entered = transaction!(app.db, "add contacts", |tx| {
        people::insert(tx, &sealed).await?;
        let household = free_label(app, tx).await?;
        let known = contacts::known_of(tx, &case.case_id, of_person).await?;
        let mut rows = Vec::with_capacity(people.len());
        let mut entered = Vec::with_capacity(people.len());
        for (at, new) in batch.contacts.iter().enumerate() {
            let person = people[at];
            let earlier = rows.iter().any(|row: &NewRow| row.contact.person == person);
            if known.contains(&person) || earlier || person == of_person {
                entered.push(Entered::Known);
                continue;
            }
            let label = format!("{household}-{:02}", rows.len() + 1);
            rows.push(new_row(
                app,
                by,
                &case,
                of_person,
                new,
                person,
                &ids[at],
                label,
                places[at].clone(),
                batch.entry_seconds,
            )?);
            entered.push(Entered::New(ids[at].clone()));
        }
        contacts::insert(tx, &rows).await?;
        let mut seeds = people.clone();
        seeds.push(of_person);
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

async fn enter_people(
    app: &AuthorityApp,
    new: &[NewContact],
) -> Result<(Vec<people::Sealed>, Vec<PersonId>), ServiceError> {
    let unknown = new.iter().filter_map(|contact| match &contact.subject {
        Subject::New(identity) => Some(NewPerson {
            identity: (**identity).clone(),
            commune: Some(contact.unit.number()),
            legal_basis: LegalBasis::Law,
        }),
        Subject::Known(_) => None,
    });
    let sealed = people::prepare(app, unknown.collect()).await?;
    let mut fresh = sealed.iter().map(people::Sealed::person);
    let mut ids = Vec::with_capacity(new.len());
    for contact in new {
        let person = match &contact.subject {
            Subject::New(_) => fresh.next(),
            Subject::Known(person) => Some(*person),
        };
        ids.push(person.ok_or(ServiceError::Internal("somebody was not sealed"))?);
    }
    drop(fresh);
    Ok((sealed, ids))
}

async fn seal_places(
    app: &AuthorityApp,
    new: &[NewContact],
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

#[expect(clippy::too_many_arguments, reason = "one row, written in one place")]
fn new_row(
    app: &AuthorityApp,
    by: &Session,
    case: &CaseFile,
    of_person: PersonId,
    new: &NewContact,
    person: PersonId,
    contact_id: &str,
    label: String,
    place_sealed: Option<Vec<u8>>,
    entry_seconds: Option<i64>,
) -> Result<NewRow, ServiceError> {
    let now = app.clock.now();
    let until = RULES.follow_until(1, new.exposed_on, CivilDate::today(now));
    let contact = Contact {
        contact_id: contact_id.to_owned(),
        label,
        person,
        of_person,
        case_id: case.case_id.clone(),
        case_label: case.label.clone(),
        origin: new.origin,
        exposed_on: new.exposed_on,
        exposed_minutes: new.minutes,
        place_sealed,
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
        entry_seconds,
    })
}

/// Draws what the labels of a batch begin with: five signs that no earlier batch has. Every batch has a first label.
async fn free_label(app: &AuthorityApp, tx: &mut Tx) -> Result<String, ServiceError> {
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
    if batch.contacts.is_empty() || batch.contacts.len() > MAX_CONTACTS {
        return invalid("contacts", "1 to 500");
    }
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

/// Returns the unit that a scope's new records get when the form says nothing: the own commune.
pub fn own_commune(scope: Scope) -> Option<UnitId> {
    (scope.level == crate::scope::Level::Commune)
        .then(|| UnitId::from_number(scope.unit))
        .flatten()
}
