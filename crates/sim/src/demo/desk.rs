//! Confirms a case the way an officer does: signs in at the desk, fills in the form, asks for a code and reads it from the
//! page. There is no other door to the authority's side.

use axum::http::{Method, header};
use device::sync::Side;
use protocol::time::{DAY_SECONDS, UnixSeconds};
use serde::Serialize;
use server::civil::CivilDate;

use super::wire::{Answer, NoAnswer, Wire};

/// How to get to the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeskAccess {
    /// Address for a browser.
    pub url: String,
    /// The desk has one account.
    pub user: String,
    /// Its password, printed at first start.
    pub password: String,
}

/// A code as the desk's page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuedCode {
    /// To be read out.
    pub short: String,
    /// To be sent.
    pub link: String,
    /// When the short code ends.
    pub short_until: UnixSeconds,
    /// When the link ends (docs/spec/upload.md U21).
    pub link_until: UnixSeconds,
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskFailed {
    /// The desk is not reached.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// The password is not the desk's.
    #[error("the desk refused the password")]
    Password,
    /// A page is not what it should be.
    #[error("the desk answered {0} where the {1} was expected")]
    Page(u16, &'static str),
}

/// Confirms a case whose symptoms began yesterday and whose test is of today.
///
/// # Errors
///
/// [`DeskFailed`].
pub(super) async fn confirm_case(wire: &Wire, password: &str, now: UnixSeconds) -> Result<IssuedCode, DeskFailed> {
    let desk = Session::begin(wire, password).await?;
    let token = value_after(
        &desk.get("/desk/cases/new", "new case").await?,
        "name=\"form_token\" value=\"",
    );
    let today = CivilDate::today(now).iso();
    let yesterday = CivilDate::today(now.plus(-DAY_SECONDS)).iso();
    let form = format!("form_token={token}&label=&finding=confirmed&test_date={today}&onset_date={yesterday}");
    let answer = desk.post("/desk/cases", form).await?;
    let path = location(&answer)
        .filter(|_| answer.status == 303)
        .ok_or(DeskFailed::Page(answer.status, "new case"))?;
    issue(&desk, &path, &token, now).await
}

async fn issue(desk: &Session<'_>, path: &str, token: &str, now: UnixSeconds) -> Result<IssuedCode, DeskFailed> {
    let answer = desk
        .post(&format!("{path}/codes"), format!("form_token={token}"))
        .await?;
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    let short = value_after_tag(&page, "<p class=\"vh\">");
    let link = value_after(&page, "#code=");
    let seconds: Option<i64> = value_after(&page, "data-seconds=\"").parse().ok();
    match seconds {
        Some(seconds) if answer.status == 200 && !short.is_empty() && !link.is_empty() => Ok(IssuedCode {
            short,
            link,
            short_until: now.plus(seconds),
            link_until: now.plus(DAY_SECONDS),
        }),
        _ => Err(DeskFailed::Page(answer.status, "code")),
    }
}

/// A signed-in session.
struct Session<'a> {
    wire: &'a Wire,
    cookie: String,
}

impl<'a> Session<'a> {
    async fn begin(wire: &'a Wire, password: &str) -> Result<Self, DeskFailed> {
        let anonymous = Self {
            wire,
            cookie: String::new(),
        };
        let answer = anonymous
            .post("/desk/sign-in", format!("password={}", encoded(password)))
            .await?;
        let cookie = answer
            .headers
            .get(header::SET_COOKIE)
            .and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let cookie = cookie.filter(|_| answer.status == 303).ok_or(DeskFailed::Password)?;
        Ok(Self { wire, cookie })
    }

    async fn get(&self, path: &str, page: &'static str) -> Result<String, DeskFailed> {
        let headers = [("cookie", self.cookie.as_str())];
        let answer = self
            .wire
            .call(Side::Authority, Method::GET, path, &headers, Vec::new())
            .await?;
        match answer.status {
            200 => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
            status => Err(DeskFailed::Page(status, page)),
        }
    }

    async fn post(&self, path: &str, form: String) -> Result<Answer, NoAnswer> {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.wire
            .call(Side::Authority, Method::POST, path, &headers, form.into_bytes())
            .await
    }
}

fn location(answer: &Answer) -> Option<String> {
    answer.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned)
}

/// Returns what stands between `mark` and the next quotation mark.
fn value_after(page: &str, mark: &str) -> String {
    // The page's own sign-out form carries the same token: any will do.
    let rest = page.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn value_after_tag(page: &str, tag: &str) -> String {
    let rest = page.split_once(tag).map_or("", |(_, rest)| rest);
    rest.split('<').next().unwrap_or_default().trim().to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
