//! An owner's page of how busy a venue is.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::activity::{Activity, DAYS, WEEK, activity};
use super::present;
use crate::app::AuthorityApp;
use crate::civil::{CivilDate, clock_time};
use crate::console::{Bars, Figures, Frame, Html, Ink, Metric, PageHead, Series, Size, Texts, page};
use crate::error::ServiceError;
use crate::venues::page::{Own, frame, sorry};
use crate::venues::{Venue, load_own};

#[derive(Template)]
#[template(path = "visits/activity.html")]
struct ActivityPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    figures: Figures,
    by_day: Html,
    by_hour: Html,
}

pub(super) async fn show(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match activity_page(&app, &own, &venue_id).await {
        Ok(shown) => page(&shown),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn activity_page(app: &AuthorityApp, own: &Own, venue_id: &str) -> Result<ActivityPage, ServiceError> {
    let texts = own.visitor.texts;
    let venue = load_own(app, own.owner.person, venue_id).await?;
    let busy = activity(app, &venue).await?;
    let there = present(app, &venue).await?;
    let now = app.clock.now();
    let as_of = format!("{}, {}", clock_time(now), CivilDate::today(now).local());
    let title = texts.get("visit-activity");
    let days = busy.days.iter().map(|day| short(*day)).collect();
    let hours = (0..24).map(|hour| format!("{hour}h")).collect();
    Ok(ActivityPage {
        frame: frame(&own.visitor, &title),
        texts,
        head: PageHead::new(title)
            .under(venue.name.clone(), format!("/venues/{venue_id}"))
            .lead(texts.get("visit-activity-lead")),
        figures: Figures {
            texts,
            metrics: figures(texts, &venue, &busy, there, &as_of),
        },
        by_day: bars(texts, "visit-by-day", days, busy.by_day.clone()),
        by_hour: bars(texts, "visit-by-hour", hours, busy.by_hour.to_vec()),
    })
}

fn short(day: CivilDate) -> String {
    let local = day.local();
    local.rsplit_once('/').map_or(local.clone(), |(day, _)| day.to_owned())
}

fn bars(texts: Texts, title: &str, labels: Vec<String>, counts: Vec<u32>) -> Html {
    let bars = Bars {
        title: texts.get(title),
        labels,
        series: vec![Series {
            name: texts.get("visit-arrivals"),
            ink: Ink::Plain(0),
            counts,
        }],
        size: Size::Half,
    };
    bars.draw(texts)
}

fn figures(texts: Texts, venue: &Venue, busy: &Activity, there: usize, as_of: &str) -> Vec<Metric> {
    let number = |count: usize| texts.number(i64::try_from(count).unwrap_or(i64::MAX));
    let metric = |id: &str, value: String, numerator: String, denominator: Option<String>| Metric {
        label: texts.get(&format!("visit-{id}")),
        value,
        definition: texts.get(&format!("visit-{id}-definition")),
        numerator,
        denominator,
        source: texts.get("visit-source"),
        as_of: as_of.to_owned(),
        ..Metric::default()
    };
    let registered = CivilDate::today(venue.made_at).local();
    let active = busy.active_days();
    let arrivals = busy.arrivals() as usize;
    vec![
        metric(
            "active",
            format!("{active}/{WEEK}"),
            texts.with("visit-active-days", "count", &number(active)),
            Some(texts.fill("visit-active-of", &[("count", &number(WEEK)), ("date", &registered)])),
        ),
        metric(
            "week",
            number(arrivals),
            texts.with("visit-week-count", "count", &number(arrivals)),
            None,
        ),
        metric(
            "present",
            number(there),
            texts.with("visit-present-count", "count", &number(there)),
            None,
        ),
    ]
}

const _: () = assert!(WEEK <= DAYS, "the week is part of what is read");
