//! A carrier that writes messages into a file, one JSON object a line: for demonstrations and for trying a set-up before there is a
//! contract with an operator. The file holds numbers and texts; only its owner may read it, and it is never to be used with real people.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::{Carrier, HandOver, NotTaken, Outgoing};

/// Appends to a file.
pub struct FileCarrier(Mutex<File>);

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    to: &'a str,
    text: &'a str,
}

impl FileCarrier {
    /// Opens the file, making it when it is not there.
    ///
    /// # Errors
    ///
    /// [`io::Error`].
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        Ok(Self(Mutex::new(options.open(path)?)))
    }
}

impl Carrier for FileCarrier {
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a> {
        let line = serde_json::to_string(&Line {
            id: &message.message_id,
            to: &message.to,
            text: &message.text,
        });
        let written = line.map_err(io::Error::other).and_then(|line| {
            let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            writeln!(file, "{line}")
        });
        Box::pin(async move { written.map_err(|_| NotTaken::Later) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_message_is_a_line_that_only_the_owner_reads() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("messages.jsonl");
        let message = |text: &str| Outgoing {
            message_id: "message_1".into(),
            to: "0912345678".into(),
            text: text.into(),
        };
        for text in ["một\nhai", "ba"] {
            let carrier = FileCarrier::open(&path).expect("a file");
            assert!(carrier.hand_over(&message(text)).await.is_ok());
        }
        let lines = std::fs::read_to_string(&path).expect("the file");
        let texts: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!((texts.len(), texts[0]["text"].as_str()), (2, Some("một\nhai")));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        assert!(FileCarrier::open(folder.path()).is_err());
    }
}
