//! The differences between the two databases, each with a name.

use sqlx::{AssertSqlSafe, Row, SqlSafeStr, SqlStr};

use super::{Db, DbError, TableDump};
use crate::scope::Scope;

/// Which SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite in WAL mode with strict tables.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

impl Dialect {
    /// Returns the dialect of a database address.
    ///
    /// # Errors
    ///
    /// [`DbError::Address`] for any other kind.
    pub fn of(url: &str) -> Result<Self, DbError> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres)
        } else {
            Err(DbError::Address)
        }
    }

    /// Returns `sql` with its tokens replaced: `{i64} {f64} {bytes} {strict} {by_key} {skip_locked}`.
    ///
    /// `{strict}` ends a table; `{by_key}` ends a table stored in the order of its key, so that the file does not
    /// remember the order of insertion. `{skip_locked}` ends the inner `SELECT` of a lease.
    pub fn render(self, sql: &'static str) -> SqlStr {
        let tokens: [(&str, &str); 6] = match self {
            Self::Sqlite => [
                ("{i64}", "INTEGER"),
                ("{f64}", "REAL"),
                ("{bytes}", "BLOB"),
                ("{strict}", " STRICT"),
                ("{by_key}", " STRICT, WITHOUT ROWID"),
                ("{skip_locked}", ""),
            ],
            Self::Postgres => [
                ("{i64}", "BIGINT"),
                ("{f64}", "DOUBLE PRECISION"),
                ("{bytes}", "BYTEA"),
                ("{strict}", ""),
                ("{by_key}", ""),
                ("{skip_locked}", "FOR UPDATE SKIP LOCKED"),
            ],
        };
        let mut text = sql.to_owned();
        for (token, replacement) in tokens {
            text = text.replace(token, replacement);
        }
        AssertSqlSafe(text).into_sql_str()
    }

    /// Returns `sql` like [`Self::render`], with `{scope}` as the column of `scope`'s level; the caller compares it with
    /// [`Scope::unit`]. A scope is a column with an index, so a narrow one reads less.
    pub(crate) fn scoped(self, sql: &'static str, scope: Scope) -> SqlStr {
        let text = self.render(sql).as_str().replace("{scope}", scope.column());
        AssertSqlSafe(text).into_sql_str()
    }

    /// Returns what makes a column compare byte by byte, whatever the language of the database.
    pub(crate) fn byte_order(self) -> &'static str {
        match self {
            Self::Sqlite => "COLLATE BINARY",
            Self::Postgres => "COLLATE \"C\"",
        }
    }

    /// Returns the statement that begins a writing transaction: on SQLite it takes the write lock at once, on
    /// PostgreSQL lost races show as serialisation failures.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }

    /// Returns the statement that begins a transaction that reads one state.
    pub(super) fn begin_reading(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Returns what a new connection is told. SQLite keeps up to `cache_mib` MiB of pages for it, and writes pages back from its
    /// log after 128 MiB of them: in a large list the same pages change again and again.
    pub(super) fn on_connect(self, cache_mib: u32) -> SqlStr {
        match self {
            Self::Sqlite => AssertSqlSafe(format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -{}; PRAGMA wal_autocheckpoint = 32768",
                cache_mib * 1024
            ))
            .into_sql_str(),
            Self::Postgres => "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'".into_sql_str(),
        }
    }

    /// Returns the statement that writes what a log holds back into the file, as far as nobody has to wait.
    pub(super) fn write_back(self) -> &'static str {
        match self {
            Self::Sqlite => "PRAGMA wal_checkpoint(PASSIVE)",
            Self::Postgres => "SELECT 1",
        }
    }

    /// Returns the statement that clears what deleted rows of a table left behind, outside any transaction.
    pub(super) fn clear_remnants(self, table: &'static str) -> SqlStr {
        match self {
            Self::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)".into_sql_str(),
            Self::Postgres => AssertSqlSafe(format!("VACUUM {}", quoted(table))).into_sql_str(),
        }
    }

    pub(super) fn list_tables(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            Self::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                 WHERE table_schema = current_schema() ORDER BY 1"
            }
        }
    }

    fn list_columns(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT name, LOWER(type) FROM pragma_table_info($1) ORDER BY cid",
            Self::Postgres => {
                "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
            }
        }
    }

    fn as_text(self, column: &str, kind: &str) -> String {
        match (self, kind) {
            (Self::Sqlite, "blob") => format!("LOWER(HEX({column}))"),
            (Self::Postgres, "bytea") => format!("ENCODE({column}, 'hex')"),
            _ => format!("CAST({column} AS TEXT)"),
        }
    }
}

/// Returns the statement that counts the rows of a table named by the database's own catalogue.
pub(super) fn count_rows(table: &str) -> SqlStr {
    AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", quoted(table))).into_sql_str()
}

pub(super) async fn dump(db: &Db) -> Result<Vec<TableDump>, DbError> {
    let tables: Vec<String> = sqlx::query_scalar(db.dialect.list_tables())
        .fetch_all(&db.reader)
        .await?;
    let mut dumps = Vec::with_capacity(tables.len());
    for table in tables {
        let listed = sqlx::query(db.dialect.list_columns())
            .bind(&table)
            .fetch_all(&db.reader)
            .await?;
        let mut columns = Vec::new();
        let mut cells = Vec::new();
        for row in &listed {
            let (name, kind): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            cells.push(format!("COALESCE({}, '')", db.dialect.as_text(&quoted(&name), &kind)));
            columns.push(name);
        }
        let text = format!("SELECT {} FROM {}", cells.join(", "), quoted(&table));
        let found = sqlx::query(AssertSqlSafe(text)).fetch_all(&db.reader).await?;
        let rows = found
            .iter()
            .map(|row| {
                (0..row.columns().len())
                    .map(|at| row.try_get(at))
                    .collect::<Result<Vec<String>, _>>()
            })
            .collect::<Result<_, _>>()?;
        dumps.push(TableDump { table, columns, rows });
    }
    Ok(dumps)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
