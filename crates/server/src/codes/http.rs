//! `POST /v1/verify` and `POST /v1/certificate`.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use protocol::jws::DocumentType;
use protocol::message::{CertificateAnswer, CertificateRequest, VerifyAnswer, VerifyRequest};

use super::{Finding, certify_keys, dates, pretend, redeem_code};
use crate::app::AuthorityApp;
use crate::http::Problem;
use crate::http::extract::{Chaff, JsonBody, answer, padding};
use crate::http::openapi::schema;
use crate::http::source::Source;

/// Redeems a verification code for a token.
///
/// Rules U20–U24 of docs/spec/upload.md. Cover traffic (`X-Chaff: 1`) is answered alike and forgotten.
#[utoipa::path(
    post,
    path = "/v1/verify",
    operation_id = "redeem_code",
    tag = "codes",
    params(("X-Chaff" = Option<String>, Header, description = "`1` marks cover traffic")),
    request_body = schema::VerifyRequest,
    responses(
        (status = 200, description = "The token and what the code stands for", body = schema::VerifyAnswer),
        (status = 422, description = "Refused by the rule named", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts (U24)", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify(
    State(app): State<AuthorityApp>,
    chaff: Chaff,
    parts: Parts,
    body: JsonBody,
) -> Result<Response, Problem> {
    let request: VerifyRequest = body.parse()?;
    if chaff.0 {
        return Ok(answer(&VerifyAnswer {
            token: pretend(&app, DocumentType::Token).await?,
            testtype: Finding::Confirmed.word().into(),
            symptom_date: None,
            test_date: Some(crate::civil::CivilDate::today(app.clock.now()).iso()),
            padding: padding(&app.entropy),
        }));
    }
    let header = app.config.client_address_header.as_deref();
    let source = Source::of(&parts.headers, &parts.extensions, header);
    let redeemed = redeem_code(&app, &request.code, &request.accept, &source).await?;
    let (symptom_date, test_date) = dates(&redeemed.facts);
    Ok(answer(&VerifyAnswer {
        token: redeemed.token,
        testtype: redeemed.facts.finding.word().into(),
        symptom_date,
        test_date,
        padding: padding(&app.entropy),
    }))
}

/// Signs the certificate for a phone's keys, which are known here only by their HMAC.
///
/// Rules U25 and U26 of docs/spec/upload.md. Cover traffic (`X-Chaff: 1`) is answered alike and forgotten.
#[utoipa::path(
    post,
    path = "/v1/certificate",
    operation_id = "certify_keys",
    tag = "codes",
    params(("X-Chaff" = Option<String>, Header, description = "`1` marks cover traffic")),
    request_body = schema::CertificateRequest,
    responses(
        (status = 200, description = "The certificate", body = schema::CertificateAnswer),
        (status = 422, description = "Refused by the rule named", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn certificate(
    State(app): State<AuthorityApp>,
    chaff: Chaff,
    body: JsonBody,
) -> Result<Response, Problem> {
    let request: CertificateRequest = body.parse()?;
    let certificate = match chaff {
        Chaff(true) => pretend(&app, DocumentType::Certificate).await?,
        Chaff(false) => certify_keys(&app, &request.token, &request.ekeyhmac).await?,
    };
    Ok(answer(&CertificateAnswer {
        certificate,
        padding: padding(&app.entropy),
    }))
}
