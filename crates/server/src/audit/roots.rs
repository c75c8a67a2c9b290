//! Signed roots that join the chains of all processes, and their copy in a file (docs/spec/audit.md A14–A16).

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use protocol::signature::SecretKey;
use serde::{Deserialize, Serialize};

use super::chain::{Chain, Hash, Root, RootHead, StoredRoot, WriterId, root_genesis};
use super::store;
use crate::db::{Db, Tx, transaction};
use crate::error::ServiceError;

/// Roots read at once.
const PAGE: i64 = 1000;
const UNPOISONED: &str = "no holder of this lock can panic";

/// What this process knows of the roots, and where it copies them.
#[derive(Default)]
pub(super) struct Roots {
    known: Mutex<Known>,
    file: Mutex<Option<PathBuf>>,
}

/// What the roots up to one say together.
#[derive(Clone)]
struct Known {
    number: i64,
    hour: i64,
    hash: Hash,
    lengths: HashMap<WriterId, i64>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            number: 0,
            hour: i64::MIN,
            hash: root_genesis(),
            lengths: HashMap::new(),
        }
    }
}

impl Known {
    /// Takes in what other processes signed meanwhile.
    async fn catch_up(&mut self, tx: &mut Tx) -> Result<(), ServiceError> {
        loop {
            let page = store::roots_after(tx, self.number, PAGE).await?;
            for stored in &page {
                let root = Root::read(&stored.line);
                self.take(
                    stored,
                    &root.ok_or(ServiceError::Internal("a root of the audit cannot be read"))?,
                );
            }
            if (page.len() as i64) < PAGE {
                return Ok(());
            }
        }
    }

    fn take(&mut self, stored: &StoredRoot, root: &Root) {
        (self.number, self.hour, self.hash) = (stored.number, root.hour, stored.hash);
        for head in &root.heads {
            if let Some(writer) = writer_of(head) {
                self.lengths.insert(writer, head.length);
            }
        }
    }

    fn next(&self, hour: i64, chains: &[Chain]) -> Root {
        let grown = |chain: &&Chain| self.lengths.get(&chain.writer) != Some(&chain.length);
        let head = |chain: &Chain| RootHead {
            head: hex::encode(chain.head),
            length: chain.length,
            writer: hex::encode(chain.writer),
        };
        Root {
            heads: chains.iter().filter(grown).map(head).collect(),
            hour,
            number: self.number + 1,
            prev: hex::encode(self.hash),
            v: 1,
        }
    }
}

/// Returns a head's writer, if it is written as it should be.
pub(super) fn writer_of(head: &RootHead) -> Option<WriterId> {
    hex::decode(&head.writer).ok()?.try_into().ok()
}

impl Roots {
    pub(super) fn copy_to(&self, file: PathBuf) {
        *self.file.lock().expect(UNPOISONED) = Some(file);
    }

    /// Signs the root of `hour` over all chains; `None` when there is one already. Killed anywhere, it leaves a root
    /// or none.
    pub(super) async fn sign(&self, db: &Db, key: &SecretKey, hour: i64) -> Result<Option<StoredRoot>, ServiceError> {
        let start = self.known.lock().expect(UNPOISONED).clone();
        let (known, signed) = transaction!(db, "sign audit root", |tx| {
            let mut known = start.clone();
            known.catch_up(tx).await?;
            if known.hour >= hour {
                return Ok((known, None));
            }
            let root = known.next(hour, &store::chains(tx).await?);
            let stored = StoredRoot::sign(key, &root);
            store::insert_root(tx, &stored).await?;
            known.take(&stored, &root);
            Ok((known, Some(stored)))
        })?;
        *self.known.lock().expect(UNPOISONED) = known;
        Ok(signed)
    }

    /// Appends the roots that the file lacks.
    pub(super) async fn copy(&self, db: &Db) -> Result<(), ServiceError> {
        let Some(file) = self.file.lock().expect(UNPOISONED).clone() else {
            return Ok(());
        };
        let last = on_disk({
            let file = file.clone();
            move || repaired_end(&file)
        })
        .await?;
        let mut tx = db.begin_reading().await?;
        let mut number = last;
        loop {
            let page = store::roots_after(&mut tx, number, PAGE).await?;
            let Some(newest) = page.last() else {
                break;
            };
            number = newest.number;
            let text: String = page.iter().map(|root| root.json() + "\n").collect();
            let file = file.clone();
            on_disk(move || append(&file, &text)).await?;
        }
        Ok(())
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    match done {
        Ok(Ok(value)) => Ok(value),
        _ => Err(ServiceError::Unavailable {
            what: "the file of audit roots",
        }),
    }
}

fn append(file: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Returns the number of the file's last root, 0 without any. A last line that a crash tore is cut off.
fn repaired_end(file: &Path) -> io::Result<i64> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or(0, |at| at + 1);
    if whole < text.len() {
        let file = std::fs::OpenOptions::new().write(true).open(file)?;
        file.set_len(whole as u64)?;
    }
    let last = text[..whole].lines().next_back().and_then(RootCopy::parse);
    match (last, whole) {
        (Some(root), _) => Ok(root.number),
        (None, 0) => Ok(0),
        (None, _) => Err(io::Error::new(io::ErrorKind::InvalidData, "the last line is no root")),
    }
}

/// A root outside the database.
pub type RootCopy = StoredRoot;

/// A root as a line of JSON, in the file of roots and in an export.
#[derive(Serialize, Deserialize)]
struct RootJson {
    hash: String,
    kind: String,
    line: String,
    number: i64,
    signature: String,
}

impl StoredRoot {
    /// Returns the hour it is of, in Unix seconds; nothing when it is not written as a root is.
    pub fn hour(&self) -> Option<i64> {
        Some(Root::read(&self.line)?.hour)
    }

    /// Writes the root as one line of JSON.
    pub fn json(&self) -> String {
        let json = RootJson {
            hash: hex::encode(self.hash),
            kind: "root".to_owned(),
            line: self.line.clone(),
            number: self.number,
            signature: hex::encode(self.signature),
        };
        serde_json::to_string(&json).expect("strings and integers always serialise")
    }

    /// Reads what [`StoredRoot::json`] wrote. Nothing is verified.
    pub fn parse(text: &str) -> Option<Self> {
        let json: RootJson = serde_json::from_str(text).ok()?;
        Some(Self {
            number: json.number,
            line: json.line,
            hash: hex::decode(json.hash).ok()?.try_into().ok()?,
            signature: hex::decode(json.signature).ok()?.try_into().ok()?,
        })
    }
}

/// Reads a file of roots.
///
/// # Errors
///
/// The number of the first line that is none.
pub fn read_copies(text: &str) -> Result<Vec<RootCopy>, usize> {
    let lines = text.lines().zip(1..);
    lines
        .map(|(line, number)| RootCopy::parse(line).ok_or(number))
        .collect()
}

/// Returns the newest root, to be kept off the machine.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn newest_root(db: &Db) -> Result<Option<RootCopy>, ServiceError> {
    Ok(store::newest_root(db).await?)
}

/// Returns the hour of the newest signed root, as Unix seconds; `None` before the first.
///
/// # Errors
///
/// [`ServiceError::Database`]; [`ServiceError::Internal`] for a root that cannot be read.
pub async fn newest_root_hour(db: &Db) -> Result<Option<i64>, ServiceError> {
    let Some(stored) = store::newest_root(db).await? else {
        return Ok(None);
    };
    let root = Root::read(&stored.line).ok_or(ServiceError::Internal("a stored root cannot be read"))?;
    Ok(Some(root.hour))
}
