//! SQL of milestones and of what happened to a case or contact.

use protocol::time::UnixSeconds;
use sqlx::Row;

use super::person;
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

/// A stored milestone; its place is sealed under the person's key.
pub(in super::super) struct MilestoneRow {
    pub(in super::super) milestone_id: String,
    pub(in super::super) person: PersonId,
    pub(in super::super) from: UnixSeconds,
    pub(in super::super) to: UnixSeconds,
    pub(in super::super) place_sealed: Vec<u8>,
    pub(in super::super) source: String,
    pub(in super::super) confidence: i64,
}

pub(in super::super) async fn insert_milestone(
    tx: &mut Tx,
    case_id: &str,
    row: &MilestoneRow,
    officer: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO milestone (milestone_id, case_id, person_id, from_s, to_s, place_sealed, source, confidence, \
         entered_by, entered_at_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&row.milestone_id)
    .bind(case_id)
    .bind(&row.person.0[..])
    .bind(row.from.0)
    .bind(row.to.0)
    .bind(&row.place_sealed[..])
    .bind(&row.source)
    .bind(row.confidence)
    .bind(officer)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in super::super) async fn milestones(db: &Db, case_id: &str) -> Result<Vec<MilestoneRow>, DbError> {
    let rows = sqlx::query(
        "SELECT milestone_id, person_id, from_s, to_s, place_sealed, source, confidence FROM milestone \
         WHERE case_id = $1 ORDER BY from_s, milestone_id LIMIT 500",
    )
    .bind(case_id)
    .fetch_all(db.reader())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(MilestoneRow {
                milestone_id: row.try_get(0)?,
                person: person(row.try_get(1)?)?,
                from: UnixSeconds(row.try_get(2)?),
                to: UnixSeconds(row.try_get(3)?),
                place_sealed: row.try_get(4)?,
                source: row.try_get(5)?,
                confidence: row.try_get(6)?,
            })
        })
        .collect()
}

/// What happened: a word and a few more, never a name.
pub(in super::super) struct EventRow<'a> {
    pub(in super::super) event_id: String,
    pub(in super::super) case_id: Option<&'a str>,
    pub(in super::super) contact_id: Option<&'a str>,
    pub(in super::super) officer: Option<&'a str>,
    pub(in super::super) kind: &'static str,
    pub(in super::super) detail: String,
}

pub(in super::super) async fn insert_event(tx: &mut Tx, event: &EventRow<'_>, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO case_event (event_id, case_id, contact_id, at_s, officer_id, kind, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&event.event_id)
    .bind(event.case_id)
    .bind(event.contact_id)
    .bind(now.0)
    .bind(event.officer)
    .bind(event.kind)
    .bind(&event.detail)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// When.
    pub at: UnixSeconds,
    /// Its word.
    pub kind: String,
    /// More about it.
    pub detail: String,
}

pub(in super::super) async fn events_of_case(db: &Db, case_id: &str) -> Result<Vec<CaseEvent>, DbError> {
    let rows = sqlx::query(
        "SELECT at_s, kind, detail FROM case_event WHERE case_id = $1 ORDER BY at_s DESC, event_id LIMIT 200",
    )
    .bind(case_id)
    .fetch_all(db.reader())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(CaseEvent {
                at: UnixSeconds(row.try_get(0)?),
                kind: row.try_get(1)?,
                detail: row.try_get(2)?,
            })
        })
        .collect()
}
