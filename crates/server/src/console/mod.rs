//! The console's pages as such: language, texts, frame, components, style, sessions in cookies. No feature's rules.
//!
//! A page is a template struct with a [`Frame`] as `frame` and `{% extends "frame.html" %}`. Its components are values that the
//! template writes as `{{ value }}`: [`PageHead`], [`Figures`], [`Filters`], [`ListHead`], [`ListFoot`], [`Field`], [`Notice`],
//! [`Confirm`], [`Reveal`], [`Timeline`] and the signs in rows ([`Generation`], [`Mark`], [`Level`], [`Due`], [`Avatar`]). What
//! is markup only (`.sheet`, `.cols`, `.tbl`, `.split` with `.panel`, `.opts`, `.bulk`) is written out in the template.
//! Each stands on the page `/desk/style` in every state; `templates/style.html` is the example to copy from.

// The set is complete for pages that are still to come.
#![allow(dead_code, unused_imports, reason = "components without a page yet")]

mod address;
mod assets;
mod chart;
mod filter;
mod form;
mod format;
mod frame;
mod html;
mod icon;
mod marks;
mod metric;
mod navigation;
mod parts;
mod qr;
mod request;
pub(crate) mod style;
mod table;
mod texts;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html as HtmlBody, IntoResponse, Redirect, Response};

pub(crate) use address::Address;
pub(crate) use assets::serve as asset;
pub(crate) use chart::{Banded, Bars, Ink, Line, Series, Size, sparkline};
pub(crate) use filter::{Filters, Segments, Tabs, Token, Way};
pub(crate) use form::{Choice, DraftNotes, ErrorSummary, Field};
pub(crate) use frame::{Destination, Frame, Hint, Nav, NavGroup, NavItem, Person, Scope, destinations};
pub(crate) use html::Html;
pub(crate) use icon::Icon;
pub(crate) use marks::{Avatar, Due, Generation, Level, Mark, Shape};
pub(crate) use metric::{Figures, Metric};
pub(crate) use navigation::home;
pub(crate) use parts::{
    Action, Confirm, Deed, Event, Facts, Identity, Notice, PageHead, Progress, Reveal, Timeline, Tone,
};
pub use qr::qr_picture;
pub(crate) use qr::qr_svg;
pub(crate) use request::{Desk, Visitor, keep_language, owner_secret, session_secret, with_owner, with_session};
pub(crate) use table::{
    Accepts, Column, Cursor, Empty, Filter, ListFoot, ListHead, ListPage, ListQuery, ListSpec, Seek, Sort, SortKey,
};
pub(crate) use texts::{Language, Texts};

use crate::error::ServiceError;
use crate::http::{Problem, ProblemKind};

/// What a page may load: only from here, and scripts only from files.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    head: PageHead,
    notice: Notice,
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
    let mut response = (status, HtmlBody(html)).into_response();
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
    let title = texts.get("desk-sorry");
    let back = Action::open(texts.get("desk-back"), "/desk");
    page_with(
        status,
        &ErrorPage {
            frame: Frame::open(texts, Address::read("/desk", "")).titled(title.clone()),
            head: PageHead::new(title),
            notice: Notice::new(Tone::Bad, message).action(back),
        },
    )
}
