//! One contact: who, why, how it stands, and what can be done.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::contacts::{Conversion, convert, load_contact};
use super::super::model::{Contact, ContactState};
use super::super::queue::{is_holder, take};
use super::super::view::{masked_people, places, reveal};
use super::case::{RevealForm, identity_facts, reveal_control};
use super::person::deeds;
use super::{about, contact_mark, moment, place_name, read_day};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{BareForm, Filled, filled};
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::console::{
    Action, Deed, Desk, Facts, Field, Frame, Generation, Icon, Mark, PageHead, Reveal, Texts, go, page, page_with,
    sorry,
};
use crate::error::ServiceError;
use crate::people::Person;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    use Permission::{CaseConvert, ContactRead, PersonReveal, QueueWork};
    vec![
        route("/desk/contacts/{contact_id}", Access::Needs(ContactRead), show),
        form(
            "/desk/contacts/{contact_id}/reveal",
            Access::Needs(PersonReveal),
            submit_reveal,
        ),
        form(
            "/desk/contacts/{contact_id}/take",
            Access::Needs(QueueWork),
            submit_take,
        ),
        form(
            "/desk/contacts/{contact_id}/convert",
            Access::Needs(CaseConvert),
            submit_convert,
        ),
    ]
}

#[derive(Template)]
#[template(path = "cases/contact.html")]
struct ContactPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    mark: Mark,
    reveal: Reveal,
    shown: Option<Facts>,
    facts: Facts,
    grid: Option<String>,
    /// What the person may ask for.
    rights: Vec<Action>,
    /// Where the form that makes a case of it is sent, and its fields.
    convert: Option<(String, Vec<Field>)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConvertForm {
    form_token: String,
    test_date: String,
    onset_date: String,
}

async fn show(State(app): State<AuthorityApp>, Path(contact_id): Path<String>, desk: Desk) -> Response {
    match contact_page(&app, &desk, &contact_id, None, None).await {
        Ok(contact) => page(&contact),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_reveal(
    State(app): State<AuthorityApp>,
    Path(contact_id): Path<String>,
    desk: Desk,
    form: Filled<RevealForm>,
) -> Response {
    let form = filled(form);
    let shown = async {
        desk.session.check_form(&form.form_token)?;
        let contact = load_contact(&app, &desk.session, &contact_id).await?;
        let person = reveal(&app, &desk.session, contact.person, &contact_id, &form.reason).await?;
        contact_page(&app, &desk, &contact_id, Some(person), None).await
    };
    match shown.await {
        Ok(contact) => page(&contact),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_take(
    State(app): State<AuthorityApp>,
    Path(contact_id): Path<String>,
    desk: Desk,
    form: Filled<BareForm>,
) -> Response {
    let taken = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => take(&app, &desk.session, &contact_id).await,
        Err(error) => Err(error),
    };
    match taken {
        Ok(()) => go(&format!("/desk/contacts/{contact_id}/call")),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_convert(
    State(app): State<AuthorityApp>,
    Path(contact_id): Path<String>,
    desk: Desk,
    form: Filled<ConvertForm>,
) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let today = CivilDate::today(app.clock.now());
    let within = |day: &CivilDate| (0..=28).contains(&today.days_since(*day));
    let test_date = read_day(&form.test_date, today).filter(within);
    let onset = form.onset_date.trim();
    let onset_date = if onset.is_empty() {
        Some(None)
    } else {
        read_day(onset, today).filter(within).map(Some)
    };
    let converted = match (test_date, onset_date) {
        (Some(test_date), Some(onset_date)) => {
            let facts = Conversion {
                finding: Finding::Confirmed,
                test_date,
                onset_date,
            };
            convert(&app, &desk.session, &contact_id, &facts).await
        }
        (None, _) => Err(ServiceError::Invalid {
            field: "test_date",
            why: "not a day",
        }),
        (_, None) => Err(ServiceError::Invalid {
            field: "onset_date",
            why: "not a day",
        }),
    };
    match converted {
        Ok(case) => go(&format!("/desk/cases/{}", case.case_id)),
        Err(ServiceError::Invalid { field, .. }) => {
            match contact_page(&app, &desk, &contact_id, None, Some((field, &form))).await {
                Ok(contact) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &contact),
                Err(error) => sorry(desk.texts, error),
            }
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn contact_page(
    app: &AuthorityApp,
    desk: &Desk,
    contact_id: &str,
    person: Option<Person>,
    wrong: Option<(&str, &ConvertForm)>,
) -> Result<ContactPage, ServiceError> {
    let (texts, now) = (desk.texts, app.clock.now());
    let contact = load_contact(app, &desk.session, contact_id).await?;
    let masked = masked_people(
        app,
        &desk.session,
        Act::CONTACT_READ,
        &[contact.person],
        Some(contact_id),
    )
    .await?;
    let place = places(app, std::slice::from_ref(&contact)).await?.pop().flatten();
    let path = format!("/desk/contacts/{contact_id}");
    let mut head = PageHead::new(contact.label.clone())
        .under(contact.case_label.clone(), format!("/desk/cases/{}", contact.case_id))
        .lead(texts.fill(
            "cases-contact-of",
            &[
                ("case", &contact.case_label),
                ("unit", &place_name(app, &contact.place)),
            ],
        ));
    if let Some(generation) = contact.generation {
        head = head.generation(Generation(generation));
    }
    if contact.state.is_open() && desk.session.may(Permission::QueueWork) {
        let action = if is_holder(&contact, &desk.session, now) {
            Action::open(texts.get("cases-call-go-on"), format!("{path}/call"))
        } else {
            let deed = Deed::Send {
                action: format!("{path}/take"),
                form_token: desk.session.form_token.clone(),
            };
            Action::new(texts.get("cases-take"), deed)
        };
        head = head.action(action.main().key("a").icon(Icon::Phone));
    }
    let can_convert = desk.session.may(Permission::CaseConvert)
        && !matches!(contact.state, ContactState::Converted | ContactState::Cancelled);
    let may_enter = desk.session.may(Permission::ContactWrite);
    Ok(ContactPage {
        frame: desk.frame().titled(contact.label.clone()).dated(now),
        head,
        mark: contact_mark(texts, contact.state),
        reveal: reveal_control(
            desk,
            about(texts, &masked, contact.person),
            String::new(),
            &format!("{path}/reveal"),
            person.is_some(),
        ),
        shown: person.as_ref().map(|person| identity_facts(texts, person)),
        facts: facts(texts, &contact, place),
        rights: if masked.get(&contact.person).is_some_and(|known| !known.is_erased) {
            deeds(desk, &path)
        } else {
            Vec::new()
        },
        grid: may_enter.then(|| format!("/desk/cases/{}/contacts/new?of={contact_id}", contact.case_id)),
        convert: can_convert.then(|| (format!("{path}/convert"), convert_fields(texts, now, wrong))),
        texts,
    })
}

fn convert_fields(texts: Texts, now: protocol::time::UnixSeconds, wrong: Option<(&str, &ConvertForm)>) -> Vec<Field> {
    let today = CivilDate::today(now).local();
    let error = |name: &str, id: &str| wrong.filter(|(field, _)| *field == name).map(|_| texts.get(id));
    let test = wrong.map_or(today, |(_, form)| form.test_date.clone());
    let onset = wrong.map_or(String::new(), |(_, form)| form.onset_date.clone());
    vec![
        Field::day(texts, "test_date", texts.get("cases-field-test"))
            .value(test)
            .required()
            .error(error("test_date", "cases-wrong-test-date")),
        Field::day(texts, "onset_date", texts.get("cases-field-onset"))
            .value(onset)
            .error(error("onset_date", "cases-wrong-onset-date")),
    ]
}

/// Returns why somebody is a contact and how it stands.
pub(super) fn facts(texts: Texts, contact: &Contact, place: Option<String>) -> Facts {
    let follow = contact
        .follow
        .map(|(from, until)| format!("{} – {}", from.local(), until.local()));
    Facts {
        texts,
        rows: vec![
            (texts.get("cases-col-exposed"), Some(contact.exposed_on.local())),
            (
                texts.get("cases-col-time"),
                contact.exposed_minutes.map(|minutes| texts.span(minutes)),
            ),
            (texts.get("cases-col-place"), place),
            (
                texts.get("cases-relation"),
                Some(contact.relation.clone()).filter(|text| !text.is_empty()),
            ),
            (
                texts.get("cases-origin"),
                Some(texts.get(&format!("cases-origin-{}", contact.origin.word().replace('_', "-")))),
            ),
            (texts.get("cases-attempts"), Some(contact.attempts.to_string())),
            (texts.get("cases-follow"), follow),
            (texts.get("cases-col-opened"), Some(moment(contact.created_at))),
        ],
    }
}
