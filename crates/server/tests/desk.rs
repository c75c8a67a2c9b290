//! The desk as a person uses it, without a browser.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::http::header;
use common::World;
use common::desk::{Person, hidden, officer_in};
use common::scene::recorded;
use server::audit::Action;

async fn signed_in(world: &World) -> Person<'_> {
    officer_in(world, "le.anh", "tracer", "82").await
}

/// The fields of a case that has all it needs.
fn case_form(token: &str, rest: &str) -> String {
    format!(
        "form_token={token}&name=Nguy%E1%BB%85n+V%C4%83n+M%C6%B0%E1%BB%9Di&phone=0912345678&unit=28249&state=confirmed\
         &finding=confirmed&test_date=12%2F7&{rest}"
    )
}

/// Opens a case with `new` contacts; returns its path.
async fn opened(person: &Person<'_>) -> (String, String) {
    let token = person.form_token().await;
    let made = person.post("/desk/cases", &case_form(&token, ""), &[]).await;
    assert_eq!(made.status, 303, "{}", made.text());
    (made.headers[header::LOCATION].to_str().unwrap().to_owned(), token)
}

fn urlencoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// Returns the fields of a form as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let value = |name: &str| {
            tag.split(&format!(" {name}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned)
        };
        if tag.starts_with("input")
            && let Some(name) = value("name")
        {
            found.push((name, value("value").unwrap_or_default()));
        } else if tag.starts_with("select")
            && let Some(name) = value("name")
        {
            found.push((name, String::new()));
        } else if tag.starts_with("option")
            && tag.contains(" selected")
            && let Some(last) = found.last_mut()
        {
            last.1 = value("value").unwrap_or_default();
        }
    }
    found
}

fn encode_form(fields: &[(String, String)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{}={}", urlencoded(key), urlencoded(value)))
        .collect();
    pairs.join("&")
}

on_each_database! {
    async fn a_case_is_confirmed_and_its_code_read_out_once(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        assert!(person.get("/desk/cases").await.text().contains("BN-0001"));

        let page = person.post(&format!("{path}/codes"), &format!("form_token={token}"), &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let text = page.text();
        let code = text.split("<p class=\"vh\">").nth(1).and_then(|t| t.split('<').next()).expect("a code").to_owned();
        assert_eq!(world.try_verify(&code).await.status, 200);
        let after = person.get(&format!("{path}/codes")).await.text();
        assert!(!after.contains(&code), "a code is shown once");
        assert!(after.contains("Điện thoại đã nhận"));
        assert!(person.get(&format!("{path}/codes?lang=en")).await.text().contains("Redeemed by a phone"));
        let state: serde_json::Value = person.get(&format!("{path}/state")).await.json();
        assert_eq!(state["state"], "claimed");
    }

    async fn who_a_case_is_is_shown_for_a_reason_only(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        let page = person.get(&path).await.text();
        assert!(page.contains("N. V. M***") && !page.contains("Mười") && !page.contains("0912345678"));
        let without = person.post(&format!("{path}/reveal"), &format!("form_token={token}"), &[]).await;
        assert!(without.status == 422 || without.status == 400, "{}", without.status);
        let shown = person.post(&format!("{path}/reveal"), &format!("form_token={token}&reason=call"), &[]).await.text();
        assert!(shown.contains("Nguyễn Văn Mười") && shown.contains("0912345678"));
        assert!(!person.get(&path).await.text().contains("0912345678"), "for one page");
        let lead = officer_in(world, "dich.te", "epidemiologist", "82").await;
        let page = lead.get(&path).await.text();
        assert!(!page.contains("N. V. M***"), "pseudonymous for an epidemiologist");
        assert_eq!(lead.post(&format!("{path}/codes"), "form_token=0", &[]).await.status, 403);
    }

    async fn a_pasted_list_is_mended_and_saved_in_one_go(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        let paste = "Họ tên\tNăm sinh\tSĐT\tQuan hệ\nLê Thị Ánh\t1990\t987654321\tvợ\nTrần Văn Bảy\t19x0\t0912\tbạn";
        let form = format!("form_token={token}&unit=28249&level=3&exposed_on=10%2F7&act=check&paste={}", urlencoded(paste));
        let shown = person.post(&format!("{path}/contacts/new"), &form, &[]).await;
        assert_eq!(shown.status, 200);
        let page = shown.text();
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2, "a birth and a telephone number");
        let mut filled = fields(&page);
        filled.retain(|(name, _)| name != "paste");
        filled.push(("act".into(), "save".into()));
        let refused = person.post(&format!("{path}/contacts/new"), &encode_form(&filled), &[]).await;
        assert_eq!((refused.status, world.rows("authority.contact").await), (422, 0));
        for (name, value) in &mut filled {
            match name.as_str() {
                "cell.1.1" => *value = "1980".into(),
                "cell.1.2" => *value = "0987654322".into(),
                _ => {}
            }
        }
        let saved = person.post(&format!("{path}/contacts/new"), &encode_form(&filled), &[]).await;
        assert_eq!((saved.status, world.rows("authority.contact").await), (303, 2), "{}", saved.text());
        let case = person.get(&path).await.text();
        assert!(case.contains("L. T. Á***") && case.contains("class=\"gen f1\""));

        // The same people again: known, and not entered twice.
        let again = person.post(&format!("{path}/contacts/new"), &form, &[]).await.text();
        assert!(again.contains("đã là tiếp xúc của BN-0001"), "a match is offered with its reason");
        let mut filled = fields(&again);
        filled.retain(|(name, _)| !name.starts_with("cell.1") && !name.starts_with("who.2") && name != "paste");
        filled.push(("act".into(), "save".into()));
        assert_eq!(person.post(&format!("{path}/contacts/new"), &encode_form(&filled), &[]).await.status, 303);
        assert_eq!((world.rows("authority.contact").await, world.rows("authority.person").await), (2, 3));
    }

    async fn people_are_found_in_the_own_unit_only_and_every_search_is_recorded(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        let search = |who: &str, token: &str| format!("form_token={token}&text={}", urlencoded(who));
        for typed in ["nguyen van muoi", "Mười nguyễn văn", "0912 345 678", "Nguyen V. Muoi"] {
            let found = person.post("/desk/people", &search(typed, &token), &[]).await;
            assert_eq!(found.status, 200);
            let page = found.text();
            assert!(page.contains("N. V. M***") && page.contains("ca bệnh BN-0001") && page.contains(&path), "{typed}");
            assert!(!page.contains("Nguyễn Văn Mười</"), "masked");
        }
        assert!(!person.post("/desk/people", &search("Phan Thị Khác", &token), &[]).await.text().contains("BN-0001"));
        let long = "x".repeat(121);
        assert_eq!(person.post("/desk/people", &search(&long, &token), &[]).await.status, 400);
        let looks = recorded(world, Action::PERSON_SEARCH).await;
        assert_eq!(looks.len(), 5, "also the search that found nobody");

        // Beside the form of a new case, and by code in the search box.
        let like = format!("form_token={token}&name=Nguyen+Van+Muoi&phone=0912345678");
        let part = person.post("/desk/people/similar", &like, &[]).await.text();
        assert!(part.contains("cùng số điện thoại") && part.contains(&path) && !part.contains("<html"), "{part}");
        let codes = person.get("/desk/find?q=bn-00").await.text();
        assert!(codes.contains("\"BN-0001\"") && codes.contains(&path), "{codes}");
        assert_eq!(person.get("/desk/find?q=b%25").await.text(), "[]");

        // Another province learns nothing, not even that somebody is known elsewhere.
        let other = officer_in(world, "hoa.sg", "tracer", "79").await;
        let token = other.form_token().await;
        let nobody = other.post("/desk/people", &search("Nguyễn Văn Mười", &token), &[]).await.text();
        assert!(nobody.contains("Không thấy ai") && !nobody.contains("BN-0001"));
        assert_eq!(other.get("/desk/find?q=bn-00").await.text(), "[]");
        let like = format!("form_token={token}&name=Nguyen+Van+Muoi&phone=0912345678");
        assert!(!other.post("/desk/people/similar", &like, &[]).await.text().contains("BN-0001"));
    }

    async fn how_long_entry_took_is_measured_and_shown(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        let nothing = person.get("/desk/kpi").await.text();
        assert!(nothing.contains("<b class=\"num\">–</b>") && !nothing.contains("7,5"));
        let empty = person.get(&format!("{path}/contacts/new")).await.text();
        let began = fields(&empty).into_iter().find(|(name, _)| name == "began_at").unwrap().1;
        world.clock.advance(90);
        let rows: String = (0..12).map(|n| format!("Lê Văn {}\t{}\t09876543{n:02}\n", ["An", "Ba", "Ca", "Da"][n % 4], 1960 + n)).collect();
        let form = format!("form_token={token}&unit=28249&level=3&exposed_on=10%2F7&began_at={began}&act=check&paste={}", urlencoded(&rows));
        let shown = person.post(&format!("{path}/contacts/new"), &form, &[]).await.text();
        let mut filled = fields(&shown);
        filled.retain(|(name, _)| name != "paste" && name != "unit" && name != "level" && !name.starts_with("col."));
        filled.extend([("unit", "28249"), ("level", "3"), ("act", "save"), ("col.0", "name"), ("col.1", "birth"), ("col.2", "phone")].map(|(name, value)| (name.into(), value.into())));
        assert_eq!(person.post(&format!("{path}/contacts/new"), &encode_form(&filled), &[]).await.status, 303);
        let page = person.get("/desk/kpi").await.text();
        // 90 s for twelve, once among all and once among the pasted lists.
        assert_eq!(page.matches("<b class=\"num\">7,5</b>").count(), 2, "{page}");
        assert!(page.contains("12 người trong 1 lần lưu") && page.contains("90 giây"));
        world.clock.advance(8 * 86_400);
        let later = officer_in(world, "tran.binh", "tracer", "82").await.get("/desk/kpi").await.text();
        assert!(!later.contains("7,5"), "only the last days count");
    }

    async fn the_day_of_a_tracer_leads_from_the_queue_to_follow_up(world) {
        let person = signed_in(world).await;
        let (path, token) = opened(&person).await;
        let paste = "Lê Thị Ánh\t1990\t987654321\nTrần Văn Bảy\t1980\t0987654322";
        let form = format!("form_token={token}&unit=28249&level=3&exposed_on=10%2F7&act=check&paste={}", urlencoded(paste));
        let page = person.post(&format!("{path}/contacts/new"), &form, &[]).await.text();
        let mut filled = fields(&page);
        filled.retain(|(name, _)| name != "paste");
        filled.push(("act".into(), "save".into()));
        assert_eq!(person.post(&format!("{path}/contacts/new"), &encode_form(&filled), &[]).await.status, 303);
        assert_eq!(person.get("/desk").await.headers[header::LOCATION].as_bytes(), b"/desk/queue");
        assert!(person.get("/desk/queue").await.text().contains("L. T. Á***"));
        let bare = format!("form_token={token}");
        let next = person.post("/desk/queue/next", &bare, &[]).await;
        let call = next.headers[header::LOCATION].to_str().unwrap().to_owned();
        let page = person.get(&call).await.text();
        assert!(page.contains("tel:098765432"), "{page}");
        let next = person.post(&call, &format!("{bare}&outcome=reached&began_at={}", hidden(&page, "began_at")), &[]).await;
        assert_eq!(next.status, 303);
        let second = next.headers[header::LOCATION].to_str().unwrap().to_owned();
        assert!(second.ends_with("/call") && second != call, "the next call follows");
        assert_eq!(person.get(&call).await.status, 303, "it is not in hand any more");
        let sheet = person.get("/desk/follow-up").await.text();
        let (name, _) = fields(&sheet).into_iter().find(|(name, _)| name.starts_with("d.")).expect("a row");
        let saved = person.post("/desk/follow-up", &format!("{bare}&day=2021-07-12&{name}=fever"), &[]).await;
        assert_eq!((saved.status, world.rows("authority.follow_up").await), (303, 1), "{}", saved.text());
        let contact = call.trim_end_matches("/call");
        let converted = person.post(&format!("{contact}/convert"), &format!("{bare}&test_date=12%2F7&onset_date="), &[]).await;
        assert_eq!(converted.status, 303, "{}", converted.text());
        assert!(person.get("/desk/cases").await.text().contains("BN-0002"));
        assert!(person.get("/desk/contacts").await.text().contains("Thành ca bệnh"));
    }

    async fn strangers_see_nothing_and_forms_of_other_sites_do_nothing(world) {
        let stranger = Person::stranger(world);
        for path in ["/desk", "/desk/cases", "/desk/cases/new", "/desk/cases/case_0", "/desk/queue", "/desk/follow-up"] {
            let answer = stranger.get(path).await;
            assert_eq!((answer.status, answer.headers[header::LOCATION].as_bytes()), (303, &b"/desk/sign-in"[..]));
        }
        let person = signed_in(world).await;
        let token = person.form_token().await;
        let form = case_form(&token, "");
        let elsewhere = person.post("/desk/cases", &form, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(elsewhere.status, 403);
        let forged = person.post("/desk/cases", &form.replace(&token, "0"), &[]).await;
        assert_eq!(forged.status, 403);
        assert_eq!(world.rows("authority.case_file").await, 0);
    }

    async fn what_a_form_holds_is_checked_and_shown_as_text(world) {
        let person = signed_in(world).await;
        let token = person.form_token().await;
        let answer = person.post("/desk/cases", &case_form(&token, "label=%3Cscript%3E"), &[]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("Mã hồ sơ chỉ gồm"));
        assert!(!answer.text().contains("<script>"));
        let good = case_form(&token, "");
        for (part, wrong) in [
            ("test_date=12%2F7", "test_date=13%2F7%2F2021"),
            ("test_date=12%2F7", "test_date=x"),
            ("unit=28249", "unit=82"),
            ("unit=28249", "unit=00001"),
            ("phone=0912345678", "phone="),
            ("phone=0912345678", "phone=12"),
            ("state=confirmed", "state=refuted"),
            ("finding=confirmed", "finding=maybe"),
            ("name=Nguy%E1%BB%85n", "birth=2030&name=A"),
        ] {
            let form = good.replace(part, wrong);
            assert_ne!(form, good);
            assert_eq!(person.post("/desk/cases", &form, &[]).await.status, 422, "{wrong}");
        }
        assert_eq!(world.rows("authority.case_file").await, 0);
        assert_eq!(world.rows("authority.person").await, 0, "nobody is entered by a form that is refused");
    }
}
