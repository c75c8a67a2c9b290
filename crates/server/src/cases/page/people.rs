//! Finding people of the own unit: the search page, who is like somebody being entered, and codes for the search box.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::super::known::{Known, KnownPeople, MAX_TEXT, find_codes, find_people, similar_people};
use super::super::view::masked_people;
use super::new_case::{CaseForm, described};
use super::{about, reasons};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::CivilDate;
use crate::console::{
    Desk, Destination, Empty, Field, Frame, Notice, PageHead, Texts, Tone, destinations, page, sorry,
};
use crate::error::ServiceError;
use crate::people::PersonId;
use crate::people::search::Matched;

/// Most people shown beside a form.
const SIMILAR: usize = 5;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let search = Access::Needs(Permission::PersonSearch);
    vec![
        route("/desk/people", search, show),
        form("/desk/people", search, submit),
        form("/desk/people/similar", search, similar),
        route("/desk/find", Access::Needs(Permission::CaseRead), find),
    ]
}

/// Somebody who was found.
struct Row {
    about: String,
    why: String,
    /// Address and words of each record.
    records: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "cases/people.html")]
struct PeoplePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    warming: Option<Notice>,
    text: Field,
    rows: Option<Vec<Row>>,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "cases/similar.html")]
struct SimilarPart {
    texts: Texts,
    rows: Vec<Row>,
}

/// What is looked for. It stands in a form and never in an address.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchForm {
    form_token: String,
    text: String,
}

/// What stands in the search box: a code, which says nothing of a person.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    page(&people_page(&app, &desk, "", None))
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, form: Filled<SearchForm>) -> Response {
    let form = filled(form);
    let found = async {
        desk.session.check_form(&form.form_token)?;
        search(&app, &desk, &form.text).await
    };
    match found.await {
        Ok(rows) => page(&people_page(&app, &desk, &form.text, Some(rows))),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn search(app: &AuthorityApp, desk: &Desk, text: &str) -> Result<Vec<Row>, ServiceError> {
    let (hits, known) = find_people(app, &desk.session, text).await?;
    let found = hits.iter().map(|hit| {
        let words = hit.matched.iter().map(|matched| matched_words(desk.texts, *matched));
        (hit.person, words.collect::<Vec<_>>().join(", "))
    });
    rows(app, desk, found.collect(), &known).await
}

/// `POST /desk/people/similar`: who may be the person of a form that is being filled in, as a part of that page.
async fn similar(State(app): State<AuthorityApp>, desk: Desk, form: Filled<CaseForm>) -> Response {
    let form = filled(form);
    let found = async {
        desk.session.check_form(&form.form_token)?;
        let identity = described(&form, CivilDate::today(app.clock.now()));
        let (found, known) = similar_people(&app, &desk.session, &identity, SIMILAR).await?;
        let found = found.iter().map(|it| (it.person, reasons(desk.texts, it)));
        rows(&app, &desk, found.collect(), &known).await
    };
    let part = found.await.map(|rows| {
        SimilarPart {
            texts: desk.texts,
            rows,
        }
        .render()
    });
    match part {
        Ok(Ok(html)) => (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            html,
        )
            .into_response(),
        Ok(Err(_)) => sorry(desk.texts, ServiceError::Unavailable { what: "page" }),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Shows people masked; the look is recorded first.
async fn rows(
    app: &AuthorityApp,
    desk: &Desk,
    found: Vec<(PersonId, String)>,
    known: &KnownPeople,
) -> Result<Vec<Row>, ServiceError> {
    let people: Vec<PersonId> = found.iter().map(|(person, _)| *person).collect();
    let masked = masked_people(app, &desk.session, Act::PERSON_SEARCH, &people, None).await?;
    let row = |(person, why): (PersonId, String)| Row {
        about: about(desk.texts, &masked, person),
        why,
        records: known
            .get(&person)
            .into_iter()
            .flatten()
            .map(|it| record(desk.texts, it))
            .collect(),
    };
    Ok(found.into_iter().map(row).collect())
}

fn record(texts: Texts, known: &Known) -> (String, String) {
    let words = match &known.of_case {
        None => texts.with("cases-people-case", "label", &known.label),
        Some(case) => texts.fill("cases-people-contact", &[("label", &known.label), ("case", case)]),
    };
    (known.path(), words)
}

fn matched_words(texts: Texts, matched: Matched) -> String {
    texts.get(match matched {
        Matched::NameWithMarks => "people-reason-same-name",
        Matched::Name => "people-reason-same-name-without-marks",
        Matched::NameOrder => "people-reason-name-order",
        Matched::NameShort => "people-reason-name-short",
        Matched::NameBeginning => "people-reason-name-part",
        Matched::NameError => "people-reason-name-error",
        Matched::Phone => "people-reason-same-phone",
        Matched::PhonePart => "cases-people-phone-part",
        Matched::Document => "people-reason-same-document",
        Matched::BirthDay => "people-reason-same-birth-day",
        Matched::BirthYear => "people-reason-same-birth-year",
    })
}

fn people_page(app: &AuthorityApp, desk: &Desk, text: &str, rows: Option<Vec<Row>>) -> PeoplePage {
    let texts = desk.texts;
    let title = texts.get("console-nav-people");
    let warming = (!app.finder.is_warm()).then(|| Notice::new(Tone::Warn, texts.get("cases-people-warming")));
    PeoplePage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title).lead(texts.get("cases-people-lead")),
        warming,
        text: Field::text(texts, "text", texts.get("cases-people-text"))
            .value(text)
            .help(texts.get("cases-people-help"))
            .at_most(MAX_TEXT)
            .required()
            .focused(),
        rows,
        empty: Empty {
            title: texts.get("cases-people-none"),
            text: texts.get("cases-people-none-text"),
            action: None,
        },
        texts,
    }
}

/// `GET /desk/find?q=`: cases and contacts by code, for the search box.
async fn find(State(app): State<AuthorityApp>, desk: Desk, asked: Query<Asked>) -> Response {
    match find_codes(&app, &desk.session, &asked.q).await {
        Ok(found) => destinations(
            found
                .into_iter()
                .map(|known| Destination {
                    href: known.path(),
                    note: known.of_case,
                    label: known.label,
                    key: None,
                })
                .collect(),
        ),
        Err(error) => sorry(desk.texts, error),
    }
}
