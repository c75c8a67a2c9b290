//! What is known of a person, and how names and telephone numbers are compared. Pure: no I/O, no clock.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::civil::CivilDate;
pub use crate::fold::fold;
use protocol::time::UnixSeconds;

/// Longest name, in characters.
pub const MAX_NAME: usize = 120;
/// Longest address, in characters.
pub const MAX_ADDRESS: usize = 300;
/// Most telephone numbers of a person.
pub const MAX_PHONES: usize = 5;
/// Most documents of a person.
pub const MAX_DOCUMENTS: usize = 5;
/// Year before which nobody alive was born.
pub const FIRST_BIRTH_YEAR: i16 = 1900;

/// Random 128-bit pseudonym of a person: all that the rest of the system knows of one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub [u8; 16]);

impl PersonId {
    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Returns 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonId({}…)", &self.hex()[..6])
    }
}

/// Sex as identity papers state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Nữ.
    Female,
    /// Nam.
    Male,
}

/// Date of birth, or only its year: many older people know no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Birth {
    /// The year.
    Year(i16),
    /// The day, counted from 1970-01-01 ([`CivilDate::number`]).
    Day(i32),
}

impl Birth {
    /// Returns the year of birth.
    pub fn year(self) -> i16 {
        match self {
            Self::Year(year) => year,
            Self::Day(_) => self.date().map_or(0, CivilDate::year),
        }
    }

    /// Returns the day of birth where it is known.
    pub fn date(self) -> Option<CivilDate> {
        match self {
            Self::Year(_) => None,
            Self::Day(number) => CivilDate::from_number(i64::from(number)),
        }
    }
}

/// Kind of an identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// Chip identity card (căn cước, 12 digits) or the older card of 9 digits.
    Identity,
    /// Health insurance.
    Insurance,
    /// Passport.
    Passport,
}

/// An identity document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which kind.
    pub kind: DocumentKind,
    /// Its number, letters and digits only, upper case.
    pub number: String,
}

/// Who a person is. `Debug` prints nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Name as written, composed (NFC).
    pub name: String,
    /// Birth.
    pub birth: Option<Birth>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Telephone numbers, normalised by [`phone`].
    pub phones: Vec<String>,
    /// Street, house, hamlet as written; the commune stands in the record, not here.
    pub address: String,
    /// Documents.
    pub documents: Vec<Document>,
    /// Household: people who live together share this value, 32 hexadecimal digits drawn at random
    /// ([`super::new_household`]).
    pub household: Option<String>,
    /// The person who answers for this one (a minor's guardian).
    pub guardian: Option<PersonIdText>,
}

/// A [`PersonId`] inside sealed text.
pub type PersonIdText = String;

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Why people may be known (Law 91/2025/QH15; Law 03/2007/QH12 on communicable diseases).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LegalBasis {
    /// The person, or who answers for the person, agreed.
    Consent,
    /// The law asks for it in an outbreak.
    Law,
}

impl LegalBasis {
    /// Returns the word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Law => "law",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Consent, Self::Law]
            .into_iter()
            .find(|basis| basis.word() == word)
    }
}

/// A person to be entered, or as a person shall be from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// Who it is.
    pub identity: Identity,
    /// Unit of residence, for scope.
    pub commune: Option<i64>,
    /// Why the person may be known.
    pub legal_basis: LegalBasis,
}

/// A person as the vault knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub identity: Identity,
    /// Unit of residence, for scope.
    pub commune: Option<i64>,
    /// Why the person may be known.
    pub legal_basis: LegalBasis,
    /// Counts the changes, from 1; a change must name it.
    pub version: i64,
    /// When the person was entered.
    pub created_at: UnixSeconds,
    /// When the person was last changed.
    pub changed_at: UnixSeconds,
}

/// Returns a Vietnamese telephone number as `0…`, old eleven-digit mobile prefixes replaced as the operators did in 2018;
/// `None` when it cannot be one.
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.chars().any(|c| c.is_alphabetic()) {
        return None;
    }
    let national = if let Some(rest) = digits
        .strip_prefix("0084")
        .or_else(|| digits.strip_prefix("84").filter(|r| r.len() >= 9))
    {
        format!("0{}", rest.strip_prefix('0').unwrap_or(rest))
    } else if digits.starts_with('0') {
        digits
    } else if digits.len() == 9 || (digits.len() == 10 && digits.starts_with('1')) {
        // spreadsheets drop the leading zero
        format!("0{digits}")
    } else {
        return None;
    };
    let current = match (national.len(), national.get(..4).and_then(new_prefix)) {
        (11, Some(prefix)) => format!("{prefix}{}", &national[4..]),
        _ => national,
    };
    let fits = match current.as_bytes() {
        [b'0', b'3' | b'5' | b'7' | b'8' | b'9', ..] => current.len() == 10,
        [b'0', b'2', ..] => matches!(current.len(), 10 | 11),
        _ => false,
    };
    fits.then_some(current)
}

/// Old and new mobile prefixes (Ministry of Information and Communications, plan 798/BTTTT-CVT of 2018).
fn new_prefix(old: &str) -> Option<&'static str> {
    Some(match old {
        "0120" => "070",
        "0121" => "079",
        "0122" => "077",
        "0126" => "076",
        "0128" => "078",
        "0123" => "083",
        "0124" => "084",
        "0125" => "085",
        "0127" => "081",
        "0129" => "082",
        "0162" => "032",
        "0163" => "033",
        "0164" => "034",
        "0165" => "035",
        "0166" => "036",
        "0167" => "037",
        "0168" => "038",
        "0169" => "039",
        "0186" => "056",
        "0188" => "058",
        "0199" => "059",
        _ => return None,
    })
}

/// Returns a name with all but initials hidden: `Nguyễn Thị Thu` → `N. T. T***`.
pub fn masked(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let Some((given, others)) = words.split_last() else {
        return "***".into();
    };
    let initial = |word: &str| word.chars().next().unwrap_or('*').to_uppercase().to_string();
    let mut out: Vec<String> = others.iter().map(|word| format!("{}.", initial(word))).collect();
    out.push(format!("{}***", initial(given)));
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_marks() {
        assert_eq!(fold("  NGUYỄN  Văn Mười "), "nguyen van muoi");
        assert_eq!(fold("Nguye\u{302}\u{303}n V. Đức"), "nguyen v duc");
        assert_eq!(masked("Nguyễn Thị Hồng Thắm"), "N. T. H. T***");
        assert_eq!(masked(""), "***");
    }

    #[test]
    fn telephone_numbers_are_one_form() {
        for text in [
            "0912 345 678",
            "+84 912.345.678",
            "84912345678",
            "912345678",
            "0084912345678",
        ] {
            assert_eq!(phone(text).as_deref(), Some("0912345678"), "{text}");
        }
        assert_eq!(phone("0169 123 4567").as_deref(), Some("0391234567"));
        assert_eq!(phone("1691234567").as_deref(), Some("0391234567"));
        assert_eq!(phone("0273 3872 345").as_deref(), Some("02733872345"));
        for text in ["", "12345", "0112345678", "không có", "09123456789"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }
}
