//! Opening a case on one page, in the order of the interview form.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::files::{NewCaseFile, Subject, open_case};
use super::super::grid;
use super::super::model::CaseState;
use super::{commune, communes, read_day};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::CivilDate;
use crate::codes::Finding;
use crate::console::{
    Choice, Desk, DraftNotes, ErrorSummary, Field, Frame, PageHead, Texts, go, page, page_with, sorry,
};
use crate::error::ServiceError;
use crate::people::{Document, DocumentKind, Identity, model::phone};

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route("/desk/cases/new", Access::Needs(Permission::CaseConvert), show),
        form("/desk/cases", Access::Needs(Permission::CaseConvert), submit),
    ]
}

#[derive(Template)]
#[template(path = "cases/new_case.html")]
struct NewCasePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    errors: ErrorSummary,
    draft: DraftNotes,
    person: Vec<Field>,
    illness: Vec<Field>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CaseForm {
    pub(super) form_token: String,
    name: String,
    birth: String,
    sex: String,
    phone: String,
    address: String,
    unit: String,
    document: String,
    state: String,
    finding: String,
    test_date: String,
    onset_date: String,
    label: String,
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let form = CaseForm {
        state: CaseState::Confirmed.word().into(),
        finding: Finding::Confirmed.word().into(),
        test_date: CivilDate::today(app.clock.now()).local(),
        ..CaseForm::default()
    };
    page(&new_case_page(&app, &desk, &form, None))
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, form: Filled<CaseForm>) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let opened = match read(&app, &form) {
        Ok(new) => open_case(&app, &desk.session, new).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(case) => go(&format!("/desk/cases/{}", case.case_id)),
        Err(ServiceError::Invalid { field, .. }) => wrong(&app, &desk, &form, field),
        Err(ServiceError::Conflict { .. }) => wrong(&app, &desk, &form, "label_taken"),
        Err(error) => sorry(desk.texts, error),
    }
}

fn wrong(app: &AuthorityApp, desk: &Desk, form: &CaseForm, field: &'static str) -> Response {
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &new_case_page(app, desk, form, Some(field)),
    )
}

fn read(app: &AuthorityApp, form: &CaseForm) -> Result<NewCaseFile, ServiceError> {
    let invalid = |field| ServiceError::Invalid {
        field,
        why: "cannot be read",
    };
    let today = CivilDate::today(app.clock.now());
    let day = |text: &str, field| read_day(text, today).ok_or_else(|| invalid(field));
    let label = form.label.trim().to_uppercase();
    let state = if form.state.is_empty() {
        CaseState::Confirmed.word()
    } else {
        &form.state
    };
    Ok(NewCaseFile {
        subject: Subject::New(Box::new(identity(form, today)?)),
        label: (!label.is_empty()).then_some(label),
        state: CaseState::parse(state).ok_or_else(|| invalid("state"))?,
        finding: Finding::parse(&form.finding).ok_or_else(|| invalid("finding"))?,
        test_date: day(&form.test_date, "test_date")?,
        onset_date: match form.onset_date.trim() {
            "" => None,
            text => Some(day(text, "onset_date")?),
        },
        unit: commune(app, &form.unit, today)?,
        is_listed: false,
    })
}

/// Reads as much of somebody as has been typed; what cannot be read yet is left out.
pub(super) fn described(form: &CaseForm, today: CivilDate) -> Identity {
    let number: String = form
        .document
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(20)
        .collect();
    let document = (!number.is_empty()).then(|| Document {
        kind: DocumentKind::Identity,
        number: number.to_uppercase(),
    });
    Identity {
        name: form
            .name
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(120)
            .collect(),
        birth: grid::read_birth(form.birth.trim(), today),
        sex: grid::read_sex(form.sex.trim()),
        phones: form
            .phone
            .split(['/', ';', ','])
            .take(5)
            .filter_map(|part| phone(part.trim()))
            .collect(),
        documents: document.into_iter().collect(),
        ..Identity::default()
    }
}

/// Reads who the case is: a name, and a telephone number or an address.
fn identity(form: &CaseForm, today: CivilDate) -> Result<Identity, ServiceError> {
    let invalid = |field| ServiceError::Invalid {
        field,
        why: "cannot be read",
    };
    let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if form.name.trim().is_empty() {
        return Err(invalid("name"));
    }
    if form.phone.trim().is_empty() && form.address.trim().is_empty() {
        return Err(invalid("phone"));
    }
    let mut identity = Identity {
        name: form.name.split_whitespace().collect::<Vec<_>>().join(" "),
        address: form.address.trim().to_owned(),
        ..Identity::default()
    };
    for part in form
        .phone
        .split(['/', ';', ','])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        identity.phones.push(phone(part).ok_or_else(|| invalid("phone"))?);
    }
    if let Some(birth) = optional(&form.birth) {
        identity.birth = Some(grid::read_birth(&birth, today).ok_or_else(|| invalid("birth"))?);
    }
    if let Some(sex) = optional(&form.sex) {
        identity.sex = Some(grid::read_sex(&sex).ok_or_else(|| invalid("sex"))?);
    }
    if let Some(number) = optional(&form.document) {
        let number: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
        identity.documents.push(Document {
            kind: DocumentKind::Identity,
            number: number.to_uppercase(),
        });
    }
    Ok(identity)
}

fn new_case_page(app: &AuthorityApp, desk: &Desk, form: &CaseForm, wrong: Option<&str>) -> NewCasePage {
    let texts = desk.texts;
    let today = CivilDate::today(app.clock.now());
    // What the vault refuses it names in its own words.
    let wrong = wrong.map(|field| match field {
        "phones" => "phone",
        "documents" => "document",
        other => other,
    });
    let error =
        |field: &str| (wrong == Some(field)).then(|| texts.get(&format!("cases-wrong-{}", field.replace('_', "-"))));
    let label = |field: &str| texts.get(&format!("cases-field-{field}"));
    let choices = |words: &[&str], prefix: &str| -> Vec<Choice> {
        words
            .iter()
            .map(|word| Choice::new(word, texts.get(&format!("{prefix}{word}"))))
            .collect()
    };
    let person = vec![
        Field::text(texts, "name", label("name"))
            .value(&*form.name)
            .at_most(120)
            .required()
            .focused()
            .error(error("name")),
        Field::text(texts, "birth", label("birth"))
            .value(&*form.birth)
            .help(texts.get("cases-help-birth"))
            .at_most(10)
            .error(error("birth")),
        Field::select(
            texts,
            "sex",
            label("sex"),
            vec![
                Choice::new("nữ", texts.get("cases-sex-female")),
                Choice::new("nam", texts.get("cases-sex-male")),
            ],
        )
        .value(&*form.sex)
        .error(error("sex")),
        Field::phone(texts, "phone", label("phone"))
            .value(&*form.phone)
            .help(texts.get("cases-help-phone"))
            .at_most(60)
            .error(error("phone")),
        Field::text(texts, "address", label("address"))
            .value(&*form.address)
            .at_most(300)
            .error(error("address")),
        Field::select(
            texts,
            "unit",
            label("unit"),
            communes(app, desk.session.officer.scope, today),
        )
        .value(&*form.unit)
        .required()
        .error(error("unit")),
        Field::text(texts, "document", label("document"))
            .value(&*form.document)
            .at_most(20)
            .error(error("document")),
    ];
    let illness = vec![
        Field::radios(
            texts,
            "state",
            label("state"),
            choices(&["confirmed", "suspected"], "cases-state-"),
        )
        .value(&*form.state)
        .required()
        .error(error("state")),
        Field::radios(
            texts,
            "finding",
            label("finding"),
            choices(&["confirmed", "likely"], "desk-finding-"),
        )
        .value(&*form.finding)
        .required()
        .error(error("finding")),
        Field::day(texts, "test_date", label("test"))
            .value(&*form.test_date)
            .required()
            .error(error("test_date")),
        Field::day(texts, "onset_date", label("onset"))
            .value(&*form.onset_date)
            .help(texts.get("cases-help-onset"))
            .error(error("onset_date")),
        Field::text(texts, "label", label("label"))
            .value(&*form.label)
            .help(texts.get("desk-label-help"))
            .at_most(16)
            .error(error("label").or_else(|| error("label_taken"))),
    ];
    NewCasePage {
        frame: desk.frame().titled(texts.get("cases-open")),
        head: PageHead::new(texts.get("cases-open"))
            .under(texts.get("console-nav-cases"), "/desk/cases")
            .lead(texts.get("cases-open-lead")),
        errors: ErrorSummary::of(texts, person.iter().chain(&illness)),
        draft: DraftNotes { texts },
        person,
        illness,
        texts,
    }
}
