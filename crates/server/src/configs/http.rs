//! `GET /v1/config`, `/v1/time` and `/v1/trust`.

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{signed_config, signed_time, trust};
use crate::app::KeysApp;
use crate::http::openapi::schema;
use crate::http::{Problem, ProblemKind};

/// Parameters of `/v1/time`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimeQuery {
    /// 8 to 64 hexadecimal digits that the answer repeats, so that an old answer cannot be replayed.
    nonce: String,
}

/// Returns the risk configuration as a compact JWS of type `vunglam-config+jws`.
#[utoipa::path(
    get,
    path = "/v1/config",
    operation_id = "load_config",
    tag = "configs",
    responses((status = 200, description = "Compact JWS", body = String, content_type = "application/jose"))
)]
pub(crate) async fn load_config(State(app): State<KeysApp>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/jose"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, signed_config(&app)).into_response()
}

/// Returns the present time as a compact JWS of type `vunglam-time+jws`.
#[utoipa::path(
    get,
    path = "/v1/time",
    operation_id = "load_time",
    tag = "configs",
    params(TimeQuery),
    responses(
        (status = 200, description = "Compact JWS", body = String, content_type = "application/jose"),
        (status = 400, description = "No usable nonce", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn load_time(
    State(app): State<KeysApp>,
    query: Result<Query<TimeQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|_| Problem::new(ProblemKind::MalformedRequest).detail("nonce: is required"))?;
    let headers = [
        (header::CONTENT_TYPE, "application/jose"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, signed_time(&app, &query.nonce)?).into_response())
}

/// Returns the addresses and public keys that a phone pins.
#[utoipa::path(
    get,
    path = "/v1/trust",
    operation_id = "load_trust",
    tag = "configs",
    responses((status = 200, description = "Addresses and public keys", body = schema::Trust))
)]
pub(crate) async fn load_trust(State(app): State<KeysApp>) -> Response {
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        axum::Json(trust(&app)),
    )
        .into_response()
}
