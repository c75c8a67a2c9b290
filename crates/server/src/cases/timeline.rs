//! Where a case was: milestones of the interview, with source and confidence.

use protocol::time::UnixSeconds;

use super::files::load_file;
use super::looks::{Act, record};
use super::milestone;
use super::model::Source;
pub use super::store::history::CaseEvent;
use super::store::history::{self, MilestoneRow};
use crate::app::AuthorityApp;
use crate::audit::Action;
use crate::auth::Session;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::{self, About};

/// A milestone of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Its id.
    pub milestone_id: String,
    /// Beginning.
    pub from: UnixSeconds,
    /// End.
    pub to: UnixSeconds,
    /// The place; `None` when the person was erased.
    pub place: Option<String>,
    /// Where it is known from: `interview`, `exposure_notice`, `record`.
    pub source: String,
    /// How sure it is, 1 to 3.
    pub confidence: i64,
}

/// Adds a milestone as typed.
///
/// # Errors
///
/// [`ServiceError::NotFound`]; [`ServiceError::Invalid`] with field `milestone_day`, `milestone_hours` or `milestone_place`;
/// [`ServiceError::Conflict`] for a case without a person.
pub async fn add_milestone(
    app: &AuthorityApp,
    by: &Session,
    case_id: &str,
    line: &str,
    confidence: i64,
    source: Source,
) -> Result<String, ServiceError> {
    let now = app.clock.now();
    let case = load_file(app, by, case_id).await?;
    let person = case.person.ok_or(ServiceError::Conflict {
        why: "the case has no person",
    })?;
    let typed = milestone::parse(line, now).map_err(refusal)?;
    if !(1..=3).contains(&confidence) {
        return Err(ServiceError::Invalid {
            field: "confidence",
            why: "1 to 3",
        });
    }
    record(
        app,
        by,
        Act::tracing(Action::CASE_CHANGE, &[person], &["milestone"], Some(case_id)),
    )
    .await?;
    let milestone_id = format!("milestone_{}", app.entropy.hex_id());
    let about = About {
        person,
        bound: bound(&milestone_id),
        text: typed.place.as_str(),
    };
    let sealed = people::seal_texts(app, &[about]).await?;
    let row = MilestoneRow {
        milestone_id: milestone_id.clone(),
        person,
        from: typed.from,
        to: typed.to,
        place_sealed: sealed.into_iter().next().unwrap_or_default(),
        source: source.word().to_owned(),
        confidence,
    };
    transaction!(app.db, "add milestone", |tx| {
        history::insert_milestone(tx, case_id, &row, &by.officer.officer_id, now).await?;
        Ok(())
    })?;
    Ok(milestone_id)
}

/// Returns the milestones of a case, earliest first. The caller records the look.
pub async fn milestones(app: &AuthorityApp, case_id: &str) -> Result<Vec<Milestone>, ServiceError> {
    let rows = history::milestones(&app.db, case_id).await?;
    let texts: Vec<About<'_, [u8]>> = rows
        .iter()
        .map(|row| About {
            person: row.person,
            bound: bound(&row.milestone_id),
            text: row.place_sealed.as_slice(),
        })
        .collect();
    let places = people::open_texts(app, &texts).await?;
    let joined = rows.into_iter().zip(places).map(|(row, place)| Milestone {
        milestone_id: row.milestone_id,
        from: row.from,
        to: row.to,
        place,
        source: row.source,
        confidence: row.confidence,
    });
    Ok(joined.collect())
}

/// Returns what happened to a case, newest first.
pub(super) async fn events(app: &AuthorityApp, case_id: &str) -> Result<Vec<CaseEvent>, ServiceError> {
    Ok(history::events_of_case(&app.db, case_id).await?)
}

fn bound(milestone_id: &str) -> String {
    format!("milestone.place/{milestone_id}")
}

fn refusal(unreadable: milestone::Unreadable) -> ServiceError {
    use milestone::Unreadable::{Day, Future, Hours, Length, Place};
    let (field, why) = match unreadable {
        Day => ("milestone_day", "begins with a day such as 12/7"),
        Hours => ("milestone_hours", "hours such as 8h-10h30"),
        Place => ("milestone_place", "a place follows"),
        Future => ("milestone_future", "not after now"),
        Length => ("milestone_place", "at most 200 characters"),
    };
    ServiceError::Invalid { field, why }
}
