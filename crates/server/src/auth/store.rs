//! SQL of the desk's password and sessions.

use protocol::time::UnixSeconds;
use sqlx::Row;

use crate::db::{Db, DbError, Tx};

pub(super) struct StoredSession {
    pub(super) form_token: String,
    pub(super) begun_at: UnixSeconds,
    pub(super) seen_at: UnixSeconds,
}

pub(super) async fn password_hash(db: &Db) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar("SELECT password_hash FROM desk_password")
        .fetch_optional(db.reader())
        .await?)
}

pub(super) async fn put_password(tx: &mut Tx, hash: &str, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO desk_password (only_row, password_hash, set_at_s) VALUES (1, $1, $2) \
         ON CONFLICT (only_row) DO UPDATE SET password_hash = $1, set_at_s = $2",
    )
    .bind(hash)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn begin(tx: &mut Tx, hash: &[u8; 32], form: &str, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("INSERT INTO desk_session (session_hash, form_token, begun_at_s, seen_at_s) VALUES ($1, $2, $3, $3)")
        .bind(&hash[..])
        .bind(form)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn find(db: &Db, hash: &[u8; 32]) -> Result<Option<StoredSession>, DbError> {
    let row = sqlx::query("SELECT form_token, begun_at_s, seen_at_s FROM desk_session WHERE session_hash = $1")
        .bind(&hash[..])
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| {
        Ok(StoredSession {
            form_token: row.try_get(0)?,
            begun_at: UnixSeconds(row.try_get(1)?),
            seen_at: UnixSeconds(row.try_get(2)?),
        })
    })
    .transpose()
}

pub(super) async fn see(tx: &mut Tx, hash: &[u8; 32], now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE desk_session SET seen_at_s = $1 WHERE session_hash = $2")
        .bind(now.0)
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn end(tx: &mut Tx, hash: &[u8; 32]) -> Result<(), DbError> {
    sqlx::query("DELETE FROM desk_session WHERE session_hash = $1")
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn end_all(tx: &mut Tx) -> Result<(), DbError> {
    sqlx::query("DELETE FROM desk_session").execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn end_expired(tx: &mut Tx, seen: UnixSeconds, begun: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM desk_session WHERE seen_at_s <= $1 OR begun_at_s <= $2")
        .bind(seen.0)
        .bind(begun.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
