//! CSV in: UTF-8, with the separator that its first line uses.

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

/// Of comma, semicolon and tab the one that stands most often in the first line.
fn separator(first: &[u8]) -> u8 {
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: &u8| line.iter().filter(|byte| *byte == sign).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',')
}
