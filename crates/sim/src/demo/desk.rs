//! The desk from outside, as officers reach it: accounts sign in with password and one-time code, Nam's case is entered in
//! the form, a code asked for and read from the page. There is no other door to the authority's side.

use std::collections::BTreeMap;

use axum::http::{Method, header};
use device::sync::Side;
use protocol::time::{DAY_SECONDS, UnixSeconds};
use serde::Serialize;
use server::{auth::one_time_code, civil::CivilDate};

use super::wire::{Answer, NoAnswer, Wire};
use crate::{
    outbreak::{
        officers::{self, Account},
        people::Population,
    },
    world::Named,
};

/// Cookie of the desk's sessions.
const COOKIE: &str = "vunglam_desk=";
/// Length of a step of one-time codes, in seconds.
const CODE_SECONDS: i64 = 30;
/// A session whose one-time code is older than this is not handed out again: the desk would soon ask for a new one.
const FRESH_SECONDS: i64 = 300;
/// The account that confirms Nam's case.
const TRACER: &str = "tracer";
/// The role bar: name in addresses and login of each account, in the order of the page.
const ROLES: [(&str, &str); 8] = [
    ("administrator", "quantri"),
    (TRACER, "truyvet"),
    ("team-lead", "truongnhom"),
    ("epidemiologist", "dichte"),
    ("auditor", "kiemtra"),
    ("commune", "xa"),
    ("team-lead-2", "truongnhom2"),
    ("leadership", "lanhdao"),
];

/// How to get to the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskAccess {
    /// Address for a browser.
    pub url: String,
    /// Number the accounts' secrets were made from.
    pub seed: u64,
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

/// Why the desk did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskFailed {
    /// The desk is not reached.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// The account does not exist.
    #[error("the demo has no such role")]
    Role,
    /// Login, password or one-time code are not the desk's.
    #[error("the desk refused the account")]
    SignIn,
    /// A page is not what it should be.
    #[error("the desk answered {0} where the {1} was expected")]
    Page(u16, &'static str),
}

/// An account of the role bar as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RoleView {
    slug: &'static str,
    login: &'static str,
    name: &'static str,
    /// The one-time code of now.
    code: Option<String>,
}

/// A session of an account.
#[derive(Clone, Debug)]
struct Signed {
    cookie: String,
    proved_at: UnixSeconds,
    /// Step of the last one-time code; none works twice.
    step: i64,
}

/// The accounts with the sessions begun for them.
pub(super) struct Desk {
    pub(super) access: DeskAccess,
    accounts: BTreeMap<&'static str, Account>,
    signed: tokio::sync::Mutex<BTreeMap<&'static str, Signed>>,
}

impl Desk {
    pub(super) fn new(access: DeskAccess) -> Self {
        let all = officers::accounts();
        let account = |login: &str| all.iter().find(|account| account.login == login).cloned();
        let accounts = ROLES.iter().filter_map(|(slug, login)| Some((*slug, account(login)?)));
        Self {
            access,
            accounts: accounts.collect(),
            signed: tokio::sync::Mutex::default(),
        }
    }

    /// Returns the accounts of the role bar.
    pub(super) fn roles(&self, now: UnixSeconds) -> Vec<RoleView> {
        let view = |&(slug, login): &(&'static str, &'static str)| {
            let account = self.accounts.get(slug)?;
            Some(RoleView {
                slug,
                login,
                name: account.name,
                code: one_time_code(&account.secret(self.access.seed), now),
            })
        };
        ROLES.iter().filter_map(view).collect()
    }

    /// Returns the cookie of a session of a role: the one of before while it lives and its proof is fresh.
    ///
    /// # Errors
    ///
    /// [`DeskFailed`].
    pub(super) async fn enter(&self, wire: &Wire, slug: &str, now: UnixSeconds) -> Result<String, DeskFailed> {
        let (slug, account) = self.accounts.get_key_value(slug).ok_or(DeskFailed::Role)?;
        let mut signed = self.signed.lock().await;
        let before = signed.get(slug);
        if let Some(before) = before.filter(|before| now.0 - before.proved_at.0 < FRESH_SECONDS)
            && lives(wire, &before.cookie).await?
        {
            return Ok(before.cookie.clone());
        }
        let used = before.map_or(0, |before| before.step);
        let secret = account.secret(self.access.seed);
        let current = now.0.div_euclid(CODE_SECONDS);
        // The code of now may have been used by hand; the next one is accepted already.
        for step in (current..=current + 1).filter(|step| *step > used) {
            let code = one_time_code(&secret, UnixSeconds(step * CODE_SECONDS)).unwrap_or_default();
            if let Some(cookie) = sign_in(wire, &account.login, &code).await? {
                let fresh = Signed {
                    cookie: cookie.clone(),
                    proved_at: now,
                    step,
                };
                signed.insert(slug, fresh);
                return Ok(cookie);
            }
        }
        Err(DeskFailed::SignIn)
    }

    /// Has the tracer issue a code for Nam's case, which is opened first when it is not there; returns its address as well.
    ///
    /// # Errors
    ///
    /// [`DeskFailed`].
    pub(super) async fn issue_for_nam(
        &self,
        wire: &Wire,
        case: Option<String>,
        now: UnixSeconds,
    ) -> Result<(String, IssuedCode), DeskFailed> {
        let cookie = self.enter(wire, TRACER, now).await?;
        let session = Session { wire, cookie: &cookie };
        let form = session.get("/desk/cases/new", "new case").await?;
        let token = value_after(&form, "name=\"form_token\" value=\"");
        let path = match case {
            Some(path) => path,
            None => {
                let answer = session.post("/desk/cases", nam_form(&token, now)).await?;
                let opened = location(&answer).filter(|path| answer.status == 303 && is_case(path));
                opened.ok_or(DeskFailed::Page(answer.status, "new case"))?
            }
        };
        let code = issue(&session, &path, &token, now).await?;
        Ok((path, code))
    }
}

/// Returns whether an address is that of a case and of nothing else.
pub(super) fn is_case(path: &str) -> bool {
    let id = path.strip_prefix("/desk/cases/");
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// What the tracer enters: symptoms began yesterday, the test is of today.
fn nam_form(token: &str, now: UnixSeconds) -> String {
    let nam = Named::Nam;
    let fields = [
        ("form_token", token.to_owned()),
        ("label", String::new()),
        ("finding", "confirmed".into()),
        ("state", "confirmed".into()),
        ("test_date", CivilDate::today(now).iso()),
        ("onset_date", CivilDate::today(now.plus(-DAY_SECONDS)).iso()),
        ("name", nam.full_name().into()),
        ("phone", Population::story_phone(nam)),
        ("address", Population::story_address(nam)),
        ("unit", Population::story_commune(nam).into()),
    ];
    let pairs = fields.map(|(name, value)| format!("{name}={}", encoded(&value)));
    pairs.join("&")
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

/// Returns whether the desk still knows a session.
async fn lives(wire: &Wire, cookie: &str) -> Result<bool, NoAnswer> {
    let headers = [("cookie", cookie)];
    let answer = wire
        .call(Side::Authority, Method::GET, "/desk", &headers, Vec::new())
        .await?;
    Ok(answer.status < 400 && location(&answer).is_none_or(|path| !path.starts_with("/desk/sign-in")))
}

/// Signs in; `None` when the desk refuses.
async fn sign_in(wire: &Wire, login: &str, code: &str) -> Result<Option<String>, DeskFailed> {
    let anonymous = Session { wire, cookie: "" };
    let form = format!(
        "login={}&password={}&code={code}",
        encoded(login),
        encoded(officers::PASSWORD)
    );
    let answer = anonymous.post("/desk/sign-in", form).await?;
    let cookie = answer.headers.get(header::SET_COOKIE);
    let cookie = cookie.and_then(|value| value.to_str().ok()?.split(';').next());
    match (answer.status, cookie) {
        (303, Some(cookie)) if cookie.starts_with(COOKIE) => Ok(Some(cookie.to_owned())),
        (401, _) => Ok(None),
        (status, _) => Err(DeskFailed::Page(status, "desk")),
    }
}

/// A browser with a cookie.
pub(super) struct Session<'a> {
    pub(super) wire: &'a Wire,
    pub(super) cookie: &'a str,
}

impl Session<'_> {
    pub(super) async fn get(&self, path: &str, page: &'static str) -> Result<String, DeskFailed> {
        let headers = [("cookie", self.cookie)];
        let answer = self
            .wire
            .call(Side::Authority, Method::GET, path, &headers, Vec::new())
            .await?;
        match answer.status {
            200 => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
            status => Err(DeskFailed::Page(status, page)),
        }
    }

    pub(super) async fn post(&self, path: &str, form: String) -> Result<Answer, NoAnswer> {
        let headers = [
            ("cookie", self.cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.wire
            .call(Side::Authority, Method::POST, path, &headers, form.into_bytes())
            .await
    }
}

pub(super) fn location(answer: &Answer) -> Option<String> {
    answer.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned)
}

/// Returns what stands between `mark` and the next quotation mark.
pub(super) fn value_after(page: &str, mark: &str) -> String {
    // The page's own sign-out form carries the same token: any will do.
    let rest = page.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn value_after_tag(page: &str, tag: &str) -> String {
    let rest = page.split_once(tag).map_or("", |(_, rest)| rest);
    rest.split('<').next().unwrap_or_default().trim().to_owned()
}

pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
