//! SQL of the audit: writing, reading in order, erasing. [`list`] holds what people look at.

pub(super) mod list;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::chain::{Chain, Pruned, StoredEntry, StoredObject, StoredRoot, WriterId};
use crate::db::lists::{ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};

pub(super) async fn chain(tx: &mut Tx, writer: &WriterId) -> Result<Option<Chain>, DbError> {
    let row = sqlx::query("SELECT writer, length, head, signature FROM audit_chain WHERE writer = $1")
        .bind(&writer[..])
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read_chain).transpose()
}

pub(super) async fn put_chain(tx: &mut Tx, chain: &Chain) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO audit_chain (writer, length, head, signature) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (writer) DO UPDATE SET length = $2, head = $3, signature = $4",
    )
    .bind(&chain.writer[..])
    .bind(chain.length)
    .bind(&chain.head[..])
    .bind(&chain.signature[..])
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_entries(tx: &mut Tx, entries: &[StoredEntry]) -> Result<(), DbError> {
    for chunk in row_chunks(entries, 8) {
        let text = "INSERT INTO audit_entry (writer, seq, at_s, actor, action, outcome, line, hash) VALUES ";
        let text = ours(format!("{text}{}", tuples(chunk.len(), 8, 1)));
        let mut query = sqlx::query(text);
        for entry in chunk {
            query = query
                .bind(&entry.writer[..])
                .bind(entry.seq)
                .bind(entry.at_s)
                .bind(&entry.actor)
                .bind(&entry.action)
                .bind(&entry.outcome)
                .bind(&entry.line)
                .bind(&entry.hash[..]);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

pub(super) async fn insert_objects(tx: &mut Tx, objects: &[StoredObject]) -> Result<(), DbError> {
    for chunk in row_chunks(objects, 4) {
        let text = "INSERT INTO audit_object (writer, seq, object_hmac, at_s) VALUES ";
        let text = ours(format!("{text}{}", tuples(chunk.len(), 4, 1)));
        let mut query = sqlx::query(text);
        for object in chunk {
            query = query
                .bind(&object.writer[..])
                .bind(object.seq)
                .bind(&object.object_hmac[..])
                .bind(object.at_s);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Returns every chain; there is one for each start of a process.
pub(super) async fn chains(tx: &mut Tx) -> Result<Vec<Chain>, DbError> {
    let rows = sqlx::query("SELECT writer, length, head, signature FROM audit_chain ORDER BY writer")
        .fetch_all(&mut **tx)
        .await?;
    rows.iter().map(read_chain).collect()
}

pub(super) async fn pruned(tx: &mut Tx) -> Result<Vec<Pruned>, DbError> {
    let rows = sqlx::query("SELECT writer, seq, hash, signature FROM audit_pruned ORDER BY writer")
        .fetch_all(&mut **tx)
        .await?;
    let read = |row: &AnyRow| {
        Ok(Pruned {
            writer: bytes(row, 0)?,
            seq: row.try_get(1)?,
            hash: bytes(row, 2)?,
            signature: bytes(row, 3)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn roots_after(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<StoredRoot>, DbError> {
    let rows =
        sqlx::query("SELECT number, line, hash, signature FROM audit_root WHERE number > $1 ORDER BY number LIMIT $2")
            .bind(number)
            .bind(limit)
            .fetch_all(&mut **tx)
            .await?;
    rows.iter().map(read_root).collect()
}

pub(super) async fn newest_root(db: &Db) -> Result<Option<StoredRoot>, DbError> {
    let row = sqlx::query("SELECT number, line, hash, signature FROM audit_root ORDER BY number DESC LIMIT 1")
        .fetch_optional(db.reader())
        .await?;
    row.as_ref().map(read_root).transpose()
}

pub(super) async fn insert_root(tx: &mut Tx, root: &StoredRoot) -> Result<(), DbError> {
    sqlx::query("INSERT INTO audit_root (number, line, hash, signature) VALUES ($1, $2, $3, $4)")
        .bind(root.number)
        .bind(&root.line)
        .bind(&root.hash[..])
        .bind(&root.signature[..])
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Returns the entries after a place, in the order of writer and number.
pub(super) async fn entries_after(
    tx: &mut Tx,
    writer: &WriterId,
    seq: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, DbError> {
    let rows = sqlx::query(
        "SELECT writer, seq, at_s, actor, action, outcome, line, hash FROM audit_entry \
         WHERE (writer, seq) > ($1, $2) ORDER BY writer, seq LIMIT $3",
    )
    .bind(&writer[..])
    .bind(seq)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?;
    let read = |row: &AnyRow| {
        Ok(StoredEntry {
            writer: bytes(row, 0)?,
            seq: row.try_get(1)?,
            at_s: row.try_get(2)?,
            actor: row.try_get(3)?,
            action: row.try_get(4)?,
            outcome: row.try_get(5)?,
            line: row.try_get(6)?,
            hash: bytes(row, 7)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Returns the rows of `audit_object` after a place, in the order of writer, number and hash.
pub(super) async fn objects_after(tx: &mut Tx, last: &StoredObject, limit: i64) -> Result<Vec<StoredObject>, DbError> {
    let rows = sqlx::query(
        "SELECT writer, seq, object_hmac, at_s FROM audit_object WHERE (writer, seq, object_hmac) > ($1, $2, $3) \
         ORDER BY writer, seq, object_hmac LIMIT $4",
    )
    .bind(&last.writer[..])
    .bind(last.seq)
    .bind(&last.object_hmac[..])
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?;
    let read = |row: &AnyRow| {
        Ok(StoredObject {
            writer: bytes(row, 0)?,
            seq: row.try_get(1)?,
            object_hmac: bytes(row, 2)?,
            at_s: row.try_get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Returns number, time and hash of a writer's oldest lines.
pub(super) async fn oldest(tx: &mut Tx, writer: &WriterId, limit: i64) -> Result<Vec<(i64, i64, [u8; 32])>, DbError> {
    let rows = sqlx::query("SELECT seq, at_s, hash FROM audit_entry WHERE writer = $1 ORDER BY seq LIMIT $2")
        .bind(&writer[..])
        .bind(limit)
        .fetch_all(&mut **tx)
        .await?;
    let read = |row: &AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, bytes(row, 2)?));
    rows.iter().map(read).collect()
}

/// Erases a writer's lines up to a number and keeps the statement of it.
pub(super) async fn prune(tx: &mut Tx, pruned: &Pruned) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO audit_pruned (writer, seq, hash, signature) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (writer) DO UPDATE SET seq = $2, hash = $3, signature = $4",
    )
    .bind(&pruned.writer[..])
    .bind(pruned.seq)
    .bind(&pruned.hash[..])
    .bind(&pruned.signature[..])
    .execute(&mut **tx)
    .await?;
    for statement in [
        "DELETE FROM audit_object WHERE writer = $1 AND seq <= $2",
        "DELETE FROM audit_entry WHERE writer = $1 AND seq <= $2",
    ] {
        sqlx::query(statement)
            .bind(&pruned.writer[..])
            .bind(pruned.seq)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Returns the lowest and the highest number of a writer's lines within a time.
pub(super) async fn numbers_within(
    tx: &mut Tx,
    writer: &WriterId,
    from_s: i64,
    until_s: i64,
) -> Result<Option<(i64, i64)>, DbError> {
    let row = sqlx::query("SELECT MIN(seq), MAX(seq) FROM audit_entry WHERE writer = $1 AND at_s >= $2 AND at_s < $3")
        .bind(&writer[..])
        .bind(from_s)
        .bind(until_s)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.zip(row.try_get::<Option<i64>, _>(1)?))
}

/// Returns the hash of a line that is still there.
pub(super) async fn hash_at(tx: &mut Tx, writer: &WriterId, seq: i64) -> Result<Option<[u8; 32]>, DbError> {
    let row = sqlx::query("SELECT hash FROM audit_entry WHERE writer = $1 AND seq = $2")
        .bind(&writer[..])
        .bind(seq)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(|row| bytes(row, 0)).transpose()
}

fn read_chain(row: &AnyRow) -> Result<Chain, DbError> {
    Ok(Chain {
        writer: bytes(row, 0)?,
        length: row.try_get(1)?,
        head: bytes(row, 2)?,
        signature: bytes(row, 3)?,
    })
}

fn read_root(row: &AnyRow) -> Result<StoredRoot, DbError> {
    Ok(StoredRoot {
        number: row.try_get(0)?,
        line: row.try_get(1)?,
        hash: bytes(row, 2)?,
        signature: bytes(row, 3)?,
    })
}

fn bytes<const N: usize>(row: &AnyRow, at: usize) -> Result<[u8; N], DbError> {
    let stored: Vec<u8> = row.try_get(at)?;
    let wrong = |_| DbError::Failed("a stored id, hash or signature has another length".into());
    stored.try_into().map_err(wrong)
}
