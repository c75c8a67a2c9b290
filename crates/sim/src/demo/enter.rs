//! The role bar: a click signs in at the desk, over HTTP as anybody would, and sends the browser there with the session.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{desk::DeskFailed, http::problem, state::Demo};

/// Where to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    then: String,
    lang: String,
}

/// `GET /enter/{role}?then=/desk/…&lang=vi`.
pub(super) async fn enter(
    State(demo): State<Arc<Demo>>,
    Path(slug): Path<String>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let cookie = match demo.desk.enter(&demo.wire, &slug, demo.now()).await {
        Ok(cookie) => cookie,
        Err(error @ DeskFailed::Role) => return problem(StatusCode::NOT_FOUND, &error.to_string()),
        Err(error) => return problem(StatusCode::BAD_GATEWAY, &error.to_string()),
    };
    send(&demo, &headers, ("/desk", &cookie), &own_path(&wish))
}

/// Sends the browser to a page of the authority with a session that was begun for it.
pub(super) fn send(demo: &Demo, headers: &HeaderMap, (scope, cookie): (&str, &str), path: &str) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let target = format!("{}{path}", base(&demo.desk.access.url, host));
    // Cookies do not know ports: one set here reaches the authority on the same host.
    let cookie = format!("{cookie}; Path={scope}; HttpOnly; SameSite=Lax");
    let (Ok(cookie), Ok(target)) = (HeaderValue::from_str(&cookie), HeaderValue::from_str(&target)) else {
        return problem(StatusCode::BAD_GATEWAY, "the session cannot be passed on");
    };
    let headers = [
        (header::LOCATION, target),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Returns scheme, host and port of the desk, by the name under which the browser knows this machine.
fn base(desk: &str, host: Option<&str>) -> String {
    let desk = desk.strip_suffix("/desk").unwrap_or(desk);
    let is_localhost = host.is_some_and(|host| host == "localhost" || host.starts_with("localhost:"));
    if is_localhost {
        desk.replacen("127.0.0.1", "localhost", 1)
    } else {
        desk.to_owned()
    }
}

/// Returns the address inside the desk: nobody is sent elsewhere.
fn own_path(wish: &Wish) -> String {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"/_-.".contains(&b);
    let is_ours = wish.then == "/desk" || wish.then.starts_with("/desk/");
    let path = if is_ours && wish.then.bytes().all(sign) {
        &wish.then
    } else {
        "/desk"
    };
    match wish.lang.as_str() {
        "vi" | "en" => format!("{path}?lang={}", wish.lang),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        let path = |then: &str, lang: &str| {
            own_path(&Wish {
                then: then.into(),
                lang: lang.into(),
            })
        };
        assert_eq!(path("/desk/cases/case_1f", "vi"), "/desk/cases/case_1f?lang=vi");
        assert_eq!(path("", "en"), "/desk?lang=en");
        for wrong in [
            "//evil.example",
            "https://evil.example",
            "/deskevil",
            "/desk/\\evil",
            "/desk/\r\nx",
            "/desk@evil",
        ] {
            assert_eq!(path(wrong, ""), "/desk", "{wrong}");
        }
    }

    #[test]
    fn the_desk_is_named_as_the_browser_names_this_machine() {
        let desk = "http://127.0.0.1:7302/desk";
        assert_eq!(base(desk, Some("127.0.0.1:7300")), "http://127.0.0.1:7302");
        assert_eq!(base(desk, Some("localhost:7300")), "http://localhost:7302");
        assert_eq!(base(desk, Some("localhost.evil.example")), "http://127.0.0.1:7302");
        assert_eq!(base(desk, None), "http://127.0.0.1:7302");
    }
}
