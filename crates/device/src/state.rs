//! The device's own small states, each one record of the `State` table.

use crate::store::{Change, PERMANENT, Record, Store, StoreFailed, Table};
use serde::{Serialize, de::DeserializeOwned};

/// Numbers of the states; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum StateKey {
    /// Own secret for radio addresses, and whether the person paused the device.
    Identity = 0,
    /// `clock::Clock`.
    Clock = 1,
    /// Counter, caps and scan schedule.
    Observation = 2,
    /// Configuration and files already read.
    Sync = 3,
    /// The upload under way or last done.
    Upload = 4,
    /// Cover traffic.
    Chaff = 5,
}

/// Returns the stored state, its default when there is none.
pub(crate) fn load<T: DeserializeOwned + Default>(store: &impl Store, key: StateKey) -> Result<T, StoreFailed> {
    match store.find(Table::State, key as u64)? {
        Some(record) => serde_json::from_slice(&record.value).map_err(|_| StoreFailed::Unreadable(Table::State)),
        None => Ok(T::default()),
    }
}

/// Returns the change that stores a state.
pub(crate) fn put<T: Serialize>(key: StateKey, state: &T) -> Change {
    put_json(Table::State, key as u64, PERMANENT, state)
}

/// Returns the change that stores a value as JSON.
pub(crate) fn put_json<T: Serialize>(table: Table, key: u64, day: protocol::time::UtcDay, value: &T) -> Change {
    let value = serde_json::to_vec(value).expect("our own records have string keys and finite numbers");
    Change::Put(Record { table, key, day, value })
}

/// Reads a value stored as JSON.
pub(crate) fn read_json<T: DeserializeOwned>(record: &Record) -> Result<T, StoreFailed> {
    serde_json::from_slice(&record.value).map_err(|_| StoreFailed::Unreadable(record.table))
}
