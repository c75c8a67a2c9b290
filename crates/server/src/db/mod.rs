//! One SQL text for SQLite and PostgreSQL: the only module that names a driver.
//!
//! Statements use `$1` parameters and the types `BIGINT TEXT BLOB/BYTEA DOUBLE`; the few differences are tokens
//! ([`Dialect::render`]). Writers go through [`transaction!`], which retries lost races. SQLite has one writer.

mod copy;
mod dialect;
mod error;
pub(crate) mod lists;
mod migrate;
mod transaction;

use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Executor};

pub use copy::{copy, restore};
pub use dialect::Dialect;
pub use error::DbError;
pub use migrate::Migrations;
pub use transaction::Tx;
pub(crate) use transaction::{Settled, inside, is_inside, transaction};

/// A database of one trust side.
#[derive(Clone)]
pub struct Db {
    dialect: Dialect,
    reader: AnyPool,
    writer: AnyPool,
}

/// How long a statement waits for another writer or for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often SQLite's log is written back into the file beside what goes on.
const WRITE_BACK: Duration = Duration::from_secs(10);
/// Pages that SQLite's one writer and each of its readers keep at most, in MiB.
const WRITER_CACHE_MIB: u32 = 64;
const READER_CACHE_MIB: u32 = 8;

impl Db {
    /// Connects to `url`: `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    ///
    /// [`DbError`] when the address is of another kind or nothing answers.
    pub async fn connect(url: &str) -> Result<Self, DbError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let dialect = Dialect::of(url)?;
        match dialect {
            Dialect::Sqlite if url.contains(":memory:") => {
                let one = pool(url, 1, WRITER_CACHE_MIB, dialect).await?;
                Ok(Self {
                    dialect,
                    reader: one.clone(),
                    writer: one,
                })
            }
            Dialect::Sqlite => {
                let url = if url.contains('?') {
                    url.to_owned()
                } else {
                    make_private_file(url);
                    format!("{url}?mode=rwc")
                };
                let writer = pool(&url, 1, WRITER_CACHE_MIB, dialect).await?;
                let reader = pool(&url, 4, READER_CACHE_MIB, dialect).await?;
                tokio::spawn(write_back(reader.clone(), dialect));
                Ok(Self {
                    dialect,
                    reader,
                    writer,
                })
            }
            Dialect::Postgres => {
                let shared = pool(url, 8, 0, dialect).await?;
                Ok(Self {
                    dialect,
                    reader: shared.clone(),
                    writer: shared,
                })
            }
        }
    }

    /// Returns the SQL dialect.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the pool for single reading statements. Never use it inside [`transaction!`].
    pub(crate) fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Tx, DbError> {
        Ok(self.writer.begin_with(self.dialect.begin()).await?)
    }

    /// Begins a transaction that only reads and sees the database as it is now. Writers go on meanwhile, except on a
    /// database in memory.
    pub(crate) async fn begin_reading(&self) -> Result<Tx, DbError> {
        Ok(self.reader.begin_with(self.dialect.begin_reading()).await?)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    ///
    /// [`DbError`] when a migration fails or an applied one has changed.
    pub async fn migrate(&self, migrations: &Migrations, now: protocol::time::UnixSeconds) -> Result<(), DbError> {
        migrate::run(self, migrations, now).await
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    ///
    /// [`DbError`] when it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.reader.execute("SELECT 1").await?;
        Ok(())
    }

    /// Clears what deleted rows of `table` left behind, as far as the database can: SQLite, which has overwritten them in
    /// their pages (`secure_delete`), empties its write-ahead log; PostgreSQL vacuums the table.
    ///
    /// # Errors
    ///
    /// [`DbError`] when the database refuses or a reader keeps it from doing so for too long.
    pub(crate) async fn clear_remnants(&self, table: &'static str) -> Result<(), DbError> {
        self.writer.execute(self.dialect.clear_remnants(table)).await?;
        Ok(())
    }

    /// Counts the rows of every table, in alphabetical order.
    ///
    /// # Errors
    ///
    /// [`DbError`] when the database does not answer.
    pub async fn table_counts(&self) -> Result<Vec<(String, i64)>, DbError> {
        let names: Vec<String> = sqlx::query_scalar(self.dialect.list_tables())
            .fetch_all(&self.reader)
            .await?;
        let mut counts = Vec::with_capacity(names.len());
        for name in names {
            let rows = sqlx::query_scalar(dialect::count_rows(&name))
                .fetch_one(&self.reader)
                .await?;
            counts.push((name, rows));
        }
        Ok(counts)
    }

    /// Returns every row of every table as text, one cell after the other: for the search of what a side knows.
    ///
    /// # Errors
    ///
    /// [`DbError`] when the database does not answer.
    pub async fn dump(&self) -> Result<Vec<TableDump>, DbError> {
        dialect::dump(self).await
    }

    /// Runs a statement as it is written: for tests that set a scene or try a trespass.
    ///
    /// # Errors
    ///
    /// [`DbError`] when the database refuses it.
    #[cfg(any(test, feature = "in-process"))]
    pub async fn execute_for_test(&self, statement: &str) -> Result<(), DbError> {
        self.writer.execute(sqlx::AssertSqlSafe(statement.to_owned())).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}

/// All rows of a table; bytes are given in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDump {
    /// The table.
    pub table: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Rows in no particular order, one text for each column.
    pub rows: Vec<Vec<String>>,
}

/// Makes the file of a database that is not there yet, for its owner only; SQLite makes its log beside it likewise. What goes
/// wrong here goes wrong again when the database is opened, and is told then.
fn make_private_file(url: &str) {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // An address may write a path in a way that this does not read.
    if !path.contains('%') {
        let _ = options.open(path);
    }
}

/// Writes SQLite's log back into the file now and then, without keeping anybody waiting: left to a commit, that commit would take as
/// long as all that the log holds. Ends with the pool.
async fn write_back(pool: AnyPool, dialect: Dialect) {
    loop {
        tokio::select! {
            () = pool.close_event() => return,
            () = tokio::time::sleep(WRITE_BACK) => {}
        }
        // What cannot be written back now is later, and by a commit at the latest.
        let _ = pool.execute(dialect.write_back()).await;
    }
}

async fn pool(url: &str, connections: u32, cache_mib: u32, dialect: Dialect) -> Result<AnyPool, DbError> {
    let options = AnyConnectOptions::from_str(url)?;
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(if connections == 1 { 1 } else { 0 })
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(dialect == Dialect::Postgres)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(dialect.on_connect(cache_mib)).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}
