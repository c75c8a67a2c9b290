//! What is elsewhere and what is nowhere cannot be told apart: every route with an id gives the same answer for both and runs
//! the same SQL statements, as the log of statements shows.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use common::World;
use common::desk::{Person, officer_in, scope_of, seat};
use server::auth::{self, NewKey, Permission, Role, Session};
use server::cases::contacts::{Batch, Entered, NewContact, add_contacts};
use server::cases::files::{NewCaseFile, Subject, open_case};
use server::cases::model::{CaseState, Origin};
use server::civil::CivilDate;
use server::codes::Finding;
use server::exchange::{self, Incoming, Kind, Options};
use server::people::Identity;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// The statements that ran since they were last taken.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<u8>>>);

impl Write for Statements {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Statements {
    fn begin() -> Self {
        let log = Self::default();
        let kept = log.clone();
        tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new("off,sqlx::query=debug"))
            .with_writer(move || kept.clone())
            .finish()
            .init();
        log
    }

    /// As [`Self::read`], when all statements that were answered are written down too: SQLite's thread notes a statement when
    /// it turns to the next.
    async fn take(&self, world: &World) -> Vec<String> {
        world.both.authority.db.ping().await.unwrap();
        self.read()
    }

    /// Returns text and returned rows of each statement; the audit's writer, which has a pace of its own, what a new
    /// connection begins with and [`Self::take`]'s own are left out.
    fn read(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(lines)
            .unwrap()
            .lines()
            .filter_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let fields = &line["fields"];
                let text = match fields["db.statement"].as_str() {
                    Some(text) if !text.trim().is_empty() => text,
                    _ => fields["summary"].as_str()?,
                };
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let is_connecting = text.starts_with("SET TIME ZONE");
                let is_ours = text == "SELECT 1";
                (!text.contains("audit_") && !is_connecting && !is_ours)
                    .then(|| format!("{text} → {}", fields["rows_returned"]))
            })
            .collect()
    }
}

/// Things of a unit by the name of their id in routes.
type Things = BTreeMap<&'static str, String>;

async fn things(world: &World, code: &str, commune: &str) -> Things {
    let app = &world.both.authority;
    let today = CivilDate::today(world.clock.now());
    let session = |login: String, role: &'static str, code: String| async move {
        let (scope, place) = scope_of(world, &code);
        let id = seat(world, &login, role, scope, place).await;
        (auth::session_of(app, &login).await.unwrap(), id)
    };
    let (tracer, _) = session(format!("tracer{code}"), "tracer", code.to_owned()).await;
    let (lead, officer_id) = session(format!("lead{code}"), "team_lead", code.to_owned()).await;
    let (keeper, _) = session(format!("keeper{code}"), "auditor", "82".to_owned()).await;
    let unit = app.geo.by_code(commune, today).unwrap().id;
    let somebody = |name: &str| {
        Subject::New(Box::new(Identity {
            name: name.into(),
            phones: vec!["0912345678".into()],
            ..Identity::default()
        }))
    };
    let new = NewCaseFile {
        subject: somebody("Trần Văn Bảy"),
        label: None,
        state: CaseState::Confirmed,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date: None,
        unit,
        is_listed: false,
    };
    let case_id = open_case(app, &tracer, new).await.unwrap().case_id;
    let met = NewContact {
        subject: somebody("Lê Thị Ánh"),
        exposed_on: today,
        minutes: None,
        place: String::new(),
        relation: String::new(),
        level: 2,
        unit,
        origin: Origin::Interview,
    };
    let batch = Batch {
        case_id: case_id.clone(),
        of_contact: None,
        contacts: vec![met],
        entry_seconds: None,
    };
    let entered = add_contacts(app, &tracer, batch).await.unwrap();
    let Entered::New(contact_id) = &entered[0] else {
        panic!("not new")
    };
    let (scope, place) = scope_of(world, "82");
    let key = NewKey {
        label: "máy".into(),
        permissions: vec![Permission::AuditRead],
        scope,
        place,
        days: 1,
    };
    let key_id = auth::make_key(app, &keeper, &key).await.unwrap().key.key_id;
    let (scope, place) = scope_of(world, code);
    let asked = auth::ask_role_change(
        app,
        &lead,
        &tracer.officer.officer_id,
        Role::parse("tracer").unwrap(),
        scope,
        place,
    );
    BTreeMap::from([
        ("case_id", case_id),
        ("contact_id", contact_id.clone()),
        ("officer_id", officer_id),
        ("key_id", key_id),
        ("approval_id", asked.await.unwrap()),
        ("import_id", import(world, &tracer).await),
    ])
}

async fn import(world: &World, by: &Session) -> String {
    let app = &world.both.authority;
    let mut incoming = Incoming::new(app);
    incoming
        .push("Họ tên;SĐT\nTrần Văn Bảy;0912345678\n".as_bytes())
        .unwrap();
    let list = exchange::upload(app, by, Kind::Contacts, Options::default(), incoming).await;
    list.unwrap().import_id
}

/// Fields of every form, so that each route gets as far as looking for what its address names.
const FORM: &str = "&reason=person-asks&line=10%2F7+8h+cho&finding=confirmed&test_date=12%2F7%2F2021&outcome=reached&approve=no\
                    &role=tracer&unit=28249&col.0=name&col.1=phone&paste=a%09b&act=save";

async fn ask(person: &Person<'_>, token: &str, method: &str, path: &str) -> (u16, String) {
    let answer = if method == "GET" {
        person.get(path).await
    } else {
        person.post(path, &format!("form_token={token}{FORM}"), &[]).await
    };
    (answer.status, answer.text())
}

async fn check(world: &World, log: &Statements) {
    let foreign = things(world, "816", "28297").await;
    let own = things(world, "815", "28249").await;
    let actors = [
        officer_in(world, "a-lead", "team_lead", "815").await,
        officer_in(world, "a-keeper", "auditor", "79").await,
    ];
    let mut compared = 0;
    for (method, route, _) in server::desk_access() {
        let Some((_, rest)) = route.split_once('{') else {
            continue;
        };
        let name = rest.split('}').next().unwrap();
        let Some(elsewhere) = foreign.get(name) else { continue };
        // An id of the same form that nobody has.
        let (kind, _) = elsewhere.rsplit_once('_').unwrap_or(("", ""));
        let nowhere = if kind.is_empty() {
            elsewhere.chars().rev().collect::<String>()
        } else {
            format!("{kind}_{}", "0123456789abcdef".repeat(2))
        };
        let actor = &actors[usize::from(name == "key_id")];
        let token = actor.form_token().await;
        let address = |id: &str| route.replace(&format!("{{{name}}}"), id).replace("{state}", "closed");
        let mut seen = Vec::new();
        for id in [elsewhere, &nowhere] {
            log.take(world).await;
            let (status, text) = ask(actor, &token, &method, &address(id)).await;
            seen.push((status, text.replace(id.as_str(), "ID"), log.take(world).await));
        }
        assert_eq!(seen[0].0, seen[1].0, "{method} {route}: status");
        assert_eq!(seen[0].1, seen[1].1, "{method} {route}: body");
        assert_eq!(seen[0].2, seen[1].2, "{method} {route}: statements");
        assert!((400..500).contains(&seen[0].0), "{method} {route}: {}", seen[0].0);
        assert!(seen[0].2.len() > 1, "{method} {route}: the log is empty");
        compared += 1;
    }
    assert!(compared >= 30, "{compared} routes");
    // The comparison sees a difference: what is one's own takes other statements.
    let lead = &actors[0];
    log.take(world).await;
    let (status, _) = ask(lead, "", "GET", &format!("/desk/cases/{}", own["case_id"])).await;
    let found = log.take(world).await;
    let (_, _) = ask(lead, "", "GET", &format!("/desk/cases/{}", foreign["case_id"])).await;
    assert_eq!(status, 200);
    assert_ne!(found, log.take(world).await);
}

/// On both databases in one test: a process has one log.
#[tokio::test]
async fn a_foreign_id_is_like_a_missing_one() {
    let log = Statements::begin();
    check(&World::in_memory().await, &log).await;
    if let Some(world) = World::on_postgres(Default::default()).await {
        check(&world, &log).await;
    }
}
