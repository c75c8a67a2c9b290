//! `POST /v1/passes`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::gate::rules::{to_hex, unhex};
use protocol::signature::{POINT_BYTES, PublicKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PASS_DAYS, issue};
use crate::app::AuthorityApp;
use crate::auth::bearer;
use crate::error::ServiceError;
use crate::http::Problem;
use crate::http::extract::{JsonBody, answer};
use crate::visits::citizen;

/// A telephone's key of a day.
#[derive(Deserialize, ToSchema)]
pub(crate) struct HolderRequest {
    /// Day of the authority's calendar, counted from 1970.
    day: u32,
    /// The public key as a compressed point, 66 hexadecimal digits.
    point: String,
}

/// A telephone's keys of the days to come.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PassesRequest {
    /// At most 14.
    #[schema(max_items = 14)]
    holders: Vec<HolderRequest>,
}

/// Passes in the order of the request.
#[derive(Serialize, ToSchema)]
pub(crate) struct PassesAnswer {
    /// Each in hexadecimal digits (V51).
    passes: Vec<String>,
}

/// Issues the passes behind a person's own code.
///
/// Rules V50–V54 of docs/spec/venues.md.
#[utoipa::path(
    post,
    path = "/v1/passes",
    operation_id = "issue_passes",
    tag = "visits",
    params(("Authorization" = String, Header, description = "`Bearer …`, the credential")),
    request_body = PassesRequest,
    responses(
        (status = 200, description = "The passes", body = PassesAnswer),
        (status = 401, description = "No credential that works", body = Problem, content_type = "application/problem+json"),
        (status = 400, description = "No key, or a day out of range", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn issue_passes(
    State(app): State<AuthorityApp>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Problem> {
    let request: PassesRequest = body.parse()?;
    let person = citizen::find(&app, bearer(&headers)).await?;
    let invalid = |field, why| Problem::from(ServiceError::Invalid { field, why });
    if !(1..=PASS_DAYS as usize).contains(&request.holders.len()) {
        return Err(invalid("holders", "are 1 to 14"));
    }
    let mut holders = Vec::with_capacity(request.holders.len());
    for holder in &request.holders {
        let point = unhex::<POINT_BYTES>(&holder.point).and_then(|point| PublicKey::from_point(&point).ok());
        let point = point.ok_or_else(|| invalid("point", "is no point of the curve"))?;
        holders.push((holder.day, point));
    }
    let passes = issue(&app, person, &holders).await?;
    Ok(answer(&PassesAnswer {
        passes: passes.iter().map(|pass| to_hex(pass.as_bytes())).collect(),
    }))
}
