//! A sorted set of numbers in blocks: what is taken out is overwritten, and no block moves in memory while it fills.

use zeroize::Zeroize;

/// Where a person stands in the index.
pub(super) type Slot = u32;

/// Bits of an entry that hold the slot; the upper 34 hold the number searched for.
const SLOT_BITS: u32 = 30;
/// Most people of an index.
pub(super) const MAX_SLOTS: usize = 1 << SLOT_BITS;
/// Largest number an entry can hold.
pub(super) const MAX_CODE: u64 = (1 << 34) - 1;
const BLOCK: usize = 512;

/// Pairs of a number and a slot, ordered by number.
#[derive(Default)]
pub(super) struct Ordered {
    blocks: Vec<Block>,
}

/// Entries in order, then zeros: nothing of what was taken out is left in the unused end.
struct Block {
    entries: Box<[u64]>,
    len: usize,
}

impl Block {
    fn of(entries: &[u64]) -> Self {
        let mut all = vec![0; BLOCK].into_boxed_slice();
        all[..entries.len()].copy_from_slice(entries);
        Self {
            entries: all,
            len: entries.len(),
        }
    }

    fn used(&self) -> &[u64] {
        &self.entries[..self.len]
    }

    fn insert(&mut self, place: usize, entry: u64) {
        self.entries.copy_within(place..self.len, place + 1);
        self.entries[place] = entry;
        self.len += 1;
    }

    fn remove(&mut self, place: usize) {
        self.entries.copy_within(place + 1..self.len, place);
        self.truncate(self.len - 1);
    }

    fn truncate(&mut self, len: usize) {
        self.entries[len..self.len].zeroize();
        self.len = len;
    }
}

impl Ordered {
    /// Adds a pair; one that is there already stays once.
    pub(super) fn insert(&mut self, code: u64, slot: Slot) {
        let entry = entry(code, slot);
        let mut at = self.block_of(entry);
        if self.blocks.is_empty() {
            self.blocks.push(Block::of(&[]));
        }
        if self.blocks[at].len == BLOCK {
            self.split(at);
            at = self.block_of(entry);
        }
        let block = &mut self.blocks[at];
        if let Err(place) = block.used().binary_search(&entry) {
            block.insert(place, entry);
        }
    }

    /// Takes a pair out.
    pub(super) fn remove(&mut self, code: u64, slot: Slot) {
        let entry = entry(code, slot);
        let at = self.block_of(entry);
        let Some(block) = self.blocks.get_mut(at) else { return };
        let Ok(place) = block.used().binary_search(&entry) else {
            return;
        };
        block.remove(place);
        if block.len == 0 {
            self.blocks.remove(at);
        }
    }

    /// Returns the slots whose number lies from `from` to `to`, both included, in the order of the numbers.
    pub(super) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = Slot> + '_ {
        self.entries(from, to).map(|(_, slot)| slot)
    }

    /// Returns the pairs whose number lies from `from` to `to`, both included, in order.
    pub(super) fn entries(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, Slot)> + '_ {
        let (first, last) = (entry(from, 0), entry(to.min(MAX_CODE), MAX_SLOTS as Slot - 1));
        self.blocks[self.block_of(first).min(self.blocks.len())..]
            .iter()
            .map(move |block| {
                let used = block.used();
                &used[used.partition_point(|&entry| entry < first)..]
            })
            .take_while(move |rest| rest.first().is_none_or(|&entry| entry <= last))
            .flatten()
            .take_while(move |&&entry| entry <= last)
            .map(|&entry| (entry >> SLOT_BITS, (entry & (MAX_SLOTS as u64 - 1)) as Slot))
    }

    /// Counts the pairs whose number lies from `from` to `to`, both included.
    pub(super) fn count(&self, from: u64, to: u64) -> usize {
        let (first, last) = (entry(from, 0), entry(to.min(MAX_CODE), MAX_SLOTS as Slot - 1));
        let (low, high) = (self.block_of(first), self.block_of(last));
        let place = |at: usize, entry: u64| {
            self.blocks
                .get(at)
                .map_or(0, |block| block.used().partition_point(|&e| e < entry))
        };
        let until = self
            .blocks
            .get(high)
            .map_or(0, |block| block.used().partition_point(|&e| e <= last));
        if low == high {
            return until.saturating_sub(place(low, first));
        }
        let between: usize = self.blocks[low..high].iter().map(|block| block.len).sum();
        between + until - place(low, first)
    }

    fn block_of(&self, entry: u64) -> usize {
        self.blocks
            .partition_point(|block| block.used().first().is_some_and(|&first| first <= entry))
            .saturating_sub(1)
    }

    fn split(&mut self, at: usize) {
        let upper = Block::of(&self.blocks[at].used()[BLOCK / 2..]);
        self.blocks[at].truncate(BLOCK / 2);
        self.blocks.insert(at + 1, upper);
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.entries.zeroize();
    }
}

fn entry(code: u64, slot: Slot) -> u64 {
    (code.min(MAX_CODE) << SLOT_BITS) | u64::from(slot)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_set_holds_what_a_plain_set_holds() {
        let (mut ours, mut plain) = (Ordered::default(), BTreeSet::new());
        let mut draw = 1u64;
        for step in 0..20_000 {
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (code, slot) = ((draw >> 40) % 700, ((draw >> 20) % 40) as Slot);
            if step % 3 == 2 {
                ours.remove(code, slot);
                plain.remove(&(code, slot));
            } else {
                ours.insert(code, slot);
                plain.insert((code, slot));
            }
        }
        for (from, to) in [(0, MAX_CODE), (5, 5), (100, 320), (699, 900), (701, 702), (9, 3)] {
            let expected: Vec<_> = plain
                .iter()
                .filter(|(code, _)| (from..=to).contains(code))
                .copied()
                .collect();
            assert_eq!(ours.entries(from, to).collect::<Vec<_>>(), expected, "{from}..={to}");
            assert_eq!(ours.count(from, to), expected.len(), "{from}..={to}");
        }
    }

    #[test]
    fn what_is_taken_out_is_overwritten() {
        let mut set = Ordered::default();
        let many = 3 * BLOCK as Slot;
        (0..many).for_each(|slot| set.insert(u64::from(slot), slot));
        (0..many)
            .filter(|slot| slot % 5 != 0)
            .for_each(|slot| set.remove(u64::from(slot), slot));
        let kept: Vec<u64> = (1..many)
            .filter(|slot| slot % 5 == 0)
            .map(|slot| entry(u64::from(slot), slot))
            .collect();
        let all: Vec<u64> = set
            .blocks
            .iter()
            .flat_map(|block| block.entries.iter().copied())
            .collect();
        assert!(set.blocks.len() > 2);
        assert_eq!(all.into_iter().filter(|entry| *entry != 0).collect::<Vec<_>>(), kept);
    }
}
