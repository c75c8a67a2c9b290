//! The pages of accounts, approvals and keys, as officers use them and as they are refused.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::body::Body;
use axum::http::{Request, header};
use common::desk::{Person, hidden};
use common::scene::{location, recorded, seated, signed_in, submit, trail};
use common::{Answer, World, answer};
use server::audit::Action;
use server::auth::{self, Permission, Role};

const HOST: (&str, &str) = ("host", "desk.example");

/// Returns the value of an element with an id.
fn value_of(page: &str, id: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id}: {page}"));
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn invite(person: &Person<'_>, form: &str) -> Answer {
    let token = person.form_token().await;
    person
        .post("/desk/officers", &format!("form_token={token}&{form}"), &[HOST])
        .await
}

async fn with_key(world: &World, key: &str) -> Answer {
    let request = Request::get("/v1/audit/root").header(header::AUTHORIZATION, format!("Bearer {key}"));
    answer(&world.authority, request.body(Body::empty()).unwrap()).await
}

on_each_database! {
    async fn a_team_lead_invites_a_tracer_by_name_of_the_unit_and_the_link_is_shown_once(world) {
        let lead = signed_in(world, "lead", "team_lead", "82").await;
        assert!(lead.get("/desk/officers/new").await.text().contains("Mời cán bộ"));
        let form = "login=Le.Anh&name=L%C3%AA+%C3%81nh&role=tracer&unit=cai+lay&choice=";
        let asked = invite(&lead, form).await;
        assert_eq!(asked.status, 422, "a town and a district have this name");
        let page = asked.text();
        assert!(page.contains("Thị xã Cai Lậy, Tỉnh Tiền Giang (817)") && page.contains("820@2021-01-01") && page.contains("name=\"choice\""), "{page}");
        assert_eq!(world.rows("authority.officer").await, 1);
        let made = invite(&lead, &form.replace("choice=", "choice=817%402021-01-01")).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let link = value_of(&made.text(), "link");
        assert!(link.starts_with("http://desk.example/desk/invitation/"), "{link}");
        assert!(made.text().contains("<svg"), "a QR code");
        let listed = lead.get("/desk/officers").await.text();
        assert!(listed.contains("le.anh") && listed.contains("Thị xã Cai Lậy") && listed.contains("Chưa nhận lời mời"));
        let secret = link.rsplit('/').next().unwrap();
        assert!(!listed.contains(secret));
        let taken = Person::stranger(world).get(link.strip_prefix("http://desk.example").unwrap()).await;
        assert_eq!(taken.status, 200, "the link opens");
        let acts = recorded(world, Action::USER_CREATE).await;
        assert_eq!(acts.len(), 1);
        assert!(acts[0].allowed && acts[0].role == "team_lead" && acts[0].record.as_deref().is_some_and(|id| id.starts_with("officer_")));
    }

    async fn what_is_wrong_with_an_invitation_stands_at_its_field(world) {
        let lead = signed_in(world, "lead", "team_lead", "82").await;
        let good = [("login", "le.anh"), ("name", "Le+Anh"), ("role", "tracer"), ("unit", "815")];
        for (field, value, text) in [
            ("login", "L%C3%AA", "auth-wrong-login"), ("login", "lead", "auth-login-taken"), ("name", "L", "auth-wrong-name"),
            ("role", "", "auth-wrong-role"), ("role", "god", "auth-wrong-role"), ("unit", "", "auth-wrong-unit"), ("unit", "79", "auth-wrong-unit"),
            ("unit", "%3Cscript%3E", "auth-wrong-unit"), ("unit", "H%C3%A0+N%E1%BB%99i", "auth-wrong-unit"), ("role", "commune_tracer", "auth-wrong-tier"),
        ] {
            let form: Vec<String> = good.iter().map(|(name, usual)| format!("{name}={}", if *name == field { value } else { usual })).collect();
            let refused = invite(&lead, &form.join("&")).await;
            assert_eq!(refused.status, 422, "{field}={value}");
            let page = refused.text();
            assert!(page.contains(&text_of(text)) && !page.contains("<script>alert") && !page.contains("value=\"<script"), "{field}={value}: {page}");
        }
        assert_eq!(invite(&lead, "login=x&name=y&role=administrator&unit=815").await.status, 422);
        let above = invite(&lead, "login=le.anh&name=Le+Anh&role=auditor&unit=82").await;
        assert_eq!(above.status, 403, "a role above the own");
        assert_eq!(world.rows("authority.officer").await, 1);
        assert_eq!(trail(world, Action::USER_CREATE).await[0], ("team_lead".into(), false), "the refusal is recorded");
        let forged = lead.post("/desk/officers", "form_token=0&login=le.anh&name=Le+Anh&role=tracer&unit=815", &[]).await;
        assert_eq!((forged.status, world.rows("authority.officer").await), (403, 1));
    }

    async fn an_account_ends_only_after_a_fresh_code_and_inside_the_own_unit(world) {
        let tracer = seated(world, "tracer", "tracer", "815").await;
        let elsewhere = seated(world, "elsewhere", "tracer", "816").await;
        let peer = seated(world, "peer", "team_lead", "815").await;
        let lead = signed_in(world, "lead", "team_lead", "815").await;
        let path = |id: &str, end: &str| format!("/desk/officers/{id}{end}");
        assert!(lead.get(&path(&tracer, "")).await.text().contains("Kết thúc tài khoản"));
        assert!(!lead.get(&path(&peer, "")).await.text().contains("Kết thúc tài khoản"));
        assert_eq!(lead.get(&path(&elsewhere, "")).await.status, 404);
        assert_eq!(submit(&lead, &path(&elsewhere, "/leave"), "").await.status, 404);
        assert_eq!(submit(&lead, &path(&peer, "/leave"), "").await.status, 403);
        assert!(!lead.get("/desk/officers?state=all").await.text().contains("elsewhere"), "not of another unit");
        world.clock.advance(11 * 60);
        let asked = lead.get(&path(&tracer, "/leave")).await;
        assert_eq!((asked.status, hidden(&asked.text(), "then")), (403, path(&tracer, "/leave")));
        assert_eq!(submit(&lead, &path(&tracer, "/leave"), "").await.status, 403);
        let code = auth::one_time_code(&common::desk::SECRET, world.clock.now()).unwrap();
        let stepped = submit(&lead, "/desk/step-up", &format!("code={code}&then={}", path(&tracer, "/leave"))).await;
        assert_eq!(location(&stepped), path(&tracer, "/leave"));
        assert!(lead.get(&path(&tracer, "/leave")).await.text().contains("Mọi phiên đang mở kết thúc ngay"));
        assert_eq!(submit(&lead, &path(&tracer, "/leave"), "").await.status, 303);
        assert!(!lead.get("/desk/officers").await.text().contains(&tracer), "who has left is left out");
        assert!(lead.get("/desk/officers?state=left").await.text().contains(&tracer));
        assert_eq!(submit(&lead, &path(&tracer, "/leave"), "").await.status, 409, "once");
        assert_eq!(trail(world, Action::USER_DISABLE).await, [("team_lead".into(), true), ("team_lead".into(), false)]);
        assert_eq!(trail(world, Action::STEP_UP).await, [("team_lead".into(), true)]);
    }

    async fn the_list_is_walked_by_pages_forwards_and_back_and_narrowed(world) {
        let admin = signed_in(world, "admin", "administrator", "").await;
        for number in 0..60 {
            if number == 55 { world.clock.advance(60); }
            let form = format!("login=officer-{number:02}&name=Person+{number:02}&role={}&unit=815", if number % 2 == 0 { "tracer" } else { "team_lead" });
            assert_eq!(invite(&admin, &form).await.status, 200);
        }
        let logins = |page: &str| -> Vec<String> {
            page.split("<td data-label=\"Tên đăng nhập\">").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect()
        };
        let link = |page: &str, rel: &str| -> String {
            let (before, _) = page.split_once(&format!("\" rel=\"{rel}\"")).unwrap_or_else(|| panic!("no {rel}"));
            before.rsplit("href=\"").next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
        };
        let first = admin.get("/desk/officers").await.text();
        let second = admin.get(&link(&first, "next")).await.text();
        let (one, two) = (logins(&first), logins(&second));
        assert_eq!((one.len(), two.len()), (50, 11));
        let mut all: Vec<String> = one.iter().chain(&two).cloned().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 61, "nobody twice");
        assert_eq!(logins(&admin.get(&link(&second, "prev")).await.text()), one);
        let down = logins(&admin.get("/desk/officers?sort=-until").await.text());
        assert_eq!(down[..11].iter().rev().collect::<Vec<_>>(), two.iter().collect::<Vec<_>>());
        assert_eq!(logins(&admin.get("/desk/officers?state=active").await.text()), ["admin"]);
        assert_eq!(logins(&admin.get("/desk/officers?role=team_lead").await.text()).len(), 30);
        for wrong in ["?state=x", "?role=god", "?after=xx", "?sort=name"] {
            assert_eq!(admin.get(&format!("/desk/officers{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn a_change_of_role_is_asked_on_a_page_and_decided_on_another(world) {
        let target = seated(world, "le.anh", "tracer", "815").await;
        let asker = signed_in(world, "lead", "team_lead", "815").await;
        let second = signed_in(world, "lead2", "team_lead", "815").await;
        let tracer = Person::sign_in(world, "le.anh").await;
        let path = format!("/desk/officers/{target}/role");
        let form = asker.get(&path).await.text();
        assert!(form.contains("value=\"tracer\" selected") && form.contains("value=\"815\""), "{form}");
        assert!(!form.contains("value=\"auditor\""), "only roles that the officer may give");
        assert_eq!(submit(&asker, &path, "role=commune_tracer&unit=815").await.status, 422);
        let asked = submit(&asker, &path, "role=commune_tracer&unit=28249").await;
        assert_eq!(location(&asked), "/desk/approvals");
        let own = asker.get("/desk/approvals").await.text();
        assert!(own.contains("Đổi vai trò của le.anh") && own.contains("nên người khác phải quyết định"));
        assert!(!own.contains("/approve\""), "own requests are not decidable");
        let theirs = second.get("/desk/approvals").await.text();
        assert!(theirs.contains("Hiện nay: Truy vết viên, Thành phố Mỹ Tho") && theirs.contains("Sẽ là: Truy vết viên cấp xã, Phường 5"), "{theirs}");
        let approve = theirs.split('"').find(|part| part.ends_with("/approve")).unwrap().to_owned();
        let decision = approve.strip_suffix("/approve").unwrap();
        assert!(!tracer.get("/desk/approvals").await.text().contains("le.anh asks") && !tracer.get("/desk/approvals").await.text().contains(decision));
        for nobody in [&asker, &tracer] {
            assert_eq!(nobody.get(&approve).await.status, 403);
            assert_eq!(submit(nobody, decision, "approve=yes").await.status, 403);
        }
        assert_eq!(submit(&second, decision, "approve=maybe").await.status, 400);
        world.clock.advance(11 * 60);
        assert_eq!(submit(&second, decision, "approve=yes").await.status, 403, "a fresh code first");
        assert!(second.get(&approve).await.text().contains("name=\"then\""));
        let code = auth::one_time_code(&common::desk::SECRET, world.clock.now()).unwrap();
        submit(&second, "/desk/step-up", &format!("code={code}&then={approve}")).await;
        assert!(second.get(&approve).await.text().contains("Mọi phiên đang mở của người này kết thúc ngay"));
        assert_eq!(submit(&second, decision, "approve=yes").await.status, 303);
        assert_eq!(submit(&second, decision, "approve=yes").await.status, 404, "once");
        assert!(second.get("/desk/approvals").await.text().contains("Đã thực hiện"));
        assert_eq!(auth::session_of(&world.both.authority, "le.anh").await.unwrap().officer.role, Role::parse("commune_tracer").unwrap());
        assert_eq!(trail(world, Action::ROLE_CHANGE).await, [("team_lead".into(), true)]);
        let grants = trail(world, Action::APPROVAL_GRANT).await;
        assert_eq!(grants.iter().filter(|(_, allowed)| *allowed).count(), 1);
        assert_eq!(grants.iter().filter(|(_, allowed)| !*allowed).count(), 2, "both who tried");
    }

    async fn a_refused_request_changes_nothing(world) {
        let target = seated(world, "le.anh", "tracer", "815").await;
        let asker = signed_in(world, "lead", "team_lead", "815").await;
        let auditor = signed_in(world, "auditor", "auditor", "82").await;
        submit(&asker, &format!("/desk/officers/{target}/role"), "role=commune_tracer&unit=28249").await;
        let list = auditor.get("/desk/approvals").await.text();
        let refuse = list.split('"').find(|part| part.ends_with("/refuse")).unwrap().to_owned();
        assert_eq!(auditor.get(&refuse).await.status, 200);
        assert_eq!(submit(&auditor, refuse.strip_suffix("/refuse").unwrap(), "approve=no").await.status, 303);
        assert_eq!(auth::session_of(&world.both.authority, "le.anh").await.unwrap().officer.role, Role::parse("tracer").unwrap());
        assert!(asker.get("/desk/approvals").await.text().contains("Đã từ chối"));
    }

    async fn a_page_that_the_role_may_not_open_is_recorded_by_its_route(world) {
        let tracer = signed_in(world, "le.anh", "tracer", "815").await;
        for path in ["/desk/officers", "/desk/officers/officer_secret", "/desk/audit?object=00"] {
            assert_eq!(tracer.get(path).await.status, 403, "{path}");
        }
        assert_eq!(submit(&tracer, "/desk/officers/keys", "label=x").await.status, 403);
        let denied = recorded(world, Action::DENIED).await;
        assert!(denied.iter().all(|entry| !entry.allowed && entry.role == "tracer"));
        let routes: Vec<_> = denied.iter().filter_map(|entry| entry.record.as_deref()).collect();
        assert_eq!(routes, ["desk.officers.keys", "desk.audit", "desk.officers.officer_id", "desk.officers"]);
    }

    async fn signing_in_and_out_and_failing_is_recorded_without_what_was_typed(world) {
        seated(world, "le.anh", "tracer", "815").await;
        let stranger = Person::stranger(world);
        for form in ["login=le.anh&password=secret-word&code=1", "login=typed-password&password=x&code=1"] {
            assert_eq!(stranger.post("/desk/sign-in", form, &[]).await.status, 401);
        }
        let person = Person::sign_in(world, "le.anh").await;
        submit(&person, "/desk/step-up", "code=000000&then=/desk").await;
        assert_eq!(submit(&person, "/desk/sign-out", "").await.status, 303);
        assert_eq!(trail(world, Action::SIGN_IN).await, [("tracer".into(), true)]);
        assert_eq!(trail(world, Action::SIGN_IN_FAILED).await, [("visitor".into(), false), ("tracer".into(), false)]);
        assert_eq!(trail(world, Action::STEP_UP).await, [("tracer".into(), false)]);
        assert_eq!(trail(world, Action::SIGN_OUT).await, [("tracer".into(), true)]);
        for line in common::cells(world, "audit_entry", "line").await {
            assert!(!line.contains("typed-password") && !line.contains("secret-word") && !line.contains("le.anh"), "{line}");
        }
    }

    async fn without_a_record_nobody_is_let_in(world) {
        seated(world, "le.anh", "tracer", "815").await;
        common::execute(&world.both.authority.db, "ALTER TABLE audit_entry RENAME TO elsewhere").await;
        world.clock.advance(30);
        let code = auth::one_time_code(&common::desk::SECRET, world.clock.now()).unwrap();
        let form = format!("login=le.anh&password={}&code={code}", common::desk::PASSWORD.replace(' ', "+"));
        let refused = Person::stranger(world).post("/desk/sign-in", &form, &[]).await;
        assert_eq!((refused.status, refused.headers.get(header::SET_COOKIE)), (503, None));
    }

    async fn a_key_is_shown_once_and_does_no_more_than_its_maker_may_now(world) {
        let maker = seated(world, "auditor", "auditor", "82").await;
        let auditor = Person::sign_in(world, "auditor").await;
        let admin = signed_in(world, "admin", "administrator", "").await;
        world.both.run_due_jobs().await.unwrap();
        let form = "label=M%C3%A1y+l%C6%B0u+g%E1%BB%91c&permission=audit.read&unit=82&days=30";
        let made = submit(&auditor, "/desk/officers/keys", form).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let key = value_of(&made.text(), "secret");
        assert!(key.starts_with("vl_") && key.len() == 67, "{key}");
        assert!(common::cells(world, "api_key", "key_hash").await.iter().all(|hash| !hash.contains(&key[3..])));
        let root = with_key(world, &key).await;
        assert_eq!(root.status, 200, "{}", root.text());
        let root: serde_json::Value = root.json();
        assert_eq!(root["number"], 1);
        assert_eq!(trail(world, Action::AUDIT_ROOT_READ).await, [("api_key".into(), true)]);
        let listed = admin.get("/desk/officers/keys").await.text();
        assert!(listed.contains("Máy lưu gốc") && !listed.contains(&key));
        for wrong in ["vl_0", "", &key[..66], &key.replace("vl_", "xx_"), &key.to_uppercase()] {
            assert_eq!(with_key(world, wrong).await.status, 401, "{wrong}");
        }
        world.clock.advance(3600);
        for (field, value) in [("label", "x"), ("permission", "case.read2"), ("permission", ""), ("days", "91"), ("days", "0"), ("days", "x"), ("unit", "79"), ("unit", "")] {
            let auditor = Person::sign_in(world, "auditor").await;
            let wrong: Vec<String> = form.split('&').map(|pair| if pair.starts_with(field) { format!("{field}={value}") } else { pair.to_owned() }).collect();
            assert_eq!(submit(&auditor, "/desk/officers/keys", &wrong.join("&")).await.status, 422, "{field}={value}");
        }
        let admin = Person::sign_in(world, "admin").await;
        assert_eq!(submit(&admin, "/desk/officers/keys", &form.replace("unit=82", "unit=")).await.status, 403, "more than the own permissions");
        let auditor = Person::sign_in(world, "auditor").await;
        assert_eq!(submit(&auditor, "/desk/officers/keys", &form.replace("audit.read", "case.read")).await.status, 403);
        assert_eq!(with_key(world, &key).await.status, 200);
        // A key stops with its maker.
        assert_eq!(submit(&admin, &format!("/desk/officers/{maker}/leave"), "").await.status, 303);
        assert_eq!(with_key(world, &key).await.status, 401);
        assert!(Permission::parse("audit.read") == Some(Permission::AuditRead));
    }

    async fn a_key_ends_when_it_is_revoked_and_when_its_time_is_over(world) {
        let auditor = signed_in(world, "auditor", "auditor", "82").await;
        world.both.run_due_jobs().await.unwrap();
        let mut keys = Vec::new();
        for days in [1, 2] {
            let made = submit(&auditor, "/desk/officers/keys", &format!("label=Program&permission=audit.read&unit=82&days={days}")).await;
            keys.push(value_of(&made.text(), "secret"));
        }
        world.clock.advance(86_399);
        assert_eq!(with_key(world, &keys[0]).await.status, 200);
        world.clock.advance(1);
        assert_eq!(with_key(world, &keys[0]).await.status, 401, "its day is over");
        assert_eq!(with_key(world, &keys[1]).await.status, 200);
        let auditor = Person::sign_in(world, "auditor").await;
        let stranger = signed_in(world, "other", "auditor", "79").await;
        let list = auditor.get("/desk/officers/keys").await.text();
        let revoke = list.split('"').find(|part| part.ends_with("/revoke")).unwrap().to_owned();
        assert_eq!(stranger.get(&revoke).await.status, 404);
        assert_eq!(submit(&stranger, &revoke, "").await.status, 404);
        assert!(auditor.get(&revoke).await.text().contains("bị từ chối ngay"));
        assert_eq!(submit(&auditor, &revoke, "").await.status, 303);
        assert_eq!(with_key(world, &keys[1]).await.status, 401);
        assert_eq!(submit(&auditor, &revoke, "").await.status, 404);
        let mut last = 0;
        for _ in 0..12 {
            last = with_key(world, "vl_guess").await.status;
        }
        assert_eq!(last, 429, "guessing is slowed down");
    }
}

/// Returns a Vietnamese text by its id, from the file itself.
fn text_of(id: &str) -> String {
    let file = include_str!("../../../texts/vi/auth.ftl");
    let line = file.lines().find(|line| line.split(" =").next() == Some(id)).unwrap();
    line.split_once(" = ").unwrap().1.to_owned()
}
