//! `/desk/audit/verify`: whether the record is as it was written, and the root to keep elsewhere.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use std::time::Duration;

use super::note;
use super::page::{LIST, moment};
use crate::app::AuthorityApp;
use crate::audit::{
    Action as Act, CheckRun, Report, RootCopy, check_in_background, newest_check, newest_root, read_copies, text_id,
};
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::console::{Desk, Facts, Field, Frame, Notice, PageHead, Texts, Tone, go, page, page_with, sorry};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// How long the button waits for the verdict before the page that shows the progress opens.
const PATIENCE: Duration = Duration::from_secs(1);
/// Seconds after which the page of a running check loads itself again.
const AGAIN: HeaderValue = HeaderValue::from_static("2");

#[derive(Template)]
#[template(path = "audit/verify.html")]
struct VerifyPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    state: Option<Notice>,
    facts: Option<Facts>,
    flaws: Vec<FlawRow>,
    untold: Option<String>,
    root: Option<RootView>,
    copies: Field,
}

struct FlawRow {
    what: String,
    chain: String,
    number: String,
}

/// The newest root, to be kept off the machine.
struct RootView {
    facts: Facts,
    json: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VerifyForm {
    form_token: String,
    copies: String,
}

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let read = Access::Needs(Permission::AuditRead);
    vec![
        route("/desk/audit/verify", read, show_verify),
        form("/desk/audit/verify", read, submit_verify),
    ]
}

async fn show_verify(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let run = newest_check(&app);
    let is_running = run.as_ref().is_some_and(|run| run.verdict().is_none());
    match verify_page(&app, &desk, run.as_deref(), None).await {
        Ok(verify) => {
            let mut response = page(&verify);
            if is_running {
                response.headers_mut().insert(header::REFRESH, AGAIN);
            }
            response
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_verify(State(app): State<AuthorityApp>, desk: Desk, form: Filled<VerifyForm>) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let copies: Vec<RootCopy> = match read_copies(form.copies.trim()) {
        Ok(copies) => copies,
        Err(line) => {
            let wrong = Some((form.copies.as_str(), line));
            return match verify_page(&app, &desk, None, wrong).await {
                Ok(verify) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &verify),
                Err(error) => sorry(desk.texts, error),
            };
        }
    };
    if let Err(error) = note(&app, &desk.session, Act::AUDIT_VERIFY, copies.len()).await {
        return sorry(desk.texts, error);
    }
    let run = check_in_background(&app, copies);
    // A short record is judged before the page opens; a long one shows how far it is.
    let _ = tokio::time::timeout(PATIENCE, run.end()).await;
    go("/desk/audit/verify")
}

async fn verify_page(
    app: &AuthorityApp,
    desk: &Desk,
    run: Option<&CheckRun>,
    wrong: Option<(&str, usize)>,
) -> Result<VerifyPage, ServiceError> {
    let texts = desk.texts;
    let title = texts.get("audit-verify");
    let report = run.and_then(CheckRun::verdict).and_then(|(_, report)| report);
    let told = report.map_or(0, |report| report.told.len() as u64);
    let untold = report.map(|report| report.flaws - told).filter(|rest| *rest > 0);
    let error = wrong.map(|(_, line)| texts.with("audit-wrong-copies", "line", &line.to_string()));
    let copies = Field::area(texts, "copies", texts.get("audit-copies"), 4).help(texts.get("audit-copies-help"));
    Ok(VerifyPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title)
            .under(texts.get("console-nav-audit"), LIST)
            .lead(texts.get("audit-verify-lead")),
        state: run.map(|run| state(texts, run)),
        facts: report.map(|report| facts(texts, report)),
        flaws: report.map(|report| flaws(texts, report)).unwrap_or_default(),
        untold: untold.map(|rest| texts.with("audit-untold", "count", &number(texts, rest))),
        root: newest_root(&app.db).await?.map(|root| root_view(texts, &root)),
        copies: copies
            .at_most(15_000)
            .value(wrong.map_or("", |(typed, _)| typed))
            .error(error),
        texts,
    })
}

fn state(texts: Texts, run: &CheckRun) -> Notice {
    let words = |id: &str, at: UnixSeconds| texts.with(id, "time", &moment(at));
    match run.verdict() {
        None => {
            let read = number(texts, run.lines_read());
            let text = texts.fill("audit-running", &[("count", &read), ("time", &moment(run.begun))]);
            Notice::new(Tone::Info, text)
        }
        Some((at, None)) => Notice::new(Tone::Bad, words("audit-check-failed", at)),
        Some((at, Some(report))) if report.is_whole() => {
            Notice::new(Tone::Good, words("audit-whole-text", at)).titled(texts.get("audit-whole"))
        }
        Some((at, Some(report))) => {
            let title = texts.with("audit-flawed", "count", &number(texts, report.flaws));
            Notice::new(Tone::Bad, words("audit-flawed-text", at)).titled(title)
        }
    }
}

fn number(texts: Texts, value: u64) -> String {
    texts.number(i64::try_from(value).unwrap_or(i64::MAX))
}

fn facts(texts: Texts, report: &Report) -> Facts {
    let count = |id: &str, value: u64| (texts.get(id), Some(number(texts, value)));
    let rows = vec![
        count("audit-entries", report.entries),
        count("audit-objects", report.objects),
        count("audit-chains", report.chains),
        count("audit-pruned", report.pruned),
        count("audit-root-count", report.roots),
        count("audit-copy-count", report.copies),
    ];
    Facts { texts, rows }
}

fn flaws(texts: Texts, report: &Report) -> Vec<FlawRow> {
    let row = |flaw: &crate::audit::Flaw| FlawRow {
        what: texts.get(&text_id("flaw", &flaw.kind.word())),
        chain: flaw
            .writer
            .as_deref()
            .map(|writer| writer.chars().take(8).collect())
            .unwrap_or_default(),
        number: texts.number(flaw.number),
    };
    report.told.iter().map(row).collect()
}

fn root_view(texts: Texts, root: &RootCopy) -> RootView {
    let hour = root.hour().map(|hour| moment(UnixSeconds(hour)));
    let rows = vec![
        (texts.get("audit-root-number"), Some(texts.number(root.number))),
        (texts.get("audit-root-hour"), hour),
        (texts.get("audit-root-hash"), Some(hex::encode(root.hash))),
    ];
    RootView {
        facts: Facts { texts, rows },
        json: root.json(),
    }
}
