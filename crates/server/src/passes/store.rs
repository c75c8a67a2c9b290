//! SQL of cards.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::CardId;
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

pub(super) async fn insert_card(tx: &mut Tx, id: &CardId, person: PersonId, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("INSERT INTO person_card (card_id, person_id, made_at_s) VALUES ($1, $2, $3)")
        .bind(&id[..])
        .bind(&person.0[..])
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn revoke_card(tx: &mut Tx, id: &CardId, now: UnixSeconds) -> Result<u64, DbError> {
    let done = sqlx::query("UPDATE person_card SET revoked_at_s = $2 WHERE card_id = $1 AND revoked_at_s IS NULL")
        .bind(&id[..])
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// Returns whose card it is and when it was revoked.
pub(super) async fn card(db: &Db, id: &CardId) -> Result<Option<(PersonId, Option<UnixSeconds>)>, DbError> {
    let row = sqlx::query("SELECT person_id, revoked_at_s FROM person_card WHERE card_id = $1")
        .bind(&id[..])
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| {
        let revoked: Option<i64> = row.try_get(1)?;
        Ok((PersonId(bytes(&row)?), revoked.map(UnixSeconds)))
    })
    .transpose()
}

pub(super) async fn revoked_cards(db: &Db, limit: i64) -> Result<Vec<CardId>, DbError> {
    let rows = sqlx::query(
        "SELECT card_id FROM person_card WHERE revoked_at_s IS NOT NULL ORDER BY revoked_at_s DESC, card_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(bytes).collect()
}

fn bytes(row: &AnyRow) -> Result<[u8; 16], DbError> {
    let bytes: Vec<u8> = row.try_get(0)?;
    bytes.try_into().map_err(|_| DbError::Stored("id of a card or person"))
}
