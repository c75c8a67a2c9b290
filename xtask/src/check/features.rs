//! The server's features: a folder each, and a table of who may call whom.

use std::collections::BTreeSet;

use super::Findings;

const SERVER: &str = "crates/server/src/";

/// What every feature may use, and what uses no feature.
const PLATFORM: &[&str] = &[
    "app",
    "civil",
    "clock",
    "config",
    "console",
    "db",
    "entropy",
    "error",
    "fold",
    "http",
    "jobs",
    "metrics",
    "paper",
    "scope",
    "secrets",
    "telemetry",
    "tls",
];

/// Where the parts are put together: these may name every feature (its state, its settings, its routes, its jobs).
const COMPOSITION: &[&str] = &[
    "app.rs",
    "config.rs",
    // the session stands in every request to a page
    "console/request.rs",
    // what a role may open decides what the rail shows
    "console/navigation.rs",
    // what is right and wrong with all of it
    "doctor.rs",
    "http/openapi.rs",
    "http/router.rs",
    "in_process.rs",
    "lib.rs",
    "run.rs",
    "supervise.rs",
];

/// Feature → the features it may call. The keys side calls none: it must not be able to learn whose keys it holds.
const FEATURES: &[(&str, &[&str])] = &[
    ("keys", &[]),
    ("configs", &[]),
    ("audit", &[]),
    ("geo", &["audit"]),
    ("people", &["audit"]),
    ("auth", &["people", "audit", "geo"]),
    // the auditor's pages: above both, because accounts are themselves audited
    ("oversight", &["audit", "auth"]),
    // what a person sees of who looked
    ("records", &["audit", "people", "auth"]),
    // sealed under people's keys until a carrier has them
    ("messages", &["people"]),
    ("codes", &[]),
    // that somebody holds a telephone, without an account
    ("proof", &["people", "messages"]),
    // registered check-ins, pseudonymous by venue and week
    ("visits", &["venues", "proof", "people", "auth", "codes"]),
    ("venues", &["proof", "people", "audit", "geo", "auth"]),
    // personal codes of whoever registers check-ins
    ("passes", &["visits", "people", "auth"]),
    // devices at the door
    ("gates", &["venues", "visits", "passes", "people", "messages", "auth"]),
    (
        "cases",
        &[
            "codes", "visits", "venues", "auth", "audit", "geo", "people", "records", "messages",
        ],
    ),
    // copies of all sides, and what a copy is worth
    ("backup", &["audit", "people"]),
    // lists of what `cases` holds, in and out
    ("exchange", &["cases", "codes", "auth", "audit", "geo", "people"]),
];

/// Reads `crate::<name>::` paths of a server source whose comments are blanked.
pub(super) fn judge(file: &str, code: &str) -> Findings {
    let Some(inside) = file.strip_prefix(SERVER) else {
        return Findings::new();
    };
    if COMPOSITION.contains(&inside) {
        return Findings::new();
    }
    let own = inside.split(['/', '.']).next().unwrap_or_default();
    let mut findings = Findings::new();
    let may_call: &[&str] = match FEATURES.iter().find(|(feature, _)| *feature == own) {
        Some((_, may_call)) => may_call,
        None if PLATFORM.contains(&own) => &[],
        None => return vec![format!("{file}: `{own}` is not in the table of features")],
    };
    for other in paths(code) {
        let is_feature = FEATURES.iter().any(|(feature, _)| *feature == other);
        if is_feature && other != own && !may_call.contains(&other.as_str()) {
            findings.push(format!("{file}: `{own}` must not call `{other}`"));
        }
    }
    findings
}

/// Returns the first segments after `crate::`, braces included: `use crate::{keys::Key, db}` names `keys` and `db`.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let (mut depth, mut start) = (0, true);
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && (c.is_alphabetic() || c == '_') => {
                            found.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                found.insert(word(rest));
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_side_calling_the_other_side_is_found() {
        let found = judge("crates/server/src/keys/mod.rs", "use crate::codes::Code;");
        assert_eq!(found, ["crates/server/src/keys/mod.rs: `keys` must not call `codes`"]);
        let grouped = "use crate::{db::{Database, Row}, codes::{Code}};";
        assert_eq!(judge("crates/server/src/keys/store.rs", grouped).len(), 1);
    }

    #[test]
    fn the_platform_calling_a_feature_is_found() {
        assert_eq!(
            judge("crates/server/src/db/mod.rs", "fn a() { crate::keys::b() }").len(),
            1
        );
    }

    #[test]
    fn a_feature_using_itself_and_the_platform_passes() {
        assert!(
            judge(
                "crates/server/src/keys/http.rs",
                "use crate::keys::model; use crate::db::Database;"
            )
            .is_empty()
        );
        assert!(judge("crates/server/src/lib.rs", "use crate::keys; use crate::codes::x;").is_empty());
    }

    #[test]
    fn a_folder_that_is_not_in_the_table_is_found() {
        assert_eq!(judge("crates/server/src/extras/mod.rs", "").len(), 1);
    }
}
