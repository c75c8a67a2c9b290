//! Writing an export.

use alloc::vec::Vec;
use sha2::{Digest, Sha256};

use super::{ALGORITHM, ExportHeader, MAGIC, Sink};
use crate::diagnosis::DiagnosisKey;
use crate::protobuf::{put_bytes, put_fixed64, put_uint, zigzag};
use crate::signature::SecretKey;
use crate::zip::ZipWriter;

/// Why an export could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportWriteError<E> {
    /// Keys must come in ascending order of their bytes, each once: order must not tell who uploaded together (P24).
    #[error("diagnosis keys are not in strictly ascending order (P24)")]
    Order,
    /// The sink refused bytes.
    #[error("the export could not be stored")]
    Sink(E),
}

/// Writes one export file as a stream, in constant memory.
pub struct ExportWriter<S: Sink> {
    zip: ZipWriter<S>,
    header: ExportHeader,
    digest: Sha256,
    last: Option<[u8; 16]>,
    record: Vec<u8>,
}

impl<S: Sink> ExportWriter<S> {
    /// Begins a file with its header (P20).
    ///
    /// # Errors
    ///
    /// [`ExportWriteError::Sink`].
    pub fn new(sink: S, header: ExportHeader) -> Result<Self, ExportWriteError<S::Error>> {
        let mut zip = ZipWriter::new(sink);
        zip.begin("export.bin").map_err(ExportWriteError::Sink)?;
        let mut writer = Self {
            zip,
            header,
            digest: Sha256::new(),
            last: None,
            record: Vec::with_capacity(256),
        };
        let bytes = header_bytes(&writer.header);
        writer.put(&bytes)?;
        Ok(writer)
    }

    /// Appends a key (P23, P24).
    ///
    /// # Errors
    ///
    /// [`ExportWriteError::Order`] unless `key` comes after the previous one; [`ExportWriteError::Sink`].
    pub fn push(&mut self, key: &DiagnosisKey) -> Result<(), ExportWriteError<S::Error>> {
        if self.last.is_some_and(|last| last >= key.key) {
            return Err(ExportWriteError::Order);
        }
        self.last = Some(key.key);
        let mut record = core::mem::take(&mut self.record);
        record.clear();
        put_key(&mut record, key);
        let result = self.put(&record);
        self.record = record;
        result
    }

    /// Signs the file, closes it and gives the sink back (P22).
    ///
    /// # Errors
    ///
    /// [`ExportWriteError::Sink`].
    pub fn finish(self, key: &SecretKey) -> Result<S, ExportWriteError<S::Error>> {
        let Self {
            mut zip,
            header,
            digest,
            ..
        } = self;
        let signature = key.sign_digest_der(&digest.finalize().into());
        let mut finish = || {
            zip.end()?;
            zip.begin("export.sig")?;
            zip.write(&signature_list(&header, &signature))?;
            zip.end()
        };
        finish().map_err(ExportWriteError::Sink)?;
        zip.finish().map_err(ExportWriteError::Sink)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportWriteError<S::Error>> {
        self.digest.update(bytes);
        self.zip.write(bytes).map_err(ExportWriteError::Sink)
    }
}

fn header_bytes(header: &ExportHeader) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_fixed64(&mut out, 1, header.start.0.max(0).cast_unsigned());
    put_fixed64(&mut out, 2, header.end.0.max(0).cast_unsigned());
    put_bytes(&mut out, 3, header.region.as_bytes());
    put_uint(&mut out, 4, u64::from(header.batch_num));
    put_uint(&mut out, 5, u64::from(header.batch_size));
    for info in &header.signature_infos {
        put_bytes(&mut out, 6, &info_bytes(&info.key_version, &info.key_id));
    }
    out
}

fn put_key(out: &mut Vec<u8>, key: &DiagnosisKey) {
    let mut inner = Vec::with_capacity(48);
    put_bytes(&mut inner, 1, &key.key);
    put_uint(&mut inner, 2, u64::from(key.transmission_risk));
    put_uint(&mut inner, 3, u64::from(key.rolling_start.0));
    put_uint(&mut inner, 4, u64::from(key.rolling_period.intervals()));
    put_uint(&mut inner, 5, u64::from(key.report_type.number()));
    if let Some(days) = key.days_since_onset {
        put_uint(&mut inner, 6, zigzag(i32::from(days)));
    }
    put_bytes(out, 7, &inner);
}

fn signature_list(header: &ExportHeader, signature: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for info in &header.signature_infos {
        let mut one = Vec::new();
        put_bytes(&mut one, 1, &info_bytes(&info.key_version, &info.key_id));
        put_uint(&mut one, 2, u64::from(header.batch_num));
        put_uint(&mut one, 3, u64::from(header.batch_size));
        put_bytes(&mut one, 4, signature);
        put_bytes(&mut out, 1, &one);
    }
    out
}

fn info_bytes(version: &str, id: &str) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, 3, version.as_bytes());
    put_bytes(&mut out, 4, id.as_bytes());
    put_bytes(&mut out, 5, ALGORITHM.as_bytes());
    out
}
