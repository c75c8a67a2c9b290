//! Request bodies and headers as handlers take them.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use protocol::message::CHAFF_HEADER;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Problem, ProblemKind};
use crate::entropy::Entropy;

/// Whether a request is cover traffic (U18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chaff(pub(crate) bool);

impl<S: Sync> FromRequestParts<S> for Chaff {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(CHAFF_HEADER).is_some_and(|value| value == "1")))
    }
}

/// The bytes of a JSON body: declared as JSON and within the route's limit, not yet parsed.
pub(crate) struct JsonBody(Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Problem::new(ProblemKind::UnsupportedMediaType));
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) => Err(Problem::of_status(rejection.into_response().status())),
        }
    }
}

impl JsonBody {
    /// Parses the body. The parser's own message is not passed on: it can quote what it read.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.0).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::new(ProblemKind::MalformedRequest).detail(format!("not the expected JSON at {place}"))
        })
    }
}

/// Returns 1 to 2 KiB of random filling, so that the length of an answer tells nothing (U17).
pub(crate) fn padding(entropy: &Entropy) -> String {
    use base64::Engine;
    let length = 1024 + entropy.below(1024) as usize;
    let mut bytes = vec![0; length];
    entropy.fill(&mut bytes);
    let mut text = base64::engine::general_purpose::STANDARD.encode(bytes);
    text.truncate(length);
    text
}

/// Answers with JSON that no cache keeps.
pub(crate) fn answer<T: Serialize>(value: &T) -> Response {
    ([(axum::http::header::CACHE_CONTROL, "no-store")], axum::Json(value)).into_response()
}
