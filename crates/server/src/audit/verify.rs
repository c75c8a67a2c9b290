//! Checks the whole audit against its signatures, in one pass and in bounded memory (docs/spec/audit.md A17).

mod check;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::signature::PublicKey;
use serde::Serialize;

use self::check::Check;
use super::chain::{StoredObject, WriterId};
use super::roots::RootCopy;
use super::store;
use crate::db::{Db, Tx};
use crate::error::ServiceError;

/// Rows read at once.
const PAGE: i64 = 2000;
/// Most flaws told one by one; all are counted.
pub(super) const TOLD: usize = 100;

/// What a check of the whole audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Chains, one for each start of a writing process.
    pub chains: u64,
    /// Lines read.
    pub entries: u64,
    /// Lines erased for age, by signed statements.
    pub pruned: u64,
    /// Rows that tie lines to people.
    pub objects: u64,
    /// Roots.
    pub roots: u64,
    /// Roots of a copy that were compared.
    pub copies: u64,
    /// Hour of the newest root, in Unix seconds.
    pub newest_root: Option<i64>,
    /// How many flaws there are.
    pub flaws: u64,
    /// The first of them.
    pub told: Vec<Flaw>,
}

impl Report {
    /// Tells whether the audit is as it was written.
    pub fn is_whole(&self) -> bool {
        self.flaws == 0
    }
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// Whose chain, in hexadecimal; none for a root.
    pub writer: Option<String>,
    /// Number of the line or root.
    pub number: i64,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawKind {
    /// A line and its hash do not fit the line before.
    EntryChanged,
    /// Lines are missing before this one.
    EntryMissing,
    /// A line stands where the signed chain has none.
    EntryExtra,
    /// The columns by which a line is found are not the line's, or the line cannot be read.
    ColumnsDiffer,
    /// The last line is not the signed head.
    HeadDiffers,
    /// The chain ends before its signed length, or before what a root says.
    ChainShort,
    /// The signature of the head does not hold.
    ChainForged,
    /// A chain that has lines or that a root names has no signed head.
    ChainMissing,
    /// The statement of erasure does not hold.
    PrunedForged,
    /// A line that a root signed is another.
    RootDisagrees,
    /// The signature or the form of a root does not hold, or it does not follow the root before.
    RootForged,
    /// A root is missing that another root, a line or a copy names.
    RootMissing,
    /// A person's list lacks a line.
    ObjectMissing,
    /// A person's list has a line that does not name the person.
    ObjectExtra,
}

impl FlawKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::EntryChanged,
        Self::EntryMissing,
        Self::EntryExtra,
        Self::ColumnsDiffer,
        Self::HeadDiffers,
        Self::ChainShort,
        Self::ChainForged,
        Self::ChainMissing,
        Self::PrunedForged,
        Self::RootDisagrees,
        Self::RootForged,
        Self::RootMissing,
        Self::ObjectMissing,
        Self::ObjectExtra,
    ];

    /// Returns its word, as in JSON: `entry_changed`.
    pub fn word(self) -> String {
        let word = serde_json::to_value(self).ok();
        word.and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Says it in a plain sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::EntryChanged => "the line was changed, moved or put in",
            Self::EntryMissing => "lines before this one are missing",
            Self::EntryExtra => "the line is not part of the signed chain",
            Self::ColumnsDiffer => "the line is found under another time, actor, action or outcome than its own",
            Self::HeadDiffers => "the last line is not the one that was signed",
            Self::ChainShort => "the chain is shorter than what was signed",
            Self::ChainForged => "the chain's head is not signed by the audit's key",
            Self::ChainMissing => "the chain's signed head is missing",
            Self::PrunedForged => "lines were erased without a signed statement",
            Self::RootDisagrees => "the line is another than the one an hourly root signed",
            Self::RootForged => "the root is not signed by the audit's key or does not follow the root before",
            Self::RootMissing => "a root is missing that was recorded, kept elsewhere, or named by the root after it",
            Self::ObjectMissing => "a person's list lacks this line",
            Self::ObjectExtra => "a person's list has this line and the line does not name the person",
        }
    }
}

/// Checks everything against `key`, and the roots against `copies` that were kept elsewhere. Writers go on meanwhile;
/// what they add is not looked at.
///
/// # Errors
///
/// [`ServiceError::Database`]. What is wrong with the audit is in the report.
///
/// # Cost
///
/// One pass over all rows, a page at a time; memory grows only with the number of chains and roots.
pub async fn verify(db: &Db, key: &PublicKey, copies: &[RootCopy]) -> Result<Report, ServiceError> {
    verify_counting(db, key, copies, &AtomicU64::new(0)).await
}

/// Does the same and says on the way how many lines it has read.
pub(super) async fn verify_counting(
    db: &Db,
    key: &PublicKey,
    copies: &[RootCopy],
    read: &AtomicU64,
) -> Result<Report, ServiceError> {
    let mut tx = db.begin_reading().await?;
    let mut check = Check::new(key);
    for chain in store::chains(&mut tx).await? {
        check.chain(chain);
    }
    for pruned in store::pruned(&mut tx).await? {
        check.pruned(&pruned);
    }
    let mut number = 0;
    loop {
        let page = store::roots_after(&mut tx, number, PAGE).await?;
        let Some(last) = page.last() else { break };
        number = last.number;
        page.iter().for_each(|root| check.root(root));
    }
    check.copies(copies);
    let mut objects = Objects::default();
    let (mut writer, mut seq): (WriterId, i64) = ([0; 16], 0);
    loop {
        let page = store::entries_after(&mut tx, &writer, seq, PAGE).await?;
        let Some(last) = page.last() else { break };
        (writer, seq) = (last.writer, last.seq);
        for entry in &page {
            let found = objects.until(&mut tx, entry.writer, entry.seq, &mut check).await?;
            check.entry(entry, &found);
        }
        read.fetch_add(page.len() as u64, Ordering::Relaxed);
    }
    objects.rest(&mut tx, &mut check).await?;
    tx.commit().await?;
    Ok(check.finish())
}

/// Reads the rows of `audit_object` beside the lines, in the same order.
struct Objects {
    page: VecDeque<StoredObject>,
    last: StoredObject,
    ended: bool,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            page: VecDeque::new(),
            last: StoredObject {
                writer: [0; 16],
                seq: i64::MIN,
                object_hmac: [0; 16],
                at_s: 0,
            },
            ended: false,
        }
    }
}

impl Objects {
    async fn peek(&mut self, tx: &mut Tx) -> Result<Option<&StoredObject>, ServiceError> {
        if self.page.is_empty() && !self.ended {
            self.page = store::objects_after(tx, &self.last, PAGE).await?.into();
            match self.page.back() {
                Some(last) => self.last = last.clone(),
                None => self.ended = true,
            }
        }
        Ok(self.page.front())
    }

    /// Returns the rows of a line, at most one more than a line can have. Rows before it belong to no line.
    async fn until(
        &mut self,
        tx: &mut Tx,
        writer: WriterId,
        seq: i64,
        check: &mut Check<'_>,
    ) -> Result<Vec<StoredObject>, ServiceError> {
        let mut found = Vec::new();
        while let Some(object) = self.peek(tx).await? {
            let place = (object.writer, object.seq);
            if place > (writer, seq) {
                break;
            }
            let object = self.page.pop_front().expect("it was just looked at");
            if place < (writer, seq) || found.len() > super::model::OBJECTS_OF_A_LINE {
                check.stray(&object);
            } else {
                found.push(object);
            }
        }
        Ok(found)
    }

    async fn rest(&mut self, tx: &mut Tx, check: &mut Check<'_>) -> Result<(), ServiceError> {
        while self.peek(tx).await?.is_some() {
            let object = self.page.pop_front().expect("it was just looked at");
            check.stray(&object);
        }
        Ok(())
    }
}
