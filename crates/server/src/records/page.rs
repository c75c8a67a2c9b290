//! The page that shows a record key, once.

use askama::Template;
use axum::response::Response;

use super::{RecordKey, issue};
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::console::{Action, Desk, Frame, Html, Notice, PageHead, Texts, Tone, page, qr_svg, sorry};
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

/// Makes a key for a person, whom the caller found in a record of the officer's own unit, and shows it, once; `back` is the page
/// that asked.
pub(crate) async fn answer(app: &AuthorityApp, desk: &Desk, person: PersonId, back: &str) -> Response {
    match issue(app, &desk.session, person).await {
        Ok(key) => page(&key_page(desk, back, &key)),
        Err(error) => sorry(desk.texts, error),
    }
}

fn key_page(desk: &Desk, back: &str, key: &RecordKey) -> KeyPage {
    let texts = desk.texts;
    let title = texts.get("record-key");
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
