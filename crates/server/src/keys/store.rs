//! SQL of keys, export files and certificates used.

use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::proximity::RollingPeriod;
use protocol::time::{IntervalNumber, UnixSeconds};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::db::{Db, DbError, Tx};

/// Seconds to which times of receipt are cut, so that keys received together cannot be told by it (U19).
const RECEIPT_GRAIN_SECONDS: i64 = 3600;
/// Keys read at a time while a file is written.
const PAGE: i64 = 10_000;

/// A certificate that was used before.
pub(super) struct EarlierUse {
    pub(super) digest: Vec<u8>,
    pub(super) answer: String,
}

/// A file that an export job is writing.
pub(super) struct Attempt {
    pub(super) number: i64,
    pub(super) keys: u64,
}

/// A listed file.
#[derive(Clone, Debug)]
pub(super) struct ListedFile {
    pub(super) name: String,
    pub(super) start: UnixSeconds,
    pub(super) end: UnixSeconds,
    pub(super) keys: i64,
    pub(super) bytes: i64,
}

pub(super) async fn find_use(tx: &mut Tx, certificate: &str) -> Result<Option<EarlierUse>, DbError> {
    let row = sqlx::query("SELECT upload_digest, answer FROM certificate_use WHERE certificate_id = $1")
        .bind(certificate)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| {
        Ok(EarlierUse {
            digest: row.try_get(0)?,
            answer: row.try_get(1)?,
        })
    })
    .transpose()
}

pub(super) async fn record_use(
    tx: &mut Tx,
    certificate: &str,
    digest: &[u8; 32],
    answer: &str,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO certificate_use (certificate_id, upload_digest, answer, used_hour_s) VALUES ($1, $2, $3, $4)",
    )
    .bind(certificate)
    .bind(&digest[..])
    .bind(answer)
    .bind(hour(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores a key and returns whether it was new.
pub(super) async fn insert_key(tx: &mut Tx, key: &DiagnosisKey, now: UnixSeconds) -> Result<bool, DbError> {
    let done = sqlx::query(
        "INSERT INTO diagnosis_key (diagnosis_key, rolling_start, rolling_period, report_type, transmission_risk, \
         days_since_onset, embargo_until_s, received_hour_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (diagnosis_key) DO NOTHING",
    )
    .bind(&key.key[..])
    .bind(i64::from(key.rolling_start.0))
    .bind(i64::from(key.rolling_period.intervals()))
    .bind(i64::from(key.report_type.number()))
    .bind(i64::from(key.transmission_risk))
    .bind(key.days_since_onset.map(i64::from))
    .bind(key.embargo_until().0)
    .bind(hour(now))
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns the end of the newest listed file.
pub(super) async fn last_end(tx: &mut Tx) -> Result<Option<UnixSeconds>, DbError> {
    let end: Option<i64> = sqlx::query_scalar("SELECT MAX(end_s) FROM export_file")
        .fetch_one(&mut **tx)
        .await?;
    Ok(end.map(UnixSeconds))
}

/// Returns whether a key waits whose embargo is over at `end`.
pub(super) async fn any_waiting(tx: &mut Tx, end: UnixSeconds) -> Result<bool, DbError> {
    let found = sqlx::query("SELECT 1 FROM diagnosis_key WHERE exported_in IS NULL AND embargo_until_s <= $1 LIMIT 1")
        .bind(end.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}

/// Takes a new file number and claims up to `limit` keys out of embargo for it, in byte order. Keys that a dead
/// attempt claimed and never listed are claimed again.
pub(super) async fn claim(tx: &mut Tx, end: UnixSeconds, now: UnixSeconds, limit: i64) -> Result<Attempt, DbError> {
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO export_attempt (number, started_at_s) SELECT COALESCE(MAX(number), 0) + 1, $1 \
         FROM export_attempt RETURNING number",
    )
    .bind(now.0)
    .fetch_one(&mut **tx)
    .await?;
    let done = sqlx::query(
        "UPDATE diagnosis_key SET claimed_by = $1 WHERE exported_in IS NULL AND diagnosis_key IN (\
         SELECT diagnosis_key FROM diagnosis_key WHERE exported_in IS NULL AND embargo_until_s <= $2 \
         ORDER BY diagnosis_key LIMIT $3)",
    )
    .bind(number)
    .bind(end.0)
    .bind(limit)
    .execute(&mut **tx)
    .await?;
    Ok(Attempt {
        number,
        keys: done.rows_affected(),
    })
}

/// Returns the next page of an attempt's keys in byte order.
pub(super) async fn claimed_keys(db: &Db, number: i64, after: Option<[u8; 16]>) -> Result<Vec<DiagnosisKey>, DbError> {
    let after = after.map(|key| key.to_vec()).unwrap_or_default();
    let rows = sqlx::query(
        "SELECT diagnosis_key, rolling_start, rolling_period, report_type, transmission_risk, days_since_onset \
         FROM diagnosis_key WHERE claimed_by = $1 AND exported_in IS NULL AND diagnosis_key > $2 \
         ORDER BY diagnosis_key LIMIT $3",
    )
    .bind(number)
    .bind(after)
    .bind(PAGE)
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(read_key).collect()
}

/// Lists a file and marks its keys exported; returns how many keys were marked.
pub(super) async fn list_file(tx: &mut Tx, number: i64, file: &ListedFile) -> Result<u64, DbError> {
    sqlx::query(
        "INSERT INTO export_file (number, name, start_s, end_s, key_count, size_bytes) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(number)
    .bind(&file.name)
    .bind(file.start.0)
    .bind(file.end.0)
    .bind(file.keys)
    .bind(file.bytes)
    .execute(&mut **tx)
    .await?;
    let done = sqlx::query("UPDATE diagnosis_key SET exported_in = $1 WHERE claimed_by = $1 AND exported_in IS NULL")
        .bind(number)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// Returns the names of the listed files, oldest first (U33).
pub(super) async fn listed_names(db: &Db) -> Result<Vec<String>, DbError> {
    Ok(
        sqlx::query_scalar("SELECT name FROM export_file ORDER BY end_s, number")
            .fetch_all(db.reader())
            .await?,
    )
}

/// Returns whether `name` is listed.
pub(super) async fn is_listed(db: &Db, name: &str) -> Result<bool, DbError> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM export_file WHERE name = $1")
        .bind(name)
        .fetch_one(db.reader())
        .await?;
    Ok(found > 0)
}

/// Returns the newest attempt begun before `before`: files of it and of older ones that are not listed are litter.
pub(super) async fn newest_attempt_before(db: &Db, before: UnixSeconds) -> Result<i64, DbError> {
    let number: Option<i64> = sqlx::query_scalar("SELECT MAX(number) FROM export_attempt WHERE started_at_s < $1")
        .bind(before.0)
        .fetch_one(db.reader())
        .await?;
    Ok(number.unwrap_or(0))
}

/// Erases what is older than `before`: files from the list with their keys, keys that never left, and attempts that
/// never became a file.
pub(super) async fn erase(tx: &mut Tx, before: UnixSeconds) -> Result<(), DbError> {
    for statement in [
        "DELETE FROM diagnosis_key WHERE exported_in IN (SELECT number FROM export_file WHERE end_s < $1)",
        "DELETE FROM diagnosis_key WHERE exported_in IS NULL AND received_hour_s < $1 AND embargo_until_s < $1",
        "DELETE FROM export_file WHERE end_s < $1",
        "DELETE FROM export_attempt WHERE started_at_s < $1 AND number < (SELECT MAX(number) FROM export_attempt) \
         AND number NOT IN (SELECT number FROM export_file) \
         AND number NOT IN (SELECT claimed_by FROM diagnosis_key WHERE claimed_by IS NOT NULL)",
    ] {
        sqlx::query(statement).bind(before.0).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Erases the memory of certificates used before `before` (U4).
pub(super) async fn erase_uses(tx: &mut Tx, before: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM certificate_use WHERE used_hour_s < $1")
        .bind(before.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn read_key(row: &AnyRow) -> Result<DiagnosisKey, DbError> {
    let bytes: Vec<u8> = row.try_get(0)?;
    let onset: Option<i64> = row.try_get(5)?;
    let stored = |what: &str| DbError::Failed(format!("a stored key has an impossible {what}"));
    let period = u32::try_from(row.try_get::<i64, _>(2)?)
        .ok()
        .and_then(RollingPeriod::new);
    Ok(DiagnosisKey {
        key: bytes.try_into().map_err(|_| stored("length"))?,
        rolling_start: IntervalNumber(u32::try_from(row.try_get::<i64, _>(1)?).map_err(|_| stored("start"))?),
        rolling_period: period.ok_or_else(|| stored("period"))?,
        report_type: ReportType::from_number(row.try_get::<i64, _>(3)?.unsigned_abs()),
        transmission_risk: u8::try_from(row.try_get::<i64, _>(4)?).map_err(|_| stored("risk"))?,
        days_since_onset: onset.and_then(|days| i8::try_from(days).ok()),
    })
}

fn hour(now: UnixSeconds) -> i64 {
    now.0.div_euclid(RECEIPT_GRAIN_SECONDS) * RECEIPT_GRAIN_SECONDS
}
