//! The audit as a file that verifies without us (docs/spec/audit.md A20): one JSON object a line.

use std::io::{self, Write};

use protocol::signature::SecretKey;
use protocol::time::UnixSeconds;
use serde_json::{Value, json};

use super::chain::{Chain, Pruned, Range, StoredEntry, StoredObject, WriterId, genesis};
use super::store;
use super::verify::verify;
use crate::db::{Db, DbError, Tx};
use crate::error::ServiceError;

/// Rows read at once.
const PAGE: i64 = 2000;

/// Why an export was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file cannot be written.
    #[error("the file cannot be written")]
    Write(#[from] io::Error),
    /// The audit cannot be read.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A part can only be signed for out of a whole audit.
    #[error("the audit has {0} flaws: export it whole, so that they can be seen")]
    Broken(u64),
}

impl From<DbError> for ExportError {
    fn from(error: DbError) -> Self {
        Self::Service(error.into())
    }
}

/// A time that an export is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// Not before.
    pub from: UnixSeconds,
    /// Before.
    pub until: UnixSeconds,
}

/// What an export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Chains.
    pub chains: u64,
    /// Lines.
    pub entries: u64,
    /// Rows that tie lines to people.
    pub objects: u64,
    /// Roots.
    pub roots: u64,
}

/// Writes the audit to `out`: all of it as it is stored, or the lines of a time, whose place in their chains is then
/// signed with `key`. Memory does not grow with the number of lines.
///
/// # Errors
///
/// [`ExportError`]; what was written until then is no export.
pub async fn export(
    db: &Db,
    key: &SecretKey,
    within: Option<Within>,
    out: &mut (dyn Write + Send),
) -> Result<Exported, ExportError> {
    if within.is_some() {
        let report = verify(db, &key.public_key(), &[]).await?;
        if !report.is_whole() {
            return Err(ExportError::Broken(report.flaws));
        }
    }
    let mut file = File {
        tx: db.begin_reading().await?,
        out,
        done: Exported::default(),
    };
    let header = json!({"kind": "header", "format": "vunglam audit 1", "public_key": key.public_key().to_pem(),
        "from": within.map(|w| w.from.0), "until": within.map(|w| w.until.0)});
    file.put(&header)?;
    file.roots().await?;
    match within {
        None => file.whole().await?,
        Some(within) => file.part(key, within).await?,
    }
    let done = file.done;
    file.put(
        &json!({"kind": "end", "chains": done.chains, "entries": done.entries, "objects": done.objects,
        "roots": done.roots}),
    )?;
    file.out.flush()?;
    file.tx.commit().await.map_err(DbError::from)?;
    Ok(done)
}

struct File<'a> {
    tx: Tx,
    out: &'a mut (dyn Write + Send),
    done: Exported,
}

impl File<'_> {
    fn put(&mut self, value: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, value)?;
        self.out.write_all(b"\n")
    }

    fn chain(&mut self, chain: &Chain) -> io::Result<()> {
        self.done.chains += 1;
        self.put(
            &json!({"kind": "chain", "writer": hex::encode(chain.writer), "length": chain.length,
            "head": hex::encode(chain.head), "signature": hex::encode(chain.signature)}),
        )
    }

    fn entry(&mut self, entry: &StoredEntry) -> io::Result<()> {
        self.done.entries += 1;
        self.put(
            &json!({"kind": "entry", "writer": hex::encode(entry.writer), "seq": entry.seq, "at": entry.at_s,
            "actor": entry.actor, "action": entry.action, "outcome": entry.outcome, "line": entry.line,
            "hash": hex::encode(entry.hash)}),
        )
    }

    fn object(&mut self, object: &StoredObject) -> io::Result<()> {
        self.done.objects += 1;
        self.put(
            &json!({"kind": "object", "writer": hex::encode(object.writer), "seq": object.seq,
            "object": hex::encode(object.object_hmac), "at": object.at_s}),
        )
    }

    async fn whole(&mut self) -> Result<(), ExportError> {
        for chain in store::chains(&mut self.tx).await? {
            self.chain(&chain)?;
        }
        for pruned in store::pruned(&mut self.tx).await? {
            let Pruned {
                writer,
                seq,
                hash,
                signature,
            } = pruned;
            self.put(&json!({"kind": "pruned", "writer": hex::encode(writer), "seq": seq,
                "hash": hex::encode(hash), "signature": hex::encode(signature)}))?;
        }
        self.entries([0; 16], 0, None).await?;
        self.objects([0; 16], i64::MIN, None).await
    }

    async fn part(&mut self, key: &SecretKey, within: Within) -> Result<(), ExportError> {
        let pruned = store::pruned(&mut self.tx).await?;
        for chain in store::chains(&mut self.tx).await? {
            let writer = chain.writer;
            let numbers = store::numbers_within(&mut self.tx, &writer, within.from.0, within.until.0).await?;
            let Some((from_seq, to_seq)) = numbers else { continue };
            let before = match pruned.iter().find(|p| (p.writer, p.seq) == (writer, from_seq - 1)) {
                Some(pruned) => Some(pruned.hash),
                None if from_seq == 1 => Some(genesis(&writer)),
                None => store::hash_at(&mut self.tx, &writer, from_seq - 1).await?,
            };
            let after = store::hash_at(&mut self.tx, &writer, to_seq).await?;
            let (before, after) = before
                .zip(after)
                .ok_or(ServiceError::Internal("the audit changed while it was exported"))?;
            let range = Range {
                writer,
                from_seq,
                to_seq,
                before,
                after,
            };
            self.chain(&chain)?;
            self.put(
                &json!({"kind": "range", "writer": hex::encode(writer), "from_seq": from_seq, "to_seq": to_seq,
                "before": hex::encode(before), "after": hex::encode(after),
                "signature": hex::encode(range.sign(key))}),
            )?;
            self.entries(writer, from_seq - 1, Some((writer, to_seq))).await?;
            self.objects(writer, from_seq, Some((writer, to_seq))).await?;
        }
        Ok(())
    }

    /// Writes the lines after a place, up to `last` or to the end.
    async fn entries(
        &mut self,
        mut writer: WriterId,
        mut seq: i64,
        last: Option<(WriterId, i64)>,
    ) -> Result<(), ExportError> {
        loop {
            let page = store::entries_after(&mut self.tx, &writer, seq, PAGE).await?;
            let Some(newest) = page.last() else { return Ok(()) };
            (writer, seq) = (newest.writer, newest.seq);
            for entry in &page {
                if last.is_some_and(|last| (entry.writer, entry.seq) > last) {
                    return Ok(());
                }
                self.entry(entry)?;
            }
        }
    }

    async fn objects(
        &mut self,
        writer: WriterId,
        from_seq: i64,
        last: Option<(WriterId, i64)>,
    ) -> Result<(), ExportError> {
        let mut place = StoredObject {
            writer,
            seq: from_seq,
            object_hmac: [0; 16],
            at_s: 0,
        };
        loop {
            let page = store::objects_after(&mut self.tx, &place, PAGE).await?;
            let Some(newest) = page.last() else { return Ok(()) };
            place = newest.clone();
            for object in &page {
                if last.is_some_and(|last| (object.writer, object.seq) > last) {
                    return Ok(());
                }
                self.object(object)?;
            }
        }
    }

    async fn roots(&mut self) -> Result<(), ExportError> {
        let mut number = 0;
        loop {
            let page = store::roots_after(&mut self.tx, number, PAGE).await?;
            let Some(newest) = page.last() else { return Ok(()) };
            number = newest.number;
            for root in &page {
                self.done.roots += 1;
                writeln!(self.out, "{}", root.json())?;
            }
        }
    }
}
