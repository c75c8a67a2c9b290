//! The contacts grid: a list pasted from a spreadsheet or a chat becomes rows of contacts, cell by cell green or red. Pure.

mod columns;
mod split;

pub use columns::{Column, guess};
pub use split::{MAX_BYTES, MAX_ROWS, TooLarge, split};

use crate::civil::CivilDate;
use crate::people::model::{Birth, Document, DocumentKind, Identity, Sex, fold, phone};

use super::milestone::parse_day;

/// What is wrong with a cell; its word names a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A name is needed.
    NoName,
    /// The name has digits or is too long.
    BadName,
    /// Neither a telephone number nor an address.
    NoWay,
    /// Not a telephone number.
    BadPhone,
    /// Not a year or date of birth.
    BadBirth,
    /// Neither nam nor nữ.
    BadSex,
    /// A day of exposure is needed.
    NoDay,
    /// Not a day, or one after today.
    BadDay,
    /// Not a document number.
    BadDocument,
    /// Too long.
    TooLong,
}

impl Fault {
    /// Returns the fault's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoName => "no-name",
            Self::BadName => "bad-name",
            Self::NoWay => "no-way",
            Self::BadPhone => "bad-phone",
            Self::BadBirth => "bad-birth",
            Self::BadSex => "bad-sex",
            Self::NoDay => "no-day",
            Self::BadDay => "bad-day",
            Self::BadDocument => "bad-document",
            Self::TooLong => "too-long",
        }
    }
}

/// A row that can be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub identity: Identity,
    /// Day of the last exposure.
    pub exposed_on: CivilDate,
    /// Where they met, as written.
    pub place: String,
    /// What the person is to the case, as written.
    pub relation: String,
}

/// What a row's missing cells are filled with: the form above the grid.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// Day of exposure.
    pub exposed_on: Option<CivilDate>,
    /// Where they met.
    pub place: String,
    /// Address, for a household.
    pub address: String,
}

/// Longest place or relation, in characters.
const MAX_TEXT: usize = 200;

/// Reads a row: what it says, and what is wrong with which cell (`None` for a cell that is missing).
///
/// # Errors
///
/// The faults, at least one.
pub fn read(
    cells: &[String],
    columns: &[Column],
    defaults: &Defaults,
    today: CivilDate,
) -> Result<Entry, Vec<(Option<usize>, Fault)>> {
    let mut faults = Vec::new();
    let mut entry = Reading {
        exposed_on: defaults.exposed_on,
        place: defaults.place.clone(),
        ..Reading::default()
    };
    for (at, text) in cells.iter().enumerate() {
        let text = text.trim();
        let column = columns.get(at).copied().unwrap_or(Column::Ignored);
        if text.is_empty() || column == Column::Ignored {
            continue;
        }
        if let Err(fault) = entry.take(column, text, today) {
            faults.push((Some(at), fault));
        }
    }
    let position = |wanted| columns.iter().position(|column| *column == wanted);
    let has_fault = |faults: &[(Option<usize>, Fault)], column| {
        faults.iter().any(|(at, _)| *at == position(column) && at.is_some())
    };
    if entry.identity.address.is_empty() {
        entry.identity.address.clone_from(&defaults.address);
    }
    if entry.identity.name.is_empty() && !has_fault(&faults, Column::Name) {
        faults.push((position(Column::Name), Fault::NoName));
    }
    let no_way = entry.identity.phones.is_empty() && entry.identity.address.is_empty();
    if no_way && !has_fault(&faults, Column::Phone) && !has_fault(&faults, Column::Address) {
        faults.push((position(Column::Phone).or(position(Column::Address)), Fault::NoWay));
    }
    match entry.exposed_on {
        Some(exposed_on) if faults.is_empty() => Ok(Entry {
            identity: entry.identity,
            exposed_on,
            place: entry.place,
            relation: entry.relation,
        }),
        None if !has_fault(&faults, Column::ExposedOn) => {
            faults.push((position(Column::ExposedOn), Fault::NoDay));
            Err(faults)
        }
        _ => Err(faults),
    }
}

/// A row as far as it was read, cell by cell.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Who.
    pub identity: Identity,
    /// Day of the last exposure.
    pub exposed_on: Option<CivilDate>,
    /// Where they met.
    pub place: String,
    /// What the person is to the case.
    pub relation: String,
}

impl Reading {
    /// Takes a cell.
    ///
    /// # Errors
    ///
    /// What is wrong with it; the row is as before, or has no day.
    pub fn take(&mut self, column: Column, text: &str, today: CivilDate) -> Result<(), Fault> {
        match column {
            Column::Ignored => {}
            Column::Name => self.identity.name = read_name(text)?,
            Column::Birth => self.identity.birth = Some(read_birth(text, today).ok_or(Fault::BadBirth)?),
            Column::Sex => self.identity.sex = Some(read_sex(text).ok_or(Fault::BadSex)?),
            Column::Phone => {
                for part in text
                    .split(['/', ';', ','])
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                {
                    self.identity.phones.push(phone(part).ok_or(Fault::BadPhone)?);
                }
            }
            Column::Address => self.identity.address = limited(text, crate::people::model::MAX_ADDRESS)?,
            Column::Document => self
                .identity
                .documents
                .push(read_document(text).ok_or(Fault::BadDocument)?),
            Column::ExposedOn => {
                let day = read_day(text, today).filter(|day| *day <= today).ok_or(Fault::BadDay);
                // A cell that cannot be read must not fall back on the default.
                self.exposed_on = day.ok();
                day?;
            }
            Column::Place => self.place = limited(text, MAX_TEXT)?,
            Column::Relation => self.relation = limited(text, MAX_TEXT)?,
        }
        Ok(())
    }
}

fn limited(text: &str, most: usize) -> Result<String, Fault> {
    if text.chars().count() <= most {
        Ok(text.to_owned())
    } else {
        Err(Fault::TooLong)
    }
}

fn read_name(text: &str) -> Result<String, Fault> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_name = name
        .chars()
        .all(|c| c.is_alphabetic() || " .'-()".contains(c) || ('\u{300}'..='\u{36f}').contains(&c));
    let fits = name.chars().count() <= crate::people::model::MAX_NAME && name.chars().any(char::is_alphabetic);
    if is_name && fits { Ok(name) } else { Err(Fault::BadName) }
}

/// Reads `1961`, `2/9/1961` or a spreadsheet's day number.
pub(crate) fn read_birth(text: &str, today: CivilDate) -> Option<Birth> {
    if text.len() == 4 {
        let year: i16 = text.parse().ok()?;
        return (1900..=today.year()).contains(&year).then_some(Birth::Year(year));
    }
    let date = full_date(text)
        .or_else(|| spreadsheet_day(text))
        .filter(|date| *date <= today && date.year() >= 1900)?;
    i32::try_from(date.number()).ok().map(Birth::Day)
}

/// Reads a day of exposure: `12/7`, `12/7/2021`, `2021-07-12`, or a spreadsheet's day number.
pub fn read_day(text: &str, today: CivilDate) -> Option<CivilDate> {
    let text = text.split_whitespace().next()?;
    CivilDate::parse(text)
        .or_else(|| spreadsheet_day(text))
        .or_else(|| parse_day(text, today))
}

fn full_date(text: &str) -> Option<CivilDate> {
    let text = text.split_whitespace().next()?;
    let has_year = text.rsplit(['/', '-', '.']).next()?.len() == 4;
    CivilDate::parse(text).or_else(|| {
        if has_year {
            parse_day(text, CivilDate::from_parts(2100, 1, 1)?)
        } else {
            None
        }
    })
}

/// Spreadsheets count days from 30 December 1899.
fn spreadsheet_day(text: &str) -> Option<CivilDate> {
    let day: i64 = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
    let first = CivilDate::from_parts(1900, 1, 1)?.number() - 2;
    (2..=73_050)
        .contains(&day)
        .then(|| CivilDate::from_number(first + day))
        .flatten()
}

pub(crate) fn read_sex(text: &str) -> Option<Sex> {
    match fold(text).as_str() {
        "nam" | "m" | "male" | "trai" => Some(Sex::Male),
        "nu" | "f" | "female" | "gai" => Some(Sex::Female),
        _ => None,
    }
}

fn read_document(text: &str) -> Option<Document> {
    let number: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_uppercase();
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    let kind = match (digits, number.len()) {
        (true, 9 | 12) => DocumentKind::Identity,
        (false, 15) | (true, 10) => DocumentKind::Insurance,
        (false, 7..=9) => DocumentKind::Passport,
        _ => return None,
    };
    Some(Document { kind, number })
}

#[cfg(test)]
mod tests;
