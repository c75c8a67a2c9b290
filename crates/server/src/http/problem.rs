//! RFC 9457 problems: the only place with status codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Rule, ServiceError};

/// Every kind of problem; its name in camel case ends the `type` URN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request cannot be read.
    MalformedRequest,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// The body is larger than allowed.
    BodyTooLarge,
    /// A numbered rule refused; `rule` says which.
    RuleRefused,
    /// There is no such thing or address.
    NotFound,
    /// The address does not have this method.
    MethodNotAllowed,
    /// Nobody is signed in.
    Unauthenticated,
    /// The form was not made by this site for this session.
    Forbidden,
    /// The caller's role does not allow this.
    NotAllowed,
    /// The thing is in a state that does not allow this.
    Conflict,
    /// Too many attempts; `Retry-After` says when to come back.
    TooManyAttempts,
    /// The answer took too long.
    Timeout,
    /// A part this depends on does not answer.
    Unavailable,
    /// Something that should not happen; the request id finds it in the log.
    Internal,
}

impl ProblemKind {
    /// All kinds, for the reference page.
    pub const ALL: [Self; 14] = [
        Self::MalformedRequest,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::RuleRefused,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotAllowed,
        Self::Conflict,
        Self::TooManyAttempts,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Returns the end of the `type` URN.
    pub fn name(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformedRequest",
            Self::UnsupportedMediaType => "unsupportedMediaType",
            Self::BodyTooLarge => "bodyTooLarge",
            Self::RuleRefused => "ruleRefused",
            Self::NotFound => "notFound",
            Self::MethodNotAllowed => "methodNotAllowed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotAllowed => "notAllowed",
            Self::Conflict => "conflict",
            Self::TooManyAttempts => "tooManyAttempts",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Returns the problem's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request cannot be read",
            Self::UnsupportedMediaType => "The body must be application/json",
            Self::BodyTooLarge => "The body is larger than allowed",
            Self::RuleRefused => "A numbered rule refused the request",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This address does not have this method",
            Self::Unauthenticated => "Nobody is signed in",
            Self::Forbidden => "The form does not belong to this session",
            Self::NotAllowed => "The role does not allow this",
            Self::Conflict => "The state does not allow this",
            Self::TooManyAttempts => "Too many attempts",
            Self::Timeout => "The answer took too long",
            Self::Unavailable => "A part this depends on does not answer",
            Self::Internal => "Something went wrong here",
        }
    }

    /// Returns what the caller can do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::MalformedRequest => "correct the request; the contract is openapi/v1.json",
            Self::UnsupportedMediaType => "send Content-Type: application/json",
            Self::BodyTooLarge => "send less; the limits are in docs/spec/upload.md",
            Self::RuleRefused => "look the rule up in docs/spec/upload.md; nothing was stored",
            Self::NotFound | Self::MethodNotAllowed => "check the address against openapi/v1.json",
            Self::Unauthenticated => "sign in at /desk",
            Self::Forbidden => "open the page again and repeat",
            Self::NotAllowed => "ask somebody whose role allows it",
            Self::Conflict => "load the present state and decide again",
            Self::TooManyAttempts => "wait for the seconds in Retry-After",
            Self::Timeout | Self::Unavailable => "try again later with a growing pause",
            Self::Internal => "report the request id",
        }
    }

    /// Returns the HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RuleRefused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        let exact = Self::ALL
            .into_iter()
            .find(|kind| kind.status() == status && *kind != Self::RuleRefused);
        exact.unwrap_or(if status.is_server_error() {
            Self::Internal
        } else {
            Self::MalformedRequest
        })
    }
}

/// What a refused request is answered, as `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:vunglam:error:` and the kind in camel case.
    #[serde(rename = "type")]
    #[schema(example = "urn:vunglam:error:ruleRefused")]
    urn: String,
    /// The kind in words.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What was wrong with this request; never a value it held.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Number of the rule of docs/spec/upload.md that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "U6")]
    rule: Option<&'static str>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

impl Problem {
    /// Makes a problem without detail.
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            urn: format!("urn:vunglam:error:{}", kind.name()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: None,
            rule: None,
            retry_after_seconds: None,
        }
    }

    /// Adds what was wrong.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the rule that refused.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = Some(rule.number);
        self.detail(rule.message)
    }

    /// Returns the problem of a bare error status, as layers produce it.
    pub fn of_status(status: StatusCode) -> Self {
        Self::new(ProblemKind::of_status(status))
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Invalid { .. } => Self::new(ProblemKind::MalformedRequest).detail(error.to_string()),
            ServiceError::Refused(rule) => Self::new(ProblemKind::RuleRefused).rule(rule),
            ServiceError::Unauthenticated => Self::new(ProblemKind::Unauthenticated),
            ServiceError::Forbidden => Self::new(ProblemKind::Forbidden),
            ServiceError::NotAllowed | ServiceError::StepUpNeeded => Self::new(ProblemKind::NotAllowed),
            ServiceError::NotFound { .. } => Self::new(ProblemKind::NotFound).detail(error.to_string()),
            ServiceError::Conflict { .. } => Self::new(ProblemKind::Conflict).detail(error.to_string()),
            ServiceError::TooMany { retry_after_seconds } => {
                let problem = Self::new(ProblemKind::TooManyAttempts);
                Self {
                    rule: Some("U24"),
                    retry_after_seconds: Some(retry_after_seconds),
                    ..problem
                }
            }
            ServiceError::Unavailable { .. } => Self::new(ProblemKind::Unavailable).detail(error.to_string()),
            ServiceError::Database(_) | ServiceError::ObjectStore(_) | ServiceError::Internal(_) => {
                tracing::error!(error = %chain(&error), "request failed");
                Self::new(ProblemKind::Internal)
            }
        }
    }
}

/// Writes an error and its sources by their `Display`, which hold no values (a driver's `Debug` does).
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_seconds;
        let mut response = (status, axum::Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_name_and_says_what_to_do() {
        for (at, kind) in ProblemKind::ALL.into_iter().enumerate() {
            assert!(!kind.title().is_empty() && !kind.advice().is_empty());
            assert!(ProblemKind::ALL[..at].iter().all(|other| other.name() != kind.name()));
        }
    }

    #[test]
    fn a_layers_bare_status_becomes_its_problem() {
        assert_eq!(
            Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE).title,
            ProblemKind::BodyTooLarge.title()
        );
        assert_eq!(
            Problem::of_status(StatusCode::IM_A_TEAPOT).title,
            ProblemKind::MalformedRequest.title()
        );
        assert_eq!(
            Problem::of_status(StatusCode::BAD_GATEWAY).title,
            ProblemKind::Internal.title()
        );
    }
}
