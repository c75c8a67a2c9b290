//! Who is asking for a page, in which language, and whether a form may be trusted.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use cookie::{Cookie, SameSite};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Address, Frame, Language, Person, Texts, sorry};
use crate::app::AuthorityApp;
use crate::auth::{Permission, SESSION_SECONDS, Session};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::http::source::Source;

const SESSION_COOKIE: &str = "vunglam_desk";
const OWNER_COOKIE: &str = "vunglam_owner";
const LANGUAGE_COOKIE: &str = "vunglam_lang";

/// Anybody who opens a page.
pub(crate) struct Visitor {
    pub(crate) texts: Texts,
    pub(crate) source: Source,
    /// The page that is asked for; the first one when a form is sent.
    pub(crate) here: Address,
}

/// Somebody who is signed in.
pub(crate) struct Desk {
    pub(crate) texts: Texts,
    pub(crate) session: Session,
    /// Name of the officer's unit; nothing for the whole nation.
    pub(crate) unit: Option<String>,
    /// The page that is asked for; the first one when a form is sent.
    pub(crate) here: Address,
}

impl Visitor {
    /// Returns the frame of a page that anybody may open.
    pub(crate) fn frame(&self) -> Frame {
        Frame::open(self.texts, self.here.clone())
    }
}

impl Desk {
    /// Puts a visitor and the session together.
    pub(crate) fn new(app: &AuthorityApp, visitor: Visitor, session: Session) -> Self {
        Self {
            texts: visitor.texts,
            unit: unit_name(app, &session),
            session,
            here: visitor.here,
        }
    }

    /// Returns the frame of a page for whoever is signed in.
    pub(crate) fn frame(&self) -> Frame {
        let texts = self.texts;
        let officer = &self.session.officer;
        let role = texts.get(&format!("auth-role-{}", officer.role.word().replace('_', "-")));
        Frame {
            nav: super::navigation::of(texts, officer.role).at(self.here.path()),
            person: Some(Person {
                name: officer.name.clone(),
                role,
            }),
            form_token: Some(self.session.form_token.clone()),
            lookup: officer.role.may(Permission::CaseRead).then_some("/desk/find"),
            draft_session: Some(draft_session(&self.session.form_token)),
            ..Frame::open(texts, self.here.clone())
        }
        .scoped(self.unit.clone().unwrap_or_else(|| texts.get("auth-nation")), None)
    }
}

/// Returns the name of an officer's unit; nothing for the whole nation.
fn unit_name(app: &AuthorityApp, session: &Session) -> Option<String> {
    let unit = UnitId::from_number(session.officer.scope.unit)?;
    Some(app.geo.unit(unit)?.full_name())
}

/// Returns the name under which a browser keeps this session's drafts: it does not lead back to the session.
fn draft_session(form_token: &str) -> String {
    let digest = Sha256::new().chain_update("drafts").chain_update(form_token).finalize();
    hex::encode(&digest[..12])
}

#[derive(Deserialize)]
struct LanguageQuery {
    lang: Option<String>,
}

impl Visitor {
    /// Reads language and source; a form from another site is refused.
    #[expect(clippy::result_large_err, reason = "the answer is the error")]
    pub(crate) fn of(parts: &Parts, app: &AuthorityApp) -> Result<Self, Response> {
        let texts = Texts(language(parts));
        if !parts.method.is_safe() && !is_same_site(&parts.headers) {
            return Err(sorry(texts, ServiceError::Forbidden));
        }
        let header = app.config.client_address_header.as_deref();
        let here = if parts.method.is_safe() {
            Address::of(&parts.uri)
        } else {
            Address::read(start_of(parts.uri.path()), "")
        };
        Ok(Self {
            texts,
            here,
            source: Source::of(&parts.headers, &parts.extensions, header),
        })
    }
}

impl FromRequestParts<AuthorityApp> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AuthorityApp) -> Result<Self, Response> {
        Self::of(parts, app)
    }
}

impl FromRequestParts<AuthorityApp> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AuthorityApp) -> Result<Self, Response> {
        let visitor = Visitor::of(parts, app)?;
        match parts.extensions.get::<Session>() {
            Some(session) => Ok(Self::new(app, visitor, session.clone())),
            None => Err(sorry(visitor.texts, ServiceError::Unauthenticated)),
        }
    }
}

/// Returns the first page of the part that a form belongs to.
fn start_of(path: &str) -> &'static str {
    let is_outside = ["/venues", "/v/", "/V/"].iter().any(|part| path.starts_with(part));
    if is_outside { "/venues" } else { "/desk" }
}

/// Returns the secret in the session's cookie.
pub(crate) fn session_secret(headers: &HeaderMap) -> Option<String> {
    cookie(headers, SESSION_COOKIE)
}

/// Returns the secret in the cookie of an owner's session.
pub(crate) fn owner_secret(headers: &HeaderMap) -> Option<String> {
    cookie(headers, OWNER_COOKIE)
}

/// Returns `response` with the cookie of an owner's session of `seconds`; an empty secret removes it.
pub(crate) fn with_owner(response: Response, secret: &str, seconds: i64, secure: bool) -> Response {
    with_cookie(response, (OWNER_COOKIE, "/venues"), secret, seconds, secure)
}

/// Returns `response` with the cookie of a session; an empty secret removes it.
pub(crate) fn with_session(response: Response, secret: &str, secure: bool) -> Response {
    with_cookie(response, (SESSION_COOKIE, "/desk"), secret, SESSION_SECONDS, secure)
}

fn with_cookie(
    mut response: Response,
    (name, path): (&'static str, &'static str),
    secret: &str,
    seconds: i64,
    secure: bool,
) -> Response {
    let lasting = if secret.is_empty() { 0 } else { seconds };
    let cookie = Cookie::build((name, secret.to_owned()))
        .path(path)
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::seconds(lasting))
        .build();
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Returns `response` with the language kept for the next pages when the address chose one.
pub(crate) async fn keep_language(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let chosen = chosen_language(request.uri().query());
    let mut response = next.run(request).await;
    if let Some(language) = chosen {
        let cookie = format!(
            "{LANGUAGE_COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000",
            language.code()
        );
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

fn chosen_language(query: Option<&str>) -> Option<Language> {
    let uri = axum::http::Uri::builder()
        .path_and_query(format!("/?{}", query?))
        .build()
        .ok()?;
    let Query(query) = Query::<LanguageQuery>::try_from_uri(&uri).ok()?;
    Language::parse(&query.lang?)
}

fn language(parts: &Parts) -> Language {
    let kept = || cookie(&parts.headers, LANGUAGE_COOKIE).and_then(|code| Language::parse(&code));
    chosen_language(parts.uri.query()).or_else(kept).unwrap_or_default()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|text| Cookie::split_parse(text.to_owned()).flatten().collect::<Vec<_>>())
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Browsers say where a form was sent from; what says nothing is no browser and carries nobody's cookies.
fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => site == "same-origin",
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
        (None, Some(_), None) => false,
        (None, None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn forms_from_other_sites_are_not_trusted() {
        assert!(is_same_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_same_site(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_same_site(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_same_site(&headers(&[
            ("origin", "https://desk.example"),
            ("host", "desk.example")
        ])));
        assert!(!is_same_site(&headers(&[
            ("origin", "https://evil.example"),
            ("host", "desk.example")
        ])));
        assert!(!is_same_site(&headers(&[("origin", "null"), ("host", "desk.example")])));
    }
}
