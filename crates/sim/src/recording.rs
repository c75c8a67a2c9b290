//! Recordings of who was near whom: lines `t i j …`, separated by white space, plain or compressed; or a table with the
//! columns `contact_time`, `id1` and `id2`, separated by commas.
//!
//! `t` counts seconds from a UTC midnight; a line means contact during `[t − 20, t]` (SocioPatterns).

use std::{collections::HashMap, io::Read, path::Path};

/// Seconds a line stands for.
pub const STEP_SECONDS: i64 = 20;
/// Largest file read, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Longest text read, in bytes, after decompression.
pub const MAX_TEXT_BYTES: u64 = 512 * 1024 * 1024;
/// Most people in a recording.
pub const MAX_PEOPLE: usize = 100_000;
/// Latest time of a recording, in seconds: a year.
pub const MAX_SECONDS: i64 = 366 * 86_400;
/// Longest name of a person, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Position of a person in [`Recording::people`].
pub type Person = u32;

/// Two people in contact during the 20 seconds that end at `t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// End of the contact, seconds from the recording's first midnight.
    pub t: i64,
    /// The one with the smaller number.
    pub a: Person,
    /// The other.
    pub b: Person,
}

/// A recording in the order of time, every contact once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Names as the file has them, in the order of their first appearance.
    pub people: Vec<String>,
    /// Contacts.
    pub rows: Vec<Row>,
}

/// Why a file is not a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecording {
    /// The file cannot be read.
    #[error("the recording cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The zip archive is damaged or empty.
    #[error("the archive is not a readable zip file with one recording")]
    Zip,
    /// The file or its text is longer than is read.
    #[error("the recording is longer than {0} bytes")]
    TooLong(u64),
    /// A line is not a contact.
    #[error("line {line}: {why}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No line holds a contact.
    #[error("the recording holds no contact")]
    Empty,
}

/// Reads a recording from a file: plain, `.gz` or `.zip`, told apart by the first bytes.
///
/// # Errors
///
/// [`InvalidRecording`], with the number of the first line that is wrong.
pub fn read_file(path: &Path) -> Result<Recording, InvalidRecording> {
    let mut bytes = Vec::new();
    limited(std::fs::File::open(path)?, MAX_FILE_BYTES, &mut bytes)?;
    read(&bytes)
}

/// Reads a recording from the bytes of a file.
///
/// # Errors
///
/// As [`read_file`].
pub fn read(bytes: &[u8]) -> Result<Recording, InvalidRecording> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        limited(flate2::read::MultiGzDecoder::new(bytes), MAX_TEXT_BYTES, &mut text)?;
    } else if bytes.starts_with(b"PK\x03\x04") {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|_| InvalidRecording::Zip)?;
        limited(
            archive.by_index(0).map_err(|_| InvalidRecording::Zip)?,
            MAX_TEXT_BYTES,
            &mut text,
        )?;
    } else {
        text.extend_from_slice(bytes);
    }
    parse(&text)
}

fn limited(from: impl Read, limit: u64, out: &mut Vec<u8>) -> Result<(), InvalidRecording> {
    let read = from.take(limit + 1).read_to_end(out)?;
    if read as u64 > limit {
        Err(InvalidRecording::TooLong(limit))
    } else {
        Ok(())
    }
}

/// Where a line holds time and people.
#[derive(Clone, Copy)]
struct Columns {
    time: usize,
    first: usize,
    second: usize,
    commas: bool,
}

#[derive(Default)]
struct People {
    names: Vec<String>,
    numbers: HashMap<String, Person>,
}

impl People {
    fn number(&mut self, name: &str) -> Result<Person, &'static str> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err("a person's name is empty or too long");
        }
        if self.names.len() == MAX_PEOPLE {
            return Err("too many people");
        }
        let number = Person::try_from(self.names.len()).map_err(|_| "too many people")?;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        Ok(number)
    }
}

fn parse(bytes: &[u8]) -> Result<Recording, InvalidRecording> {
    let mut columns = Columns {
        time: 0,
        first: 1,
        second: 2,
        commas: false,
    };
    let (mut people, mut rows) = (People::default(), Vec::new());
    for (at, bytes) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let wrong = |why| InvalidRecording::Line { line: at + 1, why };
        let line = std::str::from_utf8(bytes).map_err(|_| wrong("not text"))?.trim();
        if line.is_empty() {
            continue;
        }
        match (at == 0).then(|| header(line)).flatten() {
            Some(named) => columns = named,
            None => rows.push(row(line, columns, &mut people).map_err(wrong)?),
        }
    }
    if rows.is_empty() {
        return Err(InvalidRecording::Empty);
    }
    rows.sort_unstable();
    rows.dedup();
    Ok(Recording {
        people: people.names,
        rows,
    })
}

/// Returns the columns when the first line names them.
fn header(line: &str) -> Option<Columns> {
    let names: Vec<&str> = line.split(',').map(str::trim).collect();
    let find = |name| names.iter().position(|n| *n == name);
    Some(Columns {
        time: find("contact_time")?,
        first: find("id1")?,
        second: find("id2")?,
        commas: true,
    })
}

fn row(line: &str, columns: Columns, people: &mut People) -> Result<Row, &'static str> {
    let fields: Vec<&str> = match columns.commas {
        true => line.split(',').map(str::trim).collect(),
        false => line.split_ascii_whitespace().collect(),
    };
    let field = |at: usize| {
        fields
            .get(at)
            .copied()
            .ok_or("fewer than three columns: expected `t i j`")
    };
    let t: i64 = field(columns.time)?
        .parse()
        .map_err(|_| "the time is not a whole number of seconds")?;
    if !(0..=MAX_SECONDS).contains(&t) {
        return Err("the time is negative or later than a year");
    }
    let (a, b) = (
        people.number(field(columns.first)?)?,
        people.number(field(columns.second)?)?,
    );
    match a.cmp(&b) {
        std::cmp::Ordering::Less => Ok(Row { t, a, b }),
        std::cmp::Ordering::Greater => Ok(Row { t, a: b, b: a }),
        std::cmp::Ordering::Equal => Err("a person is in contact with themself"),
    }
}

impl Recording {
    /// Returns the number of a person by name.
    pub fn find(&self, name: &str) -> Option<Person> {
        self.people
            .iter()
            .position(|n| n == name)
            .and_then(|at| Person::try_from(at).ok())
    }

    /// Returns the last second of the recording.
    pub fn end(&self) -> i64 {
        self.rows.last().map_or(0, |row| row.t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    const LINES: &str = "40 7 3 A B\n20\t3\t7\n40 3 7\n\n60 9 3\n";

    fn expected() -> Recording {
        let row = |t, a, b| Row { t, a, b };
        let people = ["7", "3", "9"].map(str::to_owned).to_vec();
        Recording {
            people,
            rows: vec![row(20, 0, 1), row(40, 0, 1), row(60, 1, 2)],
        }
    }

    #[test]
    fn a_contact_counts_once_whoever_comes_first() {
        assert_eq!(read(LINES.as_bytes()).unwrap(), expected());
    }

    #[test]
    fn compressed_files_read_like_plain_ones() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(LINES.as_bytes()).unwrap();
        assert_eq!(read(&gz.finish().unwrap()).unwrap(), expected());
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("tij.dat", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(LINES.as_bytes()).unwrap();
        assert_eq!(read(zip.finish().unwrap().get_ref()).unwrap(), expected());
    }

    #[test]
    fn a_table_is_read_by_its_column_names() {
        let table = ",contact_time,day,id1,id2\n0,20,22,7,3\n1,40,22,3,7\n2,60,22,9,3\n";
        assert_eq!(read(table.as_bytes()).unwrap(), expected());
    }

    #[test]
    fn a_wrong_line_is_named() {
        let wrong = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            wrong("20 1 2\n40 1\n"),
            "line 2: fewer than three columns: expected `t i j`"
        );
        assert_eq!(
            wrong("20 1 2\nx 1 2\n"),
            "line 2: the time is not a whole number of seconds"
        );
        assert_eq!(wrong("-20 1 2\n"), "line 1: the time is negative or later than a year");
        assert_eq!(wrong("20 1 1\n"), "line 1: a person is in contact with themself");
        assert_eq!(wrong(" \n"), "the recording holds no contact");
        assert_eq!(read(b"20 1 \xff\n").unwrap_err().to_string(), "line 1: not text");
        assert_eq!(
            read(b"PK\x03\x04").unwrap_err().to_string(),
            InvalidRecording::Zip.to_string()
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
