//! Printing and the one error a subcommand may end with.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

/// One clear sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) type Outcome = Result<(), Failure>;

/// Prints `value` as JSON, or `text` when JSON was not asked for; an empty text prints nothing.
pub(crate) fn print<T: Serialize>(json: bool, value: &T, text: impl FnOnce(&T) -> String) -> Outcome {
    let out = match json {
        true => serde_json::to_string_pretty(value).expect("our outputs always serialise"),
        false => text(value),
    };
    if out.is_empty() {
        return Ok(());
    }
    match writeln!(io::stdout().lock(), "{}", out.trim_end()) {
        // A reader such as `head` may close the pipe early; that is its right.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("cannot print: {error}"))),
        _ => Ok(()),
    }
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_file(path: &std::path::Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let failed = |error: io::Error| Failure::new(format!("cannot read {name}: {error}"));
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > limit {
        return Err(Failure::new(format!(
            "{name} has {length} bytes; at most {limit} are read"
        )));
    }
    std::fs::read(path).map_err(failed)
}

/// A progress bar on standard error; invisible when that is no terminal.
pub(crate) struct Progress(indicatif::ProgressBar);

impl Progress {
    pub(crate) fn start() -> Self {
        let style = indicatif::ProgressStyle::with_template("{msg:36} {bar:30} {pos}/{len}  {eta} left");
        Self(indicatif::ProgressBar::new(0).with_style(style.expect("the template is fixed")))
    }

    pub(crate) fn show(&self, label: &'static str, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_message(label);
        self.0.set_position(done);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
