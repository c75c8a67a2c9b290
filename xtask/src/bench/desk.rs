//! The desk with 600,000 contacts, on both databases: lists in and out, and every page as every role.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{json_of, number, release_example, thousands};
use crate::postgres::Postgres;
use crate::shell::{Doing, Outcome};

const CONTACTS: &str = "600000";

/// What one database took.
struct Measured {
    filled: Value,
    asked: Value,
}

/// Fills and asks on SQLite and on PostgreSQL with synchronous commits.
pub(super) fn lists_and_pages() -> Outcome<String> {
    let folder = std::env::temp_dir().join(format!("vunglam-desk-{}", std::process::id()));
    let sqlite = measure(&folder.join("sqlite"), &[]);
    let postgres = sqlite.and_then(|sqlite| {
        let server = Postgres::start_durable()?;
        let databases = [server.database("authority")?, server.database("keyring")?];
        Ok((sqlite, measure(&folder.join("postgres"), &databases)?))
    });
    std::fs::remove_dir_all(&folder).doing("removing the bench's folder")?;
    let (sqlite, postgres) = postgres?;
    Ok([costs(&sqlite, &postgres)?, pages(&sqlite, &postgres)?].join("\n"))
}

fn measure(folder: &Path, databases: &[String]) -> Outcome<Measured> {
    std::fs::create_dir_all(folder).doing("making the bench's folder")?;
    let filled = json_of(
        release_example("server", "desk_bench")?
            .arg("fill")
            .arg(folder)
            .arg(CONTACTS)
            .args(databases),
    )?;
    let asked = json_of(
        release_example("server", "desk_bench")?
            .arg("ask")
            .arg(folder)
            .args(databases),
    )?;
    Ok(Measured { filled, asked })
}

/// A row for each thing that is not a page.
fn costs(sqlite: &Measured, postgres: &Measured) -> Outcome<String> {
    let import = |measured: &Measured, at: usize| -> Outcome<String> {
        let list = &measured.filled["lists"][at];
        let (check, enter, grown) = (
            number(list, "check_s")?,
            number(list, "enter_s")?,
            number(list, "grown_mib")?,
        );
        Ok(format!("{:.1} s ({check:.1} to check), {grown:.0} MiB", check + enter))
    };
    let mended = |measured: &Measured| -> Outcome<String> {
        let mended = &measured.filled["mended"];
        let (workbook, mend) = (number(mended, "workbook_s")?, number(mended, "mend_s")?);
        Ok(format!("{workbook:.1} s, {mend:.1} s"))
    };
    let wrong = thousands(number(&sqlite.filled["mended"], "wrong")?);
    let export = |measured: &Measured| -> Outcome<String> {
        let export = &measured.filled["export"];
        Ok(format!(
            "{:.1} s, {:.0} MiB",
            number(export, "seconds")?,
            number(export, "grown_mib")?
        ))
    };
    let codes = |measured: &Measured| -> Outcome<String> {
        let codes = &measured.filled["codes"];
        Ok(format!(
            "{:.1} s, handed over in {:.1} s",
            number(codes, "issue_s")?,
            number(codes, "send_s")?
        ))
    };
    let start = |measured: &Measured, word: &str| -> Outcome<String> {
        let (seconds, mib) = (format!("{word}_s"), format!("{word}_mib"));
        Ok(format!(
            "{:.2} s, {:.0} MiB",
            number(&measured.asked, &seconds)?,
            number(&measured.asked, &mib)?
        ))
    };
    let exported = thousands(number(&sqlite.filled["export"], "rows")?);
    let lines = thousands(number(&sqlite.filled["codes"], "lines")?);
    let mut text = "| | SQLite | PostgreSQL |\n|---|--:|--:|\n".to_owned();
    for (what, ours, theirs) in [
        (
            format!("Import of 100,000 contacts, the first ones, {wrong} wrong"),
            import(sqlite, 0)?,
            import(postgres, 0)?,
        ),
        (
            "That list back with the reasons, and in again mended".to_owned(),
            mended(sqlite)?,
            mended(postgres)?,
        ),
        (
            "Import of 100,000 contacts, with 500,000 there".to_owned(),
            import(sqlite, 5)?,
            import(postgres, 5)?,
        ),
        (
            format!("Export of {exported} contacts as XLSX"),
            export(sqlite)?,
            export(postgres)?,
        ),
        (
            format!("Codes for {lines} cases from one list"),
            codes(sqlite)?,
            codes(postgres)?,
        ),
        ("Ready".to_owned(), start(sqlite, "ready")?, start(postgres, "ready")?),
        (
            "Search warm".to_owned(),
            start(sqlite, "warm")?,
            start(postgres, "warm")?,
        ),
    ] {
        text.push_str(&format!("| {what} | {ours} | {theirs} |\n"));
    }
    Ok(text)
}

/// A row for each page and officer.
fn pages(sqlite: &Measured, postgres: &Measured) -> Outcome<String> {
    let mut theirs = BTreeMap::new();
    for page in postgres.asked["pages"].as_array().into_iter().flatten() {
        theirs.insert((page["officer"].to_string(), page["page"].to_string()), &page["ms"]);
    }
    let mut text =
        "| page | officer | SQLite p50 | p99 | PostgreSQL p50 | p99 | kB |\n|---|---|--:|--:|--:|--:|--:|\n".to_owned();
    for page in sqlite.asked["pages"].as_array().into_iter().flatten() {
        let other = theirs
            .get(&(page["officer"].to_string(), page["page"].to_string()))
            .ok_or_else(|| format!("{page} was not measured on PostgreSQL"))?;
        let (name, officer) = (
            page["page"].as_str().unwrap_or("?"),
            page["officer"].as_str().unwrap_or("?"),
        );
        let ms = &page["ms"];
        text.push_str(&format!(
            "| {name} | {officer} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} |\n",
            number(ms, "p50")?,
            number(ms, "p99")?,
            number(other, "p50")?,
            number(other, "p99")?,
            number(ms, "bytes")? / 1e3,
        ));
    }
    Ok(text)
}
