//! The list of cases.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::files::{CaseFilter, count_files, list_files};
use super::super::model::{CaseFile, CaseState};
use super::super::view::masked_people;
use super::{about, case_mark, place_name};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::civil::CivilDate;
use crate::console::{
    Accepts, Action, Choice, Column, Desk, Empty, Filter, Filters, Frame, Generation, ListFoot, ListHead, ListPage,
    ListQuery, ListSpec, Mark, PageHead, Seek, SortKey, Texts, Token, page, sorry,
};
use crate::error::ServiceError;
use crate::people::PersonId;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![route("/desk/cases", Access::Needs(Permission::CaseRead), show)]
}

static LIST: ListSpec = ListSpec {
    columns: &[
        Column {
            key: "label",
            label: "cases-col-case",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "about",
            label: "cases-col-person",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "unit",
            label: "cases-col-unit",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "test",
            label: "cases-col-test",
            sortable: false,
            numeric: true,
        },
        Column {
            key: "onset",
            label: "cases-col-onset",
            sortable: false,
            numeric: true,
        },
        Column {
            key: "state",
            label: "cases-col-state",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "opened",
            label: "cases-col-opened",
            sortable: true,
            numeric: true,
        },
    ],
    filters: &[Filter {
        key: "state",
        accepts: Accepts::One(&["suspected", "confirmed", "refuted", "closed"]),
    }],
    usual: ("opened", true),
    rows: 50,
};

struct Row {
    path: String,
    label: String,
    generation: Option<Generation>,
    about: String,
    unit: String,
    test: String,
    onset: String,
    mark: Mark,
    opened: String,
}

#[derive(Template)]
#[template(path = "cases/cases.html")]
struct CasesPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<Row>,
    list_foot: ListFoot,
    empty: Empty,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match cases_page(&app, &desk).await {
        Ok(cases) => page(&cases),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn cases_page(app: &AuthorityApp, desk: &Desk) -> Result<CasesPage, ServiceError> {
    let texts = desk.texts;
    let frame = desk
        .frame()
        .titled(texts.get("console-nav-cases"))
        .dated(app.clock.now());
    let query = LIST.read(&frame.here)?;
    let filter = CaseFilter {
        state: query.filter("state").first().and_then(|word| CaseState::parse(word)),
        label: None,
        after: after(&query),
        limit: query.limit(),
    };
    let found = list_files(app, &desk.session, &filter).await?;
    let listed = ListPage::of(&query, found, |case| {
        (SortKey::Number(case.opened_at.0), case.case_id.clone())
    });
    let people: Vec<PersonId> = listed.rows.iter().filter_map(|case| case.person).collect();
    let masked = masked_people(app, &desk.session, Act::CASE_LIST, &people, None).await?;
    let rows = listed.rows.iter().map(|case| {
        row(
            app,
            texts,
            case,
            case.person
                .map_or(String::new(), |person| about(texts, &masked, person)),
        )
    });
    let rows = rows.collect();
    let counts = count_files(app, &desk.session).await?;
    let count = |state| {
        counts
            .iter()
            .find(|(of, _)| *of == state)
            .map_or(0, |(_, count)| *count)
    };
    let lead = texts.fill(
        "cases-lead",
        &[
            ("confirmed", &texts.number(count(CaseState::Confirmed))),
            ("suspected", &texts.number(count(CaseState::Suspected))),
            ("closed", &texts.number(count(CaseState::Closed))),
        ],
    );
    let mut head = PageHead::new(texts.get("console-nav-cases")).lead(lead);
    if desk.session.may(Permission::ExportRun) {
        let state = query.filter("state").first().map_or("", String::as_str);
        head = head.action(Action::open(
            texts.get("cases-export"),
            format!("/desk/export?kind=cases&state={state}"),
        ));
    }
    if desk.session.may(Permission::CaseConvert) {
        head = head.action(Action::open(texts.get("cases-open"), "/desk/cases/new").main().key("n"));
    }
    let states: Vec<Choice> = CaseState::ALL
        .iter()
        .map(|state| Choice::new(state.word(), texts.get(&format!("cases-state-{}", state.word()))))
        .collect();
    let token = Token::of(texts, &query, "state", texts.get("cases-col-state"), &states, false);
    Ok(CasesPage {
        head,
        filters: Filters::of(texts, &query, None, vec![token], false),
        list_head: ListHead::of(texts, &query, false),
        list_foot: ListFoot::of(texts, &query, &listed, None),
        rows,
        empty: Empty {
            title: texts.get("cases-none"),
            text: texts.get("cases-none-text"),
            action: Some((texts.get("cases-open"), "/desk/cases/new".into())),
        },
        texts,
        frame: frame
            .hint(&["J", "K"], texts.get("console-key-rows"))
            .hint(&["Enter"], texts.get("console-key-open")),
    })
}

/// Returns where the page begins, as the store seeks.
pub(super) fn after(query: &ListQuery) -> Option<(i64, String)> {
    match query.seek() {
        Seek::After(cursor) => match &cursor.key {
            SortKey::Number(at) => Some((*at, cursor.id.clone())),
            SortKey::Text(_) => None,
        },
        _ => None,
    }
}

fn row(app: &AuthorityApp, texts: Texts, case: &CaseFile, about: String) -> Row {
    Row {
        path: format!("/desk/cases/{}", case.case_id),
        label: case.label.clone(),
        generation: case.state.is_source().then_some(Generation(0)),
        about,
        unit: place_name(app, &case.place),
        test: case.test_date.local(),
        onset: case.onset_date.map_or(String::new(), CivilDate::local),
        mark: case_mark(texts, case.state),
        opened: super::moment(case.opened_at),
    }
}
