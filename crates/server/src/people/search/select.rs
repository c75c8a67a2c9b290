//! Who fulfils several conditions at once: the rarest condition first, the others by search or by a set of bits.

use super::ordered::{Ordered, Slot};

/// Rows that a caller looks at anyway rather than having one more costly condition tried.
const FEW: usize = 4_000;
/// Steps of a search in a list, for the choice between searching and setting bits.
const SEARCH_STEPS: usize = 12;

/// People who fulfil a condition in one way.
pub(super) enum Source<'a> {
    /// Bearers of a syllable, ascending.
    Bearers(&'a [Slot]),
    /// Those whose number lies in a span, both ends included.
    Span(&'a Ordered, u64, u64),
}

/// A condition: any of several sources.
pub(super) struct Term<'a> {
    sources: Vec<Source<'a>>,
    size: usize,
}

impl<'a> Term<'a> {
    pub(super) fn new(sources: Vec<Source<'a>>) -> Self {
        let size = sources
            .iter()
            .map(|source| match source {
                Source::Bearers(bearers) => bearers.len(),
                Source::Span(set, from, to) => set.count(*from, *to),
            })
            .sum();
        Self { sources, size }
    }

    /// Returns at most how many people fulfil it.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    fn for_each(&self, mut each: impl FnMut(Slot)) {
        for source in &self.sources {
            match source {
                Source::Bearers(bearers) => bearers.iter().for_each(|slot| each(*slot)),
                Source::Span(set, from, to) => set.range(*from, *to).for_each(&mut each),
            }
        }
    }

    fn collect(&self, slots: usize, most: usize) -> Vec<Slot> {
        if let [Source::Bearers(bearers)] = self.sources[..] {
            return bearers[..bearers.len().min(most)].to_vec();
        }
        if self.size > slots / 256 {
            return self.bits(slots).list(most);
        }
        let mut out = Vec::with_capacity(self.size);
        self.for_each(|slot| out.push(slot));
        out.sort_unstable();
        out.dedup();
        out.truncate(most);
        out
    }

    fn bits(&self, slots: usize) -> Bits {
        let mut bits = Bits(vec![0; slots / 64 + 1]);
        self.for_each(|slot| bits.0[slot as usize / 64] |= 1 << (slot % 64));
        bits
    }

    /// Keeps of the ascending slots those that fulfil it; leaves them as they are where trying costs more than it saves.
    fn keep(&self, current: &mut Vec<Slot>, slots: usize) {
        let lists: Option<Vec<&[Slot]>> = self
            .sources
            .iter()
            .map(|source| match source {
                Source::Bearers(bearers) => Some(*bearers),
                Source::Span(..) => None,
            })
            .collect();
        let by_search = current.len() * self.sources.len() * SEARCH_STEPS;
        match lists {
            Some(mut lists) if by_search < self.size + slots / 64 => {
                current.retain(|slot| lists.iter_mut().any(|list| reaches(list, *slot)));
            }
            _ if current.len() <= FEW && self.size > 8 * FEW => {}
            _ => {
                let bits = self.bits(slots);
                current.retain(|slot| bits.0[*slot as usize / 64] >> (slot % 64) & 1 == 1);
            }
        }
    }
}

/// Moves the list's beginning up to `slot` and tells whether it stands there.
fn reaches(list: &mut &[Slot], slot: Slot) -> bool {
    let mut step = 1;
    while step < list.len() && list[step] < slot {
        step *= 2;
    }
    let ahead = &list[step / 2..list.len().min(step + 1)];
    let skip = step / 2 + ahead.partition_point(|other| *other < slot);
    *list = &list[skip.min(list.len())..];
    list.first() == Some(&slot)
}

struct Bits(Vec<u64>);

impl Bits {
    fn list(&self, most: usize) -> Vec<Slot> {
        let mut out = Vec::new();
        for (at, word) in self.0.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                out.push(at as Slot * 64 + rest.trailing_zeros());
                rest &= rest - 1;
            }
            if out.len() >= most {
                out.truncate(most);
                break;
            }
        }
        out
    }
}

/// Returns at most `most` slots, ascending, among which are those that fulfil all terms. A costly term may go untried
/// when few slots are left: the caller looks at each anyway.
pub(super) fn all_of(terms: &[&Term<'_>], slots: usize, most: usize) -> Vec<Slot> {
    let mut terms = terms.to_vec();
    terms.sort_by_key(|term| term.size);
    let Some((first, others)) = terms.split_first() else {
        return Vec::new();
    };
    let mut current = first.collect(slots, if others.is_empty() { most } else { usize::MAX });
    for term in others {
        term.keep(&mut current, slots);
    }
    current.truncate(most);
    current
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn conditions_are_fulfilled_as_by_plain_sets() {
        let slots = 50_000;
        let every = |step: usize| (0..slots as Slot).step_by(step).collect::<Vec<_>>();
        let lists: Vec<Vec<Slot>> = [1, 2, 3, 7, 50, 900].into_iter().map(every).collect();
        let mut births = Ordered::default();
        (0..slots as Slot).for_each(|slot| births.insert(u64::from(slot * 7_919 % 1_000), slot));
        let odd: Vec<Slot> = (0..slots as Slot).filter(|slot| slot * 7_919 % 1_000 < 40).collect();
        for (a, b) in [(0, 1), (1, 5), (4, 5), (2, 3)] {
            let either = Term::new(vec![Source::Bearers(&lists[a]), Source::Bearers(&lists[b])]);
            for c in 0..lists.len() {
                let one = Term::new(vec![Source::Bearers(&lists[c])]);
                let span = Term::new(vec![Source::Span(&births, 0, 39)]);
                let mut expected: BTreeSet<Slot> = lists[a].iter().chain(&lists[b]).copied().collect();
                expected.retain(|slot| lists[c].binary_search(slot).is_ok());
                let found: BTreeSet<Slot> = all_of(&[&either, &one], slots, usize::MAX).into_iter().collect();
                assert!(
                    found == expected || (found.len() <= FEW && found.is_superset(&expected)),
                    "{a} {b} {c}"
                );
                expected.retain(|slot| odd.binary_search(slot).is_ok());
                let found: BTreeSet<Slot> = all_of(&[&either, &one, &span], slots, usize::MAX).into_iter().collect();
                assert!(
                    found == expected || (found.len() <= FEW && found.is_superset(&expected)),
                    "{a} {b} {c}"
                );
            }
        }
    }

    #[test]
    fn a_list_is_searched_forwards() {
        let numbers: Vec<Slot> = (0..1_000).map(|n| n * 3).collect();
        let mut list = &numbers[..];
        let found: Vec<Slot> = (0..3_100).filter(|slot| reaches(&mut list, *slot)).collect();
        assert_eq!(found, numbers);
        let mut list = &numbers[..];
        assert!(!reaches(&mut list, 2_998) && list.is_empty());
        assert!(!reaches(&mut &[][..], 4));
    }
}
