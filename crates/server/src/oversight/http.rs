//! `GET /v1/audit/root`.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose, newest_root};
use crate::auth::{ApiCaller, Permission};
use crate::error::ServiceError;
use crate::http::Problem;
use crate::http::extract::answer;

/// A signed root of the audit as a line of the file of roots (docs/spec/audit.md A16).
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditRoot {
    /// Its hash, hexadecimal.
    hash: String,
    /// `root`.
    kind: String,
    /// The root as it was signed: canonical JSON.
    line: String,
    /// Which root it is, from 1.
    number: i64,
    /// ECDSA P-256, `r ‖ s`, hexadecimal.
    signature: String,
}

/// Returns the newest signed root of the audit, for a program that keeps it off the machine.
///
/// Needs a key with `audit.read`. Rules A14–A16 of docs/spec/audit.md. Each call is recorded.
#[utoipa::path(
    get,
    path = "/v1/audit/root",
    operation_id = "load_audit_root",
    tag = "audit",
    params(("Authorization" = String, Header, description = "`Bearer vl_…`, a key made at /desk/officers/keys")),
    responses(
        (status = 200, description = "The newest root", body = AuditRoot),
        (status = 401, description = "No key, or one that does not work now", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key does not allow this", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No root is signed yet", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many keys that do not work", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn load_root(State(app): State<AuthorityApp>, caller: ApiCaller) -> Result<Response, Problem> {
    let (may, action) = (Permission::AuditRead, Action::AUDIT_ROOT_READ);
    caller.admit(&app, may, Purpose::Oversight, action).await?;
    let root = newest_root(&app.db).await?;
    let root = root.ok_or(ServiceError::NotFound { what: "root" })?;
    Ok(answer(&AuditRoot {
        hash: hex::encode(root.hash),
        kind: "root".into(),
        line: root.line,
        number: root.number,
        signature: hex::encode(root.signature),
    }))
}
