//! What was acknowledged and what was exported.

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::export::Export;
use protocol::message::KeyUploadAnswer;
use protocol::signature::PublicKey;

use crate::http::Answer;
use crate::uploads::Upload;

/// The drill's own account.
#[derive(Default)]
pub(crate) struct Ledger {
    unanswered: Vec<Upload>,
    sent: HashSet<[u8; 16]>,
    acknowledged: HashSet<[u8; 16]>,
    /// Files read, by name, and how many keys of the drill's each held.
    files: BTreeMap<String, usize>,
    /// In how many files each key stood.
    exported: HashMap<[u8; 16], u32>,
    uploads_answered: u64,
    sent_again: u64,
    refused: Vec<String>,
    vanished: Vec<String>,
}

impl Ledger {
    pub(crate) fn take_unanswered(&mut self) -> Option<Upload> {
        let upload = self.unanswered.pop();
        self.sent_again += u64::from(upload.is_some());
        upload
    }

    pub(crate) fn sent(&mut self, upload: &Upload) {
        self.sent.extend(&upload.keys);
    }

    pub(crate) fn unanswered(&mut self, upload: Upload) {
        self.unanswered.push(upload);
    }

    /// Enters an answer: which keys it acknowledges. A certificate that ran out before it could be sent again
    /// acknowledges nothing.
    pub(crate) fn answered(&mut self, upload: Upload, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status != 200 {
            let is_expired = text.contains("\"U3\"");
            if !is_expired {
                self.refused.push(format!("status {}: {text}", answer.status));
            }
            return;
        }
        let Ok(parsed) = serde_json::from_slice::<KeyUploadAnswer>(&answer.body) else {
            self.refused.push(format!("unreadable answer: {text}"));
            return;
        };
        self.uploads_answered += 1;
        for outcome in parsed.outcomes {
            match (outcome.rule, upload.keys.get(outcome.index as usize)) {
                (None, Some(key)) => {
                    self.acknowledged.insert(*key);
                }
                (rule, _) => self
                    .refused
                    .push(format!("key {}: {rule:?} {}", outcome.index, outcome.message)),
            }
        }
    }

    pub(crate) fn is_new(&self, name: &str) -> bool {
        !self.files.contains_key(name)
    }

    /// Notes files that an index listed once and no longer lists.
    pub(crate) fn check_still_listed(&mut self, index: &str) {
        let listed: HashSet<&str> = index.lines().collect();
        let gone = self.files.keys().filter(|name| !listed.contains(name.as_str()));
        self.vanished.extend(gone.cloned().collect::<Vec<_>>());
    }

    /// Verifies and counts a file.
    pub(crate) fn read_file(&mut self, name: &str, zip: &[u8], key: &PublicKey) -> Result<(), String> {
        let wrong = |error| format!("{name}: {error}");
        let export = Export::open(zip).map_err(wrong)?;
        export.verify_any(key).map_err(wrong)?;
        let mut ours = 0;
        export
            .for_each_key(|exported| {
                if self.sent.contains(&exported.key.key) {
                    *self.exported.entry(exported.key.key).or_default() += 1;
                    ours += 1;
                }
            })
            .map_err(wrong)?;
        self.files.insert(name.to_owned(), ours);
        Ok(())
    }

    /// Returns how many acknowledged keys no listed file holds yet.
    pub(crate) fn missing(&self) -> usize {
        self.acknowledged
            .iter()
            .filter(|key| !self.exported.contains_key(*key))
            .count()
    }

    pub(crate) fn progress(&self) -> String {
        format!(
            "{} keys acknowledged, {} files",
            self.acknowledged.len(),
            self.files.len()
        )
    }

    pub(crate) fn summary(&self) -> String {
        let doubled = self.exported.values().filter(|files| **files > 1).count();
        let unacknowledged = self
            .exported
            .keys()
            .filter(|key| !self.acknowledged.contains(*key))
            .count();
        format!(
            "uploads answered: {}; sent again after a lost answer: {}\nkeys acknowledged: {}; lost: {}; in more than one \
             file: {doubled}\nkeys exported without an acknowledgement (allowed, at most once each): {unacknowledged}\n\
             files listed: {}",
            self.uploads_answered,
            self.sent_again,
            self.acknowledged.len(),
            self.missing(),
            self.files.len(),
        )
    }

    /// Returns how many files the index has listed.
    pub(crate) fn files_listed(&self) -> usize {
        self.files.len()
    }

    /// Returns everything that breaks the invariant.
    pub(crate) fn verdict(&self) -> Vec<String> {
        let mut wrong = self
            .refused
            .iter()
            .map(|text| format!("refused: {text}"))
            .collect::<Vec<_>>();
        wrong.extend(self.vanished.iter().map(|name| format!("{name} is no longer listed")));
        let doubled = self.exported.values().filter(|files| **files > 1).count();
        if self.missing() > 0 {
            wrong.push(format!("{} acknowledged keys are in no listed file", self.missing()));
        }
        if doubled > 0 {
            wrong.push(format!("{doubled} keys are in more than one file"));
        }
        if self.acknowledged.is_empty() {
            wrong.push("no key was ever acknowledged".to_owned());
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        Ledger {
            acknowledged: HashSet::from([[1; 16]]),
            exported: HashMap::from([([1; 16], 1)]),
            ..Ledger::default()
        }
    }

    #[test]
    fn a_key_in_one_file_is_right() {
        assert!(ledger().verdict().is_empty());
    }

    #[test]
    fn a_lost_and_a_doubled_key_are_found() {
        let mut lost = ledger();
        lost.acknowledged.insert([2; 16]);
        assert_eq!(lost.verdict(), ["1 acknowledged keys are in no listed file"]);
        let mut doubled = ledger();
        doubled.exported.insert([1; 16], 2);
        assert_eq!(doubled.verdict(), ["1 keys are in more than one file"]);
    }

    #[test]
    fn a_run_in_which_nothing_was_acknowledged_proves_nothing() {
        assert!(!Ledger::default().verdict().is_empty());
    }
}
