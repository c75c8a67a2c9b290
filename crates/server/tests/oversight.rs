//! The record of access as an auditor reads, verifies and takes it out.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;
#[path = "common/audit.rs"]
mod words;

use axum::http::header;
use common::desk::Person;
use common::scene::{location, recorded, seated, signed_in, submit};
use common::{World, execute};
use server::audit::{Action, Actor, Entry, Outcome, Purpose};
use words::{Folder, key_pem, person, record};

/// Returns the text of the cells under a heading of the list.
fn cells(page: &str, label: &str) -> Vec<String> {
    let heading = format!("data-label=\"{label}\">");
    let parts = page.split(heading.as_str()).skip(1);
    parts
        .map(|part| part.split("</td>").next().unwrap().to_owned())
        .collect()
}

fn link(page: &str, rel: &str) -> String {
    let (before, _) = page
        .split_once(&format!("\" rel=\"{rel}\""))
        .unwrap_or_else(|| panic!("no {rel}"));
    before
        .rsplit("href=\"")
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

async fn auditor(world: &World) -> Person<'_> {
    signed_in(world, "auditor", "auditor", "82").await
}

on_each_database! {
    async fn the_record_is_shown_with_logins_and_hashes_and_looking_at_it_is_recorded(world) {
        let officer = seated(world, "le.anh", "tracer", "815").await;
        let people = [person(7)];
        let entry = Entry {
            objects: &people, fields: &["name", "phones", "something_new"], count: 1, record: Some("BN-0007"),
            ..Entry::new(Actor::Officer(officer), "tracer", Purpose::Tracing, Action::PERSON_REVEAL)
        };
        world.both.authority.audit.record(entry).await.unwrap();
        let auditor = auditor(world).await;
        let page = auditor.get("/desk/audit?action=person-reveal").await.text();
        assert_eq!(cells(&page, "Việc").len(), 1, "{page}");
        assert!(cells(&page, "Ai")[0].contains("le.anh") && cells(&page, "Ai")[0].contains("Truy vết viên"));
        assert!(cells(&page, "Việc")[0].contains("Mở thông tin nhận dạng"));
        assert_eq!(cells(&page, "Trường dữ liệu"), ["Họ và tên, Số điện thoại, something_new"]);
        assert!(cells(&page, "Về")[0].contains("BN-0007"));
        let hash = cells(&page, "Về")[0].split("object=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(hash.len(), 32);
        assert!(!hash.starts_with("a5a5"), "a keyed hash, not the person's id");
        let looks = recorded(world, Action::AUDIT_LIST).await;
        assert_eq!((looks.len(), looks[0].count, looks[0].role.as_str()), (1, 1, "auditor"));
        let about = auditor.get(&format!("/desk/audit?object={hash}")).await.text();
        assert_eq!(cells(&about, "Việc").len(), 1);
        let nobody = auditor.get(&format!("/desk/audit?object={}", "0".repeat(32))).await.text();
        assert!(nobody.contains("Không có dòng nào"));
    }

    async fn the_list_is_narrowed_and_walked_and_every_filter_is_checked(world) {
        let auditor = auditor(world).await;
        let app = &world.both.authority;
        for number in 0..120u16 {
            record(app, "nobody-here", &[number % 3]).await;
            if number == 59 { world.clock.advance(86_400); }
        }
        let auditor = if auditor.get("/desk/audit").await.status == 200 { auditor } else { Person::sign_in(world, "auditor").await };
        let narrowed = "/desk/audit?role=commune_tracer";
        let first = auditor.get(narrowed).await.text();
        let second = auditor.get(&link(&first, "next")).await.text();
        let third = auditor.get(&link(&second, "next")).await.text();
        let sizes = [&first, &second, &third].map(|page| cells(page, "Việc").len());
        assert_eq!(sizes, [50, 50, 20]);
        assert!(!third.contains("rel=\"next\""));
        let back = auditor.get(&link(&third, "prev")).await.text();
        assert_eq!(cells(&back, "Về"), cells(&second, "Về"));
        let start = auditor.get(&link(&back, "prev")).await.text();
        assert_eq!(cells(&start, "Về"), cells(&first, "Về"));
        assert!(!start.contains("rel=\"prev\""));
        for (query, rows) in [("&from=2021-07-13", 50), ("&from=2021-07-14", 0), ("&until=2021-07-11", 0), ("&outcome=denied", 0)] {
            assert_eq!(cells(&auditor.get(&format!("{narrowed}{query}")).await.text(), "Việc").len(), rows, "{query}");
        }
        let day_one = auditor.get(&format!("{narrowed}&until=2021-07-12")).await.text();
        let rest = auditor.get(&link(&day_one, "next")).await.text();
        assert_eq!((cells(&day_one, "Việc").len(), cells(&rest, "Việc").len()), (50, 10));
        for wrong in ["?from=x", "?until=13/7/2021", "?action=person.read", "?action=god", "?role=god", "?outcome=maybe", "?object=12", "?object=zz", "?after=x"] {
            assert_eq!(auditor.get(&format!("/desk/audit{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn what_is_typed_becomes_a_filter_and_a_login_stands_in_no_address(world) {
        let officer = seated(world, "le.anh", "tracer", "815").await;
        Person::sign_in(world, "le.anh").await;
        let auditor = auditor(world).await;
        let kept = "kept=%2Fdesk%2Faudit%3Faction%3Dsign-in%26officer%3Dofficer_0";
        let found = submit(&auditor, "/desk/audit/find", &format!("{kept}&from=12%2F7%2F2021&until=&officer=Le.Anh&object=")).await;
        let address = location(&found);
        assert_eq!(address, format!("/desk/audit?action=sign-in&from=2021-07-12&officer={officer}"));
        assert_eq!(cells(&auditor.get(&address).await.text(), "Việc").len(), 1);
        for (form, text) in [
            ("from=31%2F2%2F2021", "Ghi ngày/tháng/năm"), ("until=2021-07-12", "Ghi ngày/tháng/năm"), ("officer=nobody", "Không có tài khoản nào tên như vậy"),
            ("object=xyz", "Mã băm gồm 32 ký tự"), ("officer=%3Cscript%3E", "Không có tài khoản nào tên như vậy"),
        ] {
            let refused = submit(&auditor, "/desk/audit/find", form).await;
            assert!(refused.status == 422 && refused.text().contains(text) && !refused.text().contains("value=\"<"), "{form}");
        }
        let elsewhere = submit(&auditor, "/desk/audit/find", "kept=https%3A%2F%2Fevil.example%2F%3Fx%3D1").await;
        assert_eq!(location(&elsewhere), "/desk/audit");
        assert_eq!(auditor.post("/desk/audit/find", "form_token=0&from=1%2F1%2F2021", &[]).await.status, 403);
    }

    async fn a_whole_record_is_verified_and_a_changed_one_is_not(world) {
        let app = &world.both.authority;
        for number in 0..30 {
            record(app, "lan", &[number]).await;
        }
        world.both.run_due_jobs().await.unwrap();
        let auditor = auditor(world).await;
        assert!(auditor.get("/desk/audit/verify").await.text().contains("Gốc mới nhất"));
        assert_eq!(location(&submit(&auditor, "/desk/audit/verify", "copies=").await), "/desk/audit/verify");
        let verdict = auditor.get("/desk/audit/verify").await;
        assert!(verdict.headers.get(header::REFRESH).is_none() && verdict.text().contains("Nhật ký nguyên vẹn"), "{}", verdict.text());
        assert!(verdict.text().contains(">33<"), "30 records, a sealed root, a sign-in, the order to verify: {}", verdict.text());
        let root = verdict.text().split("id=\"root\" readonly value=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#34;", "%22");
        let compared = submit(&auditor, "/desk/audit/verify", &format!("copies={root}")).await;
        assert_eq!(compared.status, 303);
        assert!(auditor.get("/desk/audit/verify").await.text().contains("Gốc cất nơi khác đã đối chiếu</dt><dd>1<"));
        let not_a_root = submit(&auditor, "/desk/audit/verify", "copies=hello").await;
        assert!(not_a_root.status == 422 && not_a_root.text().contains("Dòng 1 không phải là một gốc"));
        execute(&app.db, "UPDATE audit_entry SET line = REPLACE(line, 'commune_tracer', 'tracer') WHERE seq = 5").await;
        submit(&auditor, "/desk/audit/verify", "copies=").await;
        let flawed = auditor.get("/desk/audit/verify").await.text();
        assert!(flawed.contains("Có 1 chỗ không như đã ghi") && flawed.contains("Dòng bị sửa, bị dời"), "{flawed}");
        let verdicts: Vec<_> = recorded(world, Action::AUDIT_VERIFY).await.into_iter().filter_map(|entry| entry.record).collect();
        assert_eq!(verdicts, ["flawed", "whole", "whole"]);
        // A part of a broken record is not signed for.
        assert_eq!(auditor.get("/desk/audit/download?from=2021-07-01").await.status, 409);
    }

    async fn the_download_is_the_record_and_verifies_without_us(world) {
        let app = &world.both.authority;
        for number in 0..600 {
            record(app, "lan", &[number]).await;
        }
        world.both.run_due_jobs().await.unwrap();
        let auditor = auditor(world).await;
        let whole = auditor.get("/desk/audit/download").await;
        assert_eq!(whole.status, 200);
        assert_eq!(whole.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"audit-2021-07-12.jsonl\"");
        assert!(whole.body.len() > 3 * 64 * 1024, "more than one piece: {}", whole.body.len());
        let lines: Vec<serde_json::Value> = whole.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.last().unwrap()["kind"], "end");
        // 600 records, the sealed root, the sign-in and this download itself
        assert_eq!(lines.iter().filter(|line| line["kind"] == "entry").count(), 603);
        let part = auditor.get("/desk/audit/download?from=2021-07-12&until=2021-07-12").await;
        assert_eq!(part.status, 200);
        let folder = Folder::new();
        let files: Vec<_> = [("whole.jsonl", &whole.body), ("part.jsonl", &part.body)].map(|(name, body)| {
            std::fs::write(folder.file(name), body).unwrap();
            folder.file(name)
        }).into();
        for verdict in words::check(&files, &key_pem(world), None).unwrap_or_default() {
            assert!(verdict.whole, "{verdict:?}");
        }
        assert_eq!(auditor.get("/desk/audit/download?from=x").await.status, 400);
        world.clock.advance(11 * 60);
        let stale = auditor.get("/desk/audit/download").await;
        assert!(stale.status == 403 && stale.text().contains("name=\"then\""), "a fresh code first");
        assert_eq!(recorded(world, Action::AUDIT_EXPORT).await.len(), 2);
    }

    async fn a_refused_look_stands_in_the_record_under_its_outcome(world) {
        let tracer = signed_in(world, "le.anh", "tracer", "815").await;
        assert_eq!(tracer.get("/desk/audit").await.status, 403);
        let auditor = auditor(world).await;
        let page = auditor.get("/desk/audit?outcome=denied").await.text();
        assert_eq!(cells(&page, "Việc").len(), 1);
        assert!(cells(&page, "Về")[0].contains("desk.audit") && cells(&page, "Được phép")[0].contains("Bị từ chối"), "{page}");
        assert_eq!(Outcome::Denied.word(), "denied");
    }
}
