//! Finds addresses and paths of the machine the code was written on, and private key material.

use super::Findings;
use crate::shell::{Outcome, root, sources};

/// What no file may hold, in two halves so that this file does not hold it either.
const FORBIDDEN: &[(&str, &str)] = &[
    ("deb.debian", ".org"),
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("pypi", ".org"),
    ("files.python", "hosted"),
    ("/root", "/"),
    ("/home", "/"),
    ("/work", "/"),
    ("/work", "shared"),
    ("work/", "shared"),
    (".lib", "rary/"),
    ("-----BEGIN RSA PRIVATE", " KEY-----"),
];

/// What ends in these is not text of ours.
const BINARY: &[&str] = &[
    ".png", ".jpg", ".webp", ".woff2", ".ttf", ".ico", ".zip", ".gz", ".wasm", ".pdf",
];

pub(super) fn check() -> Outcome<Findings> {
    let mut findings = Findings::new();
    for file in sources()?
        .iter()
        .filter(|file| !BINARY.iter().any(|end| file.ends_with(end)))
    {
        match std::fs::read_to_string(root().join(file)) {
            Ok(text) => findings.extend(judge(file, &text)),
            Err(error) => findings.push(format!("{file}: {error}")),
        }
    }
    Ok(findings)
}

fn judge(file: &str, text: &str) -> Findings {
    let mut findings = Findings::new();
    for (number, line) in text.lines().enumerate() {
        for (first, second) in FORBIDDEN {
            let word = format!("{first}{second}");
            let starts_path = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-*}".contains(c));
            let hit = line
                .match_indices(&word)
                .any(|(at, _)| !word.starts_with('/') || starts_path(at));
            if hit {
                findings.push(format!("{file}:{}: names `{word}`", number + 1));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_word_is_found() {
        for (first, second) in FORBIDDEN {
            assert!(
                !judge("a.md", &format!("see {first}{second}x")).is_empty(),
                "{first}{second}"
            );
        }
    }

    #[test]
    fn a_relative_path_is_not_one_of_the_machine() {
        assert!(judge("a.md", &format!("crates{}/main, the root/ folder, home/ page", "/work")).is_empty());
    }
}
