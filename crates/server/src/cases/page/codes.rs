//! The verification codes of a case: issued, read out once, followed.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::super::bulk::{facts, link, send_link};
use super::super::files::load_file;
use super::super::looks::{Act, record};
use super::super::model::CaseFile;
use super::moment;
use crate::app::AuthorityApp;
use crate::audit::{Action, Purpose};
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::clock_time;
use crate::codes::{CodeState, Issue, IssueStatus, issue_codes, list_issues};
use crate::console::{Desk, Frame, Mark, Notice, PageHead, Shape, Texts, Tone, page, sorry};
use crate::error::ServiceError;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route(
            "/desk/cases/{case_id}/codes",
            Access::Needs(Permission::CodeIssue),
            show,
        ),
        form(
            "/desk/cases/{case_id}/codes",
            Access::Needs(Permission::CodeIssue),
            submit,
        ),
        route(
            "/desk/cases/{case_id}/state",
            Access::Needs(Permission::CodeIssue),
            show_state,
        ),
    ]
}

#[derive(Template)]
#[template(path = "cases/codes.html")]
struct CodesPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    path: String,
    notice: Option<Notice>,
    code: Option<CodeView>,
    issues: Vec<IssueRow>,
}

/// The form of a new code.
#[derive(Default, Deserialize)]
#[serde(default)]
struct IssueForm {
    form_token: String,
    /// Not empty: the link goes out by message.
    send: String,
}

/// A freshly issued code: on this page and nowhere else.
struct CodeView {
    groups: Vec<Vec<char>>,
    plain: String,
    link: String,
    short_until: String,
    seconds_left: i64,
    link_until: String,
    issue_id: String,
}

struct IssueRow {
    issued: String,
    mark: Mark,
    short_until: String,
    claimed: String,
    certified: String,
}

/// Where the newest issue of a case stands, for the page's script.
#[derive(Serialize)]
struct StateView {
    issue_id: Option<String>,
    state: Option<&'static str>,
    words: Option<String>,
}

async fn show(State(app): State<AuthorityApp>, Path(case_id): Path<String>, desk: Desk) -> Response {
    let shown = match load_file(&app, &desk.session, &case_id).await {
        Ok(case) => codes_page(&app, &desk, &case, None).await,
        Err(error) => Err(error),
    };
    shown.map_or_else(|error| sorry(desk.texts, error), |codes| page(&codes))
}

/// Shows the new code once. It is not stored, so the page cannot be shown again.
async fn submit(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    form: Filled<IssueForm>,
) -> Response {
    let form = filled(form);
    let shown = match issue(&app, &desk, &case_id, &form).await {
        Ok((case, issue)) => shown_once(&app, &desk, &case, &issue, !form.send.is_empty()).await,
        Err(error) => Err(error),
    };
    shown.map_or_else(|error| sorry(desk.texts, error), |codes| page(&codes))
}

async fn issue(
    app: &AuthorityApp,
    desk: &Desk,
    case_id: &str,
    form: &IssueForm,
) -> Result<(CaseFile, Issue), ServiceError> {
    desk.session.check_form(&form.form_token)?;
    let case = load_file(app, &desk.session, case_id).await?;
    if !case.state.is_source() {
        return Err(ServiceError::Conflict {
            why: "only a confirmed case gets a code",
        });
    }
    let people: Vec<_> = case.person.into_iter().collect();
    let act = Act {
        purpose: Purpose::CodeIssue,
        ..Act::tracing(Action::CODE_ISSUE, &people, &[], Some(case_id))
    };
    record(app, &desk.session, act).await?;
    let issue = issue_codes(app, case_id, &facts(&case)).await?;
    Ok((case, issue))
}

/// Returns the page with a new code; if asked to, its link goes out by message first.
async fn shown_once(
    app: &AuthorityApp,
    desk: &Desk,
    case: &CaseFile,
    issue: &Issue,
    send: bool,
) -> Result<CodesPage, ServiceError> {
    let texts = desk.texts;
    let mut notice = None;
    if send {
        let write = |link: &str| texts.with("desk-bulk-message", "link", link);
        notice = Some(match send_link(app, case, issue, &write).await {
            Ok(()) => Notice::new(Tone::Good, texts.get("desk-message-sent")),
            Err(ServiceError::Invalid { .. } | ServiceError::NotFound { .. }) => {
                Notice::new(Tone::Warn, texts.get("desk-message-no-phone"))
            }
            Err(other) => return Err(other),
        });
    }
    let codes = codes_page(app, desk, case, Some(issue)).await?;
    Ok(CodesPage { notice, ..codes })
}

async fn show_state(State(app): State<AuthorityApp>, Path(case_id): Path<String>, desk: Desk) -> Response {
    let listed = match load_file(&app, &desk.session, &case_id).await {
        Ok(_) => list_issues(&app, &case_id).await,
        Err(error) => Err(error),
    };
    match listed {
        Ok(issues) => {
            let newest = issues.first();
            Json(StateView {
                issue_id: newest.map(|issue| issue.issue_id.clone()),
                state: newest.map(|issue| issue.state.word()),
                words: newest.map(|issue| words(desk.texts, issue.state)),
            })
            .into_response()
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn codes_page(
    app: &AuthorityApp,
    desk: &Desk,
    case: &CaseFile,
    issue: Option<&Issue>,
) -> Result<CodesPage, ServiceError> {
    let texts = desk.texts;
    let issues = list_issues(app, &case.case_id).await?;
    let path = format!("/desk/cases/{}", case.case_id);
    let title = texts.with("cases-codes-of", "case", &case.label);
    Ok(CodesPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title)
            .under(case.label.clone(), path.clone())
            .lead(texts.get("cases-codes-lead")),
        notice: None,
        code: issue.map(|issue| code_view(app, issue)),
        issues: issues.iter().map(|issue| issue_row(texts, issue)).collect(),
        path,
        texts,
    })
}

fn issue_row(texts: Texts, issue: &IssueStatus) -> IssueRow {
    let shape = match issue.state {
        CodeState::Issued => Shape::Ring,
        CodeState::Claimed => Shape::Half,
        CodeState::Certified => Shape::Disc,
        CodeState::Withdrawn | CodeState::Expired => Shape::Diamond,
    };
    IssueRow {
        issued: moment(issue.issued_at),
        mark: Mark::new(shape, words(texts, issue.state)),
        // A code that only went out as a link has no short form.
        short_until: if issue.short_until > issue.issued_at {
            clock_time(issue.short_until)
        } else {
            String::new()
        },
        claimed: issue.claimed_at.map(moment).unwrap_or_default(),
        certified: issue.certified_at.map(moment).unwrap_or_default(),
    }
}

fn code_view(app: &AuthorityApp, issue: &Issue) -> CodeView {
    let signs: Vec<char> = issue.short.reveal().chars().collect();
    CodeView {
        groups: signs.chunks(4).map(<[char]>::to_vec).collect(),
        plain: issue.short.grouped(),
        link: link(app, issue.link.reveal()),
        short_until: clock_time(issue.short_until),
        seconds_left: issue.short_until.0 - app.clock.now().0,
        link_until: moment(issue.link_until),
        issue_id: issue.issue_id.clone(),
    }
}

fn words(texts: Texts, state: CodeState) -> String {
    texts.get(&format!("desk-state-{}", state.word()))
}
