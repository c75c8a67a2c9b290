//! A store whose records a host keeps: the browser writes each batch of changes to IndexedDB in one transaction.
//!
//! Nothing here waits for the host, so a commit is durable only once its batch is acknowledged. The host therefore
//! writes and acknowledges before it acts on the answer of the call that made the changes (before it sends a request,
//! above all). Until then the batch is handed out again, merged with newer changes: a failed write loses nothing.

use super::{Change, Record, Store, StoreFailed, Table, memory::MemoryStore, memory::check_lengths};
use protocol::time::UtcDay;
use std::collections::BTreeMap;

/// A store in memory that also lists what its host has still to write.
#[derive(Clone, Debug, Default)]
pub struct JournalStore {
    held: MemoryStore,
    /// Whether the host must first drop everything it has.
    clear: bool,
    /// What became of each touched record (`None`: removed), with the number of its change.
    touched: BTreeMap<(Table, u64), (u64, Option<Record>)>,
    cleared_at: u64,
    changes: u64,
}

/// Changes the host has to write in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Number to acknowledge.
    pub number: u64,
    /// Whether everything held must be dropped before.
    pub clear: bool,
    /// Records to write.
    pub put: Vec<Record>,
    /// Records to remove.
    pub remove: Vec<(Table, u64)>,
}

impl JournalStore {
    /// Returns the store that holds what the host has kept.
    pub fn from_records(records: Vec<Record>) -> Self {
        Self {
            held: MemoryStore::from_records(records),
            ..Self::default()
        }
    }

    /// Returns every change not acknowledged yet, `None` when there is none.
    pub fn batch(&self) -> Option<Batch> {
        if !self.clear && self.touched.is_empty() {
            return None;
        }
        let mut batch = Batch {
            number: self.changes,
            clear: self.clear,
            put: Vec::new(),
            remove: Vec::new(),
        };
        for (&id, (_, record)) in &self.touched {
            match record {
                Some(record) => batch.put.push(record.clone()),
                None => batch.remove.push(id),
            }
        }
        Some(batch)
    }

    /// Forgets the changes of a batch that the host has written.
    pub fn acknowledge(&mut self, number: u64) {
        self.touched.retain(|_, (change, _)| *change > number);
        if self.cleared_at <= number {
            self.clear = false;
        }
    }

    fn touch(&mut self, id: (Table, u64), record: Option<Record>) {
        self.changes += 1;
        self.touched.insert(id, (self.changes, record));
    }
}

impl Store for JournalStore {
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreFailed> {
        check_lengths(&changes)?;
        for change in &changes {
            match change {
                Change::Put(record) => self.touch((record.table, record.key), Some(record.clone())),
                Change::Remove { table, key } => self.touch((*table, *key), None),
            }
        }
        self.held.commit(changes)
    }

    fn find(&self, table: Table, key: u64) -> Result<Option<Record>, StoreFailed> {
        self.held.find(table, key)
    }

    fn range(&self, table: Table, from: u64, to: u64) -> Result<Vec<Record>, StoreFailed> {
        self.held.range(table, from, to)
    }

    fn days(&self) -> Result<Vec<UtcDay>, StoreFailed> {
        self.held.days()
    }

    fn erase_day(&mut self, day: UtcDay) -> Result<(), StoreFailed> {
        for table in Table::ALL {
            for record in self.held.range(table, 0, u64::MAX)? {
                if record.day == day {
                    self.touch((table, record.key), None);
                }
            }
        }
        self.held.erase_day(day)
    }

    fn erase_all(&mut self) -> Result<(), StoreFailed> {
        self.changes += 1;
        self.touched.clear();
        self.clear = true;
        self.cleared_at = self.changes;
        self.held.erase_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u64, value: &[u8]) -> Change {
        Change::Put(Record {
            table: Table::State,
            key,
            day: UtcDay(3),
            value: value.to_vec(),
        })
    }

    #[test]
    fn a_batch_is_handed_out_until_it_is_acknowledged() {
        let mut store = JournalStore::default();
        store.commit(vec![put(1, b"a"), put(2, b"b")]).unwrap();
        let first = store.batch().unwrap();
        store
            .commit(vec![
                put(2, b"c"),
                Change::Remove {
                    table: Table::State,
                    key: 9,
                },
            ])
            .unwrap();
        store.acknowledge(first.number);
        let second = store.batch().unwrap();
        assert_eq!((second.put.len(), second.put[0].value.as_slice()), (1, b"c".as_slice()));
        assert_eq!(second.remove, [(Table::State, 9)]);
        store.acknowledge(second.number);
        assert_eq!(store.batch(), None);
    }

    #[test]
    fn writing_every_batch_to_a_second_store_gives_the_same_records() {
        let (mut store, mut host) = (JournalStore::default(), MemoryStore::default());
        let mut write = |store: &mut JournalStore| {
            let batch = store.batch().unwrap();
            if batch.clear {
                host.erase_all().unwrap();
            }
            host.commit(batch.put.into_iter().map(Change::Put).collect()).unwrap();
            host.commit(
                batch
                    .remove
                    .into_iter()
                    .map(|(table, key)| Change::Remove { table, key })
                    .collect(),
            )
            .unwrap();
            store.acknowledge(batch.number);
            assert_eq!(host.snapshot(), store.snapshot());
        };
        store.commit(vec![put(1, b"a"), put(2, b"b")]).unwrap();
        write(&mut store);
        store.erase_all().unwrap();
        store.commit(vec![put(4, b"d")]).unwrap();
        write(&mut store);
        store.erase_day(UtcDay(3)).unwrap();
        write(&mut store);
    }
}
