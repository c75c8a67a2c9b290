//! SQL of visits and of people's credentials to register them.

use exposure::visit::Scan;
use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{scan_number, scan_of};
use crate::db::lists::{CHUNK, id_list, ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

/// A scan as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VisitRow {
    pub(super) venue: i64,
    pub(super) at: i64,
    pub(super) event: i64,
    pub(super) token: [u8; 16],
    pub(super) scan: Scan,
    pub(super) flags: i64,
}

const COLUMNS: &str = "SELECT venue, at_s, event, token, scan, until_s, flags FROM visit";

/// Stores scans; one that is there already stays as it is. Returns how many are new.
pub(super) async fn insert(tx: &mut Tx, rows: &[&VisitRow]) -> Result<u64, DbError> {
    let mut fresh = 0;
    for chunk in row_chunks(rows, 7) {
        let text = format!(
            "INSERT INTO visit (venue, at_s, event, token, scan, until_s, flags) VALUES {} \
             ON CONFLICT (venue, at_s, event) DO NOTHING",
            tuples(chunk.len(), 7, 1)
        );
        let mut query = sqlx::query(ours(text));
        for row in chunk {
            let (scan, until) = scan_number(row.scan);
            query = query
                .bind(row.venue)
                .bind(row.at)
                .bind(row.event)
                .bind(&row.token[..])
                .bind(scan)
                .bind(until)
                .bind(row.flags);
        }
        fresh += query.execute(&mut **tx).await?.rows_affected();
    }
    Ok(fresh)
}

/// Returns arrivals at a venue in `[from, to)` by hour of the authority's calendar, counted from 1970.
pub(super) async fn arrivals_by_hour(
    db: &Db,
    venue: i64,
    from: UnixSeconds,
    to: UnixSeconds,
) -> Result<Vec<(i64, i64)>, DbError> {
    let rows = sqlx::query(
        "SELECT (at_s + 25200) / 3600, COUNT(*) FROM visit WHERE venue = $1 AND at_s >= $2 AND at_s < $3 AND scan <> 1 \
         GROUP BY 1 ORDER BY 1",
    )
    .bind(venue)
    .bind(from.0)
    .bind(to.0)
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) async fn count(db: &Db) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COUNT(*) FROM visit").fetch_one(db.reader()).await?;
    Ok(row.try_get(0)?)
}

/// Returns the scans of a venue in `[from, to)`, in order of time, at most `limit`.
pub(super) async fn of_venue(
    db: &Db,
    venue: i64,
    from: UnixSeconds,
    to: UnixSeconds,
    limit: i64,
) -> Result<Vec<VisitRow>, DbError> {
    let text = format!("{COLUMNS} WHERE venue = $1 AND at_s >= $2 AND at_s < $3 ORDER BY at_s, event LIMIT $4");
    let rows = sqlx::query(ours(text))
        .bind(venue)
        .bind(from.0)
        .bind(to.0)
        .bind(limit)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

/// Returns the scans that carry one of `tokens`.
pub(super) async fn of_tokens(db: &Db, tokens: &[[u8; 16]]) -> Result<Vec<VisitRow>, DbError> {
    let mut found = Vec::new();
    for chunk in tokens.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let mut query = sqlx::query(ours(format!("{COLUMNS} WHERE token IN {list}")));
        for token in &filled {
            query = query.bind(&token[..]);
        }
        for row in query.fetch_all(db.reader()).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Returns the numbers of venues that have a scan, by jumping from one to the next in the index.
pub(super) async fn venues(db: &Db) -> Result<Vec<i64>, DbError> {
    let rows = sqlx::query(
        "WITH RECURSIVE next_venue (venue) AS (SELECT MIN(venue) FROM visit UNION ALL \
         SELECT (SELECT MIN(visit.venue) FROM visit WHERE visit.venue > next_venue.venue) FROM next_venue \
         WHERE next_venue.venue IS NOT NULL) SELECT venue FROM next_venue WHERE venue IS NOT NULL",
    )
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Erases scans before `before`, at most `limit` of one venue at a time; returns how many.
pub(super) async fn erase_before(tx: &mut Tx, before: UnixSeconds, venue: i64) -> Result<u64, DbError> {
    let done = sqlx::query("DELETE FROM visit WHERE venue = $1 AND at_s < $2")
        .bind(venue)
        .bind(before.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

fn read(row: &AnyRow) -> Result<VisitRow, DbError> {
    let token: Vec<u8> = row.try_get(3)?;
    let scan = scan_of(row.try_get(4)?, row.try_get(5)?);
    Ok(VisitRow {
        venue: row.try_get(0)?,
        at: row.try_get(1)?,
        event: row.try_get(2)?,
        token: token.try_into().map_err(|_| DbError::Stored("token of a visit"))?,
        scan: scan.ok_or(DbError::Stored("scan of a visit"))?,
        flags: row.try_get(6)?,
    })
}

pub(super) async fn insert_citizen(
    tx: &mut Tx,
    hash: &[u8; 32],
    person: PersonId,
    now: UnixSeconds,
    until: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query("INSERT INTO citizen (credential_hash, person_id, made_at_s, until_s) VALUES ($1, $2, $3, $4)")
        .bind(&hash[..])
        .bind(&person.0[..])
        .bind(now.0)
        .bind(until.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn citizen(db: &Db, hash: &[u8; 32], now: UnixSeconds) -> Result<Option<PersonId>, DbError> {
    let row = sqlx::query("SELECT person_id FROM citizen WHERE credential_hash = $1 AND until_s > $2")
        .bind(&hash[..])
        .bind(now.0)
        .fetch_optional(db.reader())
        .await?;
    row.map(|row| {
        let person: Vec<u8> = row.try_get(0)?;
        person
            .try_into()
            .map(PersonId)
            .map_err(|_| DbError::Stored("id of a person"))
    })
    .transpose()
}

pub(super) async fn end_citizen(tx: &mut Tx, hash: &[u8; 32]) -> Result<(), DbError> {
    sqlx::query("DELETE FROM citizen WHERE credential_hash = $1")
        .bind(&hash[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn erase_citizens(tx: &mut Tx, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM citizen WHERE until_s <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
