//! What a person is called, and under which number, must stand in no log line, metric, error or address: planted people go through
//! every way in, and everything that comes out beside the pages is searched.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, header};
use common::World;
use common::desk::{Person, officer_in};
use common::{Answer, answer};

const NAME: &str = "Đặng Thị Bưởi Rừng";
const FOLDED: &str = "dang thi buoi rung";
const PHONE: &str = "0912999888";
const DOCUMENT: &str = "079181234567";

/// Every log line of this process.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns which planted text stands in `text`, as it is, percent-encoded or without marks.
fn leak(text: &str) -> Option<&'static str> {
    let encoded = |plain: &str| -> String { plain.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let part_encoded = NAME.replace(' ', "+");
    let lower = text.to_lowercase();
    let mut hit = None;
    for needle in [NAME, PHONE, DOCUMENT] {
        if text.contains(needle) || text.contains(&encoded(needle)) {
            hit = Some(needle);
        }
    }
    let word = encoded("Đ");
    if lower.contains(FOLDED) || text.contains(&part_encoded) || text.contains(&format!("{word}%E1")) {
        hit = Some(NAME);
    }
    hit
}

/// Sends a form and looks at what comes back beside its page.
struct Watch<'a> {
    person: Person<'a>,
    token: String,
}

impl Watch<'_> {
    fn look(&self, path: &str, answer: &Answer) {
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            assert_eq!(leak(&value), None, "{path}: header {name}");
        }
        let is_problem = answer
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem"));
        if is_problem {
            assert_eq!(leak(&answer.text()), None, "{path}: {}", answer.text());
        }
        // A link is an address; what was typed may stand in the fields of a form that came back, and nowhere else.
        let text = answer.text();
        for attribute in ["href=\"", "action=\"", "data-live=\""] {
            for part in text.split(attribute).skip(1) {
                let address = part.split('"').next().unwrap_or_default();
                assert_eq!(leak(address), None, "{path}: {address}");
            }
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let answer = self.person.get(path).await;
        self.look(path, &answer);
        answer
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = format!("form_token={}", self.token);
        for (name, value) in fields {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            form.push_str(&format!("&{name}={value}"));
        }
        let answer = self.person.post(path, &form, &[]).await;
        self.look(path, &answer);
        answer
    }

    async fn upload(&self, text: &str) -> Answer {
        let part = |name: &str, more: &str, value: &str| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
        };
        let file = format!("; filename=\"{NAME}.csv\"");
        let body = [
            part("form_token", "", &self.token),
            part("kind", "", "contacts"),
            part("file", &file, text),
            "--X--\r\n".to_owned(),
        ]
        .concat();
        let request = Request::post("/desk/imports")
            .header(header::COOKIE, &self.person.cookies)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .unwrap();
        let answer = answer(&self.person.world.authority, request).await;
        self.look("/desk/imports", &answer);
        answer
    }
}

fn location(answer: &Answer) -> String {
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// In by every way, well and badly.
async fn send_everywhere(watch: &Watch<'_>) {
    let case = [
        ("name", NAME),
        ("phone", PHONE),
        ("document", DOCUMENT),
        ("unit", "28249"),
        ("state", "confirmed"),
        ("finding", "confirmed"),
        ("test_date", "12/7/2021"),
    ];
    let opened = watch.post("/desk/cases", &case).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let path = location(&opened);
    let path = path.split(['?', '#']).next().unwrap();
    for wrong in [
        &[("name", NAME), ("phone", "12")][..],
        &[("name", ""), ("phone", PHONE), ("document", DOCUMENT)],
        &[("name", NAME), ("phone", PHONE), ("unit", DOCUMENT)],
    ] {
        let refused = watch.post("/desk/cases", wrong).await;
        assert_eq!(refused.status, 422);
    }
    watch.post("/desk/people", &[("text", NAME)]).await;
    watch
        .post("/desk/people/similar", &[("name", NAME), ("phone", PHONE)])
        .await;
    watch.post(&format!("{path}/reveal"), &[("reason", "call")]).await;
    watch.post(&format!("{path}/reveal"), &[("reason", NAME)]).await;
    watch
        .post(&format!("{path}/milestones"), &[("line", &format!("10/7 8h {NAME}"))])
        .await;
    watch.post(&format!("{path}/milestones"), &[("line", NAME)]).await;
    watch
        .post(
            &format!("{path}/contacts/new"),
            &[("paste", &format!("{NAME}\t{PHONE}\t10/7")), ("unit", "28249")],
        )
        .await;
    let list =
        format!("Họ tên;SĐT;CCCD;Mã ca;Ngày tiếp xúc\n{NAME};{PHONE};{DOCUMENT};BN-0001;10/7/2021\n{NAME};;;;\n");
    let taken = watch.upload(&list).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let list_page = location(&taken);
    watch.get(&list_page).await;
    watch
        .post(
            &format!("{list_page}/check"),
            &[
                ("col.0", "name"),
                ("col.1", "phone"),
                ("col.2", "document"),
                ("col.3", "case-code"),
                ("col.4", "exposed-on"),
            ],
        )
        .await;
    watch
        .post(&format!("{list_page}/check"), &[("col.0", NAME), ("unit", PHONE)])
        .await;
    watch.get(&list_page).await;
    watch.post(&format!("{list_page}/enter"), &[]).await;
    watch.get(&format!("{list_page}/errors")).await;
    watch.upload(&format!("PK\u{3}\u{4}{NAME}")).await;
    watch
        .post("/desk/codes", &[("lines", &format!("BN-0001;{PHONE}\n{NAME};{PHONE}"))])
        .await;
    watch.post(&format!("{path}/codes"), &[("send", "1")]).await;
    for page in [
        "/desk/cases",
        "/desk/contacts",
        "/desk/queue",
        "/desk/follow-up",
        "/desk/imports",
        "/desk/kpi",
        path,
    ] {
        watch.get(page).await;
    }
}

#[tokio::test]
async fn nothing_beside_the_pages_names_anybody() {
    let lines = Lines::default();
    let kept = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(tracing_subscriber::EnvFilter::new("trace,sqlx=info"))
        .with_writer(move || kept.clone());
    subscriber.init();
    // Its metrics; the log's subscriber above stays.
    server::telemetry::start("authority");
    let world = World::in_memory().await;
    let person = officer_in(&world, "tracer", "tracer", "815").await;
    let token = person.form_token().await;
    let watch = Watch { person, token };

    send_everywhere(&watch).await;
    // Somebody who puts a name into an address has it in the own browser; the service must not repeat it.
    let encoded: String = NAME.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [
        format!("/desk/find?q={encoded}"),
        format!("/desk/cases?state={encoded}"),
        format!("/desk/cases/{encoded}"),
        format!("/nowhere/{PHONE}"),
        format!("/v1/record/looks?key={PHONE}"),
    ] {
        let answer = watch.person.get(&path).await;
        assert!(
            leak(&answer.text()).is_none() || answer.status == 200,
            "{path}: {}",
            answer.text()
        );
    }
    world.both.run_due_jobs().await.unwrap();

    let metrics = watch.person.get("/metrics").await.text();
    assert!(metrics.contains("/desk/imports/{import_id}"), "{metrics}");
    assert_eq!(leak(&metrics), None, "{metrics}");
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.lines().count() > 30, "{logged}");
    assert_eq!(
        logged.matches("\"message_id\":\"message_").count(),
        2,
        "both messages went to the log: {logged}"
    );
    let told: Vec<&str> = logged.lines().filter(|line| leak(line).is_some()).collect();
    assert_eq!(told, Vec::<&str>::new());

    // A leak is found.
    tracing::info!(person = NAME, "planted");
    tracing::info!(address = encoded, "planted");
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(logged.lines().filter(|line| leak(line).is_some()).count(), 2);
}
