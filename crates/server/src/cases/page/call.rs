//! A call: who to reach, what to say, how it ended. Every key is a digit.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use protocol::time::UnixSeconds;
use serde::Deserialize;

use super::super::model::Outcome;
use super::super::queue::{InHand, open_call, record_call, release, take_next};
use super::super::view::places;
use super::case::identity_facts;
use super::contact::facts;
use super::moment;
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{BareForm, Filled, filled};
use crate::civil::CivilDate;
use crate::console::{Desk, Due, Event, Facts, Frame, Generation, PageHead, Texts, Timeline, go, page, sorry};
use crate::error::ServiceError;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route(
            "/desk/contacts/{contact_id}/call",
            Access::Needs(Permission::QueueWork),
            show,
        ),
        form(
            "/desk/contacts/{contact_id}/call",
            Access::Needs(Permission::QueueWork),
            submit,
        ),
        form(
            "/desk/queue/release",
            Access::Needs(Permission::QueueWork),
            submit_release,
        ),
    ]
}

struct OutcomeKey {
    word: &'static str,
    key: String,
    label: String,
}

#[derive(Template)]
#[template(path = "cases/call.html")]
struct CallPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    due: Due,
    path: String,
    name: String,
    phones: Vec<String>,
    identity: Option<Facts>,
    facts: Facts,
    script: Vec<String>,
    outcomes: Vec<OutcomeKey>,
    calls: Timeline,
    began_at: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CallForm {
    form_token: String,
    outcome: String,
    began_at: i64,
}

async fn show(State(app): State<AuthorityApp>, Path(contact_id): Path<String>, desk: Desk) -> Response {
    match call_page(&app, &desk, &contact_id).await {
        Ok(call) => page(&call),
        // The lease ran out: the queue says who is next.
        Err(ServiceError::Conflict { .. }) => go(&format!("/desk/contacts/{contact_id}")),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Records the outcome and leads to the next call.
async fn submit(
    State(app): State<AuthorityApp>,
    Path(contact_id): Path<String>,
    desk: Desk,
    form: Filled<CallForm>,
) -> Response {
    let form = filled(form);
    let next = async {
        desk.session.check_form(&form.form_token)?;
        let outcome = Outcome::parse(&form.outcome).ok_or(ServiceError::Invalid {
            field: "outcome",
            why: "unknown",
        })?;
        record_call(&app, &desk.session, &contact_id, outcome, UnixSeconds(form.began_at)).await?;
        take_next(&app, &desk.session).await
    };
    match next.await {
        Ok(Some(contact_id)) => go(&format!("/desk/contacts/{contact_id}/call")),
        Ok(None) => go("/desk/queue"),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_release(State(app): State<AuthorityApp>, desk: Desk, form: Filled<BareForm>) -> Response {
    let released = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => release(&app, &desk.session).await,
        Err(error) => Err(error),
    };
    match released {
        Ok(()) => go("/desk/queue"),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn call_page(app: &AuthorityApp, desk: &Desk, contact_id: &str) -> Result<CallPage, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let call = open_call(app, &desk.session, contact_id).await?;
    let place = places(app, std::slice::from_ref(&call.contact)).await?.pop().flatten();
    let contact = &call.contact;
    let mut head = PageHead::new(contact.label.clone())
        .under(texts.get("console-nav-queue"), "/desk/queue")
        .lead(texts.with("cases-call-lead", "case", &contact.case_label));
    if let Some(generation) = contact.generation {
        head = head.generation(Generation(generation));
    }
    let identity = call.person.as_ref().map(|person| &person.identity);
    Ok(CallPage {
        frame: desk.frame().titled(contact.label.clone()).dated(now),
        head,
        due: Due::at(texts, now, contact.due_at),
        path: format!("/desk/contacts/{contact_id}/call"),
        name: identity.map_or_else(|| texts.get("cases-erased"), |identity| identity.name.clone()),
        phones: identity.map(|identity| identity.phones.clone()).unwrap_or_default(),
        identity: call.person.as_ref().map(|person| identity_facts(texts, person)),
        facts: facts(texts, contact, place),
        script: script(texts, &call, &desk.session.officer.name),
        outcomes: outcomes(texts),
        calls: calls(texts, &call),
        began_at: now.0,
        texts,
    })
}

/// The words to say, with the day of the exposure and never with the name of the case.
fn script(texts: Texts, call: &InHand, officer: &str) -> Vec<String> {
    let day = call.contact.exposed_on.local();
    let until = super::super::rules::RULES.follow_until(
        call.contact.generation.unwrap_or(1),
        call.contact.exposed_on,
        CivilDate::from_number(call.contact.created_at.0.div_euclid(86_400)).unwrap_or(call.contact.exposed_on),
    );
    vec![
        texts.with("cases-script-1", "officer", officer),
        texts.with("cases-script-2", "day", &day),
        texts.get("cases-script-3"),
        texts.with("cases-script-4", "until", &until.local()),
        texts.get("cases-script-5"),
    ]
}

fn outcomes(texts: Texts) -> Vec<OutcomeKey> {
    let keyed = Outcome::ALL.iter().zip(1..);
    keyed
        .map(|(outcome, key)| OutcomeKey {
            word: outcome.word(),
            key: key.to_string(),
            label: texts.get(&format!("cases-outcome-{}", outcome.word().replace('_', "-"))),
        })
        .collect()
}

fn calls(texts: Texts, call: &InHand) -> Timeline {
    let events = call.calls.iter().map(|(outcome, at)| Event {
        at: moment(*at),
        title: texts.get(&format!("cases-outcome-{}", outcome.word().replace('_', "-"))),
        text: None,
        mark: None,
        by: None,
        href: None,
        gap: None,
        deed: None,
    });
    Timeline {
        events: events.collect(),
    }
}
