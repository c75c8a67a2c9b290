//! SQL of daily follow-up.

use protocol::time::UnixSeconds;
use sqlx::Row;

use super::super::model::{Contact, DayState};
use super::contacts::{COLUMNS, read};
use crate::civil::CivilDate;
use crate::db::lists::{ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use crate::scope::Scope;

/// Returns who is in follow-up on `day`, with the state entered for it, by unit and label; after the label `after`.
pub(in super::super) async fn sheet(
    db: &Db,
    scope: Scope,
    day: CivilDate,
    after: &str,
    limit: u32,
) -> Result<Vec<(Contact, Option<DayState>)>, DbError> {
    let column = scope.column_of("c");
    let text = format!(
        "SELECT {COLUMNS}, d.state FROM contact c JOIN case_file f ON f.case_id = c.case_id \
         LEFT JOIN follow_up d ON d.contact_id = c.contact_id AND d.day = $2 \
         WHERE {column} = $1 AND c.state = 'reached' AND c.follow_from <= $2 AND c.follow_until >= $2 AND c.label > $3 \
         ORDER BY c.label LIMIT $4"
    );
    let rows = sqlx::query(ours(text))
        .bind(scope.unit)
        .bind(day.number())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(db.reader())
        .await?;
    rows.iter()
        .map(|row| {
            let state: Option<String> = row.try_get(27)?;
            let state = state.map(|state| DayState::parse(&state).ok_or(DbError::Stored("state of a day")));
            Ok((read(row)?, state.transpose()?))
        })
        .collect()
}

/// Enters a day's states; an earlier entry for the same day is replaced.
pub(in super::super) async fn put(
    tx: &mut Tx,
    day: CivilDate,
    entries: &[(String, DayState)],
    officer: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    for chunk in row_chunks(entries, 5) {
        let text = format!(
            "INSERT INTO follow_up (contact_id, day, state, officer_id, entered_at_s) VALUES {} \
             ON CONFLICT (contact_id, day) DO UPDATE SET state = excluded.state, officer_id = excluded.officer_id, \
             entered_at_s = excluded.entered_at_s",
            tuples(chunk.len(), 5, 1)
        );
        let mut query = sqlx::query(ours(text));
        for (contact_id, state) in chunk {
            query = query
                .bind(contact_id)
                .bind(day.number())
                .bind(state.word())
                .bind(officer)
                .bind(now.0);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Ends follow-up that is over; returns how many.
pub(in super::super) async fn finish(tx: &mut Tx, today: CivilDate) -> Result<u64, DbError> {
    let done = sqlx::query(
        "UPDATE contact SET state = 'finished', is_open = 0, version = version + 1 \
         WHERE state = 'reached' AND follow_until < $1",
    )
    .bind(today.number())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
