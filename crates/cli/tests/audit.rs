//! `vunglam audit` on the database of a real authority: whole, taken out, tampered with.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::path::PathBuf;
use std::process::{Command, Output};

use protocol::time::UnixSeconds;
use server::AuthorityApp;
use server::audit::{Action, Actor, Entry, Object, Purpose};
use server::clock::VirtualClock;
use server::config::AuthorityConfig;
use server::run::open_authority;

/// An authority's folder, removed when dropped.
struct Authority(PathBuf);

impl Authority {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("vunglam-cli-audit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!("data = {:?}\n", folder.join("data"));
        std::fs::write(folder.join("authority.toml"), config).unwrap();
        Self(folder)
    }

    async fn open(&self, clock: &VirtualClock) -> AuthorityApp {
        let config = AuthorityConfig::load(&self.0.join("authority.toml")).unwrap();
        open_authority(config, clock.clone().into()).await.unwrap()
    }

    fn audit(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vunglam"));
        command.current_dir(&self.0).arg("audit").args(arguments);
        command.args(["--authority-config", "authority.toml"]).output().unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn the_audit_is_verified_exported_and_found_broken() {
    let (authority, clock) = (Authority::new(), VirtualClock::new(UnixSeconds(1_626_091_200)));
    let early = authority.audit(&["verify"]);
    assert!(
        !early.status.success() && text(&early.stderr).contains("audit.key.pem"),
        "nothing is made"
    );
    assert!(!authority.0.join("data").exists());

    let app = authority.open(&clock).await;
    for number in 0..3 {
        let objects = [Object([number; 16])];
        let entry = Entry::new(Actor::System, "system", Purpose::Tracing, Action::PERSON_READ);
        app.audit
            .record(Entry {
                objects: &objects,
                ..entry
            })
            .await
            .unwrap();
        clock.advance(86_400);
    }
    app.run_due_jobs().await.unwrap();
    app.audit.close().await;

    let whole = authority.audit(&["verify", "--roots", "data/audit-roots.jsonl"]);
    let said = text(&whole.stdout);
    assert!(whole.status.success() && said.contains("The audit is whole"), "{said}");
    assert!(
        said.starts_with("4 entries in 1 chains, 3 rows of people, 1 roots"),
        "{said}"
    );
    let root = text(&authority.audit(&["root"]).stdout);
    assert_eq!(
        root,
        std::fs::read_to_string(authority.0.join("data/audit-roots.jsonl")).unwrap()
    );

    assert!(authority.audit(&["export", "--out", "all"]).status.success());
    assert!(
        authority
            .audit(&["export", "--out", "part", "--from", "2021-07-13", "--to", "2021-07-13"])
            .status
            .success()
    );
    let entries = |file: &str| {
        let text = std::fs::read_to_string(authority.0.join(file)).unwrap();
        text.lines().filter(|line| line.contains("\"kind\":\"entry\"")).count()
    };
    assert_eq!((entries("all"), entries("part")), (4, 1));
    let again = authority.audit(&["export", "--out", "all"]);
    assert!(!again.status.success(), "a file that exists is not written over");

    app.db
        .execute_for_test("DELETE FROM audit_object WHERE seq = 2")
        .await
        .unwrap();
    let broken = authority.audit(&["verify"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken.stdout).contains("line 2: a person's list lacks this line"),
        "{}",
        text(&broken.stdout)
    );
    let json = text(&authority.audit(&["verify", "--json"]).stdout);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&report["flaws"], &report["told"][0]["kind"]),
        (&1.into(), &"object_missing".into())
    );
    let refused = authority.audit(&["export", "--out", "broken", "--from", "2021-07-13"]);
    assert!(!refused.status.success() && !authority.0.join("broken").exists());
}
