//! The index: who is in it and where what is known of them stands.

use std::collections::BTreeMap;

use super::ordered::{MAX_CODE, MAX_SLOTS, Ordered, Slot};
use super::packed::{self, Features, Row};
use super::words::Words;
use crate::people::{Identity, PersonId};

/// Rows of a piece of memory that never moves: what a row held must not stay behind where it stood.
const CHUNK: usize = 4096;

/// People in memory, found by name, telephone number, document and birth.
pub struct SearchIndex {
    rows: Vec<Vec<Row>>,
    free: Vec<Slot>,
    pub(super) people: Ordered,
    pub(super) words: Words,
    pub(super) beginnings: Ordered,
    pub(super) ends: Ordered,
    pub(super) papers: Ordered,
    pub(super) births: Ordered,
    communes: BTreeMap<i64, u32>,
    commune_sizes: Vec<u32>,
    address_words: Vec<u32>,
    len: usize,
}

impl Default for SearchIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl SearchIndex {
    /// Returns an empty index.
    pub fn new() -> Self {
        Self {
            rows: Vec::new(),
            free: Vec::new(),
            people: Ordered::default(),
            words: Words::default(),
            beginnings: Ordered::default(),
            ends: Ordered::default(),
            papers: Ordered::default(),
            births: Ordered::default(),
            communes: BTreeMap::new(),
            commune_sizes: Vec::new(),
            address_words: vec![0; 1 << 16],
            len: 0,
        }
    }

    /// Returns how many people are in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a person in, or in the place of what was known of them. Names, addresses and lists beyond the limits of
    /// `model` are cut, telephone numbers that cannot be ones are left out.
    pub fn insert(&mut self, person: PersonId, identity: &Identity, commune: Option<i64>) {
        self.remove(person);
        let slot = self.free.pop().unwrap_or_else(|| self.grow());
        let features = Features::of(identity);
        let words: Vec<u32> = features.words.iter().map(|word| self.words.bear(word, slot)).collect();
        let commune = commune.map_or(0, |code| self.settle(code));
        let row = Row::new(person.0, &words, &features, commune);
        for phone in row.phones() {
            self.beginnings.insert(packed::forwards(*phone), slot);
            self.ends.insert(packed::backwards(*phone), slot);
        }
        for paper in packed::papers(row.papers()) {
            self.papers.insert(paper.place(), slot);
        }
        for word in packed::address_words(row.address()) {
            self.address_words[usize::from(word)] += 1;
        }
        if row.birth != 0 {
            self.births.insert(u64::from(row.birth), slot);
        }
        self.people.insert(place_of(&person.0), slot);
        self.rows[slot as usize / CHUNK][slot as usize % CHUNK] = row;
        self.len += 1;
    }

    /// Takes a person out and overwrites all that was kept of them; does nothing for one who is not in it.
    pub fn remove(&mut self, person: PersonId) {
        let Some(slot) = self.slot_of(person) else { return };
        let row = std::mem::take(&mut self.rows[slot as usize / CHUNK][slot as usize % CHUNK]);
        self.words.forget(row.words(), slot);
        for phone in row.phones() {
            self.beginnings.remove(packed::forwards(*phone), slot);
            self.ends.remove(packed::backwards(*phone), slot);
        }
        for paper in packed::papers(row.papers()) {
            self.papers.remove(paper.place(), slot);
        }
        for word in packed::address_words(row.address()) {
            self.address_words[usize::from(word)] -= 1;
        }
        if row.birth != 0 {
            self.births.remove(u64::from(row.birth), slot);
        }
        if let Some(size) = self.commune_size_mut(row.commune) {
            *size -= 1;
        }
        self.people.remove(place_of(&person.0), slot);
        self.free.push(slot);
        self.len -= 1;
    }

    /// Tells whether a person is in it.
    pub fn contains(&self, person: PersonId) -> bool {
        self.slot_of(person).is_some()
    }

    pub(super) fn slot_of(&self, person: PersonId) -> Option<Slot> {
        let place = place_of(&person.0);
        self.people
            .range(place, place)
            .find(|slot| self.row(*slot).person == person.0)
    }

    pub(super) fn row(&self, slot: Slot) -> &Row {
        &self.rows[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    /// Returns how many slots there are, free ones included.
    pub(super) fn slots(&self) -> usize {
        self.rows.len() * CHUNK
    }

    /// Returns the slots of all people, in no useful order.
    pub(super) fn all(&self) -> impl Iterator<Item = Slot> + '_ {
        self.people.range(0, MAX_CODE)
    }

    /// Returns the number of a commune, 0 for one in which nobody ever was.
    pub(super) fn commune(&self, code: i64) -> u32 {
        self.communes.get(&code).copied().unwrap_or(0)
    }

    pub(super) fn commune_size(&self, commune: u32) -> u32 {
        let at = (commune as usize).checked_sub(1);
        at.and_then(|at| self.commune_sizes.get(at)).copied().unwrap_or(0)
    }

    /// Returns how many people's addresses hold a word of this hash.
    pub(super) fn address_word(&self, hash: u16) -> u32 {
        self.address_words[usize::from(hash)]
    }

    fn commune_size_mut(&mut self, commune: u32) -> Option<&mut u32> {
        let at = (commune as usize).checked_sub(1)?;
        self.commune_sizes.get_mut(at)
    }

    fn settle(&mut self, code: i64) -> u32 {
        let next = self.commune_sizes.len() as u32 + 1;
        let commune = *self.communes.entry(code).or_insert(next);
        if commune == next {
            self.commune_sizes.push(0);
        }
        if let Some(size) = self.commune_size_mut(commune) {
            *size += 1;
        }
        commune
    }

    /// Adds a piece of free rows and returns the first of them.
    fn grow(&mut self) -> Slot {
        let first = self.slots();
        assert!(
            first + CHUNK <= MAX_SLOTS,
            "a thousand million people do not fit in memory"
        );
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.resize_with(CHUNK, Row::default);
        self.rows.push(chunk);
        // taken from the end, so that slots ascend while the index is filled
        self.free.extend((first as Slot + 1..(first + CHUNK) as Slot).rev());
        first as Slot
    }

    /// Tells whether any trace of anybody is kept.
    #[cfg(test)]
    pub(super) fn is_blank(&self) -> bool {
        self.words.is_blank()
            && [&self.people, &self.beginnings, &self.ends, &self.papers, &self.births]
                .iter()
                .all(|set| set.count(0, MAX_CODE) == 0)
            && self
                .rows
                .iter()
                .flatten()
                .all(|row| row.person == [0; 16] && row.words().is_empty())
            && self
                .address_words
                .iter()
                .chain(&self.commune_sizes)
                .all(|count| *count == 0)
    }
}

/// Returns the first 34 bits of a pseudonym, under which the index keeps it.
fn place_of(person: &[u8; 16]) -> u64 {
    let mut upper = [0; 8];
    upper.copy_from_slice(&person[..8]);
    u64::from_be_bytes(upper) >> 30
}
