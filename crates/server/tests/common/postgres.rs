//! A PostgreSQL for tests: the one `VUNGLAM_TEST_POSTGRES` names, else one of this test program's own, on a socket in a
//! fresh folder. Without any the tests say so and pass, unless `REQUIRE_POSTGRES=1`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

/// A role with a database of its own.
pub struct Side {
    pub role: String,
    pub url: String,
}

/// Returns the address of an administrator's connection, or nothing when there is no PostgreSQL.
pub fn admin() -> Option<&'static str> {
    static ADMIN: OnceLock<Option<String>> = OnceLock::new();
    let found = ADMIN
        .get_or_init(|| std::env::var("VUNGLAM_TEST_POSTGRES").ok().or_else(start))
        .as_deref();
    if found.is_none() {
        assert!(
            std::env::var("REQUIRE_POSTGRES").is_err(),
            "REQUIRE_POSTGRES is set and PostgreSQL is not installed"
        );
        eprintln!("skipped on PostgreSQL: install postgresql to run this test there as well");
    }
    found
}

/// Runs statements as the administrator in `database`.
pub async fn administer(database: &str, statements: &[String]) {
    let url = url_of("postgres", database).expect("asked only when there is one");
    let mut connection = AnyConnection::connect(&url).await.expect("a connection");
    for statement in statements {
        connection
            .execute(AssertSqlSafe(statement.clone()))
            .await
            .expect("an administrator may do this");
    }
    connection.close().await.expect("closed");
}

/// Makes a role and a database that only it may enter.
pub async fn make_side(name: &str) -> Option<Side> {
    admin()?;
    sqlx::any::install_default_drivers();
    let role = format!("{name}_{}", next());
    administer(
        "postgres",
        &[
            format!("CREATE ROLE {role} LOGIN"),
            format!("CREATE DATABASE {role} OWNER {role}"),
            format!("REVOKE CONNECT ON DATABASE {role} FROM PUBLIC"),
        ],
    )
    .await;
    let url = url_of(&role, &role)?;
    Some(Side { role, url })
}

/// Returns the address of `database` for `role`.
pub fn url_of(role: &str, database: &str) -> Option<String> {
    let (_, rest) = admin()?.split_once('@')?;
    let (host, _) = rest.rsplit_once('/')?;
    Some(format!("postgres://{role}@{host}/{database}"))
}

/// Returns a number that no other test of any program uses.
pub fn next() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

fn start() -> Option<String> {
    let programs = programs()?;
    let folder = std::env::temp_dir().join(format!("vunglam-server-test-{}", std::process::id()));
    // A program of this number may have been killed before: what it left is no database of ours.
    let _ = std::fs::remove_dir_all(&folder);
    let (told, ready) = std::sync::mpsc::channel();
    let place = folder.clone();
    // The server ends with the thread that started it, so this one stays for good.
    std::thread::spawn(move || {
        let running = run(&programs, &place);
        let _ = told.send(running.is_some());
        if running.is_some() {
            loop {
                std::thread::park();
            }
        }
    });
    assert!(
        ready.recv().expect("the thread answers"),
        "PostgreSQL is installed and does not start"
    );
    Some(format!(
        "postgres://postgres@{}/postgres",
        folder.display().to_string().replace('/', "%2F")
    ))
}

fn run(programs: &Path, folder: &Path) -> Option<std::process::Child> {
    let is_root = String::from_utf8(Command::new("id").arg("-u").output().ok()?.stdout)
        .ok()?
        .trim()
        == "0";
    std::fs::create_dir_all(folder).ok()?;
    Command::new("chmod").arg("0700").arg(folder).status().ok()?;
    if is_root {
        Command::new("chown").arg("postgres:").arg(folder).status().ok()?;
    }
    let as_user = |program: &str| {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=TERM");
        if is_root {
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        command.arg(programs.join(program)).current_dir(folder);
        command
    };
    let data = folder.join("data");
    let made = as_user("initdb")
        .args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ])
        .arg(&data)
        .stdout(Stdio::null())
        .status()
        .ok()?;
    if !made.success() {
        return None;
    }
    let mut server = as_user("postgres")
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(folder)
        .args([
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=300",
        ])
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut log = BufReader::new(server.stderr.take()?);
    let mut line = String::new();
    while !line.contains("ready to accept connections") {
        line.clear();
        if log.read_line(&mut line).ok()? == 0 {
            return None;
        }
    }
    // Somebody has to read on, or the server stops when the pipe is full.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Some(server)
}

fn programs() -> Option<PathBuf> {
    let version = |path: &PathBuf| {
        path.file_name()
            .and_then(|n| n.to_str())
            .and_then(|n| n.parse::<u32>().ok())
    };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let newest = installed
        .filter(|path| path.join("bin/postgres").exists())
        .max_by_key(version)?;
    Some(newest.join("bin"))
}

/// Writes every changed page to its file and returns the folder of the server's files.
pub async fn pages() -> PathBuf {
    administer("postgres", &["CHECKPOINT".to_owned()]).await;
    let url = url_of("postgres", "postgres").expect("asked only when there is one");
    let mut connection = AnyConnection::connect(&url).await.expect("a connection");
    let folder: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&mut connection)
        .await
        .expect("an administrator may ask");
    connection.close().await.expect("closed");
    folder.into()
}
