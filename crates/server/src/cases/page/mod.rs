//! The desk's pages of cases and contacts.

mod bulk;
mod call;
mod case;
mod cases;
mod chain;
mod codes;
mod company;
mod contact;
mod contacts;
mod follow;
mod grid;
mod kpi;
mod new_case;
mod people;
mod person;
mod queue;
mod whereabouts;

use std::collections::HashMap;

use protocol::time::UnixSeconds;

use super::milestone::parse_day;
use super::view::Masked;
use crate::app::AuthorityApp;
use crate::auth::access::Route;
use crate::civil::{CivilDate, clock_time};
use crate::console::{Choice, Mark, Shape, Texts};
use crate::error::ServiceError;
use crate::geo::{Tier, UnitId};
use crate::people::search::Candidate;
use crate::people::{PersonId, Sex};
use crate::scope::{Level, Place, Scope};

use super::model::{CaseState, ContactState};

/// The routes of this folder.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = cases::routes();
    routes.extend(new_case::routes());
    routes.extend(case::routes());
    routes.extend(codes::routes());
    routes.extend(bulk::routes());
    routes.extend(chain::routes());
    routes.extend(company::routes());
    routes.extend(grid::routes());
    routes.extend(contacts::routes());
    routes.extend(contact::routes());
    routes.extend(queue::routes());
    routes.extend(call::routes());
    routes.extend(follow::routes());
    routes.extend(kpi::routes());
    routes.extend(people::routes());
    routes.extend(person::routes());
    routes
}

/// Returns `d/m/yyyy HH:MM` of the authority's calendar.
fn moment(at: UnixSeconds) -> String {
    format!("{} {}", CivilDate::today(at).local(), clock_time(at))
}

/// Reads a day as forms hold it: `12/7`, `12/7/2021`, `2021-07-12`.
fn read_day(text: &str, today: CivilDate) -> Option<CivilDate> {
    let text = text.trim();
    CivilDate::parse(text).or_else(|| parse_day(text, today))
}

/// Returns the communes of a scope that are valid today, by name of district and commune.
pub(crate) fn communes(app: &AuthorityApp, scope: Scope, today: CivilDate) -> Vec<Choice> {
    let unit = UnitId::from_number(scope.unit).filter(|_| scope.level != Level::Nation);
    let found = unit.map_or_else(Vec::new, |unit| app.geo.communes(unit, today));
    found
        .iter()
        .map(|(unit, name)| Choice::new(&unit.code(), name.clone()))
        .collect()
}

/// Reads a commune's code as valid today.
///
/// # Errors
///
/// [`ServiceError::Invalid`] for a code that is none.
fn commune(app: &AuthorityApp, code: &str, today: CivilDate) -> Result<UnitId, ServiceError> {
    let found = app
        .geo
        .by_code(code.trim(), today)
        .ok()
        .filter(|unit| unit.tier() == Tier::COMMUNE);
    found.map(|unit| unit.id).ok_or(ServiceError::Invalid {
        field: "unit",
        why: "not a commune of today",
    })
}

/// Returns the name of the smallest unit of a place.
fn place_name(app: &AuthorityApp, place: &Place) -> String {
    let smallest = place
        .commune
        .or(place.district)
        .or(place.province)
        .and_then(UnitId::from_number);
    smallest
        .and_then(|unit| app.geo.unit(unit))
        .map(|unit| unit.full_name())
        .unwrap_or_default()
}

/// Returns `N. T. H. T***, nữ, 34 tuổi` as far as it is known.
fn about(texts: Texts, people: &HashMap<PersonId, Masked>, person: PersonId) -> String {
    let Some(masked) = people.get(&person) else {
        return String::new();
    };
    if masked.is_erased {
        return texts.get("cases-erased");
    }
    let mut parts = Vec::new();
    if !masked.name.is_empty() {
        parts.push(masked.name.clone());
    }
    parts.extend(masked.sex.map(|sex| sex_word(texts, sex)));
    parts.extend(masked.age.map(|age| texts.with("cases-age", "age", &age.to_string())));
    parts.join(", ")
}

/// Returns why somebody may be the person described: what they have in common.
fn reasons(texts: Texts, candidate: &Candidate) -> String {
    let common = candidate.reasons.iter().filter(|reason| !reason.speaks_against());
    let words: Vec<String> = common
        .map(|reason| texts.get(&format!("people-reason-{}", reason.code())))
        .collect();
    words.join(", ")
}

fn sex_word(texts: Texts, sex: Sex) -> String {
    texts.get(match sex {
        Sex::Female => "cases-sex-female",
        Sex::Male => "cases-sex-male",
    })
}

fn case_mark(texts: Texts, state: CaseState) -> Mark {
    let shape = match state {
        CaseState::Suspected => Shape::Half,
        CaseState::Confirmed => Shape::Ring,
        CaseState::Closed => Shape::Disc,
        CaseState::Refuted => Shape::Diamond,
    };
    Mark::new(shape, texts.get(&format!("cases-state-{}", state.word())))
}

fn contact_mark(texts: Texts, state: ContactState) -> Mark {
    let shape = match state {
        ContactState::New => Shape::Ring,
        ContactState::Trying | ContactState::HandedOver => Shape::Half,
        ContactState::Reached | ContactState::Finished => Shape::Disc,
        ContactState::Refused | ContactState::WrongNumber | ContactState::Converted | ContactState::Cancelled => {
            Shape::Diamond
        }
    };
    Mark::new(
        shape,
        texts.get(&format!("cases-contact-{}", state.word().replace('_', "-"))),
    )
}
