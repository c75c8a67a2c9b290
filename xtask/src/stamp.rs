//! Skips work whose inputs have not changed: a hash of the inputs kept under `target/stamps`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::shell::{Doing, Outcome, root, sources, target, write};

/// A piece of work that need not be done again while its inputs stay the same.
pub(crate) struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// Hashes all source files that start with one of `prefixes`, and `extra` (versions of tools, say).
    pub(crate) fn of(name: &str, prefixes: &[&str], extra: &str) -> Outcome<Self> {
        let mut hasher = DefaultHasher::new();
        extra.hash(&mut hasher);
        for file in sources()?
            .iter()
            .filter(|file| prefixes.iter().any(|prefix| file.starts_with(prefix)))
        {
            file.hash(&mut hasher);
            std::fs::read(root().join(file))
                .doing(format!("reading {file}"))?
                .hash(&mut hasher);
        }
        Ok(Self {
            file: target().join("stamps").join(name),
            hash: format!("{:016x}", hasher.finish()),
        })
    }

    /// Returns whether the work was done with these very inputs.
    pub(crate) fn is_current(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|last| last == self.hash)
    }

    /// Remembers that the work is done.
    pub(crate) fn keep(&self) -> Outcome<()> {
        write(&self.file, &self.hash)
    }
}
