//! Records in memory: for the simulator, for tests and under the browser's journal.

use super::{Change, MAX_VALUE_BYTES, Record, Store, StoreFailed, Table};
use protocol::time::UtcDay;
use std::collections::{BTreeMap, BTreeSet};

/// A store that ends with the process.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    records: BTreeMap<(Table, u64), Held>,
}

#[derive(Clone, Debug)]
struct Held {
    day: UtcDay,
    value: Vec<u8>,
}

impl MemoryStore {
    /// Returns the store that holds these records.
    pub fn from_records(records: Vec<Record>) -> Self {
        let records = records
            .into_iter()
            .map(|record| ((record.table, record.key), Held::from(record)))
            .collect();
        Self { records }
    }
}

impl From<Record> for Held {
    fn from(record: Record) -> Self {
        Self {
            day: record.day,
            value: record.value,
        }
    }
}

fn record((&(table, key), held): (&(Table, u64), &Held)) -> Record {
    Record {
        table,
        key,
        day: held.day,
        value: held.value.clone(),
    }
}

/// Refuses a commit that holds a value longer than any store takes.
pub(super) fn check_lengths(changes: &[Change]) -> Result<(), StoreFailed> {
    let too_long = changes.iter().find_map(|change| match change {
        Change::Put(record) if record.value.len() > MAX_VALUE_BYTES => Some(record.value.len()),
        _ => None,
    });
    too_long.map_or(Ok(()), |length| Err(StoreFailed::TooLong(length)))
}

impl Store for MemoryStore {
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreFailed> {
        check_lengths(&changes)?;
        for change in changes {
            match change {
                Change::Put(record) => self.records.insert((record.table, record.key), Held::from(record)),
                Change::Remove { table, key } => self.records.remove(&(table, key)),
            };
        }
        Ok(())
    }

    fn find(&self, table: Table, key: u64) -> Result<Option<Record>, StoreFailed> {
        Ok(self.records.get_key_value(&(table, key)).map(record))
    }

    fn range(&self, table: Table, from: u64, to: u64) -> Result<Vec<Record>, StoreFailed> {
        if from > to {
            return Ok(Vec::new());
        }
        Ok(self.records.range((table, from)..=(table, to)).map(record).collect())
    }

    fn days(&self) -> Result<Vec<UtcDay>, StoreFailed> {
        let days: BTreeSet<UtcDay> = self.records.values().map(|held| held.day).collect();
        Ok(days.into_iter().collect())
    }

    fn erase_day(&mut self, day: UtcDay) -> Result<(), StoreFailed> {
        self.records.retain(|_, held| held.day != day);
        Ok(())
    }

    fn erase_all(&mut self) -> Result<(), StoreFailed> {
        self.records.clear();
        Ok(())
    }
}
