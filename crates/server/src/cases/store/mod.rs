//! SQL of cases.

pub(super) mod chain;
pub(super) mod codes;
pub(super) mod contacts;
pub(super) mod days;
pub(super) mod entry;
pub(super) mod erase;
pub(super) mod files;
pub(super) mod graph;
pub(super) mod history;
pub(super) mod known;
pub(super) mod queue;

use crate::civil::CivilDate;
use crate::db::DbError;
use crate::people::PersonId;

/// Reads a stored day.
fn day(number: i64) -> Result<CivilDate, DbError> {
    CivilDate::from_number(number).ok_or(DbError::Stored("day"))
}

/// Reads a stored person.
fn person(bytes: Vec<u8>) -> Result<PersonId, DbError> {
    bytes.try_into().map(PersonId).map_err(|_| DbError::Stored("person"))
}
