//! The contacts grid: paste, look at every cell, mend, save once.

use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::super::contacts::{Batch, Entered, NewContact, add_contacts, load_contact};
use super::super::files::{Subject, load_file};
use super::super::grid::{Column, Defaults, Entry, guess, read, split};
use super::super::known::known_here;
use super::super::model::Origin;
use super::super::view::masked_people;
use super::{about, commune, communes, read_day, reasons};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::CivilDate;
use crate::console::{
    Choice, Desk, DraftNotes, Field, Frame, Notice, PageHead, Texts, Tone, go, page, page_with, sorry,
};
use crate::error::ServiceError;
use crate::geo::UnitId;
use crate::people::PersonId;
use crate::people::search::Candidate;

/// Largest form of a grid, in bytes: 500 rows of ten cells.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let needs = Access::Needs(Permission::ContactWrite);
    let large = |mut route: Route| {
        route.handler = route.handler.layer(DefaultBodyLimit::max(MAX_BODY));
        route
    };
    vec![
        route("/desk/cases/{case_id}/contacts/new", needs, show),
        large(form("/desk/cases/{case_id}/contacts/new", needs, submit)),
    ]
}

/// Name of a column's field, and what it may be: word, label, whether chosen.
type ColumnChoice = (String, Vec<(String, String, bool)>);

/// A cell as the page shows it.
struct Cell {
    name: String,
    label: String,
    text: String,
    wrong: Option<String>,
}

/// A row as the page shows it.
struct Row {
    number: usize,
    cells: Vec<Cell>,
    /// What is wrong with a column that is not there.
    missing: Vec<String>,
    /// Somebody known who may be this one: value, words, whether chosen.
    matches: Vec<(String, String, bool)>,
    choice: String,
    is_good: bool,
}

#[derive(Template)]
#[template(path = "cases/grid.html")]
struct GridPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    draft: DraftNotes,
    action: String,
    of: String,
    sheet: String,
    began_at: i64,
    defaults: Vec<Field>,
    paste: Field,
    columns: Vec<ColumnChoice>,
    rows: Vec<Row>,
    good: usize,
}

/// What the form holds, read once.
struct Grid {
    of: String,
    /// Names the paste that the rows came from, so that a draft of other rows is never laid over them.
    sheet: String,
    began_at: i64,
    exposed_on: String,
    place: String,
    address: String,
    unit: String,
    level: String,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    chosen: Vec<String>,
}

async fn show(State(app): State<AuthorityApp>, Path(case_id): Path<String>, desk: Desk) -> Response {
    let now = app.clock.now();
    let unit = match load_file(&app, &desk.session, &case_id).await {
        Ok(case) => case
            .place
            .commune
            .and_then(UnitId::from_number)
            .and_then(|unit| app.geo.unit(unit)),
        Err(error) => return sorry(desk.texts, error),
    };
    let grid = Grid {
        of: desk.here.value("of").unwrap_or_default().to_owned(),
        sheet: String::new(),
        began_at: now.0,
        exposed_on: CivilDate::today(now).local(),
        place: String::new(),
        address: String::new(),
        // Most of them live where the case does; the officer sees it and changes what differs.
        unit: unit.map_or(String::new(), |unit| unit.code()),
        level: "2".to_owned(),
        columns: Vec::new(),
        rows: Vec::new(),
        chosen: Vec::new(),
    };
    match grid_page(&app, &desk, &case_id, grid, None).await {
        Ok((grid, _)) => page(&grid),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Reads a paste into a grid, or saves the grid when every row is good.
async fn submit(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    form: Filled<Vec<(String, String)>>,
) -> Response {
    let pairs = filled(form);
    if let Err(error) = desk.session.check_form(value(&pairs, "form_token")) {
        return sorry(desk.texts, error);
    }
    let today = CivilDate::today(app.clock.now());
    let mut grid = read_grid(&pairs);
    let pasted = value(&pairs, "paste");
    let mut notice = None;
    if !pasted.trim().is_empty() {
        match split(pasted) {
            Ok(rows) => {
                take_paste(&mut grid, rows, today);
                grid.sheet = Sha256::digest(pasted)
                    .iter()
                    .take(8)
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
            }
            Err(_) => notice = Some(Notice::new(Tone::Bad, desk.texts.get("cases-grid-too-large"))),
        }
    }
    let saves = value(&pairs, "act") == "save" && pasted.trim().is_empty();
    let shown = grid_page(&app, &desk, &case_id, grid, notice).await;
    let (mut shown, new) = match shown {
        Ok(both) => both,
        Err(error) => return sorry(desk.texts, error),
    };
    if !saves {
        return page(&shown);
    }
    if shown.rows.is_empty() || shown.good < shown.rows.len() {
        shown.notice = Some(Notice::new(Tone::Bad, desk.texts.get("cases-grid-mend")));
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    }
    let batch = Batch {
        case_id: case_id.clone(),
        of_contact: Some(shown.of.clone()).filter(|of| !of.is_empty()),
        contacts: new,
        entry_seconds: Some((app.clock.now().0 - shown.began_at).clamp(0, 86_400)),
    };
    match add_contacts(&app, &desk.session, batch).await {
        Ok(entered) => {
            let new = entered
                .iter()
                .filter(|entered| matches!(entered, Entered::New(_)))
                .count();
            go(&format!("/desk/cases/{case_id}?entered={new}&of={}#contacts", shown.of))
        }
        Err(error) => sorry(desk.texts, error),
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .unwrap_or_default()
}

fn read_grid(pairs: &[(String, String)]) -> Grid {
    let text = |name: &str| value(pairs, name).trim().to_owned();
    let mut columns = Vec::new();
    while let Some((_, word)) = pairs.iter().find(|(key, _)| *key == format!("col.{}", columns.len())) {
        columns.push(Column::parse(word).unwrap_or(Column::Ignored));
    }
    let (mut rows, mut chosen) = (Vec::<Vec<String>>::new(), Vec::<String>::new());
    for (key, cell) in pairs {
        // Cells stand in the form row by row, in order.
        if let Some(place) = key.strip_prefix("cell.") {
            let row: usize = place
                .split('.')
                .next()
                .and_then(|row| row.parse().ok())
                .unwrap_or(usize::MAX);
            if row == rows.len() && row < super::super::grid::MAX_ROWS {
                rows.push(Vec::new());
            }
            if row + 1 == rows.len() {
                rows[row].push(cell.trim().to_owned());
            }
        } else if key.starts_with("who.") {
            chosen.push(cell.clone());
        }
    }
    // A row whose cells were all emptied was taken out.
    let kept: Vec<bool> = rows.iter().map(|row| row.iter().any(|cell| !cell.is_empty())).collect();
    chosen.resize(rows.len(), String::new());
    let mut at = 0;
    chosen.retain(|_| {
        at += 1;
        kept[at - 1]
    });
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    Grid {
        of: text("of"),
        sheet: text("sheet").chars().filter(char::is_ascii_hexdigit).take(16).collect(),
        began_at: value(pairs, "began_at").parse().unwrap_or_default(),
        exposed_on: text("exposed_on"),
        place: text("place"),
        address: text("address"),
        unit: text("unit"),
        level: text("level"),
        columns,
        rows,
        chosen,
    }
}

fn take_paste(grid: &mut Grid, mut rows: Vec<Vec<String>>, today: CivilDate) {
    let (has_heading, columns) = guess(&rows, today);
    if has_heading {
        rows.remove(0);
    }
    let width = columns.len();
    for row in &mut rows {
        row.resize(width, String::new());
    }
    grid.chosen = vec![String::new(); rows.len()];
    grid.columns = columns;
    grid.rows = rows;
}

/// Returns the page, and the contacts of the rows that are good.
async fn grid_page(
    app: &AuthorityApp,
    desk: &Desk,
    case_id: &str,
    grid: Grid,
    notice: Option<Notice>,
) -> Result<(GridPage, Vec<NewContact>), ServiceError> {
    let (texts, today) = (desk.texts, CivilDate::today(app.clock.now()));
    let case = load_file(app, &desk.session, case_id).await?;
    let of_label = if grid.of.is_empty() {
        case.label.clone()
    } else {
        load_contact(app, &desk.session, &grid.of).await?.label
    };
    let defaults = Defaults {
        exposed_on: read_day(&grid.exposed_on, today),
        place: grid.place.clone(),
        address: grid.address.clone(),
    };
    let unit = commune(app, &grid.unit, today);
    let level: u8 = grid
        .level
        .parse()
        .ok()
        .filter(|level| (1..=4).contains(level))
        .unwrap_or(2);
    let read: Vec<_> = grid
        .rows
        .iter()
        .map(|row| read(row, &grid.columns, &defaults, today))
        .collect();
    let matches = find_matches(app, desk, &read, case_id).await?;
    let mut rows = Vec::with_capacity(read.len());
    let mut new = Vec::new();
    for (at, result) in read.iter().enumerate() {
        let row = show_row(texts, at, &grid, result, &matches[at]);
        if let (Ok(entry), Ok(unit)) = (result, &unit) {
            new.push(new_contact(entry, *unit, level, &row.choice));
        }
        rows.push(row);
    }
    let good = if unit.is_ok() {
        rows.iter().filter(|row| row.is_good).count()
    } else {
        0
    };
    let title = texts.with("cases-grid-of", "who", &of_label);
    let page = GridPage {
        frame: desk
            .frame()
            .titled(title.clone())
            .hint(&["Ctrl", "Enter"], texts.get("cases-grid-key-save")),
        head: PageHead::new(title)
            .under(case.label.clone(), format!("/desk/cases/{case_id}"))
            .lead(texts.get("cases-grid-lead")),
        notice,
        draft: DraftNotes { texts },
        action: format!("/desk/cases/{case_id}/contacts/new"),
        defaults: default_fields(app, desk, &grid, unit.is_err() && !grid.rows.is_empty(), today),
        paste: Field::area(
            texts,
            "paste",
            texts.get("cases-grid-paste"),
            if grid.rows.is_empty() { 8 } else { 2 },
        )
        .help(texts.get("cases-grid-paste-help"))
        .at_most(500_000),
        columns: column_choices(texts, &grid.columns),
        of: grid.of,
        sheet: grid.sheet,
        began_at: grid.began_at,
        rows,
        good,
        texts,
    };
    Ok((page, new))
}

fn new_contact(entry: &Entry, unit: UnitId, level: u8, choice: &str) -> NewContact {
    let subject = match PersonId::parse(choice) {
        Some(person) => Subject::Known(person),
        None => Subject::New(Box::new(entry.identity.clone())),
    };
    NewContact {
        subject,
        exposed_on: entry.exposed_on,
        minutes: None,
        place: entry.place.clone(),
        relation: entry.relation.chars().take(60).collect(),
        level,
        unit,
        origin: Origin::Interview,
    }
}

type ReadRow = Result<Entry, Vec<(Option<usize>, super::super::grid::Fault)>>;

/// Returns for each row who of the own unit may be this person: id and words, the likeliest first.
async fn find_matches(
    app: &AuthorityApp,
    desk: &Desk,
    rows: &[ReadRow],
    case_id: &str,
) -> Result<Vec<Vec<(PersonId, String, bool)>>, ServiceError> {
    let texts = desk.texts;
    let mut candidates: Vec<Vec<Candidate>> = rows
        .iter()
        .map(|row| {
            row.as_ref()
                .map_or_else(|_| Vec::new(), |entry| app.finder.duplicates(&entry.identity, None, 3))
        })
        .collect();
    let people: Vec<PersonId> = candidates.iter().flatten().map(|candidate| candidate.person).collect();
    // Somebody known in another unit only is answered like somebody unknown.
    let known = known_here(app, &desk.session, &people).await?;
    if known.is_empty() {
        return Ok(vec![Vec::new(); rows.len()]);
    }
    for row in &mut candidates {
        row.retain(|candidate| known.contains_key(&candidate.person));
    }
    let people: Vec<PersonId> = known.keys().copied().collect();
    let masked = masked_people(app, &desk.session, Act::PERSON_SEARCH, &people, Some(case_id)).await?;
    let words = |candidate: &Candidate| {
        let records = known.get(&candidate.person).into_iter().flatten();
        let of: Vec<&str> = records.filter_map(|record| record.of_case.as_deref()).collect();
        let mut text = format!(
            "{} · {}",
            about(texts, &masked, candidate.person),
            reasons(texts, candidate)
        );
        if !of.is_empty() {
            text.push_str(&format!(
                " · {}",
                texts.with("cases-grid-known", "cases", &of.join(", "))
            ));
        }
        text
    };
    Ok(candidates
        .iter()
        .map(|row| {
            row.iter()
                .map(|candidate| (candidate.person, words(candidate), candidate.probability >= LIKELY))
                .collect()
        })
        .collect())
}

/// From this probability on somebody known is offered first.
const LIKELY: f32 = 0.9;

fn show_row(texts: Texts, at: usize, grid: &Grid, result: &ReadRow, matches: &[(PersonId, String, bool)]) -> Row {
    let faults: &[_] = result.as_ref().err().map_or(&[], Vec::as_slice);
    let words = |fault: super::super::grid::Fault| texts.get(&format!("cases-fault-{}", fault.word()));
    let cells = grid.rows[at].iter().enumerate().map(|(column, text)| Cell {
        name: format!("cell.{at}.{column}"),
        label: grid.columns.get(column).map_or(String::new(), |column| {
            texts.get(&format!("cases-column-{}", column.word()))
        }),
        text: text.clone(),
        wrong: faults
            .iter()
            .find(|(place, _)| *place == Some(column))
            .map(|(_, fault)| words(*fault)),
    });
    let picked = grid.chosen.get(at).map(String::as_str).unwrap_or_default();
    let offered = matches
        .first()
        .filter(|(_, _, likely)| *likely)
        .map(|(person, _, _)| person.hex());
    let is_known = matches.iter().any(|(person, _, _)| person.hex() == picked);
    let choice = if picked == "new" || is_known {
        picked.to_owned()
    } else {
        offered.unwrap_or_else(|| "new".to_owned())
    };
    Row {
        number: at + 1,
        cells: cells.collect(),
        missing: faults
            .iter()
            .filter(|(place, _)| place.is_none())
            .map(|(_, fault)| words(*fault))
            .collect(),
        matches: matches
            .iter()
            .map(|(person, words, _)| (person.hex(), words.clone(), person.hex() == choice))
            .collect(),
        choice,
        is_good: result.is_ok(),
    }
}

fn column_choices(texts: Texts, columns: &[Column]) -> Vec<ColumnChoice> {
    let all = |chosen: Column| {
        Column::ALL
            .into_iter()
            .map(|column| {
                (
                    column.word().to_owned(),
                    texts.get(&format!("cases-column-{}", column.word())),
                    column == chosen,
                )
            })
            .collect()
    };
    columns
        .iter()
        .enumerate()
        .map(|(at, column)| (format!("col.{at}"), all(*column)))
        .collect()
}

fn default_fields(app: &AuthorityApp, desk: &Desk, grid: &Grid, unit_is_wrong: bool, today: CivilDate) -> Vec<Field> {
    let texts = desk.texts;
    let levels = (1..=4)
        .rev()
        .map(|n: u8| Choice::new(&n.to_string(), texts.get(&format!("cases-level-{n}"))));
    let error = unit_is_wrong.then(|| texts.get("cases-wrong-unit"));
    vec![
        Field::day(texts, "exposed_on", texts.get("cases-column-exposed-on")).value(&*grid.exposed_on),
        Field::text(texts, "place", texts.get("cases-column-place")).value(&*grid.place),
        Field::text(texts, "address", texts.get("cases-grid-household"))
            .value(&*grid.address)
            .at_most(300),
        Field::select(
            texts,
            "unit",
            texts.get("cases-field-unit"),
            communes(app, desk.session.officer.scope, today),
        )
        .value(&*grid.unit)
        .required()
        .error(error),
        Field::select(texts, "level", texts.get("cases-col-level"), levels.collect())
            .value(&*grid.level)
            .required(),
    ]
}
