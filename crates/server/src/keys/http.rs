//! `POST /v1/publish` and the export files.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use protocol::message::KeyUpload;

use super::{list_export_names, load_export, model, pretend_publish};
use crate::app::KeysApp;
use crate::error::ServiceError;
use crate::http::Problem;
use crate::http::extract::{Chaff, JsonBody, answer, padding};
use crate::http::openapi::schema;

/// Takes the keys of a person whom the health authority has confirmed.
///
/// Rules U1–U18 of docs/spec/upload.md. Cover traffic (`X-Chaff: 1`) is answered alike and forgotten.
#[utoipa::path(
    post,
    path = "/v1/publish",
    operation_id = "publish",
    tag = "keys",
    params(("X-Chaff" = Option<String>, Header, description = "`1` marks cover traffic")),
    request_body = schema::KeyUpload,
    responses(
        (status = 200, description = "An outcome for each key", body = schema::KeyUploadAnswer),
        (status = 413, description = "Larger than 64 KiB (U1)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused by the rule named", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn publish(
    State(app): State<KeysApp>,
    chaff: Chaff,
    body: Result<JsonBody, Problem>,
) -> Result<Response, Problem> {
    let upload: KeyUpload = body
        .and_then(|body| body.parse())
        .map_err(|problem| problem.rule(model::U1))?;
    let result = match chaff {
        Chaff(true) => pretend_publish(&app, &upload).await,
        Chaff(false) => super::publish(&app, &upload).await,
    };
    let outcome = match &result {
        Ok(_) => "stored",
        Err(ServiceError::Refused(rule)) => rule.number,
        Err(_) => "failed",
    };
    if !chaff.0 {
        metrics::counter!("key_uploads_total", "outcome" => outcome).increment(1);
    }
    let mut told = result?;
    told.padding = padding(&app.entropy);
    Ok(answer(&told))
}

/// Lists the export files of a region, oldest first, one name a line.
#[utoipa::path(
    get,
    path = "/v1/exports/{region}/index.txt",
    operation_id = "list_exports",
    tag = "keys",
    params(("region" = String, Path, description = "Region of the keys")),
    responses((status = 200, description = "File names", body = String, content_type = "text/plain"))
)]
pub(crate) async fn list_exports(State(app): State<KeysApp>, Path(region): Path<String>) -> Result<Response, Problem> {
    known_region(&app, &region)?;
    let mut text = list_export_names(&app).await?.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    Ok((headers, text).into_response())
}

/// Returns a signed export file in GAEN's format.
#[utoipa::path(
    get,
    path = "/v1/exports/{region}/{file}",
    operation_id = "load_export",
    tag = "keys",
    params(("region" = String, Path), ("file" = String, Path, description = "Name from the index")),
    responses(
        (status = 200, description = "Zip with export.bin and export.sig", body = Vec<u8>, content_type = "application/zip"),
        (status = 404, description = "The index does not list it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn load_export_file(
    State(app): State<KeysApp>,
    Path((region, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    known_region(&app, &region)?;
    let bytes = load_export(&app, &file).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "public, max-age=1209600, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

fn known_region(app: &KeysApp, region: &str) -> Result<(), ServiceError> {
    if region == app.config.region {
        Ok(())
    } else {
        Err(ServiceError::NotFound { what: "region" })
    }
}
