//! The story, in process: the real routers of both sides on their own database files, the real desk pages, real devices.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body as HttpBody, to_bytes},
    http::Request,
};
use device::{
    store::Store,
    sync::{UploadOrder, UploadStage},
};
use protocol::time::{UnixSeconds, UtcDay};
use serde_json::{Value, json};
use server::{
    authority_router,
    clock::{Clock, VirtualClock},
    config::{AuthorityConfig, KeysConfig},
    db::Db,
    in_process::Both,
    keys_router,
};
use tower::ServiceExt;

use super::*;
use crate::outbreak::{self, Outbreak, Size};
use crate::world::{LocalDay, Named, World, WorldOptions, story::minutes_with_nam};

const SMALL: Size = Size {
    people: 3_000,
    cases: 12,
    contacts: 150,
};

struct Stage {
    demo: Arc<Demo>,
    both: Both,
    clock: VirtualClock,
    router: Router,
    folder: std::path::PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Ten o'clock on the day after the story: yesterday's keys are out of embargo.
fn today() -> UnixSeconds {
    LocalDay::STORY.offset(1).time(10, 0)
}

impl Stage {
    async fn open(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("vunglam-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let databases = Databases {
            keys: folder.join("keys.sqlite"),
            authority: folder.join("authority.sqlite"),
            keyring: None,
        };
        let connect = async |path: &std::path::Path| Db::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        let clock = VirtualClock::new(today());
        let keys = KeysConfig {
            export_period_seconds: 60,
            export_minimum_keys: 10,
            ..KeysConfig::default()
        };
        let both = Both::open(
            connect(&databases.keys).await,
            connect(&databases.authority).await,
            Clock::from(clock.clone()),
            1,
            keys,
            AuthorityConfig::default(),
        )
        .await
        .unwrap();
        let plan = Outbreak::plan(3, SMALL, today());
        let populated = outbreak::populate(&both.authority, &plan, &clock, &|_, _| ())
            .await
            .unwrap();
        let known = outbreak::story_people(&both.authority, &plan, &populated)
            .await
            .unwrap();
        let wire = Wire::Routers {
            keys: keys_router(both.keys.clone()),
            authority: authority_router(both.authority.clone()),
        };
        let get = |path| wire.call(device::sync::Side::Keys, axum::http::Method::GET, path, &[], Vec::new());
        let trust: protocol::message::Trust = serde_json::from_slice(&get("/v1/trust").await.unwrap().body).unwrap();
        let options = WorldOptions {
            people: 80,
            adoption: 0.4,
            begin: LocalDay::STORY.time(7, 0),
            ..WorldOptions::default()
        };
        let mut world = World::open(&options, &trust).unwrap();
        world.live_to(today(), &|_, _| ()).unwrap();
        let setup = DemoSetup {
            world,
            wire: wire.clone(),
            clock: Clock::from(clock.clone()),
            databases,
            desk: DeskAccess {
                url: "http://127.0.0.1:7302/desk".into(),
                seed: 3,
            },
            known,
            messages: std::path::PathBuf::new(),
            trust,
            run_id: name.into(),
        };
        let demo = Arc::new(Demo::new(setup));
        Self {
            router: router(Arc::clone(&demo)),
            demo,
            both,
            clock,
            folder,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            HttpBody::empty()
        } else {
            HttpBody::from(body.to_string())
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(body)
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let bytes = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        }
    }

    /// Enters by the role bar: status, cookie and where it leads.
    async fn enter(&self, role: &str, query: &str) -> (u16, String, String) {
        let request = Request::get(format!("/enter/{role}{query}")).body(HttpBody::empty());
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let text = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
        let (cookie, location) = (text("set-cookie"), text("location"));
        (answer.status().as_u16(), cookie.to_owned(), location.to_owned())
    }

    /// Opens a page of the desk with a cookie as the browser got it.
    async fn desk(&self, path: &str, cookie: &str) -> (u16, String) {
        let cookie = cookie.split(';').next().unwrap();
        let request = Request::get(path).header("cookie", cookie).body(HttpBody::empty());
        let router = authority_router(self.both.authority.clone());
        let answer = router.oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// Lets every native phone synchronise now.
    async fn sync_all(&self) {
        let count = self.demo.world().phones().len();
        for at in 0..count {
            self.demo.world().phones_mut()[at].device.request_sync();
            self.demo.sync(at).await;
        }
    }

    /// Nam enters the code and shares all his days.
    async fn share(&self, code: &str) -> UploadStage {
        let at = {
            let mut world = self.demo.world();
            let person = world.phone(Named::Nam).person;
            let days = world.phone(Named::Nam).device.shareable_days().unwrap();
            let order = UploadOrder {
                code: code.into(),
                days,
                symptom_onset: None,
            };
            world
                .phone(Named::Nam)
                .device
                .begin_upload(self.demo.now(), &order)
                .unwrap();
            world.phones().iter().position(|phone| phone.person == person).unwrap()
        };
        self.demo.sync(at).await;
        self.demo.world().phone(Named::Nam).device.upload().unwrap().stage
    }

    fn minutes(&self, named: Named) -> Vec<(UtcDay, f64)> {
        let notices = self.demo.world().phone(named).device.notices().unwrap();
        notices
            .iter()
            .filter(|notice| !notice.withdrawn)
            .map(|notice| (notice.day, notice.minutes))
            .collect()
    }
}

#[tokio::test]
async fn two_phones_ring_and_one_does_not_and_the_services_know_nothing_of_lan() {
    let stage = Stage::open("story").await;
    stage.sync_all().await;
    assert!(Named::ALL.iter().all(|named| stage.minutes(*named).is_empty()));
    stage.demo.tick();
    let story = stage.ask("GET", "/demo/v1/story", &Value::Null).await;
    assert_eq!(
        (&story["steps"][0]["at"], &story["case"]["path"]),
        (&Value::Null, &Value::Null),
        "other cases are confirmed, Nam's is not"
    );

    stage.demo.confirm_case().await;
    let story = stage.ask("GET", "/demo/v1/story", &Value::Null).await;
    assert_eq!(story["case"]["state"], "code", "{story}");
    let path = story["case"]["path"].as_str().unwrap().to_owned();
    let cookie = stage.enter("tracer", "").await.1;
    assert!(
        stage.desk(&path, &cookie).await.1.contains("BN-"),
        "the link leads to the case"
    );
    let code = story["case"]["code"]["short"].as_str().unwrap().to_owned();
    let before = stage.ask("GET", "/demo/v1/knowledge/lan", &Value::Null).await;
    let found = |search: &Value| {
        search["tables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["found"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!((found(&before), found(&before["control"])), (0, 0));

    assert!(matches!(
        stage.share(&code).await,
        UploadStage::Done { accepted: Some(2), .. }
    ));
    stage.clock.advance(120);
    stage.both.run_due_jobs().await.unwrap();
    stage.sync_all().await;
    stage.demo.tick();

    let day = LocalDay::STORY.time(9, 10).day();
    for named in [Named::Lan, Named::Mai] {
        let notices = stage.minutes(named);
        let expected = f64::from(minutes_with_nam(named));
        assert_eq!(notices.len(), 1, "{named:?}");
        assert_eq!(notices[0].0, day);
        assert!((notices[0].1 - expected).abs() <= 6.0, "{named:?}: {notices:?}");
    }
    assert_eq!(stage.minutes(Named::Hung), []);
    let hung = stage
        .demo
        .world()
        .phone(Named::Hung)
        .device
        .explain(day)
        .unwrap()
        .unwrap();
    assert!(hung.minutes > 0.0 && hung.minutes < 15.0, "{}", hung.minutes);

    // Nobody else has the name in the clear either: it is of a person whom the vault knows.
    let lan = stage.demo.known[&Named::Lan].person;
    let opened = server::people::load(&stage.both.authority, &[lan]).await.unwrap();
    assert_eq!(opened[0].1.identity.name, Named::Lan.full_name());
    let knowledge = stage.ask("GET", "/demo/v1/knowledge/lan", &Value::Null).await;
    let vault = &knowledge["vault"];
    assert!(vault["sealedBytes"].as_i64().unwrap() > 100, "{vault}");
    assert_eq!((&vault["contacts"], &vault["cases"]), (&json!(1), &json!(0)));
    assert_eq!((found(&knowledge), found(&knowledge["control"])), (0, 2), "{knowledge}");
    assert!(knowledge["needles"][0]["count"].as_u64().unwrap() > 140);
    let story = stage.ask("GET", "/demo/v1/story", &Value::Null).await;
    assert!(
        story["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["at"].is_i64()),
        "{story}"
    );
    let metrics = stage.ask("GET", "/demo/v1/metrics", &Value::Null).await;
    let number = |id: &str| {
        let metrics = metrics["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["id"] == id).unwrap()["numerator"]["value"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(
        (number("keys_published"), number("codes_redeemed"), number("exports")),
        (2, 1, 1)
    );
    assert!(number("notices") >= 3);
}

#[tokio::test]
async fn a_page_becomes_the_phone_it_restores_and_is_searched_for_too() {
    let stage = Stage::open("page").await;
    let state = stage.ask("GET", "/demo/v1/phones/lan/state", &Value::Null).await;
    assert_eq!(
        (state["run_id"].as_str(), state["name"].as_str()),
        (Some("page"), Some("Lan"))
    );
    use base64::Engine;
    let snapshot = base64::engine::general_purpose::STANDARD
        .decode(state["snapshot_b64"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        snapshot,
        stage.demo.world().phone(Named::Lan).device.store().snapshot().unwrap()
    );
    let path = "/demo/v1/phones/lan/air";
    let first = stage
        .ask("POST", path, &json!({"advertisement_hex": "5a".repeat(31)}))
        .await;
    assert_eq!(first["scans"], json!([]));
    stage.clock.advance(300);
    stage.demo.tick();
    let later = stage.ask("POST", path, &json!({"advertisement_hex": null})).await;
    assert_eq!(
        later["scans"],
        json!([]),
        "a page that was away for minutes has heard nothing"
    );
    stage.clock.advance(4);
    stage.demo.tick();
    stage.clock.advance(1);
    let wrong = stage.ask("POST", path, &json!({"advertisement_hex": "5a"})).await;
    assert_eq!(wrong["status"], 400);
    let unknown = stage.ask("GET", "/demo/v1/phones/nobody/state", &Value::Null).await;
    assert_eq!(unknown["status"], 404);
    assert!(stage.demo.seen(Named::Lan).contains(&[0x5a; 16]));
}

#[tokio::test]
async fn each_role_enters_the_desk_as_itself_and_a_session_that_ended_is_begun_anew() {
    let stage = Stage::open("roles").await;
    let story = stage.ask("GET", "/demo/v1/story", &Value::Null).await;
    let roles = story["desk"]["roles"].as_array().unwrap().clone();
    assert_eq!(roles.len(), 8);
    for role in &roles {
        let slug = role["slug"].as_str().unwrap();
        let (status, cookie, location) = stage.enter(slug, "?then=/desk/style&lang=en").await;
        assert_eq!(
            (status, location.as_str()),
            (303, "http://127.0.0.1:7302/desk/style?lang=en")
        );
        assert!(cookie.starts_with("vunglam_desk=") && cookie.ends_with("; Path=/desk; HttpOnly; SameSite=Lax"));
        let (status, page) = stage.desk("/desk/approvals", &cookie).await;
        assert_eq!(status, 200);
        assert!(page.contains(role["name"].as_str().unwrap()), "{slug} {page}");
    }
    assert_eq!(stage.enter("nobody", "").await.0, 404);

    // While it lives and its code is fresh, the session is the same one; a code works once.
    let first = stage.enter("auditor", "").await.1;
    assert_eq!(stage.enter("auditor", "").await.1, first);
    stage.clock.advance(400);
    let second = stage.enter("auditor", "").await.1;
    assert_ne!(second, first, "its code is no longer fresh");
    stage
        .both
        .authority
        .db
        .execute_for_test("DELETE FROM officer_session")
        .await
        .unwrap();
    assert_eq!(stage.desk("/desk/style", &second).await.0, 303, "it has ended");
    let third = stage.enter("auditor", "").await.1;
    assert_eq!(
        stage.desk("/desk/style", &third).await.0,
        200,
        "with the next code, as the last was used"
    );
}

#[tokio::test]
async fn a_second_code_is_of_the_same_case() {
    let stage = Stage::open("again").await;
    stage.demo.confirm_case().await;
    let cases = stage.both.authority.db.table_counts().await.unwrap();
    let first = stage.ask("GET", "/demo/v1/story", &Value::Null).await["case"].clone();
    stage.demo.confirm_case().await;
    let same = stage.ask("GET", "/demo/v1/story", &Value::Null).await["case"].clone();
    assert_eq!(first, same, "a code that works stays");
    stage.clock.advance(16 * 60);
    stage.demo.confirm_case().await;
    let second = stage.ask("GET", "/demo/v1/story", &Value::Null).await["case"].clone();
    assert_ne!(second["code"]["short"], first["code"]["short"]);
    assert_eq!(second["path"], first["path"]);
    let count = |counts: &[(String, i64)]| counts.iter().find(|(table, _)| table == "case_file").unwrap().1;
    let later = stage.both.authority.db.table_counts().await.unwrap();
    assert_eq!(count(&later), count(&cases));
}
