//! Records in SQLite, sealed under one random key a UTC day.
//!
//! Values are sealed with ChaCha20-Poly1305; the day keys stand in a small file of their own (`<path>.keys`), sealed
//! under the device key and rewritten whole. Erasing a day first rewrites that file without the day's key: whatever the
//! database's free pages, its WAL or a backup of it still hold is unreadable from then on. The operating system's key
//! store wraps the device key; this module takes it as bytes. Table, number and day of a record stay visible.

use super::{Change, Record, Store, StoreFailed, Table, memory::check_lengths};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use protocol::time::UtcDay;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

const KEYS_MAGIC: &[u8; 8] = b"VLkeys1\n";
const NONCE_BYTES: usize = 12;
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS record (
    kind INTEGER NOT NULL,
    number INTEGER NOT NULL,
    day INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_by_day ON record (day);";

/// A sealed store in one database file and one file of day keys.
pub struct SqliteStore {
    connection: Connection,
    keys: DayKeys,
    rng: RefCell<ChaCha20Rng>,
}

impl SqliteStore {
    /// Opens or creates the store at `path`.
    ///
    /// * `device_key`: wraps the day keys; a wrong one is refused
    /// * `seed`: fresh random bytes, for day keys and nonces
    ///
    /// # Errors
    ///
    /// [`StoreFailed::Unreadable`] when the day keys do not open under `device_key`, [`StoreFailed::Medium`] otherwise.
    pub fn open(path: &Path, device_key: [u8; 32], seed: [u8; 32]) -> Result<Self, StoreFailed> {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let keys = DayKeys::open(path, device_key, &mut rng)?;
        let connection = Connection::open(path).map_err(medium)?;
        connection
            .execute_batch(
                "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA secure_delete=ON; PRAGMA journal_mode=WAL;
                 PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
            )
            .map_err(medium)?;
        connection.execute_batch(SCHEMA).map_err(medium)?;
        let mut store = Self {
            connection,
            keys,
            rng: RefCell::new(rng),
        };
        store.drop_days_without_key()?;
        Ok(store)
    }

    /// Finishes an erasure that was interrupted between the key file and the rows.
    fn drop_days_without_key(&mut self) -> Result<(), StoreFailed> {
        for day in self.days()? {
            if !self.keys.by_day.contains_key(&day.0) {
                self.connection
                    .execute("DELETE FROM record WHERE day = ?1", params![day.0])
                    .map_err(medium)?;
            }
        }
        Ok(())
    }

    fn sweep(&self) -> Result<(), StoreFailed> {
        self.connection
            .execute_batch("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(medium)
    }

    fn unseal(&self, sealed: Sealed) -> Result<Record, StoreFailed> {
        let table = Table::from_number(sealed.kind).ok_or_else(|| StoreFailed::Medium("unknown table".into()))?;
        let key = number(sealed.number);
        let unreadable = StoreFailed::Unreadable(table);
        let day_key = self.keys.by_day.get(&sealed.day).ok_or(unreadable.clone())?;
        let nonce: [u8; NONCE_BYTES] = sealed.nonce.as_slice().try_into().map_err(|_| unreadable.clone())?;
        let bound = bound_data(table, key, sealed.day);
        let value = cipher(day_key)
            .decrypt(
                &nonce.into(),
                Payload {
                    msg: &sealed.bytes,
                    aad: &bound,
                },
            )
            .map_err(|_| unreadable)?;
        Ok(Record {
            table,
            key,
            day: UtcDay(sealed.day),
            value,
        })
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreFailed> {
        check_lengths(&changes)?;
        let days = changes.iter().filter_map(|change| match change {
            Change::Put(record) => Some(record.day.0),
            Change::Remove { .. } => None,
        });
        let rng = self.rng.get_mut();
        self.keys.ensure(days, rng)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(medium)?;
        for change in changes {
            match change {
                Change::Put(record) => {
                    let nonce: [u8; NONCE_BYTES] = random(rng);
                    let bound = bound_data(record.table, record.key, record.day.0);
                    let sealed = cipher(&self.keys.by_day[&record.day.0])
                        .encrypt(
                            &nonce.into(),
                            Payload {
                                msg: &record.value,
                                aad: &bound,
                            },
                        )
                        .expect("values are far below the cipher's limit");
                    transaction
                        .prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5)")
                        .and_then(|mut put| {
                            put.execute(params![
                                record.table as u8,
                                column(record.key),
                                record.day.0,
                                nonce.as_slice(),
                                sealed
                            ])
                        })
                }
                Change::Remove { table, key } => transaction
                    .prepare_cached("DELETE FROM record WHERE kind = ?1 AND number = ?2")
                    .and_then(|mut delete| delete.execute(params![table as u8, column(key)])),
            }
            .map_err(medium)?;
        }
        transaction.commit().map_err(medium)
    }

    fn find(&self, table: Table, key: u64) -> Result<Option<Record>, StoreFailed> {
        let sealed = self
            .connection
            .prepare_cached("SELECT kind, number, day, nonce, sealed FROM record WHERE kind = ?1 AND number = ?2")
            .and_then(|mut select| {
                select
                    .query_row(params![table as u8, column(key)], Sealed::read)
                    .optional()
            })
            .map_err(medium)?;
        sealed.map(|sealed| self.unseal(sealed)).transpose()
    }

    fn range(&self, table: Table, from: u64, to: u64) -> Result<Vec<Record>, StoreFailed> {
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT kind, number, day, nonce, sealed FROM record
                 WHERE kind = ?1 AND number BETWEEN ?2 AND ?3 ORDER BY number",
            )
            .map_err(medium)?;
        let rows = select
            .query_map(params![table as u8, column(from), column(to)], Sealed::read)
            .map_err(medium)?;
        rows.map(|row| self.unseal(row.map_err(medium)?)).collect()
    }

    fn days(&self) -> Result<Vec<UtcDay>, StoreFailed> {
        let mut select = self
            .connection
            .prepare_cached("SELECT DISTINCT day FROM record ORDER BY day")
            .map_err(medium)?;
        let days = select.query_map([], |row| row.get(0).map(UtcDay)).map_err(medium)?;
        days.map(|day| day.map_err(medium)).collect()
    }

    fn erase_day(&mut self, day: UtcDay) -> Result<(), StoreFailed> {
        self.keys.destroy(Some(day.0), self.rng.get_mut())?;
        self.connection
            .execute("DELETE FROM record WHERE day = ?1", params![day.0])
            .map_err(medium)?;
        self.sweep()
    }

    fn erase_all(&mut self) -> Result<(), StoreFailed> {
        self.keys.destroy(None, self.rng.get_mut())?;
        self.connection.execute("DELETE FROM record", []).map_err(medium)?;
        self.sweep()
    }
}

struct Sealed {
    kind: u8,
    number: i64,
    day: u32,
    nonce: Vec<u8>,
    bytes: Vec<u8>,
}

impl Sealed {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            kind: row.get(0)?,
            number: row.get(1)?,
            day: row.get(2)?,
            nonce: row.get(3)?,
            bytes: row.get(4)?,
        })
    }
}

/// The day keys and the file that holds them.
struct DayKeys {
    path: PathBuf,
    device_key: [u8; 32],
    by_day: BTreeMap<u32, [u8; 32]>,
}

impl DayKeys {
    fn open(database: &Path, device_key: [u8; 32], rng: &mut ChaCha20Rng) -> Result<Self, StoreFailed> {
        let mut path = database.as_os_str().to_owned();
        path.push(".keys");
        let mut keys = Self {
            path: path.into(),
            device_key,
            by_day: BTreeMap::new(),
        };
        match fs::read(&keys.path) {
            Ok(bytes) => keys.by_day = keys.unseal(&bytes).ok_or(StoreFailed::Unreadable(Table::State))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => keys.write(rng)?,
            Err(error) => return Err(medium(error)),
        }
        Ok(keys)
    }

    fn unseal(&self, bytes: &[u8]) -> Option<BTreeMap<u32, [u8; 32]>> {
        let (nonce, sealed) = bytes.strip_prefix(KEYS_MAGIC)?.split_first_chunk::<NONCE_BYTES>()?;
        let message = Payload {
            msg: sealed,
            aad: KEYS_MAGIC,
        };
        let plain = cipher(&self.device_key).decrypt(&(*nonce).into(), message).ok()?;
        plain
            .chunks(36)
            .map(|entry| {
                let (day, key) = entry.split_first_chunk::<4>()?;
                Some((u32::from_le_bytes(*day), key.try_into().ok()?))
            })
            .collect()
    }

    /// Writes the file whole and puts it in place of the old one.
    fn write(&self, rng: &mut ChaCha20Rng) -> Result<(), StoreFailed> {
        let plain: Vec<u8> = self
            .by_day
            .iter()
            .flat_map(|(day, key)| day.to_le_bytes().into_iter().chain(*key))
            .collect();
        let nonce: [u8; NONCE_BYTES] = random(rng);
        let sealed = cipher(&self.device_key)
            .encrypt(
                &nonce.into(),
                Payload {
                    msg: &plain,
                    aad: KEYS_MAGIC,
                },
            )
            .expect("a few day keys are far below the cipher's limit");
        let next = self.path.with_extension("keys.next");
        let write = || {
            let mut file = fs::File::create(&next)?;
            file.write_all(&[KEYS_MAGIC.as_slice(), &nonce, &sealed].concat())?;
            file.sync_all()?;
            fs::rename(&next, &self.path)?;
            fs::File::open(
                self.path
                    .parent()
                    .filter(|dir| !dir.as_os_str().is_empty())
                    .unwrap_or(Path::new(".")),
            )?
            .sync_all()
        };
        write().map_err(medium)
    }

    fn ensure(&mut self, days: impl Iterator<Item = u32>, rng: &mut ChaCha20Rng) -> Result<(), StoreFailed> {
        let before = self.by_day.len();
        for day in days {
            self.by_day.entry(day).or_insert_with(|| random(rng));
        }
        if self.by_day.len() == before {
            Ok(())
        } else {
            self.write(rng)
        }
    }

    fn destroy(&mut self, day: Option<u32>, rng: &mut ChaCha20Rng) -> Result<(), StoreFailed> {
        match day {
            Some(day) => drop(self.by_day.remove(&day)),
            None => self.by_day.clear(),
        }
        self.write(rng)
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*key).into())
}

fn bound_data(table: Table, key: u64, day: u32) -> [u8; 13] {
    let mut bound = [0; 13];
    bound[0] = table as u8;
    bound[1..9].copy_from_slice(&key.to_le_bytes());
    bound[9..].copy_from_slice(&day.to_le_bytes());
    bound
}

fn random<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// SQLite's integers are signed: shifting the number keeps the order.
fn column(key: u64) -> i64 {
    (key ^ (1 << 63)).cast_signed()
}

fn number(column: i64) -> u64 {
    column.cast_unsigned() ^ (1 << 63)
}

fn medium(error: impl std::fmt::Display) -> StoreFailed {
    StoreFailed::Medium(error.to_string())
}
