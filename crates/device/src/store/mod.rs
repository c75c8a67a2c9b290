//! The store port: what a device keeps, as plain records in a few tables.
//!
//! A [`Store`] is a small key-value store with atomic, durable commits and one duty beyond that: every record belongs to
//! a UTC day, and erasing the day makes its records unreadable for good. It knows nothing of what the values mean.
//! Implementations: [`memory::MemoryStore`], [`journal::JournalStore`] (for a host that keeps the records itself, such
//! as the browser's IndexedDB) and `sqlite::SqliteStore` (feature `sqlite`); all pass `conformance`.

use protocol::time::UtcDay;

#[cfg(feature = "test-util")]
pub mod conformance;
pub mod journal;
pub mod memory;
mod record;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use record::{InvalidRecord, MAX_VALUE_BYTES, Record, decode_records, encode_records};

/// Day of the records that no day's end erases: state, and the memory of imported keys.
pub const PERMANENT: UtcDay = UtcDay(u32::MAX);

/// The tables of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// The device's own small states, by a number each (clock, sync, upload, …).
    State = 0,
    /// Own temporary exposure keys, by the interval they start at.
    Identity = 1,
    /// Sightings: one record an interval, by interval number.
    Sightings = 2,
    /// Exposure windows of matched diagnosis keys: one record a UTC day.
    Exposures = 3,
    /// Exposure notices: at most one a UTC day.
    Notices = 4,
    /// Prefixes of the diagnosis keys already matched, by the `seq` of their import.
    Imports = 5,
    /// Check-ins at venues: one record each, by the second of the check-in.
    Visits = 6,
    /// Passes behind the person's own code, by day of the authority's calendar.
    Passes = 7,
}

impl Table {
    /// Every table, in the order of its number.
    pub const ALL: [Self; 8] = [
        Self::State,
        Self::Identity,
        Self::Sightings,
        Self::Exposures,
        Self::Notices,
        Self::Imports,
        Self::Visits,
        Self::Passes,
    ];

    /// Returns the table's name as "what is stored about me" shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Identity => "identity",
            Self::Sightings => "sightings",
            Self::Exposures => "exposures",
            Self::Notices => "notices",
            Self::Imports => "imports",
            Self::Visits => "visits",
            Self::Passes => "passes",
        }
    }

    /// Returns the table of a number, `None` when there is none.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// One change of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Writes a record over whatever its table and number held.
    Put(Record),
    /// Removes a record if it is there.
    Remove {
        /// Table of the record.
        table: Table,
        /// Its number.
        key: u64,
    },
}

/// Records of a device, durable once a call returns.
pub trait Store {
    /// Applies all changes in order, or none of them.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the changes are not durable; the store is then as it was before.
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreFailed>;

    /// Returns one record.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    fn find(&self, table: Table, key: u64) -> Result<Option<Record>, StoreFailed>;

    /// Returns the records with `from <= key <= to`, in the order of `key`.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    fn range(&self, table: Table, from: u64, to: u64) -> Result<Vec<Record>, StoreFailed>;

    /// Returns the days that have records, in order, [`PERMANENT`] last.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    fn days(&self) -> Result<Vec<UtcDay>, StoreFailed>;

    /// Erases every record of a day so that it cannot be read again.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the erasure is not durable.
    fn erase_day(&mut self, day: UtcDay) -> Result<(), StoreFailed>;

    /// Erases everything.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the erasure is not durable.
    fn erase_all(&mut self) -> Result<(), StoreFailed>;

    /// Returns all records of all tables as bytes that [`Store::restore`] reads.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    ///
    /// # Privacy
    ///
    /// Everything the device knows, unsealed, its own secret keys included.
    fn snapshot(&self) -> Result<Vec<u8>, StoreFailed> {
        let mut records = Vec::new();
        for table in Table::ALL {
            records.extend(self.range(table, 0, u64::MAX)?);
        }
        Ok(encode_records(&records))
    }

    /// Replaces everything by the records of a snapshot.
    ///
    /// # Errors
    ///
    /// [`StoreFailed::InvalidSnapshot`] when the bytes are no snapshot: nothing is changed then.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), StoreFailed> {
        let records = decode_records(snapshot).map_err(StoreFailed::InvalidSnapshot)?;
        self.erase_all()?;
        self.commit(records.into_iter().map(Change::Put).collect())
    }
}

/// Why a store refused; carries no content of any record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFailed {
    /// The medium failed or is full.
    #[error("the store's medium failed: {0}")]
    Medium(String),
    /// A record does not open under its key: wrong device key, or bytes changed.
    #[error("a record of the {} table does not open", .0.name())]
    Unreadable(Table),
    /// The snapshot's bytes are not records.
    #[error("the snapshot is not readable")]
    InvalidSnapshot(#[source] InvalidRecord),
    /// A value is longer than [`MAX_VALUE_BYTES`].
    #[error("a value of {0} bytes is too long")]
    TooLong(usize),
}
