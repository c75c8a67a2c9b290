//! What a gate says of a scan: sealed at once, read by the authority alone (docs/spec/venues.md V64).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Longest scanned text that is sealed, in bytes.
pub const MAX_SCANNED: usize = 1024;
/// Longest name that is sealed, in characters.
pub const MAX_NAME: usize = 120;
/// Longest telephone number that is sealed, in characters.
pub const MAX_PHONE: usize = 20;
/// Longest id of a guard, in bytes.
const MAX_GUARD: usize = 64;

/// In which direction somebody went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Came in.
    In,
    /// Went out.
    Out,
}

/// What tells the authority who it was. `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Evidence {
    /// The text of a personal code, a card or a paper, as it was scanned.
    Scanned(String),
    /// Somebody without a code; the guard typed it.
    Typed {
        /// Name, as it was said.
        name: String,
        /// Telephone, their own or one of the household.
        phone: String,
    },
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scanned(_) => "Scanned(…)",
            Self::Typed { .. } => "Typed(…)",
        })
    }
}

/// A scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When, by the clock on the gate's wall, in Unix seconds.
    pub at: i64,
    /// When, counted from the last answer of the service by a clock that nobody can set; nothing when there was none since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<i64>,
    /// Which start of the gate it was.
    pub run: u32,
    /// Direction.
    pub direction: Direction,
    /// Id of the guard.
    pub guard: String,
    /// Who.
    pub who: Evidence,
}

impl Record {
    /// Writes what is sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("strings and numbers always serialise"))
    }

    /// Reads what was sealed; `None` when it is no record or longer than a gate may make it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        record.fits().then_some(record)
    }

    /// Returns whether every part has its length.
    pub fn fits(&self) -> bool {
        self.guard.len() <= MAX_GUARD
            && match &self.who {
                Evidence::Scanned(text) => text.len() <= MAX_SCANNED,
                Evidence::Typed { name, phone } => {
                    name.chars().count() <= MAX_NAME && phone.chars().count() <= MAX_PHONE
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(who: Evidence) -> Record {
        Record {
            at: 1_626_048_000,
            known: Some(1_626_048_010),
            run: 3,
            direction: Direction::Out,
            guard: "guard_1".into(),
            who,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let typed = Evidence::Typed {
            name: "Trần Thị Lan".into(),
            phone: "0912345678".into(),
        };
        for who in [Evidence::Scanned("AEBA".into()), typed] {
            let written = record(who);
            assert_eq!(Record::read(&written.to_bytes()), Some(written.clone()));
            assert!(!alloc::format!("{written:?}").contains("Lan"));
        }
        let unknown = Record {
            known: None,
            ..record(Evidence::Scanned(String::new()))
        };
        assert_eq!(Record::read(&unknown.to_bytes()), Some(unknown));
    }

    #[test]
    fn other_bytes_and_a_name_of_a_megabyte_are_no_record() {
        let long = Evidence::Typed {
            name: "A".repeat(1 << 20),
            phone: String::new(),
        };
        assert_eq!(Record::read(&record(long).to_bytes()), None);
        for bytes in [&b""[..], b"{}", b"[1]", &[0xff; 20]] {
            assert_eq!(Record::read(bytes), None);
        }
        let more = br#"{"at":1,"run":1,"direction":"in","guard":"","who":{"scanned":"A"},"x":1}"#;
        assert_eq!(Record::read(more), None);
    }
}
