//! Search over people and their duplicates, in memory only: nothing that can be searched is on a disk (DESIGN §2).
//!
//! The index is filled from the vault when the server starts and kept current by it. It keeps numbers instead of texts
//! wherever it can, and overwrites what is taken out. Every question is bounded: by the length of what is asked, by how
//! many people are looked at, by how many are answered. Names are compared as `research/operations.md` §4 asks: without
//! marks, in either order, abbreviated, with the errors that fingers and ears make.

mod compare;
mod duplicates;
mod find;
mod frequency;
mod index;
mod name;
mod ordered;
mod packed;
mod pairs;
mod query;
mod score;
mod select;
mod words;

#[cfg(test)]
mod tests;

pub use index::SearchIndex;
pub use score::{DUPLICATE, POSSIBLE};

use super::PersonId;

/// Most hits or candidates that one question returns.
pub const MAX_ANSWERS: usize = 200;

/// A person whom a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Who.
    pub person: PersonId,
    /// How well all that was asked fits, 0 to 1.
    pub score: f32,
    /// What of the person it was that fitted.
    pub matched: Vec<Matched>,
}

/// What of a person fitted a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// The name with its marks.
    NameWithMarks,
    /// The name without its marks.
    Name,
    /// The words of the name in another order.
    NameOrder,
    /// An abbreviated word of the name.
    NameShort,
    /// The beginning of a word.
    NameBeginning,
    /// A word with a typing error.
    NameError,
    /// A whole telephone number.
    Phone,
    /// The beginning or the end of a telephone number.
    PhonePart,
    /// A document number.
    Document,
    /// The day of birth.
    BirthDay,
    /// The year of birth.
    BirthYear,
}

/// A person who may be the one described.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// How probable it is that both are one person, 0 to 1; [`DUPLICATE`] is where it is called one.
    pub probability: f32,
    /// What speaks for it and what against it, the strongest kinds first.
    pub reasons: Vec<Reason>,
}

/// Two people of the index who are probably one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// One of the two.
    pub first: PersonId,
    /// The other.
    pub second: PersonId,
    /// As in [`Candidate`].
    pub probability: f32,
    /// As in [`Candidate`].
    pub reasons: Vec<Reason>,
}

/// Why two records may be one person, or may not ([`Reason::speaks_against`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same document.
    SameDocument,
    /// Documents of one kind that differ in one digit.
    NearDocument,
    /// The same name, marks included.
    SameName,
    /// The same name but for marks that are missing or differ.
    SameNameWithoutMarks,
    /// The words of the name in another order.
    NameOrder,
    /// A word of the name is abbreviated.
    NameShort,
    /// A word of the name with a typing error.
    NameError,
    /// A word of the name is missing.
    NamePart,
    /// Born the same day.
    SameBirthDay,
    /// Day and month of birth changed over.
    DayMonthSwapped,
    /// Births that differ in the day, the month or the year alone.
    NearBirth,
    /// Born the same year, the day of one being unknown.
    SameBirthYear,
    /// A common telephone number.
    SamePhone,
    /// Telephone numbers that differ in one digit.
    NearPhone,
    /// The same household.
    SameHousehold,
    /// Much of the address in common.
    SameAddress,
    /// The same commune.
    SameCommune,
    /// A word of the name is another.
    OtherName,
    /// A name with other marks.
    OtherMarks,
    /// Births that do not fit.
    OtherBirth,
    /// Different sex.
    OtherSex,
    /// Documents of one kind with different numbers.
    OtherDocument,
}

impl Reason {
    const ALL: [Self; 22] = [
        Self::SameDocument,
        Self::NearDocument,
        Self::SameName,
        Self::SameNameWithoutMarks,
        Self::NameOrder,
        Self::NameShort,
        Self::NameError,
        Self::NamePart,
        Self::SameBirthDay,
        Self::DayMonthSwapped,
        Self::NearBirth,
        Self::SameBirthYear,
        Self::SamePhone,
        Self::NearPhone,
        Self::SameHousehold,
        Self::SameAddress,
        Self::SameCommune,
        Self::OtherName,
        Self::OtherMarks,
        Self::OtherBirth,
        Self::OtherSex,
        Self::OtherDocument,
    ];

    /// Tells whether it speaks against the two being one person.
    pub fn speaks_against(self) -> bool {
        self >= Self::OtherName
    }

    /// Returns the reason's name in texts and in JSON: `same-phone`.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameDocument => "same-document",
            Self::NearDocument => "near-document",
            Self::SameName => "same-name",
            Self::SameNameWithoutMarks => "same-name-without-marks",
            Self::NameOrder => "name-order",
            Self::NameShort => "name-short",
            Self::NameError => "name-error",
            Self::NamePart => "name-part",
            Self::SameBirthDay => "same-birth-day",
            Self::DayMonthSwapped => "day-month-swapped",
            Self::NearBirth => "near-birth",
            Self::SameBirthYear => "same-birth-year",
            Self::SamePhone => "same-phone",
            Self::NearPhone => "near-phone",
            Self::SameHousehold => "same-household",
            Self::SameAddress => "same-address",
            Self::SameCommune => "same-commune",
            Self::OtherName => "other-name",
            Self::OtherMarks => "other-marks",
            Self::OtherBirth => "other-birth",
            Self::OtherSex => "other-sex",
            Self::OtherDocument => "other-document",
        }
    }
}

/// A set of reasons while candidates are weighed.
#[derive(Clone, Copy, Default)]
struct Reasons(u32);

impl Reasons {
    fn add(&mut self, reason: Reason) {
        self.0 |= 1 << reason as u32;
    }

    fn list(self) -> Vec<Reason> {
        Reason::ALL
            .into_iter()
            .filter(|reason| self.0 & 1 << *reason as u32 != 0)
            .collect()
    }
}
