//! The page that shows every component in every state, with made-up data. Whoever builds a page copies from here.

mod samples;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use serde::Deserialize;

use super::{
    Action, Confirm, Deed, Desk, Destination, DraftNotes, Empty, ErrorSummary, Facts, Field, Figures, Filters, Frame,
    Generation, Html, Icon, ListFoot, ListHead, Nav, NavItem, Notice, PageHead, Person, Progress, Reveal, Tabs, Texts,
    Timeline, Tone, destinations, go, page, sorry,
};
use crate::error::ServiceError;

/// Where this page stands.
const HERE: &str = "/desk/style";
/// Where its dialog is a page of its own.
const CONFIRM: &str = "/desk/style/confirm";

#[derive(Template)]
#[template(path = "style.html")]
struct StylePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    made_up: Notice,
    figures: Figures,
    withheld: Figures,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<samples::Row>,
    list_foot: ListFoot,
    panel: samples::Panel,
    empty: Empty,
    generations: Vec<Generation>,
    marks: samples::Marks,
    actions: Vec<Action>,
    notices: Vec<Notice>,
    draft: DraftNotes,
    errors: ErrorSummary,
    fields: Vec<Field>,
    charts: Vec<Html>,
    wide_chart: Html,
    progress: Progress,
    tabs: Tabs,
    facts: Facts,
    timeline: Timeline,
    ask: Action,
    confirm: Confirm,
    reveals: Vec<Reveal>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    confirm: Confirm,
}

/// What the search box asks.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /desk/style`.
pub(crate) async fn show(desk: Desk) -> Response {
    match style_page(frame(desk.frame())) {
        Ok(style) => page(&style),
        Err(error) => sorry(desk.texts, error),
    }
}

/// `POST /desk/style`: takes the sample form and keeps nothing of it.
pub(crate) async fn take(desk: Desk, form: Result<Form<Sent>, FormRejection>) -> Response {
    let token = form.map(|Form(sent)| sent.form_token).unwrap_or_default();
    match desk.session.check_form(&token) {
        Ok(()) => go(CONFIRM),
        Err(error) => sorry(desk.texts, error),
    }
}

/// `GET /desk/style/confirm`: what a dialog is without script.
pub(crate) async fn show_confirm(desk: Desk) -> Response {
    let frame = frame(desk.frame());
    let confirm = samples::confirm(desk.texts, frame.token());
    page(&ConfirmPage { frame, confirm })
}

/// `GET /desk/style/palette?q=`: made-up cases for the search box.
pub(crate) async fn find(_: Desk, asked: Query<Asked>) -> Response {
    let wanted = asked.q.trim().to_uppercase();
    let found = samples::IDS
        .iter()
        .filter(|id| !wanted.is_empty() && id.contains(&wanted));
    destinations(
        found
            .map(|id| Destination {
                label: (*id).to_owned(),
                note: None,
                href: HERE.to_owned(),
                key: None,
            })
            .collect(),
    )
}

/// What of the sample form is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    form_token: String,
}

fn frame(own: Frame) -> Frame {
    let texts = own.texts;
    let item = |icon, label| NavItem::new("/desk/style/elsewhere", icon, label);
    let queue = NavItem::new(HERE, Icon::Queue, texts.get("console-sample-queue"));
    let nav = Nav::default()
        .group(
            None,
            vec![
                queue.counted("38".into(), true).keyed("g q"),
                item(Icon::Chain, texts.get("console-sample-chains")).counted("4".into(), false),
                item(Icon::People, texts.get("console-sample-cases")).counted("17".into(), false),
                item(Icon::Place, texts.get("console-sample-zones")).counted("9".into(), false),
            ],
        )
        .group(
            Some(texts.get("console-sample-prevention")),
            vec![
                item(Icon::Scan, texts.get("console-sample-points")).counted(texts.number(1204), false),
                item(Icon::Form, texts.get("console-sample-declarations")),
                item(Icon::Bars, texts.get("console-sample-reports")),
            ],
        );
    let mut nav = nav.at(HERE);
    for item in nav.groups.iter_mut().flat_map(|group| &mut group.items) {
        // The samples lead back here: nothing stands behind them.
        item.href = HERE.to_owned();
    }
    Frame {
        nav,
        person: Some(Person {
            name: "Lê Thị Ánh".to_owned(),
            role: texts.get("console-sample-role"),
        }),
        as_of: Some("14:32, 25/11/2026".to_owned()),
        lookup: Some("/desk/style/palette"),
        ..own
    }
    .titled(texts.get("console-style-title"))
    .scoped(texts.get("console-sample-scope"), Some(HERE.to_owned()))
    .hint(&["J", "K"], texts.get("console-key-rows"))
    .hint(&["Enter"], texts.get("console-key-open"))
    .hint(&["X"], texts.get("console-key-select"))
}

fn style_page(frame: Frame) -> Result<StylePage, ServiceError> {
    let texts = frame.texts;
    let query = samples::LIST.read(&frame.here)?;
    let listed = samples::page(texts, &query);
    let fields = samples::fields(texts);
    let token = frame.token().to_owned();
    Ok(StylePage {
        head: PageHead::new(texts.get("console-sample-queue"))
            .lead(texts.get("console-sample-lead"))
            .alarm(Some(texts.get("console-sample-alarm")))
            .action(Action::open(texts.get("console-sample-export"), HERE).icon(Icon::Download))
            .action(Action::open(texts.get("console-sample-next"), HERE).main().key("n")),
        made_up: Notice::new(Tone::Info, texts.get("console-style-lead")).titled(texts.get("console-style-made-up")),
        figures: Figures {
            texts,
            metrics: samples::metrics(texts),
        },
        withheld: Figures {
            texts,
            metrics: samples::withheld(texts),
        },
        filters: samples::filters(texts, &query),
        list_head: ListHead::of(texts, &query, true),
        list_foot: ListFoot::of(texts, &query, &listed, Some(samples::IDS.len() as u64)),
        rows: listed.rows,
        panel: samples::panel(texts, &token),
        empty: Empty {
            title: texts.get("console-sample-empty"),
            text: texts.get("console-sample-empty-text"),
            action: Some((texts.get("console-sample-confirm-case"), HERE.to_owned())),
        },
        generations: (0..5).map(Generation).collect(),
        marks: samples::marks(texts),
        actions: samples::actions(texts, &token),
        notices: samples::notices(texts),
        draft: DraftNotes { texts },
        errors: ErrorSummary::of(texts, &fields).quiet(),
        fields,
        charts: vec![samples::epicurve(texts), samples::estimate(texts)],
        wide_chart: samples::long_curve(texts),
        progress: Progress {
            id: "sample-progress",
            label: texts.get("console-sample-followed"),
            done: 84,
            total: 112,
            words: texts.get("console-sample-followed-words"),
        },
        tabs: samples::tabs(texts),
        facts: samples::facts(texts),
        timeline: samples::timeline(texts),
        ask: Action::new(
            texts.get("console-sample-grave"),
            Deed::Ask {
                dialog: "sample-close",
                page: CONFIRM.to_owned(),
            },
        )
        .grave(),
        confirm: samples::confirm(texts, &token),
        reveals: samples::reveals(texts, &token),
        texts,
        frame,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Address, Language};
    use super::*;

    fn rendered(language: Language) -> String {
        let own = Frame {
            form_token: Some("token".to_owned()),
            ..Frame::open(Texts(language), Address::read(HERE, "gen=f1,f2"))
        };
        style_page(frame(own)).expect("a page").render().expect("markup")
    }

    #[test]
    fn every_text_of_the_components_exists_in_both_languages() {
        for language in [Language::Vietnamese, Language::English] {
            let html = rendered(language);
            let loose = html
                .split(['>', '"', ' ', '<'])
                .find(|word| word.starts_with("console-") && !word.contains('.'));
            assert_eq!(loose, None);
        }
    }

    #[test]
    fn the_page_obeys_its_own_policy() {
        let html = rendered(Language::Vietnamese);
        for forbidden in [" style=", " onclick=", "javascript:", "<style", "http://"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        let scripts: Vec<&str> = html
            .split("<script")
            .skip(1)
            .filter_map(|t| t.split('>').next())
            .collect();
        assert!(
            scripts
                .iter()
                .all(|s| s.contains("src=\"/desk/assets/") || s.contains("application/json")),
            "{scripts:?}"
        );
    }

    #[test]
    fn no_id_stands_twice() {
        let html = rendered(Language::English);
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|t| t.split('"').next())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{ids:?}");
    }
}
