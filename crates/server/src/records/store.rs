//! SQL of the keys to people's own lists.

use protocol::time::UnixSeconds;
use sqlx::Row;

use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

/// Stores a person's only key.
pub(super) async fn replace(
    tx: &mut Tx,
    hash: &[u8; 32],
    person: PersonId,
    now: UnixSeconds,
    until: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query("DELETE FROM record_key WHERE person_id = $1")
        .bind(&person.0[..])
        .execute(&mut **tx)
        .await?;
    sqlx::query("INSERT INTO record_key (key_hash, person_id, created_at_s, expires_at_s) VALUES ($1, $2, $3, $4)")
        .bind(&hash[..])
        .bind(&person.0[..])
        .bind(now.0)
        .bind(until.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Returns whose key it is and until when it works; nothing when its time is over.
pub(super) async fn find(
    db: &Db,
    hash: &[u8; 32],
    now: UnixSeconds,
) -> Result<Option<(PersonId, UnixSeconds)>, DbError> {
    let row = sqlx::query("SELECT person_id, expires_at_s FROM record_key WHERE key_hash = $1 AND expires_at_s > $2")
        .bind(&hash[..])
        .bind(now.0)
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| {
        let person: Vec<u8> = row.try_get(0)?;
        let person = person.try_into().map_err(|_| DbError::Stored("id of a person"))?;
        Ok((PersonId(person), UnixSeconds(row.try_get(1)?)))
    })
    .transpose()
}

pub(super) async fn erase_expired(tx: &mut Tx, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM record_key WHERE expires_at_s <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
