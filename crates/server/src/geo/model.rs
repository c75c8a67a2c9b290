//! What a unit is: a code, a tier and the day it became valid. Pure: no I/O, no clock.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::civil::CivilDate;

/// A tier of administration. Which tiers exist on a day is data: since 2025-07-01 there are no districts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(u8);

/// What is known of the tiers: digit in ids, digits of a code, name.
const TIERS: [(Tier, usize, &str); 3] = [
    (Tier::PROVINCE, 2, "province"),
    (Tier::DISTRICT, 3, "district"),
    (Tier::COMMUNE, 5, "commune"),
];

impl Tier {
    /// Tỉnh, thành phố trực thuộc trung ương: two digits.
    pub const PROVINCE: Self = Self(1);
    /// Quận, huyện, thị xã, thành phố of a province: three digits, until 2025-06-30.
    pub const DISTRICT: Self = Self(2);
    /// Xã, phường, thị trấn, đặc khu: five digits.
    pub const COMMUNE: Self = Self(3);

    /// Returns the tier whose codes are as long as `code`, if `code` has digits only.
    pub fn of_code(code: &str) -> Option<Self> {
        let fits = |width| code.len() == width && code.bytes().all(|b| b.is_ascii_digit());
        TIERS.iter().find(|(_, width, _)| fits(*width)).map(|(tier, ..)| *tier)
    }

    /// Returns the name: `province`, `district`, `commune`.
    pub fn word(self) -> &'static str {
        self.facts().2
    }

    /// Returns how many digits a code of this tier has.
    pub fn code_width(self) -> usize {
        self.facts().1
    }

    fn facts(self) -> &'static (Self, usize, &'static str) {
        let found = TIERS.iter().find(|(tier, ..)| *tier == self);
        found.expect("a tier is only made from the table")
    }
}

/// Identity of a unit: the day it became valid, its tier and its code, in one ordered number.
///
/// `yyyymmdd × 1,000,000 + tier × 100,000 + code`: 82 of 2021 is 20210101100082. Ids sort by day, tier, code, are stable,
/// and fit a number of JSON. As text: `82@2021-01-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct UnitId(i64);

impl UnitId {
    /// Returns the id of a code that became valid on a day; `None` when no tier has such codes.
    pub fn new(code: &str, valid_from: CivilDate) -> Option<Self> {
        let tier = Tier::of_code(code)?;
        Some(Self::on_day(day_number(valid_from)?, tier, code.parse().ok()?))
    }

    pub(super) fn on_day(day: i64, tier: Tier, code: u32) -> Self {
        Self(day * 1_000_000 + i64::from(tier.0) * 100_000 + i64::from(code))
    }

    /// Reads the number; `None` when it is no id.
    pub fn from_number(number: i64) -> Option<Self> {
        let tier = u8::try_from(number / 100_000 % 10).ok()?;
        let (tier, width, _) = TIERS.iter().find(|(known, ..)| known.0 == tier)?;
        let fits = number > 0 && number % 100_000 < 10_i64.pow(u32::try_from(*width).ok()?);
        let id = Self(number);
        (fits && id.tier() == *tier && day_of(number / 1_000_000).is_some()).then_some(id)
    }

    /// Reads `CODE@yyyy-mm-dd`.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, day) = text.split_once('@')?;
        Self::new(code, CivilDate::parse(day)?)
    }

    /// Returns the number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Returns the day on which the unit became valid.
    pub fn valid_from(self) -> CivilDate {
        day_of(self.0 / 1_000_000).expect("an id is made from a day")
    }

    /// Returns the tier.
    pub fn tier(self) -> Tier {
        Tier(u8::try_from(self.0 / 100_000 % 10).expect("one digit"))
    }

    /// Returns the code as the General Statistics Office writes it.
    pub fn code(self) -> String {
        format!("{:0width$}", self.code_number(), width = self.tier().code_width())
    }

    pub(super) fn code_number(self) -> u32 {
        u32::try_from(self.0 % 100_000).expect("five digits")
    }
}

/// Returns a day as the number `yyyymmdd`.
pub(super) fn day_number(day: CivilDate) -> Option<i64> {
    day.iso().replace('-', "").parse().ok()
}

fn day_of(number: i64) -> Option<CivilDate> {
    CivilDate::parse(&format!(
        "{:04}-{:02}-{:02}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    ))
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.code(), self.valid_from().iso())
    }
}

impl fmt::Debug for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnitId({self})")
    }
}

impl TryFrom<i64> for UnitId {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        Self::from_number(number).ok_or("not the id of a unit")
    }
}

impl From<UnitId> for i64 {
    fn from(id: UnitId) -> Self {
        id.0
    }
}

/// A place on the map, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Longitude, east.
    pub lon: f64,
    /// Latitude, north.
    pub lat: f64,
}

/// An administrative unit during one period of validity.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Code, tier and first day.
    pub id: UnitId,
    /// `Tỉnh`, `Phường`, …
    pub kind: Cow<'static, str>,
    /// Name without its kind: `Tiền Giang`, `5`.
    pub name: Cow<'static, str>,
    /// The unit it belonged to on its first day.
    pub parent: Option<UnitId>,
    /// Last day of validity; `None` while it is valid.
    pub valid_to: Option<CivilDate>,
    /// A point inside it, where one is known.
    pub point: Option<Point>,
}

impl Unit {
    /// Returns the code as the General Statistics Office writes it: `82`, `815`, `28249`.
    pub fn code(&self) -> String {
        self.id.code()
    }

    /// Returns the tier.
    pub fn tier(&self) -> Tier {
        self.id.tier()
    }

    /// Returns kind and name: `Phường 5`.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// Returns the name as people say it: without its kind, unless it is a number.
    pub fn short_name(&self) -> String {
        if self.name.bytes().all(|b| b.is_ascii_digit()) {
            self.full_name()
        } else {
            self.name.to_string()
        }
    }

    /// Returns the first day of validity.
    pub fn valid_from(&self) -> CivilDate {
        self.id.valid_from()
    }

    /// Says whether the unit is valid on a day.
    pub fn is_valid_on(&self, day: CivilDate) -> bool {
        self.valid_from() <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Returns name and period, for explanations: `Tỉnh Tiền Giang (1/1/2021 to 30/6/2025)`.
    pub fn meaning(&self) -> String {
        match self.valid_to {
            Some(last) => format!(
                "{} ({} to {})",
                self.full_name(),
                self.valid_from().local(),
                last.local()
            ),
            None => format!("{} (since {})", self.full_name(), self.valid_from().local()),
        }
    }
}

/// A unit with all that contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The province.
    pub province: UnitId,
    /// The district, where there is one.
    pub district: Option<UnitId>,
    /// The commune, if the unit is one.
    pub commune: Option<UnitId>,
}

/// A published number of inhabitants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Inhabitants.
    pub number: u32,
    /// The day it was counted or estimated for; 1 July where only the year is known.
    pub on: CivilDate,
    /// Who published it.
    pub source: &'static str,
    /// Whether the figure contradicts another one.
    pub doubtful: bool,
}

/// Why a code or id does not lead to a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeoError {
    /// No tier has such codes.
    #[error("a code has 2 digits (province), 3 (district) or 5 (commune)")]
    NoCode,
    /// No unit ever had this code.
    #[error("no unit has the code {code}")]
    Unknown {
        /// The code.
        code: String,
    },
    /// The code had no meaning on this day.
    #[error("code {code} means nothing on {}; it means {}", .on.local(), .meanings.join(", "))]
    NotOnThisDay {
        /// The code.
        code: String,
        /// The day.
        on: CivilDate,
        /// What it means at other times.
        meanings: Vec<String>,
    },
    /// The code has had several meanings and no date was given.
    #[error("code {code} means different units at different times: {}; give a date", .meanings.join(", "))]
    Ambiguous {
        /// The code.
        code: String,
        /// What it means, and when.
        meanings: Vec<String>,
    },
    /// There is no catalogue of this day.
    #[error("there is no catalogue of {}; the first begins on {}", .on.local(), .first.local())]
    NoCatalogue {
        /// The day.
        on: CivilDate,
        /// First day of the oldest catalogue.
        first: CivilDate,
    },
    /// There is no unit with this id.
    #[error("there is no unit {0}")]
    NoUnit(UnitId),
    /// A unit ended and nothing says what became of it.
    #[error("nothing says what became of {0}")]
    NoSuccessor(UnitId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let day = CivilDate::parse("2021-01-01").expect("a date");
        for (code, number) in [
            ("82", 20_210_101_100_082),
            ("815", 20_210_101_200_815),
            ("00001", 20_210_101_300_001),
        ] {
            let id = UnitId::new(code, day).expect("a code");
            assert_eq!(id.number(), number);
            assert_eq!((id.code().as_str(), id.valid_from()), (code, day));
            assert_eq!(UnitId::parse(&id.to_string()), Some(id));
            assert_eq!(UnitId::from_number(number), Some(id));
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for number in [
            0,
            -20_210_101_100_082,
            20_210_101_000_082,
            20_210_101_400_082,
            20_210_101_100_100,
            20_211_301_100_082,
            i64::MAX,
        ] {
            assert_eq!(UnitId::from_number(number), None, "{number}");
        }
        for text in [
            "82",
            "82@",
            "8@2021-01-01",
            "8a@2021-01-01",
            "82@2021-02-30",
            "+2@2021-01-01",
        ] {
            assert_eq!(UnitId::parse(text), None, "{text}");
        }
    }
}
