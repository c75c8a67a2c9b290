//! What a column of a list is: by its heading, else by what its cells look like.

use crate::cases::grid::{Column, guess as guess_cells};
use crate::civil::CivilDate;
use crate::fold::fold;

use super::model::Kind;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// One of those of the contacts grid.
    Grid(Column),
    /// The case's own code.
    Code,
    /// Code of the case that was met.
    CaseCode,
    /// Code of the cases it came from.
    Source,
    /// Age in years.
    Age,
    /// Commune of residence, its name or code.
    Commune,
    /// Length of the exposure in minutes.
    Minutes,
    /// How close it was, 1 to 4.
    Level,
    /// Date of the test.
    TestDate,
    /// Onset of symptoms.
    Onset,
}

impl Field {
    /// All that a list of contacts may have.
    const CONTACTS: &[Self] = &[
        Self::Grid(Column::Name),
        Self::Grid(Column::Birth),
        Self::Age,
        Self::Grid(Column::Sex),
        Self::Grid(Column::Phone),
        Self::Grid(Column::Address),
        Self::Commune,
        Self::Grid(Column::Document),
        Self::CaseCode,
        Self::Grid(Column::ExposedOn),
        Self::Minutes,
        Self::Grid(Column::Place),
        Self::Grid(Column::Relation),
        Self::Level,
        Self::Grid(Column::Ignored),
    ];
    /// All that a list of cases may have.
    const CASES: &[Self] = &[
        Self::Code,
        Self::Grid(Column::Name),
        Self::Grid(Column::Birth),
        Self::Age,
        Self::Grid(Column::Sex),
        Self::Grid(Column::Phone),
        Self::Grid(Column::Address),
        Self::Commune,
        Self::Grid(Column::Document),
        Self::TestDate,
        Self::Onset,
        Self::Source,
        Self::Grid(Column::Ignored),
    ];

    /// Returns what a list of a kind may have.
    pub fn all(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Contacts => Self::CONTACTS,
            Kind::Cases => Self::CASES,
        }
    }

    /// Returns the field's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grid(column) => column.word(),
            Self::Code => "code",
            Self::CaseCode => "case-code",
            Self::Source => "source",
            Self::Age => "age",
            Self::Commune => "commune",
            Self::Minutes => "minutes",
            Self::Level => "level",
            Self::TestDate => "test-date",
            Self::Onset => "onset",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::CONTACTS
            .iter()
            .chain(Self::CASES)
            .copied()
            .find(|field| field.word() == word)
    }
}

/// Headings besides those of the grid, folded, and where they are read; the longest that fits decides.
const HEADINGS: &[(&str, Field, Kind)] = &[
    ("ma", Field::Code, Kind::Cases),
    ("ma ca", Field::Code, Kind::Cases),
    ("ma benh nhan", Field::Code, Kind::Cases),
    ("ma bn", Field::Code, Kind::Cases),
    ("so bn", Field::Code, Kind::Cases),
    ("id", Field::Code, Kind::Cases),
    ("case", Field::Code, Kind::Cases),
    ("ngay duong tinh", Field::TestDate, Kind::Cases),
    ("ngay xet nghiem", Field::TestDate, Kind::Cases),
    ("ngay lay mau", Field::TestDate, Kind::Cases),
    ("positivedate", Field::TestDate, Kind::Cases),
    ("test date", Field::TestDate, Kind::Cases),
    ("khoi phat", Field::Onset, Kind::Cases),
    ("ngay khoi phat", Field::Onset, Kind::Cases),
    ("onset", Field::Onset, Kind::Cases),
    ("nguon lay", Field::Source, Kind::Cases),
    ("lay tu", Field::Source, Kind::Cases),
    ("lay tu ca", Field::Source, Kind::Cases),
    ("source", Field::Source, Kind::Cases),
    ("ma ca", Field::CaseCode, Kind::Contacts),
    ("ma ca benh", Field::CaseCode, Kind::Contacts),
    ("ca benh", Field::CaseCode, Kind::Contacts),
    ("f0", Field::CaseCode, Kind::Contacts),
    ("cua ca", Field::CaseCode, Kind::Contacts),
    ("ma tiep xuc", Field::Grid(Column::Ignored), Kind::Contacts),
    ("so phut", Field::Minutes, Kind::Contacts),
    ("phut", Field::Minutes, Kind::Contacts),
    ("muc", Field::Level, Kind::Contacts),
    ("muc do", Field::Level, Kind::Contacts),
];

/// Headings of lists of either kind.
const COMMON: &[(&str, Field)] = &[
    ("tuoi", Field::Age),
    ("age", Field::Age),
    ("gender", Field::Grid(Column::Sex)),
    ("nam sinh", Field::Grid(Column::Birth)),
    ("giay to", Field::Grid(Column::Document)),
    ("xa phuong", Field::Commune),
    ("xa", Field::Commune),
    ("phuong xa", Field::Commune),
    ("xa phuong thi tran", Field::Commune),
    ("ngay tiep xuc cuoi", Field::Grid(Column::ExposedOn)),
];

/// What a list's first rows say of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The row that is the heading; rows before it are titles.
    pub heading: Option<usize>,
    /// What each column is.
    pub fields: Vec<Field>,
}

/// Returns where the heading is among the first rows, and what each column is.
pub fn guess(rows: &[Vec<String>], kind: Kind, today: CivilDate) -> Guess {
    let heading = rows
        .iter()
        .take(10)
        .position(|row| row.iter().filter(|cell| known(cell, kind).is_some()).count() >= 2);
    let heading = heading.or_else(|| looks_like_heading(rows).then_some(0));
    let body = heading.map_or(rows, |at| &rows[at..]);
    let has_known_words = heading.is_some_and(|at| rows[at].iter().any(|cell| known(cell, kind).is_some()));
    let cells_from = usize::from(heading.is_some() && !has_known_words);
    let (has_heading, columns) = guess_cells(&body[cells_from..], today);
    let width = columns.len();
    let heading = heading.or(has_heading.then_some(0));
    let mut fields: Vec<Field> = columns.into_iter().map(Field::Grid).collect();
    if let Some(row) = heading.filter(|_| cells_from == 0).and_then(|at| rows.get(at)) {
        for (at, cell) in row.iter().enumerate().take(width) {
            match known(cell, kind) {
                Some(field) => fields[at] = field,
                // A heading that says something else is not what its cells look like.
                None if !cell.trim().is_empty() => fields[at] = Field::Grid(Column::Ignored),
                None => {}
            }
        }
    }
    let allowed = Field::all(kind);
    let mut seen = Vec::new();
    for field in &mut fields {
        if !allowed.contains(field) || seen.contains(field) {
            *field = Field::Grid(Column::Ignored);
        }
        if *field != Field::Grid(Column::Ignored) {
            seen.push(*field);
        }
    }
    Guess { heading, fields }
}

/// A first row of words above rows with numbers is a heading, even one whose words nobody knows.
fn looks_like_heading(rows: &[Vec<String>]) -> bool {
    let has_digit = |row: &Vec<String>| row.iter().any(|cell| cell.bytes().any(|byte| byte.is_ascii_digit()));
    let Some((first, rest)) = rows.split_first() else {
        return false;
    };
    first.len() > 1
        && !rest.is_empty()
        && !has_digit(first)
        && rest.iter().filter(|row| has_digit(row)).count() * 2 > rest.len()
}

fn known(cell: &str, kind: Kind) -> Option<Field> {
    let folded = fold(cell);
    if folded.is_empty() || folded.len() > 40 {
        return None;
    }
    let own = HEADINGS
        .iter()
        .filter(|(_, _, of)| *of == kind)
        .map(|(words, field, _)| (*words, *field));
    let exact = own
        .chain(COMMON.iter().copied())
        .find(|(words, _)| *words == folded)
        .map(|(_, field)| field);
    exact.or_else(|| Column::of_heading(cell).map(Field::Grid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> Vec<Vec<String>> {
        texts
            .iter()
            .map(|row| row.split('|').map(str::to_owned).collect())
            .collect()
    }

    fn today() -> CivilDate {
        CivilDate::from_parts(2021, 7, 12).expect("a day")
    }

    #[test]
    fn a_heading_is_found_below_titles() {
        let rows = rows(&[
            "SỞ Y TẾ TIỀN GIANG",
            "DANH SÁCH TIẾP XÚC",
            "STT|Họ và tên|Năm sinh|Giới tính|Số điện thoại|Mã ca|Ngày tiếp xúc|Ghi chú",
            "1|Nguyễn Thị Lan|1990|Nữ|0912345678|BN-0001|10/7|",
        ]);
        let found = guess(&rows, Kind::Contacts, today());
        assert_eq!(found.heading, Some(2));
        let words: Vec<&str> = found.fields.iter().map(|field| field.word()).collect();
        assert_eq!(
            words,
            [
                "ignored",
                "name",
                "birth",
                "sex",
                "phone",
                "case-code",
                "exposed-on",
                "ignored"
            ]
        );
    }

    #[test]
    fn names_of_a_published_line_list_are_known() {
        let rows = rows(&[
            "age|from|gender|id|positiveDate|source|status",
            "66|Hà Nội|male|1|2020-01-23|CN|negative",
        ]);
        let found = guess(&rows, Kind::Cases, today());
        let words: Vec<&str> = found.fields.iter().map(|field| field.word()).collect();
        assert_eq!(
            words,
            ["age", "ignored", "sex", "code", "test-date", "source", "ignored"]
        );
        assert_eq!(found.heading, Some(0));
    }

    #[test]
    fn a_list_without_a_heading_is_known_by_its_cells() {
        let rows = rows(&["Nguyễn Thị Lan|0912345678|1990", "Trần Văn Mười|0987654321|1971"]);
        let found = guess(&rows, Kind::Contacts, today());
        assert_eq!(found.heading, None);
        let words: Vec<&str> = found.fields.iter().map(|field| field.word()).collect();
        assert_eq!(words, ["name", "phone", "birth"]);
    }

    #[test]
    fn a_heading_of_unknown_words_is_one_all_the_same() {
        let rows = rows(&[
            "Người gặp|Liên lạc|Khi nào",
            "Nguyễn Thị Lan|0912345678|10/7/2021",
            "Trần Văn Mười|0987654321|11/7/2021",
        ]);
        let found = guess(&rows, Kind::Contacts, today());
        assert_eq!(found.heading, Some(0));
        let words: Vec<&str> = found.fields.iter().map(|field| field.word()).collect();
        assert_eq!(words, ["name", "phone", "exposed-on"]);
    }

    #[test]
    fn every_word_is_read_again() {
        for kind in [Kind::Contacts, Kind::Cases] {
            for field in Field::all(kind) {
                assert_eq!(Field::parse(field.word()), Some(*field));
            }
        }
    }
}
