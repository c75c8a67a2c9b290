//! The frame of the desk's pages: language, texts, style, sessions in cookies. No feature's rules.

mod assets;
mod qr;
mod request;
mod texts;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

pub(crate) use assets::{script, style};
pub(crate) use qr::qr_svg;
pub(crate) use request::{Desk, Visitor, keep_language, session_secret, with_session};
pub(crate) use texts::{Language, Texts};

use crate::error::ServiceError;
use crate::http::{Problem, ProblemKind};

/// What a page may load: only from here, and scripts only from files.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    texts: Texts,
    form_token: Option<String>,
    message: String,
}

/// Renders a page that no cache keeps.
pub(crate) fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// Renders a page with another status.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return Problem::new(ProblemKind::Internal).into_response();
    };
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Sends the browser to another page after a form.
pub(crate) fn go(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Answers a person whose request was not done; whoever is not signed in gets the sign-in page.
pub(crate) fn sorry(texts: Texts, error: ServiceError) -> Response {
    if matches!(error, ServiceError::Unauthenticated) {
        return go("/desk/sign-in");
    }
    let message = texts.refusal(&error);
    let status = Problem::from(error).into_response().status();
    page_with(
        status,
        &ErrorPage {
            texts,
            form_token: None,
            message,
        },
    )
}
