//! Signing keys and secrets in files that only their owner may read, made at the first start.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use protocol::signature::{PublicKey, SecretKey};

use crate::entropy::Entropy;

/// File in which the keys side finds the public key of certificates; the only thing handed from the authority to it.
pub const CERTIFICATE_PUBLIC_KEY: &str = "certificate.pub.pem";

/// File of the keys under which the keyring's keys are wrapped, one line for each epoch.
pub const KEYRING_KEK: &str = "keyring-kek";
/// File of the key that signs the audit.
const AUDIT_KEY: &str = "audit.key.pem";

/// Key files of the authority, the keyring's key apart.
pub const AUTHORITY_SECRETS: &[&str] = &[
    "certificate.key.pem",
    "token.key.pem",
    "gate.key.pem",
    "code-pepper.hex",
    "staff-key.hex",
    AUDIT_KEY,
    "audit-objects.hex",
];
/// Key files of the keys side.
pub const KEYS_SECRETS: &[&str] = &["export.key.pem", "document.key.pem", CERTIFICATE_PUBLIC_KEY];

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read or made.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] io::Error),
    /// Everybody may read the file.
    #[error("everybody may read {0}: take that right away (chmod 600)")]
    Exposed(PathBuf),
    /// The file does not hold what it should.
    #[error("{0} does not hold a key")]
    Content(PathBuf),
}

/// Secrets of the keys side.
#[derive(Clone)]
pub struct KeysSecrets {
    /// Signs export files.
    pub export: SecretKey,
    /// Signs configuration and time.
    pub document: SecretKey,
}

/// Secrets of the authority.
#[derive(Clone)]
pub struct AuthoritySecrets {
    /// Signs verification certificates.
    pub certificate: SecretKey,
    /// Signs tokens, which only this authority reads.
    pub token: SecretKey,
    /// Opens what gates sealed.
    pub gate: SecretKey,
    /// Keyed hash of codes: without it the stored hashes cannot be searched.
    pub code_pepper: [u8; 32],
    /// Seals officers' one-time-code secrets.
    pub staff_key: [u8; 32],
    /// Signs heads, roots and erasures of the audit.
    pub audit: SecretKey,
    /// Keyed hash of people in the audit: without it nobody can tell whom an entry is about.
    pub audit_objects: [u8; 32],
}

impl KeysSecrets {
    /// Draws fresh secrets.
    pub fn generate(entropy: &Entropy) -> Self {
        Self {
            export: entropy.secret_key(),
            document: entropy.secret_key(),
        }
    }

    /// Reads the secrets in `folder`, making those that are missing.
    ///
    /// # Errors
    ///
    /// [`SecretError`] names the file.
    pub fn load_or_create(folder: &Path, entropy: &Entropy) -> Result<Self, SecretError> {
        Ok(Self {
            export: signing_key(&folder.join("export.key.pem"), entropy)?,
            document: signing_key(&folder.join("document.key.pem"), entropy)?,
        })
    }
}

impl AuthoritySecrets {
    /// Draws fresh secrets.
    pub fn generate(entropy: &Entropy) -> Self {
        Self {
            certificate: entropy.secret_key(),
            token: entropy.secret_key(),
            gate: entropy.secret_key(),
            code_pepper: entropy.bytes(),
            staff_key: entropy.bytes(),
            audit: entropy.secret_key(),
            audit_objects: entropy.bytes(),
        }
    }

    /// Reads the secrets in `folder`, making those that are missing.
    ///
    /// # Errors
    ///
    /// [`SecretError`] names the file.
    pub fn load_or_create(folder: &Path, entropy: &Entropy) -> Result<Self, SecretError> {
        Ok(Self {
            certificate: signing_key(&folder.join("certificate.key.pem"), entropy)?,
            token: signing_key(&folder.join("token.key.pem"), entropy)?,
            gate: signing_key(&folder.join("gate.key.pem"), entropy)?,
            code_pepper: pepper(&folder.join("code-pepper.hex"), entropy)?,
            staff_key: pepper(&folder.join("staff-key.hex"), entropy)?,
            audit: signing_key(&folder.join(AUDIT_KEY), entropy)?,
            audit_objects: pepper(&folder.join("audit-objects.hex"), entropy)?,
        })
    }
}

/// Reads the key that signs the audit from the authority's folder; makes none.
///
/// # Errors
///
/// [`SecretError`] names the file.
pub fn load_audit_key(folder: &Path) -> Result<SecretKey, SecretError> {
    let path = folder.join(AUDIT_KEY);
    let text = fs::read_to_string(&path).map_err(|error| SecretError::File(path.clone(), error))?;
    SecretKey::from_pem(&text).map_err(|_| SecretError::Content(path))
}

/// Reads the public key of certificates from the keys side's folder.
///
/// # Errors
///
/// [`SecretError`] names the file.
pub fn load_certificate_public_key(folder: &Path) -> Result<PublicKey, SecretError> {
    let path = folder.join(CERTIFICATE_PUBLIC_KEY);
    let text = fs::read_to_string(&path).map_err(|error| SecretError::File(path.clone(), error))?;
    PublicKey::from_pem(&text).map_err(|_| SecretError::Content(path))
}

/// Hands the public key of certificates to the keys side's folder.
///
/// # Errors
///
/// [`SecretError`] names the file.
pub fn hand_over_certificate_public_key(key: &PublicKey, keys_folder: &Path) -> Result<(), SecretError> {
    let path = keys_folder.join(CERTIFICATE_PUBLIC_KEY);
    let unusable = |error| SecretError::File(path.clone(), error);
    make_private_folder(keys_folder).map_err(unusable)?;
    fs::write(&path, key.to_pem()).map_err(unusable)
}

/// Reads a file that only its owner may read; `None` when there is none.
///
/// # Errors
///
/// [`SecretError`] names the file, also when everybody may read it.
pub(crate) fn read_private(path: &Path) -> Result<Option<String>, SecretError> {
    let unusable = |error| SecretError::File(path.to_owned(), error);
    match fs::read_to_string(path) {
        Ok(text) => {
            if is_open_to_all(path).map_err(unusable)? {
                return Err(SecretError::Exposed(path.to_owned()));
            }
            Ok(Some(text))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(error)),
    }
}

/// Returns whether everybody on the machine may do something with a file or folder.
#[cfg(unix)]
pub(crate) fn is_open_to_all(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o007 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_all(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Puts `text` in place of what the file held, and overwrites that. Some disks keep copies nevertheless.
///
/// # Errors
///
/// [`SecretError`] names the file.
pub(crate) fn replace_private(path: &Path, text: &str) -> Result<(), SecretError> {
    let unusable = |error| SecretError::File(path.to_owned(), error);
    let before = match fs::OpenOptions::new().write(true).open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(unusable(error)),
    };
    write_private(path, text).map_err(unusable)?;
    before.map_or(Ok(()), overwrite).map_err(unusable)
}

fn overwrite(mut file: fs::File) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.write_all(&vec![0; length])?;
    file.sync_all()
}

/// Locks a file beside `path` until the returned value is dropped, against other processes as well.
///
/// # Errors
///
/// [`SecretError`] names the file.
pub(crate) fn lock_beside(path: &Path) -> Result<fs::File, SecretError> {
    let lock = path.with_extension("lock");
    let unusable = |error| SecretError::File(lock.clone(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unusable)?;
    }
    let mut options = fs::OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(unusable)?;
    file.lock().map_err(unusable)?;
    Ok(file)
}

fn signing_key(path: &Path, entropy: &Entropy) -> Result<SecretKey, SecretError> {
    let text = read_or_create(path, || entropy.secret_key().to_pem())?;
    SecretKey::from_pem(&text).map_err(|_| SecretError::Content(path.to_owned()))
}

fn pepper(path: &Path, entropy: &Entropy) -> Result<[u8; 32], SecretError> {
    let text = read_or_create(path, || hex::encode(entropy.bytes::<32>()))?;
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| SecretError::Content(path.to_owned()))
}

fn read_or_create(path: &Path, make: impl FnOnce() -> String) -> Result<String, SecretError> {
    if let Some(text) = read_private(path)? {
        return Ok(text);
    }
    let text = make();
    write_private(path, &text).map_err(|error| SecretError::File(path.to_owned(), error))?;
    Ok(text)
}

/// Makes a folder that only its owner may enter; one that is there stays as it is.
///
/// # Errors
///
/// As the system says.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_private_folder(folder)?;
    }
    let partial = path.with_extension("partial");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    // The name is in the folder: without this a crash could bring the old file back.
    match path.parent() {
        Some(folder) if cfg!(unix) && folder != Path::new("") => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
