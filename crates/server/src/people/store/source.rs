//! SQL of which row of a list made whom.

use super::super::list::Fingerprint;
use super::super::model::PersonId;
use super::person::read_id;
use super::{id_list, ours, row_chunks, tuples};
use crate::db::{Db, DbError, Tx};
use sqlx::Row;

/// Remembers rows; of two that say the same, the first stays.
pub(in super::super) async fn insert(tx: &mut Tx, sources: &[(Fingerprint, PersonId)]) -> Result<(), DbError> {
    for chunk in row_chunks(sources, 2) {
        let text = format!(
            "INSERT INTO person_source (fingerprint, person_id) VALUES {} ON CONFLICT (fingerprint) DO NOTHING",
            tuples(chunk.len(), 2, 1)
        );
        let mut query = sqlx::query(ours(text));
        for (fingerprint, person) in chunk {
            query = query.bind(&fingerprint[..]).bind(&person.0[..]);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Returns whom at most [`super::CHUNK`] rows made.
pub(in super::super) async fn find(db: &Db, rows: &[Fingerprint]) -> Result<Vec<(Fingerprint, PersonId)>, DbError> {
    let (filled, list) = id_list(rows, 1);
    let mut query = sqlx::query(ours(format!(
        "SELECT fingerprint, person_id FROM person_source WHERE fingerprint IN {list}"
    )));
    for row in &filled {
        query = query.bind(&row[..]);
    }
    let found = query.fetch_all(db.reader()).await?;
    found
        .iter()
        .map(|row| {
            let stored: Vec<u8> = row.try_get(0)?;
            let fingerprint = stored.try_into().map_err(|_| DbError::Stored("fingerprint"))?;
            Ok((fingerprint, read_id(row, 1)?))
        })
        .collect()
}
