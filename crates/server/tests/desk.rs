//! The desk as a person uses it, without a browser.

mod common;

use axum::http::header;
use common::World;
use common::desk::{Person, officer};
use server::scope::{Level, Place, Scope};

async fn signed_in(world: &World) -> Person<'_> {
    let scope = Scope {
        level: Level::Province,
        unit: 82,
    };
    let place = Place {
        province: Some(82),
        ..Place::default()
    };
    officer(world, "le.anh", "tracer", scope, place).await
}

on_each_database! {
    async fn a_case_is_confirmed_and_its_code_read_out_once(world) {
        let person = signed_in(world).await;
        let token = person.form_token().await;
        let form = format!("form_token={token}&finding=confirmed&test_date=2021-07-12&onset_date=2021-07-10&label=");
        let made = person.post("/desk/cases", &form, &[]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let path = made.headers[header::LOCATION].to_str().expect("text").to_owned();
        assert!(person.get("/desk/cases").await.text().contains("BN-0001"));

        let page = person.post(&format!("{path}/codes"), &format!("form_token={token}"), &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let text = page.text();
        let code = text.split("<p class=\"vh\">").nth(1).and_then(|t| t.split('<').next()).expect("a code").to_owned();
        assert_eq!(world.try_verify(&code).await.status, 200);
        let after = person.get(&path).await.text();
        assert!(!after.contains(&code), "a code is shown once");
        assert!(after.contains("Điện thoại đã nhận"));
        assert!(person.get(&format!("{path}?lang=en")).await.text().contains("Redeemed by a phone"));
        let state: serde_json::Value = person.get(&format!("{path}/state")).await.json();
        assert_eq!(state["state"], "claimed");
    }

    async fn strangers_see_nothing_and_forms_of_other_sites_do_nothing(world) {
        let stranger = Person::stranger(world);
        for path in ["/desk", "/desk/cases/new", "/desk/cases/case_0", "/desk/cases/case_0/state"] {
            let answer = stranger.get(path).await;
            assert_eq!((answer.status, answer.headers[header::LOCATION].as_bytes()), (303, &b"/desk/sign-in"[..]));
        }
        let person = signed_in(world).await;
        let token = person.form_token().await;
        let form = format!("form_token={token}&finding=confirmed&test_date=2021-07-12");
        let elsewhere = person.post("/desk/cases", &form, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(elsewhere.status, 403);
        let forged = person.post("/desk/cases", &form.replace(&token, "0"), &[]).await;
        assert_eq!(forged.status, 403);
        assert_eq!(world.rows("authority.case_file").await, 0);
    }

    async fn what_a_form_holds_is_checked_and_shown_as_text(world) {
        let person = signed_in(world).await;
        let token = person.form_token().await;
        let form = format!("form_token={token}&finding=confirmed&test_date=2021-07-12&label=%3Cscript%3E");
        let answer = person.post("/desk/cases", &form, &[]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("Mã hồ sơ chỉ gồm"));
        assert!(!answer.text().contains("<script>"));
        for wrong in ["test_date=2021-07-13", "test_date=2021-06-01", "test_date=x", "test_date=2021-07-12&onset_date=2021-08-01"] {
            let form = format!("form_token={token}&finding=confirmed&{wrong}");
            assert_eq!(person.post("/desk/cases", &form, &[]).await.status, 422, "{wrong}");
        }
        assert_eq!(world.rows("authority.case_file").await, 0);
    }
}
