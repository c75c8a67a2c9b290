//! Check-ins on the start page: places with their typed codes, and what arrived on the simulated telephones.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::state::Demo;

/// Places shown.
const PLACES: u32 = 4;
/// Messages shown.
const MESSAGES: usize = 6;
/// Bytes of the file's end that are read.
const TAIL: u64 = 16 * 1024;

/// A place with a code on its door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    name: String,
    code: String,
    address: String,
}

/// A message to a telephone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    id: String,
    pub(super) to: String,
    pub(super) text: String,
}

/// What the panel shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Doors {
    /// Where owners register.
    register: String,
    places: Vec<Place>,
    messages: Vec<Message>,
}

/// Returns what the panel shows now.
pub(super) fn all(demo: &Demo) -> Doors {
    let authority = demo.trust.authority_url.trim_end_matches('/');
    let found = demo.databases.pairs(
        "SELECT v.name, c.short_code FROM venue v JOIN venue_code c ON c.venue_id = v.venue_id \
         WHERE c.revoked_at_s IS NULL ORDER BY v.venue_number DESC LIMIT $1",
        PLACES,
    );
    Doors {
        register: format!("{authority}/venues"),
        places: found
            .into_iter()
            .map(|(name, code)| Place {
                address: format!("{authority}/v/{code}"),
                code: format!("{}-{}", &code[..3.min(code.len())], &code[3.min(code.len())..]),
                name,
            })
            .collect(),
        messages: newest(&demo.messages),
    }
}

/// Returns the last messages, newest first; none while nothing was sent.
pub(super) fn newest(file: &Path) -> Vec<Message> {
    let read = || -> std::io::Result<String> {
        let mut file = std::fs::File::open(file)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    // The first line may be cut.
    let lines = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
    lines.take(MESSAGES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_messages_come_first_and_a_cut_line_is_left_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("messages.jsonl");
        assert!(newest(&path).is_empty());
        let lines: Vec<String> = (0..400)
            .map(|number| format!("{{\"id\":\"{number}\",\"to\":\"0912345678\",\"text\":\"một hai ba\"}}\n"))
            .collect();
        std::fs::write(&path, format!("{}{{\"id\"", lines.concat())).expect("the file");
        let found: Vec<String> = newest(&path).into_iter().map(|message| message.id).collect();
        assert_eq!(found, ["399", "398", "397", "396", "395", "394"]);
    }
}
