//! `/desk/officers`: who has an account, one account, and its end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::access::{Access, Route, form, page as route};
use super::accounts::{OfficerFilter, leave, list_officers, load_officer, may_change};
use super::model::{Officer, OfficerState};
use super::page::{BareForm, Filled, filled};
use super::role::{Permission, Role};
use super::units;
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::console::{
    Accepts, Action, Choice, Column, Confirm, Desk, Empty, Facts, Filter, Filters, Frame, Icon, ListFoot, ListHead,
    ListPage, ListQuery, ListSpec, Mark, Notice, PageHead, Seek, Segments, Shape, SortKey, Texts, Token, Tone, Way, go,
    page, sorry,
};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Where the list stands.
pub(super) const LIST: &str = "/desk/officers";

static OFFICERS: ListSpec = ListSpec {
    columns: &[
        column("name", "auth-name"),
        column("login", "auth-login"),
        column("role", "auth-role"),
        column("unit", "auth-unit"),
        column("state", "auth-state"),
        Column {
            key: "until",
            label: "auth-until",
            sortable: true,
            numeric: true,
        },
    ],
    filters: &[
        Filter {
            key: "state",
            accepts: Accepts::One(&["active", "invited", "left", "all"]),
        },
        Filter {
            key: "role",
            accepts: Accepts::Code,
        },
    ],
    usual: ("until", false),
    rows: 50,
};

const fn column(key: &'static str, label: &'static str) -> Column {
    Column {
        key,
        label,
        sortable: false,
        numeric: false,
    }
}

#[derive(Template)]
#[template(path = "auth/officers.html")]
struct OfficersPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<Row>,
    list_foot: ListFoot,
    empty: Option<Empty>,
}

/// An officer as the list shows one.
struct Row {
    href: String,
    name: String,
    login: String,
    role: String,
    unit: String,
    state: Mark,
    until: String,
}

#[derive(Template)]
#[template(path = "auth/officer.html")]
struct OfficerPage {
    frame: Frame,
    head: PageHead,
    notice: Option<Notice>,
    facts: Facts,
}

#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) frame: Frame,
    pub(super) confirm: Confirm,
}

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let manage = Permission::UserManage;
    vec![
        route(LIST, Access::Needs(manage), show_list),
        route("/desk/officers/{officer_id}", Access::Needs(manage), show_officer),
        route("/desk/officers/{officer_id}/leave", Access::StepUp(manage), ask_leave),
        form(
            "/desk/officers/{officer_id}/leave",
            Access::StepUp(manage),
            submit_leave,
        ),
    ]
}

async fn show_list(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match officers_page(&app, &desk).await {
        Ok(list) => page(&list),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn officers_page(app: &AuthorityApp, desk: &Desk) -> Result<OfficersPage, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let query = OFFICERS.read(&desk.here)?;
    let filter = filter_of(&query)?;
    let from = match query.seek() {
        Seek::Start => None,
        Seek::After(row) | Seek::Before(row) => match row.key {
            SortKey::Number(until) => Some((until, row.id.clone())),
            SortKey::Text(_) => None,
        },
    };
    let found = list_officers(
        app,
        &desk.session,
        &filter,
        from,
        query.reads_descending(),
        query.limit(),
    )
    .await?;
    let place = |officer: &Officer| (SortKey::Number(officer.role_until.0), officer.officer_id.clone());
    let listed = ListPage::of(&query, found, place);
    let title = texts.get("console-nav-officers");
    let invite = Action::open(texts.get("auth-invite"), "/desk/officers/new")
        .icon(Icon::Plus)
        .main()
        .key("n");
    Ok(OfficersPage {
        frame: desk.frame().titled(title.clone()).dated(now),
        head: with_keys(desk, PageHead::new(title).lead(texts.get("auth-officers-lead"))).action(invite),
        filters: Filters::of(
            texts,
            &query,
            Some(segments(texts, &query)),
            vec![role_token(texts, &query)],
            false,
        ),
        list_head: ListHead::of(texts, &query, false),
        list_foot: ListFoot::of(texts, &query, &listed, None),
        empty: listed.rows.is_empty().then(|| empty(texts, &query)),
        rows: listed
            .rows
            .iter()
            .map(|officer| row(app, texts, officer, now))
            .collect(),
        texts,
    })
}

fn with_keys(desk: &Desk, head: PageHead) -> PageHead {
    if !desk.session.may(Permission::KeyManage) {
        return head;
    }
    head.action(Action::open(desk.texts.get("auth-keys"), super::keys_page::LIST).icon(Icon::Key))
}

/// Without a filter, who has left is left out.
fn filter_of(query: &ListQuery) -> Result<OfficerFilter, ServiceError> {
    let state = query.filter("state").first().map(String::as_str);
    let role = match query.filter("role").first() {
        Some(word) => Some(Role::parse(word).ok_or(ServiceError::Invalid {
            field: "role",
            why: "no such role",
        })?),
        None => None,
    };
    Ok(OfficerFilter {
        role,
        state: state.and_then(OfficerState::parse),
        current_only: state.is_none(),
    })
}

fn segments(texts: Texts, query: &ListQuery) -> Segments {
    let set = query.filter("state").first().cloned();
    let way = |value: Option<&str>, label: &str| Way {
        href: match value {
            Some(value) => query.with_filter("state", value).to_string(),
            None => query.without_filter("state").to_string(),
        },
        label: texts.get(label),
        count: None,
        current: set.as_deref() == value,
    };
    Segments {
        label: texts.get("auth-state"),
        ways: vec![
            way(None, "auth-current"),
            way(Some("invited"), "auth-state-invited"),
            way(Some("left"), "auth-state-left"),
            way(Some("all"), "auth-all"),
        ],
    }
}

fn role_token(texts: Texts, query: &ListQuery) -> Token {
    let choices: Vec<Choice> = Role::all()
        .map(|role| Choice::new(role.word(), role_name(texts, role)))
        .collect();
    Token::of(texts, query, "role", texts.get("auth-role"), &choices, false)
}

fn empty(texts: Texts, query: &ListQuery) -> Empty {
    let clear = (texts.get("console-filter-clear-all"), query.unfiltered().to_string());
    Empty {
        title: texts.get("auth-nobody"),
        text: texts.get("auth-nobody-text"),
        action: query.is_narrowed().then_some(clear),
    }
}

fn row(app: &AuthorityApp, texts: Texts, officer: &Officer, now: UnixSeconds) -> Row {
    Row {
        href: path_of(officer),
        name: officer.name.clone(),
        login: officer.login.clone(),
        role: role_name(texts, officer.role),
        unit: unit_name(app, texts, officer.scope),
        state: state_mark(texts, officer, now),
        until: CivilDate::today(officer.role_until).local(),
    }
}

/// Returns the address of an officer's page.
pub(super) fn path_of(officer: &Officer) -> String {
    format!("{LIST}/{}", officer.officer_id)
}

/// Returns the name of a role.
pub(super) fn role_name(texts: Texts, role: Role) -> String {
    texts.get(&format!("auth-role-{}", role.word().replace('_', "-")))
}

/// Returns the name of a scope's unit.
pub(super) fn unit_name(app: &AuthorityApp, texts: Texts, scope: crate::scope::Scope) -> String {
    units::name_of(&app.geo, scope).unwrap_or_else(|| match scope.unit {
        0 => texts.get("auth-nation"),
        unit => unit.to_string(),
    })
}

fn state_mark(texts: Texts, officer: &Officer, now: UnixSeconds) -> Mark {
    let (shape, text) = match officer.state {
        OfficerState::Left => (Shape::Diamond, "auth-state-left"),
        _ if officer.role_until <= now => (Shape::Diamond, "auth-state-expired"),
        OfficerState::Invited => (Shape::Ring, "auth-state-invited"),
        OfficerState::Active => (Shape::Disc, "auth-state-active"),
    };
    Mark::new(shape, texts.get(text))
}

async fn show_officer(State(app): State<AuthorityApp>, Path(officer_id): Path<String>, desk: Desk) -> Response {
    match load_officer(&app, &desk.session, &officer_id).await {
        Ok(officer) => page(&officer_page(&app, &desk, &officer)),
        Err(error) => sorry(desk.texts, error),
    }
}

fn officer_page(app: &AuthorityApp, desk: &Desk, officer: &Officer) -> OfficerPage {
    let texts = desk.texts;
    let mut head = PageHead::new(officer.name.clone()).under(texts.get("console-nav-officers"), LIST);
    let may = may_change(&desk.session, officer).is_ok();
    let is_me = officer.officer_id == desk.session.officer.officer_id;
    if may && !is_me {
        let change = Action::open(texts.get("auth-change-role"), format!("{}/role", path_of(officer)));
        head = head.action(change.main());
    }
    if may {
        head = head.action(Action::open(texts.get("auth-leave"), format!("{}/leave", path_of(officer))).grave());
    }
    let notice = (!may).then(|| Notice::new(Tone::Info, texts.get("auth-not-yours")));
    let rows = vec![
        (texts.get("auth-login"), Some(officer.login.clone())),
        (texts.get("auth-role"), Some(role_name(texts, officer.role))),
        (texts.get("auth-unit"), Some(unit_name(app, texts, officer.scope))),
        (
            texts.get("auth-state"),
            Some(texts.get(&format!("auth-state-{}", officer.state.word()))),
        ),
        (
            texts.get("auth-until"),
            Some(CivilDate::today(officer.role_until).local()),
        ),
    ];
    OfficerPage {
        frame: desk.frame().titled(officer.name.clone()).dated(app.clock.now()),
        head,
        notice,
        facts: Facts { texts, rows },
    }
}

async fn ask_leave(State(app): State<AuthorityApp>, Path(officer_id): Path<String>, desk: Desk) -> Response {
    let texts = desk.texts;
    let officer = match load_officer(&app, &desk.session, &officer_id).await {
        Ok(officer) if may_change(&desk.session, &officer).is_ok() => officer,
        Ok(_) => return sorry(texts, ServiceError::NotAllowed),
        Err(error) => return sorry(texts, error),
    };
    let frame = desk.frame().titled(texts.get("auth-leave"));
    let name = [("name", officer.name.as_str()), ("login", officer.login.as_str())];
    let confirm = Confirm {
        texts,
        id: "leave",
        title: texts.fill("auth-leave-title", &name),
        effects: vec![
            texts.get("auth-leave-sessions"),
            texts.get("auth-leave-keys"),
            texts.get("auth-leave-record"),
        ],
        action: format!("{}/leave", path_of(&officer)),
        form_token: frame.token().to_owned(),
        hidden: Vec::new(),
        fields: Vec::new(),
        button: texts.get("auth-leave"),
        grave: true,
        back: path_of(&officer),
    };
    page(&ConfirmPage { frame, confirm })
}

async fn submit_leave(
    State(app): State<AuthorityApp>,
    Path(officer_id): Path<String>,
    desk: Desk,
    form: Filled<BareForm>,
) -> Response {
    let done = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => leave(&app, &desk.session, &officer_id).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go(LIST),
        Err(error) => sorry(desk.texts, error),
    }
}
