//! Style and script of the pages, from this program.

use axum::http::header;
use axum::response::{IntoResponse, Response};

const TOKENS: &str = include_str!("../../../../web/kit/tokens.css");
const DESK: &str = include_str!("../../assets/desk.css");
const SCRIPT: &str = include_str!("../../assets/desk.js");

/// `GET /desk/desk.css`.
pub(crate) async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, format!("{TOKENS}\n{DESK}")).into_response()
}

/// `GET /desk/desk.js`.
pub(crate) async fn script() -> Response {
    let kind = "text/javascript; charset=utf-8";
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=3600"),
        ],
        SCRIPT,
    )
        .into_response()
}
