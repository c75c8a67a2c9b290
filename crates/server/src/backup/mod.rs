//! Backups while the service runs, in parts that lie apart, and what a backup is worth: restored, opened, counted.
//!
//! | part | what | keep |
//! |---|---|---|
//! | `vault` | the authority's database: sealed people, cases, accounts, audit | as long as records are |
//! | `keyring` | the keys of people | a day: an older copy would undo erasures |
//! | `kek` | the key of the keyring's epoch | a day, and never beside the keyring |
//! | `secrets` | the other key files of the authority | as long as any `vault` |
//! | `audit` | the record of access as a file that verifies by itself | 24 months, elsewhere |
//! | `keys` | the anonymous side: database, key files, published files | 14 days |
//!
//! A restored vault needs the *present* keyring. Who was erased after the backup stays erased: the key is gone.

mod manifest;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protocol::time::UnixSeconds;
use serde::Serialize;

pub use manifest::{FileEntry, Manifest};

use crate::audit;
use crate::civil::CivilDate;
use crate::clock::Clock;
use crate::config::{AuthorityConfig, KeysConfig};
use crate::db::{self, Db, DbError};
use crate::people;
use crate::run::{RunError, open_authority};
use crate::secrets::{AUTHORITY_SECRETS, KEYRING_KEK, KEYS_SECRETS, load_audit_key, make_private_folder};

/// How long copies of the keyring and of its key are kept, in seconds: as long as an epoch.
pub const KEYRING_KEEP_SECONDS: i64 = 86_400;
/// File of a database in a backup.
const DATABASE: &str = "database";
/// File of the audit in a backup.
const AUDIT: &str = "audit.jsonl";

/// A part of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The authority's database.
    Vault,
    /// The keyring.
    Keyring,
    /// The key of the keyring's epoch.
    Kek,
    /// The authority's other key files.
    Secrets,
    /// The audit as a file of its own.
    Audit,
    /// The anonymous side.
    Keys,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::Vault,
        Self::Keyring,
        Self::Kek,
        Self::Secrets,
        Self::Audit,
        Self::Keys,
    ];

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::Keyring => "keyring",
            Self::Kek => "kek",
            Self::Secrets => "secrets",
            Self::Audit => "audit",
            Self::Keys => "keys",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// Why a backup could not be made, restored or trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file or folder.
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// A database.
    #[error("the database: {0}")]
    Database(#[from] DbError),
    /// A backup that is not what it says.
    #[error("the backup {path} is broken: {1}", path = .0.display())]
    Broken(PathBuf, String),
    /// The service cannot be opened on what was restored.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The audit cannot be taken out.
    #[error("the audit: {0}")]
    Audit(String),
    /// Two parts that must lie apart.
    #[error("the keyring and the key it is wrapped under must not lie in one folder: give each a folder of its own")]
    Together,
}

/// Where the parts of a service are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Configuration of the authority's side.
    pub authority: AuthorityConfig,
    /// Configuration of the keys side.
    pub keys: KeysConfig,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes of its files.
    pub bytes: u64,
    /// Rows of its tables.
    pub rows: i64,
}

/// Makes a backup of one part below `to`, in a folder named after part and time; older copies of the keyring and its key in
/// `to` are destroyed after that.
///
/// # Errors
///
/// [`BackupError`]; a folder that was begun ends in `.partial` and is no backup.
pub async fn back_up(places: &Places, part: Part, to: &Path, now: UnixSeconds) -> Result<Made, BackupError> {
    apart(part, to)?;
    let name = format!("{}-{}", part.word(), stamp(now));
    let (partial, folder) = (to.join(format!("{name}.partial")), to.join(&name));
    private_folder(&partial)?;
    let tables = write_part(places, part, &partial).await?;
    let files = manifest::hash_files(&partial)?;
    let manifest = Manifest {
        format: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        part: part.word().to_owned(),
        made_at: now.0,
        files,
        tables: tables.into_iter().collect(),
    };
    manifest::write(&partial, &manifest)?;
    fs::rename(&partial, &folder).map_err(|error| BackupError::Io(folder.clone(), error))?;
    if matches!(part, Part::Keyring | Part::Kek) {
        forget_old(part, to, now)?;
    }
    Ok(Made {
        folder,
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        rows: manifest.tables.values().sum(),
    })
}

/// The keyring beside its key would be everybody's identity in one folder.
fn apart(part: Part, to: &Path) -> Result<(), BackupError> {
    let other = match part {
        Part::Keyring => Part::Kek,
        Part::Kek => Part::Keyring,
        _ => return Ok(()),
    };
    if copies(other, to)?.is_empty() {
        Ok(())
    } else {
        Err(BackupError::Together)
    }
}

/// Returns the finished copies of a part in a folder, with when they were made.
fn copies(part: Part, folder: &Path) -> Result<Vec<(PathBuf, i64)>, BackupError> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let begin = format!("{}-", part.word());
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| BackupError::Io(folder.to_owned(), error))?.path();
        let is_one = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        if is_one && let Ok(manifest) = manifest::read(&path) {
            found.push((path, manifest.made_at));
        }
    }
    Ok(found)
}

/// Destroys copies that are older than an epoch: with them a restored vault would remember who was erased.
fn forget_old(part: Part, folder: &Path, now: UnixSeconds) -> Result<(), BackupError> {
    for (path, made_at) in copies(part, folder)? {
        if made_at + KEYRING_KEEP_SECONDS <= now.0 {
            overwrite_files(&path)?;
            fs::remove_dir_all(&path).map_err(|error| BackupError::Io(path.clone(), error))?;
        }
    }
    Ok(())
}

fn overwrite_files(folder: &Path) -> Result<(), BackupError> {
    for file in manifest::hash_files(folder)? {
        let path = folder.join(&file.name);
        let zeros = |path: &Path| -> io::Result<()> {
            let mut open = fs::OpenOptions::new().write(true).open(path)?;
            io::copy(&mut io::Read::take(io::repeat(0), file.bytes), &mut open)?;
            open.sync_all()
        };
        zeros(&path).map_err(|error| BackupError::Io(path, error))?;
    }
    Ok(())
}

async fn write_part(places: &Places, part: Part, to: &Path) -> Result<Vec<(String, i64)>, BackupError> {
    let (authority, keys) = (&places.authority, &places.keys);
    let database = to.join(DATABASE);
    match part {
        Part::Vault => Ok(db::copy(&authority.database_url(), &database).await?),
        Part::Keyring => Ok(db::copy(&authority.keyring_url(), &database).await?),
        Part::Kek => copy_files(&authority.data, &[KEYRING_KEK], to),
        Part::Secrets => copy_files(&authority.data, AUTHORITY_SECRETS, to),
        Part::Audit => export_audit(authority, &to.join(AUDIT)).await,
        Part::Keys => {
            let tables = db::copy(&keys.database_url(), &database).await?;
            copy_files(&keys.data, KEYS_SECRETS, to)?;
            Ok(tables)
        }
    }
}

fn copy_files(from: &Path, names: &[&str], to: &Path) -> Result<Vec<(String, i64)>, BackupError> {
    for name in names {
        let source = from.join(name);
        fs::copy(&source, to.join(name)).map_err(|error| BackupError::Io(source, error))?;
    }
    Ok(Vec::new())
}

async fn export_audit(authority: &AuthorityConfig, to: &Path) -> Result<Vec<(String, i64)>, BackupError> {
    let key = load_audit_key(&authority.data).map_err(|error| BackupError::Run(error.into()))?;
    let db = Db::connect(&authority.database_url()).await?;
    let file = fs::File::create_new(to).map_err(|error| BackupError::Io(to.to_owned(), error))?;
    let mut file = io::BufWriter::new(file);
    let exported = audit::export(&db, &key, None, &mut file).await;
    db.close().await;
    let exported = exported.map_err(|error| BackupError::Audit(error.to_string()))?;
    io::Write::flush(&mut file).map_err(|error| BackupError::Io(to.to_owned(), error))?;
    let count = i64::try_from(exported.entries).unwrap_or(i64::MAX);
    Ok(vec![("entries".to_owned(), count)])
}

fn private_folder(path: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::Io(path.to_owned(), error);
    if path.exists() {
        // What was begun and cut off.
        fs::remove_dir_all(path).map_err(failed)?;
    }
    make_private_folder(path).map_err(failed)
}

fn stamp(now: UnixSeconds) -> String {
    let day = CivilDate::today(now).iso().replace('-', "");
    let second = now.0.rem_euclid(86_400);
    format!(
        "{day}-{:02}{:02}{:02}-{}",
        second / 3600,
        second / 60 % 60,
        second % 60,
        now.0
    )
}

/// Puts a backup in the place that the configuration names; nothing may be there yet.
///
/// # Errors
///
/// [`BackupError`].
pub async fn restore(places: &Places, folder: &Path) -> Result<Manifest, BackupError> {
    let manifest = manifest::read(folder)?;
    let part = Part::parse(&manifest.part)
        .ok_or_else(|| BackupError::Broken(folder.to_owned(), "it is of an unknown part".to_owned()))?;
    let (authority, keys) = (&places.authority, &places.keys);
    let database = folder.join(DATABASE);
    let mut tables = None;
    match part {
        Part::Vault => tables = Some(authority.database_url()),
        Part::Keyring => tables = Some(authority.keyring_url()),
        Part::Kek => place_files(folder, &[KEYRING_KEK], &authority.data)?,
        Part::Secrets => place_files(folder, AUTHORITY_SECRETS, &authority.data)?,
        // The audit lies in the vault; this copy only proves it.
        Part::Audit => {}
        Part::Keys => {
            place_files(folder, KEYS_SECRETS, &keys.data)?;
            tables = Some(keys.database_url());
        }
    }
    if let Some(url) = tables {
        db::restore(&url, &database).await?;
        let found = counts(&url).await?;
        if found != manifest.tables {
            return Err(BackupError::Broken(
                folder.to_owned(),
                "the restored tables have other numbers of rows".to_owned(),
            ));
        }
    }
    Ok(manifest)
}

async fn counts(url: &str) -> Result<BTreeMap<String, i64>, BackupError> {
    let db = Db::connect(url).await?;
    let counts = db.table_counts().await;
    db.close().await;
    Ok(counts?.into_iter().collect())
}

fn place_files(from: &Path, names: &[&str], to: &Path) -> Result<(), BackupError> {
    make_private_folder(to).map_err(|error| BackupError::Io(to.to_owned(), error))?;
    for name in names {
        let target = to.join(name);
        if target.exists() {
            let error = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(BackupError::Io(target, error));
        }
        fs::copy(from.join(name), &target).map_err(|error| BackupError::Io(target, error))?;
    }
    Ok(())
}

/// What a restored vault turned out to hold.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Rows of its tables.
    pub rows: i64,
    /// People who open with the present keyring.
    pub people: usize,
    /// People erased since the backup: their keys are gone, and so they are.
    pub erased: usize,
    /// People who should open and do not.
    pub damaged: usize,
    /// Entries of the audit, checked against its signatures.
    pub audit_entries: u64,
    /// Places in which the audit is broken.
    pub audit_flaws: u64,
}

impl Proof {
    /// Returns whether the backup is worth keeping.
    pub fn is_whole(&self) -> bool {
        self.damaged == 0 && self.audit_flaws == 0
    }
}

/// Restores a vault into `scratch` (an SQLite address, or an empty PostgreSQL database), opens it with the *present* keyring and
/// keys, and counts; nothing of the running service changes. The caller throws `scratch` away.
///
/// # Errors
///
/// [`BackupError`].
pub async fn prove(places: &Places, folder: &Path, scratch: &str, clock: Clock) -> Result<Proof, BackupError> {
    let config = AuthorityConfig {
        database: Some(scratch.to_owned()),
        keyring: Some(places.authority.keyring_url()),
        ..places.authority.clone()
    };
    let there = Places {
        authority: config.clone(),
        keys: places.keys.clone(),
    };
    let manifest = restore(&there, folder).await?;
    let app = open_authority(config, clock).await?;
    let walked = people::for_each(&app, |_| {}).await.map_err(RunError::from)?;
    let report = audit::verify(&app.db, &app.secrets.audit.public_key(), &[])
        .await
        .map_err(|error| BackupError::Audit(error.to_string()))?;
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
    Ok(Proof {
        rows: manifest.tables.values().sum(),
        people: walked.opened,
        erased: walked.erased,
        damaged: walked.damaged,
        audit_entries: report.entries,
        audit_flaws: report.flaws,
    })
}

/// Compares a backup's files with its manifest.
///
/// # Errors
///
/// [`BackupError`] names the first thing that is wrong.
pub fn check_files(folder: &Path) -> Result<Manifest, BackupError> {
    manifest::read(folder)
}
