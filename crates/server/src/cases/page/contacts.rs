//! The list of contacts, newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::contacts::{ContactFilter, ContactOrder, list_contacts};
use super::super::model::{Contact, ContactState};
use super::super::view::{masked_people, places};
use super::case::level;
use super::cases::after;
use super::{about, contact_mark};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::civil::CivilDate;
use crate::console::{
    Accepts, Action, Choice, Column, Desk, Due, Empty, Filter, Filters, Frame, Generation, Level, ListFoot, ListHead,
    ListPage, ListSpec, Mark, PageHead, SortKey, Texts, Token, page, sorry,
};
use crate::error::ServiceError;
use crate::people::PersonId;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![route("/desk/contacts", Access::Needs(Permission::ContactRead), show)]
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
            key: "entered",
            label: "cases-col-opened",
            sortable: true,
            numeric: true,
        },
    ],
    filters: &[
        Filter {
            key: "state",
            accepts: Accepts::One(&[
                "new",
                "trying",
                "reached",
                "handed_over",
                "refused",
                "wrong_number",
                "finished",
                "converted",
                "cancelled",
            ]),
        },
        Filter {
            key: "gen",
            accepts: Accepts::One(&["1", "2", "3", "4"]),
        },
        Filter {
            key: "case",
            accepts: Accepts::Code,
        },
    ],
    usual: ("entered", true),
    rows: 50,
};

/// A contact as lists show it.
pub(super) struct ContactRow {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) generation: Option<Generation>,
    pub(super) about: String,
    pub(super) place: String,
    pub(super) source: String,
    pub(super) time: String,
    pub(super) day: String,
    pub(super) level: Level,
    pub(super) mark: Mark,
    pub(super) due: Option<Due>,
    pub(super) is_mine: bool,
    pub(super) is_taken: bool,
    pub(super) entered: String,
}

/// Returns contacts as rows; the look is recorded.
///
/// # Errors
///
/// [`ServiceError::Unavailable`] when it cannot be.
pub(super) async fn rows(
    app: &AuthorityApp,
    desk: &Desk,
    contacts: &[Contact],
) -> Result<Vec<ContactRow>, ServiceError> {
    let people: Vec<PersonId> = contacts.iter().map(|contact| contact.person).collect();
    let masked = masked_people(app, &desk.session, Act::CONTACT_LIST, &people, None).await?;
    let whereabouts = places(app, contacts).await?;
    let (texts, now) = (desk.texts, app.clock.now());
    let me = desk.session.officer.officer_id.as_str();
    let row = |(contact, place): (&Contact, Option<String>)| {
        let is_leased = contact.leased_until > now;
        ContactRow {
            path: format!("/desk/contacts/{}", contact.contact_id),
            label: contact.label.clone(),
            generation: contact.generation.map(Generation),
            about: about(texts, &masked, contact.person),
            place: place.unwrap_or_default(),
            source: contact.case_label.clone(),
            time: contact
                .exposed_minutes
                .map(|minutes| texts.span(minutes))
                .unwrap_or_default(),
            day: short_day(contact.exposed_on),
            level: level(texts, contact.level),
            mark: contact_mark(texts, contact.state),
            due: contact.state.is_open().then(|| Due::at(texts, now, contact.due_at)),
            is_mine: is_leased && contact.leased_by.as_deref() == Some(me),
            is_taken: is_leased && contact.leased_by.as_deref() != Some(me),
            entered: super::moment(contact.created_at),
        }
    };
    Ok(contacts.iter().zip(whereabouts).map(row).collect())
}

/// Returns `12/7`.
fn short_day(day: CivilDate) -> String {
    let local = day.local();
    local.rsplit_once('/').map_or(local.clone(), |(day, _)| day.to_owned())
}

#[derive(Template)]
#[template(path = "cases/contacts.html")]
struct ContactsPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    filters: Filters,
    list_head: ListHead,
    rows: Vec<ContactRow>,
    list_foot: ListFoot,
    empty: Empty,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    match contacts_page(&app, &desk).await {
        Ok(contacts) => page(&contacts),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn contacts_page(app: &AuthorityApp, desk: &Desk) -> Result<ContactsPage, ServiceError> {
    let texts = desk.texts;
    let frame = desk
        .frame()
        .titled(texts.get("console-nav-contacts"))
        .dated(app.clock.now());
    let query = LIST.read(&frame.here)?;
    let filter = ContactFilter {
        state: query.filter("state").first().and_then(|word| ContactState::parse(word)),
        generation: query.filter("gen").first().and_then(|text| text.parse().ok()),
        case_id: query.filter("case").first().cloned(),
        after: after(&query),
        limit: query.limit(),
        ..ContactFilter::default()
    };
    let found = list_contacts(app, &desk.session, ContactOrder::Newest, &filter).await?;
    let listed = ListPage::of(&query, found, |contact| {
        (SortKey::Number(contact.created_at.0), contact.contact_id.clone())
    });
    let states: Vec<Choice> = ContactState::ALL
        .iter()
        .map(|state| {
            Choice::new(
                state.word(),
                texts.get(&format!("cases-contact-{}", state.word().replace('_', "-"))),
            )
        })
        .collect();
    let generations: Vec<Choice> = ["1", "2", "3", "4"]
        .iter()
        .map(|n| Choice::new(n, format!("F{n}")))
        .collect();
    let tokens = vec![
        Token::of(texts, &query, "state", texts.get("cases-col-state"), &states, false),
        Token::of(texts, &query, "gen", texts.get("cases-col-gen"), &generations, false),
    ];
    let mut head = PageHead::new(texts.get("console-nav-contacts")).lead(texts.get("cases-contacts-lead"));
    if desk.session.may(Permission::ExportRun) {
        let chosen = |key: &str| query.filter(key).first().map_or("", String::as_str);
        let (state, generation, case) = (chosen("state"), chosen("gen"), chosen("case"));
        head = head.action(Action::open(
            texts.get("cases-export"),
            format!("/desk/export?kind=contacts&state={state}&gen={generation}&case={case}"),
        ));
    }
    Ok(ContactsPage {
        head,
        filters: Filters::of(texts, &query, None, tokens, false),
        list_head: ListHead::of(texts, &query, false),
        rows: rows(app, desk, &listed.rows).await?,
        list_foot: ListFoot::of(texts, &query, &listed, None),
        empty: Empty {
            title: texts.get("cases-contacts-none"),
            text: texts.get("cases-contacts-empty"),
            action: None,
        },
        texts,
        frame: frame
            .hint(&["J", "K"], texts.get("console-key-rows"))
            .hint(&["Enter"], texts.get("console-key-open")),
    })
}
