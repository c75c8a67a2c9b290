//! A world for tests: both sides on fresh databases, a virtual clock, and short words for requests.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod carrier;
pub mod desk;
pub mod gate;
pub mod postgres;
pub mod scene;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::certificate::hmac_over_keys;
use protocol::message::{CertificateAnswer, CertificateRequest, KeyUpload, UploadedKey, VerifyAnswer, VerifyRequest};
use protocol::time::UnixSeconds;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::cases::{self, ConfirmedCase, NewCase};
use server::civil::CivilDate;
use server::clock::{Clock, VirtualClock};
use server::codes::{Finding, Issue};
use server::config::{AuthorityConfig, KeysConfig};
use server::db::Db;
use server::in_process::Both;
use tower::ServiceExt;

/// 12 July 2021, noon UTC.
pub const START: UnixSeconds = UnixSeconds(1_626_091_200);
pub const HMAC_KEY: [u8; 32] = [9; 32];

pub struct World {
    pub both: Both,
    pub clock: VirtualClock,
    pub keys: Router,
    pub authority: Router,
}

pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn rule(&self) -> String {
        let problem: serde_json::Value = self.json();
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        problem["rule"].as_str().unwrap_or("none").to_owned()
    }
}

impl World {
    pub async fn in_memory() -> Self {
        Self::with(AuthorityConfig::default()).await
    }

    pub async fn with(authority: AuthorityConfig) -> Self {
        let keys = Db::connect("sqlite::memory:").await.expect("a database");
        let other = Db::connect("sqlite::memory:").await.expect("a database");
        Self::on(keys, other, authority).await
    }

    /// Both sides on PostgreSQL, each with a role and a database of its own; nothing where there is no PostgreSQL.
    pub async fn on_postgres(authority: AuthorityConfig) -> Option<Self> {
        let (keys, other) = (
            postgres::make_side("keys").await?,
            postgres::make_side("authority").await?,
        );
        let keys = Db::connect(&keys.url).await.expect("a database");
        let other = Db::connect(&other.url).await.expect("a database");
        Some(Self::on(keys, other, authority).await)
    }

    pub async fn on(keys: Db, authority_db: Db, authority: AuthorityConfig) -> Self {
        let clock = VirtualClock::new(START);
        let time = Clock::from(clock.clone());
        let both = Both::open(keys, authority_db, time, 7, KeysConfig::default(), authority)
            .await
            .expect("both sides open");
        let (keys, authority) = (
            server::keys_router(both.keys.clone()),
            server::authority_router(both.authority.clone()),
        );
        Self {
            both,
            clock,
            keys,
            authority,
        }
    }

    pub async fn issue(&self, case: &NewCase) -> (ConfirmedCase, Issue) {
        let case = cases::confirm_case(&self.both.authority, case).await.expect("a case");
        cases::issue_codes_for(&self.both.authority, &case.case_id)
            .await
            .expect("codes")
    }

    pub async fn try_verify(&self, code: &str) -> Answer {
        let request = VerifyRequest {
            code: code.into(),
            accept: vec!["confirmed".into()],
            padding: String::new(),
        };
        post(&self.authority, "/v1/verify", &request).await
    }

    pub async fn verify(&self, code: &str) -> String {
        let answer = self.try_verify(code).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json::<VerifyAnswer>().token
    }

    pub async fn try_certificate(&self, token: &str, mac: &str) -> Answer {
        let request = CertificateRequest {
            token: token.into(),
            ekeyhmac: mac.into(),
            padding: String::new(),
        };
        post(&self.authority, "/v1/certificate", &request).await
    }

    /// Confirms a case, redeems its code and has `keys` certified.
    pub async fn certificate_for(&self, keys: &[UploadedKey]) -> String {
        let (_, issue) = self.issue(&new_case(self)).await;
        let token = self.verify(issue.short.reveal()).await;
        let mac = encode(&hmac_over_keys(&HMAC_KEY, keys));
        let answer = self.try_certificate(&token, &mac).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json::<CertificateAnswer>().certificate
    }

    pub async fn certified_upload(&self, keys: &[UploadedKey]) -> KeyUpload {
        let certificate = self.certificate_for(keys).await;
        upload(keys, certificate)
    }

    pub async fn index(&self) -> Vec<String> {
        let answer = get(&self.keys, "/v1/exports/82/index.txt").await;
        assert_eq!(answer.status, 200);
        answer.text().lines().map(str::to_owned).collect()
    }

    pub async fn file(&self, name: &str) -> Vec<u8> {
        let answer = get(&self.keys, &format!("/v1/exports/82/{name}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }

    pub async fn rows(&self, table: &str) -> i64 {
        let counts = self.both.table_counts().await.expect("counts");
        counts
            .iter()
            .find(|(name, _)| name == table)
            .unwrap_or_else(|| panic!("no table {table}"))
            .1
    }
}

/// Runs each test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_each_database {
    ($(async fn $name:ident($world:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($world: &World) $body

            #[tokio::test]
            async fn on_sqlite() {
                check(&World::in_memory().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(world) = World::on_postgres(Default::default()).await {
                    check(&world).await;
                }
            }
        }
    )*};
}

pub fn upload(keys: &[UploadedKey], certificate: String) -> KeyUpload {
    KeyUpload {
        keys: keys.to_vec(),
        health_authority_id: KeysConfig::default().health_authority_id,
        verification_payload: certificate,
        hmac_key: encode(&HMAC_KEY),
        symptom_onset_interval: None,
        traveler: false,
        revision_token: None,
        padding: "x".repeat(100),
    }
}

pub fn new_case(world: &World) -> NewCase {
    let today = CivilDate::today(world.clock.now());
    let onset_date = CivilDate::from_number(today.number() - 2);
    NewCase {
        label: None,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date,
    }
}

/// Whole-day keys of the last `days` days before today.
pub fn uploaded_keys(world: &World, days: u32) -> Vec<UploadedKey> {
    let today = world.clock.now().day();
    (1..=days)
        .map(|day| UploadedKey {
            key: encode(&[u8::try_from(day).expect("few"); 16]),
            rolling_start_number: today.offset(-i64::from(day)).first_interval().0,
            rolling_period: 144,
            transmission_risk: 0,
        })
        .collect()
}

pub async fn post<T: Serialize>(router: &Router, path: &str, body: &T) -> Answer {
    send(router, path, serde_json::to_vec(body).expect("JSON"), &[]).await
}

pub async fn send(router: &Router, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(router, request.body(Body::from(body)).expect("a request")).await
}

pub async fn get(router: &Router, path: &str) -> Answer {
    answer(router, Request::get(path).body(Body::empty()).expect("a request")).await
}

pub async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.to_vec(),
    }
}

pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn decode(text: &str) -> [u8; 16] {
    STANDARD.decode(text).expect("Base64").try_into().expect("16 bytes")
}

/// Returns the cells of a column of the authority's side.
pub async fn cells(world: &World, table: &str, column: &str) -> Vec<String> {
    let tables = world.both.authority.db.dump().await.expect("a dump");
    let table = tables.into_iter().find(|t| t.table == table).expect("a table");
    let at = table.columns.iter().position(|c| c == column).expect("a column");
    table.rows.into_iter().map(|row| row[at].clone()).collect()
}

/// Runs a statement that a test needs to set a scene.
pub async fn execute(db: &Db, statement: &str) {
    try_execute(db, statement).await.expect("the statement runs");
}

pub async fn try_execute(db: &Db, statement: &str) -> Result<(), String> {
    db.execute_for_test(statement).await.map_err(|error| error.to_string())
}
