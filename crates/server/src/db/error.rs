//! Database errors without the values that caused them.

use std::fmt;

/// Why the database did not do what was asked.
///
/// `Debug` prints no more than `Display`: a driver's own debug text can hold a whole row.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The address is neither SQLite nor PostgreSQL.
    #[error("the database address must begin with sqlite: or postgres:")]
    Address,
    /// Another transaction got in between; trying again may succeed.
    #[error("another transaction came first")]
    LostRace,
    /// A unique constraint forbids the row.
    #[error("the row exists already")]
    Duplicate,
    /// An applied migration is not the one this program knows.
    #[error("migration {version} of the database differs from this program's")]
    Migration {
        /// Number of the migration.
        version: i64,
    },
    /// A stored word or number is not one that this program writes.
    #[error("the stored {0} cannot be read")]
    Stored(&'static str),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl fmt::Debug for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DbError({self})")
    }
}

/// Codes that mean a lost race: SQLite busy, busy-recovery and busy-snapshot, PostgreSQL serialisation failure and
/// deadlock.
const LOST_RACES: [&str; 5] = ["5", "261", "517", "40001", "40P01"];

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return Self::Failed(outline(&error));
        };
        if database.code().is_some_and(|code| LOST_RACES.contains(&code.as_ref())) {
            return Self::LostRace;
        }
        if database.is_unique_violation() {
            return Self::Duplicate;
        }
        Self::Failed(database.message().to_owned())
    }
}

/// Says what kind of failure it was; texts of decoding errors name columns, never values.
fn outline(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::RowNotFound => "no row was returned".to_owned(),
        sqlx::Error::PoolTimedOut => "no connection became free".to_owned(),
        other => other.to_string(),
    }
}
