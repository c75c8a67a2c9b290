//! Which column of a paste is what: by its heading, else by what its cells look like.

use super::{read_birth, read_sex};
use crate::civil::CivilDate;
use crate::people::model::{fold, phone};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Name.
    Name,
    /// Year or date of birth.
    Birth,
    /// Sex.
    Sex,
    /// Telephone numbers.
    Phone,
    /// Address.
    Address,
    /// Identity document.
    Document,
    /// Day of the last exposure.
    ExposedOn,
    /// Where they met.
    Place,
    /// What the person is to the case.
    Relation,
    /// Not read.
    Ignored,
}

impl Column {
    /// All that can be chosen.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Birth,
        Self::Sex,
        Self::Phone,
        Self::Address,
        Self::Document,
        Self::ExposedOn,
        Self::Place,
        Self::Relation,
        Self::Ignored,
    ];

    /// Returns the column's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Document => "document",
            Self::ExposedOn => "exposed-on",
            Self::Place => "place",
            Self::Relation => "relation",
            Self::Ignored => "ignored",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }

    /// Returns what a column with this heading holds.
    pub fn of_heading(cell: &str) -> Option<Self> {
        heading(cell)
    }
}

/// Words of headings, folded; the first that a heading contains decides.
const HEADINGS: &[(&str, Column)] = &[
    ("ho ten", Column::Name),
    ("ho va ten", Column::Name),
    ("ten", Column::Name),
    ("name", Column::Name),
    ("nam sinh", Column::Birth),
    ("ngay sinh", Column::Birth),
    ("sinh", Column::Birth),
    ("birth", Column::Birth),
    ("gioi", Column::Sex),
    ("phai", Column::Sex),
    ("sex", Column::Sex),
    ("dien thoai", Column::Phone),
    ("sdt", Column::Phone),
    ("so dt", Column::Phone),
    ("phone", Column::Phone),
    ("dia chi", Column::Address),
    ("noi o", Column::Address),
    ("cho o", Column::Address),
    ("address", Column::Address),
    ("cccd", Column::Document),
    ("cmnd", Column::Document),
    ("can cuoc", Column::Document),
    ("bhyt", Column::Document),
    ("ngay tiep xuc", Column::ExposedOn),
    ("tiep xuc ngay", Column::ExposedOn),
    ("tiep xuc lan cuoi", Column::ExposedOn),
    ("noi tiep xuc", Column::Place),
    ("dia diem", Column::Place),
    ("quan he", Column::Relation),
    ("moi quan he", Column::Relation),
    ("stt", Column::Ignored),
    ("ghi chu", Column::Ignored),
];

/// Words that make a text an address.
const STREETS: &[&str] = &[
    "ap", "xa", "phuong", "duong", "to", "kp", "khu", "thon", "hem", "so", "huyen", "thi", "tp", "kdc",
];
/// Words that say what somebody is to somebody.
const RELATIONS: &[&str] = &[
    "vo",
    "chong",
    "con",
    "cha",
    "me",
    "ba",
    "ong",
    "anh",
    "chi",
    "em",
    "chau",
    "ban",
    "hang xom",
    "dong nghiep",
    "khach",
    "cung nha",
    "cung xuong",
    "cung lop",
    "bac si",
    "tai xe",
];

/// Returns whether the first row is a heading, and what each column holds. A kind is given once, to the column that
/// fits best; the rest is ignored.
pub fn guess(rows: &[Vec<String>], today: CivilDate) -> (bool, Vec<Column>) {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let headed: Vec<Option<Column>> = (0..width)
        .map(|at| rows.first().and_then(|row| row.get(at)).and_then(|cell| heading(cell)))
        .collect();
    let has_heading = headed.iter().flatten().count() >= 2;
    let body = if has_heading { &rows[1..] } else { rows };
    let mut columns = vec![Column::Ignored; width];
    let mut free: Vec<usize> = (0..width).collect();
    if has_heading {
        for (at, column) in headed
            .iter()
            .enumerate()
            .filter_map(|(at, column)| Some((at, (*column)?)))
        {
            if column == Column::Ignored || !columns.contains(&column) {
                columns[at] = column;
                free.retain(|other| *other != at);
            }
        }
    }
    let mut scores: Vec<(usize, usize, Column)> = Vec::new();
    for at in free.iter().copied() {
        let cells: Vec<&str> = body
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
            .collect();
        for column in Column::ALL
            .into_iter()
            .filter(|column| !matches!(column, Column::Ignored | Column::Place))
        {
            let fitting = cells.iter().filter(|cell| fits(column, cell, today)).count();
            if fitting * 2 > cells.len() {
                scores.push((fitting * 100 / cells.len().max(1), at, column));
            }
        }
    }
    // Best fit first; of equal ones the leftmost column, and the kind listed first.
    scores.sort_by_key(|(score, at, column)| {
        (
            std::cmp::Reverse(*score),
            *at,
            Column::ALL.iter().position(|c| c == column),
        )
    });
    for (_, at, column) in scores {
        if free.contains(&at) && !columns.contains(&column) {
            columns[at] = column;
            free.retain(|other| *other != at);
        }
    }
    (has_heading, columns)
}

fn heading(cell: &str) -> Option<Column> {
    let folded = fold(cell);
    let is_words = !folded.is_empty() && folded.len() <= 40 && !folded.bytes().any(|b| b.is_ascii_digit());
    let longest = HEADINGS
        .iter()
        .filter(|(words, _)| has_words(&folded, words))
        .max_by_key(|(words, _)| words.len());
    longest.filter(|_| is_words).map(|(_, column)| *column)
}

fn fits(column: Column, cell: &str, today: CivilDate) -> bool {
    let folded = fold(cell);
    let words: Vec<&str> = folded.split(' ').collect();
    let has_digit = cell.bytes().any(|b| b.is_ascii_digit());
    match column {
        Column::Name => {
            !has_digit
                && (2..=6).contains(&words.len())
                && !RELATIONS.contains(&folded.as_str())
                && !words.iter().any(|word| STREETS[..4].contains(word))
        }
        // A day of these weeks is a day of exposure: newborns are few.
        Column::Birth => read_birth(cell, today).is_some_and(|birth| {
            birth
                .date()
                .map_or(birth.year() < today.year(), |day| today.days_since(day) > 60)
        }),
        Column::Sex => read_sex(cell).is_some(),
        Column::Phone => cell.split(['/', ';', ',']).all(|part| phone(part.trim()).is_some()),
        Column::Address => {
            words.len() >= 2
                && (has_digit || words.iter().any(|word| STREETS.contains(word)))
                && cell.chars().any(char::is_alphabetic)
        }
        Column::Document => {
            matches!(cell.len(), 9 | 12) && cell.bytes().all(|b| b.is_ascii_digit()) && phone(cell).is_none()
        }
        Column::ExposedOn => super::read_day(cell, today).is_some_and(|day| (0..=30).contains(&today.days_since(day))),
        Column::Relation => RELATIONS.iter().any(|relation| has_words(&folded, relation)) && words.len() <= 4,
        Column::Place | Column::Ignored => false,
    }
}

/// Returns whether `text` contains `words` as whole words.
fn has_words(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}
