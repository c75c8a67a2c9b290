//! Third-party crates: the banned, the doubled, the licences. `deny.toml` says the same to `cargo deny`.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use super::graph::Graph;
use crate::shell::Outcome;

/// Never in the default build: other cryptography in C, or crates too heavy for a fifteen-minute set-up.
const BANNED: &[&str] = &[
    "openssl-sys",
    "aws-lc-sys",
    "aws-lc-rs",
    "native-tls",
    "typst",
    "datafusion",
    "duckdb",
    "arrow",
    "chromiumoxide",
    "opentelemetry",
];

/// What runs on a phone is built from one generation of cryptography (docs/adr/0004-cryptography.md).
const ON_THE_PHONE: &[&str] = &["protocol", "exposure", "device", "web-core"];
const CRYPTOGRAPHY: &[&str] = &[
    "aes",
    "chacha20",
    "chacha20poly1305",
    "cipher",
    "crypto-bigint",
    "crypto-common",
    "digest",
    "ecdsa",
    "elliptic-curve",
    "hkdf",
    "hmac",
    "p256",
    "poly1305",
    "sha2",
    "signature",
    "universal-hash",
];

/// Licences whose crates may be part of the program.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(super) fn check() -> Outcome<Findings> {
    Ok(judge(&Graph::load()?))
}

fn judge(graph: &Graph) -> Findings {
    let mut findings = Findings::new();
    let mut sqlite = 0;
    for package in graph.0.values() {
        if BANNED.contains(&package.name.as_str()) {
            findings.push(format!("`{}` {} is banned", package.name, package.version));
        }
        sqlite += usize::from(package.name == "libsqlite3-sys");
        if !package.is_ours && !licence_is_fine(&package.licence) {
            findings.push(format!("`{}` has the licence `{}`", package.name, package.licence));
        }
    }
    if sqlite > 1 {
        findings.push("`libsqlite3-sys` stands in the graph twice".to_owned());
    }
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in graph.tree(ON_THE_PHONE) {
        if CRYPTOGRAPHY.contains(&package.name.as_str()) {
            versions.entry(&package.name).or_default().insert(&package.version);
        }
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        findings.push(format!("`{name}` stands in the phone's tree in versions {versions:?}"));
    }
    findings
}

/// Evaluates a licence expression: every part of an AND, one part of an OR (a slash is an old OR).
fn licence_is_fine(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "_WITH_");
    let mut words = spaced.split_whitespace().peekable();
    let fine = any_of(&mut words);
    fine && words.peek().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>) -> bool {
    let mut fine = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        fine |= all_of(words);
    }
    fine
}

fn all_of(words: &mut Words<'_>) -> bool {
    let mut fine = one(words);
    while words.next_if_eq(&"AND").is_some() {
        fine &= one(words);
    }
    fine
}

fn one(words: &mut Words<'_>) -> bool {
    match words.next() {
        Some("(") => {
            let fine = any_of(words);
            words.next_if_eq(&")").is_some() && fine
        }
        Some(name) => LICENCES.contains(&name.replace("_WITH_", " WITH ").as_str()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::example;
    use super::*;

    const OURS: &[&str] = &["device", "server"];

    #[test]
    fn a_banned_crate_is_found() {
        let graph = example(&[("server", &["reqwest"]), ("reqwest", &["openssl-sys"])], OURS);
        assert_eq!(judge(&graph), ["`openssl-sys` 1.0.0 is banned"]);
    }

    #[test]
    fn two_generations_of_cryptography_are_found_on_the_phone_only() {
        let on_the_server = example(&[("server", &["aes@0.8.0", "aes@0.9.0"])], OURS);
        assert!(judge(&on_the_server).is_empty());
        let on_the_phone = example(&[("device", &["aes@0.9.0", "b"]), ("b", &["aes@0.8.0"])], OURS);
        assert_eq!(judge(&on_the_phone).len(), 1);
    }

    #[test]
    fn licences_are_read_as_expressions() {
        for fine in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(licence_is_fine(fine), "{fine}");
        }
        for other in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "AGPL-3.0-only OR SSPL-1.0"] {
            assert!(!licence_is_fine(other), "{other}");
        }
    }
}
