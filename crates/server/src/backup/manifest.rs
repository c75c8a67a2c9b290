//! What a backup says of itself: its files with their hashes, and the rows of every table.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;

/// Name of the manifest in a backup's folder.
pub(super) const MANIFEST: &str = "manifest.json";
/// Written last, with the hash of the manifest: without it a backup is not whole.
pub(super) const SEAL: &str = "manifest.sha256";
/// Longest manifest, in bytes.
const MAX_MANIFEST: u64 = 16 * 1024 * 1024;

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Name, relative to the backup's folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// Version of the program that made it.
    pub version: String,
    /// Which part.
    pub part: String,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// Rows of every table of its database.
    pub tables: BTreeMap<String, i64>,
}

/// Hashes every file below `folder`.
pub(super) fn hash_files(folder: &Path) -> Result<Vec<FileEntry>, BackupError> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(|error| BackupError::Io(next.clone(), error))? {
            let path = entry.map_err(|error| BackupError::Io(next.clone(), error))?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            if name == MANIFEST || name == SEAL {
                continue;
            }
            let (bytes, sha256) = hash(&path)?;
            files.push(FileEntry { name, bytes, sha256 });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn hash(path: &Path) -> Result<(u64, String), BackupError> {
    let failed = |error| BackupError::Io(path.to_owned(), error);
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(failed)?;
    let bytes = io::copy(&mut file, &mut HashWriter(&mut hash)).map_err(failed)?;
    Ok((bytes, hex::encode(hash.finalize())))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the manifest and its seal, and makes all of it durable.
pub(super) fn write(folder: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let text = serde_json::to_string_pretty(manifest).expect("our own values serialise");
    let seal = hex::encode(Sha256::digest(&text));
    for (name, text) in [(MANIFEST, text), (SEAL, seal + "\n")] {
        let path = folder.join(name);
        let failed = |error| BackupError::Io(path.clone(), error);
        fs::write(&path, text).map_err(failed)?;
    }
    for file in manifest
        .files
        .iter()
        .map(|file| file.name.as_str())
        .chain([MANIFEST, SEAL])
    {
        let path = folder.join(file);
        let synced = File::open(&path).and_then(|file| file.sync_all());
        synced.map_err(|error| BackupError::Io(path, error))?;
    }
    Ok(())
}

/// Reads a backup's manifest and compares every file with it.
pub(super) fn read(folder: &Path) -> Result<Manifest, BackupError> {
    let path = folder.join(MANIFEST);
    let failed = |error| BackupError::Io(path.clone(), error);
    let wrong = |what: &str| BackupError::Broken(folder.to_owned(), what.to_owned());
    if fs::metadata(&path).map_err(failed)?.len() > MAX_MANIFEST {
        return Err(wrong("the manifest is too long"));
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    let seal = fs::read_to_string(folder.join(SEAL)).map_err(|_| wrong("it was not finished"))?;
    if seal.trim() != hex::encode(Sha256::digest(&text)) {
        return Err(wrong("the manifest was changed"));
    }
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| wrong("the manifest cannot be read"))?;
    if manifest.format != 1 {
        return Err(wrong("it is of a later release"));
    }
    let found = hash_files(folder)?;
    if let Some(file) = manifest.files.iter().find(|file| !found.contains(file)) {
        return Err(wrong(&format!("{} is missing or was changed", file.name)));
    }
    if let Some(file) = found.iter().find(|file| !manifest.files.contains(file)) {
        return Err(wrong(&format!("{} does not belong to it", file.name)));
    }
    Ok(manifest)
}
