//! Reading GAEN's numbers and names: Google's code writes enumerations as numbers, configurations in the field as words,
//! lists as arrays or as maps. One meaning, several spellings.

use serde::de::{Deserialize, Deserializer, Error};
use std::collections::BTreeMap;

use protocol::diagnosis::ReportType;

/// Every report type, in the order of its number.
pub(crate) const REPORT_TYPES: [(ReportType, &str); 6] = [
    (ReportType::Unknown, "UNKNOWN"),
    (ReportType::ConfirmedTest, "CONFIRMED_TEST"),
    (ReportType::ConfirmedClinicalDiagnosis, "CONFIRMED_CLINICAL_DIAGNOSIS"),
    (ReportType::SelfReport, "SELF_REPORT"),
    (ReportType::Recursive, "RECURSIVE"),
    (ReportType::Revoked, "REVOKED"),
];

/// A number or a word.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Word {
    Number(u8),
    Text(String),
}

impl Word {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// Returns whether `text` is the name (whatever its case) or the number.
pub(crate) fn names(text: &str, name: &str, number: usize) -> bool {
    text.eq_ignore_ascii_case(name) || text.parse() == Ok(number)
}

/// Reads a number or a word that `parse` knows.
pub(crate) fn word<'de, D: Deserializer<'de>, T>(
    from: D,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = Word::deserialize(from)?.text();
    parse(&text).ok_or_else(|| D::Error::custom(format_args!("{what} is a known name or number")))
}

/// Returns the report type of a name or number.
pub(crate) fn report_type(text: &str) -> Option<ReportType> {
    let mut all = REPORT_TYPES.iter();
    all.find(|(kind, name)| names(text, name, kind.number() as usize))
        .map(|(kind, _)| *kind)
}

/// Reads a report type as a name or number.
pub(crate) fn deserialize_report_type<'de, D: Deserializer<'de>>(from: D) -> Result<ReportType, D::Error> {
    word(from, "a report type", report_type)
}

/// A list written as an array, or as a map from names or numbers.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Listed<T> {
    Array(Vec<T>),
    Map(BTreeMap<String, T>),
}

impl<T: Copy + Default> Listed<T> {
    /// Returns the list as an array of `N`, by `position` where it is a map; what a map leaves out is `T::default()`.
    pub(crate) fn array<const N: usize>(self, position: impl Fn(&str) -> Option<usize>) -> Option<[T; N]> {
        match self {
            Self::Array(values) => values.try_into().ok(),
            Self::Map(values) => {
                let mut array = [T::default(); N];
                for (key, value) in values {
                    *array.get_mut(position(&key)?)? = value;
                }
                Some(array)
            }
        }
    }
}
