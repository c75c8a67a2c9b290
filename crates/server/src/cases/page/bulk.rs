//! Codes without opening a case first: one by the case's code, or many from a list, each by message.

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::super::bulk::{Issued, MAX_LINES, WrongLine, issue_list};
use super::super::files::labelled;
use super::super::read_label;
use super::moment;
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::console::{Desk, DraftNotes, Field, Figures, Frame, Metric, Notice, PageHead, Texts, Tone, go, page, sorry};
use crate::error::ServiceError;
use crate::messages::{self, MessageState};

/// The header by which the page's script says that it sends a list in parts.
const PART: &str = "x-part";
/// How far back messages are counted, in seconds: a day.
const COUNTED_SECONDS: i64 = 86_400;
/// Longest text of a list, in characters.
const MAX_TEXT: u32 = 600_000;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route("/desk/codes", Access::Needs(Permission::CodeIssue), show),
        form("/desk/codes", Access::Needs(Permission::CodeIssue), submit),
    ]
}

#[derive(Template)]
#[template(path = "cases/bulk.html")]
struct BulkPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    case: Field,
    draft: DraftNotes,
    lines: Field,
    /// Sentences for the script, with places for numbers.
    cut: String,
    done: String,
    sample: String,
    wrong: WrongRows,
    figures: Figures,
}

/// Rows of the table of lines for which nothing was done.
#[derive(Template)]
#[template(
    source = r#"{% for row in rows %}<tr><th scope="row" class="num">{{ row.0 }}</th><td><code>{{ row.1 }}</code></td><td><small class="wrong">{{ row.2 }}</small></td></tr>{% endfor %}"#,
    ext = "html"
)]
struct WrongRows {
    rows: Vec<(usize, String, String)>,
}

/// A case that was asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    case: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListForm {
    form_token: String,
    lines: String,
    /// Number of the first line, in a part of a list.
    first: usize,
}

/// What became of a part of a list, for the page's script.
#[derive(Serialize)]
struct Part {
    issued: usize,
    served: usize,
    rows: String,
    wrong: Vec<String>,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk, asked: Query<Asked>) -> Response {
    let shown = async {
        let text = asked.case.trim();
        let mut fault = None;
        if !text.is_empty() {
            let label: Vec<String> = read_label(text).into_iter().collect();
            if let Some(case) = labelled(&app, &desk.session, &label).await?.first() {
                return Ok(go(&format!("/desk/cases/{}/codes", case.case_id)));
            }
            fault = Some(desk.texts.get("desk-bulk-no-case"));
        }
        Ok(page(&bulk_page(&app, &desk, text, fault, None).await?))
    };
    shown
        .await
        .unwrap_or_else(|error: ServiceError| sorry(desk.texts, error))
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, headers: HeaderMap, form: Filled<ListForm>) -> Response {
    let form = filled(form);
    let texts = desk.texts;
    let write = |link: &str| texts.with("desk-bulk-message", "link", link);
    let done = async {
        desk.session.check_form(&form.form_token)?;
        let issued = issue_list(&app, &desk.session, &form.lines, form.first.max(1), &write).await?;
        if headers.contains_key(PART) {
            let part = Part {
                issued: issued.issued,
                served: issued.served,
                rows: wrong_rows(texts, &issued.wrong).to_string(),
                wrong: issued.wrong.into_iter().map(|line| line.text).collect(),
            };
            return Ok(Json(part).into_response());
        }
        Ok(page(&bulk_page(&app, &desk, "", None, Some(&issued)).await?))
    };
    done.await.unwrap_or_else(|error: ServiceError| sorry(texts, error))
}

async fn bulk_page(
    app: &AuthorityApp,
    desk: &Desk,
    case: &str,
    fault: Option<String>,
    issued: Option<&Issued>,
) -> Result<BulkPage, ServiceError> {
    let texts = desk.texts;
    let title = texts.get("console-nav-codes");
    let wrong = issued.map(|issued| issued.wrong.as_slice()).unwrap_or_default();
    let left: Vec<&str> = wrong.iter().map(|line| line.text.as_str()).collect();
    Ok(BulkPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title).lead(texts.get("desk-bulk-lead")),
        notice: issued.map(|issued| outcome(texts, issued)),
        case: Field::text(texts, "case", texts.get("desk-bulk-case"))
            .value(case)
            .at_most(16)
            .required()
            .error(fault),
        lines: Field::area(texts, "lines", texts.get("desk-bulk-lines"), 8)
            .value(left.join("\n"))
            .help(texts.with("desk-bulk-lines-help", "most", &texts.number(MAX_LINES as i64)))
            .at_most(MAX_TEXT)
            .required(),
        draft: DraftNotes { texts },
        cut: texts.with("desk-bulk-cut", "line", "{0}"),
        done: done_words(texts, "{0}", "{1}", "{2}"),
        sample: texts.with("desk-bulk-message", "link", &format!("{}#code=…", app.config.link_url)),
        wrong: wrong_rows(texts, wrong),
        figures: figures(app, desk).await?,
        texts,
    })
}

fn outcome(texts: Texts, issued: &Issued) -> Notice {
    let tone = if issued.wrong.is_empty() {
        Tone::Good
    } else {
        Tone::Warn
    };
    let number = |count: usize| texts.number(i64::try_from(count).unwrap_or(i64::MAX));
    let words = done_words(
        texts,
        &number(issued.issued),
        &number(issued.served),
        &number(issued.wrong.len()),
    );
    Notice::new(tone, words)
}

fn done_words(texts: Texts, issued: &str, served: &str, wrong: &str) -> String {
    let words = [("issued", issued), ("served", served), ("wrong", wrong)];
    texts.fill("desk-bulk-done", &words)
}

fn wrong_rows(texts: Texts, wrong: &[WrongLine]) -> WrongRows {
    let rows = wrong.iter().map(|line| {
        let why = texts.get(&format!("desk-bulk-fault-{}", line.why));
        (line.number, line.text.clone(), why)
    });
    WrongRows { rows: rows.collect() }
}

/// Returns what became of the unit's messages of a day.
async fn figures(app: &AuthorityApp, desk: &Desk) -> Result<Figures, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let counts = messages::counts(app, desk.session.officer.scope, now.plus(-COUNTED_SECONDS)).await?;
    let all: i64 = counts.iter().sum();
    let metrics = MessageState::ALL.iter().zip(counts).map(|(state, count)| {
        let id = format!("desk-bulk-{}", state.word());
        Metric {
            label: texts.get(&id),
            value: texts.number(count),
            unit: None,
            definition: texts.get(&format!("{id}-definition")),
            numerator: texts.number(count),
            denominator: Some(texts.with("desk-bulk-made", "count", &texts.number(all))),
            source: texts.get("desk-bulk-source"),
            as_of: moment(now),
            rows_href: None,
            suppressed: None,
            trend: None,
            hot: false,
        }
    });
    Ok(Figures {
        texts,
        metrics: metrics.collect(),
    })
}
