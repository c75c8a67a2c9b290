//! `/desk/imports`: taking a list, and the lists taken lately.

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::acts::list_imports;
use super::super::model::{Import, ImportState, Kind, Options};
use super::super::sheet::{MAX_FILE, SheetError};
use super::super::upload::{Incoming, UploadError, upload};
use super::sheet_error;
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::cases::files::load_file;
use crate::civil::{CivilDate, clock_time};
use crate::console::{Choice, Desk, Empty, Field, Frame, Mark, Notice, PageHead, Shape, Texts, Tone};
use crate::console::{go, page, page_with, sorry};
use crate::error::ServiceError;

/// Where the page stands.
pub(super) const PATH: &str = "/desk/imports";

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let needs = Access::Needs(Permission::ImportRun);
    let mut take = form(PATH, needs, submit);
    take.handler = take.handler.layer(DefaultBodyLimit::max(MAX_FILE + 64 * 1024));
    vec![route(PATH, needs, show), take]
}

struct Row {
    path: String,
    taken: String,
    what: String,
    rows: String,
    mark: Mark,
    result: String,
}

#[derive(Template)]
#[template(path = "exchange/imports.html")]
struct ImportsPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    case: Option<(String, String)>,
    kind: Option<Field>,
    rows: Vec<Row>,
    empty: Empty,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let case_id = desk.here.value("case").unwrap_or_default().to_owned();
    let kind = desk.here.value("kind").and_then(Kind::parse).unwrap_or(Kind::Contacts);
    match imports_page(&app, &desk, kind, &case_id, None).await {
        Ok(imports) => page(&imports),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn imports_page(
    app: &AuthorityApp,
    desk: &Desk,
    kind: Kind,
    case_id: &str,
    wrong: Option<SheetError>,
) -> Result<ImportsPage, ServiceError> {
    let texts = desk.texts;
    let case = match case_id {
        "" => None,
        case_id => Some(load_file(app, &desk.session, case_id).await?),
    };
    let kinds = [Kind::Contacts, Kind::Cases]
        .map(|kind| Choice::new(kind.word(), texts.get(&format!("exchange-kind-{}", kind.word()))));
    let lists = list_imports(app, &desk.session).await?;
    let title = texts.get("console-nav-imports");
    Ok(ImportsPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title).lead(texts.get("exchange-lead")),
        notice: wrong.map(|error| Notice::new(Tone::Bad, sheet_error(texts, error))),
        kind: case.is_none().then(|| {
            Field::radios(texts, "kind", texts.get("exchange-kind"), kinds.to_vec())
                .value(kind.word())
                .required()
        }),
        case: case.map(|case| (case.case_id, texts.with("exchange-for-case", "case", &case.label))),
        rows: lists.iter().map(|list| row(texts, list)).collect(),
        empty: Empty {
            title: texts.get("exchange-none"),
            text: texts.get("exchange-none-text"),
            action: None,
        },
        texts,
    })
}

fn row(texts: Texts, list: &Import) -> Row {
    let number = |count: i64| texts.number(count);
    let result = match list.state {
        ImportState::Uploaded | ImportState::Checking => String::new(),
        ImportState::Checked => texts.fill(
            "exchange-checked-short",
            &[("good", &number(list.good)), ("bad", &number(list.bad))],
        ),
        _ => texts.fill(
            "exchange-done-short",
            &[
                ("entered", &number(list.entered)),
                ("known", &number(list.known)),
                ("bad", &number(list.bad)),
            ],
        ),
    };
    Row {
        path: format!("{PATH}/{}", list.import_id),
        taken: format!(
            "{} {}",
            CivilDate::today(list.created_at).local(),
            clock_time(list.created_at)
        ),
        what: format!(
            "{} · {}",
            texts.get(&format!("exchange-kind-{}", list.kind.word())),
            list.format.word().to_uppercase()
        ),
        rows: number(list.total),
        mark: mark(texts, list.state),
        result,
    }
}

pub(super) fn mark(texts: Texts, state: ImportState) -> Mark {
    let shape = match state {
        ImportState::Uploaded | ImportState::Checked => Shape::Ring,
        ImportState::Checking | ImportState::Entering | ImportState::Linking => Shape::Half,
        ImportState::Done => Shape::Disc,
        ImportState::Expired => Shape::Diamond,
    };
    Mark::new(shape, texts.get(&format!("exchange-state-{}", state.word())))
}

/// What the form held when its file was read.
struct Sent {
    kind: Kind,
    case_id: String,
    incoming: Incoming,
}

enum Refused {
    Sheet(Kind, String, SheetError),
    Service(ServiceError),
}

impl From<ServiceError> for Refused {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

async fn submit(
    State(app): State<AuthorityApp>,
    desk: Desk,
    parts: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Ok(parts) = parts else {
        return sorry(desk.texts, invalid());
    };
    match take(&app, &desk, parts).await {
        Ok(import_id) => go(&format!("{PATH}/{import_id}")),
        Err(Refused::Sheet(kind, case_id, error)) => {
            match imports_page(&app, &desk, kind, &case_id, Some(error)).await {
                Ok(imports) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &imports),
                Err(error) => sorry(desk.texts, error),
            }
        }
        Err(Refused::Service(error)) => sorry(desk.texts, error),
    }
}

fn invalid() -> ServiceError {
    ServiceError::Invalid {
        field: "file",
        why: "a form with a file",
    }
}

async fn take(app: &AuthorityApp, desk: &Desk, parts: Multipart) -> Result<String, Refused> {
    let sent = receive(app, desk, parts).await?;
    let options = Options {
        case_id: Some(sent.case_id.clone()).filter(|id| !id.is_empty()),
        level: 2,
        ..Options::default()
    };
    let kind = sent.kind;
    match upload(app, &desk.session, kind, options, sent.incoming).await {
        Ok(list) => Ok(list.import_id),
        Err(UploadError::Sheet(error)) => Err(Refused::Sheet(kind, sent.case_id, error)),
        Err(UploadError::Service(error)) => Err(Refused::Service(error)),
    }
}

/// Reads the form part by part; the token stands before the file, so that a forged form is refused before its file is read.
async fn receive(app: &AuthorityApp, desk: &Desk, mut parts: Multipart) -> Result<Sent, Refused> {
    let broken = |_: MultipartError| Refused::Service(invalid());
    let (mut kind, mut case_id, mut is_ours) = (Kind::Contacts, String::new(), false);
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = part.text().await.map_err(broken)?;
            match name.as_str() {
                "form_token" => {
                    desk.session.check_form(&text)?;
                    is_ours = true;
                }
                "kind" => kind = Kind::parse(&text).ok_or_else(|| Refused::Service(invalid()))?,
                "case" => case_id = text,
                _ => {}
            }
            continue;
        }
        if !is_ours {
            return Err(Refused::Service(ServiceError::Forbidden));
        }
        if !case_id.is_empty() {
            load_file(app, &desk.session, &case_id).await?;
        }
        let mut incoming = Incoming::new(app);
        while let Some(bytes) = part.chunk().await.map_err(|error| too_large(&error, kind, &case_id))? {
            incoming
                .push(&bytes)
                .map_err(|error| Refused::Sheet(kind, case_id.clone(), error))?;
        }
        return Ok(Sent {
            kind,
            case_id,
            incoming,
        });
    }
    Err(Refused::Sheet(kind, case_id, SheetError::Empty))
}

fn too_large(error: &MultipartError, kind: Kind, case_id: &str) -> Refused {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refused::Sheet(kind, case_id.to_owned(), SheetError::TooLarge)
    } else {
        Refused::Service(invalid())
    }
}
