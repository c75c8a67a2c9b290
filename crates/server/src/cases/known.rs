//! Who is known in the own unit: found by name, number or document, by likeness to somebody being entered, or by a code.
//!
//! The search knows everybody whom the vault knows. Only who has a record in the officer's unit is shown: somebody known
//! elsewhere is answered like somebody unknown.

use std::collections::HashMap;

use super::store::known;
use crate::app::AuthorityApp;
use crate::auth::{Permission, Session};
use crate::error::ServiceError;
use crate::people::search::{Candidate, Hit};
use crate::people::{Identity, PersonId};

/// Most people of an answer.
pub const SHOWN: usize = 20;
/// How many of the search are looked through for those of the own unit.
const LOOKED_THROUGH: usize = 200;
/// Most records found by a code, of cases and of contacts each.
const BY_LABEL: u32 = 10;
/// Longest text searched for, in characters.
pub const MAX_TEXT: u32 = 120;

/// A record of somebody in a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Id of the case or the contact.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Label of the case that a contact met; a case has none.
    pub of_case: Option<String>,
}

impl Known {
    /// Returns the record's page.
    pub fn path(&self) -> String {
        let folder = if self.of_case.is_some() { "contacts" } else { "cases" };
        format!("/desk/{folder}/{}", self.id)
    }
}

/// Records by person.
pub type KnownPeople = HashMap<PersonId, Vec<Known>>;

/// Returns the records in the own unit of each of `people`; who has none there is not in the answer.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn known_here(app: &AuthorityApp, by: &Session, people: &[PersonId]) -> Result<KnownPeople, ServiceError> {
    let mut all = KnownPeople::new();
    for (person, known) in known::of_people(&app.db, by.officer.scope, people).await? {
        all.entry(person).or_default().push(known);
    }
    Ok(all)
}

/// Searches the own unit's people by what was typed: name with or without marks, number, document, year of birth.
/// The caller records the look before showing anybody.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `person.search`; [`ServiceError::Invalid`] for a text that is too long;
/// [`ServiceError::Database`].
pub async fn find_people(
    app: &AuthorityApp,
    by: &Session,
    text: &str,
) -> Result<(Vec<Hit>, KnownPeople), ServiceError> {
    may_search(by)?;
    if text.chars().count() > MAX_TEXT as usize {
        return Err(ServiceError::Invalid {
            field: "text",
            why: "too long",
        });
    }
    let mut hits = app.finder.find(text, LOOKED_THROUGH);
    let people: Vec<PersonId> = hits.iter().map(|hit| hit.person).collect();
    let known = known_here(app, by, &people).await?;
    hits.retain(|hit| known.contains_key(&hit.person));
    hits.truncate(SHOWN);
    Ok((hits, known))
}

/// Returns who of the own unit may be the one described, the likeliest first. The caller records the look.
///
/// # Errors
///
/// [`ServiceError::NotAllowed`] without `person.search`; [`ServiceError::Database`].
pub async fn similar_people(
    app: &AuthorityApp,
    by: &Session,
    identity: &Identity,
    most: usize,
) -> Result<(Vec<Candidate>, KnownPeople), ServiceError> {
    may_search(by)?;
    let mut found = app.finder.duplicates(identity, None, most);
    let people: Vec<PersonId> = found.iter().map(|candidate| candidate.person).collect();
    let known = known_here(app, by, &people).await?;
    found.retain(|candidate| known.contains_key(&candidate.person));
    Ok((found, known))
}

/// Returns records of the own unit whose code begins so.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn find_codes(app: &AuthorityApp, by: &Session, text: &str) -> Result<Vec<Known>, ServiceError> {
    let label: String = text.trim().to_uppercase();
    let is_code =
        (3..=20).contains(&label.len()) && label.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-');
    if !is_code {
        return Ok(Vec::new());
    }
    Ok(known::by_label(&app.db, by.officer.scope, &label, BY_LABEL).await?)
}

fn may_search(by: &Session) -> Result<(), ServiceError> {
    if by.may(Permission::PersonSearch) {
        Ok(())
    } else {
        Err(ServiceError::NotAllowed)
    }
}
