//! People and places as lists show them: masked, and recorded before they are shown.

use std::collections::HashMap;

use super::contacts::place_bound;
use super::looks::{Act, MASKED, WHOLE, record};
use super::model::Contact;
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::{IdentitySight, Session};
use crate::civil::CivilDate;
use crate::error::ServiceError;
use crate::people::model::masked;
use crate::people::{self, About, Person, PersonId, Sex};

/// A person as a list shows one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// Initials; empty for roles that see no names at all, and for somebody erased.
    pub name: String,
    /// Age in years.
    pub age: Option<i16>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Whether the person was erased.
    pub is_erased: bool,
}

/// Reasons for which a person may be revealed; their words name texts.
pub const REASONS: &[&str] = &["call", "identify", "quarantine", "correction", "person-asks"];

/// Returns people masked; those asked for twice are loaded once.
///
/// # Errors
///
/// [`ServiceError::Unavailable`] when the look cannot be recorded.
pub async fn masked_people(
    app: &AuthorityApp,
    by: &Session,
    action: Action,
    people: &[PersonId],
    about: Option<&str>,
) -> Result<HashMap<PersonId, Masked>, ServiceError> {
    let mut wanted = people.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    record(app, by, Act::tracing(action, &wanted, MASKED, about)).await?;
    let known = people::load(app, &wanted).await?;
    let this_year = CivilDate::today(app.clock.now()).year();
    let sees_names = by.officer.role.rule().identity == IdentitySight::Inside;
    let mut all: HashMap<PersonId, Masked> = wanted
        .into_iter()
        .map(|person| {
            let erased = Masked {
                is_erased: true,
                ..Masked::default()
            };
            (person, erased)
        })
        .collect();
    for (person, known) in known {
        all.insert(person, mask(&known, this_year, sees_names));
    }
    Ok(all)
}

fn mask(person: &Person, this_year: i16, sees_names: bool) -> Masked {
    Masked {
        name: if sees_names {
            masked(&person.identity.name)
        } else {
            String::new()
        },
        age: person.identity.birth.map(|birth| this_year - birth.year()),
        sex: person.identity.sex,
        is_erased: false,
    }
}

/// Returns where contacts met whom they met, in the order given; `None` where nothing is known or the person was erased.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn places(app: &AuthorityApp, contacts: &[Contact]) -> Result<Vec<Option<String>>, ServiceError> {
    let with: Vec<usize> = (0..contacts.len())
        .filter(|at| contacts[*at].place_sealed.is_some())
        .collect();
    let texts: Vec<About<'_, [u8]>> = with
        .iter()
        .filter_map(|at| {
            Some(About {
                person: contacts[*at].person,
                bound: place_bound(&contacts[*at].contact_id),
                text: contacts[*at].place_sealed.as_deref()?,
            })
        })
        .collect();
    let opened = people::open_texts(app, &texts).await?;
    let mut all = vec![None; contacts.len()];
    for (at, text) in with.into_iter().zip(opened) {
        all[at] = text;
    }
    Ok(all)
}

/// Shows who a person is, for a reason of [`REASONS`]; recorded, and told to the person.
///
/// # Errors
///
/// [`ServiceError::Invalid`] for another reason; [`ServiceError::NotAllowed`] for a role that never sees names;
/// [`ServiceError::NotFound`] when the person was erased.
pub async fn reveal(
    app: &AuthorityApp,
    by: &Session,
    person: PersonId,
    about: &str,
    reason: &str,
) -> Result<Person, ServiceError> {
    if by.officer.role.rule().identity == IdentitySight::Never {
        return Err(ServiceError::NotAllowed);
    }
    let reason = REASONS
        .iter()
        .find(|known| **known == reason)
        .ok_or(ServiceError::Invalid {
            field: "reason",
            why: "a reason of the list",
        })?;
    let people = [person];
    let act = Act {
        purpose: Purpose::Tracing,
        action: Action::PERSON_REVEAL,
        people: &people,
        fields: WHOLE,
        record: Some(about),
        reason: Some(reason),
    };
    record(app, by, act).await?;
    let found = people::load(app, &[person]).await?.pop();
    found
        .map(|(_, person)| person)
        .ok_or(ServiceError::NotFound { what: "person" })
}
