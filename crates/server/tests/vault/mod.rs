//! A vault in files or on PostgreSQL that can be closed, opened again, backed up and searched byte by byte.
#![allow(unreachable_pub, reason = "the test that uses it is one program")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use server::clock::{Clock, VirtualClock};
use server::config::AuthorityConfig;
use server::db::{Db, TableDump};
use server::people::{KekPlace, PersonId, Vault};
use server::secrets::{AuthoritySecrets, KEYRING_KEK};
use server::{AuthorityApp, Entropy};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::common::{START, postgres};

/// Where the databases of a test lie.
pub struct World {
    pub clock: VirtualClock,
    folder: PathBuf,
    main: String,
    keyring: String,
    /// Names of the two PostgreSQL databases.
    databases: Option<[String; 2]>,
    opened: AtomicU64,
}

impl World {
    /// On SQLite files in a fresh folder.
    pub async fn in_memory() -> Self {
        let folder = fresh_folder();
        let address = |name: &str| format!("sqlite:{}", folder.join(name).display());
        Self {
            clock: VirtualClock::new(START),
            main: address("authority.sqlite"),
            keyring: address("keyring.sqlite"),
            databases: None,
            opened: AtomicU64::new(1),
            folder,
        }
    }

    /// On two PostgreSQL databases.
    pub async fn on_postgres(_: ()) -> Option<Self> {
        let main = postgres::make_side("people").await?;
        let keyring = postgres::make_side("keyring").await?;
        Some(Self {
            clock: VirtualClock::new(START),
            folder: fresh_folder(),
            main: main.url,
            keyring: keyring.url,
            databases: Some([main.role, keyring.role]),
            opened: AtomicU64::new(1),
        })
    }

    pub async fn open(&self) -> AuthorityApp {
        self.open_on(&self.main).await.expect("the vault opens")
    }

    async fn open_on(&self, main: &str) -> Result<AuthorityApp, String> {
        // Each opening draws other numbers, as another process would.
        let entropy = Entropy::seeded(self.opened.fetch_add(1, Ordering::Relaxed));
        let clock = Clock::from(self.clock.clone());
        let keyring = Db::connect(&self.keyring).await.unwrap();
        let place = KekPlace::File(self.kek_path());
        let people = Vault::open(keyring, place, self.clock.now(), &entropy)
            .await
            .map_err(|error| error.to_string())?;
        let secrets = AuthoritySecrets::generate(&entropy);
        let db = Db::connect(main).await.unwrap();
        AuthorityApp::open(AuthorityConfig::default(), db, people, clock, entropy, secrets)
            .await
            .map_err(|error| error.to_string())
    }

    /// Why the vault does not open.
    pub async fn refusal(&self) -> String {
        self.open_on(&self.main).await.err().expect("it must not open")
    }

    /// Why the vault does not open when the keyring's database is an empty one.
    pub async fn lose_keyring(&self, app: AuthorityApp) -> String {
        match &self.databases {
            None => {
                self.end(app).await;
                for file in ["keyring.sqlite", "keyring.sqlite-wal", "keyring.sqlite-shm"] {
                    let _ = std::fs::remove_file(self.folder.join(file));
                }
            }
            Some(_) => {
                for table in ["person_key", "keyring_epoch", "schema_migration"] {
                    let text = format!("DROP TABLE {table}");
                    app.people.keyring().execute_for_test(&text).await.unwrap();
                }
                self.end(app).await;
            }
        }
        self.refusal().await
    }

    pub async fn end(&self, app: AuthorityApp) {
        app.db.close().await;
        app.people.close().await;
    }

    pub async fn reopen(&self, app: AuthorityApp) -> AuthorityApp {
        self.end(app).await;
        self.open().await
    }

    /// Copies the vault's database as it stands; the keyring is not copied.
    pub async fn back_up(&self, app: AuthorityApp) -> AuthorityApp {
        match &self.databases {
            None => {
                let copy = self.folder.join("backup.sqlite");
                let text = format!("VACUUM INTO '{}'", copy.display());
                app.db.execute_for_test(&text).await.unwrap();
                app
            }
            Some([main, _]) => {
                self.end(app).await;
                let text = format!("CREATE DATABASE {main}_backup TEMPLATE {main} OWNER {main}");
                postgres::administer("postgres", &[text]).await;
                self.open().await
            }
        }
    }

    /// Opens the copy with the keyring as it is now.
    pub async fn restore(&self, app: AuthorityApp) -> AuthorityApp {
        self.end(app).await;
        let address = match &self.databases {
            None => format!("sqlite:{}", self.folder.join("backup.sqlite").display()),
            Some([main, _]) => postgres::url_of(main, &format!("{main}_backup")).unwrap(),
        };
        self.open_on(&address).await.unwrap()
    }

    pub fn kek_path(&self) -> PathBuf {
        self.folder.join(KEYRING_KEK)
    }

    pub fn kek_file(&self) -> String {
        std::fs::read_to_string(self.kek_path()).unwrap()
    }

    /// Bytes as this database writes them in a statement.
    pub fn bytes(&self, hex: &str) -> String {
        match self.databases {
            None => format!("x'{hex}'"),
            Some(_) => format!("decode('{hex}', 'hex')"),
        }
    }

    /// Files of either database that hold `needle`: pages, logs, and what is free in them.
    pub async fn files_with(&self, needle: &str) -> Vec<String> {
        self.files_with_bytes(needle.as_bytes()).await
    }

    async fn files_with_bytes(&self, needle: &[u8]) -> Vec<String> {
        match &self.databases {
            None => files_with(&self.folder, needle),
            Some(databases) => {
                let mut found = Vec::new();
                for database in databases {
                    found.extend(relations_with(database, needle).await);
                }
                found
            }
        }
    }

    /// On SQLite nothing of a destroyed key is left in any file; PostgreSQL keeps it in its log until that is recycled.
    pub async fn assert_no_remnant(&self, wrapped: &str) {
        if self.databases.is_none() {
            let needle = hex::decode(wrapped).unwrap();
            assert_eq!(files_with(&self.folder, &needle), Vec::<String>::new());
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn fresh_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("vunglam-vault-{}", postgres::next()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn files_with(folder: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap();
        if bytes.windows(needle.len()).any(|window| window == needle) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

/// Tables, indexes and overflow tables of a PostgreSQL database whose files hold `needle`, read by the administrator
/// after everything was written out, and the files of the write-ahead log.
async fn relations_with(database: &str, needle: &[u8]) -> Vec<String> {
    postgres::administer(database, &["CHECKPOINT".into()]).await;
    let url = postgres::url_of("postgres", database).unwrap();
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let text = format!(
        "SELECT CAST(name AS TEXT) FROM ( \
           SELECT relname AS name, pg_relation_filepath(oid) AS path FROM pg_class WHERE relfilenode <> 0 \
           UNION ALL SELECT name, 'pg_wal/' || name FROM pg_ls_waldir()) AS files \
         WHERE position(decode('{}', 'hex') IN COALESCE(pg_read_binary_file(path, 0, 100000000, true), '')) > 0",
        hex::encode(needle)
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let name = |row: &sqlx::any::AnyRow| format!("{database} {}", row.get::<String, _>(0));
    rows.iter().map(name).collect()
}

/// Every table of the vault and of the keyring.
pub async fn dumps(app: &AuthorityApp) -> Vec<TableDump> {
    let mut tables = app.db.dump().await.unwrap();
    tables.extend(app.people.keyring().dump().await.unwrap());
    tables
}

/// Tables of which a cell holds `needle`, as text or as bytes.
pub fn tables_with(tables: &[TableDump], needle: &str) -> Vec<String> {
    let hex = hex::encode(needle);
    let holds = |cell: &String| cell.contains(needle) || cell.contains(&hex);
    let found = tables.iter().filter(|table| table.rows.iter().flatten().any(holds));
    found.map(|table| table.table.clone()).collect()
}

/// A cell of the row of a person.
pub async fn cell(app: &AuthorityApp, table: &str, key: &str, person: PersonId, column: &str) -> Option<String> {
    let tables = dumps(app).await;
    let table = tables.iter().find(|t| t.table == table).unwrap();
    let at = |name: &str| table.columns.iter().position(|c| c == name).unwrap();
    let row = table.rows.iter().find(|row| row[at(key)] == person.hex())?;
    Some(row[at(column)].clone())
}

/// Counts the rows of a table of either database.
pub async fn rows(app: &AuthorityApp, table: &str) -> usize {
    let tables = dumps(app).await;
    tables.iter().find(|t| t.table == table).unwrap().rows.len()
}

/// Replaces a file's content and keeps its permissions.
pub fn write(file: &Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(file)
        .unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// A number from the environment, for measurements.
pub fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}
