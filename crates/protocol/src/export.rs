//! The signed key-export file (GAEN `export.bin` + `export.sig` in a zip), written and read as a stream
//! (docs/spec/proximity.md P20–P24). Start at [`ExportWriter`] and [`Export`].

mod read;
mod write;

use alloc::string::String;
use alloc::vec::Vec;

use crate::signature::SignatureError;
use crate::time::UnixSeconds;

pub use read::{Export, ExportedKey, KeyCount};
pub use write::{ExportWriteError, ExportWriter};

/// First 16 bytes of `export.bin`.
pub const MAGIC: &[u8; 16] = b"EK Export v1    ";
/// Object identifier of ECDSA with SHA-256.
pub const ALGORITHM: &str = "1.2.840.10045.4.3.2";
/// Largest zip read, in bytes (P21).
pub const MAX_ZIP: usize = 16 * 1024 * 1024;
/// Largest `export.bin` read, in bytes (P21).
pub const MAX_BIN: usize = 64 * 1024 * 1024;
/// Largest `export.sig` read, in bytes (P21).
pub const MAX_SIG: usize = 64 * 1024;
/// Most keys written to one file; a longer period becomes several files (P24).
pub const MAX_KEYS: usize = 500_000;

/// Where an export goes: a file, an upload, a buffer.
pub trait Sink {
    /// What can go wrong while writing.
    type Error;
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// When they could not be taken; the export is then unusable.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

impl Sink for Vec<u8> {
    type Error = core::convert::Infallible;
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Which key signed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureInfo {
    /// Version of the key, for rotation.
    pub key_version: String,
    /// Id of the key.
    pub key_id: String,
    /// [`ALGORITHM`] in every file of ours.
    pub algorithm: String,
}

/// What stands before the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportHeader {
    /// Start of the period in which the keys were received.
    pub start: UnixSeconds,
    /// End of that period.
    pub end: UnixSeconds,
    /// Region of the keys.
    pub region: String,
    /// Number of this file, from 1.
    pub batch_num: u32,
    /// Number of files of the period.
    pub batch_size: u32,
    /// Keys that sign the file.
    pub signature_infos: Vec<SignatureInfo>,
}

/// One signature of `export.sig`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportSignature {
    /// Which key made it.
    pub info: SignatureInfo,
    /// File number the signer states.
    pub batch_num: u32,
    /// Number of files the signer states.
    pub batch_size: u32,
    /// ECDSA signature, DER.
    pub signature: Vec<u8>,
}

/// Why an export file is refused. Each sentence names its rule of docs/spec/proximity.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Larger than [`MAX_ZIP`], [`MAX_BIN`] or [`MAX_SIG`].
    #[error("the export file is larger than allowed (P21)")]
    TooLarge,
    /// Not a zip archive, or a damaged one.
    #[error("the export file is not an intact zip archive (P20)")]
    Zip,
    /// `export.bin` or `export.sig` is missing.
    #[error("the export file does not contain {0} (P20)")]
    Missing(&'static str),
    /// `export.bin` does not begin with [`MAGIC`].
    #[error("export.bin does not begin with \"EK Export v1\" (P20)")]
    Magic,
    /// The protobuf inside is malformed.
    #[error("the export's protobuf is malformed (P20)")]
    Protobuf,
    /// No signature is made by the key asked for.
    #[error("the export carries no signature of the given key id and version (P22)")]
    Unsigned,
    /// The signature states another batch than the header.
    #[error("the signature was made for another batch (P22)")]
    Batch,
    /// The signature does not hold.
    #[error("{0} (P22)")]
    Signature(#[from] SignatureError),
}
