//! `POST /desk/record-keys`: the page of a person asks for a key; the answer shows it, once.
//!
//! The asking page has a form with `form_token`, `person` (hexadecimal) and `back`, the address it stands at.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{RecordKey, issue};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form};
use crate::auth::page::{Filled, filled};
use crate::civil::CivilDate;
use crate::console::{Action, Address, Desk, Frame, Html, Notice, PageHead, Texts, Tone, page, qr_svg, sorry};
use crate::error::ServiceError;
use crate::people::PersonId;

#[derive(Template)]
#[template(path = "records/key.html")]
struct KeyPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Notice,
    link: String,
    message: String,
    qr: Html,
    until: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct KeyForm {
    form_token: String,
    person: String,
    back: String,
}

/// The route of this file.
pub(crate) fn routes() -> Vec<Route> {
    vec![form(
        "/desk/record-keys",
        Access::Needs(Permission::PersonReveal),
        submit,
    )]
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, form: Filled<KeyForm>) -> Response {
    let form = filled(form);
    let made = match desk.session.check_form(&form.form_token) {
        Ok(()) => make(&app, &desk, &form).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(key) => page(&key_page(&desk, &form, &key)),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn make(app: &AuthorityApp, desk: &Desk, form: &KeyForm) -> Result<RecordKey, ServiceError> {
    let person = PersonId::parse(&form.person).ok_or(ServiceError::NotFound { what: "person" })?;
    issue(app, &desk.session, person).await
}

fn key_page(desk: &Desk, form: &KeyForm, key: &RecordKey) -> KeyPage {
    let texts = desk.texts;
    let title = texts.get("record-key");
    let (path, query) = form.back.split_once('?').unwrap_or((&form.back, ""));
    let back = Address::read(path, query).to_string();
    KeyPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title)
            .lead(texts.get("record-key-lead"))
            .action(Action::open(texts.get("desk-back"), back)),
        notice: Notice::new(Tone::Warn, texts.get("record-key-once")),
        message: texts.with("record-key-message", "link", &key.link),
        qr: qr_svg(&key.link),
        link: key.link.clone(),
        until: CivilDate::today(key.until).local(),
        texts,
    }
}
