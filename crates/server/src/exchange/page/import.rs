//! `/desk/imports/…`: naming the columns, looking at what is wrong, entering, and the workbook with the errors.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use tokio::task::JoinHandle;

use super::super::acts::{check, discard, earlier, enter, find_import, sample};
use super::super::fields::Field as ListField;
use super::super::model::{CHUNK_ROWS, Import, ImportState, Kind, Options};
use super::super::report::{Words, error_workbook};
use super::super::sheet::OutFormat;
use super::super::work::go_on;
use super::download::send;
use super::imports::{PATH, mark};
use super::{fault_words, field_name};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::cases::files::load_file;
use crate::civil::{CivilDate, clock_time};
use crate::console::{
    Choice, Confirm, Desk, Field, Frame, Mark, Notice, PageHead, Progress, Texts, Tone, go, page, sorry,
};
use crate::error::ServiceError;
use crate::geo::Tier;

/// Rows shown of what is wrong.
const WRONG_SHOWN: usize = 50;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let needs = Access::Needs(Permission::ImportRun);
    vec![
        route("/desk/imports/{import_id}", needs, show),
        form("/desk/imports/{import_id}/check", needs, submit_check),
        form("/desk/imports/{import_id}/enter", needs, submit_enter),
        route("/desk/imports/{import_id}/discard", needs, ask_discard),
        form("/desk/imports/{import_id}/discard", needs, submit_discard),
        route("/desk/imports/{import_id}/errors", needs, download),
    ]
}

/// A column as the page shows it: its heading, some of its cells, and what it may be (word, label, whether chosen).
struct ColumnRow {
    name: String,
    heading: String,
    sample: String,
    choices: Vec<(String, String, bool)>,
}

struct WrongRow {
    number: i64,
    /// Heading, cell, and whether it is wrong.
    cells: Vec<(String, String, bool)>,
    why: String,
}

#[derive(Template)]
#[template(path = "exchange/import.html")]
struct ImportPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    path: String,
    mark: Mark,
    notice: Option<Notice>,
    is_running: bool,
    progress: Option<Progress>,
    headings: Vec<String>,
    columns: Vec<ColumnRow>,
    options: Vec<Field>,
    wrong: Vec<WrongRow>,
    more_wrong: Option<String>,
    can_map: bool,
    can_enter: Option<String>,
    has_errors: bool,
    can_discard: bool,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct DiscardPage {
    frame: Frame,
    confirm: Confirm,
}

async fn show(State(app): State<AuthorityApp>, Path(import_id): Path<String>, desk: Desk) -> Response {
    match import_page(&app, &desk, &import_id).await {
        Ok(import) => page(&import),
        Err(error) => sorry(desk.texts, error),
    }
}

/// How long an answer waits for the work it began: most lists are done by then, and nobody watches a bar.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Goes on with a list in the background; what fails is logged, and the next look at the page tries again.
fn carry_on(app: &AuthorityApp, desk: &Desk, import_id: &str) -> JoinHandle<()> {
    let (app, session, import_id) = (app.clone(), desk.session.clone(), import_id.to_owned());
    tokio::spawn(async move {
        if let Err(error) = go_on(&app, &session, &import_id).await {
            tracing::warn!(import = import_id, error = %error, "a list waits to be gone on with");
        }
    })
}

async fn import_page(app: &AuthorityApp, desk: &Desk, import_id: &str) -> Result<ImportPage, ServiceError> {
    let texts = desk.texts;
    let list = find_import(app, &desk.session, import_id).await?;
    if list.state.is_running() && list.leased_until <= app.clock.now() {
        carry_on(app, desk, import_id);
    }
    let shown = sample(app, &list, WRONG_SHOWN).await?;
    let kind = texts.get(&format!("exchange-kind-{}", list.kind.word()));
    let title = texts.with("exchange-list-title", "kind", &kind);
    let can_map = matches!(list.state, ImportState::Uploaded | ImportState::Checked);
    let headings: Vec<String> = if shown.heading.is_empty() {
        list.fields.iter().map(|field| field_name(texts, *field)).collect()
    } else {
        shown.heading
    };
    let wrong: Vec<WrongRow> = shown
        .wrong
        .into_iter()
        .map(|(number, cells, verdict)| WrongRow {
            number,
            cells: cells
                .into_iter()
                .enumerate()
                .map(|(at, cell)| {
                    let is_wrong = verdict
                        .wrong
                        .iter()
                        .any(|(column, _)| column.is_some_and(|column| usize::from(column) == at));
                    (headings.get(at).cloned().unwrap_or_default(), cell, is_wrong)
                })
                .collect(),
            why: verdict
                .wrong
                .iter()
                .map(|(_, word)| fault_words(texts, word))
                .collect::<Vec<_>>()
                .join("; "),
        })
        .collect();
    let more = list.bad - wrong.len() as i64;
    Ok(ImportPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title)
            .under(texts.get("console-nav-imports"), PATH)
            .lead(lead(texts, &list)),
        path: format!("{PATH}/{import_id}"),
        mark: mark(texts, list.state),
        notice: notice(app, desk, &list).await?,
        is_running: list.state.is_running(),
        progress: progress(texts, &list),
        columns: if can_map {
            column_rows(texts, &list, &headings, &shown.first)
        } else {
            Vec::new()
        },
        headings,
        options: if can_map {
            option_fields(app, desk, &list).await?
        } else {
            Vec::new()
        },
        more_wrong: (more > 0 && !wrong.is_empty())
            .then(|| texts.with("exchange-more-wrong", "count", &texts.number(more))),
        wrong,
        can_map,
        can_enter: (list.state == ImportState::Checked && list.good > 0)
            .then(|| texts.with("exchange-enter", "count", &texts.number(list.good))),
        has_errors: list.bad > 0 && matches!(list.state, ImportState::Checked | ImportState::Done),
        can_discard: !list.state.is_running() && list.state != ImportState::Expired,
        texts,
    })
}

fn lead(texts: Texts, list: &Import) -> String {
    texts.fill(
        "exchange-list-lead",
        &[
            ("rows", &texts.number(list.total)),
            ("format", &list.format.word().to_uppercase()),
            (
                "until",
                &format!(
                    "{} {}",
                    clock_time(list.expires_at),
                    CivilDate::today(list.expires_at).local()
                ),
            ),
        ],
    )
}

async fn notice(app: &AuthorityApp, desk: &Desk, list: &Import) -> Result<Option<Notice>, ServiceError> {
    let texts = desk.texts;
    let number = |count: i64| texts.number(count);
    Ok(match list.state {
        ImportState::Uploaded => earlier(app, &desk.session, list).await?.map(|at| {
            Notice::new(
                Tone::Warn,
                texts.with("exchange-same-file", "day", &CivilDate::today(at).local()),
            )
        }),
        ImportState::Checked => {
            let tone = if list.bad > 0 { Tone::Warn } else { Tone::Good };
            let words = texts.fill(
                "exchange-checked",
                &[("good", &number(list.good)), ("bad", &number(list.bad))],
            );
            Some(Notice::new(tone, words))
        }
        ImportState::Done => {
            let mut words = texts.fill(
                "exchange-done",
                &[
                    ("entered", &number(list.entered)),
                    ("known", &number(list.known)),
                    ("bad", &number(list.bad)),
                ],
            );
            if list.kind == Kind::Cases {
                words = format!(
                    "{words} {}",
                    texts.with("exchange-done-links", "links", &number(list.links))
                );
            }
            Some(Notice::new(Tone::Good, words))
        }
        ImportState::Expired => Some(Notice::new(Tone::Info, texts.get("exchange-expired"))),
        _ => None,
    })
}

fn progress(texts: Texts, list: &Import) -> Option<Progress> {
    if !list.state.is_running() {
        return None;
    }
    let done = ((list.next_chunk - 1) * CHUNK_ROWS as i64).clamp(0, list.total);
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Progress {
        id: "import-progress",
        label: texts.get(&format!("exchange-state-{}", list.state.word())),
        done: count(done),
        total: count(list.total),
        words: texts.fill(
            "exchange-progress",
            &[("done", &texts.number(done)), ("total", &texts.number(list.total))],
        ),
    })
}

fn column_rows(texts: Texts, list: &Import, headings: &[String], first: &[Vec<String>]) -> Vec<ColumnRow> {
    let choices = |chosen: ListField| {
        ListField::all(list.kind)
            .iter()
            .map(|field| (field.word().to_owned(), field_name(texts, *field), *field == chosen))
            .collect()
    };
    let sample = |at: usize| {
        let cells = first.iter().filter_map(|row| row.get(at));
        let cells: Vec<&str> = cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        cells.iter().take(3).copied().collect::<Vec<_>>().join(" · ")
    };
    let row = |(at, field): (usize, &ListField)| ColumnRow {
        name: format!("col.{at}"),
        heading: headings
            .get(at)
            .filter(|_| list.has_heading)
            .filter(|heading| !heading.is_empty())
            .cloned()
            .unwrap_or_else(|| texts.with("exchange-column-number", "number", &(at + 1).to_string())),
        sample: sample(at),
        choices: choices(*field),
    };
    list.fields.iter().enumerate().map(row).collect()
}

async fn option_fields(app: &AuthorityApp, desk: &Desk, list: &Import) -> Result<Vec<Field>, ServiceError> {
    let (texts, today) = (desk.texts, CivilDate::today(app.clock.now()));
    let scope = desk.session.officer.scope;
    let mut units = crate::cases::page::communes(app, scope, today);
    if let Some(own) = crate::geo::UnitId::from_number(scope.unit)
        .and_then(|unit| app.geo.unit(unit))
        .filter(|unit| unit.tier() != Tier::COMMUNE)
    {
        units.insert(
            0,
            Choice::new(
                &own.code(),
                texts.with("exchange-unit-unknown", "unit", &own.full_name()),
            ),
        );
    }
    let first = units.first().map(|choice| choice.value.clone()).unwrap_or_default();
    let day = list.options.day.as_deref().and_then(CivilDate::parse);
    let mut fields = Vec::new();
    if let Some(case_id) = &list.options.case_id {
        let case = load_file(app, &desk.session, case_id).await?;
        fields.push(
            Field::select(
                texts,
                "case",
                texts.get("exchange-field-case-code"),
                vec![Choice::new(case_id, case.label)],
            )
            .value(case_id.clone()),
        );
    }
    let (day_label, day_help) = match list.kind {
        Kind::Contacts => ("exchange-field-exposed-on", "exchange-option-day"),
        Kind::Cases => ("exchange-field-test-date", "exchange-option-day"),
    };
    fields.push(
        Field::select(texts, "unit", texts.get("exchange-option-unit"), units)
            .value(list.options.unit.clone().unwrap_or(first))
            .help(texts.get("exchange-option-unit-help")),
    );
    fields.push(
        Field::day(texts, "day", texts.get(day_label))
            .value(day.map(CivilDate::local).unwrap_or_default())
            .help(texts.get(day_help)),
    );
    if list.kind == Kind::Contacts {
        let levels = (1..=4)
            .rev()
            .map(|n: u8| Choice::new(&n.to_string(), texts.get(&format!("cases-level-{n}"))));
        fields.push(
            Field::select(texts, "level", texts.get("cases-col-level"), levels.collect())
                .value(list.options.level.max(1).to_string()),
        );
    }
    Ok(fields)
}

type Pairs = Vec<(String, String)>;

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .unwrap_or_default()
}

async fn submit_check(
    State(app): State<AuthorityApp>,
    Path(import_id): Path<String>,
    desk: Desk,
    form: Filled<Pairs>,
) -> Response {
    let pairs = filled(form);
    let done = match read_check(&app, &desk, &pairs) {
        Ok((fields, options)) => check(&app, &desk.session, &import_id, fields, options).await,
        Err(error) => Err(error),
    };
    after(&app, &desk, &import_id, done).await
}

fn read_check(app: &AuthorityApp, desk: &Desk, pairs: &Pairs) -> Result<(Vec<ListField>, Options), ServiceError> {
    desk.session.check_form(value(pairs, "form_token"))?;
    let invalid = |field| ServiceError::Invalid {
        field,
        why: "not of the form",
    };
    let mut fields = Vec::new();
    while let Some((_, word)) = pairs.iter().find(|(key, _)| *key == format!("col.{}", fields.len())) {
        fields.push(ListField::parse(word).ok_or_else(|| invalid("fields"))?);
    }
    let today = CivilDate::today(app.clock.now());
    let text = |name: &str| Some(value(pairs, name).trim().to_owned()).filter(|text| !text.is_empty());
    let day = match text("day") {
        Some(day) => {
            let day = crate::cases::grid::read_day(&day, today).filter(|day| *day <= today);
            Some(day.ok_or_else(|| invalid("day"))?.iso())
        }
        None => None,
    };
    let options = Options {
        case_id: text("case"),
        unit: text("unit"),
        day,
        level: value(pairs, "level").parse().unwrap_or(2),
    };
    Ok((fields, options))
}

async fn submit_enter(
    State(app): State<AuthorityApp>,
    Path(import_id): Path<String>,
    desk: Desk,
    form: Filled<Pairs>,
) -> Response {
    let pairs = filled(form);
    let done = match desk.session.check_form(value(&pairs, "form_token")) {
        Ok(()) => enter(&app, &desk.session, &import_id).await,
        Err(error) => Err(error),
    };
    after(&app, &desk, &import_id, done).await
}

async fn after(app: &AuthorityApp, desk: &Desk, import_id: &str, done: Result<(), ServiceError>) -> Response {
    match done {
        Ok(()) => {
            let _ = tokio::time::timeout(PATIENCE, carry_on(app, desk, import_id)).await;
            go(&format!("{PATH}/{import_id}"))
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn ask_discard(State(app): State<AuthorityApp>, Path(import_id): Path<String>, desk: Desk) -> Response {
    let texts = desk.texts;
    if let Err(error) = find_import(&app, &desk.session, &import_id).await {
        return sorry(texts, error);
    }
    let frame = desk.frame().titled(texts.get("exchange-discard"));
    page(&DiscardPage {
        confirm: Confirm {
            texts,
            id: "discard",
            title: texts.get("exchange-discard-title"),
            effects: vec![texts.get("exchange-discard-rows"), texts.get("exchange-discard-stays")],
            action: format!("{PATH}/{import_id}/discard"),
            form_token: frame.token().to_owned(),
            hidden: Vec::new(),
            fields: Vec::new(),
            button: texts.get("exchange-discard"),
            grave: true,
            back: format!("{PATH}/{import_id}"),
        },
        frame,
    })
}

async fn submit_discard(
    State(app): State<AuthorityApp>,
    Path(import_id): Path<String>,
    desk: Desk,
    form: Filled<Pairs>,
) -> Response {
    let pairs = filled(form);
    let done = match desk.session.check_form(value(&pairs, "form_token")) {
        Ok(()) => discard(&app, &desk.session, &import_id).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go(PATH),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn download(State(app): State<AuthorityApp>, Path(import_id): Path<String>, desk: Desk) -> Response {
    let texts = desk.texts;
    let words = Words {
        heading: texts.get("exchange-reason"),
        fault: &|word| fault_words(texts, word),
        field: &|field| field_name(texts, field),
    };
    let only_bad = desk.here.value("only") == Some("bad");
    let made = error_workbook(&app, &desk.session, &import_id, only_bad, &words).await;
    match made.and_then(|file| send(file, "errors", OutFormat::Xlsx)) {
        Ok(response) => response,
        Err(error) => sorry(texts, error),
    }
}
