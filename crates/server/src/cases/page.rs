//! The desk's pages about cases: the list, confirming one, reading out its code.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

use super::{ConfirmedCase, NewCase, confirm_case, issue_codes_for, list_cases, load_case};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::BareForm;
use crate::civil::{CivilDate, clock_time};
use crate::codes::{CodeState, Finding, Issue, IssueStatus, list_issues};
use crate::console::{Desk, Frame, Texts, go, page, page_with, sorry};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Most cases on the list.
const LISTED: u32 = 200;

/// Where a code stands, as form and words.
struct Mark {
    form: &'static str,
    words: String,
}

/// A case as the list shows it.
struct CaseRow {
    path: String,
    label: String,
    finding: &'static str,
    test_date: String,
    onset_date: Option<String>,
    confirmed: String,
    state: Option<Mark>,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    texts: Texts,
    cases: Vec<CaseRow>,
}

#[derive(Template)]
#[template(path = "new_case.html")]
struct NewCasePage {
    frame: Frame,
    texts: Texts,
    message: Option<String>,
    form: CaseForm,
    today: String,
    first_test: String,
    first_onset: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    texts: Texts,
    case: CaseRow,
    code: Option<CodeView>,
    issues: Vec<IssueRow>,
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
    state: Mark,
    short_until: String,
    claimed: Option<String>,
    certified: Option<String>,
}

/// The form that confirms a case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CaseForm {
    form_token: String,
    label: String,
    finding: String,
    test_date: String,
    onset_date: String,
}

/// Where the newest issue of a case stands, for the page's script.
#[derive(Serialize)]
pub(crate) struct StateView {
    issue_id: Option<String>,
    state: Option<&'static str>,
    words: Option<String>,
}

/// The routes of this file.
pub(crate) fn routes() -> Vec<Route> {
    use Permission::{CaseConvert, CaseRead, CodeIssue};
    vec![
        route("/desk/cases", Access::Needs(CaseRead), show_cases),
        route("/desk/cases/new", Access::Needs(CaseConvert), show_new_case),
        form("/desk/cases", Access::Needs(CaseConvert), submit_case),
        route("/desk/cases/{case_id}", Access::Needs(CaseRead), show_case),
        form("/desk/cases/{case_id}/codes", Access::Needs(CodeIssue), submit_issue),
        route("/desk/cases/{case_id}/state", Access::Needs(CaseRead), show_state),
    ]
}

/// `GET /desk`.
pub(crate) async fn show_cases(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match rows(&app, &desk.texts).await {
        Ok(cases) => page(&CasesPage {
            frame: desk.frame().titled(desk.texts.get("desk-cases")),
            texts: desk.texts,
            cases,
        }),
        Err(error) => sorry(desk.texts, error),
    }
}

/// `GET /desk/cases/new`.
pub(crate) async fn show_new_case(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let today = CivilDate::today(app.clock.now()).iso();
    let form = CaseForm {
        finding: Finding::Confirmed.word().into(),
        test_date: today,
        ..CaseForm::default()
    };
    page(&new_case_page(&app, desk, form, None))
}

/// `POST /desk/cases`.
pub(crate) async fn submit_case(
    State(app): State<AuthorityApp>,
    desk: Desk,
    form: Result<Form<CaseForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let result = match read_form(&form) {
        Ok(case) => confirm_case(&app, &case).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(case) => go(&format!("/desk/cases/{}", case.case_id)),
        Err(error @ (ServiceError::Invalid { .. } | ServiceError::Conflict { .. })) => {
            let message = Some(desk.texts.refusal(&error));
            page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &new_case_page(&app, desk, form, message),
            )
        }
        Err(error) => sorry(desk.texts, error),
    }
}

/// `GET /desk/cases/{case_id}`.
pub(crate) async fn show_case(State(app): State<AuthorityApp>, Path(case): Path<String>, desk: Desk) -> Response {
    let found = load_case(&app, &case).await;
    match found {
        Ok(case) => case_page(&app, desk, &case, None).await,
        Err(error) => sorry(desk.texts, error),
    }
}

/// `POST /desk/cases/{case_id}/codes`: shows the new code once. It is not stored, so the page cannot be shown again.
pub(crate) async fn submit_issue(
    State(app): State<AuthorityApp>,
    Path(case): Path<String>,
    desk: Desk,
    form: Result<Form<BareForm>, FormRejection>,
) -> Response {
    let token = form.map(|Form(form)| form.form_token).unwrap_or_default();
    if let Err(error) = desk.session.check_form(&token) {
        return sorry(desk.texts, error);
    }
    match issue_codes_for(&app, &case).await {
        Ok((case, issue)) => case_page(&app, desk, &case, Some(&issue)).await,
        Err(error) => sorry(desk.texts, error),
    }
}

/// `GET /desk/cases/{case_id}/state`.
pub(crate) async fn show_state(State(app): State<AuthorityApp>, Path(case): Path<String>, desk: Desk) -> Response {
    match list_issues(&app, &case).await {
        Ok(issues) => {
            let newest = issues.first();
            Json(StateView {
                issue_id: newest.map(|issue| issue.issue_id.clone()),
                state: newest.map(|issue| issue.state.word()),
                words: newest.map(|issue| state_words(&desk.texts, issue.state)),
            })
            .into_response()
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn rows(app: &AuthorityApp, texts: &Texts) -> Result<Vec<CaseRow>, ServiceError> {
    let states = crate::codes::newest_states(app).await?;
    let cases = list_cases(app, LISTED).await?;
    Ok(cases
        .iter()
        .map(|case| case_row(case, states.get(&case.case_id).map(|state| mark(texts, *state))))
        .collect())
}

async fn case_page(app: &AuthorityApp, desk: Desk, case: &ConfirmedCase, issue: Option<&Issue>) -> Response {
    let texts = desk.texts;
    let issues = match list_issues(app, &case.case_id).await {
        Ok(issues) => issues,
        Err(error) => return sorry(texts, error),
    };
    let state = issues.first().map(|issue| mark(&texts, issue.state));
    page(&CasePage {
        frame: desk.frame().titled(case.label.clone()),
        texts,
        case: case_row(case, state),
        code: issue.map(|issue| code_view(app, issue)),
        issues: issues.iter().map(|issue| issue_row(&texts, issue)).collect(),
    })
}

fn new_case_page(app: &AuthorityApp, desk: Desk, form: CaseForm, message: Option<String>) -> NewCasePage {
    let today = CivilDate::today(app.clock.now());
    let before = |days: i64| {
        CivilDate::from_number(today.number() - days)
            .map(CivilDate::iso)
            .unwrap_or_default()
    };
    NewCasePage {
        frame: desk.frame().titled(desk.texts.get("desk-confirm")),
        texts: desk.texts,
        message,
        form,
        today: today.iso(),
        first_test: before(super::MAX_TEST_AGE_DAYS),
        first_onset: before(super::MAX_ONSET_AGE_DAYS),
    }
}

fn read_form(form: &CaseForm) -> Result<NewCase, ServiceError> {
    let invalid = |field| ServiceError::Invalid {
        field,
        why: "cannot be read",
    };
    let label = form.label.trim().to_uppercase();
    let onset = form.onset_date.trim();
    Ok(NewCase {
        label: if label.is_empty() { None } else { Some(label) },
        finding: Finding::parse(&form.finding).ok_or_else(|| invalid("finding"))?,
        test_date: CivilDate::parse(form.test_date.trim()).ok_or_else(|| invalid("test_date"))?,
        onset_date: match onset {
            "" => None,
            text => Some(CivilDate::parse(text).ok_or_else(|| invalid("onset_date"))?),
        },
    })
}

fn case_row(case: &ConfirmedCase, state: Option<Mark>) -> CaseRow {
    CaseRow {
        path: format!("/desk/cases/{}", case.case_id),
        label: case.label.clone(),
        finding: case.finding.word(),
        test_date: case.test_date.local(),
        onset_date: case.onset_date.map(CivilDate::local),
        confirmed: moment(case.confirmed_at),
        state,
    }
}

fn issue_row(texts: &Texts, issue: &IssueStatus) -> IssueRow {
    IssueRow {
        issued: moment(issue.issued_at),
        state: mark(texts, issue.state),
        short_until: clock_time(issue.short_until),
        claimed: issue.claimed_at.map(moment),
        certified: issue.certified_at.map(moment),
    }
}

fn code_view(app: &AuthorityApp, issue: &Issue) -> CodeView {
    let signs: Vec<char> = issue.short.reveal().chars().collect();
    CodeView {
        groups: signs.chunks(4).map(<[char]>::to_vec).collect(),
        plain: issue.short.grouped(),
        // After `#`, so that no server on the way logs the code.
        link: format!("{}#code={}", app.config.link_url, issue.link.reveal()),
        short_until: clock_time(issue.short_until),
        seconds_left: issue.short_until.0 - app.clock.now().0,
        link_until: moment(issue.link_until),
        issue_id: issue.issue_id.clone(),
    }
}

/// Returns `d/m/yyyy HH:MM` of the authority's calendar.
fn moment(at: UnixSeconds) -> String {
    format!("{} {}", CivilDate::today(at).local(), clock_time(at))
}

fn state_words(texts: &Texts, state: CodeState) -> String {
    texts.get(&format!("desk-state-{}", state.word()))
}

/// Returns a ring, half, disc or diamond with its words.
fn mark(texts: &Texts, state: CodeState) -> Mark {
    let form = match state {
        CodeState::Issued => "",
        CodeState::Claimed => "half",
        CodeState::Certified => "full",
        CodeState::Withdrawn | CodeState::Expired => "stop",
    };
    Mark {
        form,
        words: state_words(texts, state),
    }
}
