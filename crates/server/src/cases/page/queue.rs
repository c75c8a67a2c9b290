//! The call queue: what is due, by whom, and the next call.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::contacts::{ContactFilter, ContactOrder, MAX_COUNTED, QueueCounts, list_contacts, queue_counts};
use super::super::queue::take_next;
use super::cases::after;
use super::contacts::{ContactRow, rows};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{BareForm, Filled, filled};
use crate::civil::{CivilDate, clock_time};
use crate::console::{
    Accepts, Action, Choice, Column, Deed, Desk, Empty, Figures, Filter, Filters, Frame, Icon, ListFoot, ListHead,
    ListPage, ListSpec, Metric, PageHead, Segments, SortKey, Texts, Token, Way, go, page, sorry,
};
use crate::error::ServiceError;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route("/desk/queue", Access::Needs(Permission::QueueWork), show),
        form("/desk/queue/next", Access::Needs(Permission::QueueWork), submit_next),
    ]
}

static LIST: ListSpec = ListSpec {
    columns: &[
        Column {
            key: "gen",
            label: "cases-col-gen",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "person",
            label: "cases-col-person",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "place",
            label: "cases-col-place",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "time",
            label: "cases-col-time",
            sortable: false,
            numeric: true,
        },
        Column {
            key: "level",
            label: "cases-col-level",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "state",
            label: "cases-col-state",
            sortable: false,
            numeric: false,
        },
        Column {
            key: "due",
            label: "cases-col-due",
            sortable: true,
            numeric: false,
        },
        Column {
            key: "who",
            label: "cases-col-who",
            sortable: false,
            numeric: false,
        },
    ],
    filters: &[
        Filter {
            key: "gen",
            accepts: Accepts::One(&["1", "2", "3", "4"]),
        },
        Filter {
            key: "view",
            accepts: Accepts::One(&["mine"]),
        },
    ],
    usual: ("due", false),
    rows: 50,
};

#[derive(Template)]
#[template(path = "cases/queue.html")]
struct QueuePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    figures: Figures,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<ContactRow>,
    list_foot: ListFoot,
    empty: Empty,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match queue_page(&app, &desk).await {
        Ok(queue) => page(&queue),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Leads to the call that is next; back to the queue when there is none.
async fn submit_next(State(app): State<AuthorityApp>, desk: Desk, form: Filled<BareForm>) -> Response {
    let next = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => take_next(&app, &desk.session).await,
        Err(error) => Err(error),
    };
    match next {
        Ok(Some(contact_id)) => go(&format!("/desk/contacts/{contact_id}/call")),
        Ok(None) => go("/desk/queue"),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn queue_page(app: &AuthorityApp, desk: &Desk) -> Result<QueuePage, ServiceError> {
    let texts = desk.texts;
    let now = app.clock.now();
    let frame = desk.frame().titled(texts.get("console-nav-queue")).dated(now);
    let query = LIST.read(&frame.here)?;
    let is_mine = !query.filter("view").is_empty();
    let filter = ContactFilter {
        generation: query.filter("gen").first().and_then(|text| text.parse().ok()),
        leased_by: is_mine.then(|| desk.session.officer.officer_id.clone()),
        after: after(&query),
        limit: query.limit(),
        ..ContactFilter::default()
    };
    let counts = queue_counts(app, &desk.session).await?;
    let found = list_contacts(app, &desk.session, ContactOrder::Due, &filter).await?;
    let listed = ListPage::of(&query, found, |contact| {
        (SortKey::Number(contact.due_at.0), contact.contact_id.clone())
    });
    let way = |href: String, id: &str, count: i64, current| Way {
        href,
        label: texts.get(id),
        count: Some(counted(texts, count)),
        current,
    };
    let segments = Segments {
        label: texts.get("cases-queue-view"),
        ways: vec![
            way(
                query.without_filter("view").to_string(),
                "cases-queue-all",
                counts.open,
                !is_mine,
            ),
            way(
                query.with_filter("view", "mine").to_string(),
                "cases-queue-mine",
                counts.mine,
                is_mine,
            ),
        ],
    };
    let generations: Vec<Choice> = ["1", "2", "3", "4"]
        .iter()
        .map(|n| Choice::new(n, format!("F{n}")))
        .collect();
    let token = Token::of(texts, &query, "gen", texts.get("cases-col-gen"), &generations, false);
    let alarm =
        (counts.overdue > 0).then(|| texts.with("cases-queue-overdue", "count", &counted(texts, counts.overdue)));
    let next = Action::new(
        texts.get("cases-queue-next"),
        Deed::Send {
            action: "/desk/queue/next".into(),
            form_token: desk.session.form_token.clone(),
        },
    );
    Ok(QueuePage {
        head: PageHead::new(texts.get("console-nav-queue"))
            .lead(texts.with("cases-queue-lead", "count", &counted(texts, counts.open)))
            .alarm(alarm)
            .action(next.main().key("n").icon(Icon::Phone)),
        figures: Figures {
            texts,
            metrics: metrics(texts, &counts, now),
        },
        filters: Filters::of(texts, &query, Some(segments), vec![token], false),
        list_head: ListHead::of(texts, &query, false),
        rows: rows(app, desk, &listed.rows).await?,
        list_foot: ListFoot::of(texts, &query, &listed, None),
        empty: Empty {
            title: texts.get("cases-queue-empty"),
            text: texts.get("cases-queue-empty-text"),
            action: None,
        },
        texts,
        frame: frame
            .hint(&["J", "K"], texts.get("console-key-rows"))
            .hint(&["Enter"], texts.get("console-key-open"))
            .hint(&["N"], texts.get("cases-queue-next")),
    })
}

/// Writes a count; at the bound there may be more.
fn counted(texts: Texts, count: i64) -> String {
    match count {
        MAX_COUNTED => texts.with("cases-queue-at-least", "count", &texts.number(count)),
        _ => texts.number(count),
    }
}

fn metrics(texts: Texts, counts: &QueueCounts, now: protocol::time::UnixSeconds) -> Vec<Metric> {
    let as_of = format!("{} {}", clock_time(now), CivilDate::today(now).local());
    let bounded = texts.with("cases-metric-bounded", "count", &texts.number(MAX_COUNTED));
    let metric = |id: &str, value: i64, hot: bool, denominator: Option<i64>| Metric {
        label: texts.get(&format!("cases-metric-{id}")),
        value: counted(texts, value),
        unit: None,
        definition: format!("{} {bounded}", texts.get(&format!("cases-metric-{id}-definition"))),
        numerator: counted(texts, value),
        denominator: denominator.map(|count| counted(texts, count)),
        source: texts.get("cases-metric-source"),
        as_of: as_of.clone(),
        rows_href: Some("/desk/queue".into()),
        suppressed: None,
        trend: None,
        hot,
    };
    vec![
        metric("overdue", counts.overdue, counts.overdue > 0, Some(counts.open)),
        metric("never", counts.never, false, Some(counts.open)),
        metric("open", counts.open, false, None),
        metric("followed", counts.followed, false, None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    #[test]
    fn a_count_at_its_bound_says_so() {
        let texts = Texts(Language::Vietnamese);
        assert_eq!(counted(texts, MAX_COUNTED - 1), "9.999");
        assert_eq!(counted(texts, MAX_COUNTED), "≥ 10.000");
    }
}
