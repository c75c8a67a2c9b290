//! The start page, the citizen app and the gate app as built by `cargo xtask web`.

use axum::{
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

/// Read from disk in development builds, part of the binary in release builds.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist/"]
#[allow_missing = true]
struct Built;

/// Serves a file under the policy that all of them run with.
pub(super) async fn serve(uri: Uri, policy: HeaderValue) -> Response {
    let path = uri.path();
    let file = match (path.strip_prefix("/app/"), path.strip_prefix("/gate/")) {
        (Some(rest), _) => format!("citizen/{rest}"),
        (_, Some(rest)) => format!("gate/{rest}"),
        _ => format!("demo{path}"),
    };
    let file = if file.ends_with('/') {
        format!("{file}index.html")
    } else {
        file
    };
    let Some(found) = Built::get(&file) else {
        return (
            StatusCode::NOT_FOUND,
            "not found; the pages are built by `cargo xtask web`",
        )
            .into_response();
    };
    let keep = if file.contains("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = found.data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(&file)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn kind(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
