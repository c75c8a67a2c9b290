//! The owner of a place: a click registers a place and its gate over HTTP, as anybody would with a telephone, and sends the browser to its pages.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    desk::{DeskFailed, Session, encoded, location, value_after},
    doors::newest,
    enter::send,
    http::problem,
    state::Demo,
};

/// The owner's telephone, of a number range that nobody has in the simulated province.
const PHONE: &str = "0920000001";

/// What was registered.
#[derive(Clone, Debug)]
struct Registered {
    cookie: String,
    gate: String,
}

/// The owner, once somebody asked.
#[derive(Default)]
pub(super) struct Owner {
    registered: tokio::sync::Mutex<Option<Registered>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    lang: String,
}

/// `GET /enter/owner?lang=vi`: to the page of the place's gate.
pub(super) async fn enter(State(demo): State<Arc<Demo>>, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    let mut registered = demo.owner.registered.lock().await;
    if registered.is_none() {
        match register(&demo).await {
            Ok(fresh) => *registered = Some(fresh),
            Err(error) => return problem(StatusCode::BAD_GATEWAY, &error.to_string()),
        }
    }
    let Some(Registered { cookie, gate }) = registered.clone() else {
        return problem(StatusCode::BAD_GATEWAY, "the place could not be registered");
    };
    let language = if wish.lang == "en" { "en" } else { "vi" };
    send(
        &demo,
        &headers,
        ("/venues", &cookie),
        &format!("{gate}?lang={language}"),
    )
}

async fn register(demo: &Demo) -> Result<Registered, DeskFailed> {
    let anonymous = Session {
        wire: &demo.wire,
        cookie: "",
    };
    let form = anonymous.get("/venues/new", "form of a place").await?;
    // The first commune that can be chosen.
    let communes = form.split_once("name=\"commune\"").map_or("", |(_, rest)| rest);
    let commune = communes
        .split("<option value=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|value| value.parse::<u64>().is_ok())
        .unwrap_or_default();
    let fields = format!(
        "venue_name={}&kind=plant&commune={commune}&address={}&name={}&phone={PHONE}",
        encoded("Xưởng may Tân Hương"),
        encoded("Lô 7, khu công nghiệp"),
        encoded("Phan Thị Diễm"),
    );
    let asked = anonymous.post("/venues/new", fields.clone()).await?;
    let page = String::from_utf8_lossy(&asked.body).into_owned();
    let proof = value_after(&page, "name=\"proof\" value=\"");
    let code = code_for(demo).ok_or(DeskFailed::Page(asked.status, "code by message"))?;
    let done = anonymous
        .post(
            "/venues/new/code",
            format!("{fields}&proof={}&code={code}", encoded(&proof)),
        )
        .await?;
    let cookie = done.headers.get(header::SET_COOKIE);
    let cookie = cookie.and_then(|value| value.to_str().ok()?.split(';').next());
    let (Some(venue), Some(cookie)) = (location(&done), cookie) else {
        return Err(DeskFailed::Page(done.status, "page of the place"));
    };
    let owner = Session {
        wire: &demo.wire,
        cookie,
    };
    let form = format!(
        "gate_name={}&way=both&takes_pass=yes&takes_card=yes&takes_paper=yes&takes_typed=yes",
        encoded("Cổng chính")
    );
    let made = owner.post(&format!("{venue}/gates/new"), form).await?;
    let gate = location(&made).ok_or(DeskFailed::Page(made.status, "page of the gate"))?;
    Ok(Registered {
        cookie: cookie.to_owned(),
        gate,
    })
}

/// Reads the digits that were sent to the owner's telephone.
fn code_for(demo: &Demo) -> Option<String> {
    let message = newest(&demo.messages)
        .into_iter()
        .find(|message| message.to.ends_with(&PHONE[1..]))?;
    let mut runs = message.text.split(|sign: char| !sign.is_ascii_digit());
    runs.find(|run| run.len() == 6).map(str::to_owned)
}
