//! CSV in: UTF-8, with the separator that its first lines use.

use std::io::{BufRead, BufReader, Read};

use super::write::bare;
use super::{Reading, SheetError};

pub(super) fn read<F: Read>(file: F, reading: &mut Reading<'_>) -> Result<(), SheetError> {
    let mut file = BufReader::with_capacity(64 * 1024, file);
    let first = file.fill_buf().map_err(|_| SheetError::Damaged)?;
    let mark = if first.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let separator = separator(&first[mark..]);
    file.consume(mark);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let mut record = csv::ByteRecord::new();
    while rows.read_byte_record(&mut record).map_err(|_| SheetError::Damaged)? {
        let cells: Result<Vec<String>, _> = record
            .iter()
            .map(|cell| std::str::from_utf8(cell).map(|text| bare(text).to_owned()))
            .collect();
        reading.row(cells.map_err(|_| SheetError::Encoding)?)?;
    }
    Ok(())
}

/// Lines that are looked at.
const LINES: usize = 50;

/// Of comma, semicolon and tab the one that most of the first lines have equally often: titles have none, and addresses have
/// commas of their own.
fn separator(first: &[u8]) -> u8 {
    let lines: Vec<&[u8]> = first.split(|byte| *byte == b'\n').take(LINES).collect();
    let fits = |sign: u8| {
        let count = |line: &&[u8]| line.iter().filter(|byte| **byte == sign).count();
        let counts: Vec<usize> = lines.iter().map(count).filter(|count| *count > 0).collect();
        let alike = |of: usize| counts.iter().filter(|count| **count == of).count();
        counts.iter().map(|of| (alike(*of), *of)).max().unwrap_or_default()
    };
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|sign| fits(*sign))
        .unwrap_or(b',')
}
