//! The demo's pages and its JSON (web/demo/README.md).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use device::store::Store;
use serde::Deserialize;
use serde_json::{Value, json};
use server::clock::Clock;

use super::{
    adoption, doors, enter, files,
    knowledge::{Knowledge, Sought, in_vault, search},
    metrics, owner, pictures,
    state::{CaseState, Demo, Job},
    text::Text,
};
use crate::{
    outbreak::officers,
    world::{Named, Payload, phone::PageScan},
};

/// Largest request body, in bytes.
const MAX_BODY: usize = 4 * 1024;
/// Adoption that can be asked for, in per cent.
const PERCENT: std::ops::RangeInclusive<u8> = 16..=60;

type App = State<Arc<Demo>>;

/// Returns the demo's start page, the citizen app, the gate app and the API.
pub fn router(demo: Arc<Demo>) -> Router {
    let policy = policy(&demo);
    Router::new()
        .route("/enter/{role}", get(enter::enter))
        .route("/enter/owner", get(owner::enter))
        .route("/demo/v1/pictures", get(pictures::list))
        .route("/demo/v1/pictures/{name}", get(pictures::picture))
        .route("/demo/v1/story", get(story))
        .route("/demo/v1/case", post(confirm_case))
        .route("/demo/v1/metrics", get(list_metrics))
        .route("/demo/v1/doors", get(list_doors))
        .route("/demo/v1/knowledge/{slug}", get(knowledge))
        .route("/demo/v1/adoption/{percent}", get(adoption_point))
        .route("/demo/v1/phones/{slug}/state", get(phone_state))
        .route("/demo/v1/phones/{slug}/air", post(phone_air))
        .route("/v1/trust", get(trust))
        .fallback(move |uri: axum::http::Uri| files::serve(uri, policy.clone()))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(demo)
}

fn policy(demo: &Demo) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self' {} {}; manifest-src 'self'; worker-src 'self'; frame-src 'self'; frame-ancestors 'self'; \
         base-uri 'none'; form-action 'none'",
        demo.trust.keys_url, demo.trust.authority_url
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let body = Json(json!({"type": "about:blank", "status": status.as_u16(), "detail": detail}));
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

fn answer(value: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

fn named(slug: &str) -> Result<Named, Box<Response>> {
    Named::from_slug(slug).ok_or_else(|| Box::new(problem(StatusCode::NOT_FOUND, "no such phone")))
}

async fn story(State(demo): App) -> Response {
    let (case, steps) = demo.case();
    let (state, code, trouble) = match case {
        CaseState::None => ("none", None, None),
        CaseState::Confirming => ("confirming", None, None),
        CaseState::Code(code) => ("code", Some(code), None),
        CaseState::Failed(why) => (
            "failed",
            None,
            Some(Text::new(format!("Bàn làm việc từ chối: {why}"), why)),
        ),
    };
    let phones: Vec<Value> = Named::ALL
        .into_iter()
        .map(|named| json!({"slug": named.slug(), "name": named.name(), "role": metrics::role(named)}))
        .collect();
    let desk = json!({
        "url": demo.desk.access.url, "password": officers::PASSWORD, "roles": demo.desk.roles(demo.now()),
    });
    answer(json!({
        "run_id": demo.run_id, "now": demo.now(), "rate": demo.rate(), "desk": desk, "phones": phones,
        "case": {"state": state, "code": code, "problem": trouble, "path": demo.case_path()},
        "steps": [
            {"id": "confirmed", "at": steps.confirmed},
            {"id": "shared", "at": steps.shared},
            {"id": "exported", "at": steps.exported},
        ],
    }))
}

async fn confirm_case(State(demo): App) -> Response {
    tokio::spawn(async move { demo.confirm_case().await });
    StatusCode::ACCEPTED.into_response()
}

async fn list_metrics(State(demo): App) -> Response {
    blocking(move || answer(json!({"metrics": metrics::all(&demo)}))).await
}

async fn list_doors(State(demo): App) -> Response {
    blocking(move || answer(json!(doors::all(&demo)))).await
}

async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| problem(StatusCode::INTERNAL_SERVER_ERROR, "the demo failed"))
}

/// The region, for an ordinary phone that opens `/app/`.
async fn trust(State(demo): App) -> Response {
    answer(json!(demo.trust))
}

async fn phone_state(State(demo): App, Path(slug): Path<String>) -> Response {
    let phone = match named(&slug) {
        Ok(named) => named,
        Err(response) => return *response,
    };
    let Ok(snapshot) = demo.world().phone(phone).device.store().snapshot() else {
        return problem(StatusCode::INTERNAL_SERVER_ERROR, "the phone cannot be read");
    };
    let clock = match demo.clock {
        Clock::Scaled {
            origin_unix,
            started_real_unix,
            rate,
        } => {
            json!({"origin_unix": origin_unix, "started_real_unix": started_real_unix, "rate": rate})
        }
        _ => json!({"origin_unix": demo.now(), "started_real_unix": demo.now(), "rate": 1}),
    };
    answer(json!({
        "run_id": demo.run_id, "phone": phone.slug(), "name": phone.name(), "now": demo.now(), "clock": clock,
        "snapshot_b64": STANDARD.encode(snapshot), "trust": demo.trust,
        "record_key": demo.known.get(&phone).map(|known| &known.record_key),
    }))
}

/// What a page sends about once a second.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AirPoll {
    advertisement_hex: Option<String>,
}

async fn phone_air(State(demo): App, Path(slug): Path<String>, Json(poll): Json<AirPoll>) -> Response {
    let phone = match named(&slug) {
        Ok(named) => named,
        Err(response) => return *response,
    };
    let payload = poll
        .advertisement_hex
        .map(|text| hex::decode(text).ok().and_then(|b| Payload::try_from(b).ok()));
    let payload = match payload {
        Some(None) => return problem(StatusCode::BAD_REQUEST, "an advertisement is 31 bytes in hexadecimal"),
        Some(payload) => payload,
        None => None,
    };
    let scans: Vec<Value> = demo.poll_page(phone, payload).iter().map(scan_json).collect();
    answer(json!({"now": demo.now(), "scans": scans}))
}

fn scan_json(scan: &PageScan) -> Value {
    let heard: Vec<Value> = scan
        .heard
        .iter()
        .map(|heard| json!({"payload_hex": hex::encode(heard.payload), "rssi_dbm": heard.rssi_dbm}))
        .collect();
    json!({"at": scan.at, "seconds_since_last": scan.seconds_since_last, "heard": heard})
}

async fn knowledge(State(demo): App, Path(slug): Path<String>) -> Response {
    let asked = match named(&slug) {
        Ok(named) => named,
        Err(response) => return *response,
    };
    blocking(move || match know(&demo, asked) {
        Ok(knowledge) => answer(json!(knowledge)),
        Err(_) => problem(StatusCode::SERVICE_UNAVAILABLE, "a database cannot be read"),
    })
    .await
}

/// Searches both databases for a person, and for Nam as the control.
pub(super) fn know(demo: &Demo, asked: Named) -> Result<Knowledge, super::databases::Unreadable> {
    let now = demo.now();
    let sought = |named| Sought::of(named, demo.world().phone(named), &demo.seen(named), now);
    let [person, control] = search(&demo.databases, [sought(asked), sought(Named::Nam)])?;
    Ok(Knowledge {
        searched_at: now,
        person,
        vault: demo
            .known
            .get(&asked)
            .map(|known| in_vault(&demo.databases, known.person)),
        control,
    })
}

async fn adoption_point(State(demo): App, Path(percent): Path<u8>) -> Response {
    if !PERCENT.contains(&percent) {
        return problem(StatusCode::NOT_FOUND, "adoption is 16 to 60 per cent");
    }
    if demo.job(percent).is_none() && demo.claim(percent) {
        let demo = Arc::clone(&demo);
        tokio::task::spawn_blocking(move || demo.compute(percent));
    }
    blocking(move || {
        let recording = adoption::describe(demo.recording());
        let total = adoption::steps();
        answer(match demo.job(percent).unwrap_or(Job::Running(0)) {
            Job::Running(done) => {
                json!({"state": "running", "done": done, "total": total, "recording": recording, "point": null})
            }
            Job::Done(point) => {
                json!({"state": "done", "done": total, "total": total, "recording": recording, "point": point})
            }
            Job::Failed(why) => json!({"state": "failed", "problem": Text::new(why.clone(), why)}),
        })
    })
    .await
}
