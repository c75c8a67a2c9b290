//! `/livez`, `/readyz` and `/metrics`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Problem, ProblemKind};
use crate::db::Db;

/// Answers as long as the process runs.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Answers `ok` when the database answers.
pub(super) async fn readyz(State(db): State<Db>) -> Response {
    match db.ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            Problem::new(ProblemKind::Unavailable)
                .detail("the database is not available")
                .into_response()
        }
    }
}

/// Prometheus text.
pub(super) async fn metrics() -> Response {
    let kind = [(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, crate::telemetry::render_metrics()).into_response()
}
