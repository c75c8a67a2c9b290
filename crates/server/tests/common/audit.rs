//! Words for tests of the audit: people, officers, records, and the independent checker.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use server::audit::{self, Action, Actor, Entry, Object, Purpose, Report, RootCopy};
use server::config::AuthorityConfig;
use server::in_process::memory_vault;
use server::{AuthorityApp, Entropy};

use super::common::{World, postgres};

pub fn person(number: u16) -> Object {
    let mut id = [0xa5; 16];
    id[14..].copy_from_slice(&number.to_be_bytes());
    Object(id)
}

pub fn entry<'a>(officer: &str, objects: &'a [Object]) -> Entry<'a> {
    Entry {
        objects,
        fields: &["name", "phone"],
        count: u32::try_from(objects.len()).unwrap(),
        reason: Some("called_back"),
        record: Some("BN-0007"),
        scope: Some(82),
        ..Entry::new(
            Actor::Officer(officer.into()),
            "commune_tracer",
            Purpose::Tracing,
            Action::PERSON_READ,
        )
    }
}

pub async fn record(app: &AuthorityApp, officer: &str, people: &[u16]) {
    let objects: Vec<Object> = people.iter().map(|&number| person(number)).collect();
    app.audit.record(entry(officer, &objects)).await.unwrap();
}

/// The same authority as it is after a restart: the same database and keys, a new process.
pub async fn restarted(world: &World, seed: u64) -> AuthorityApp {
    let app = &world.both.authority;
    let entropy = Entropy::seeded(seed);
    AuthorityApp::open(
        AuthorityConfig::default(),
        app.db.clone(),
        memory_vault(&app.clock, &entropy).await.unwrap(),
        app.clock.clone(),
        entropy,
        app.secrets.clone(),
    )
    .await
    .unwrap()
}

pub async fn verify(world: &World, copies: &[RootCopy]) -> Report {
    let app = &world.both.authority;
    audit::verify(&app.db, &app.secrets.audit.public_key(), copies)
        .await
        .unwrap()
}

pub async fn export(world: &World, file: &Path) {
    let app = &world.both.authority;
    let mut out = std::fs::File::create(file).unwrap();
    audit::export(&app.db, &app.secrets.audit, None, &mut out)
        .await
        .unwrap();
}

pub fn key_pem(world: &World) -> String {
    world.both.authority.secrets.audit.public_key().to_pem()
}

/// A folder of its own for a test's files; removed when dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("vunglam-audit-{}", postgres::next()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the independent checker says.
#[derive(Debug, serde::Deserialize)]
pub struct Verdict {
    pub whole: bool,
    pub counts: std::collections::HashMap<String, u64>,
    pub wrong: Vec<String>,
}

/// Lets `examples/peers/check_audit.py` judge exports in one run: file names, a key, perhaps a file of roots. Nothing
/// where Python or its package is absent, unless `REQUIRE_PEERS` is set.
pub fn check(files: &[PathBuf], key_pem: &str, roots: Option<&Path>) -> Option<Vec<Verdict>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let installed = project.join("target/peers/venv/bin/python");
    let python = if installed.exists() {
        installed
    } else {
        "python3".into()
    };
    let script = "import json, sys\nimport check_audit\n\
                  key, roots = sys.argv[1].encode(), sys.argv[2] or None\n\
                  print(json.dumps([check_audit.check(file, key, roots) for file in sys.argv[3:]]))";
    let run = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(project.join("examples/peers"))
        .args(["-c", script, key_pem])
        .arg(roots.unwrap_or(Path::new("")))
        .args(files)
        .output();
    let run = match run {
        Ok(run) if !String::from_utf8_lossy(&run.stderr).contains("ModuleNotFoundError") => run,
        _ => {
            assert!(
                std::env::var("REQUIRE_PEERS").is_err(),
                "REQUIRE_PEERS is set and Python or its `cryptography` is absent"
            );
            eprintln!("skipped with the independent checker: `cargo xtask setup` installs it");
            return None;
        }
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(serde_json::from_slice(&run.stdout).unwrap())
}
