//! Keeping every contact's generation true when people are met, confirmed or refuted.

use std::collections::{BTreeMap, BTreeSet};

use super::generation::MAX_GENERATION;
use super::store::graph::{self, Edge};
use crate::db::{DbError, Tx};
use crate::people::PersonId;

/// Computes the generations anew that a change at `seeds` can reach.
///
/// Whoever lies within [`MAX_GENERATION`] contacts of a seed is computed from nothing, from the cases among them and from
/// contacts that lead in from outside, whose generation the change cannot have touched.
pub(super) async fn recompute(tx: &mut Tx, seeds: &[PersonId]) -> Result<(), DbError> {
    let inside = graph::reachable(tx, seeds).await?;
    let edges = graph::edges_to(tx, &inside).await?;
    let sources: BTreeSet<PersonId> = edges.iter().map(|edge| edge.from).collect();
    let everybody: Vec<PersonId> = inside.union(&sources).copied().collect();
    let cases = graph::cases_among(tx, &everybody).await?;
    let outside: Vec<PersonId> = sources.difference(&inside).copied().collect();
    let mut known = graph::standing(tx, &outside).await?;
    known.extend(cases.iter().map(|case| (*case, 0)));
    for edge in changed(&edges, known) {
        graph::set_generation(tx, &edge.0, edge.1).await?;
    }
    Ok(())
}

/// Returns the contacts whose generation is not what it should be, given that of the people known.
fn changed(edges: &[Edge], mut known: BTreeMap<PersonId, u8>) -> Vec<(String, Option<u8>)> {
    for step in 0..MAX_GENERATION {
        for edge in edges
            .iter()
            .filter(|edge| known.get(&edge.from) == Some(&step))
            .map(|edge| edge.to)
            .collect::<Vec<_>>()
        {
            let best = known.get(&edge).copied().unwrap_or(u8::MAX);
            known.insert(edge, best.min(step + 1));
        }
    }
    let of = |edge: &Edge| {
        known
            .get(&edge.from)
            .map(|of| of + 1)
            .filter(|generation| *generation <= MAX_GENERATION)
    };
    edges
        .iter()
        .filter(|edge| of(edge) != edge.generation)
        .map(|edge| (edge.contact_id.clone(), of(edge)))
        .collect()
}
