//! `/desk/approvals`: acts that wait for a second person, said in words, and the decision.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::access::{Access, Route, form, page as route};
use super::accounts::load_officer;
use super::approvals::{Approval, ApprovalState, check_decision, decide, list_approvals, load_approval};
use super::officers_page::{ConfirmPage, role_name, unit_name};
use super::page::{Filled, ask_step_up, filled};
use super::role::{Approvable, Role};
use crate::app::AuthorityApp;
use crate::civil::{CivilDate, clock_time};
use crate::console::{Action, Confirm, Desk, Empty, Frame, Mark, PageHead, Shape, Texts, go, page, sorry};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Where the list stands.
pub(super) const LIST: &str = "/desk/approvals";

#[derive(Template)]
#[template(path = "auth/approvals.html")]
struct ApprovalsPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    open: Vec<Row>,
    decided: Vec<Row>,
    empty: Option<Empty>,
}

/// An approval as the list shows it.
struct Row {
    title: String,
    effects: Vec<String>,
    asked: String,
    mark: Mark,
    /// Approve and refuse; none for who asked, who it is about, and who may not.
    deeds: Vec<Action>,
    why_not: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DecisionForm {
    form_token: String,
    approve: String,
}

/// The routes of this file. Whoever is signed in sees what they asked for; who may decide, a table of roles says.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route(LIST, Access::SignedIn, show_list),
        route("/desk/approvals/{approval_id}/approve", Access::SignedIn, ask_approve),
        route("/desk/approvals/{approval_id}/refuse", Access::SignedIn, ask_refuse),
        form("/desk/approvals/{approval_id}", Access::SignedIn, submit_decision),
    ]
}

async fn show_list(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match approvals_page(&app, &desk).await {
        Ok(list) => page(&list),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn approvals_page(app: &AuthorityApp, desk: &Desk) -> Result<ApprovalsPage, ServiceError> {
    let texts = desk.texts;
    let (mut open, mut decided) = (Vec::new(), Vec::new());
    for approval in list_approvals(app, &desk.session).await? {
        let row = row(app, desk, &approval).await?;
        if approval.state == ApprovalState::Asked {
            open.push(row);
        } else {
            decided.push(row);
        }
    }
    let title = texts.get("console-nav-approvals");
    let empty = Empty {
        title: texts.get("auth-no-approvals"),
        text: texts.get("auth-no-approvals-text"),
        action: None,
    };
    Ok(ApprovalsPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title).lead(texts.get("auth-approvals-lead")),
        empty: open.is_empty().then_some(empty),
        open,
        decided,
        texts,
    })
}

async fn row(app: &AuthorityApp, desk: &Desk, approval: &Approval) -> Result<Row, ServiceError> {
    let texts = desk.texts;
    let (title, effects) = words(app, desk, approval).await?;
    let verdict = check_decision(&desk.session, approval);
    let deed = |text: &str, way: &str| Action::open(texts.get(text), format!("{LIST}/{}/{way}", approval.approval_id));
    let is_open = approval.state == ApprovalState::Asked;
    let is_mine = approval.asked_by_id == desk.session.officer.officer_id;
    let why_not = match verdict {
        Err(_) if is_open && is_mine => Some("auth-approval-own"),
        Err(_) if is_open => Some("auth-approval-not-yours"),
        _ => None,
    };
    Ok(Row {
        title,
        effects,
        asked: texts.fill(
            "auth-asked",
            &[("login", &approval.asked_by), ("time", &moment(approval.asked_at))],
        ),
        mark: mark(texts, approval.state),
        deeds: if verdict.is_ok() {
            vec![deed("auth-approve", "approve").main(), deed("auth-refuse", "refuse")]
        } else {
            Vec::new()
        },
        why_not: why_not.map(|id| texts.get(id)),
    })
}

/// Says what will happen: a title and the effects, one sentence each.
async fn words(app: &AuthorityApp, desk: &Desk, approval: &Approval) -> Result<(String, Vec<String>), ServiceError> {
    let texts = desk.texts;
    if approval.kind == Approvable::Export {
        let effects = vec![
            export_words(texts, &approval.subject),
            texts.get("auth-approval-export-once"),
        ];
        return Ok((texts.get("auth-approval-export"), effects));
    }
    let change = approval.role_change()?;
    let role = Role::parse(&change.role).ok_or(ServiceError::Internal("a stored role is unknown"))?;
    let mut effects = Vec::new();
    if approval.state == ApprovalState::Asked
        && let Ok(now) = load_officer(app, &desk.session, &change.officer_id).await
    {
        let (role, unit) = (role_name(texts, now.role), unit_name(app, texts, now.scope));
        effects.push(texts.fill("auth-approval-role-now", &[("role", &role), ("unit", &unit)]));
    }
    let (role, unit) = (role_name(texts, role), unit_name(app, texts, change.scope()));
    effects.push(texts.fill("auth-approval-role-then", &[("role", &role), ("unit", &unit)]));
    effects.push(texts.get("auth-approval-role-sessions"));
    Ok((texts.with("auth-approval-role", "login", &change.login), effects))
}

/// Says what is to be exported: `contacts state=reached gen=1 rows=3421`.
fn export_words(texts: Texts, subject: &str) -> String {
    let mut parts = subject.split(' ');
    let kind = parts.next().unwrap_or_default();
    let name = match kind {
        "contacts" => texts.get("console-nav-contacts"),
        "cases" => texts.get("console-nav-cases"),
        _ => kind.to_owned(),
    };
    let state_of = if kind == "contacts" {
        "cases-contact-"
    } else {
        "cases-state-"
    };
    let mut words = vec![name];
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        words.push(match key {
            "state" => texts.get(&format!("{state_of}{}", value.replace('_', "-"))),
            "gen" => format!("F{value}"),
            "case" => texts.get("auth-approval-export-case"),
            "rows" => texts.with(
                "auth-approval-export-rows",
                "rows",
                &texts.number(value.parse().unwrap_or(0)),
            ),
            _ => continue,
        });
    }
    texts.with("auth-approval-export-what", "what", &words.join(" · "))
}

fn mark(texts: Texts, state: ApprovalState) -> Mark {
    let (shape, text) = match state {
        ApprovalState::Asked => (Shape::Ring, "auth-approval-asked"),
        ApprovalState::Approved => (Shape::Half, "auth-approval-approved"),
        ApprovalState::Used => (Shape::Disc, "auth-approval-used"),
        ApprovalState::Refused => (Shape::Diamond, "auth-approval-refused"),
    };
    Mark::new(shape, texts.get(text))
}

fn moment(at: UnixSeconds) -> String {
    format!("{} {}", CivilDate::today(at).local(), clock_time(at))
}

async fn ask_approve(State(app): State<AuthorityApp>, Path(approval_id): Path<String>, desk: Desk) -> Response {
    ask(&app, &desk, &approval_id, true).await
}

async fn ask_refuse(State(app): State<AuthorityApp>, Path(approval_id): Path<String>, desk: Desk) -> Response {
    ask(&app, &desk, &approval_id, false).await
}

async fn ask(app: &AuthorityApp, desk: &Desk, approval_id: &str, approve: bool) -> Response {
    match confirm_page(app, desk, approval_id, approve).await {
        Ok(_) if approve && !desk.session.is_stepped_up(app.clock.now()) => {
            ask_step_up(desk, &format!("{LIST}/{approval_id}/approve"))
        }
        Ok(confirm) => page(&confirm),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn confirm_page(
    app: &AuthorityApp,
    desk: &Desk,
    approval_id: &str,
    approve: bool,
) -> Result<ConfirmPage, ServiceError> {
    let texts = desk.texts;
    let approval = load_approval(app, &desk.session, approval_id).await?;
    check_decision(&desk.session, &approval)?;
    let (title, mut effects) = words(app, desk, &approval).await?;
    if !approve {
        effects = vec![texts.get("auth-refuse-effect")];
    }
    let button = texts.get(if approve { "auth-approve" } else { "auth-refuse" });
    let frame = desk.frame().titled(button.clone());
    let confirm = Confirm {
        texts,
        id: "decide",
        title: texts.fill("auth-decide-title", &[("deed", &button), ("what", &title)]),
        effects,
        action: format!("{LIST}/{}", approval.approval_id),
        form_token: frame.token().to_owned(),
        hidden: vec![("approve", if approve { "yes" } else { "no" }.to_owned())],
        fields: Vec::new(),
        button,
        grave: !approve,
        back: LIST.to_owned(),
    };
    Ok(ConfirmPage { frame, confirm })
}

async fn submit_decision(
    State(app): State<AuthorityApp>,
    Path(approval_id): Path<String>,
    desk: Desk,
    form: Filled<DecisionForm>,
) -> Response {
    let form = filled(form);
    let decided = match (desk.session.check_form(&form.form_token), form.approve.as_str()) {
        (Err(error), _) => Err(error),
        (Ok(()), "yes") if !desk.session.is_stepped_up(app.clock.now()) => Err(ServiceError::StepUpNeeded),
        (Ok(()), "yes") => decide(&app, &desk.session, &approval_id, true).await,
        (Ok(()), "no") => decide(&app, &desk.session, &approval_id, false).await,
        (Ok(()), _) => Err(ServiceError::Invalid {
            field: "approve",
            why: "yes or no",
        }),
    };
    match decided {
        Ok(_) => go(LIST),
        Err(error) => sorry(desk.texts, error),
    }
}
