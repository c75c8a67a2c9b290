//! How common a name, a birth or a commune is: counted in the index, and presumed while the index is small.

use super::index::SearchIndex;
use super::packed::born_parts;

/// How many people the presumed shares weigh as much as.
pub(super) const PRESUMED: f32 = 20_000.0;
/// Share of people who bear a word that is not listed.
const RARE: f32 = 0.000_5;
/// Shares of people who bear a word anywhere in their name, in percent: rounded from general knowledge of Vietnamese names.
const COMMON: [(&str, f32); 32] = [
    ("nguyen", 38.0),
    ("thi", 30.0),
    ("van", 20.0),
    ("tran", 11.0),
    ("le", 10.0),
    ("pham", 6.5),
    ("thanh", 6.0),
    ("ngoc", 6.0),
    ("minh", 5.0),
    ("huynh", 4.5),
    ("phan", 4.5),
    ("hoang", 4.0),
    ("kim", 3.0),
    ("vo", 3.0),
    ("hong", 2.5),
    ("huu", 2.0),
    ("thu", 2.0),
    ("quoc", 2.0),
    ("my", 2.0),
    ("duc", 2.0),
    ("dang", 2.0),
    ("bui", 2.0),
    ("phuong", 2.0),
    ("hung", 1.5),
    ("hoa", 1.5),
    ("lan", 1.5),
    ("vu", 1.5),
    ("do", 1.5),
    ("ho", 1.5),
    ("ngo", 1.3),
    ("duong", 1.3),
    ("anh", 1.5),
];
/// Years that births are spread over, and days of a year.
const YEARS: f32 = 70.0;
const DAYS: f32 = 365.25;
/// Communes that people are presumed to live in.
const COMMUNES: f32 = 172.0;

fn share(index: &SearchIndex, count: f32, presumed: f32) -> f32 {
    (count + presumed * PRESUMED) / (index.len() as f32 + PRESUMED)
}

fn presumed(folded: &str) -> f32 {
    COMMON
        .iter()
        .find(|(word, _)| *word == folded)
        .map_or(RARE, |(_, percent)| percent / 100.0)
}

/// How common a word of a name is, as shares of all people.
#[derive(Clone, Copy, Default)]
pub(super) struct Shares {
    /// Those who bear it, whatever the marks.
    pub folded: f32,
    /// Those who bear it with these marks.
    pub marked: f32,
    /// Those who bear a word with its first letter.
    pub letter: f32,
}

/// Returns how common a word is.
pub(super) fn word(index: &SearchIndex, marked: &str, folded: &str) -> Shares {
    let bearers = index
        .words
        .find_syllable(folded)
        .map_or(0, |id| index.words.syllable(id).bearers.len());
    let count = index.words.find_word(marked).map_or(0, |id| index.words.word(id).count);
    let first = folded.bytes().next().unwrap_or(0);
    let expected = presumed(folded);
    let folded = share(index, bearers as f32, expected);
    Shares {
        folded,
        marked: share(index, count as f32, expected * 0.8).clamp(folded * 0.1, folded),
        letter: share(index, index.words.beginning_with(first) as f32, 0.15).min(0.8),
    }
}

/// Returns the share of people born on the day.
pub(super) fn day(index: &SearchIndex, birth: u32) -> f32 {
    let count = index.births.count(u64::from(birth), u64::from(birth));
    let (_, month, day) = born_parts(birth);
    // where only the year is known papers say the first of January
    let often = if (month, day) == (1, 1) { 40.0 } else { 1.0 };
    share(index, count as f32, often / (YEARS * DAYS))
}

/// Returns the share of people born in the year of the birth.
pub(super) fn year(index: &SearchIndex, birth: u32) -> f32 {
    let year = u64::from(birth >> 9 << 9);
    share(index, index.births.count(year, year | 0x1ff) as f32, 1.0 / YEARS)
}

/// Returns the share of people with the telephone number of this place in the index.
pub(super) fn phone(index: &SearchIndex, forwards: u64) -> f32 {
    let count = index.beginnings.count(forwards, forwards).max(1);
    count as f32 / (index.len() as f32 + PRESUMED)
}

/// Returns the share of people in the commune.
pub(super) fn commune(index: &SearchIndex, commune: u32) -> f32 {
    share(index, index.commune_size(commune) as f32, 1.0 / COMMUNES)
}

/// Returns how much it says that two addresses have a word in common, in bits.
pub(super) fn address_bits(index: &SearchIndex, word: u16) -> f32 {
    -share(index, index.address_word(word) as f32, 0.002).min(1.0).log2()
}
