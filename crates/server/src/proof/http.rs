//! `POST /v1/proofs`.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask;
use crate::app::AuthorityApp;
use crate::console::{Language, Texts};
use crate::http::Problem;
use crate::http::extract::{JsonBody, answer};
use crate::http::source::Source;

/// To which telephone digits shall be sent.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProofRequest {
    /// A Vietnamese number, in any usual form.
    #[schema(example = "0912 345 678", max_length = 40)]
    phone: String,
    /// Language of the message: `vi` or `en`.
    #[serde(default)]
    #[schema(example = "vi")]
    language: String,
}

/// A proof that was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProofAnswer {
    /// To be sent back with the digits.
    proof_id: String,
    /// Until when the digits count, in Unix seconds.
    until: i64,
}

/// Sends six digits to a telephone.
///
/// Rules V10–V14 of docs/spec/venues.md.
#[utoipa::path(
    post,
    path = "/v1/proofs",
    operation_id = "ask_proof",
    tag = "visits",
    request_body = ProofRequest,
    responses(
        (status = 200, description = "The digits are on their way", body = ProofAnswer),
        (status = 400, description = "Not a number that can be reached", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Asked too often (V13)", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ask_proof(
    State(app): State<AuthorityApp>,
    parts: Parts,
    body: JsonBody,
) -> Result<Response, Problem> {
    let request: ProofRequest = body.parse()?;
    let header = app.config.client_address_header.as_deref();
    let source = Source::of(&parts.headers, &parts.extensions, header);
    let texts = Texts(Language::parse(&request.language).unwrap_or_default());
    let asked = ask(&app, &request.phone, &source, texts).await?;
    Ok(answer(&ProofAnswer {
        proof_id: asked.proof_id,
        until: asked.until.0,
    }))
}
