//! What a person sees of who looked, from an officer's act to the phone.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::body::Body;
use axum::http::{Request, header};
use common::desk::Person;
use common::scene::{recorded, signed_in, submit};
use common::{Answer, World, answer, execute};
use serde_json::Value;
use server::audit::Action;
use server::auth::{self, Session};
use server::cases::files::{self, NewCaseFile, Subject};
use server::cases::model::CaseFile;
use server::cases::model::CaseState;
use server::civil::CivilDate;
use server::codes::Finding;
use server::people::{self, Identity, PersonId};
use server::records::{self, KEY_SECONDS};

async fn case_of(world: &World, by: &Session, name: &str) -> CaseFile {
    let app = &world.both.authority;
    let today = CivilDate::today(world.clock.now());
    let identity = Identity {
        name: name.into(),
        phones: vec!["0912345678".into()],
        ..Identity::default()
    };
    let new = NewCaseFile {
        subject: Subject::New(Box::new(identity)),
        label: None,
        state: CaseState::Confirmed,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date: None,
        unit: app.geo.by_code("28249", today).unwrap().id,
        is_listed: false,
    };
    files::open_case(app, by, new).await.unwrap()
}

async fn tracer(world: &World) -> (Person<'_>, Session) {
    let person = signed_in(world, "le.anh", "tracer", "815").await;
    (person, auth::session_of(&world.both.authority, "le.anh").await.unwrap())
}

async fn looks(world: &World, authorization: Option<&str>) -> Answer {
    let mut request = Request::get("/v1/record/looks").header(header::ORIGIN, "https://phone.example");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    answer(&world.authority, request.body(Body::empty()).unwrap()).await
}

async fn list(world: &World, secret: &str) -> Vec<Value> {
    let found = looks(world, Some(&format!("Bearer {secret}"))).await;
    assert_eq!(found.status, 200, "{}", found.text());
    found.json::<Value>()["looks"].as_array().unwrap().clone()
}

on_each_database! {
    async fn a_reveal_stands_in_the_persons_own_list_at_once_with_role_and_reason(world) {
        let (officer, by) = tracer(world).await;
        let case = case_of(world, &by, "Nguyễn Văn Mười").await;
        let other = case_of(world, &by, "Trần Thị Bảy").await;
        let page = submit(&officer, &format!("/desk/cases/{}/record-key", case.case_id), "").await;
        assert_eq!(page.status, 200, "{}", page.text());
        let link = page.text().split("id=\"link\"").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (app, secret) = link.split_once("#record=").unwrap();
        assert_eq!((app, secret.len()), ("http://127.0.0.1:7301/app/", 40));
        assert!(page.text().contains(&format!("href=\"/desk/cases/{}\"", case.case_id)));
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let before = list(world, secret).await.len();
        world.clock.advance(60);
        let revealed = submit(&officer, &format!("/desk/cases/{}/reveal", case.case_id), "reason=quarantine").await;
        assert_eq!(revealed.status, 200, "{}", revealed.text());
        submit(&officer, &format!("/desk/cases/{}/reveal", other.case_id), "reason=call").await;
        let after = list(world, secret).await;
        let reveals: Vec<&Value> = after.iter().filter(|look| look["action"] == "person.reveal").collect();
        assert_eq!(reveals.len(), 1, "only this person's, of {before} before: {after:?}");
        let look = reveals[0];
        assert_eq!((&look["role"], &look["purpose"], &look["reason"]), (&"tracer".into(), &"tracing".into(), &"quarantine".into()));
        assert_eq!(look["at"], world.clock.now().0);
        assert!(look["fields"].as_array().unwrap().contains(&"phones".into()));
        let times: Vec<i64> = after.iter().map(|look| look["at"].as_i64().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
        let text = serde_json::to_string(&after).unwrap();
        assert!(!text.contains(&by.officer.officer_id) && !text.contains("le.anh") && !text.contains("Mười"), "{text}");
        assert!(after.iter().any(|look| look["action"] == "record.issue"), "the key itself is in the list");
    }

    async fn the_answer_is_the_same_for_every_key_that_does_not_work(world) {
        let (_, by) = tracer(world).await;
        let app = &world.both.authority;
        let person = case_of(world, &by, "Nguyễn Văn Mười").await.person.unwrap();
        let old = records::issue(app, &by, person).await.unwrap();
        let key = records::issue(app, &by, person).await.unwrap();
        assert_eq!(world.rows("authority.record_key").await, 1, "one key for a person");
        assert_eq!(key.until.0 - world.clock.now().0, KEY_SECONDS);
        assert!(common::cells(world, "record_key", "key_hash").await.iter().all(|hash| !hash.contains(&key.secret)));
        assert_eq!(looks(world, Some(&format!("bearer {}", key.secret))).await.status, 200);
        let unknown = looks(world, Some(&format!("Bearer {}", "0".repeat(40)))).await;
        assert_eq!(unknown.status, 401);
        let same = async |authorization: Option<&str>| {
            let refused = looks(world, authorization).await;
            assert_eq!((refused.status, &refused.body), (401, &unknown.body), "{authorization:?}");
        };
        same(None).await;
        same(Some("")).await;
        same(Some("Bearer")).await;
        same(Some(&format!("Basic {}", key.secret))).await;
        same(Some(&format!("Bearer {}", old.secret))).await;
        same(Some(&format!("Bearer {}\u{20}x", key.secret))).await;
        world.clock.advance(KEY_SECONDS - 1);
        assert_eq!(looks(world, Some(&format!("Bearer {}", key.secret))).await.status, 200);
        world.clock.advance(1);
        same(Some(&format!("Bearer {}", key.secret))).await;
        world.both.run_due_jobs().await.unwrap();
        assert_eq!(world.rows("authority.record_key").await, 0, "expired keys are erased");
    }

    async fn guessing_is_slowed_down_and_using_a_key_is_not(world) {
        let (_, by) = tracer(world).await;
        let person = case_of(world, &by, "Nguyễn Văn Mười").await.person.unwrap();
        let key = records::issue(&world.both.authority, &by, person).await.unwrap();
        for _ in 0..30 {
            list(world, &key.secret).await;
        }
        let mut statuses = Vec::new();
        for number in 0..12 {
            statuses.push(looks(world, Some(&format!("Bearer {number:040}"))).await.status);
        }
        assert_eq!((statuses[..10].to_vec(), statuses[11]), (vec![401; 10], 429), "{statuses:?}");
        let refused = looks(world, Some(&format!("Bearer {}", key.secret))).await;
        assert_eq!((refused.status, refused.headers.contains_key(header::RETRY_AFTER)), (429, true));
    }

    async fn only_who_may_reveal_hands_a_key_over_and_it_is_recorded(world) {
        let (officer, by) = tracer(world).await;
        let app = &world.both.authority;
        let case = case_of(world, &by, "Nguyễn Văn Mười").await;
        let (person, path) = (case.person.unwrap(), format!("/desk/cases/{}/record-key", case.case_id));
        for (login, role, unit) in [("issuer", "code_issuer", "815"), ("admin", "administrator", ""), ("auditor", "auditor", "82")] {
            let nobody = signed_in(world, login, role, unit).await;
            assert_eq!(submit(&nobody, &path, "").await.status, 403, "{role}");
            let session = auth::session_of(app, login).await.unwrap();
            assert!(records::issue(app, &session, person).await.is_err());
        }
        // A record of another unit, or of none.
        let elsewhere = signed_in(world, "elsewhere", "tracer", "816").await;
        assert_eq!(submit(&elsewhere, &path, "").await.status, 404);
        assert_eq!(submit(&officer, "/desk/cases/case_0/record-key", "").await.status, 404);
        assert_eq!(officer.post(&path, "form_token=0", &[]).await.status, 403);
        assert_eq!(world.rows("authority.record_key").await, 0);
        assert_eq!(submit(&officer, &path, "").await.status, 200);
        let issued = recorded(world, Action::RECORD_ISSUE).await;
        assert_eq!((issued.len(), issued[0].purpose.as_str(), issued[0].objects.len()), (1, "own_record", 1));
    }

    async fn without_a_record_of_it_no_key_is_made_and_an_erased_person_has_none(world) {
        let (_, by) = tracer(world).await;
        let app = &world.both.authority;
        let person = case_of(world, &by, "Nguyễn Văn Mười").await.person.unwrap();
        execute(&app.db, "ALTER TABLE audit_object RENAME TO elsewhere").await;
        assert!(records::issue(app, &by, person).await.is_err());
        execute(&app.db, "ALTER TABLE elsewhere RENAME TO audit_object").await;
        assert_eq!(world.rows("authority.record_key").await, 0);
        let loner = people::create(app, vec![people::NewPerson {
            identity: Identity { name: "Lê Thị Tám".into(), ..Identity::default() }, commune: None, legal_basis: people::LegalBasis::Law,
        }]).await.unwrap()[0];
        records::issue(app, &by, loner).await.unwrap();
        people::erase(app, loner).await.unwrap();
        assert_eq!(world.rows("authority.record_key").await, 0, "the key goes with the person");
        assert!(records::issue(app, &by, loner).await.is_err());
        assert!(records::issue(app, &by, PersonId([9; 16])).await.is_err());
    }

    async fn any_page_may_ask_with_a_key_and_gets_no_cookie(world) {
        let preflight = Request::options("/v1/record/looks")
            .header(header::ORIGIN, "https://phone.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let allowed = answer(&world.authority, preflight.body(Body::empty()).unwrap()).await;
        assert_eq!(allowed.status, 200);
        assert_eq!(allowed.headers["access-control-allow-origin"], "*");
        assert!(allowed.headers["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
        let refused = looks(world, None).await;
        assert_eq!(refused.headers["access-control-allow-origin"], "*");
        assert!(!refused.headers.contains_key(header::SET_COOKIE));
    }

    async fn rules_are_shown_as_of_a_day(world) {
        let leader = signed_in(world, "leader", "leadership", "82").await;
        let today = leader.get("/desk/rules").await.text();
        assert!(today.contains("5053/QĐ-BYT, 8/10/2020") && today.contains("Cần xác nhận"));
        let applying = |page: &str| page.matches("aria-current=\"true\"").count();
        assert_eq!(applying(&today), 6, "one of each kind and generation");
        let row = |page: &str, text: &str| -> bool {
            let row = page.split("<tr").find(|row| row.contains(text)).unwrap_or_else(|| panic!("no {text}"));
            row.contains("aria-current")
        };
        assert!(!row(&today, "28 ngày"), "12/7/2021 is before 14/7/2021");
        for later in ["on=14%2F7%2F2021", "on=2021-07-14", "on=14-7-21"] {
            assert!(row(&leader.get(&format!("/desk/rules?{later}")).await.text(), "28 ngày"), "{later}");
        }
        for wrong in ["on=31%2F2%2F2021", "on=hello", "on=%3Cscript%3E"] {
            let refused = leader.get(&format!("/desk/rules?{wrong}")).await;
            assert!(refused.status == 422 && refused.text().contains("Không đọc được ngày này") && !refused.text().contains("=\"<script"), "{wrong}");
        }
        assert!(leader.get("/desk/rules?lang=en").await.text().contains("To be confirmed"));
        let issuer = signed_in(world, "issuer", "code_issuer", "815").await;
        assert_eq!(issuer.get("/desk/rules").await.status, 403);
    }
}
