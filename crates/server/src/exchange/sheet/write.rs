//! XLSX and CSV out, row by row. No cell can be a formula.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use rust_xlsxwriter::{Color, Format as Look, Workbook, Worksheet};

use super::Control;

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Workbook.
    Xlsx,
    /// UTF-8 text with a byte order mark, by which Excel knows it.
    Csv,
}

impl Format {
    /// Returns how its name ends.
    pub fn word(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Xlsx, Self::Csv].into_iter().find(|format| format.word() == word)
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellTone {
    /// Like any.
    #[default]
    Plain,
    /// Red: wrong.
    Wrong,
}

/// Writes one list into a file that has no name: it is gone when it is closed, whatever happens.
pub struct SheetWriter {
    control: Control,
    out: Out,
}

enum Out {
    Csv(Box<csv::Writer<File>>),
    Xlsx(Box<Book>),
}

struct Book {
    book: Workbook,
    sheet: Worksheet,
    next: u32,
    heading: Look,
    wrong: Look,
}

impl SheetWriter {
    /// Begins a list with its heading.
    ///
    /// # Errors
    ///
    /// When there is no room for a temporary file.
    pub fn begin(format: Format, heading: &[String]) -> io::Result<Self> {
        let out = match format {
            Format::Csv => {
                let mut file = tempfile::tempfile()?;
                file.write_all(b"\xef\xbb\xbf")?;
                Out::Csv(Box::new(csv::WriterBuilder::new().flexible(true).from_writer(file)))
            }
            Format::Xlsx => {
                let mut book = Workbook::new();
                let sheet = book.new_worksheet_with_constant_memory().map_err(io::Error::other)?;
                Out::Xlsx(Box::new(Book {
                    book,
                    sheet,
                    next: 0,
                    heading: Look::new().set_bold(),
                    wrong: Look::new()
                        .set_background_color(Color::RGB(0x00FF_D6D6))
                        .set_font_color(Color::RGB(0x009C_0006)),
                }))
            }
        };
        let mut writer = Self {
            control: Control::default(),
            out,
        };
        if let Out::Xlsx(book) = &mut writer.out {
            let Book { sheet, .. } = book.as_mut();
            sheet.set_freeze_panes(1, 0).map_err(io::Error::other)?;
            for (at, text) in (0..).zip(heading) {
                let width = (text.chars().count() as f64 + 4.0).clamp(12.0, 40.0);
                sheet.set_column_width(at, width).map_err(io::Error::other)?;
            }
        }
        writer.control.add(heading);
        let plain = vec![CellTone::Plain; heading.len()];
        writer.put(heading, &plain, true)?;
        Ok(writer)
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// When the disk is full.
    pub fn row(&mut self, cells: &[String], tones: &[CellTone]) -> io::Result<()> {
        self.control.add(cells);
        self.put(cells, tones, false)
    }

    fn put(&mut self, cells: &[String], tones: &[CellTone], is_heading: bool) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(rows) => {
                rows.write_record(cells.iter().map(|cell| safe(cell)))?;
            }
            Out::Xlsx(book) => {
                let Book {
                    sheet,
                    next,
                    heading,
                    wrong,
                    ..
                } = book.as_mut();
                for (at, cell) in (0u16..).zip(cells) {
                    let tone = tones.get(usize::from(at)).copied().unwrap_or_default();
                    let look = match tone {
                        _ if is_heading => Some(&*heading),
                        CellTone::Wrong => Some(&*wrong),
                        CellTone::Plain => None,
                    };
                    // Always a text, never a formula, a number or a link.
                    match look {
                        Some(look) => sheet.write_string_with_format(*next, at, cell, look),
                        None if cell.is_empty() => continue,
                        None => sheet.write_string(*next, at, cell),
                    }
                    .map_err(io::Error::other)?;
                }
                *next += 1;
            }
        }
        Ok(())
    }

    /// Writes the control row and returns the file, at its beginning; `id` names the export in the audit record. A list that
    /// is to be mended and sent back has no id and no control row.
    ///
    /// # Errors
    ///
    /// When the disk is full.
    pub fn finish(mut self, id: Option<&str>) -> io::Result<File> {
        if let Some(id) = id {
            let last = self.control.row(id);
            self.put(&last, &[], false)?;
        }
        let mut file = match self.out {
            Out::Csv(rows) => rows.into_inner().map_err(|error| error.into_error())?,
            Out::Xlsx(book) => {
                let Book { mut book, sheet, .. } = *book;
                book.push_worksheet(sheet);
                let mut file = tempfile::tempfile()?;
                book.save_to_writer(&mut file).map_err(io::Error::other)?;
                file
            }
        };
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}

/// Signs with which spreadsheets begin a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Returns a text that a spreadsheet shows as it is: an apostrophe in front keeps it from being a formula.
fn safe(cell: &str) -> String {
    if cell.starts_with(FORMULA) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Takes the apostrophe of [`safe`] away.
pub(super) fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => cell,
    }
}
