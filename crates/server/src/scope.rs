//! Where an officer may work: a unit, and with it the column by which every query of records is narrowed.
//!
//! Records carry the units that answer for them today in the columns `province`, `district`, `commune`, each indexed, so
//! that a narrow scope reads less, not more (a filter bolted on would make the slowest role the narrowest).

use serde::{Deserialize, Serialize};

/// Level of a unit, as far as a scope is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Everywhere.
    Nation,
    /// A province.
    Province,
    /// A district; abolished on 2025-07-01.
    District,
    /// A commune, ward or town.
    Commune,
}

impl Level {
    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nation => "nation",
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Nation, Self::Province, Self::District, Self::Commune]
            .into_iter()
            .find(|level| level.word() == word)
    }
}

/// The units that answer for a record, by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Province.
    pub province: Option<i64>,
    /// District, where there is one.
    pub district: Option<i64>,
    /// Commune.
    pub commune: Option<i64>,
}

/// Where an officer may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Level of the unit.
    pub level: Level,
    /// The unit; 0 stands for the whole nation.
    pub unit: i64,
}

impl Scope {
    /// The whole nation.
    pub const NATION: Self = Self {
        level: Level::Nation,
        unit: 0,
    };

    /// Returns what `{scope}` stands for in a statement; it is compared with [`Scope::unit`].
    pub(crate) fn column(self) -> &'static str {
        match self.level {
            Level::Nation => "CAST(0 AS BIGINT)",
            Level::Province => "province",
            Level::District => "district",
            Level::Commune => "commune",
        }
    }

    /// Returns the same for a table with the short name `alias`.
    pub(crate) fn column_of(self, alias: &str) -> String {
        match self.level {
            Level::Nation => self.column().to_owned(),
            _ => format!("{alias}.{}", self.column()),
        }
    }

    /// Returns the column of `alias` for statements that find their rows by something narrower and only check the scope: as a
    /// sum, so that no database walks the whole scope instead.
    pub(crate) fn check_of(self, alias: &str) -> String {
        format!("({} + 0)", self.column_of(alias))
    }

    /// Returns whether a record of `place` lies inside.
    pub fn covers(self, place: &Place) -> bool {
        match self.level {
            Level::Nation => true,
            Level::Province => place.province == Some(self.unit),
            Level::District => place.district == Some(self.unit),
            Level::Commune => place.commune == Some(self.unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_own_unit_and_no_other() {
        let place = Place {
            province: Some(82),
            district: Some(815),
            commune: None,
        };
        let scope = |level, unit| Scope { level, unit };
        assert!(Scope::NATION.covers(&place));
        assert!(scope(Level::Province, 82).covers(&place));
        assert!(!scope(Level::Province, 815).covers(&place));
        assert!(scope(Level::District, 815).covers(&place));
        assert!(!scope(Level::Commune, 815).covers(&place), "no commune is known");
    }
}
