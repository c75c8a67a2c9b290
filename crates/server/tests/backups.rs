//! Backups of a running service, and a person erased after one: restored, it must reveal nothing of them.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{START, desk, postgres};
use server::AuthorityApp;
use server::auth::{self, Enrolment, NewOfficer, Role, Session};
use server::backup::{self, BackupError, Part, Places};
use server::cases::files::{NewCaseFile, Subject, load_file, open_case};
use server::cases::model::CaseState;
use server::civil::CivilDate;
use server::clock::{Clock, VirtualClock};
use server::codes::Finding;
use server::config::{AuthorityConfig, KeysConfig};
use server::db::Db;
use server::geo::UnitId;
use server::people::{self, Document, DocumentKind, Identity, PersonId};
use server::run::{open_authority, open_keys};
use server::scope::{Level, Place, Scope};

/// Of nobody: each is looked for byte by byte.
const NAME: &str = "Đặng Thị Bưởi Rừng";
const PHONE: &str = "0912999888";
const DOCUMENT: &str = "079181234567";
const ADDRESS: &str = "ấp Rừng Dừa Cạn";

struct Site {
    folder: tempfile::TempDir,
    places: Places,
    clock: VirtualClock,
}

impl Site {
    fn on_files() -> Self {
        Self::with(None, None)
    }

    async fn on_postgres() -> Option<Self> {
        let vault = postgres::make_side("vault").await?;
        let keyring = postgres::make_side("keyring").await?;
        Some(Self::with(Some(vault.url), Some(keyring.url)))
    }

    fn with(database: Option<String>, keyring: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            authority: AuthorityConfig {
                data: folder.path().join("authority"),
                database,
                keyring,
                ..AuthorityConfig::default()
            },
            keys: KeysConfig {
                data: folder.path().join("keys"),
                ..KeysConfig::default()
            },
        };
        Self {
            folder,
            places,
            clock: VirtualClock::new(START),
        }
    }

    fn time(&self) -> Clock {
        Clock::from(self.clock.clone())
    }

    async fn open(&self) -> AuthorityApp {
        let app = open_authority(self.places.authority.clone(), self.time())
            .await
            .unwrap();
        people::finder::warm(&app).await.unwrap();
        app
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn back_up(&self, part: Part, to: &str) -> PathBuf {
        let made = backup::back_up(&self.places, part, &self.path(to), self.time().now()).await;
        made.unwrap().folder
    }

    /// An empty database for a restored vault: a file, or one of PostgreSQL.
    async fn scratch(&self, name: &str) -> String {
        if self.places.authority.database.is_some() {
            postgres::make_side("scratch").await.unwrap().url
        } else {
            format!("sqlite:{}", self.path(name).display())
        }
    }
}

async fn officer(app: &AuthorityApp) -> Session {
    let now = app.clock.now();
    let id = app.geo.by_code("82", CivilDate::today(now)).unwrap().id;
    let new = NewOfficer {
        login: "lead".into(),
        name: "Officer".into(),
        role: Role::parse("team_lead").unwrap(),
        scope: Scope {
            level: Level::Province,
            unit: id.number(),
        },
        place: Place {
            province: Some(id.number()),
            district: None,
            commune: None,
        },
    };
    let enrolment = Enrolment {
        password: desk::PASSWORD.into(),
        secret: desk::SECRET.to_vec(),
        code: auth::one_time_code(&desk::SECRET, now).unwrap(),
    };
    auth::seat(app, &new, &enrolment).await.unwrap();
    auth::session_of(app, "lead").await.unwrap()
}

async fn case(app: &AuthorityApp, by: &Session, identity: Identity) -> (String, PersonId) {
    let today = CivilDate::today(app.clock.now());
    let unit: UnitId = app.geo.by_code("28249", today).unwrap().id;
    let new = NewCaseFile {
        subject: Subject::New(Box::new(identity)),
        label: None,
        state: CaseState::Confirmed,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date: None,
        unit,
        is_listed: false,
    };
    let case = open_case(app, by, new).await.unwrap();
    (case.case_id, case.person.unwrap())
}

fn planted() -> Identity {
    Identity {
        name: NAME.into(),
        phones: vec![PHONE.into()],
        address: ADDRESS.into(),
        documents: vec![Document {
            kind: DocumentKind::Identity,
            number: DOCUMENT.into(),
        }],
        ..Identity::default()
    }
}

fn other(name: &str) -> Identity {
    Identity {
        name: name.into(),
        phones: vec!["0987654321".into()],
        ..Identity::default()
    }
}

/// Returns the files below `folder` that hold a planted text, whole or without its marks, as `grep` finds them.
fn leaks(folder: &Path) -> Vec<PathBuf> {
    let folded = server::fold::fold(NAME);
    let mut grep = Command::new("grep");
    grep.args(["--recursive", "--files-with-matches", "--text", "--fixed-strings"]);
    for needle in [NAME, PHONE, DOCUMENT, ADDRESS, &folded] {
        grep.args(["-e", needle]);
    }
    let found = grep.arg(folder).env("LC_ALL", "C").output().unwrap();
    // 1: nothing found; 2 as well where a file vanished meanwhile, and then what was found is printed all the same.
    let names = String::from_utf8(found.stdout).unwrap();
    names.lines().map(PathBuf::from).collect()
}

async fn erased_is_erased_in_an_older_backup(site: &Site) {
    let app = site.open().await;
    let lead = officer(&app).await;
    let (case_id, person) = case(&app, &lead, planted()).await;
    let (_, stays) = case(&app, &lead, other("Trần Văn Bảy")).await;
    let vault = site.back_up(Part::Vault, "backups").await;
    let keyring = site.back_up(Part::Keyring, "keyring-backups").await;
    site.back_up(Part::Audit, "backups").await;

    // Before: it opens whole.
    let before = backup::prove(&site.places, &vault, &site.scratch("before.sqlite").await, site.time())
        .await
        .unwrap();
    assert_eq!(
        (before.people, before.erased, before.damaged, before.audit_flaws),
        (2, 0, 0, 0)
    );
    assert!(before.audit_entries > 0);
    assert_eq!(app.finder.find(NAME, 5).first().map(|hit| hit.person), Some(person));

    people::erase(&app, person).await.unwrap();

    // The running process.
    assert!(people::load(&app, &[person]).await.unwrap().is_empty());
    for text in [NAME, PHONE, DOCUMENT, "buoi rung"] {
        assert!(
            app.finder.find(text, 5).iter().all(|hit| hit.person != person),
            "{text}"
        );
    }
    assert!(
        app.finder
            .duplicates(&planted(), None, 5)
            .iter()
            .all(|candidate| candidate.person != person)
    );
    assert_eq!(load_file(&app, &lead, &case_id).await.unwrap().person, Some(person));

    // The backup of before, with the keyring of now.
    let scratch = site.scratch("after.sqlite").await;
    let after = backup::prove(&site.places, &vault, &scratch, site.time())
        .await
        .unwrap();
    assert_eq!((after.people, after.erased, after.damaged), (1, 1, 0));
    let config = AuthorityConfig {
        database: Some(scratch),
        keyring: Some(site.places.authority.keyring_url()),
        ..site.places.authority.clone()
    };
    let restored = open_authority(config.clone(), site.time()).await.unwrap();
    people::finder::warm(&restored).await.unwrap();
    assert!(people::load(&restored, &[person]).await.unwrap().is_empty());
    assert_eq!(people::load(&restored, &[stays]).await.unwrap().len(), 1);
    assert!(restored.finder.find(NAME, 5).iter().all(|hit| hit.person != person));
    for table in restored.db.dump().await.unwrap() {
        let text = format!("{table:?}");
        for needle in [NAME, PHONE, DOCUMENT, ADDRESS] {
            assert!(
                !text.contains(needle) && !text.contains(&hex::encode(needle)),
                "{}",
                table.table
            );
        }
    }
    restored.db.close().await;

    // Nor with the keyring of the backup, once the epoch has ended: its copies are destroyed with the next one.
    people::rotate(&app).await.unwrap();
    let old = format!("sqlite:{}", site.path("old-keyring.sqlite").display());
    let old = if site.places.authority.keyring.is_some() {
        postgres::make_side("oldring").await.unwrap().url
    } else {
        old
    };
    let there = Places {
        authority: AuthorityConfig {
            keyring: Some(old),
            ..config
        },
        keys: site.places.keys.clone(),
    };
    backup::restore(&there, &keyring).await.unwrap();
    assert!(
        open_authority(there.authority, site.time()).await.is_err(),
        "a keyring of before was taken"
    );
    site.clock.advance(backup::KEYRING_KEEP_SECONDS);
    let newer = site.back_up(Part::Keyring, "keyring-backups").await;
    assert!(newer.exists() && !keyring.exists());

    assert_eq!(leaks(site.folder.path()), Vec::<PathBuf>::new());
    app.people.close().await;
    app.db.close().await;
}

#[tokio::test]
async fn a_person_erased_is_erased_in_an_older_backup_on_sqlite() {
    let site = Site::on_files();
    erased_is_erased_in_an_older_backup(&site).await;
    // The search for leaks finds one.
    fs::write(site.path("leak"), format!("…{PHONE}…")).unwrap();
    assert_eq!(leaks(site.folder.path()), [site.path("leak")]);
}

#[tokio::test]
async fn a_person_erased_is_erased_in_an_older_backup_on_postgres() {
    let Some(site) = Site::on_postgres().await else { return };
    erased_is_erased_in_an_older_backup(&site).await;
}

/// The pages of PostgreSQL, its log of writes included.
#[tokio::test]
async fn no_page_of_postgresql_holds_a_person_in_the_clear() {
    let Some(site) = Site::on_postgres().await else { return };
    let app = site.open().await;
    let lead = officer(&app).await;
    case(&app, &lead, planted()).await;
    let pages = postgres::pages().await;
    assert_eq!(leaks(&pages), Vec::<PathBuf>::new());
    // A table that kept a name would be found.
    let db = Db::connect(&site.places.authority.database_url()).await.unwrap();
    db.execute_for_test(&format!("CREATE TABLE leak AS SELECT '{NAME}'::text AS name"))
        .await
        .unwrap();
    let pages = postgres::pages().await;
    assert!(!leaks(&pages).is_empty());
    db.execute_for_test("DROP TABLE leak").await.unwrap();
}

#[tokio::test]
async fn no_file_of_sqlite_holds_a_person_in_the_clear() {
    let site = Site::on_files();
    let app = site.open().await;
    let lead = officer(&app).await;
    case(&app, &lead, planted()).await;
    assert_eq!(leaks(site.folder.path()), Vec::<PathBuf>::new());
    app.db
        .execute_for_test("CREATE TABLE leak (name TEXT) STRICT")
        .await
        .unwrap();
    app.db
        .execute_for_test(&format!("INSERT INTO leak VALUES ('{NAME}')"))
        .await
        .unwrap();
    assert!(!leaks(site.folder.path()).is_empty());
}

#[tokio::test]
async fn a_backup_that_was_touched_is_refused() {
    let site = Site::on_files();
    let app = site.open().await;
    let lead = officer(&app).await;
    case(&app, &lead, other("Trần Văn Bảy")).await;
    let vault = site.back_up(Part::Vault, "backups").await;
    assert!(backup::check_files(&vault).is_ok());
    let database = vault.join("database");
    let whole = fs::read(&database).unwrap();
    let broken = |what: &str| match backup::check_files(&vault) {
        Err(BackupError::Broken(_, why)) => assert!(why.contains(what), "{why}"),
        other => panic!("{other:?}"),
    };
    let mut bytes = whole.clone();
    bytes[5000] ^= 1;
    fs::write(&database, &bytes).unwrap();
    broken("database");
    fs::write(&database, &whole[..whole.len() - 1]).unwrap();
    broken("database");
    fs::write(&database, &whole).unwrap();
    fs::write(vault.join("extra"), "x").unwrap();
    broken("extra");
    fs::remove_file(vault.join("extra")).unwrap();
    let manifest = fs::read_to_string(vault.join("manifest.json")).unwrap();
    fs::write(
        vault.join("manifest.json"),
        manifest.replace("\"person\": 1", "\"person\": 2"),
    )
    .unwrap();
    broken("manifest");
    fs::write(vault.join("manifest.json"), &manifest).unwrap();
    fs::remove_file(vault.join("manifest.sha256")).unwrap();
    broken("finished");
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    let site = Site::on_files();
    let app = site.open().await;
    officer(&app).await;
    let keys = open_keys(site.places.keys.clone(), site.time()).await;
    drop(keys);
    for part in [Part::Vault, Part::Secrets] {
        let folder = site.back_up(part, "backups").await;
        assert!(backup::restore(&site.places, &folder).await.is_err(), "{part:?}");
    }
    // The keyring and its key never share a folder.
    site.back_up(Part::Keyring, "apart").await;
    let both = backup::back_up(&site.places, Part::Kek, &site.path("apart"), site.time().now()).await;
    assert!(matches!(both, Err(BackupError::Together)));
}

#[tokio::test]
async fn a_whole_site_is_put_back_elsewhere() {
    let site = Site::on_files();
    let app = site.open().await;
    let lead = officer(&app).await;
    let (case_id, person) = case(&app, &lead, planted()).await;
    let parts = [Part::Vault, Part::Secrets, Part::Keyring];
    let mut folders = Vec::new();
    for part in parts {
        folders.push(site.back_up(part, part.word()).await);
    }
    folders.push(site.back_up(Part::Kek, "kek").await);
    // Work goes on meanwhile and is not in the copy.
    case(&app, &lead, other("Trần Văn Bảy")).await;
    let elsewhere = Site::on_files();
    for folder in &folders {
        backup::restore(&elsewhere.places, folder).await.unwrap();
    }
    let there = elsewhere.open().await;
    assert_eq!(people::count(&there).await.unwrap(), 1);
    let found = people::load(&there, &[person]).await.unwrap();
    assert_eq!(found[0].1.identity.name, NAME);
    let lead = auth::session_of(&there, "lead").await.unwrap();
    assert_eq!(load_file(&there, &lead, &case_id).await.unwrap().label, "BN-0001");
}
