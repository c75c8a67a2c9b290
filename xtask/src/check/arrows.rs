//! Which crate may use which, and which server feature may call which (docs/adr/0001-crates-and-arrows.md).

use super::graph::Graph;
use super::lex::{Language, code_only};
use super::{Findings, features};
use crate::shell::{Outcome, read, root, sources};

/// Crate → the crates of ours it may use. A crate that is not in this table is a finding.
const CRATES: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("exposure", &["protocol"]),
    ("device", &["protocol", "exposure"]),
    ("web-core", &["protocol", "exposure", "device"]),
    ("server", &["protocol", "exposure"]),
    ("sim", &["protocol", "exposure", "device", "server"]),
    ("trace", &[]),
    ("vunglam", &["protocol", "exposure", "device", "server", "sim", "trace"]),
    ("xtask", &[]),
    ("bindgen", &[]),
    ("drill", &["protocol"]),
];

/// Crate → the only crates of others it may be built from. Pure crates stay pure: no I/O, randomness or clock.
const THIRD_PARTIES: &[(&str, &[&str])] = &[
    (
        "protocol",
        &[
            "aes",
            "base64",
            "chacha20poly1305",
            "cipher",
            "crc32fast",
            "hex",
            "hkdf",
            "hmac",
            "miniz_oxide",
            "p256",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
            "zeroize",
        ],
    ),
    ("exposure", &["serde", "serde_json", "thiserror"]),
    ("trace", &["thiserror"]),
];

/// Folder of the server that knows which database it talks to.
const SERVER_DB: &str = "crates/server/src/db/";
/// Folder of the phone's store that is a SQLite file.
const DEVICE_STORE: &str = "crates/device/src/store/";
/// The demo's look into both database files, read-only: what an operator could do with the `sqlite3` program.
const DEMO_DATABASES: &str = "crates/sim/src/demo/databases.rs";

/// Files that may hold SQL: a feature's store; of the platform, leases and the conversion of the database's errors.
const SQL_FILES: &[&str] = &["/store.rs", "server/src/jobs.rs", "server/src/error.rs"];

/// Names of database drivers, at the start of a word: `SqlitePool`, `sqlx::postgres`, …
const DRIVERS: &[&str] = &[
    "sqlite",
    "Sqlite",
    "postgres",
    "Postgres",
    "PgPool",
    "PgConn",
    "PgRow",
    "PgConnect",
    "rusqlite",
];

pub(super) fn check() -> Outcome<Findings> {
    let mut findings = judge(&Graph::load()?);
    for file in sources()?
        .iter()
        .filter(|file| file.starts_with("crates/") && file.ends_with(".rs"))
    {
        let code = code_only(&read(&root().join(file))?, Language::Rust);
        findings.extend(drivers(file, &code));
        findings.extend(features::judge(file, &code));
    }
    Ok(findings)
}

fn judge(graph: &Graph) -> Findings {
    let mut findings = Findings::new();
    for package in graph.ours() {
        let name = package.name.as_str();
        let Some((_, allowed)) = CRATES.iter().find(|(of, _)| *of == name) else {
            findings.push(format!("crate `{name}` is not in the table of arrows"));
            continue;
        };
        let used = graph.named(&package.uses).chain(graph.named(&package.tests_use));
        for other in used.filter(|other| other.is_ours && other.name != name && !allowed.contains(&other.name.as_str()))
        {
            findings.push(format!("`{name}` must not use `{}`", other.name));
        }
        if let Some((_, allowed)) = THIRD_PARTIES.iter().find(|(of, _)| *of == name) {
            for other in graph
                .named(&package.uses)
                .filter(|p| !p.is_ours && !allowed.contains(&p.name.as_str()))
            {
                findings.push(format!("`{name}` must not use the crate `{}`", other.name));
            }
        }
    }
    findings
}

/// Finds drivers outside the folders that own them, and SQL outside the files that hold it.
fn drivers(file: &str, code: &str) -> Findings {
    let mut findings = Findings::new();
    let is_product = file.contains("/src/") && !file.ends_with("tests.rs") && !file.contains("/tests/");
    let owns_driver = [SERVER_DB, DEVICE_STORE, DEMO_DATABASES]
        .iter()
        .any(|owner| file.starts_with(owner));
    if !is_product || owns_driver {
        return findings;
    }
    let holds_sql = SQL_FILES.iter().any(|end| file.ends_with(end)) || file.contains("/store/");
    for (number, line) in code.lines().enumerate() {
        for path in line.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)) {
            let mut segments = path.split("::");
            let is_sql = segments.clone().any(|segment| segment == "sqlx");
            let is_driver = is_sql && segments.any(|segment| DRIVERS.iter().any(|driver| segment.starts_with(driver)));
            if is_driver || path.split("::").any(|segment| segment == "rusqlite") {
                findings.push(format!("{file}:{}: names a database driver: `{path}`", number + 1));
            } else if is_sql && !holds_sql {
                findings.push(format!("{file}:{}: SQL stands in `store.rs` only", number + 1));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::graph::example;
    use super::*;

    const OURS: &[&str] = &["protocol", "exposure", "device", "server", "extra"];

    #[test]
    fn the_allowed_arrows_pass() {
        let graph = example(
            &[
                ("protocol", &["aes"]),
                ("device", &["protocol", "exposure", "anything"]),
            ],
            OURS,
        );
        assert!(judge(&graph).is_empty());
    }

    #[test]
    fn a_forbidden_arrow_is_found() {
        assert_eq!(
            judge(&example(&[("device", &["server"])], OURS)),
            ["`device` must not use `server`"]
        );
        assert_eq!(
            judge(&example(&[("protocol", &["exposure"])], OURS)),
            ["`protocol` must not use `exposure`"]
        );
    }

    #[test]
    fn an_arrow_that_only_tests_use_is_found_too() {
        let mut graph = example(&[("server", &[]), ("device", &[])], OURS);
        graph
            .0
            .get_mut("server")
            .expect("there")
            .tests_use
            .insert("device".to_owned());
        assert_eq!(judge(&graph), ["`server` must not use `device`"]);
    }

    #[test]
    fn a_crate_that_is_not_in_the_table_is_found() {
        assert_eq!(
            judge(&example(&[("extra", &[])], OURS)),
            ["crate `extra` is not in the table of arrows"]
        );
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found() {
        assert_eq!(
            judge(&example(&[("exposure", &["jiff"])], OURS)),
            ["`exposure` must not use the crate `jiff`"]
        );
    }

    #[test]
    fn a_driver_outside_its_folder_is_found() {
        assert!(drivers("crates/server/src/db/mod.rs", "use sqlx::SqlitePool;").is_empty());
        assert!(
            drivers(
                "crates/server/src/keys/store.rs",
                "use sqlx::Row; let sqlx_like = Sqlite::new();"
            )
            .is_empty()
        );
        assert_eq!(
            drivers("crates/server/src/keys/store.rs", "\nuse sqlx::postgres::PgRow;").len(),
            1
        );
        assert_eq!(drivers("crates/sim/src/demo.rs", "use rusqlite::Connection;").len(), 1);
    }

    #[test]
    fn sql_outside_a_store_is_found() {
        assert_eq!(drivers("crates/server/src/keys/http.rs", "sqlx::query(x)").len(), 1);
    }
}
