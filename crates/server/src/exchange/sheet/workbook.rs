//! XLSX in: cell by cell, so that a large sheet is never held as a whole.

use std::io::{BufReader, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx};

use super::{MAX_COLUMNS, Reading, SheetError, guard};

pub(super) fn read<F: Read + Seek>(mut file: F, reading: &mut Reading<'_>) -> Result<(), SheetError> {
    guard::check(&mut file)?;
    let mut book = Xlsx::new(BufReader::new(file)).map_err(|_| SheetError::Damaged)?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in sheets {
        read_sheet(&mut book, &name, reading)?;
        // Further sheets are notes, lists of choices, or copies.
        if reading.rows > 0 {
            break;
        }
    }
    Ok(())
}

fn read_sheet<F: Read + Seek>(book: &mut Xlsx<F>, name: &str, reading: &mut Reading<'_>) -> Result<(), SheetError> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| SheetError::Damaged)?;
    let (mut row, mut at) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(|_| SheetError::Damaged)? {
        let (line, column) = cell.get_position();
        if line != at {
            reading.row(std::mem::take(&mut row))?;
            at = line;
        }
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            return Err(SheetError::TooLarge);
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    reading.row(row)
}

/// Returns what a person sees in a cell, with days as `d/m/yyyy`.
fn text_of(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => if *value { "x" } else { "" }.to_owned(),
        DataRef::DateTime(value) => day_text(*value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn number_text(number: f64) -> String {
    // Telephone numbers and days are whole; `{}` of a float never writes an exponent.
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        number.to_string()
    }
}

fn day_text(value: ExcelDateTime) -> String {
    if !value.is_datetime() {
        return number_text(value.as_f64());
    }
    let (year, month, day, hour, minute, _, _) = value.to_ymd_hms_milli();
    if hour == 0 && minute == 0 {
        format!("{day}/{month}/{year}")
    } else {
        format!("{day}/{month}/{year} {hour:02}:{minute:02}")
    }
}
