//! What an uploaded list is and where it stands. Pure.

use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::fields::Field;
use super::sheet::Format;
use crate::people::PersonId;

/// Rows that are sealed, checked and entered together.
pub(super) const CHUNK_ROWS: usize = 500;
/// How long an uploaded list is kept, in seconds: a day.
pub(super) const KEEP_SECONDS: i64 = 86_400;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// People who met a case.
    Contacts,
    /// Cases.
    Cases,
}

impl Kind {
    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Cases => "cases",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Contacts, Self::Cases]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// Where an uploaded list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// Its columns wait to be named.
    Uploaded,
    /// Its rows are being checked.
    Checking,
    /// Its rows are checked and wait to be entered.
    Checked,
    /// Its good rows are being entered.
    Entering,
    /// Who came from whom is being noted.
    Linking,
    /// Its good rows are entered.
    Done,
    /// Its day is over; the rows are destroyed.
    Expired,
}

impl ImportState {
    const ALL: [Self; 7] = [
        Self::Uploaded,
        Self::Checking,
        Self::Checked,
        Self::Entering,
        Self::Linking,
        Self::Done,
        Self::Expired,
    ];

    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Entering => "entering",
            Self::Linking => "linking",
            Self::Done => "done",
            Self::Expired => "expired",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Returns whether the service works on it by itself.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Entering | Self::Linking)
    }
}

/// What holds for every row that does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The case whose contacts these are.
    pub case_id: Option<String>,
    /// Code of the unit of residence.
    pub unit: Option<String>,
    /// Day of the last exposure, or of the test, `yyyy-mm-dd`.
    pub day: Option<String>,
    /// How close a contact was, 1 to 4.
    pub level: u8,
}

/// An uploaded list.
#[derive(Clone, Debug)]
pub struct Import {
    /// Id in addresses.
    pub import_id: String,
    /// What it is of.
    pub kind: Kind,
    /// How the file was written.
    pub format: Format,
    /// Hash of the file under a key of this service.
    pub content_hash: [u8; 16],
    /// Hash of its heading, by which its columns are known again.
    pub shape: [u8; 16],
    /// Key of its rows.
    pub key_id: PersonId,
    /// Whether its first row is a heading.
    pub has_heading: bool,
    /// What each column is.
    pub fields: Vec<Field>,
    /// What holds for every row.
    pub options: Options,
    /// Where it stands.
    pub state: ImportState,
    /// Rows without the heading.
    pub total: i64,
    /// Rows that can be entered.
    pub good: i64,
    /// Rows with something wrong.
    pub bad: i64,
    /// Rows that made a new record.
    pub entered: i64,
    /// Rows whose record was there already.
    pub known: i64,
    /// Links between cases.
    pub links: i64,
    /// The chunk to be worked on next.
    pub next_chunk: i64,
    /// Until when a process works on it.
    pub leased_until: UnixSeconds,
    /// When it was uploaded.
    pub created_at: UnixSeconds,
    /// When its rows are destroyed.
    pub expires_at: UnixSeconds,
}

/// What is said of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What became of it.
    #[serde(rename = "s")]
    pub state: RowState,
    /// What is wrong: column, or none where one is missing, and the fault's word.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<(Option<u16>, String)>,
    /// Somebody known who it is, by telephone number or document.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowState {
    /// It will make somebody new.
    #[default]
    #[serde(rename = "n")]
    New,
    /// It is about somebody known.
    #[serde(rename = "m")]
    Matched,
    /// The same row was entered before.
    #[serde(rename = "k")]
    Known,
    /// Something is wrong with it.
    #[serde(rename = "b")]
    Bad,
    /// It made a new record.
    #[serde(rename = "e")]
    Entered,
}
