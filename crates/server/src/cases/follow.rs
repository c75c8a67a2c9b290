//! The daily follow-up sheet.

use super::looks::{Act, MASKED, record};
use super::model::{Contact, DayState};
use super::store::{contacts, days};
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::Session;
use crate::civil::CivilDate;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::people::PersonId;

/// Most rows saved in one act.
pub const MAX_ROWS: usize = 500;

/// Returns who of the own unit is in follow-up on `day`, with the state entered for it, by label.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn sheet(
    app: &AuthorityApp,
    by: &Session,
    day: CivilDate,
    after: &str,
    limit: u32,
) -> Result<Vec<(Contact, Option<DayState>)>, ServiceError> {
    let rows = days::sheet(&app.db, by.officer.scope, day, after, limit).await?;
    let people: Vec<PersonId> = rows.iter().map(|(contact, _)| contact.person).collect();
    record(app, by, act(Action::PERSON_LIST, &people, MASKED)).await?;
    Ok(rows)
}

/// Enters states of a day for contacts of the own unit, all or none; entering again replaces.
///
/// # Errors
///
/// [`ServiceError::NotFound`] when one is elsewhere, nowhere, or not in follow-up on that day; [`ServiceError::Invalid`].
pub async fn put_sheet(
    app: &AuthorityApp,
    by: &Session,
    day: CivilDate,
    entries: &[(String, DayState)],
) -> Result<(), ServiceError> {
    let now = app.clock.now();
    if entries.is_empty() || entries.len() > MAX_ROWS {
        return Err(ServiceError::Invalid {
            field: "entries",
            why: "1 to 500",
        });
    }
    if !(0..=7).contains(&CivilDate::today(now).days_since(day)) {
        return Err(ServiceError::Invalid {
            field: "day",
            why: "today or one of the last 7 days",
        });
    }
    record(app, by, act(Action::CONTACT_CHANGE, &[], &["day_state"])).await?;
    transaction!(app.db, "enter follow-up", |tx| {
        for (contact_id, _) in entries {
            let found = contacts::find_in(tx, contact_id, by.officer.scope).await?;
            let is_followed =
                |contact: &Contact| contact.follow.is_some_and(|(from, until)| from <= day && day <= until);
            if !found.as_ref().is_some_and(is_followed) {
                return Err(ServiceError::NotFound { what: "contact" });
            }
        }
        days::put(tx, day, entries, &by.officer.officer_id, now).await?;
        Ok(())
    })
}

/// Ends the follow-up that is over.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn finish(app: &AuthorityApp) -> Result<u64, ServiceError> {
    let today = CivilDate::today(app.clock.now());
    transaction!(app.db, "finish follow-up", |tx| { Ok(days::finish(tx, today).await?) })
}

fn act<'a>(action: Action, people: &'a [PersonId], fields: &'a [&'static str]) -> Act<'a> {
    Act {
        purpose: Purpose::FollowUp,
        action,
        people,
        fields,
        record: None,
        reason: None,
    }
}
