//! How infectious a case was on a day, by days since the onset of symptoms.

use serde::{Deserialize, Serialize};

use crate::flexible;

/// Furthest day before and after onset that is told apart (GAEN).
pub const MAX_DAYS_FROM_ONSET: i8 = 14;
/// Days told apart: −14..=14.
pub const DAYS: usize = 29;

/// GAEN's three levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Infectiousness {
    /// Not infectious; weight 0 as a rule.
    #[default]
    None,
    /// Infectious.
    Standard,
    /// More than usual.
    High,
}

impl Infectiousness {
    /// Every level, in the order of GAEN's numbers.
    pub const ALL: [Self; 3] = [Self::None, Self::Standard, Self::High];

    /// Returns the level's name in JSON.
    pub fn name(self) -> &'static str {
        ["NONE", "STANDARD", "HIGH"][self as usize]
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| flexible::names(text, level.name(), *level as usize))
    }
}

impl<'de> Deserialize<'de> for Infectiousness {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        flexible::word(from, "an infectiousness", Self::parse)
    }
}

/// Level of each day −14..=14, and the level when the onset is unknown (R4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfectiousnessMap {
    /// Level by day; the first is 14 days before onset.
    pub by_day: [Infectiousness; DAYS],
    /// Level when the onset is unknown or more than 14 days away.
    pub when_missing: Infectiousness,
}

impl InfectiousnessMap {
    /// Returns the level `days_since_onset` days after onset (R4).
    pub fn level(&self, days_since_onset: Option<i8>) -> Infectiousness {
        let index =
            days_since_onset.and_then(|days| usize::try_from(i16::from(days) + i16::from(MAX_DAYS_FROM_ONSET)).ok());
        index
            .and_then(|index| self.by_day.get(index).copied())
            .unwrap_or(self.when_missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_beyond_the_map_count_as_unknown() {
        let mut map = InfectiousnessMap {
            by_day: [Infectiousness::None; DAYS],
            when_missing: Infectiousness::Standard,
        };
        map.by_day[0] = Infectiousness::High;
        assert_eq!(map.level(Some(-14)), Infectiousness::High);
        assert_eq!(map.level(Some(14)), Infectiousness::None);
        for day in [None, Some(-15), Some(15), Some(i8::MIN), Some(i8::MAX)] {
            assert_eq!(map.level(day), Infectiousness::Standard);
        }
    }
}
