//! `/livez`, `/readyz` and `/metrics`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Problem, ProblemKind};
use crate::db::Db;

/// What says whether a side can work.
#[derive(Clone)]
pub(crate) struct Health {
    /// Its database.
    pub(crate) db: Db,
    /// Whether the search over people knows everybody; `None` for a side that knows nobody.
    pub(crate) is_search_warm: Option<bool>,
}

/// Answers as long as the process runs.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Answers `ok` when the database answers. A second line says that the search still reads everybody in: requests are
/// answered meanwhile, and pages say that people may be missing.
pub(super) async fn readyz(State(health): State<Health>) -> Response {
    match (health.db.ping().await, health.is_search_warm) {
        (Ok(()), Some(false)) => "ok\nsearch: warming\n".into_response(),
        (Ok(()), _) => "ok\n".into_response(),
        (Err(error), _) => {
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
