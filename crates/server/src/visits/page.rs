//! What a camera opens that scanned a poster: which place it is, whether the poster is genuine, and a form to check in without app,
//! account or script.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exposure::visit::Scan;
use serde::Deserialize;

use super::model::{NewVisit, event_number};
use super::register;
use crate::app::AuthorityApp;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::clock_time;
use crate::codes::Limits;
use crate::console::{Action, Field, Frame, Notice, PageHead, Texts, Tone, Visitor, page, page_with};
use crate::error::ServiceError;
use crate::http::source::Source;
use crate::people::{self, Identity, LegalBasis, known_or_new};
use crate::venues::model::kind_word;
use crate::venues::page::{field_error, form_notice, frame, sorry};
use crate::venues::{Found, Venue, find};

/// Check-ins of one network at one place at once, and how soon another one may follow, in seconds: a family, a bus, a market's own network.
const AT_ONCE: u32 = 60;
const PAUSE_SECONDS: u32 = 5;

/// The routes of the feature's pages.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route("/v/{code}", Access::Public, show),
        route("/V/{code}", Access::Public, show),
        form("/v/{code}", Access::Public, submit),
        route(
            "/venues/{venue_id}/activity",
            Access::Public,
            super::activity_page::show,
        ),
    ]
}

#[derive(askama::Template)]
#[template(path = "visits/visitor.html")]
struct VisitorPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    action: String,
    fields: Vec<Field>,
    /// Who has just come in: the form of one button.
    done: Option<Done>,
}

struct Done {
    words: String,
    /// Whether there is a way out.
    is_in: bool,
    name: String,
    phone: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct VisitForm {
    name: String,
    phone: String,
    direction: String,
}

async fn show(State(app): State<AuthorityApp>, visitor: Visitor, Path(code): Path<String>) -> Response {
    match find(&app, &code).await {
        Ok(Found::Venue(venue)) => page(&venue_page(&app, &visitor, &venue, &VisitForm::default(), None)),
        Ok(found) => refused(&visitor, &found),
        Err(error) => sorry(&visitor, error),
    }
}

/// Says why there is nothing to check in to.
fn refused(visitor: &Visitor, found: &Found) -> Response {
    let texts = visitor.texts;
    let (status, id) = match found {
        Found::Venue(_) | Found::Unknown => (StatusCode::NOT_FOUND, "venue-code-unknown"),
        Found::Revoked(_) => (StatusCode::GONE, "venue-code-revoked"),
        Found::Forged => (StatusCode::FORBIDDEN, "venue-code-forged"),
        Found::Foreign => (StatusCode::NOT_FOUND, "venue-code-foreign"),
    };
    let title = match found {
        Found::Revoked(venue) => venue.name.clone(),
        _ => texts.get("desk-sorry"),
    };
    page_with(
        status,
        &VisitorPage {
            frame: frame(visitor, &title),
            texts,
            head: PageHead::new(title),
            notice: Some(Notice::new(Tone::Bad, texts.get(id))),
            action: String::new(),
            fields: Vec::new(),
            done: None,
        },
    )
}

fn venue_page(
    app: &AuthorityApp,
    visitor: &Visitor,
    venue: &Venue,
    form: &VisitForm,
    error: Option<&ServiceError>,
) -> VisitorPage {
    let texts = visitor.texts;
    let wrong = |field: &str| error.and_then(|error| field_error(texts, error, field));
    let short = venue.poster.short.signs();
    let link = format!("{}#venue={short}", app.config.link_url);
    let kind = texts.get(&format!("venue-kind-{}", kind_word(venue.kind)));
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    VisitorPage {
        frame: frame(visitor, &venue.name),
        texts,
        head: PageHead::new(venue.name.clone())
            .lead(texts.with("visit-lead", "kind", &kind))
            .action(Action::open(texts.get("venue-open-app"), link)),
        notice: error.map(|error| form_notice(texts, error)),
        action: format!("/v/{short}"),
        fields: vec![
            Field::text(texts, "name", texts.get("visit-name"))
                .value(cut(&form.name, people::model::MAX_NAME))
                .completes("name")
                .error(wrong("name"))
                .required(),
            Field::phone(texts, "phone", texts.get("visit-phone"))
                .value(cut(&form.phone, 20))
                .completes("tel-national")
                .help(texts.get("visit-phone-help"))
                .error(wrong("phone"))
                .required(),
        ],
        done: None,
    }
}

async fn submit(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    Path(code): Path<String>,
    form: Filled<VisitForm>,
) -> Response {
    let form = filled(form);
    let venue = match find(&app, &code).await {
        Ok(Found::Venue(venue)) => venue,
        Ok(found) => return refused(&visitor, &found),
        Err(error) => return sorry(&visitor, error),
    };
    match check_in(&app, &visitor, &venue, &form).await {
        Ok(done) => {
            let shown = VisitorPage {
                done: Some(done),
                ..venue_page(&app, &visitor, &venue, &VisitForm::default(), None)
            };
            page(&shown)
        }
        Err(error @ ServiceError::Internal(_)) => sorry(&visitor, error),
        Err(error) => {
            let again = venue_page(&app, &visitor, &venue, &form, Some(&error));
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
    }
}

async fn check_in(
    app: &AuthorityApp,
    visitor: &Visitor,
    venue: &Venue,
    form: &VisitForm,
) -> Result<Done, ServiceError> {
    let now = app.clock.now();
    let name = people::line(&form.name, people::model::MAX_NAME, "name")?;
    let has_letter = name.chars().any(char::is_alphabetic);
    let invalid = |field, why| ServiceError::Invalid { field, why };
    if !has_letter {
        return Err(invalid("name", "must have a letter"));
    }
    let number = people::model::phone(&form.phone).ok_or(invalid("phone", "is no telephone number"))?;
    admit(app, &visitor.source, venue)?;
    let is_in = form.direction != "out";
    let who = Identity {
        name: name.clone(),
        phones: vec![number],
        ..Identity::default()
    };
    let person = known_or_new(app, who, LegalBasis::Consent).await?;
    let visit = NewVisit {
        venue: venue.number,
        person,
        at: now,
        scan: if is_in { Scan::In } else { Scan::Out },
        event: event_number(&app.entropy.hex_id())?,
        flags: 0,
    };
    register(app, &[visit]).await?;
    let id = if is_in { "visit-done-in" } else { "visit-done-out" };
    Ok(Done {
        words: visitor.texts.with(id, "time", &clock_time(now)),
        is_in,
        name,
        phone: form.phone.clone(),
    })
}

/// Nobody closes a place from elsewhere by thousands of check-ins.
fn admit(app: &AuthorityApp, source: &Source, venue: &Venue) -> Result<(), ServiceError> {
    let counted = app.source_hash(&Source(format!("visit {} {}", venue.number, source.0)));
    let limits = Limits {
        source_burst: AT_ONCE,
        source_refill_seconds: PAUSE_SECONDS,
        ..app.config.code_limits.clone()
    };
    let admitted = app.sources().admit(counted, app.clock.now(), &limits);
    admitted.map_err(|retry_after_seconds| ServiceError::TooMany { retry_after_seconds })?;
    Ok(())
}
