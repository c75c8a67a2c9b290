//! Recurring work as leased rows: whoever holds the lease runs the job, and a dead holder's lease runs out.

use protocol::time::UnixSeconds;
use sqlx::Row;

use crate::db::{Db, transaction};
use crate::error::ServiceError;

/// How long a job may run before another process takes it over.
pub(crate) const LEASE_SECONDS: i64 = 300;
/// How soon a failed job is tried again.
const RETRY_SECONDS: i64 = 30;

/// A leased job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// Which job.
    pub kind: String,
    holder: String,
}

/// Enters `kinds` so that each is due at once; those known already keep their time.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn register(db: &Db, kinds: &[&str]) -> Result<(), ServiceError> {
    transaction!(db, "register jobs", |tx| {
        for kind in kinds {
            sqlx::query(
                "INSERT INTO job (kind, due_at_s, leased_until_s, runs, failures) VALUES ($1, 0, 0, 0, 0) \
                 ON CONFLICT (kind) DO NOTHING",
            )
            .bind(*kind)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    })
}

/// Takes the lease of one due job, if there is any.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub(crate) async fn lease(db: &Db, now: UnixSeconds, holder: &str) -> Result<Option<Lease>, ServiceError> {
    let text = "UPDATE job SET lease_holder = $1, leased_until_s = $2, runs = runs + 1 WHERE kind IN (
           SELECT kind FROM job WHERE due_at_s <= $3 AND leased_until_s <= $3
           ORDER BY due_at_s, kind LIMIT 1 {skip_locked})
         RETURNING kind";
    transaction!(db, "lease job", |tx| {
        let row = sqlx::query(db.dialect().render(text))
            .bind(holder)
            .bind(now.0 + LEASE_SECONDS)
            .bind(now.0)
            .fetch_optional(&mut **tx)
            .await?;
        Ok(match row {
            Some(row) => Some(Lease {
                kind: row.try_get(0)?,
                holder: holder.to_owned(),
            }),
            None => None,
        })
    })
}

/// Gives a lease back. The job is due again after `every_seconds`, or soon when it failed.
///
/// # Errors
///
/// [`ServiceError::Database`]. A lease that has run out and was taken by another is left alone.
pub(crate) async fn settle(
    db: &Db,
    lease: &Lease,
    now: UnixSeconds,
    every_seconds: i64,
    succeeded: bool,
) -> Result<(), ServiceError> {
    let due = now.0
        + if succeeded {
            every_seconds
        } else {
            every_seconds.min(RETRY_SECONDS)
        };
    transaction!(db, "settle job", |tx| {
        sqlx::query(
            "UPDATE job SET lease_holder = NULL, leased_until_s = 0, due_at_s = $1, failures = CASE $2 WHEN 1 THEN 0 \
             ELSE failures + 1 END WHERE kind = $3 AND lease_holder = $4",
        )
        .bind(due)
        .bind(i64::from(succeeded))
        .bind(&lease.kind)
        .bind(&lease.holder)
        .execute(&mut **tx)
        .await?;
        Ok(())
    })
}
