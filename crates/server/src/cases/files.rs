//! Opening and changing case files.

use super::graph::recompute;
use super::looks::{Act, WHOLE, record};
use super::model::{CaseFile, CaseState, ContactState};
pub use super::store::files::CaseFilter;
use super::store::history::{EventRow, insert_event};
use super::store::{codes, contacts, files};
use super::{MAX_ONSET_AGE_DAYS, check_label};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::auth::Session;
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::db::{Tx, transaction};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::people::{self, LegalBasis, NewPerson, PersonId};
use crate::scope::Place;

/// Oldest test of a case that is entered, in days: lists are entered late, but not after years.
pub const MAX_CASE_AGE_DAYS: i64 = 400;

/// Oldest test of a case of a list, in days.
pub const MAX_LISTED_AGE_DAYS: i64 = 3660;

/// Whom a new record is about.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Somebody not known yet.
    New(Box<people::Identity>),
    /// Somebody not known yet, from a row of a list.
    Listed(Box<people::Identity>, people::Fingerprint),
    /// Somebody known.
    Known(PersonId),
}

/// A case to be opened.
#[derive(Clone, Debug)]
pub struct NewCaseFile {
    /// Who.
    pub subject: Subject,
    /// Reference of the health office; by default the next `BN-` number.
    pub label: Option<String>,
    /// Confirmed or suspected.
    pub state: CaseState,
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: CivilDate,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
    /// Commune of residence, valid on the date of the test.
    pub unit: UnitId,
    /// Whether it comes from a list of what was: then it may be of any year of the pandemic, and closed already.
    pub is_listed: bool,
}

/// Returns the cases of the own unit that have one of these labels.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn labelled(app: &AuthorityApp, by: &Session, labels: &[String]) -> Result<Vec<CaseFile>, ServiceError> {
    Ok(files::labelled(&app.db, labels, by.officer.scope).await?)
}

/// Opens a case.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::Conflict`] when the label is taken;
/// [`ServiceError::NotAllowed`] outside the own unit or when a confirmed case is not this role's to enter.
pub async fn open_case(app: &AuthorityApp, by: &Session, new: NewCaseFile) -> Result<CaseFile, ServiceError> {
    let now = app.clock.now();
    check_dates(&new, CivilDate::today(now))?;
    check_label(new.label.as_deref())?;
    let place = place_of(app, new.unit)?;
    if !by.officer.scope.covers(&place) {
        return Err(ServiceError::Invalid {
            field: "unit",
            why: "outside the own unit",
        });
    }
    let (person, sealed) = enter_subject(app, new.subject, new.unit).await?;
    record(app, by, Act::tracing(Action::CASE_CREATE, &[person], WHOLE, None)).await?;
    let case_id = format!("case_{}", app.entropy.hex_id());
    let event_id = app.entropy.hex_id();
    let case = transaction!(app.db, "open case", |tx| {
        people::insert(tx, &sealed).await?;
        let label = match &new.label {
            Some(label) if codes::label_exists(tx, label).await? => {
                return Err(ServiceError::Conflict {
                    why: "the label is taken",
                });
            }
            Some(label) => label.clone(),
            None => codes::next_label(tx).await?,
        };
        let case = CaseFile {
            case_id: case_id.clone(),
            label,
            person: Some(person),
            state: new.state,
            finding: new.finding,
            test_date: new.test_date,
            onset_date: new.onset_date,
            isolated_date: None,
            infected_by: None,
            unit: Some(new.unit.number()),
            place,
            opened_at: now,
            confirmed_at: new.state.is_source().then_some(now),
            version: 1,
        };
        files::insert(tx, &case, Some(&by.officer.officer_id)).await?;
        note(tx, &event_id, &case, by, "opened", now).await?;
        recompute(tx, &[person]).await?;
        Ok(case)
    })?;
    people::announce(app, &sealed);
    Ok(case)
}

/// Seals a new person; a known one needs nothing.
pub(super) async fn enter_subject(
    app: &AuthorityApp,
    subject: Subject,
    unit: UnitId,
) -> Result<(PersonId, Vec<people::Sealed>), ServiceError> {
    let row = match &subject {
        Subject::Listed(_, row) => Some(*row),
        _ => None,
    };
    match subject {
        Subject::Known(person) => Ok((person, Vec::new())),
        Subject::New(identity) | Subject::Listed(identity, _) => {
            let person = NewPerson {
                identity: *identity,
                commune: Some(unit.number()),
                legal_basis: LegalBasis::Law,
            };
            let mut sealed = people::prepare(app, vec![person]).await?;
            if let Some(row) = row {
                sealed = sealed.into_iter().map(|person| person.from_row(row)).collect();
            }
            let person = sealed.first().map(people::Sealed::person);
            Ok((person.ok_or(ServiceError::Internal("nobody was sealed"))?, sealed))
        }
    }
}

/// Returns the units that answer for a record of `unit`.
///
/// # Errors
///
/// [`ServiceError::Invalid`] for a unit that never was.
pub(super) fn place_of(app: &AuthorityApp, unit: UnitId) -> Result<Place, ServiceError> {
    let path = app.geo.path(unit).ok_or(ServiceError::Invalid {
        field: "unit",
        why: "no such unit",
    })?;
    Ok(Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: path.commune.map(UnitId::number),
    })
}

/// Returns a case of the own unit.
///
/// # Errors
///
/// [`ServiceError::NotFound`], the same whether it is elsewhere or nowhere.
pub async fn load_file(app: &AuthorityApp, by: &Session, case_id: &str) -> Result<CaseFile, ServiceError> {
    let found = files::find(&app.db, case_id, by.officer.scope).await?;
    found.ok_or(ServiceError::NotFound { what: "case" })
}

/// Returns cases of the own unit, newest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_files(app: &AuthorityApp, by: &Session, filter: &CaseFilter) -> Result<Vec<CaseFile>, ServiceError> {
    Ok(files::list(&app.db, by.officer.scope, filter).await?)
}

/// Returns how many cases of the own unit a filter lets through.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn count_cases(app: &AuthorityApp, by: &Session, filter: &CaseFilter) -> Result<i64, ServiceError> {
    let counts = files::counts(&app.db, by.officer.scope).await?;
    let fits = |state: &CaseState| filter.state.is_none_or(|wanted| wanted == *state);
    Ok(counts
        .iter()
        .filter(|(state, _)| fits(state))
        .map(|(_, count)| count)
        .sum())
}

/// Returns how many cases of the own unit there are in each state.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn count_files(app: &AuthorityApp, by: &Session) -> Result<Vec<(CaseState, i64)>, ServiceError> {
    Ok(files::counts(&app.db, by.officer.scope).await?)
}

/// Confirms, refutes or closes a case; the generations of everybody behind it are computed anew.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when the state does not allow it or somebody was first.
pub async fn set_state(
    app: &AuthorityApp,
    by: &Session,
    case_id: &str,
    state: CaseState,
) -> Result<CaseFile, ServiceError> {
    let now = app.clock.now();
    let seen = load_file(app, by, case_id).await?;
    let people: Vec<PersonId> = seen.person.into_iter().collect();
    record(
        app,
        by,
        Act::tracing(Action::CASE_CHANGE, &people, &["state"], Some(case_id)),
    )
    .await?;
    let event_id = app.entropy.hex_id();
    transaction!(app.db, "set case state", |tx| {
        let found = files::find_in(tx, app.db.dialect(), case_id, by.officer.scope).await?;
        let mut case = found.ok_or(ServiceError::NotFound { what: "case" })?;
        let allowed = matches!(
            (case.state, state),
            (CaseState::Suspected | CaseState::Refuted, CaseState::Confirmed)
                | (
                    CaseState::Suspected | CaseState::Confirmed | CaseState::Closed,
                    CaseState::Refuted
                )
                | (CaseState::Confirmed, CaseState::Closed)
                | (CaseState::Closed, CaseState::Confirmed)
        );
        if !allowed {
            return Err(ServiceError::Conflict {
                why: "the state does not allow this",
            });
        }
        case.state = state;
        if state.is_source() {
            case.confirmed_at = case.confirmed_at.or(Some(now));
        }
        case.version += 1;
        if !files::replace(tx, &case).await? {
            return Err(ServiceError::Conflict {
                why: "somebody else changed the case",
            });
        }
        note(tx, &event_id, &case, by, state.word(), now).await?;
        if state == CaseState::Refuted {
            give_back(tx, &case).await?;
        }
        if let Some(person) = case.person {
            recompute(tx, &[person]).await?;
        }
        Ok(case)
    })
}

/// A contact whose case is refuted is a contact again.
async fn give_back(tx: &mut Tx, case: &CaseFile) -> Result<(), ServiceError> {
    let Some(mut contact) = contacts::converted_to(tx, &case.case_id).await? else {
        return Ok(());
    };
    contact.state = if contact.follow.is_some() {
        ContactState::Reached
    } else {
        ContactState::New
    };
    contact.converted_to = None;
    contact.version += 1;
    contacts::replace(tx, &contact).await?;
    Ok(())
}

pub(super) async fn note(
    tx: &mut Tx,
    event_id: &str,
    case: &CaseFile,
    by: &Session,
    kind: &'static str,
    now: protocol::time::UnixSeconds,
) -> Result<(), ServiceError> {
    let event = EventRow {
        event_id: event_id.to_owned(),
        case_id: Some(&case.case_id),
        contact_id: None,
        officer: Some(&by.officer.officer_id),
        kind,
        detail: String::new(),
    };
    Ok(insert_event(tx, &event, now).await?)
}

fn check_dates(new: &NewCaseFile, today: CivilDate) -> Result<(), ServiceError> {
    let invalid = |field, why| Err(ServiceError::Invalid { field, why });
    let oldest = if new.is_listed {
        MAX_LISTED_AGE_DAYS
    } else {
        MAX_CASE_AGE_DAYS
    };
    if !(0..=oldest).contains(&today.days_since(new.test_date)) {
        return invalid("test_date", "must be today or before, within a year");
    }
    let fits = |onset: CivilDate| onset <= today && new.test_date.days_since(onset) <= MAX_ONSET_AGE_DAYS;
    if new.onset_date.is_some_and(|onset| !fits(onset)) {
        return invalid("onset_date", "must be today or before, within 28 days before the test");
    }
    let is_closed = new.is_listed && new.state == CaseState::Closed;
    if !is_closed && !matches!(new.state, CaseState::Suspected | CaseState::Confirmed) {
        return invalid("state", "a case is opened as suspected or confirmed");
    }
    Ok(())
}
