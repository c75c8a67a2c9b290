//! Reading an export: the signature is checked over the whole file before a key is handed out.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow::{self, Break, Continue};
use sha2::{Digest, Sha256};

use super::{ExportError, ExportHeader, ExportSignature, MAGIC, MAX_BIN, MAX_SIG, MAX_ZIP, SignatureInfo};
use crate::diagnosis::{DiagnosisKey, ReportType};
use crate::protobuf::{Field, Fields, unzigzag};
use crate::proximity::RollingPeriod;
use crate::signature::PublicKey;
use crate::time::{IntervalNumber, UnixSeconds};
use crate::zip::{Entry, find};

/// Longest single field of `export.bin` read, in bytes (P21).
const MAX_FIELD: usize = 4096;
/// Most signatures and signature infos read.
const MAX_SIGNATURES: usize = 16;

/// An export file in memory whose entries have been found and whose signature list has been read.
pub struct Export<'a> {
    bin: Entry<'a>,
    header: ExportHeader,
    signatures: Vec<ExportSignature>,
}

/// A key as an export gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedKey {
    /// The key.
    pub key: DiagnosisKey,
    /// Whether it stands among the revised keys.
    pub revised: bool,
}

/// How many keys an export gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCount {
    /// Keys handed out.
    pub read: u32,
    /// Keys left out because they are not well formed (P23).
    pub skipped: u32,
}

impl<'a> Export<'a> {
    /// Finds the entries of `zip` and reads header and signature list (P20, P21).
    ///
    /// # Errors
    ///
    /// [`ExportError`] names what is wrong with the file.
    pub fn open(zip: &'a [u8]) -> Result<Self, ExportError> {
        if zip.len() > MAX_ZIP {
            return Err(ExportError::TooLarge);
        }
        let bin = find(zip, "export.bin")?.ok_or(ExportError::Missing("export.bin"))?;
        let sig = find(zip, "export.sig")?.ok_or(ExportError::Missing("export.sig"))?;
        let mut list = Vec::new();
        sig.read(MAX_SIG, |piece| {
            list.extend_from_slice(piece);
            Ok::<_, ExportError>(())
        })?;
        let header = read_header(&bin)?;
        Ok(Self {
            bin,
            header,
            signatures: signature_list(&list)?,
        })
    }

    /// Returns the header. Until [`Export::verify`] has succeeded it is only what the file claims.
    pub fn header(&self) -> &ExportHeader {
        &self.header
    }

    /// Returns the signatures the file carries.
    pub fn signatures(&self) -> &[ExportSignature] {
        &self.signatures
    }

    /// Checks the signature that `key_id` and `key_version` made over the whole of `export.bin` (P22).
    ///
    /// # Errors
    ///
    /// [`ExportError::Unsigned`], [`ExportError::Batch`] or [`ExportError::Signature`].
    pub fn verify(&self, key_id: &str, key_version: &str, key: &PublicKey) -> Result<(), ExportError> {
        let of_key = |s: &&ExportSignature| s.info.key_id == key_id && s.info.key_version == key_version;
        let signature = self.signatures.iter().find(of_key).ok_or(ExportError::Unsigned)?;
        self.check(signature, key)
    }

    /// Checks that any signature of the file is `key`'s, whatever id it states: for inspection by hand.
    ///
    /// # Errors
    ///
    /// The error of the last signature tried; [`ExportError::Unsigned`] when there is none.
    pub fn verify_any(&self, key: &PublicKey) -> Result<(), ExportError> {
        let mut result = Err(ExportError::Unsigned);
        for signature in &self.signatures {
            result = self.check(signature, key);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn check(&self, signature: &ExportSignature, key: &PublicKey) -> Result<(), ExportError> {
        if (signature.batch_num, signature.batch_size) != (self.header.batch_num, self.header.batch_size) {
            return Err(ExportError::Batch);
        }
        let mut digest = Sha256::new();
        self.bin.read(MAX_BIN, |piece| {
            digest.update(piece);
            Ok::<_, ExportError>(())
        })?;
        Ok(key.verify_digest_der(&digest.finalize().into(), &signature.signature)?)
    }

    /// Hands out every well-formed key in file order; malformed ones are skipped and counted (P23).
    ///
    /// Call [`Export::verify`] first.
    ///
    /// # Errors
    ///
    /// [`ExportError`], also after keys have been handed out, when the file is damaged further on.
    pub fn for_each_key(&self, mut each: impl FnMut(ExportedKey)) -> Result<KeyCount, ExportError> {
        let mut count = KeyCount::default();
        walk(&self.bin, |field| {
            if let Field::Bytes(number @ (7 | 8), body) = field {
                match read_key(body)? {
                    Some(key) => {
                        count.read += 1;
                        each(ExportedKey {
                            key,
                            revised: number == 8,
                        });
                    }
                    None => count.skipped += 1,
                }
            }
            Ok(Continue(()))
        })?;
        Ok(count)
    }
}

/// Why a walk over the file ends before its end.
enum Halt {
    /// The walker has what it came for.
    Enough,
    Failed(ExportError),
}

impl From<ExportError> for Halt {
    fn from(error: ExportError) -> Self {
        Self::Failed(error)
    }
}

/// Walks the top-level fields of `export.bin` without holding more than one piece of it, until `each` breaks.
fn walk(
    bin: &Entry<'_>,
    mut each: impl FnMut(Field<'_>) -> Result<ControlFlow<()>, ExportError>,
) -> Result<(), ExportError> {
    let mut magic = false;
    let mut pending: Vec<u8> = Vec::new();
    let mut advance = |pending: &mut Vec<u8>, at_end: bool| -> Result<(), Halt> {
        if !magic {
            if pending.len() < MAGIC.len() && !at_end {
                return Ok(());
            }
            if !pending.starts_with(MAGIC) {
                return Err(ExportError::Magic.into());
            }
            magic = true;
            pending.drain(..MAGIC.len());
        }
        let mut rest = pending.as_slice();
        while !rest.is_empty() {
            let mut fields = Fields(rest);
            match fields.next() {
                Ok(Some(field)) => {
                    if each(field)?.is_break() {
                        return Err(Halt::Enough);
                    }
                    rest = fields.0;
                }
                // Cut by the end of this piece, unless nothing more comes or the field is too long to be one of ours.
                _ if !at_end && rest.len() < MAX_FIELD => break,
                _ => return Err(ExportError::Protobuf.into()),
            }
        }
        let done = pending.len() - rest.len();
        pending.drain(..done);
        Ok(())
    };
    let mut read = || {
        bin.read(MAX_BIN, |piece| {
            pending.extend_from_slice(piece);
            advance(&mut pending, false)
        })?;
        advance(&mut pending, true)
    };
    match read() {
        Ok(()) | Err(Halt::Enough) => Ok(()),
        Err(Halt::Failed(error)) => Err(error),
    }
}

fn read_header(bin: &Entry<'_>) -> Result<ExportHeader, ExportError> {
    let mut header = ExportHeader {
        start: UnixSeconds(0),
        end: UnixSeconds(0),
        region: String::new(),
        batch_num: 0,
        batch_size: 0,
        signature_infos: Vec::new(),
    };
    walk(bin, |field| {
        match field {
            Field::Fixed64(1, v) => header.start = UnixSeconds(i64::try_from(v).map_err(|_| ExportError::Protobuf)?),
            Field::Fixed64(2, v) => header.end = UnixSeconds(i64::try_from(v).map_err(|_| ExportError::Protobuf)?),
            Field::Bytes(3, v) => header.region = text(v)?,
            Field::Varint(4, v) => header.batch_num = small(v)?,
            Field::Varint(5, v) => header.batch_size = small(v)?,
            Field::Bytes(6, v) if header.signature_infos.len() < MAX_SIGNATURES => {
                header.signature_infos.push(signature_info(v)?);
            }
            Field::Bytes(7 | 8, _) => return Ok(Break(())),
            _ => {}
        }
        Ok(Continue(()))
    })?;
    Ok(header)
}

fn read_key(body: &[u8]) -> Result<Option<DiagnosisKey>, ExportError> {
    let mut key: Option<[u8; 16]> = None;
    let (mut start, mut period, mut risk, mut report, mut onset) = (None, 144, 0, ReportType::Unknown, None);
    let mut fields = Fields(body);
    while let Some(field) = fields.next()? {
        match field {
            Field::Bytes(1, v) => key = v.try_into().ok(),
            Field::Varint(2, v) => risk = u8::try_from(v).unwrap_or(0),
            Field::Varint(3, v) => start = u32::try_from(v).ok(),
            Field::Varint(4, v) => period = v,
            Field::Varint(5, v) => report = ReportType::from_number(v),
            Field::Varint(6, v) => onset = i8::try_from(unzigzag(v)).ok().filter(|d| (-14..=14).contains(d)),
            _ => {}
        }
    }
    let period = u32::try_from(period).ok().and_then(RollingPeriod::new);
    let (Some(key), Some(start), Some(rolling_period)) = (key, start, period) else {
        return Ok(None);
    };
    Ok(Some(DiagnosisKey {
        key,
        rolling_start: IntervalNumber(start),
        rolling_period,
        report_type: report,
        transmission_risk: risk,
        days_since_onset: onset,
    }))
}

fn signature_list(bytes: &[u8]) -> Result<Vec<ExportSignature>, ExportError> {
    let mut out = Vec::new();
    let mut fields = Fields(bytes);
    while let Some(field) = fields.next()? {
        if let Field::Bytes(1, body) = field {
            if out.len() == MAX_SIGNATURES {
                return Err(ExportError::TooLarge);
            }
            out.push(signature(body)?);
        }
    }
    Ok(out)
}

fn signature(body: &[u8]) -> Result<ExportSignature, ExportError> {
    let info = SignatureInfo {
        key_version: String::new(),
        key_id: String::new(),
        algorithm: String::new(),
    };
    let mut out = ExportSignature {
        info,
        batch_num: 0,
        batch_size: 0,
        signature: Vec::new(),
    };
    let mut fields = Fields(body);
    while let Some(field) = fields.next()? {
        match field {
            Field::Bytes(1, v) => out.info = signature_info(v)?,
            Field::Varint(2, v) => out.batch_num = small(v)?,
            Field::Varint(3, v) => out.batch_size = small(v)?,
            Field::Bytes(4, v) => out.signature = v.to_vec(),
            _ => {}
        }
    }
    Ok(out)
}

fn signature_info(body: &[u8]) -> Result<SignatureInfo, ExportError> {
    let mut out = SignatureInfo {
        key_version: String::new(),
        key_id: String::new(),
        algorithm: String::new(),
    };
    let mut fields = Fields(body);
    while let Some(field) = fields.next()? {
        match field {
            Field::Bytes(3, v) => out.key_version = text(v)?,
            Field::Bytes(4, v) => out.key_id = text(v)?,
            Field::Bytes(5, v) => out.algorithm = text(v)?,
            _ => {}
        }
    }
    Ok(out)
}

fn text(bytes: &[u8]) -> Result<String, ExportError> {
    core::str::from_utf8(bytes)
        .map(String::from)
        .map_err(|_| ExportError::Protobuf)
}

fn small(value: u64) -> Result<u32, ExportError> {
    u32::try_from(value).map_err(|_| ExportError::Protobuf)
}
