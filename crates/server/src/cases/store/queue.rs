//! SQL of the call queue.

use protocol::time::UnixSeconds;
use sqlx::Row;

use super::super::model::{Contact, Outcome};
use super::contacts::{COLUMNS, read};
use crate::db::lists::ours;
use crate::db::{DbError, Dialect, Tx};
use crate::scope::Scope;

/// Leases the contact that is due first and may be called now. Handed-over ones go to officers of communes only.
pub(in super::super) async fn take_next(
    tx: &mut Tx,
    dialect: Dialect,
    scope: Scope,
    is_commune: bool,
    officer: &str,
    now: UnixSeconds,
    until: UnixSeconds,
) -> Result<Option<String>, DbError> {
    let text = "UPDATE contact SET leased_by = $1, leased_until_s = $2, version = version + 1 WHERE contact_id IN (
           SELECT contact_id FROM contact WHERE {scope} = $3 AND is_open = 1 AND leased_until_s <= $4
           AND next_try_at_s <= $4 AND (state <> 'handed_over' OR $5 = 1) AND generation IS NOT NULL
           ORDER BY due_at_s, contact_id LIMIT 1 {skip_locked})
         RETURNING contact_id";
    let row = sqlx::query(dialect.scoped(text, scope))
        .bind(officer)
        .bind(until.0)
        .bind(scope.unit)
        .bind(now.0)
        .bind(i64::from(is_commune))
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| row.try_get(0).map_err(DbError::from)).transpose()
}

/// Leases one contact; `false` while another officer has it.
pub(in super::super) async fn take(
    tx: &mut Tx,
    contact_id: &str,
    officer: &str,
    now: UnixSeconds,
    until: UnixSeconds,
) -> Result<bool, DbError> {
    let done = sqlx::query(
        "UPDATE contact SET leased_by = $1, leased_until_s = $2, version = version + 1 WHERE contact_id = $3 \
         AND (leased_until_s <= $4 OR leased_by = $1)",
    )
    .bind(officer)
    .bind(until.0)
    .bind(contact_id)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns the contact an officer has in hand, if any.
pub(in super::super) async fn in_hand(
    tx: &mut Tx,
    officer: &str,
    now: UnixSeconds,
) -> Result<Option<Contact>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM contact c JOIN case_file f ON f.case_id = c.case_id \
         WHERE c.leased_by = $1 AND c.leased_until_s > $2 AND c.is_open = 1 ORDER BY c.due_at_s LIMIT 1"
    );
    let row = sqlx::query(ours(text))
        .bind(officer)
        .bind(now.0)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Gives all leases of an officer back.
pub(in super::super) async fn release(tx: &mut Tx, officer: &str) -> Result<(), DbError> {
    sqlx::query("UPDATE contact SET leased_by = NULL, leased_until_s = 0, version = version + 1 WHERE leased_by = $1")
        .bind(officer)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A call to be recorded.
pub(in super::super) struct CallRow<'a> {
    pub(in super::super) call_id: &'a str,
    pub(in super::super) contact_id: &'a str,
    pub(in super::super) officer: &'a str,
    pub(in super::super) outcome: Outcome,
    pub(in super::super) began_at: UnixSeconds,
    pub(in super::super) ended_at: UnixSeconds,
}

pub(in super::super) async fn insert_call(tx: &mut Tx, call: &CallRow<'_>) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO contact_call (call_id, contact_id, officer_id, outcome, began_at_s, ended_at_s) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(call.call_id)
    .bind(call.contact_id)
    .bind(call.officer)
    .bind(call.outcome.word())
    .bind(call.began_at.0)
    .bind(call.ended_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Returns the calls of a contact, newest first: outcome and end.
pub(in super::super) async fn calls(
    db: &crate::db::Db,
    contact_id: &str,
) -> Result<Vec<(Outcome, UnixSeconds)>, DbError> {
    let rows = sqlx::query(
        "SELECT outcome, ended_at_s FROM contact_call WHERE contact_id = $1 ORDER BY ended_at_s DESC LIMIT 50",
    )
    .bind(contact_id)
    .fetch_all(db.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let outcome: String = row.try_get(0)?;
            Ok((
                Outcome::parse(&outcome).ok_or(DbError::Stored("outcome"))?,
                UnixSeconds(row.try_get(1)?),
            ))
        })
        .collect()
}
