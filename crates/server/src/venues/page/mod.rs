//! Pages of owners, which anybody may open, and of whoever stands in front of a poster.

mod door;
mod register;
mod venue;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use super::owner::{Owner, resume};
use crate::app::AuthorityApp;
use crate::auth::access::{Access, Route, form, page as route};
use crate::console::{
    Action, Choice, Field, Frame, Notice, PageHead, Texts, Tone, Visitor, go, owner_secret, page_with,
};
use crate::error::ServiceError;
use crate::geo::{Tier, UnitId};
use crate::http::Problem;

/// The routes of the feature's pages.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route("/venues", Access::Public, door::show),
        route("/venues/sign-in", Access::Public, door::show_sign_in),
        form("/venues/sign-in", Access::Public, door::submit_sign_in),
        form("/venues/sign-in/code", Access::Public, door::submit_code),
        form("/venues/sign-out", Access::Public, door::submit_sign_out),
        route("/venues/new", Access::Public, register::show),
        form("/venues/new", Access::Public, register::submit),
        form("/venues/new/code", Access::Public, register::submit_code),
        route("/venues/{venue_id}", Access::Public, venue::show),
        route("/venues/{venue_id}/poster/{size}", Access::Public, venue::poster),
        route("/venues/{venue_id}/renew", Access::Public, venue::show_renew),
        form("/venues/{venue_id}/renew", Access::Public, venue::submit_renew),
    ]
}

/// An owner who is signed in, with language and address.
pub(crate) struct Own {
    pub(crate) visitor: Visitor,
    pub(crate) owner: Owner,
}

impl FromRequestParts<AuthorityApp> for Own {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AuthorityApp) -> Result<Self, Response> {
        let visitor = Visitor::of(parts, app)?;
        match resume(app, owner_secret(&parts.headers).as_deref()).await {
            Ok(owner) => Ok(Self { visitor, owner }),
            Err(error) => Err(sorry(&visitor, error)),
        }
    }
}

/// Whoever opens a page, signed in as an owner or not.
pub(super) struct Anyone {
    pub(super) visitor: Visitor,
    pub(super) owner: Option<Owner>,
}

impl FromRequestParts<AuthorityApp> for Anyone {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AuthorityApp) -> Result<Self, Response> {
        let visitor = Visitor::of(parts, app)?;
        match resume(app, owner_secret(&parts.headers).as_deref()).await {
            Ok(owner) => Ok(Self {
                visitor,
                owner: Some(owner),
            }),
            Err(ServiceError::Unauthenticated) => Ok(Self { visitor, owner: None }),
            Err(error) => Err(sorry(&visitor, error)),
        }
    }
}

/// A page that is a form and nothing else.
#[derive(askama::Template)]
#[template(path = "form.html")]
pub(crate) struct FormPage {
    pub(crate) frame: Frame,
    pub(crate) head: PageHead,
    pub(crate) notice: Option<Notice>,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) button: String,
}

#[derive(askama::Template)]
#[template(path = "venues/sorry.html")]
struct SorryPage {
    frame: Frame,
    head: PageHead,
    notice: Notice,
}

/// Returns the frame of an owner's page.
pub(crate) fn frame(visitor: &Visitor, title: &str) -> Frame {
    visitor
        .frame()
        .titled(title)
        .outside("/venues", visitor.texts.get("venue-motto"))
}

/// Answers somebody whose request was not done; whoever is not signed in gets the sign-in page.
pub(crate) fn sorry(visitor: &Visitor, error: ServiceError) -> Response {
    if matches!(error, ServiceError::Unauthenticated) {
        return go("/venues/sign-in");
    }
    let texts = visitor.texts;
    let message = refusal(texts, &error);
    let status = axum::response::IntoResponse::into_response(Problem::from(error)).status();
    let title = texts.get("desk-sorry");
    page_with(
        status,
        &SorryPage {
            frame: frame(visitor, &title),
            head: PageHead::new(title),
            notice: Notice::new(Tone::Bad, message).action(Action::open(texts.get("desk-back"), "/venues")),
        },
    )
}

/// Returns what an owner is told about a refusal.
fn refusal(texts: Texts, error: &ServiceError) -> String {
    match error {
        ServiceError::Unavailable { what: "the search" } => texts.get("venue-warming"),
        ServiceError::Unavailable { what: "the carrier" } => texts.get("venue-no-carrier"),
        ServiceError::Conflict { why } if why.starts_with("a venue") => texts.get("gate-too-many"),
        ServiceError::Conflict { .. } => texts.get("venue-too-many"),
        ServiceError::NotFound { what: "owner" } => texts.get("venue-no-owner"),
        ServiceError::NotFound { .. } => texts.get("venue-not-found"),
        error => texts.refusal(error),
    }
}

/// Returns what is wrong with a field of a form of these pages.
pub(crate) fn field_error(texts: Texts, error: &ServiceError, field: &str) -> Option<String> {
    match error {
        ServiceError::Invalid { field: wrong, .. } if *wrong == field => {
            Some(texts.get(&format!("venue-wrong-{}", field.replace('_', "-"))))
        }
        _ => None,
    }
}

/// Returns what to say on top of a form that was not taken.
pub(crate) fn form_notice(texts: Texts, error: &ServiceError) -> Notice {
    let text = match error {
        ServiceError::Invalid { .. } => texts.get("venue-check-form"),
        error => refusal(texts, error),
    };
    Notice::new(Tone::Bad, text)
}

/// Returns the page that asks for the digits.
pub(super) fn code_page(
    visitor: &Visitor,
    action: &str,
    hidden: Vec<(&'static str, String)>,
    phone: &str,
    error: Option<&ServiceError>,
) -> FormPage {
    let texts = visitor.texts;
    let title = texts.get("proof-title");
    let field = Field::digits(texts, "code", texts.get("proof-code"))
        .completes("one-time-code")
        .help(texts.get("proof-code-help"))
        .error(error.and_then(|error| field_error(texts, error, "code")))
        .required()
        .focused();
    FormPage {
        frame: frame(visitor, &title),
        head: PageHead::new(title).lead(texts.with("proof-lead", "phone", phone)),
        notice: error.map(|error| form_notice(texts, error)),
        action: action.to_owned(),
        hidden,
        fields: vec![field],
        button: texts.get("proof-confirm"),
    }
}

/// Returns the communes of the authority's province that are valid today.
pub(super) fn communes(app: &AuthorityApp) -> Vec<Choice> {
    let today = crate::civil::CivilDate::today(app.clock.now());
    let province = app.geo.by_code(&app.config.province, today);
    let province = province.ok().filter(|unit| unit.tier() == Tier::PROVINCE);
    let found = province.map_or_else(Vec::new, |unit| app.geo.communes(unit.id, today));
    found
        .into_iter()
        .map(|(unit, name)| Choice::new(&unit.number().to_string(), name))
        .collect()
}

/// Reads a commune that was chosen.
pub(super) fn commune(app: &AuthorityApp, chosen: &str) -> Result<i64, ServiceError> {
    let unit = chosen.trim().parse().ok().and_then(UnitId::from_number);
    let unit = unit.filter(|unit| unit.tier() == Tier::COMMUNE && app.geo.unit(*unit).is_some());
    unit.map(UnitId::number).ok_or(ServiceError::Invalid {
        field: "commune",
        why: "is no commune",
    })
}

pub(crate) const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
