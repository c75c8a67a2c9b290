//! What the desk measures of its own work.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::entry::{DAYS, Entry, entry_times};
use super::moment;
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::console::{Desk, Figures, Frame, Metric, PageHead, Texts, page, sorry};
use crate::error::ServiceError;

/// The route of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![route("/desk/kpi", Access::Needs(Permission::KpiRead), show)]
}

#[derive(Template)]
#[template(path = "cases/kpi.html")]
struct KpiPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    entry: Figures,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match kpi_page(&app, &desk).await {
        Ok(kpi) => page(&kpi),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn kpi_page(app: &AuthorityApp, desk: &Desk) -> Result<KpiPage, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let times = entry_times(app, &desk.session).await?;
    let as_of = moment(now);
    let metrics = [("all", times.all), ("typed", times.typed), ("pasted", times.pasted)];
    let title = texts.get("console-nav-kpi");
    Ok(KpiPage {
        frame: desk.frame().titled(title.clone()).dated(now),
        head: PageHead::new(title).lead(texts.with("cases-kpi-lead", "days", &DAYS.to_string())),
        entry: Figures {
            texts,
            metrics: metrics.map(|(id, entry)| metric(texts, id, entry, &as_of)).into(),
        },
        texts,
    })
}

fn metric(texts: Texts, id: &str, entry: Entry, as_of: &str) -> Metric {
    let point = if texts.code() == "vi" { ',' } else { '.' };
    let seconds = |tenths: i64| format!("{}{point}{}", texts.number(tenths / 10), tenths % 10);
    Metric {
        label: texts.get(&format!("cases-kpi-{id}")),
        value: entry.median_tenths.map_or("–".to_owned(), seconds),
        unit: Some(texts.get("cases-kpi-unit")),
        definition: texts.get(&format!("cases-kpi-{id}-definition")),
        numerator: texts.with("cases-kpi-seconds", "count", &texts.number(entry.seconds)),
        denominator: Some(texts.fill(
            "cases-kpi-contacts",
            &[
                ("contacts", &texts.number(entry.contacts)),
                ("saves", &texts.number(entry.saves)),
            ],
        )),
        source: texts.get("cases-kpi-source"),
        as_of: as_of.to_owned(),
        rows_href: None,
        suppressed: None,
        trend: None,
        hot: false,
    }
}
