//! The daily follow-up sheet: one key a person, saved in one go.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::follow::{put_sheet, sheet};
use super::super::model::DayState;
use super::super::view::{masked_people, places};
use super::{about, place_name};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::CivilDate;
use crate::console::{Desk, Empty, Frame, Generation, PageHead, Texts, go, page, sorry};
use crate::error::ServiceError;
use crate::people::PersonId;

/// Rows of a page.
const ROWS: u32 = 100;
/// The keys of the states, in the order of [`DayState::ALL`]: khoẻ, sốt, ho, khác, không gặp.
const KEYS: [&str; 5] = ["k", "s", "h", "o", "x"];

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route("/desk/follow-up", Access::Needs(Permission::QueueWork), show),
        form("/desk/follow-up", Access::Needs(Permission::QueueWork), submit),
    ]
}

struct DayKey {
    word: &'static str,
    key: &'static str,
    label: String,
}

struct SheetRow {
    contact_id: String,
    label: String,
    generation: Option<Generation>,
    about: String,
    unit: String,
    place: String,
    day: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "cases/follow.html")]
struct SheetPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    day: String,
    keys: Vec<DayKey>,
    rows: Vec<SheetRow>,
    done: usize,
    more: Option<String>,
    empty: Empty,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match sheet_page(&app, &desk).await {
        Ok(sheet) => page(&sheet),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, form: Filled<Vec<(String, String)>>) -> Response {
    let pairs = filled(form);
    let value = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let saved = async {
        desk.session.check_form(value("form_token"))?;
        let day = CivilDate::parse(value("day")).ok_or(ServiceError::Invalid {
            field: "day",
            why: "not a day",
        })?;
        let entries = read_entries(&pairs)?;
        if entries.is_empty() {
            return Ok(());
        }
        put_sheet(&app, &desk.session, day, &entries).await
    };
    match saved.await {
        Ok(()) => go("/desk/follow-up"),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Reads the fields `d.<contact id>` of the rows that were filled in.
fn read_entries(pairs: &[(String, String)]) -> Result<Vec<(String, DayState)>, ServiceError> {
    let rows = pairs
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("d.")?, value)));
    rows.filter(|(_, value)| !value.is_empty())
        .map(|(contact_id, value)| {
            let state = DayState::parse(value).ok_or(ServiceError::Invalid {
                field: "entries",
                why: "an unknown state",
            })?;
            Ok((contact_id.to_owned(), state))
        })
        .collect()
}

async fn sheet_page(app: &AuthorityApp, desk: &Desk) -> Result<SheetPage, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let today = CivilDate::today(now);
    let frame = desk.frame().titled(texts.get("console-nav-follow-up")).dated(now);
    let after = frame.here.value("after").unwrap_or_default().to_owned();
    let found = sheet(app, &desk.session, today, &after, ROWS).await?;
    let people: Vec<PersonId> = found.iter().map(|(contact, _)| contact.person).collect();
    let masked = masked_people(app, &desk.session, Act::PERSON_LIST, &people, None).await?;
    let contacts: Vec<_> = found.iter().map(|(contact, _)| contact.clone()).collect();
    let whereabouts = places(app, &contacts).await?;
    let rows: Vec<SheetRow> = found
        .iter()
        .zip(whereabouts)
        .map(|((contact, state), place)| SheetRow {
            contact_id: contact.contact_id.clone(),
            label: contact.label.clone(),
            generation: contact.generation.map(Generation),
            about: about(texts, &masked, contact.person),
            unit: place_name(app, &contact.place),
            place: place.unwrap_or_default(),
            day: contact.follow.map_or(String::new(), |(from, until)| {
                let (day, days) = (today.days_since(from) + 1, until.days_since(from) + 1);
                texts.fill(
                    "cases-day-of",
                    &[("day", &day.to_string()), ("days", &days.to_string())],
                )
            }),
            state: state.map_or("", DayState::word),
        })
        .collect();
    let more = (rows.len() == ROWS as usize)
        .then(|| rows.last().map(|row| frame.here.with("after", &row.label).to_string()))
        .flatten();
    let keys = DayState::ALL.iter().zip(KEYS).map(|(state, key)| DayKey {
        word: state.word(),
        key,
        label: texts.get(&format!("cases-day-{}", state.word().replace('_', "-"))),
    });
    Ok(SheetPage {
        head: PageHead::new(texts.get("console-nav-follow-up")).lead(texts.with(
            "cases-follow-lead",
            "day",
            &today.local(),
        )),
        day: today.iso(),
        keys: keys.collect(),
        done: rows.iter().filter(|row| !row.state.is_empty()).count(),
        more,
        rows,
        empty: Empty {
            title: texts.get("cases-follow-none"),
            text: texts.get("cases-follow-none-text"),
            action: None,
        },
        texts,
        frame,
    })
}
