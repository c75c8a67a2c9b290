//! Cases and the people they met: from the call that reports a case to the last day of its contacts' follow-up.
//!
//! Nothing here holds a name, a number or an address: people are [`PersonId`](crate::people::PersonId)s, and free texts are
//! sealed under the key of the person they are about. Every look at a person is recorded before it is shown.

pub mod bulk;
pub mod chain;
pub mod contacts;
pub mod entry;
pub mod erase;
pub mod files;
pub mod follow;
pub mod generation;
mod graph;
pub mod grid;
pub mod known;
mod looks;
pub mod milestone;
pub mod model;
pub(crate) mod page;
pub mod places;
pub mod queue;
pub mod rules;
pub(crate) mod rules_page;
mod store;
pub mod timeline;
pub mod view;

use protocol::time::UnixSeconds;

use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::codes::{self, CaseFacts, Finding, Issue};
use crate::db::transaction;
use crate::error::ServiceError;

/// Oldest test that can be entered, in days.
pub const MAX_TEST_AGE_DAYS: i64 = 14;
/// Oldest onset that can be entered, in days before today.
pub const MAX_ONSET_AGE_DAYS: i64 = 28;

/// A case to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCase {
    /// Reference of the health office: 1 to 16 of `A–Z 0–9 -`. By default the next `BN-` number.
    pub label: Option<String>,
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: CivilDate,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
}

/// A confirmed case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedCase {
    /// Id in addresses.
    pub case_id: String,
    /// Pseudonymous label.
    pub label: String,
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: CivilDate,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
    /// When it was confirmed.
    pub confirmed_at: UnixSeconds,
}

/// Confirms a case.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field; [`ServiceError::Conflict`] when the label is taken.
pub async fn confirm_case(app: &AuthorityApp, case: &NewCase) -> Result<ConfirmedCase, ServiceError> {
    let now = app.clock.now();
    check(case, CivilDate::today(now))?;
    let case_id = format!("case_{}", app.entropy.hex_id());
    transaction!(app.db, "confirm case", |tx| {
        let label = match &case.label {
            Some(label) if store::codes::label_exists(tx, label).await? => {
                return Err(ServiceError::Conflict {
                    why: "the label is taken",
                });
            }
            Some(label) => label.clone(),
            None => store::codes::next_label(tx).await?,
        };
        let confirmed = ConfirmedCase {
            case_id: case_id.clone(),
            label,
            finding: case.finding,
            test_date: case.test_date,
            onset_date: case.onset_date,
            confirmed_at: now,
        };
        store::codes::insert(tx, &confirmed).await?;
        Ok(confirmed)
    })
}

/// Issues the codes of a case; earlier ones that nobody has redeemed stop working.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn issue_codes_for(app: &AuthorityApp, case_id: &str) -> Result<(ConfirmedCase, Issue), ServiceError> {
    let case = load_case(app, case_id).await?;
    let facts = CaseFacts {
        finding: case.finding,
        test_date: Some(case.test_date),
        onset_date: case.onset_date,
    };
    let issue = codes::issue_codes(app, case_id, &facts).await?;
    Ok((case, issue))
}

/// Returns a case.
///
/// # Errors
///
/// [`ServiceError::NotFound`].
pub async fn load_case(app: &AuthorityApp, case_id: &str) -> Result<ConfirmedCase, ServiceError> {
    store::codes::find(&app.db, case_id)
        .await?
        .ok_or(ServiceError::NotFound { what: "case" })
}

/// Returns up to `limit` cases, newest first.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn list_cases(app: &AuthorityApp, limit: u32) -> Result<Vec<ConfirmedCase>, ServiceError> {
    Ok(store::codes::list(&app.db, limit).await?)
}

fn check(case: &NewCase, today: CivilDate) -> Result<(), ServiceError> {
    let invalid = |field, why| Err(ServiceError::Invalid { field, why });
    check_label(case.label.as_deref())?;
    if !(0..=MAX_TEST_AGE_DAYS).contains(&today.days_since(case.test_date)) {
        return invalid("test_date", "must be today or one of the last 14 days");
    }
    if case
        .onset_date
        .is_some_and(|onset| !(0..=MAX_ONSET_AGE_DAYS).contains(&today.days_since(onset)))
    {
        return invalid("onset_date", "must be today or one of the last 28 days");
    }
    Ok(())
}

/// Checks a label given by the office.
/// Returns whether this can be the code of a case.
fn is_label(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    (1..=16).contains(&text.len()) && text.bytes().all(sign)
}

/// Reads the code of a case as lists write it: capitals do not matter, a space is a hyphen; `BN 17` and `17` differ.
pub fn read_label(text: &str) -> Option<String> {
    let upper = text.trim().to_uppercase();
    let label = upper.split_whitespace().collect::<Vec<_>>().join("-");
    is_label(&label).then_some(label)
}

fn check_label(label: Option<&str>) -> Result<(), ServiceError> {
    if label.is_some_and(|label| !is_label(label)) {
        return Err(ServiceError::Invalid {
            field: "label",
            why: "must be 1 to 16 of A-Z, 0-9 and -",
        });
    }
    Ok(())
}
