//! F0 to F4: how far a person is from a confirmed case, along the contacts that are known.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Furthest generation that is followed (F4).
pub const MAX_GENERATION: u8 = 4;

/// Returns the generation of every person that a confirmed case reaches in at most [`MAX_GENERATION`] contacts: 0 for the
/// cases themselves. `contacts` lead from whoever may have infected to whoever may have been infected.
///
/// # Cost
///
/// Linear in people and contacts.
pub fn generations<P: Copy + Ord>(cases: impl IntoIterator<Item = P>, contacts: &[(P, P)]) -> BTreeMap<P, u8> {
    let mut met: BTreeMap<P, Vec<P>> = BTreeMap::new();
    for (from, to) in contacts {
        met.entry(*from).or_default().push(*to);
    }
    let mut found: BTreeMap<P, u8> = cases.into_iter().map(|case| (case, 0)).collect();
    let mut queue: VecDeque<P> = found.keys().copied().collect();
    while let Some(person) = queue.pop_front() {
        let next = found[&person] + 1;
        if next > MAX_GENERATION {
            continue;
        }
        for other in met.get(&person).into_iter().flatten() {
            if !found.contains_key(other) {
                found.insert(*other, next);
                queue.push_back(*other);
            }
        }
    }
    found
}

/// Returns how many infections lie between each case and the first of its chain: 0 for a case whose source is unknown.
/// A circle of sources, which only a wrong entry makes, counts from its smallest member.
///
/// # Cost
///
/// Linear in cases.
pub fn depths<C: Copy + Ord>(infected_by: &BTreeMap<C, Option<C>>) -> BTreeMap<C, u32> {
    let mut depths: BTreeMap<C, u32> = BTreeMap::new();
    for start in infected_by.keys() {
        let (mut path, mut seen) = (Vec::new(), BTreeSet::new());
        let mut at = *start;
        let base = loop {
            if let Some(depth) = depths.get(&at) {
                break depth + 1;
            }
            if !seen.insert(at) {
                // a circle: what was walked so far keeps its order behind the smallest
                break 0;
            }
            path.push(at);
            match infected_by
                .get(&at)
                .copied()
                .flatten()
                .filter(|source| infected_by.contains_key(source))
            {
                Some(source) => at = source,
                None => break 0,
            }
        };
        for (behind, case) in path.iter().rev().enumerate() {
            depths.insert(*case, base + u32::try_from(behind).unwrap_or(u32::MAX));
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_counts_by_the_nearest_case() {
        let contacts = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (9, 4), (2, 1)];
        let found = generations([1], &contacts);
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]
        );
        let found = generations([1, 9], &contacts);
        assert_eq!((found[&4], found[&5], found[&6]), (1, 2, 3));
        assert!(generations([7], &contacts).len() == 1);
    }

    #[test]
    fn depth_counts_infections_from_the_first_of_a_chain() {
        let sources = BTreeMap::from([(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1)), (5, Some(77))]);
        let found = depths(&sources);
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]
        );
        let circle = depths(&BTreeMap::from([(1, Some(2)), (2, Some(1))]));
        assert_eq!(circle.len(), 2, "a circle ends");
    }
}
