//! SQL of the graph of contacts: who may have infected whom, as far as generations need it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;

use super::super::generation::MAX_GENERATION;
use super::person;
use crate::db::lists::{CHUNK, id_list, ours};
use crate::db::{DbError, Tx};
use crate::people::PersonId;

/// A contact as an edge.
pub(in super::super) struct Edge {
    pub(in super::super) contact_id: String,
    pub(in super::super) from: PersonId,
    pub(in super::super) to: PersonId,
    pub(in super::super) generation: Option<u8>,
}

/// Returns everybody that `seeds` may have infected in up to [`MAX_GENERATION`] steps, themselves included.
pub(in super::super) async fn reachable(tx: &mut Tx, seeds: &[PersonId]) -> Result<BTreeSet<PersonId>, DbError> {
    let mut all: BTreeSet<PersonId> = seeds.iter().copied().collect();
    let mut frontier: Vec<PersonId> = all.iter().copied().collect();
    for _ in 0..MAX_GENERATION {
        let mut next = Vec::new();
        for chunk in frontier.chunks(CHUNK) {
            let (filled, list) = id_list(chunk, 1);
            let text =
                format!("SELECT DISTINCT person_id FROM contact WHERE of_person IN {list} AND state <> 'cancelled'");
            let mut query = sqlx::query(ours(text));
            for id in &filled {
                query = query.bind(&id.0[..]);
            }
            for row in query.fetch_all(&mut **tx).await? {
                let found = person(row.try_get(0)?)?;
                if all.insert(found) {
                    next.push(found);
                }
            }
        }
        frontier = next;
    }
    Ok(all)
}

/// Returns the contacts that lead to any of `people`.
pub(in super::super) async fn edges_to(tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<Vec<Edge>, DbError> {
    let people: Vec<PersonId> = people.iter().copied().collect();
    let mut edges = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let text = format!(
            "SELECT contact_id, of_person, person_id, generation FROM contact WHERE person_id IN {list} \
             AND state <> 'cancelled'"
        );
        let mut query = sqlx::query(ours(text));
        for id in &filled {
            query = query.bind(&id.0[..]);
        }
        for row in query.fetch_all(&mut **tx).await? {
            edges.push(Edge {
                contact_id: row.try_get(0)?,
                from: person(row.try_get(1)?)?,
                to: person(row.try_get(2)?)?,
                generation: row
                    .try_get::<Option<i64>, _>(3)?
                    .and_then(|value| u8::try_from(value).ok()),
            });
        }
    }
    Ok(edges)
}

/// Returns which of `people` are F0: the person of a case that is confirmed or was, and not refuted.
pub(in super::super) async fn cases_among(tx: &mut Tx, people: &[PersonId]) -> Result<BTreeSet<PersonId>, DbError> {
    let mut found = BTreeSet::new();
    for chunk in people.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let text =
            format!("SELECT person_id FROM case_file WHERE person_id IN {list} AND state IN ('confirmed', 'closed')");
        let mut query = sqlx::query(ours(text));
        for id in &filled {
            query = query.bind(&id.0[..]);
        }
        for row in query.fetch_all(&mut **tx).await? {
            found.insert(person(row.try_get(0)?)?);
        }
    }
    Ok(found)
}

/// Returns the generation of people by the contacts that lead to them: the smallest.
pub(in super::super) async fn standing(tx: &mut Tx, people: &[PersonId]) -> Result<BTreeMap<PersonId, u8>, DbError> {
    let mut found = BTreeMap::new();
    for chunk in people.chunks(CHUNK) {
        let (filled, list) = id_list(chunk, 1);
        let text = format!(
            "SELECT person_id, MIN(generation) FROM contact WHERE person_id IN {list} AND state <> 'cancelled' \
             AND generation IS NOT NULL GROUP BY person_id"
        );
        let mut query = sqlx::query(ours(text));
        for id in &filled {
            query = query.bind(&id.0[..]);
        }
        for row in query.fetch_all(&mut **tx).await? {
            let generation: i64 = row.try_get(1)?;
            found.insert(
                person(row.try_get(0)?)?,
                u8::try_from(generation).map_err(|_| DbError::Stored("generation"))?,
            );
        }
    }
    Ok(found)
}

pub(in super::super) async fn set_generation(
    tx: &mut Tx,
    contact_id: &str,
    generation: Option<u8>,
) -> Result<(), DbError> {
    sqlx::query("UPDATE contact SET generation = $1 WHERE contact_id = $2")
        .bind(generation.map(i64::from))
        .bind(contact_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
