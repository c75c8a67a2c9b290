//! Who of the index may be the person described: a few hundred are gathered by what is rare, then weighed.

use super::compare::{Seen, View, shortens};
use super::index::SearchIndex;
use super::name::{self, is_short};
use super::ordered::Slot;
use super::packed::{self, Features, Paper, born, born_parts};
use super::score::Probe;
use super::select::{Source, Term, all_of};
use super::{Candidate, MAX_ANSWERS, POSSIBLE};
use crate::people::{Identity, PersonId};

/// Most people that one way of gathering adds. Where more would come, what they have in common says too little.
const MOST_OF_A_KIND: usize = 12_000;
/// Most people that one number or one misspelt name adds.
const MOST_NEAR: usize = 1_000;
/// Words of a name that may be missing or misspelt; in longer names the others are taken to be right.
const MOST_LEFT_OUT: usize = 6;
/// Years on both sides of a year of birth in which a misspelt name is looked for.
const YEARS_AROUND: u32 = 1;

impl SearchIndex {
    /// Returns who of the index may be the person described, the most probable first, those below [`POSSIBLE`] left out.
    pub fn duplicates(&self, identity: &Identity, limit: usize) -> Vec<Candidate> {
        self.duplicates_in(identity, None, limit)
    }

    /// As [`Self::duplicates`], for a person who lives in a commune.
    pub fn duplicates_in(&self, identity: &Identity, commune: Option<i64>, limit: usize) -> Vec<Candidate> {
        let features = Features::of(identity);
        let view = View::of_features(&features, commune.map_or(0, |code| self.commune(code)));
        self.candidates(view, None, limit)
    }

    /// As [`Self::duplicates`], for a person of the index, who is not among the answers.
    pub fn duplicates_of(&self, person: PersonId, limit: usize) -> Vec<Candidate> {
        match self.slot_of(person) {
            Some(slot) => self.candidates(View::of_row(self, self.row(slot)), Some(slot), limit),
            None => Vec::new(),
        }
    }

    /// As [`Self::duplicates`], but only of those who have one of the telephone or document numbers of the person: what a long
    /// list costs hardly depends on how many people there are.
    pub fn sharing_number(&self, identity: &Identity, limit: usize) -> Vec<Candidate> {
        let features = Features::of(identity);
        let view = View::of_features(&features, 0);
        let mut slots = Vec::new();
        for phone in view.phones {
            let place = packed::forwards(*phone);
            slots.extend(self.beginnings.range(place, place).take(MOST_OF_A_KIND));
        }
        for paper in packed::papers(view.papers) {
            slots.extend(self.papers.range(paper.place(), paper.place()).take(MOST_NEAR));
        }
        self.weighed(view, slots, None, limit)
    }

    /// Returns who has exactly this telephone number, whatever else is known of them; at most `limit`.
    pub fn having_phone(&self, number: &str, limit: usize) -> Vec<PersonId> {
        let sought = Identity {
            phones: vec![number.to_owned()],
            ..Identity::default()
        };
        let features = Features::of(&sought);
        let view = View::of_features(&features, 0);
        let mut found = Vec::new();
        for phone in view.phones {
            let place = packed::forwards(*phone);
            for slot in self.beginnings.range(place, place) {
                let row = self.row(slot);
                if View::of_row(self, row).phones.contains(phone) {
                    found.push(PersonId(row.person));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        found
    }

    fn candidates(&self, view: View<'_>, except: Option<Slot>, limit: usize) -> Vec<Candidate> {
        let mut slots = Vec::new();
        self.with_numbers(&view, &mut slots);
        self.with_birth_day(&view, &mut slots);
        self.with_name(&view, &mut slots);
        self.weighed(view, slots, except, limit)
    }

    fn weighed(&self, view: View<'_>, mut slots: Vec<Slot>, except: Option<Slot>, limit: usize) -> Vec<Candidate> {
        slots.sort_unstable();
        slots.dedup();
        let probe = Probe::new(self, view);
        let mut weighed: Vec<_> = slots
            .into_iter()
            .filter(|slot| Some(*slot) != except)
            .map(|slot| (slot, probe.weigh(self, &View::of_row(self, self.row(slot)))))
            .filter(|(_, (probability, _))| *probability >= POSSIBLE)
            .collect();
        weighed.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.0.cmp(&b.0)));
        weighed.truncate(limit.min(MAX_ANSWERS));
        weighed
            .into_iter()
            .map(|(slot, (probability, reasons))| Candidate {
                person: PersonId(self.row(slot).person),
                probability,
                reasons: reasons.list(),
            })
            .collect()
    }

    /// Adds those with a telephone or document number of the person, or one that differs in a digit.
    fn with_numbers(&self, view: &View<'_>, slots: &mut Vec<Slot>) {
        for phone in view.phones {
            let place = packed::forwards(*phone);
            slots.extend(self.beginnings.range(place, place).take(MOST_OF_A_KIND));
            for near in near_phones(*phone) {
                let place = packed::forwards(near);
                slots.extend(self.beginnings.range(place, place).take(MOST_NEAR));
            }
        }
        for paper in packed::papers(view.papers) {
            let with = |paper: Paper| self.papers.range(paper.place(), paper.place()).take(MOST_NEAR);
            slots.extend(with(paper));
            slots.extend(paper.neighbours().flat_map(with));
        }
    }

    /// Adds those born the same day, or with day and month changed over.
    fn with_birth_day(&self, view: &View<'_>, slots: &mut Vec<Slot>) {
        let (year, month, day) = born_parts(view.birth);
        if month == 0 {
            return;
        }
        let turned = born(year, day, month);
        for code in [view.birth, turned]
            .into_iter()
            .filter(|code| (1..=12).contains(&born_parts(*code).1))
        {
            let code = u64::from(code);
            if self.births.count(code, code) <= MOST_NEAR {
                slots.extend(self.births.range(code, code));
            }
        }
    }

    /// Adds those with the same name, and those with one word of it missing, abbreviated or misspelt.
    fn with_name(&self, view: &View<'_>, slots: &mut Vec<Slot>) {
        let words: Vec<Term<'_>> = view
            .words()
            .iter()
            .map(|word| self.as_abbreviated(word.folded))
            .collect();
        let mut found = all_of(&words.iter().collect::<Vec<_>>(), self.slots(), MOST_OF_A_KIND + 1);
        if found.len() > MOST_OF_A_KIND {
            let around = Term::new(self.born(view.birth, YEARS_AROUND));
            found = all_of(
                &words.iter().chain([&around]).collect::<Vec<_>>(),
                self.slots(),
                MOST_OF_A_KIND,
            );
        }
        slots.append(&mut found);
        if words.len() < 2 {
            return;
        }
        // counted once, then searched for each word left out
        let born = all_of(&[&Term::new(self.born(view.birth, 0))], self.slots(), usize::MAX);
        let born = (view.birth != 0).then(|| Term::new(vec![Source::Bearers(&born)]));
        let is_full = |(at, word): (usize, &Seen<'_>)| (!is_short(word.folded)).then_some(at);
        let full: Vec<usize> = view.words().iter().enumerate().filter_map(is_full).collect();
        for (at, word) in view.words().iter().enumerate().take(MOST_LEFT_OUT) {
            if full.iter().all(|other| *other == at) {
                // initials alone say too little
                continue;
            }
            let mut terms: Vec<&Term<'_>> = Vec::with_capacity(words.len() + 1);
            terms.extend(
                words
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, term)| term),
            );
            match &born {
                Some(born) => {
                    terms.push(born);
                    let found = all_of(&terms, self.slots(), MOST_OF_A_KIND);
                    slots.extend(
                        found
                            .into_iter()
                            .filter(|slot| self.lacks_or_misspells(*slot, word.folded, words.len())),
                    );
                }
                None if !is_short(word.folded) => {
                    let misspelt = Term::new(self.bearers(self.words.near(word.folded)));
                    terms.push(&misspelt);
                    slots.extend(all_of(&terms, self.slots(), MOST_NEAR));
                }
                None => {}
            }
        }
    }

    /// Tells whether a name is shorter than `len` words or has a word near to `folded`.
    fn lacks_or_misspells(&self, slot: Slot, folded: &str, len: usize) -> bool {
        let words = self.row(slot).words();
        let is_near = |id: &u32| name::is_near(&self.words.syllable(self.words.word(*id).syllable).text, folded);
        words.len() < len || words.iter().any(is_near)
    }

    /// Returns who bears the word, or what it abbreviates, or an abbreviation of it.
    pub(super) fn as_abbreviated(&self, folded: &str) -> Term<'_> {
        let exact = self.words.find_syllable(folded);
        let shorter = (1..=3.min(folded.len().saturating_sub(1)))
            .filter_map(|len| folded.get(..len))
            .filter(|short| shortens(short, folded))
            .filter_map(|short| self.words.find_syllable(short));
        let longer = is_short(folded)
            .then(|| self.words.with_prefix(folded))
            .into_iter()
            .flatten();
        let mut ids: Vec<_> = exact.into_iter().chain(shorter).chain(longer).collect();
        ids.sort_unstable();
        ids.dedup();
        Term::new(self.bearers(ids.into_iter()))
    }

    /// Returns the bearers of syllables as sources of a condition.
    pub(super) fn bearers(&self, syllables: impl Iterator<Item = u32>) -> Vec<Source<'_>> {
        syllables
            .map(|id| Source::Bearers(&self.words.syllable(id).bearers))
            .collect()
    }

    /// Returns those born in the year of a birth and `years` around it; nobody for a birth that is not known.
    fn born(&self, birth: u32, years: u32) -> Vec<Source<'_>> {
        let year = birth >> 9;
        let (from, to) = (year.saturating_sub(years) << 9, (year + years) << 9 | 0x1ff);
        let span = Source::Span(&self.births, u64::from(from), u64::from(to));
        (birth != 0).then_some(span).into_iter().collect()
    }
}

/// Returns the numbers that differ from a telephone number in one digit or by two neighbours changed over.
fn near_phones(phone: u32) -> impl Iterator<Item = u32> {
    let digits = phone.checked_ilog10().unwrap_or(0) + 1;
    let digit = move |place: u32| phone / 10u32.pow(place) % 10;
    let wrong = (0..digits).flat_map(move |place| {
        let rest = phone - digit(place) * 10u32.pow(place);
        (0..10u32)
            .filter(move |other| *other != digit(place))
            .filter_map(move |other| rest.checked_add(other.checked_mul(10u32.pow(place))?))
    });
    let crossed = (1..digits).filter_map(move |place| {
        let (low, high) = (digit(place - 1), digit(place));
        let rest = phone - low * 10u32.pow(place - 1) - high * 10u32.pow(place);
        let other = u64::from(rest) + u64::from(high) * 10u64.pow(place - 1) + u64::from(low) * 10u64.pow(place);
        (low != high).then(|| u32::try_from(other).ok()).flatten()
    });
    wrong.chain(crossed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn near_telephone_numbers_are_all_there() {
        let near: BTreeSet<u32> = near_phones(912_345_678).collect();
        assert_eq!(near.len(), 9 * 9 + 8);
        assert!(near.contains(&912_345_618) && near.contains(&912_354_678) && !near.contains(&912_345_678));
        assert!(near_phones(2_999_999_999).all(|phone| phone != 2_999_999_999));
    }
}
