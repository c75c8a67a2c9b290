//! What is kept of a person for the search: numbers instead of text, in one piece of memory that is overwritten when dropped.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::name::{self, NameWord};
use super::ordered::MAX_CODE;
use crate::people::model::{self, Birth, Document, DocumentKind, Identity, Sex};

/// Most documents of a person that are compared.
const MAX_PAPERS: usize = 8;
/// Most words of an address that are compared.
const MAX_ADDRESS_WORDS: usize = 12;
/// Digits that a telephone number is widened to, its leading zero not counted.
const PHONE_DIGITS: u32 = 10;

/// A telephone number without its leading zero; landlines of ten more digits begin with 2 and fit as well.
pub(super) type Phone = u32;

/// Reads a telephone number into its number.
pub(super) fn phone(text: &str) -> Option<Phone> {
    model::phone(text)?.parse().ok()
}

/// Returns the number widened to ten digits on the right, so that numbers with the same beginning stand together.
pub(super) fn forwards(phone: Phone) -> u64 {
    let digits = phone.checked_ilog10().unwrap_or(0) + 1;
    u64::from(phone) * 10u64.pow(PHONE_DIGITS.saturating_sub(digits))
}

/// Returns the digits in reverse, widened to ten, so that numbers with the same end stand together.
pub(super) fn backwards(phone: Phone) -> u64 {
    let (mut rest, mut out) = (phone, 0u64);
    for _ in 0..PHONE_DIGITS {
        out = out * 10 + u64::from(rest % 10);
        rest /= 10;
    }
    out
}

/// Returns the span of [`forwards`] or [`backwards`] numbers that begin with `digits`.
pub(super) fn span_of_beginning(digits: &str) -> Option<(u64, u64)> {
    let left = PHONE_DIGITS.checked_sub(u32::try_from(digits.len()).ok()?)?;
    let from = digits.parse::<u64>().ok()? * 10u64.pow(left);
    Some((from, from + 10u64.pow(left) - 1))
}

/// A document number. Two of one class that differ speak against each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Paper {
    /// Chip card, older card, other card, insurance, passport.
    pub class: u32,
    /// Up to 12 letters and digits to the base 36, longer ones hashed.
    pub code: u64,
}

impl Paper {
    /// Reads a document; `None` when its number has no letter or digit.
    pub(super) fn of(document: &Document) -> Option<Self> {
        let code = paper_code(&document.number)?;
        let length = document.number.chars().filter(char::is_ascii_alphanumeric).count();
        let class = match (document.kind, length) {
            (DocumentKind::Identity, 12) => 0,
            (DocumentKind::Identity, 9) => 1,
            (DocumentKind::Identity, _) => 2,
            (DocumentKind::Insurance, _) => 3,
            (DocumentKind::Passport, _) => 4,
        };
        Some(Self { class, code })
    }

    /// Returns the number under which the index keeps it.
    pub(super) fn place(self) -> u64 {
        self.code.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 30 & MAX_CODE
    }

    /// Tells whether the numbers differ in one character.
    pub(super) fn is_near(self, other: Self) -> bool {
        let (mut a, mut b, mut differing) = (self.code, other.code, 0);
        while a != b && differing < 3 {
            differing += u32::from(a % 36 != b % 36);
            (a, b) = (a / 36, b / 36);
        }
        differing == 1 && self.class == other.class
    }

    /// Returns the numbers of which one digit differs.
    pub(super) fn neighbours(self) -> impl Iterator<Item = Self> {
        (0..12u32).flat_map(move |place| {
            let unit = 36u64.pow(place);
            let digit = self.code / unit % 36;
            let (class, rest) = (self.class, self.code - digit * unit);
            // a leading zero is no digit of the code: only places inside it count
            let inside = self.code >= unit || place < 10;
            (0..10u64)
                .filter(move |other| inside && digit < 10 && *other != digit)
                .map(move |other| Self {
                    class,
                    code: rest + other * unit,
                })
        })
    }
}

/// Returns the code of a document number. The insurance cards of 15 characters end in the 10 digits that cards since
/// 2021 show alone, so only those count.
pub(super) fn paper_code(number: &str) -> Option<u64> {
    let letters: Vec<u8> = number.bytes().filter(u8::is_ascii_alphanumeric).take(64).collect();
    let is_insurance = letters.len() == 15 && letters[..2].iter().all(u8::is_ascii_alphabetic);
    let letters = if is_insurance { &letters[5..] } else { &letters[..] };
    if letters.is_empty() {
        return None;
    }
    let digit = |c: &u8| u64::from(char::from(*c).to_digit(36).unwrap_or(0));
    if letters.len() <= 12 {
        return Some(letters.iter().fold(0, |code, c| code * 36 + digit(c)));
    }
    Some(letters.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, c| {
        (hash ^ digit(c)).wrapping_mul(0x100_0000_01b3)
    }))
}

/// Returns the number of a birth: year, month and day; month and day are 0 where only the year is known.
pub(super) fn birth_code(birth: Birth) -> u32 {
    match birth.date() {
        Some(date) => {
            let mut parts = [0u32; 3];
            for (part, text) in parts.iter_mut().zip(date.iso().trim_start_matches('-').split('-')) {
                *part = text.parse().unwrap_or(0);
            }
            born(parts[0], parts[1], parts[2])
        }
        None => born(u32::try_from(birth.year()).unwrap_or(0), 0, 0),
    }
}

/// Returns the number of a birth of which the parts are known.
pub(super) fn born(year: u32, month: u32, day: u32) -> u32 {
    (year & 0x3fff) << 9 | month << 5 | day
}

/// Returns year, month and day of a number of [`born`].
pub(super) fn born_parts(code: u32) -> (u32, u32, u32) {
    (code >> 9, code >> 5 & 15, code & 31)
}

/// An identity in the form that is compared.
#[derive(Default)]
pub(super) struct Features {
    pub words: Vec<NameWord>,
    pub birth: u32,
    pub sex: u8,
    pub household: u32,
    pub phones: Vec<Phone>,
    /// Three numbers a document: class, lower and upper half of the code.
    pub papers: Vec<u32>,
    /// Hashes of the words of the address, two in a number; 0 is none.
    pub address: Vec<u32>,
}

impl Features {
    pub(super) fn of(identity: &Identity) -> Self {
        let mut phones: Vec<Phone> = Vec::with_capacity(model::MAX_PHONES);
        for phone in identity
            .phones
            .iter()
            .take(model::MAX_PHONES)
            .filter_map(|text| phone(text))
        {
            if !phones.contains(&phone) {
                phones.push(phone);
            }
        }
        let papers = identity.documents.iter().take(MAX_PAPERS).filter_map(Paper::of);
        let household = identity.household.as_deref().filter(|text| !text.is_empty());
        Self {
            words: name::words(&identity.name),
            birth: identity.birth.map_or(0, birth_code),
            sex: match identity.sex {
                None => 0,
                Some(Sex::Female) => 1,
                Some(Sex::Male) => 2,
            },
            household: household.map_or(0, |text| hash(text.as_bytes()).max(1)),
            phones,
            papers: papers
                .flat_map(|p| [p.class, p.code as u32, (p.code >> 32) as u32])
                .collect(),
            address: address(&identity.address),
        }
    }
}

impl Drop for Features {
    fn drop(&mut self) {
        self.phones.zeroize();
        self.papers.zeroize();
        self.address.zeroize();
        self.birth.zeroize();
    }
}

/// Returns the documents that stand in [`Features::papers`].
pub(super) fn papers(numbers: &[u32]) -> impl Iterator<Item = Paper> + '_ {
    numbers.chunks_exact(3).map(|part| Paper {
        class: part[0],
        code: u64::from(part[1]) | u64::from(part[2]) << 32,
    })
}

/// Returns the hashes that stand in [`Features::address`].
pub(super) fn address_words(numbers: &[u32]) -> impl Iterator<Item = u16> + '_ {
    numbers
        .iter()
        .flat_map(|pair| [*pair as u16, (*pair >> 16) as u16])
        .filter(|hash| *hash != 0)
}

fn address(text: &str) -> Vec<u32> {
    let cut = text
        .char_indices()
        .nth(model::MAX_ADDRESS)
        .map_or(text, |(at, _)| &text[..at]);
    let mut folded = model::fold(cut);
    let mut words: Vec<u32> = folded
        .split_ascii_whitespace()
        .flat_map(parts)
        .take(MAX_ADDRESS_WORDS)
        .map(|word| (hash(word.as_bytes()) & 0xffff).max(1))
        .collect();
    folded.zeroize();
    words.sort_unstable();
    words.dedup();
    words
        .chunks(2)
        .map(|pair| pair[0] | pair.get(1).map_or(0, |second| second << 16))
        .collect()
}

/// Parts letters from digits: `kp3` is `kp` and `3`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let at = word
        .find(|c: char| c.is_ascii_digit())
        .filter(|at| *at > 0 && word.is_char_boundary(*at));
    let (first, second) = at.map_or((word, ""), |at| word.split_at(at));
    [first, second].into_iter().filter(|part| !part.is_empty())
}

fn hash(bytes: &[u8]) -> u32 {
    let wide = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, c| {
        (hash ^ u64::from(*c)).wrapping_mul(0x100_0000_01b3)
    });
    (wide ^ wide >> 32) as u32 ^ (wide >> 16) as u32
}

/// One person of the index.
#[derive(Default, ZeroizeOnDrop)]
pub(super) struct Row {
    pub person: [u8; 16],
    pub birth: u32,
    pub household: u32,
    /// Number of the commune in the index's own list, counted from 1; 0 is none.
    pub commune: u32,
    pub sex: u8,
    words: u8,
    phones: u8,
    papers: u8,
    packed: Box<[u32]>,
}

impl Row {
    /// Packs the features, of which the words have these numbers.
    pub(super) fn new(person: [u8; 16], words: &[u32], features: &Features, commune: u32) -> Self {
        let size = words.len() + features.phones.len() + features.papers.len() + features.address.len();
        let mut packed = Vec::with_capacity(size);
        packed.extend_from_slice(words);
        packed.extend_from_slice(&features.phones);
        packed.extend_from_slice(&features.papers);
        packed.extend_from_slice(&features.address);
        Self {
            person,
            birth: features.birth,
            household: features.household,
            commune,
            sex: features.sex,
            words: words.len() as u8,
            phones: features.phones.len() as u8,
            papers: features.papers.len() as u8,
            packed: packed.into_boxed_slice(),
        }
    }

    pub(super) fn words(&self) -> &[u32] {
        &self.packed[..usize::from(self.words)]
    }

    pub(super) fn phones(&self) -> &[Phone] {
        let from = usize::from(self.words);
        &self.packed[from..from + usize::from(self.phones)]
    }

    pub(super) fn papers(&self) -> &[u32] {
        let from = usize::from(self.words) + usize::from(self.phones);
        &self.packed[from..from + usize::from(self.papers)]
    }

    pub(super) fn address(&self) -> &[u32] {
        let from = usize::from(self.words) + usize::from(self.phones) + usize::from(self.papers);
        &self.packed[from..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_with_a_common_beginning_or_end_stand_together() {
        let number = phone("0169 123 4567").unwrap();
        assert_eq!(number, 391_234_567);
        assert_eq!(forwards(number), 3_912_345_670);
        assert_eq!(backwards(number), 7_654_321_930);
        let landline = phone("0273 3872 345").unwrap();
        assert_eq!(forwards(landline), 2_733_872_345);
        let (from, to) = span_of_beginning("7654").unwrap();
        assert!((from..=to).contains(&backwards(number)) && !(from..=to).contains(&backwards(landline)));
        assert_eq!(span_of_beginning("12345678901"), None);
    }

    #[test]
    fn the_new_insurance_card_shows_the_end_of_the_old_one() {
        assert_eq!(paper_code("GD 4 79 3912345678"), paper_code("GD4793912345678"));
        assert_eq!(paper_code("GD4793912345678"), paper_code("3912345678"));
        assert_eq!(paper_code("079061001234"), paper_code("079 061 001 234"));
        assert_eq!(paper_code(" - "), None);
        assert!(paper_code(&"Z".repeat(12)) != paper_code(&"Z".repeat(13)));
    }

    #[test]
    fn neighbours_of_a_document_number_differ_in_one_digit() {
        let paper = |number: &str| Paper {
            class: 0,
            code: paper_code(number).unwrap(),
        };
        let mine = paper("082061911190");
        assert!(mine.is_near(paper("082061911199")) && !mine.is_near(mine) && !mine.is_near(paper("082061911109")));
        assert!(mine.neighbours().any(|other| other == paper("082061971190")));
        assert!(mine.neighbours().all(|other| mine.is_near(other)));
    }

    #[test]
    fn births_are_numbers_in_the_order_of_time() {
        let day = crate::civil::CivilDate::parse("1961-03-05").unwrap();
        let code = birth_code(Birth::Day(i32::try_from(day.number()).unwrap()));
        assert_eq!(born_parts(code), (1961, 3, 5));
        assert_eq!(born_parts(birth_code(Birth::Year(1961))), (1961, 0, 0));
        assert!(birth_code(Birth::Year(1961)) < code && code < birth_code(Birth::Year(1962)));
    }

    #[test]
    fn addresses_are_compared_by_word() {
        assert_eq!(address("144 d. Truong Dinh, KP3"), address("144 Đ Trương Định, kp 3"));
        assert_eq!(address_words(&address("ấp Bình Tạo")).count(), 3);
        assert!(address(&"x ".repeat(10_000)).len() <= MAX_ADDRESS_WORDS);
    }
}
