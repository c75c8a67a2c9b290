//! The conformance suite on every store, and what the sealed store leaves readable: nothing.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use device::store::{
    Change, PERMANENT, Record, Store, StoreFailed, Table, conformance, decode_records, journal::JournalStore,
    memory::MemoryStore, sqlite::SqliteStore,
};
use protocol::time::UtcDay;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vunglam-device-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn database(&self) -> PathBuf {
        self.0.join("device.sqlite")
    }

    fn open(&self, device_key: u8) -> Result<SqliteStore, StoreFailed> {
        static SEED: AtomicU32 = AtomicU32::new(1);
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&SEED.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        SqliteStore::open(&self.database(), [device_key; 32], seed)
    }

    /// Returns every byte of every file in the folder.
    fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(&self.0).unwrap();
        files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn marker(day: u32, n: u32) -> Vec<u8> {
    format!("<<marker {day} {n}>>").into_bytes()
}

fn readable(bytes: &[u8]) -> usize {
    bytes.windows(9).filter(|window| window == b"<<marker ").count()
}

fn record(day: u32, n: u32) -> Change {
    let key = u64::from(day * 1000 + n);
    Change::Put(Record {
        table: Table::Sightings,
        key,
        day: UtcDay(day),
        value: marker(day, n).repeat(20),
    })
}

#[test]
fn the_memory_store_conforms() {
    conformance::check(MemoryStore::default, |store| store);
}

#[test]
fn the_journal_of_a_host_conforms() {
    // The host: writes each batch, then gives the store back from what it wrote.
    let reopen = |mut store: JournalStore| {
        let mut host = MemoryStore::default();
        if let Some(batch) = store.batch() {
            host.commit(batch.put.into_iter().map(Change::Put).collect()).unwrap();
            store.acknowledge(batch.number);
        }
        JournalStore::from_records(decode_records(&host.snapshot().unwrap()).unwrap())
    };
    conformance::check(JournalStore::default, reopen);
}

#[test]
fn the_sealed_store_conforms() {
    let folders = std::cell::RefCell::new(Vec::new());
    let fresh = || {
        let folder = Folder::new();
        let store = folder.open(1).unwrap();
        folders.borrow_mut().push(folder);
        store
    };
    let reopen = |store: SqliteStore| {
        drop(store);
        // The suite reopens the store it made last.
        folders.borrow().last().unwrap().open(1).unwrap()
    };
    conformance::check(fresh, reopen);
}

#[test]
fn nothing_stored_is_readable_in_any_file() {
    let folder = Folder::new();
    let mut store = folder.open(1).unwrap();
    for day in 0..20 {
        store.commit((0..200).map(|n| record(day, n)).collect()).unwrap();
    }
    assert_eq!(readable(&folder.bytes()), 0, "while open, -wal included");
    for day in 0..10 {
        store.erase_day(UtcDay(day)).unwrap();
    }
    drop(store);
    let bytes = folder.bytes();
    assert_eq!(readable(&bytes), 0);
    assert!(bytes.len() > 500_000, "the search must have something to search");
    assert_eq!(readable(&marker(1, 1)), 1, "the search must find a marker");
}

#[test]
fn an_erased_days_old_files_do_not_open_again() {
    // The attacker holds a copy of the database from before the erasure, and the device key.
    let folder = Folder::new();
    let mut store = folder.open(1).unwrap();
    store.commit(vec![record(3, 1), record(4, 1)]).unwrap();
    drop(store);
    let copy = fs::read(folder.database()).unwrap();
    let mut store = folder.open(1).unwrap();
    store.erase_day(UtcDay(3)).unwrap();
    drop(store);
    for file in ["device.sqlite-wal", "device.sqlite-shm"] {
        let _ = fs::remove_file(folder.0.join(file));
    }
    fs::write(folder.database(), copy).unwrap();
    let store = folder.open(1).unwrap();
    assert_eq!(store.days(), Ok(vec![UtcDay(4)]), "rows without a key are dropped");
}

#[test]
fn another_device_key_opens_nothing() {
    let folder = Folder::new();
    let mut store = folder.open(1).unwrap();
    store.commit(vec![record(3, 1)]).unwrap();
    drop(store);
    assert!(matches!(folder.open(2), Err(StoreFailed::Unreadable(_))));
    assert_eq!(folder.open(1).unwrap().days(), Ok(vec![UtcDay(3)]));
}

#[test]
fn a_sealed_value_moved_to_another_place_does_not_open() {
    let folder = Folder::new();
    let mut store = folder.open(1).unwrap();
    store.commit(vec![record(3, 1), record(3, 2)]).unwrap();
    drop(store);
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    let swap = "UPDATE record SET (nonce, sealed) =
        (SELECT nonce, sealed FROM record AS other WHERE other.number <> record.number)
        WHERE number = (SELECT min(number) FROM record)";
    assert_eq!(connection.execute(swap, []).unwrap(), 1);
    drop(connection);
    let store = folder.open(1).unwrap();
    assert_eq!(
        store.find(Table::Sightings, 3001),
        Err(StoreFailed::Unreadable(Table::Sightings))
    );
    assert!(store.find(Table::Sightings, 3002).unwrap().is_some());
}

#[test]
fn the_database_is_set_up_as_documented() {
    let folder = Folder::new();
    let mut store = folder.open(1).unwrap();
    store
        .commit(vec![Change::Put(Record {
            table: Table::State,
            key: 1,
            day: PERMANENT,
            value: vec![1],
        })])
        .unwrap();
    drop(store);
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, String>(0));
    assert_eq!(pragma("journal_mode").unwrap(), "wal");
    assert_eq!(
        connection
            .query_row("PRAGMA auto_vacuum", [], |row| row.get::<_, i64>(0))
            .unwrap(),
        2
    );
    assert!(Path::new(&folder.0.join("device.sqlite.keys")).exists());
}
