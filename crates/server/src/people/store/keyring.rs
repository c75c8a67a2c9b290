//! SQL of the keyring's database: epochs and wrapped keys.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::model::PersonId;
use super::person::read_id;
use super::{CHUNK, id_list, ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};

/// A person's key, wrapped under the key of an epoch.
#[derive(Clone)]
pub(in super::super) struct WrappedKey {
    pub(in super::super) person: PersonId,
    pub(in super::super) wrapped: Vec<u8>,
    pub(in super::super) epoch: i64,
}

/// An epoch of the keyring; the newest is the current one.
pub(in super::super) struct Epoch {
    pub(in super::super) epoch: i64,
    pub(in super::super) proof: Vec<u8>,
    pub(in super::super) begun_at: UnixSeconds,
}

/// Which keys are asked for.
#[derive(Clone, Copy)]
pub(in super::super) enum Which<'a> {
    /// Those of these people, at most [`CHUNK`].
    Of(&'a [PersonId]),
    /// Those from the first to the last, both included.
    Between(PersonId, PersonId),
}

const NEWEST: &str = "SELECT epoch, proof, begun_at_s FROM keyring_epoch ORDER BY epoch DESC LIMIT 1";

pub(in super::super) async fn current_epoch(db: &Db) -> Result<Option<Epoch>, DbError> {
    let row = sqlx::query(NEWEST).fetch_optional(db.reader()).await?;
    row.as_ref().map(read_epoch).transpose()
}

pub(in super::super) async fn current_epoch_in(tx: &mut Tx) -> Result<Option<Epoch>, DbError> {
    let row = sqlx::query(NEWEST).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read_epoch).transpose()
}

/// Returns when the keyring was made.
pub(in super::super) async fn made_at(db: &Db) -> Result<UnixSeconds, DbError> {
    let at: i64 = sqlx::query_scalar("SELECT MIN(applied_at_s) FROM schema_migration")
        .fetch_one(db.reader())
        .await?;
    Ok(UnixSeconds(at))
}

/// Begins an epoch; one that has begun stays as it is.
pub(in super::super) async fn begin_epoch(tx: &mut Tx, epoch: &Epoch) -> Result<(), DbError> {
    sqlx::query(
        "INSERT INTO keyring_epoch (epoch, proof, begun_at_s) VALUES ($1, $2, $3) ON CONFLICT (epoch) DO NOTHING",
    )
    .bind(epoch.epoch)
    .bind(&epoch.proof[..])
    .bind(epoch.begun_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets epochs before `epoch`; refused by the database while a key is still wrapped under one of them.
pub(in super::super) async fn end_epochs_before(tx: &mut Tx, epoch: i64) -> Result<(), DbError> {
    sqlx::query("DELETE FROM keyring_epoch WHERE epoch < $1")
        .bind(epoch)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in super::super) async fn insert(tx: &mut Tx, keys: &[WrappedKey], now: UnixSeconds) -> Result<(), DbError> {
    for chunk in row_chunks(keys, 4) {
        let text = format!(
            "INSERT INTO person_key (person_id, wrapped, epoch, made_at_s) VALUES {}",
            tuples(chunk.len(), 4, 1)
        );
        let mut query = sqlx::query(ours(text));
        for key in chunk {
            query = query
                .bind(&key.person.0[..])
                .bind(&key.wrapped[..])
                .bind(key.epoch)
                .bind(now.0);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

pub(in super::super) async fn find(db: &Db, which: Which<'_>) -> Result<Vec<WrappedKey>, DbError> {
    const KEYS: &str = "SELECT person_id, wrapped, epoch FROM person_key WHERE person_id";
    let rows = match which {
        Which::Of(people) => {
            let (filled, list) = id_list(people, 1);
            let mut query = sqlx::query(ours(format!("{KEYS} IN {list}")));
            for person in &filled {
                query = query.bind(&person.0[..]);
            }
            query.fetch_all(db.reader()).await?
        }
        Which::Between(first, last) => {
            sqlx::query(ours(format!("{KEYS} BETWEEN $1 AND $2")))
                .bind(&first.0[..])
                .bind(&last.0[..])
                .fetch_all(db.reader())
                .await?
        }
    };
    rows.iter().map(read_key).collect()
}

/// Returns whether a key is wrapped under an epoch before `epoch`.
pub(in super::super) async fn any_before(tx: &mut Tx, epoch: i64) -> Result<bool, DbError> {
    let found = sqlx::query("SELECT 1 FROM person_key WHERE epoch < $1 LIMIT 1")
        .bind(epoch)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}

/// Returns up to `limit` keys after `after` that are wrapped under an epoch before `epoch`, in the order of ids.
pub(in super::super) async fn page_before(
    tx: &mut Tx,
    epoch: i64,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<WrappedKey>, DbError> {
    let rows = sqlx::query(
        "SELECT person_id, wrapped, epoch FROM person_key WHERE person_id > $1 AND epoch < $2 \
         ORDER BY person_id LIMIT $3",
    )
    .bind(after.map(|id| id.0.to_vec()).unwrap_or_default())
    .bind(epoch)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(read_key).collect()
}

/// Puts wrapped keys in the place of those of the same people; a key that is gone stays gone.
pub(in super::super) async fn rewrap(tx: &mut Tx, keys: &[WrappedKey], epoch: i64) -> Result<(), DbError> {
    for chunk in row_chunks(keys, 2) {
        // Both databases call the columns of VALUES so.
        let text = format!(
            "UPDATE person_key SET wrapped = fresh.column2, epoch = $1 FROM (VALUES {}) AS fresh \
             WHERE person_key.person_id = fresh.column1",
            tuples(chunk.len(), 2, 2)
        );
        let mut query = sqlx::query(ours(text)).bind(epoch);
        for key in chunk {
            query = query.bind(&key.person.0[..]).bind(&key.wrapped[..]);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

pub(in super::super) async fn delete(tx: &mut Tx, people: &[PersonId]) -> Result<(), DbError> {
    for chunk in people.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let mut query = sqlx::query(ours(format!("DELETE FROM person_key WHERE person_id IN {list}")));
        for person in &filled {
            query = query.bind(&person.0[..]);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Returns up to `limit` people after `after` whose key was made before `before`, in the order of ids.
pub(in super::super) async fn made_before(
    db: &Db,
    before: UnixSeconds,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonId>, DbError> {
    let rows = sqlx::query(
        "SELECT person_id FROM person_key WHERE person_id > $1 AND made_at_s < $2 ORDER BY person_id LIMIT $3",
    )
    .bind(after.map(|id| id.0.to_vec()).unwrap_or_default())
    .bind(before.0)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(|row| read_id(row, 0)).collect()
}

fn read_key(row: &AnyRow) -> Result<WrappedKey, DbError> {
    Ok(WrappedKey {
        person: read_id(row, 0)?,
        wrapped: row.try_get(1)?,
        epoch: row.try_get(2)?,
    })
}

fn read_epoch(row: &AnyRow) -> Result<Epoch, DbError> {
    Ok(Epoch {
        epoch: row.try_get(0)?,
        proof: row.try_get(1)?,
        begun_at: UnixSeconds(row.try_get(2)?),
    })
}
