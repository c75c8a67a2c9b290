//! What a person may ask of the desk, from the page of the case or contact: the list of who looked, and to be erased.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::erase::{Place, REASONS, erase_person, person_at};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::console::{Action, Choice, Confirm, Deed, Desk, Field, Frame, go, page, sorry};
use crate::records;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let (tell, erase) = (
        Access::Needs(Permission::PersonReveal),
        Access::StepUp(Permission::PersonErase),
    );
    vec![
        form("/desk/cases/{case_id}/record-key", tell, tell_case),
        form("/desk/contacts/{contact_id}/record-key", tell, tell_contact),
        route("/desk/cases/{case_id}/erase", erase, ask_case),
        form("/desk/cases/{case_id}/erase", erase, submit_case),
        route("/desk/contacts/{contact_id}/erase", erase, ask_contact),
        form("/desk/contacts/{contact_id}/erase", erase, submit_contact),
    ]
}

/// Returns what the officer may do for the person of a record, as buttons.
pub(super) fn deeds(desk: &Desk, path: &str) -> Vec<Action> {
    let texts = desk.texts;
    let mut deeds = Vec::new();
    if desk.session.may(Permission::PersonReveal) {
        let send = Deed::Send {
            action: format!("{path}/record-key"),
            form_token: desk.session.form_token.clone(),
        };
        deeds.push(Action::new(texts.get("cases-person-tell"), send));
    }
    if desk.session.may(Permission::PersonErase) {
        deeds.push(Action::open(texts.get("cases-person-erase"), format!("{path}/erase")).grave());
    }
    deeds
}

fn path(place: &Place) -> String {
    match place {
        Place::Case(id) => format!("/desk/cases/{id}"),
        Place::Contact(id) => format!("/desk/contacts/{id}"),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PersonForm {
    form_token: String,
    reason: String,
}

async fn tell_case(
    State(app): State<AuthorityApp>,
    Path(id): Path<String>,
    desk: Desk,
    form: Filled<PersonForm>,
) -> Response {
    tell(&app, &desk, &Place::Case(id), filled(form)).await
}

async fn tell_contact(
    State(app): State<AuthorityApp>,
    Path(id): Path<String>,
    desk: Desk,
    form: Filled<PersonForm>,
) -> Response {
    tell(&app, &desk, &Place::Contact(id), filled(form)).await
}

async fn tell(app: &AuthorityApp, desk: &Desk, place: &Place, form: PersonForm) -> Response {
    let person = match desk.session.check_form(&form.form_token) {
        Ok(()) => person_at(app, &desk.session, place).await,
        Err(error) => Err(error),
    };
    match person {
        Ok(person) => records::page::answer(app, desk, person, &path(place)).await,
        Err(error) => sorry(desk.texts, error),
    }
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ErasePage {
    frame: Frame,
    confirm: Confirm,
}

async fn ask_case(State(app): State<AuthorityApp>, Path(id): Path<String>, desk: Desk) -> Response {
    ask(&app, &desk, &Place::Case(id)).await
}

async fn ask_contact(State(app): State<AuthorityApp>, Path(id): Path<String>, desk: Desk) -> Response {
    ask(&app, &desk, &Place::Contact(id)).await
}

async fn ask(app: &AuthorityApp, desk: &Desk, place: &Place) -> Response {
    match person_at(app, &desk.session, place).await {
        Ok(_) => page(&erase_page(desk, place)),
        Err(error) => sorry(desk.texts, error),
    }
}

fn erase_page(desk: &Desk, place: &Place) -> ErasePage {
    let texts = desk.texts;
    let reasons = REASONS
        .iter()
        .map(|word| Choice::new(word, texts.get(&format!("cases-erase-{word}"))));
    let frame = desk.frame().titled(texts.get("cases-person-erase"));
    ErasePage {
        confirm: Confirm {
            texts,
            id: "erase",
            title: texts.get("cases-erase-title"),
            effects: [
                "cases-erase-gone",
                "cases-erase-backups",
                "cases-erase-stays",
                "cases-erase-final",
            ]
            .map(|id| texts.get(id))
            .into(),
            action: format!("{}/erase", path(place)),
            form_token: frame.token().to_owned(),
            hidden: Vec::new(),
            fields: vec![Field::select(texts, "reason", texts.get("cases-erase-reason"), reasons.collect()).required()],
            button: texts.get("cases-erase-do"),
            grave: true,
            back: path(place),
        },
        frame,
    }
}

async fn submit_case(
    State(app): State<AuthorityApp>,
    Path(id): Path<String>,
    desk: Desk,
    form: Filled<PersonForm>,
) -> Response {
    submit(&app, &desk, &Place::Case(id), filled(form)).await
}

async fn submit_contact(
    State(app): State<AuthorityApp>,
    Path(id): Path<String>,
    desk: Desk,
    form: Filled<PersonForm>,
) -> Response {
    submit(&app, &desk, &Place::Contact(id), filled(form)).await
}

async fn submit(app: &AuthorityApp, desk: &Desk, place: &Place, form: PersonForm) -> Response {
    let done = match desk.session.check_form(&form.form_token) {
        Ok(()) => erase_person(app, &desk.session, place, &form.reason).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go(&path(place)),
        Err(error) => sorry(desk.texts, error),
    }
}
