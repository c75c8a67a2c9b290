//! `/desk/cases/…/chain`: who came from whom, as a list.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::super::chain::{Link, chain_of};
use super::super::files::load_file;
use super::{case_mark, place_name};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::console::{Desk, Frame, Mark, PageHead, Texts, page, sorry};
use crate::error::ServiceError;

/// The route of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![route(
        "/desk/cases/{case_id}/chain",
        Access::Needs(Permission::CaseRead),
        show,
    )]
}

struct Row {
    generation: usize,
    /// Steps to the right, kept small enough for a telephone.
    indent: usize,
    is_here: bool,
    case: Option<RowCase>,
    sources: String,
    infected: usize,
}

struct RowCase {
    path: String,
    label: String,
    unit: String,
    test: String,
    mark: Mark,
}

#[derive(Template)]
#[template(path = "cases/chain.html")]
struct ChainPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    rows: Vec<Row>,
}

async fn show(State(app): State<AuthorityApp>, Path(case_id): Path<String>, desk: Desk) -> Response {
    match chain_page(&app, &desk, &case_id).await {
        Ok(chain) => page(&chain),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn chain_page(app: &AuthorityApp, desk: &Desk, case_id: &str) -> Result<ChainPage, ServiceError> {
    let texts = desk.texts;
    let case = load_file(app, &desk.session, case_id).await?;
    let chain = chain_of(app, &desk.session, case_id).await?;
    let number = |count: usize| texts.number(i64::try_from(count).unwrap_or(i64::MAX));
    let lead = if chain.len() < 2 {
        texts.get("cases-chain-alone")
    } else {
        let last = chain.iter().map(|link| link.generation).max().unwrap_or_default();
        texts.fill(
            "cases-chain-lead",
            &[
                ("cases", &number(chain.len())),
                ("links", &number(chain.iter().map(|link| link.infected).sum())),
                ("generations", &number(last + 1)),
            ],
        )
    };
    let title = texts.with("cases-chain-of", "case", &case.label);
    Ok(ChainPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title)
            .under(case.label, format!("/desk/cases/{case_id}"))
            .lead(lead),
        rows: chain.into_iter().map(|link| row(app, texts, link, case_id)).collect(),
        texts,
    })
}

fn row(app: &AuthorityApp, texts: Texts, link: Link, here: &str) -> Row {
    Row {
        generation: link.generation,
        indent: link.generation.min(6),
        is_here: link.case.as_ref().is_some_and(|case| case.case_id == here),
        sources: link.sources.join(", "),
        infected: link.infected,
        case: link.case.map(|case| RowCase {
            path: format!("/desk/cases/{}", case.case_id),
            unit: place_name(app, &case.place),
            test: case.test_date.local(),
            mark: case_mark(texts, case.state),
            label: case.label,
        }),
    }
}
