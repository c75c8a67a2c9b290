//! The rules of the check, without a database: what is read is handed in, in order.

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::signature::PublicKey;

use super::{Flaw, FlawKind, Report, TOLD};
use crate::audit::chain::{
    Chain, Hash, Pruned, Root, StoredEntry, StoredObject, StoredRoot, WriterId, genesis, link, root_genesis,
};
use crate::audit::model::{Action, Line};
use crate::audit::roots::{RootCopy, writer_of};

/// Takes chains, statements of erasure, roots and copies, then entries with their objects in order.
pub(super) struct Check<'a> {
    key: &'a PublicKey,
    report: Report,
    chains: BTreeMap<WriterId, Progress>,
    roots: HashMap<i64, Hash>,
    root_hashes: HashSet<Hash>,
    newest: (i64, Hash),
    /// Places that roots signed: writer, length, hash.
    anchors: HashMap<WriterId, BTreeMap<i64, Hash>>,
}

/// How far a chain has been read.
struct Progress {
    signed: Option<Chain>,
    /// Number of the last line read or erased.
    seq: i64,
    /// Its hash.
    hash: Hash,
}

impl<'a> Check<'a> {
    pub(super) fn new(key: &'a PublicKey) -> Self {
        Self {
            key,
            report: Report::default(),
            chains: BTreeMap::new(),
            roots: HashMap::new(),
            root_hashes: HashSet::new(),
            newest: (0, root_genesis()),
            anchors: HashMap::new(),
        }
    }

    pub(super) fn chain(&mut self, chain: Chain) {
        self.report.chains += 1;
        if !chain.is_signed_by(self.key) {
            self.flaw(FlawKind::ChainForged, Some(chain.writer), chain.length);
        }
        let progress = Progress {
            seq: 0,
            hash: genesis(&chain.writer),
            signed: Some(chain.clone()),
        };
        self.chains.insert(chain.writer, progress);
    }

    /// Lets a chain begin after its erased lines.
    pub(super) fn pruned(&mut self, pruned: &Pruned) {
        if !pruned.is_signed_by(self.key) {
            return self.flaw(FlawKind::PrunedForged, Some(pruned.writer), pruned.seq);
        }
        let Some(progress) = self.chains.get_mut(&pruned.writer) else {
            return self.flaw(FlawKind::ChainMissing, Some(pruned.writer), pruned.seq);
        };
        (progress.seq, progress.hash) = (pruned.seq, pruned.hash);
        self.report.pruned += pruned.seq.unsigned_abs();
    }

    pub(super) fn root(&mut self, stored: &StoredRoot) {
        self.report.roots += 1;
        let (number, prev) = self.newest;
        self.newest = (stored.number, stored.hash);
        self.roots.insert(stored.number, stored.hash);
        self.root_hashes.insert(stored.hash);
        let root = Root::read(&stored.line);
        let Some(root) = root.filter(|_| stored.is_signed_by(self.key)) else {
            return self.flaw(FlawKind::RootForged, None, stored.number);
        };
        if stored.number != number + 1 {
            self.flaw(FlawKind::RootMissing, None, number + 1);
        } else if root.prev != hex::encode(prev) || root.number != stored.number {
            self.flaw(FlawKind::RootForged, None, stored.number);
        }
        self.report.newest_root = Some(root.hour);
        self.anchor(&root);
    }

    fn anchor(&mut self, root: &Root) {
        for head in &root.heads {
            let hash = hex::decode(&head.head).ok().and_then(|h| Hash::try_from(h).ok());
            let (Some(writer), Some(hash)) = (writer_of(head), hash) else {
                self.flaw(FlawKind::RootForged, None, root.number);
                continue;
            };
            let earlier = self.anchors.entry(writer).or_default().insert(head.length, hash);
            if earlier.is_some_and(|earlier| earlier != hash) {
                self.flaw(FlawKind::RootDisagrees, Some(writer), head.length);
            }
        }
    }

    /// Compares roots that were kept elsewhere, all that is said in them included.
    pub(super) fn copies(&mut self, copies: &[RootCopy]) {
        for copy in copies {
            self.report.copies += 1;
            let root = Root::read(&copy.line).filter(|root| root.number == copy.number);
            let Some(root) = root.filter(|_| copy.is_signed_by(self.key)) else {
                self.flaw(FlawKind::RootForged, None, copy.number);
                continue;
            };
            match self.roots.get(&copy.number) {
                Some(hash) if *hash == copy.hash => {}
                Some(_) => self.flaw(FlawKind::RootForged, None, copy.number),
                None => self.flaw(FlawKind::RootMissing, None, copy.number),
            }
            self.anchor(&root);
        }
    }

    /// Takes the next line and the rows that tie it to people.
    pub(super) fn entry(&mut self, entry: &StoredEntry, objects: &[StoredObject]) {
        self.report.entries += 1;
        self.report.objects += objects.len() as u64;
        let writer = entry.writer;
        let progress = self.chains.entry(writer).or_insert_with(|| Progress {
            signed: None,
            seq: 0,
            hash: genesis(&writer),
        });
        let (seq, hash) = (progress.seq, progress.hash);
        let length = progress.signed.as_ref().map(|chain| chain.length);
        if entry.seq <= seq {
            return self.flaw(FlawKind::EntryExtra, Some(writer), entry.seq);
        }
        (progress.seq, progress.hash) = (entry.seq, entry.hash);
        if entry.seq > seq + 1 {
            self.flaw(FlawKind::EntryMissing, Some(writer), entry.seq);
        } else if link(&hash, &entry.line) != entry.hash {
            self.flaw(FlawKind::EntryChanged, Some(writer), entry.seq);
        }
        if length.is_some_and(|length| entry.seq > length) {
            self.flaw(FlawKind::EntryExtra, Some(writer), entry.seq);
        }
        if self.signed_at(writer, entry.seq).is_some_and(|hash| hash != entry.hash) {
            self.flaw(FlawKind::RootDisagrees, Some(writer), entry.seq);
        }
        self.content(entry, objects);
    }

    fn signed_at(&self, writer: WriterId, length: i64) -> Option<Hash> {
        self.anchors.get(&writer)?.get(&length).copied()
    }

    fn content(&mut self, entry: &StoredEntry, objects: &[StoredObject]) {
        let (writer, seq) = (Some(entry.writer), entry.seq);
        let line = Line::read(&entry.line);
        let Some((line, named)) = line
            .and_then(|line| Some((line.object_hmacs()?, line)))
            .map(|(n, l)| (l, n))
        else {
            return self.flaw(FlawKind::ColumnsDiffer, writer, seq);
        };
        let columns = (entry.at_s, &entry.actor, &entry.action, &entry.outcome);
        if columns != (line.at, &line.actor, &line.action, &line.outcome) {
            self.flaw(FlawKind::ColumnsDiffer, writer, seq);
        }
        let found: HashSet<[u8; 16]> = objects
            .iter()
            .filter(|o| o.at_s == line.at)
            .map(|o| o.object_hmac)
            .collect();
        let named: HashSet<[u8; 16]> = named.into_iter().collect();
        if !named.is_subset(&found) {
            self.flaw(FlawKind::ObjectMissing, writer, seq);
        }
        if objects.len() > named.intersection(&found).count() {
            self.flaw(FlawKind::ObjectExtra, writer, seq);
        }
        if line.action == Action::AUDIT_ROOT.word() && !self.names_a_root(&line) {
            self.flaw(FlawKind::RootMissing, writer, seq);
        }
    }

    fn names_a_root(&self, line: &Line) -> bool {
        let hash = line.record.as_ref().and_then(|record| hex::decode(record).ok());
        let hash = hash.and_then(|hash| Hash::try_from(hash).ok());
        hash.is_some_and(|hash| self.root_hashes.contains(&hash))
    }

    /// Takes a row that belongs to no line.
    pub(super) fn stray(&mut self, object: &StoredObject) {
        self.report.objects += 1;
        self.flaw(FlawKind::ObjectExtra, Some(object.writer), object.seq);
    }

    /// Compares where each chain ended with where it was signed to end.
    pub(super) fn finish(mut self) -> Report {
        let chains = std::mem::take(&mut self.chains);
        for (writer, read) in &chains {
            match &read.signed {
                None => self.flaw(FlawKind::ChainMissing, Some(*writer), read.seq),
                Some(signed) if read.seq < signed.length => {
                    self.flaw(FlawKind::ChainShort, Some(*writer), read.seq);
                }
                Some(signed) if read.seq == signed.length && read.hash != signed.head => {
                    self.flaw(FlawKind::HeadDiffers, Some(*writer), read.seq);
                }
                Some(_) => {}
            }
        }
        for (writer, anchors) in std::mem::take(&mut self.anchors) {
            let furthest = anchors.last_key_value().map_or(0, |(length, _)| *length);
            match chains.get(&writer) {
                None => self.flaw(FlawKind::ChainMissing, Some(writer), furthest),
                Some(read) if read.seq < furthest => self.flaw(FlawKind::ChainShort, Some(writer), read.seq),
                Some(_) => {}
            }
        }
        self.report
    }

    fn flaw(&mut self, kind: FlawKind, writer: Option<WriterId>, number: i64) {
        self.report.flaws += 1;
        if self.report.told.len() < TOLD {
            self.report.told.push(Flaw {
                kind,
                writer: writer.map(hex::encode),
                number,
            });
        }
    }
}
