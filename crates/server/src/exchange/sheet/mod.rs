//! Lists as files: rows of text read from XLSX, CSV and JSON, and written to XLSX and CSV. Knows nothing of people.

mod control;
mod csv_file;
mod guard;
mod json_file;
mod workbook;
mod write;

use std::io::{Read, Seek, SeekFrom};

pub use control::Control;
pub use write::{CellTone, Format as OutFormat, SheetWriter};

/// Largest file, in bytes.
pub const MAX_FILE: usize = 100 * 1024 * 1024;
/// Most rows of a list.
pub const MAX_ROWS: usize = 1_000_000;
/// Most columns of a list.
pub const MAX_COLUMNS: usize = 100;
/// Longest cell, in characters; what is longer is cut there and found too long by whoever reads it.
pub const MAX_CELL: usize = 2_000;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML workbook; its first sheet with rows is read.
    Xlsx,
    /// Text with commas, semicolons or tabs, UTF-8.
    Csv,
    /// A JSON list of flat objects, alone or as the one list of an object.
    Json,
}

impl Format {
    /// Returns the stored word, which is also how such a file's name ends.
    pub fn word(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Xlsx, Self::Csv, Self::Json]
            .into_iter()
            .find(|format| format.word() == word)
    }
}

/// Why a file cannot be read; its word names a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetError {
    /// Nothing in it.
    Empty,
    /// An old workbook (`.xls`), whose rows end at 65,536.
    OldWorkbook,
    /// Neither workbook nor text.
    Unknown,
    /// Damaged.
    Damaged,
    /// Not UTF-8.
    Encoding,
    /// Too many rows, columns or bytes, or far larger unpacked than packed.
    TooLarge,
    /// Its last row says that rows were lost or changed since it was written.
    Control,
}

impl SheetError {
    /// Returns the error's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::OldWorkbook => "old-workbook",
            Self::Unknown => "unknown",
            Self::Damaged => "damaged",
            Self::Encoding => "encoding",
            Self::TooLarge => "too-large",
            Self::Control => "control",
        }
    }
}

/// Returns what kind of file this is by how it begins; leaves it at its beginning.
///
/// # Errors
///
/// [`SheetError`].
pub fn format_of<F: Read + Seek>(file: &mut F) -> Result<Format, SheetError> {
    let mut first = Vec::with_capacity(512);
    let read = file.by_ref().take(512).read_to_end(&mut first);
    read.and_then(|_| file.seek(SeekFrom::Start(0)))
        .map_err(|_| SheetError::Damaged)?;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first);
    let begin = text.iter().find(|byte| !byte.is_ascii_whitespace());
    match (first.as_slice(), begin) {
        (_, None) => Err(SheetError::Empty),
        ([b'P', b'K', 3, 4, ..], _) => Ok(Format::Xlsx),
        ([0xd0, 0xcf, 0x11, 0xe0, ..], _) => Err(SheetError::OldWorkbook),
        ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], _) => Err(SheetError::Encoding),
        (_, Some(b'{' | b'[')) => Ok(Format::Json),
        (bytes, _) if bytes.contains(&0) => Err(SheetError::Unknown),
        _ => Ok(Format::Csv),
    }
}

/// Hands the rows of a file to `each`, wholly empty ones left out. A control row ([`Control`]) is compared and not handed
/// over.
///
/// # Errors
///
/// [`SheetError`], also that of `each`.
pub fn read<F: Read + Seek>(
    file: F,
    format: Format,
    each: &mut dyn FnMut(Vec<String>) -> Result<(), SheetError>,
) -> Result<(), SheetError> {
    let mut reading = Reading {
        each,
        control: Control::default(),
        rows: 0,
        is_over: false,
    };
    match format {
        Format::Xlsx => workbook::read(file, &mut reading)?,
        Format::Csv => csv_file::read(file, &mut reading)?,
        Format::Json => json_file::read(file, &mut reading)?,
    }
    if reading.rows == 0 {
        return Err(SheetError::Empty);
    }
    Ok(())
}

/// Takes rows from a reader of one format.
struct Reading<'a> {
    each: &'a mut dyn FnMut(Vec<String>) -> Result<(), SheetError>,
    control: Control,
    rows: usize,
    is_over: bool,
}

impl Reading<'_> {
    fn row(&mut self, mut cells: Vec<String>) -> Result<(), SheetError> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if self.is_over {
            // Rows were put behind the control row: what it says is not true any more.
            return Err(SheetError::Control);
        }
        if let Some(said) = Control::read(&cells) {
            self.is_over = true;
            return if self.control.agrees(&said) {
                Ok(())
            } else {
                Err(SheetError::Control)
            };
        }
        self.rows += 1;
        if self.rows > MAX_ROWS || cells.len() > MAX_COLUMNS {
            return Err(SheetError::TooLarge);
        }
        self.control.add(&cells);
        for cell in &mut cells {
            if let Some((end, _)) = cell.char_indices().nth(MAX_CELL + 1) {
                cell.truncate(end);
            }
        }
        (self.each)(cells)
    }
}

#[cfg(test)]
mod tests;
