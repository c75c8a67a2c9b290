//! Looks into the services' SQLite files, read-only: the demo is no part of the services and changes nothing there.
#![expect(clippy::type_complexity, reason = "lists of questions about bytes")]

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use serde::Serialize;

/// Where the databases lie.
#[derive(Clone, Debug)]
pub struct Databases {
    /// File of the keys side.
    pub keys: PathBuf,
    /// File of the authority's side.
    pub authority: PathBuf,
    /// File of the authority's keyring, where it has one.
    pub keyring: Option<PathBuf>,
}

/// Why a database could not be looked into.
#[derive(Debug, thiserror::Error)]
#[error("a database cannot be read")]
pub struct Unreadable(#[from] rusqlite::Error);

/// What was searched in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSearch {
    /// `keys`, `authority` or `keyring`.
    pub side: &'static str,
    /// Name of the table.
    pub table: String,
    /// The query whose every cell was searched.
    pub query: String,
    /// Rows read.
    pub rows: u64,
    /// Rows in which something was found.
    pub found: u64,
}

impl Databases {
    /// Returns the numbers a query gives for one side; a query that yields nothing or fails gives `None`.
    pub fn number(&self, side: &'static str, query: &str) -> Option<i64> {
        let path = if side == "keys" { &self.keys } else { &self.authority };
        open(path)
            .ok()?
            .query_row(query, [], |row| row.get::<_, Option<i64>>(0))
            .ok()?
    }

    /// Returns pairs of texts that a query of the authority's side gives; none when it fails.
    pub(super) fn pairs(&self, query: &str, most: u32) -> Vec<(String, String)> {
        let read = || -> Result<Vec<(String, String)>, rusqlite::Error> {
            let database = open(&self.authority)?;
            let mut statement = database.prepare(query)?;
            let rows = statement.query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().unwrap_or_default()
    }

    /// Searches every column of every table of all files, once for all of `contains`.
    ///
    /// * `contains`: each says whether a cell's bytes hold what is looked for; the answer has a list for each
    ///
    /// # Errors
    ///
    /// [`Unreadable`].
    pub fn search<const N: usize>(
        &self,
        contains: [&dyn Fn(&[u8]) -> bool; N],
    ) -> Result<[Vec<TableSearch>; N], Unreadable> {
        let mut searched = [const { Vec::new() }; N];
        search_file("keys", &self.keys, &contains, &mut searched)?;
        search_file("authority", &self.authority, &contains, &mut searched)?;
        if let Some(keyring) = &self.keyring {
            search_file("keyring", keyring, &contains, &mut searched)?;
        }
        Ok(searched)
    }
}

fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn search_file<const N: usize>(
    side: &'static str,
    path: &Path,
    contains: &[&dyn Fn(&[u8]) -> bool; N],
    searched: &mut [Vec<TableSearch>; N],
) -> Result<(), Unreadable> {
    let database = open(path)?;
    let mut tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        for (list, found) in searched
            .iter_mut()
            .zip(search_table(&database, side, &table, contains)?)
        {
            list.push(found);
        }
    }
    Ok(())
}

fn search_table<const N: usize>(
    database: &Connection,
    side: &'static str,
    table: &str,
    contains: &[&dyn Fn(&[u8]) -> bool; N],
) -> Result<[TableSearch; N], rusqlite::Error> {
    let columns: Vec<String> = database
        .prepare(&format!("SELECT * FROM {}", quoted(table)))?
        .column_names()
        .into_iter()
        .map(quoted)
        .collect();
    let query = format!("SELECT {} FROM {}", columns.join(", "), quoted(table));
    let mut statement = database.prepare(&query)?;
    let mut rows = statement.query([])?;
    let (mut read, mut found) = (0, [0; N]);
    while let Some(row) = rows.next()? {
        read += 1;
        for (found, contains) in found.iter_mut().zip(contains) {
            let hit = (0..columns.len()).any(|column| match row.get_ref(column) {
                Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => contains(bytes),
                Ok(ValueRef::Integer(number)) => contains(&number.to_be_bytes()),
                _ => false,
            });
            *found += u64::from(hit);
        }
    }
    Ok(found.map(|found| TableSearch {
        side,
        table: table.to_owned(),
        query: query.clone(),
        rows: read,
        found,
    }))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
