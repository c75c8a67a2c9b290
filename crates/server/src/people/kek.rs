//! The keys under which persons' keys are wrapped: one for each epoch, in a file outside both databases.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use zeroize::Zeroizing;

use crate::secrets::{SecretError, lock_beside, read_private, replace_private};
use protocol::seal::{KEY_BYTES, Key};

/// Key-encryption keys by epoch. During a rotation there are two, else one.
#[derive(Clone, Default)]
pub(super) struct EpochKeys(BTreeMap<i64, Key>);

impl EpochKeys {
    pub(super) fn of(&self, epoch: i64) -> Option<&Key> {
        self.0.get(&epoch)
    }

    pub(super) fn newest(&self) -> Option<i64> {
        self.0.keys().next_back().copied()
    }

    pub(super) fn oldest(&self) -> Option<i64> {
        self.0.keys().next().copied()
    }

    /// Returns whether a rotation was begun and not ended.
    pub(super) fn is_rotating(&self) -> bool {
        self.0.len() > 1
    }

    /// Adds the key of `epoch` unless that or a later one is there already.
    pub(super) fn add(&mut self, epoch: i64, key: Key) {
        if self.newest().is_none_or(|newest| newest < epoch) {
            self.0.insert(epoch, key);
        }
    }

    /// Drops the keys of epochs before `epoch`.
    pub(super) fn drop_before(&mut self, epoch: i64) {
        self.0 = self.0.split_off(&epoch);
    }

    /// Reads lines of an epoch's number and 64 hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let mut keys = Self::default();
        for line in text.lines() {
            let (epoch, digits) = line.split_once(' ')?;
            let mut key: Key = Zeroizing::new([0; KEY_BYTES]);
            hex::decode_to_slice(digits, key.as_mut_slice()).ok()?;
            keys.0.insert(epoch.parse().ok().filter(|epoch| *epoch > 0)?, key);
        }
        (!keys.0.is_empty()).then_some(keys)
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(100 * self.0.len()));
        for (epoch, key) in &self.0 {
            let digits = Zeroizing::new(hex::encode(key.as_slice()));
            let _ = writeln!(text, "{epoch} {}", digits.as_str());
        }
        text
    }
}

/// Where [`EpochKeys`] are kept.
pub enum KekPlace {
    /// A file that only its owner may read ([`crate::secrets::KEYRING_KEK`]).
    File(PathBuf),
    /// This process: for the simulator and for tests.
    Memory(KeptInMemory),
}

/// Key-encryption keys that end with the process.
#[derive(Default)]
pub struct KeptInMemory(Mutex<EpochKeys>);

impl KekPlace {
    /// Reads the keys; none when none were made yet.
    pub(super) fn read(&self) -> Result<EpochKeys, SecretError> {
        match self {
            Self::File(path) => read_file(path),
            Self::Memory(kept) => Ok(kept.0.lock().expect("no holder of this lock can panic").clone()),
        }
    }

    /// Changes the keys as they stand now and returns them; durable when it returns. What a file held is overwritten.
    pub(super) fn update(&self, change: impl FnOnce(&mut EpochKeys)) -> Result<EpochKeys, SecretError> {
        match self {
            Self::File(path) => {
                // Two processes must not add different keys for one epoch: the loser's keys would be lost.
                let _lock = lock_beside(path)?;
                let mut keys = read_file(path)?;
                change(&mut keys);
                replace_private(path, &keys.text())?;
                Ok(keys)
            }
            Self::Memory(kept) => {
                let mut keys = kept.0.lock().expect("no holder of this lock can panic");
                change(&mut keys);
                Ok(keys.clone())
            }
        }
    }

    /// Returns the file's path, for messages.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Memory(_) => PathBuf::from(crate::secrets::KEYRING_KEK),
        }
    }
}

fn read_file(path: &Path) -> Result<EpochKeys, SecretError> {
    match read_private(path)?.map(Zeroizing::new) {
        None => Ok(EpochKeys::default()),
        Some(text) => EpochKeys::parse(&text).ok_or_else(|| SecretError::Content(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_s_text_is_read_back_and_anything_else_refused() {
        let mut keys = EpochKeys::default();
        keys.add(7, Zeroizing::new([1; 32]));
        keys.add(8, Zeroizing::new([2; 32]));
        keys.add(8, Zeroizing::new([3; 32]));
        let again = EpochKeys::parse(&keys.text()).unwrap();
        assert_eq!((again.oldest(), again.newest()), (Some(7), Some(8)));
        assert_eq!(again.of(8).unwrap().as_slice(), [2; 32]);
        for text in [
            "",
            "\n",
            "7",
            "7 00",
            "x 00",
            &format!("0 {}", "00".repeat(32)),
            &format!("7 {}", "00".repeat(33)),
        ] {
            assert!(EpochKeys::parse(text).is_none(), "{text}");
        }
    }
}
