//! SQL of gates, guards and what gates sent.

use protocol::signature::{POINT_BYTES, PublicKey};
use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::guards::StoredGuard;
use super::model::{Gate, GateId, kinds_number, kinds_of, way_number, way_of};
use crate::db::lists::{ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use crate::people::PersonId;

const COLUMNS: &str = "SELECT gate_id, gate_number, venue_id, name, way, takes, made_at_s, changed_at_s, point, \
                       enrolled_at_s, seen_at_s, skew_s, forked_at_s, wiped_at_s FROM gate";

pub(super) async fn next_number(tx: &mut Tx) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COALESCE(MAX(gate_number), 0) + 1 FROM gate")
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn insert(tx: &mut Tx, gate: &Gate) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO gate (gate_id, gate_number, venue_id, name, way, takes, made_at_s, changed_at_s) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&gate.id[..])
    .bind(gate.number)
    .bind(&gate.venue_id)
    .bind(&gate.name)
    .bind(way_number(gate.way))
    .bind(kinds_number(&gate.takes))
    .bind(gate.made_at.0)
    .bind(gate.changed_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn count(tx: &mut Tx, venue_id: &str) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COUNT(*) FROM gate WHERE venue_id = $1")
        .bind(venue_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn of_venue(db: &Db, venue_id: &str) -> Result<Vec<Gate>, DbError> {
    let rows = sqlx::query(ours(format!("{COLUMNS} WHERE venue_id = $1 ORDER BY gate_number")))
        .bind(venue_id)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn by_id(db: &Db, id: &GateId) -> Result<Option<Gate>, DbError> {
    let row = sqlx::query(ours(format!("{COLUMNS} WHERE gate_id = $1")))
        .bind(&id[..])
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn set_link(tx: &mut Tx, id: &GateId, hash: &[u8; 32], until: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE gate SET link_hash = $2, link_until_s = $3 WHERE gate_id = $1")
        .bind(&id[..])
        .bind(&hash[..])
        .bind(until.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives the gate of a link a device, once; returns its id.
pub(super) async fn enrol(
    tx: &mut Tx,
    link: &[u8; 32],
    point: &PublicKey,
    now: UnixSeconds,
) -> Result<Option<GateId>, DbError> {
    let row = sqlx::query(
        "UPDATE gate SET point = $2, enrolled_at_s = $3, seen_at_s = $3, changed_at_s = $3, link_hash = NULL, \
         link_until_s = NULL, forked_at_s = NULL, wiped_at_s = NULL \
         WHERE link_hash = $1 AND link_until_s > $3 RETURNING gate_id",
    )
    .bind(&link[..])
    .bind(&point.to_point()[..])
    .bind(now.0)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| bytes(&row, 0)).transpose()
}

pub(super) async fn note_seen(tx: &mut Tx, gate: i64, now: UnixSeconds, skew: i64) -> Result<(), DbError> {
    sqlx::query("UPDATE gate SET seen_at_s = $2, skew_s = $3 WHERE gate_number = $1")
        .bind(gate)
        .bind(now.0)
        .bind(skew)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn note_fork(tx: &mut Tx, gate: i64, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE gate SET forked_at_s = $2 WHERE gate_number = $1 AND forked_at_s IS NULL")
        .bind(gate)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn wipe(tx: &mut Tx, id: &GateId, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE gate SET wiped_at_s = $2, link_hash = NULL, link_until_s = NULL WHERE gate_id = $1")
        .bind(&id[..])
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes that the rules of a venue's gates changed.
pub(super) async fn note_change(tx: &mut Tx, venue_id: &str, now: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("UPDATE gate SET changed_at_s = $2 WHERE venue_id = $1")
        .bind(venue_id)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What became of a record, once and for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) counter: i64,
    pub(super) event: i64,
    pub(super) at: i64,
    /// 0, or the number of what was wrong.
    pub(super) wrong: i64,
}

/// Returns what is known of a gate's records from `first` to `last`.
pub(super) async fn known(db: &Db, gate: i64, first: i64, last: i64) -> Result<Vec<Known>, DbError> {
    let rows = sqlx::query(
        "SELECT counter, event, at_s, wrong FROM gate_record WHERE gate = $1 AND counter >= $2 AND counter <= $3",
    )
    .bind(gate)
    .bind(first)
    .bind(last)
    .fetch_all(db.reader())
    .await?;
    let read = |row: &AnyRow| {
        Ok(Known {
            counter: row.try_get(0)?,
            event: row.try_get(1)?,
            at: row.try_get(2)?,
            wrong: row.try_get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Keeps what became of records; one that is known already stays as it is.
pub(super) async fn insert_records(tx: &mut Tx, gate: i64, records: &[Known]) -> Result<(), DbError> {
    for chunk in row_chunks(records, 5) {
        let text = format!(
            "INSERT INTO gate_record (gate, counter, event, at_s, wrong) VALUES {} ON CONFLICT (gate, counter) DO NOTHING",
            tuples(chunk.len(), 5, 1)
        );
        let mut query = sqlx::query(ours(text));
        for record in chunk {
            query = query
                .bind(gate)
                .bind(record.counter)
                .bind(record.event)
                .bind(record.at)
                .bind(record.wrong);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Returns of a gate's records: how many arrived, how many counters lie between the first and the last, how many were wrong.
pub(super) async fn tally(db: &Db, gate: i64) -> Result<(i64, i64, i64), DbError> {
    let row = sqlx::query(
        "SELECT COUNT(*), COALESCE(MAX(counter) - MIN(counter) + 1, 0), \
         COALESCE(SUM(CASE WHEN wrong <> 0 THEN 1 ELSE 0 END), 0) FROM gate_record WHERE gate = $1",
    )
    .bind(gate)
    .fetch_one(db.reader())
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

pub(super) async fn erase_before(tx: &mut Tx, before: UnixSeconds) -> Result<(), DbError> {
    sqlx::query("DELETE FROM gate_record WHERE at_s < $1")
        .bind(before.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_guard(
    tx: &mut Tx,
    venue_id: &str,
    guard: &StoredGuard,
    now: UnixSeconds,
) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO guard (guard_id, venue_id, person_id, salt, pin_hash, made_at_s) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&guard.guard_id)
    .bind(venue_id)
    .bind(&guard.person.0[..])
    .bind(&guard.salt[..])
    .bind(&guard.pin_hash[..])
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn count_guards(tx: &mut Tx, venue_id: &str) -> Result<i64, DbError> {
    let row = sqlx::query("SELECT COUNT(*) FROM guard WHERE venue_id = $1")
        .bind(venue_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn guards(db: &Db, venue_id: &str) -> Result<Vec<StoredGuard>, DbError> {
    let rows = sqlx::query(
        "SELECT guard_id, person_id, salt, pin_hash FROM guard WHERE venue_id = $1 ORDER BY made_at_s, guard_id",
    )
    .bind(venue_id)
    .fetch_all(db.reader())
    .await?;
    let read = |row: &AnyRow| {
        Ok(StoredGuard {
            guard_id: row.try_get(0)?,
            person: PersonId(bytes(row, 1)?),
            salt: bytes(row, 2)?,
            pin_hash: bytes(row, 3)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn end_guard(tx: &mut Tx, venue_id: &str, guard_id: &str) -> Result<u64, DbError> {
    let done = sqlx::query("DELETE FROM guard WHERE venue_id = $1 AND guard_id = $2")
        .bind(venue_id)
        .bind(guard_id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

fn bytes<const N: usize>(row: &AnyRow, at: usize) -> Result<[u8; N], DbError> {
    let bytes: Vec<u8> = row.try_get(at)?;
    bytes.try_into().map_err(|_| DbError::Stored("bytes of a gate"))
}

fn read(row: &AnyRow) -> Result<Gate, DbError> {
    let when = |at: usize| -> Result<Option<UnixSeconds>, DbError> {
        let seconds: Option<i64> = row.try_get(at)?;
        Ok(seconds.map(UnixSeconds))
    };
    let point: Option<Vec<u8>> = row.try_get(8)?;
    let point = point.map(|point| {
        let point: Result<[u8; POINT_BYTES], _> = point.try_into();
        let key = point.ok().and_then(|point| PublicKey::from_point(&point).ok());
        key.ok_or(DbError::Stored("key of a gate"))
    });
    Ok(Gate {
        id: bytes(row, 0)?,
        number: row.try_get(1)?,
        venue_id: row.try_get(2)?,
        name: row.try_get(3)?,
        way: way_of(row.try_get(4)?).ok_or(DbError::Stored("way of a gate"))?,
        takes: kinds_of(row.try_get(5)?),
        made_at: UnixSeconds(row.try_get(6)?),
        changed_at: UnixSeconds(row.try_get(7)?),
        point: point.transpose()?,
        enrolled_at: when(9)?,
        seen_at: when(10)?,
        skew_s: row.try_get(11)?,
        forked_at: when(12)?,
        wiped_at: when(13)?,
    })
}
