//! All duplicates among the people of the index in one pass: people are put together by what duplicates have in common,
//! and only those who stand together are weighed.

use super::compare::View;
use super::index::SearchIndex;
use super::ordered::{MAX_CODE, Ordered, Slot};
use super::packed::{born, born_parts};
use super::score::Probe;
use super::{DUPLICATE, Pair, Reasons};
use crate::people::PersonId;

/// Largest group that is weighed each with each: what more people share says too little, and other groups part them.
const LARGEST_GROUP: usize = 150;

/// A pair while it is gathered: the lower slot first.
type Found = (Slot, Slot, f32, Reasons);

impl SearchIndex {
    /// Returns the pairs of people who are probably one ([`DUPLICATE`]), the most probable first, at most `limit`.
    ///
    /// Looked at are those who share a telephone or document number, a day of birth (also with day and month changed
    /// over), a name and the commune, or the first and the last word of the name and the year of birth.
    pub fn pairs(&self, limit: usize) -> Vec<Pair> {
        let mut groups: Vec<Vec<(u64, Slot)>> =
            vec![self.by_birth_day(), self.by_name_and_year(), self.by_name_and_commune()];
        groups.extend([&self.beginnings, &self.papers].map(entries));
        let mut found: Vec<Found> = Vec::new();
        for mut keyed in groups {
            keyed.sort_unstable();
            for group in keyed
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|group| group.len() <= LARGEST_GROUP)
            {
                self.weigh_group(group, &mut found);
            }
        }
        found.sort_unstable_by_key(|(first, second, ..)| (*first, *second));
        found.dedup_by_key(|(first, second, ..)| (*first, *second));
        found.sort_by(|a, b| b.2.total_cmp(&a.2));
        found.truncate(limit);
        let pair = |(first, second, probability, reasons): Found| Pair {
            first: PersonId(self.row(first).person),
            second: PersonId(self.row(second).person),
            probability,
            reasons: reasons.list(),
        };
        found.into_iter().map(pair).collect()
    }

    fn weigh_group(&self, group: &[(u64, Slot)], found: &mut Vec<Found>) {
        for (at, (_, first)) in group.iter().enumerate() {
            let others = &group[at + 1..];
            if others.is_empty() {
                continue;
            }
            let probe = Probe::new(self, View::of_row(self, self.row(*first)));
            for (_, second) in others.iter().filter(|(_, second)| second != first) {
                let (probability, reasons) = probe.weigh(self, &View::of_row(self, self.row(*second)));
                if probability >= DUPLICATE {
                    found.push((*first.min(second), *first.max(second), probability, reasons));
                }
            }
        }
    }

    /// The smaller of day and month counts as the month, so that those with both changed over stand together. Days that
    /// stand for an unknown one are left to the names.
    fn by_birth_day(&self) -> Vec<(u64, Slot)> {
        let day = |(code, slot): (u64, Slot)| {
            let (year, month, day) = born_parts(code as u32);
            (month != 0).then(|| (u64::from(born(year, month.min(day), month.max(day))), slot))
        };
        self.births.entries(0, MAX_CODE).filter_map(day).collect()
    }

    fn by_name_and_year(&self) -> Vec<(u64, Slot)> {
        let keyed = |slot: Slot| {
            let row = self.row(slot);
            let (first, last) = (row.words().first()?, row.words().last()?);
            let syllable = |word: &u32| u64::from(self.words.word(*word).syllable);
            let (a, b) = (syllable(first), syllable(last));
            (row.birth != 0).then(|| (mixed(&[a.min(b), a.max(b), u64::from(row.birth >> 9)]), slot))
        };
        self.all().filter_map(keyed).collect()
    }

    fn by_name_and_commune(&self) -> Vec<(u64, Slot)> {
        let keyed = |slot: Slot| {
            let row = self.row(slot);
            let mut name: Vec<u64> = row
                .words()
                .iter()
                .map(|word| u64::from(self.words.word(*word).syllable))
                .collect();
            name.sort_unstable();
            name.push(u64::from(row.commune));
            (name.len() > 2).then(|| (mixed(&name), slot))
        };
        self.all().filter_map(keyed).collect()
    }
}

fn entries(set: &Ordered) -> Vec<(u64, Slot)> {
    set.entries(0, MAX_CODE).collect()
}

fn mixed(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |hash: u64, part| {
        (hash.rotate_left(23) ^ part).wrapping_mul(0xff51_afd7_ed55_8ccd)
    })
}
