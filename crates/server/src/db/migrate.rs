//! Schema migrations: one text for both databases, applied once each, in order, in one transaction.

use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};
use sqlx::{Executor, Row};

use super::{Db, DbError};

/// The migrations of one trust side, oldest first: version and SQL text.
pub struct Migrations(pub &'static [(i64, &'static str)]);

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
  version {i64} NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at_s {i64} NOT NULL
){strict}";

pub(super) async fn run(db: &Db, migrations: &Migrations, now: UnixSeconds) -> Result<(), DbError> {
    // Two processes may start at once on PostgreSQL: the loser sees a lost race or a duplicate and looks again.
    let mut attempt = 1;
    loop {
        match try_run(db, migrations, now).await {
            Err(DbError::LostRace | DbError::Duplicate) if attempt < 5 => attempt += 1,
            result => return result,
        }
    }
}

async fn try_run(db: &Db, migrations: &Migrations, now: UnixSeconds) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(sqlx::raw_sql(db.dialect.render(LEDGER))).await?;
    let rows = sqlx::query("SELECT version, checksum FROM schema_migration")
        .fetch_all(&mut *tx)
        .await?;
    let mut applied = Vec::with_capacity(rows.len());
    for row in &rows {
        applied.push((row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?));
    }
    for (version, text) in migrations.0 {
        let checksum = hex::encode(Sha256::digest(text));
        match applied.iter().find(|(v, _)| v == version) {
            Some((_, same)) if *same == checksum => continue,
            Some(_) => return Err(DbError::Migration { version: *version }),
            None => {}
        }
        tx.execute(sqlx::raw_sql(db.dialect.render(text))).await?;
        sqlx::query("INSERT INTO schema_migration (version, checksum, applied_at_s) VALUES ($1, $2, $3)")
            .bind(version)
            .bind(checksum)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
