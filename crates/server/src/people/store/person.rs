//! SQL of sealed people and of those erased.

use protocol::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::model::{LegalBasis, PersonId};
use super::{CHUNK, id_list, ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};

/// A person's row.
#[derive(Clone)]
pub(in super::super) struct PersonRow {
    pub(in super::super) person: PersonId,
    pub(in super::super) sealed: Vec<u8>,
    pub(in super::super) commune: Option<i64>,
    pub(in super::super) household: Option<[u8; 16]>,
    pub(in super::super) legal_basis: LegalBasis,
    pub(in super::super) version: i64,
    pub(in super::super) created_at: UnixSeconds,
    pub(in super::super) changed_at: UnixSeconds,
}

const ROWS: &str = "SELECT person_id, sealed, commune, legal_basis, version, created_at_s, changed_at_s FROM person";

pub(in super::super) async fn insert(tx: &mut Tx, people: &[&PersonRow]) -> Result<(), DbError> {
    for chunk in row_chunks(people, 8) {
        let text = format!(
            "INSERT INTO person (person_id, sealed, commune, household_id, legal_basis, version, created_at_s, \
             changed_at_s) VALUES {}",
            tuples(chunk.len(), 8, 1)
        );
        let mut query = sqlx::query(ours(text));
        for row in chunk {
            query = query
                .bind(&row.person.0[..])
                .bind(&row.sealed[..])
                .bind(row.commune)
                .bind(row.household.as_ref().map(|id| &id[..]))
                .bind(row.legal_basis.word())
                .bind(row.version)
                .bind(row.created_at.0)
                .bind(row.changed_at.0);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Puts a row in the place of the one of the version before it; returns whether that was there.
pub(in super::super) async fn replace(tx: &mut Tx, row: &PersonRow) -> Result<bool, DbError> {
    let done = sqlx::query(
        "UPDATE person SET sealed = $1, commune = $2, household_id = $3, legal_basis = $4, version = $5, \
         changed_at_s = $6 WHERE person_id = $7 AND version = $8",
    )
    .bind(&row.sealed[..])
    .bind(row.commune)
    .bind(row.household.as_ref().map(|id| &id[..]))
    .bind(row.legal_basis.word())
    .bind(row.version)
    .bind(row.changed_at.0)
    .bind(&row.person.0[..])
    .bind(row.version - 1)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns the rows of at most [`CHUNK`] people, in no particular order.
pub(in super::super) async fn find(db: &Db, people: &[PersonId]) -> Result<Vec<PersonRow>, DbError> {
    let (filled, list) = id_list(people, 1);
    let mut query = sqlx::query(ours(format!("{ROWS} WHERE person_id IN {list}")));
    for person in &filled {
        query = query.bind(&person.0[..]);
    }
    query.fetch_all(db.reader()).await?.iter().map(read_row).collect()
}

/// Returns up to `limit` rows after `after` in the order of ids.
pub(in super::super) async fn page(db: &Db, after: Option<PersonId>, limit: usize) -> Result<Vec<PersonRow>, DbError> {
    let rows = sqlx::query(ours(format!("{ROWS} WHERE person_id > $1 ORDER BY person_id LIMIT $2")))
        .bind(after.map(|id| id.0.to_vec()).unwrap_or_default())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(read_row).collect()
}

/// Returns which of at most [`CHUNK`] people have a row.
pub(in super::super) async fn existing(db: &Db, people: &[PersonId]) -> Result<Vec<PersonId>, DbError> {
    ids(db, "SELECT person_id FROM person WHERE person_id IN", people).await
}

/// Returns which of at most [`CHUNK`] people were erased.
pub(in super::super) async fn erased(db: &Db, people: &[PersonId]) -> Result<Vec<PersonId>, DbError> {
    ids(db, "SELECT person_id FROM erased_person WHERE person_id IN", people).await
}

async fn ids(db: &Db, select: &'static str, people: &[PersonId]) -> Result<Vec<PersonId>, DbError> {
    let (filled, list) = id_list(people, 1);
    let mut query = sqlx::query(ours(format!("{select} {list}")));
    for person in &filled {
        query = query.bind(&person.0[..]);
    }
    let rows = query.fetch_all(db.reader()).await?;
    rows.iter().map(|row| read_id(row, 0)).collect()
}

pub(in super::super) async fn count(db: &Db) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM person")
        .fetch_one(db.reader())
        .await?)
}

pub(in super::super) async fn same_household(db: &Db, person: PersonId) -> Result<Vec<PersonId>, DbError> {
    let rows = sqlx::query(
        "SELECT person_id FROM person WHERE household_id = (SELECT household_id FROM person WHERE person_id = $1) \
         ORDER BY person_id",
    )
    .bind(&person.0[..])
    .fetch_all(db.reader())
    .await?;
    rows.iter().map(|row| read_id(row, 0)).collect()
}

/// Returns whether somebody was entered or changed for the last time before `before`.
pub(in super::super) async fn any_before(db: &Db, before: UnixSeconds) -> Result<bool, DbError> {
    let found = sqlx::query("SELECT 1 FROM person WHERE changed_at_s < $1 LIMIT 1")
        .bind(before.0)
        .fetch_optional(db.reader())
        .await?;
    Ok(found.is_some())
}

/// Returns ids and versions of the people entered or changed since `since`.
pub(in super::super) async fn changed_since(db: &Db, since: UnixSeconds) -> Result<Vec<(PersonId, i64)>, DbError> {
    let rows = sqlx::query("SELECT person_id, version FROM person WHERE changed_at_s >= $1")
        .bind(since.0)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(|row| Ok((read_id(row, 0)?, row.try_get(1)?))).collect()
}

/// Returns the people erased since `since`.
pub(in super::super) async fn erased_since(db: &Db, since: UnixSeconds) -> Result<Vec<PersonId>, DbError> {
    let rows = sqlx::query("SELECT person_id FROM erased_person WHERE erased_at_s >= $1")
        .bind(since.0)
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(|row| read_id(row, 0)).collect()
}

/// Deletes a person's row and remembers that, and that the key is still to be destroyed; returns whether there was one.
pub(in super::super) async fn erase(tx: &mut Tx, person: PersonId, now: UnixSeconds) -> Result<bool, DbError> {
    let done = sqlx::query("DELETE FROM person WHERE person_id = $1")
        .bind(&person.0[..])
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO erased_person (person_id, erased_at_s, key_destroyed) VALUES ($1, $2, 0) \
         ON CONFLICT (person_id) DO UPDATE SET erased_at_s = excluded.erased_at_s, key_destroyed = 0",
    )
    .bind(&person.0[..])
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// Returns up to [`CHUNK`] erased people whose key is still to be destroyed.
pub(in super::super) async fn undestroyed(db: &Db) -> Result<Vec<PersonId>, DbError> {
    let rows = sqlx::query("SELECT person_id FROM erased_person WHERE key_destroyed = 0 LIMIT $1")
        .bind(i64::try_from(CHUNK).unwrap_or(i64::MAX))
        .fetch_all(db.reader())
        .await?;
    rows.iter().map(|row| read_id(row, 0)).collect()
}

pub(in super::super) async fn mark_destroyed(tx: &mut Tx, people: &[PersonId]) -> Result<(), DbError> {
    let (filled, list) = id_list(people, 1);
    let text = format!("UPDATE erased_person SET key_destroyed = 1 WHERE person_id IN {list}");
    let mut query = sqlx::query(ours(text));
    for person in &filled {
        query = query.bind(&person.0[..]);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

pub(super) fn read_id(row: &AnyRow, at: usize) -> Result<PersonId, DbError> {
    let bytes: Vec<u8> = row.try_get(at)?;
    let id = bytes
        .try_into()
        .map_err(|_| DbError::Failed("a stored id has an impossible length".into()))?;
    Ok(PersonId(id))
}

fn read_row(row: &AnyRow) -> Result<PersonRow, DbError> {
    let basis: String = row.try_get(3)?;
    Ok(PersonRow {
        person: read_id(row, 0)?,
        sealed: row.try_get(1)?,
        commune: row.try_get(2)?,
        household: None,
        legal_basis: LegalBasis::parse(&basis)
            .ok_or_else(|| DbError::Failed("a stored person has an unknown legal basis".into()))?,
        version: row.try_get(4)?,
        created_at: UnixSeconds(row.try_get(5)?),
        changed_at: UnixSeconds(row.try_get(6)?),
    })
}
