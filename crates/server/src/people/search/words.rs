//! The words of all names, each kept once, and who bears them. A word that nobody bears any more is overwritten.

use std::collections::BTreeMap;
use std::ops::Bound;

use zeroize::Zeroize;

use super::name::{NameWord, is_near, is_short};
use super::ordered::Slot;

/// Number of a word with its marks.
pub(super) type WordId = u32;
/// Number of a word without marks.
pub(super) type SyllableId = u32;

/// A word with its marks.
#[derive(Default)]
pub(super) struct Word {
    /// As [`NameWord::marked`].
    pub text: String,
    /// The same without marks.
    pub syllable: SyllableId,
    /// How many times it stands in names.
    pub count: u32,
}

/// A word without marks, and who bears it.
#[derive(Default)]
pub(super) struct Syllable {
    /// As [`NameWord::folded`].
    pub text: String,
    /// Bearers, ascending.
    pub bearers: Vec<Slot>,
    /// Which letters it holds, one bit each: most pairs of words are told apart by it alone.
    letters: u32,
    words: u32,
}

/// All words of names.
#[derive(Default)]
pub(super) struct Words {
    marked: BTreeMap<String, WordId>,
    folded: BTreeMap<String, SyllableId>,
    words: Vec<Word>,
    syllables: Vec<Syllable>,
    free_words: Vec<WordId>,
    free_syllables: Vec<SyllableId>,
    beginnings: [u32; 26],
}

impl Words {
    pub(super) fn word(&self, id: WordId) -> &Word {
        &self.words[id as usize]
    }

    pub(super) fn syllable(&self, id: SyllableId) -> &Syllable {
        &self.syllables[id as usize]
    }

    pub(super) fn find_word(&self, marked: &str) -> Option<WordId> {
        self.marked.get(marked).copied()
    }

    pub(super) fn find_syllable(&self, folded: &str) -> Option<SyllableId> {
        self.folded.get(folded).copied()
    }

    /// Returns how many people bear a word that begins with the letter.
    pub(super) fn beginning_with(&self, letter: u8) -> u32 {
        letter
            .checked_sub(b'a')
            .and_then(|at| self.beginnings.get(usize::from(at)))
            .copied()
            .unwrap_or(0)
    }

    /// Returns the syllables that begin with `prefix`.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = SyllableId> + 'a {
        self.folded
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(text, _)| text.starts_with(prefix))
            .map(|(_, id)| *id)
    }

    /// Returns the syllables one typing error away from `folded`.
    pub(super) fn near<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = SyllableId> + 'a {
        let letters = letters(folded);
        self.syllables.iter().enumerate().filter_map(move |(id, syllable)| {
            let may = (syllable.letters ^ letters).count_ones() <= 4 && syllable.words > 0;
            (may && syllable.text != folded && !is_short(&syllable.text) && is_near(&syllable.text, folded))
                .then_some(id as SyllableId)
        })
    }

    /// Notes that `slot` bears the word and returns its number.
    pub(super) fn bear(&mut self, word: &NameWord, slot: Slot) -> WordId {
        let id = match self.marked.get(&word.marked) {
            Some(id) => *id,
            None => self.add(word),
        };
        let entry = &mut self.words[id as usize];
        entry.count += 1;
        let syllable = &mut self.syllables[entry.syllable as usize];
        let place = match syllable.bearers.last() {
            Some(last) if *last < slot => Err(syllable.bearers.len()),
            _ => syllable.bearers.binary_search(&slot),
        };
        if let Err(place) = place {
            syllable.bearers.insert(place, slot);
            if let Some(count) = beginning(&mut self.beginnings, &syllable.text) {
                *count += 1;
            }
        }
        id
    }

    /// Forgets that `slot` bears these words: all that the person's name holds, at once.
    pub(super) fn forget(&mut self, words: &[WordId], slot: Slot) {
        for &id in words {
            let syllable = self.words[id as usize].syllable;
            let entry = &mut self.syllables[syllable as usize];
            if let Ok(place) = entry.bearers.binary_search(&slot) {
                entry.bearers.remove(place);
                if let Some(count) = beginning(&mut self.beginnings, &entry.text) {
                    *count -= 1;
                }
            }
        }
        for &id in words {
            let word = &mut self.words[id as usize];
            word.count -= 1;
            if word.count == 0 {
                self.drop_word(id);
            }
        }
    }

    fn add(&mut self, word: &NameWord) -> WordId {
        let syllable = match self.folded.get(&word.folded) {
            Some(id) => *id,
            None => {
                let id = take(&mut self.free_syllables, &mut self.syllables);
                self.syllables[id as usize].text.clone_from(&word.folded);
                self.syllables[id as usize].letters = letters(&word.folded);
                self.folded.insert(word.folded.clone(), id);
                id
            }
        };
        self.syllables[syllable as usize].words += 1;
        let id = take(&mut self.free_words, &mut self.words);
        self.words[id as usize] = Word {
            text: word.marked.clone(),
            syllable,
            count: 0,
        };
        self.marked.insert(word.marked.clone(), id);
        id
    }

    fn drop_word(&mut self, id: WordId) {
        let word = &mut self.words[id as usize];
        if let Some((mut text, _)) = self.marked.remove_entry(&word.text) {
            text.zeroize();
        }
        word.text.zeroize();
        self.free_words.push(id);
        let syllable = &mut self.syllables[word.syllable as usize];
        syllable.words -= 1;
        if syllable.words == 0 {
            if let Some((mut text, _)) = self.folded.remove_entry(&syllable.text) {
                text.zeroize();
            }
            syllable.text.zeroize();
            syllable.letters = 0;
            syllable.bearers = Vec::new();
            self.free_syllables.push(word.syllable);
        }
    }

    /// Tells whether any text at all is kept.
    #[cfg(test)]
    pub(super) fn is_blank(&self) -> bool {
        self.marked.is_empty()
            && self.folded.is_empty()
            && self.words.iter().all(|word| word.text.is_empty())
            && self.syllables.iter().all(|s| s.text.is_empty() && s.bearers.is_empty())
            && self.beginnings.iter().all(|count| *count == 0)
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        self.words.iter_mut().for_each(|word| word.text.zeroize());
        self.syllables.iter_mut().for_each(|syllable| syllable.text.zeroize());
        while let Some((mut text, _)) = self.marked.pop_first() {
            text.zeroize();
        }
        while let Some((mut text, _)) = self.folded.pop_first() {
            text.zeroize();
        }
    }
}

fn take<T: Default>(free: &mut Vec<u32>, all: &mut Vec<T>) -> u32 {
    free.pop().unwrap_or_else(|| {
        all.push(T::default());
        all.len() as u32 - 1
    })
}

fn beginning<'a>(counts: &'a mut [u32; 26], text: &str) -> Option<&'a mut u32> {
    let at = text.bytes().next()?.checked_sub(b'a')?;
    counts.get_mut(usize::from(at))
}

fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |bits, c| bits | 1 << (c & 31))
}
