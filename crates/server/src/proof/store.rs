//! SQL of proofs.

use protocol::time::UnixSeconds;
use sqlx::Row;

use crate::db::{DbError, Tx};

/// A proof to be stored.
pub(super) struct NewProof<'a> {
    pub(super) proof_id: &'a str,
    pub(super) number_hash: [u8; 32],
    pub(super) sealed: &'a [u8],
    pub(super) code_hash: [u8; 32],
    pub(super) now: UnixSeconds,
    pub(super) until: UnixSeconds,
}

/// A proof that was not used yet.
pub(super) struct Open {
    pub(super) sealed: Vec<u8>,
    pub(super) code_hash: Vec<u8>,
    pub(super) attempts: i64,
}

pub(super) async fn insert(tx: &mut Tx, proof: &NewProof<'_>) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO phone_proof (proof_id, number_hash, sealed, code_hash, attempts, made_at_s, until_s) \
         VALUES ($1, $2, $3, $4, 0, $5, $6)",
    )
    .bind(proof.proof_id)
    .bind(&proof.number_hash[..])
    .bind(proof.sealed)
    .bind(&proof.code_hash[..])
    .bind(proof.now.0)
    .bind(proof.until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Returns when a telephone asked since `since`, newest first, at most a hundred.
pub(super) async fn asked_since(
    tx: &mut Tx,
    number_hash: &[u8; 32],
    since: UnixSeconds,
) -> Result<Vec<UnixSeconds>, DbError> {
    let rows = sqlx::query(
        "SELECT made_at_s FROM phone_proof WHERE number_hash = $1 AND made_at_s > $2 ORDER BY made_at_s DESC LIMIT 100",
    )
    .bind(&number_hash[..])
    .bind(since.0)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(|row| Ok(UnixSeconds(row.try_get(0)?))).collect()
}

/// Returns how many proofs were asked for since `since`, by anybody.
pub(super) async fn made_since(tx: &mut Tx, since: UnixSeconds) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COUNT(*) FROM phone_proof WHERE made_at_s > $1")
        .bind(since.0)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn open(tx: &mut Tx, proof_id: &str, now: UnixSeconds) -> Result<Option<Open>, DbError> {
    let row = sqlx::query(
        "SELECT sealed, code_hash, attempts FROM phone_proof WHERE proof_id = $1 AND until_s >= $2 AND sealed IS NOT NULL",
    )
    .bind(proof_id)
    .bind(now.0)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        Ok(Open {
            sealed: row.try_get(0)?,
            code_hash: row.try_get(1)?,
            attempts: row.try_get(2)?,
        })
    })
    .transpose()
}

pub(super) async fn count_attempt(tx: &mut Tx, proof_id: &str) -> Result<(), DbError> {
    sqlx::query("UPDATE phone_proof SET attempts = attempts + 1 WHERE proof_id = $1")
        .bind(proof_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes number and digits out of a proof, so that it is good once.
pub(super) async fn close(tx: &mut Tx, proof_id: &str) -> Result<(), DbError> {
    sqlx::query("UPDATE phone_proof SET sealed = NULL, code_hash = NULL WHERE proof_id = $1")
        .bind(proof_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn erase(tx: &mut Tx, now: UnixSeconds, before: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE phone_proof SET sealed = NULL, code_hash = NULL WHERE until_s < $1 AND sealed IS NOT NULL")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM phone_proof WHERE made_at_s < $1")
        .bind(before.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
