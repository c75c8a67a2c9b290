//! A whole database into a file and back, while it is being used: SQLite copies itself, PostgreSQL is asked by its own
//! programs `pg_dump` and `pg_restore`.

use std::path::Path;

use sqlx::{AssertSqlSafe, Executor};
use tokio::process::Command;

use super::{Db, DbError, Dialect, dialect};

/// Writes the database at `url` into `file`, which must not exist; returns the rows of every table in it. Writers go on
/// meanwhile: the copy is of one moment.
///
/// # Errors
///
/// [`DbError`] says what failed; the file is not to be used then.
pub async fn copy(url: &str, file: &Path) -> Result<Vec<(String, i64)>, DbError> {
    match Dialect::of(url)? {
        Dialect::Sqlite => {
            let db = Db::connect(&existing(url)).await?;
            let text = format!("VACUUM INTO '{}'", file.display().to_string().replace('\'', "''"));
            let copied = db.reader.execute(AssertSqlSafe(text)).await;
            db.close().await;
            copied?;
            let copy = Db::connect(&format!("sqlite:{}?mode=rw", file.display())).await?;
            let counts = copy.table_counts().await;
            copy.close().await;
            counts
        }
        Dialect::Postgres => {
            let db = Db::connect(url).await?;
            let counts = dump(&db, url, file).await;
            db.close().await;
            counts
        }
    }
}

/// A missing SQLite database is an error, not a new one.
fn existing(url: &str) -> String {
    if url.contains('?') {
        url.to_owned()
    } else {
        format!("{url}?mode=rw")
    }
}

async fn dump(db: &Db, url: &str, file: &Path) -> Result<Vec<(String, i64)>, DbError> {
    // One snapshot for the count and for the dump.
    let mut tx = db.begin_reading().await?;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()")
        .fetch_one(&mut *tx)
        .await?;
    let names: Vec<String> = sqlx::query_scalar(db.dialect.list_tables()).fetch_all(&mut *tx).await?;
    let mut counts = Vec::with_capacity(names.len());
    for name in names {
        let rows = sqlx::query_scalar(dialect::count_rows(&name))
            .fetch_one(&mut *tx)
            .await?;
        counts.push((name, rows));
    }
    let mut dump = postgres("pg_dump", url);
    dump.args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={snapshot}"))
        .arg("--file")
        .arg(file);
    run(dump, "pg_dump").await?;
    tx.rollback().await?;
    Ok(counts)
}

/// Puts a copy in the place of the database at `url`, of which nothing may be there yet.
///
/// # Errors
///
/// [`DbError`] when something is there, or the copy cannot be read; an SQLite file is then as before.
pub async fn restore(url: &str, file: &Path) -> Result<(), DbError> {
    let failed = |what: &str, error: &dyn std::fmt::Display| DbError::Failed(format!("{what}: {error}"));
    match Dialect::of(url)? {
        Dialect::Sqlite => {
            let path = url.trim_start_matches("sqlite:").split('?').next().unwrap_or_default();
            let path = Path::new(path);
            if path.exists() {
                return Err(DbError::Failed("there is a database already".to_owned()));
            }
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failed("cannot make a folder", &error))?;
            }
            let partial = path.with_extension("partial");
            std::fs::copy(file, &partial)
                .and_then(|_| std::fs::File::open(&partial)?.sync_all())
                .and_then(|()| std::fs::rename(&partial, path))
                .map_err(|error| failed("cannot write the database", &error))?;
            check(url).await
        }
        Dialect::Postgres => {
            let db = Db::connect(url).await?;
            let there = db.table_counts().await;
            db.close().await;
            if !there?.is_empty() {
                return Err(DbError::Failed("there are tables already".to_owned()));
            }
            let mut restore = postgres("pg_restore", url);
            restore
                .args([
                    "--no-owner",
                    "--no-privileges",
                    "--exit-on-error",
                    "--single-transaction",
                ])
                .arg(file);
            run(restore, "pg_restore").await
        }
    }
}

/// Asks SQLite whether the pages of a database hang together.
async fn check(url: &str) -> Result<(), DbError> {
    let db = Db::connect(&existing(url)).await?;
    let verdict: Result<String, _> = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&db.reader).await;
    db.close().await;
    match verdict?.as_str() {
        "ok" => Ok(()),
        _ => Err(DbError::Failed("the copy is damaged".to_owned())),
    }
}

/// Returns one of PostgreSQL's programs for a database; the password goes through the environment, which other users of the
/// machine cannot see.
fn postgres(program: &str, url: &str) -> Command {
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.arg("--dbname").arg(url).kill_on_drop(true);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

async fn run(mut command: Command, name: &str) -> Result<(), DbError> {
    let output = command
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .map_err(|error| DbError::Failed(format!("{name} cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    // Its first line names what failed; details may hold rows.
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("no message").to_owned();
    Err(DbError::Failed(format!("{name} failed: {first}")))
}

/// Returns an address without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), None);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some((who, _)) = rest[..end].rsplit_once('@') else {
        return (url.to_owned(), None);
    };
    match who.split_once(':') {
        Some((user, password)) => (
            format!("{scheme}://{user}{}", &rest[who.len()..]),
            Some(decoded(password)),
        ),
        None => (url.to_owned(), None),
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_stands_among_arguments() {
        for (url, without, password) in [
            ("postgres://a:p%40ss@h/db", "postgres://a@h/db", Some("p@ss")),
            ("postgres://a@h/db", "postgres://a@h/db", None),
            ("postgres:///db?host=/run", "postgres:///db?host=/run", None),
            ("postgres://a:@h", "postgres://a@h", Some("")),
        ] {
            assert_eq!(
                without_password(url),
                (without.to_owned(), password.map(str::to_owned)),
                "{url}"
            );
        }
    }
}
