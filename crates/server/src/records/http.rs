//! `GET /v1/record/looks`.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::looks;
use crate::app::AuthorityApp;
use crate::auth::bearer;
use crate::http::Problem;
use crate::http::extract::answer;
use crate::http::source::Source;

/// One look at the person.
#[derive(Serialize, ToSchema)]
pub(crate) struct LookView {
    /// When, in Unix seconds.
    at: i64,
    /// In which role; never who.
    #[schema(example = "tracer")]
    role: String,
    /// For what: a word of docs/spec/audit.md A3.
    #[schema(example = "tracing")]
    purpose: String,
    /// What was done.
    #[schema(example = "person.reveal")]
    action: String,
    /// Names of the fields seen or changed.
    fields: Vec<String>,
    /// Code of the reason given.
    reason: Option<String>,
}

/// A person's own list.
#[derive(Serialize, ToSchema)]
pub(crate) struct LooksAnswer {
    /// Newest first, at most 200.
    looks: Vec<LookView>,
    /// Until when the key works, in Unix seconds.
    until: i64,
}

/// Returns who looked at the person whose record key it is.
///
/// Rules A21–A24 of docs/spec/audit.md. A key that is unknown, expired or missing is answered alike.
#[utoipa::path(
    get,
    path = "/v1/record/looks",
    operation_id = "list_looks",
    tag = "record",
    params(("Authorization" = String, Header, description = "`Bearer …`, the person's record key")),
    responses(
        (status = 200, description = "The looks", body = LooksAnswer),
        (status = 401, description = "No key that works", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many keys that do not work", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_looks(State(app): State<AuthorityApp>, parts: Parts) -> Result<Response, Problem> {
    let header = app.config.client_address_header.as_deref();
    let source = Source::of(&parts.headers, &parts.extensions, header);
    let found = looks(&app, bearer(&parts.headers), &source).await?;
    let view = |look: crate::audit::Look| LookView {
        at: look.at.0,
        role: look.role,
        purpose: look.purpose,
        action: look.action,
        fields: look.fields,
        reason: look.reason,
    };
    Ok(answer(&LooksAnswer {
        looks: found.looks.into_iter().map(view).collect(),
        until: found.until.0,
    }))
}
