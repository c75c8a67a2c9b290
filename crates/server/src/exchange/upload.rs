//! Taking a file: read once, row by row, and kept sealed until its rows are entered or its day is over.

use std::io::{Read, Seek, SeekFrom, Write};

use hmac::{Hmac, KeyInit, Mac};
use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;
use tokio::sync::mpsc;

use super::fields::{Field, guess};
use super::model::{CHUNK_ROWS, Import, ImportState, KEEP_SECONDS, Kind, Options};
use super::sheet::{self, Format, MAX_FILE, SheetError};
use super::store;
use crate::app::AuthorityApp;
use crate::audit::{Action, Actor, Entry, Purpose};
use crate::auth::{Permission, Session};
use crate::civil::CivilDate;
use crate::db::{DbError, transaction};
use crate::error::ServiceError;
use crate::fold::fold;
use crate::people::ListKey;

/// Files up to this size, in bytes, are never written to a disk.
const IN_MEMORY: usize = 32 * 1024 * 1024;

/// A file being received: in memory, or beyond that in a file without a name.
pub struct Incoming {
    file: SpooledTempFile,
    size: usize,
    hash: Hmac<Sha256>,
}

impl Incoming {
    /// Begins.
    pub fn new(app: &AuthorityApp) -> Self {
        let mut hash = Hmac::new_from_slice(&app.secrets.code_pepper).expect("HMAC takes keys of any length");
        hash.update(b"import.content");
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            size: 0,
            hash,
        }
    }

    /// Takes a part.
    ///
    /// # Errors
    ///
    /// [`SheetError::TooLarge`].
    pub fn push(&mut self, part: &[u8]) -> Result<(), SheetError> {
        self.size += part.len();
        if self.size > MAX_FILE {
            return Err(SheetError::TooLarge);
        }
        self.hash.update(part);
        self.file.write_all(part).map_err(|_| SheetError::TooLarge)
    }
}

/// Why a file was not taken.
#[derive(Debug)]
pub enum UploadError {
    /// The file cannot be read.
    Sheet(SheetError),
    /// The service cannot take it.
    Service(ServiceError),
}

impl From<DbError> for UploadError {
    fn from(error: DbError) -> Self {
        Self::Service(error.into())
    }
}

impl From<ServiceError> for UploadError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

/// What a reader sends on: rows, and how the reading ended.
enum Part {
    Heading(Option<Vec<String>>, Vec<Field>),
    Rows(Vec<Vec<String>>),
}

/// Takes a list; its columns are guessed, or known again when the unit had a list with the same heading before.
///
/// # Errors
///
/// [`UploadError`]; nothing is kept then.
pub async fn upload(
    app: &AuthorityApp,
    by: &Session,
    kind: Kind,
    options: Options,
    incoming: Incoming,
) -> Result<Import, UploadError> {
    if !by.may(Permission::ImportRun) {
        return Err(ServiceError::NotAllowed.into());
    }
    let now = app.clock.now();
    let mut content_hash = [0; 16];
    content_hash.copy_from_slice(&incoming.hash.finalize().into_bytes()[..16]);
    let mut file = incoming.file;
    file.seek(SeekFrom::Start(0))
        .map_err(|_| UploadError::Sheet(SheetError::Damaged))?;
    let format = sheet::format_of(&mut file).map_err(UploadError::Sheet)?;
    let key = ListKey::draw(app).await?;
    let mut list = Import {
        import_id: format!("import_{}", app.entropy.hex_id()),
        kind,
        format,
        content_hash,
        shape: [0; 16],
        key_id: key.id(),
        has_heading: false,
        fields: Vec::new(),
        options,
        state: ImportState::Uploaded,
        total: 0,
        good: 0,
        bad: 0,
        entered: 0,
        known: 0,
        links: 0,
        next_chunk: 0,
        leased_until: UnixSeconds(0),
        created_at: now,
        expires_at: now.plus(KEEP_SECONDS),
    };
    let kept = keep(app, by, &mut list, &key, file).await;
    if let Err(error) = kept {
        ListKey::destroy(app, &[key.id()]).await?;
        return Err(error);
    }
    Ok(list)
}

async fn keep(
    app: &AuthorityApp,
    by: &Session,
    list: &mut Import,
    key: &ListKey,
    file: SpooledTempFile,
) -> Result<(), UploadError> {
    let (kind, format, today) = (list.kind, list.format, CivilDate::today(list.created_at));
    let (sender, mut parts) = mpsc::channel(4);
    let reading = tokio::task::spawn_blocking(move || read_parts(file, format, kind, today, &sender));
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    while let Some(part) = parts.recv().await {
        match part {
            Part::Heading(heading, fields) => {
                list.has_heading = heading.is_some();
                list.shape = shape(heading.as_deref(), fields.len());
                list.fields = fields;
                let row = heading.unwrap_or_default();
                chunks.push(sealed(app, list, key, 0, &[row])?);
            }
            Part::Rows(rows) => {
                list.total += rows.len() as i64;
                let at = chunks.len() as i64;
                chunks.push(sealed(app, list, key, at, &rows)?);
            }
        }
    }
    reading
        .await
        .map_err(|_| ServiceError::Internal("reading a list was cut off"))?
        .map_err(UploadError::Sheet)?;
    if list.total == 0 {
        return Err(UploadError::Sheet(SheetError::Empty));
    }
    if list.has_heading
        && let Some(remembered) = store::mapping(&app.db, &list.shape, kind, by.officer.scope).await?
        && remembered.len() == list.fields.len()
    {
        list.fields = remembered;
    }
    let actor = Actor::Officer(by.officer.officer_id.clone());
    let mut entry = Entry::new(actor, by.officer.role.word(), Purpose::Tracing, Action::IMPORT);
    entry.record = Some(&list.import_id);
    entry.count = u32::try_from(list.total).unwrap_or(u32::MAX);
    entry.scope = Some(by.officer.scope.unit);
    app.audit.record(entry).await?;
    Ok(write(app, by, list, &chunks).await?)
}

async fn write(app: &AuthorityApp, by: &Session, list: &Import, chunks: &[Vec<u8>]) -> Result<(), ServiceError> {
    transaction!(app.db, "keep list", |tx| {
        store::insert(tx, list, &by.officer.officer_id).await?;
        for (at, chunk) in (0..).zip(chunks) {
            store::insert_chunk(tx, &list.import_id, at, chunk).await?;
        }
        Ok(())
    })
}

/// Chunk 0 is the heading, the rows follow.
fn sealed(
    app: &AuthorityApp,
    list: &Import,
    key: &ListKey,
    at: i64,
    rows: &[Vec<String>],
) -> Result<Vec<u8>, ServiceError> {
    let plain = serde_json::to_vec(rows).map_err(|_| ServiceError::Internal("rows cannot be written"))?;
    Ok(key.seal(app, &cells_place(&list.import_id, at), &plain))
}

/// Returns what the cells of a chunk are bound to.
pub(super) fn cells_place(import_id: &str, chunk: i64) -> String {
    format!("import.cells/{import_id}/{chunk}")
}

fn read_parts<F: Read + Seek>(
    file: F,
    format: Format,
    kind: Kind,
    today: CivilDate,
    sender: &mpsc::Sender<Part>,
) -> Result<(), SheetError> {
    let send = |part: Part| sender.blocking_send(part).map_err(|_| SheetError::Damaged);
    let mut waiting: Vec<Vec<String>> = Vec::with_capacity(CHUNK_ROWS);
    let mut is_known = false;
    let begin = |waiting: &mut Vec<Vec<String>>| {
        let found = guess(waiting, kind, today);
        let heading = found.heading.map(|at| {
            // What stands above the heading is a title.
            let mut rows = waiting.drain(..=at);
            rows.next_back().unwrap_or_default()
        });
        send(Part::Heading(heading, found.fields))
    };
    sheet::read(file, format, &mut |row| {
        waiting.push(row);
        if waiting.len() < CHUNK_ROWS {
            return Ok(());
        }
        if !is_known {
            is_known = true;
            begin(&mut waiting)?;
        }
        send(Part::Rows(std::mem::replace(
            &mut waiting,
            Vec::with_capacity(CHUNK_ROWS),
        )))
    })?;
    if !is_known {
        begin(&mut waiting)?;
    }
    if waiting.is_empty() {
        return Ok(());
    }
    send(Part::Rows(waiting))
}

/// Returns the hash of a heading: the same words in the same order are the same list.
pub(super) fn shape(heading: Option<&[String]>, width: usize) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(width.to_be_bytes());
    for cell in heading.unwrap_or_default() {
        hash.update(fold(cell));
        hash.update([0x1f]);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}
