//! Check-ins over HTTP at the rush of a province, on both databases.

use std::path::Path;

use serde_json::Value;

use super::{json_of, number, release_example, thousands};
use crate::postgres::Postgres;
use crate::shell::{Doing, Outcome};

/// Seconds of the open loop.
const SECONDS: &str = "600";

/// Sends single check-ins and batches to SQLite, and to PostgreSQL with synchronous commits.
pub(super) fn check_ins() -> Outcome<String> {
    let folder = std::env::temp_dir().join(format!("vunglam-visits-{}", std::process::id()));
    let sqlite = measure(&folder.join("sqlite"), &[]);
    let postgres = sqlite.and_then(|sqlite| {
        let server = Postgres::start_durable()?;
        let databases = [server.database("authority")?, server.database("keyring")?];
        Ok((sqlite, measure(&folder.join("postgres"), &databases)?))
    });
    std::fs::remove_dir_all(&folder).doing("removing the bench's folder")?;
    let (sqlite, postgres) = postgres?;
    table(&sqlite, &postgres)
}

fn measure(folder: &Path, databases: &[String]) -> Outcome<Value> {
    std::fs::create_dir_all(folder).doing("making the bench's folder")?;
    let mut command = release_example("server", "visit_bench")?;
    // A line of log for each request would measure the terminal.
    command.env("VUNGLAM_LOG", "warn");
    json_of(command.arg("load").arg(folder).arg(SECONDS).args(databases))
}

fn table(sqlite: &Value, postgres: &Value) -> Outcome<String> {
    let mut text = "| | SQLite | PostgreSQL |\n|---|--:|--:|\n".to_owned();
    let rows = [
        ("Single check-ins a second, sent when due", "a_second"),
        ("for so many seconds", "seconds"),
        ("p50, ms from when it was due", "p50_ms"),
        ("p99", "p99_ms"),
        ("most", "most_ms"),
        ("Commits a second meanwhile", "commits_a_second"),
        ("Check-ins a second in batches of 100", "batched_a_second"),
        ("Acknowledged", "acknowledged"),
        ("Stored", "stored"),
        (
            "4 KiB written and synced a second on this disk, before",
            "syncs_a_second",
        ),
    ];
    for (what, key) in rows {
        let shown = |measured: &Value| -> Outcome<String> {
            let value = number(measured, key)?;
            Ok(if key.ends_with("_ms") {
                format!("{value:.1}")
            } else {
                thousands(value)
            })
        };
        text.push_str(&format!("| {what} | {} | {} |\n", shown(sqlite)?, shown(postgres)?));
    }
    Ok(text)
}
