//! `/desk/export`: what leaves, how many rows, who has to agree, and the file.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::super::export::{ALONE, ExportAsk, ExportWords, Standing, ask_approval, columns, count, export, standing};
use super::super::model::Kind;
use super::super::sheet::OutFormat;
use super::download::send;
use crate::app::AuthorityApp;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::auth::{IdentitySight, Permission};
use crate::cases::files::load_file;
use crate::cases::model::{CaseState, ContactState};
use crate::civil::CivilDate;
use crate::console::{Action, Address, Choice, Desk, Field, Frame, Notice, PageHead, Texts, Tone, go, page, sorry};
use crate::error::ServiceError;

/// Where the page stands.
const PATH: &str = "/desk/export";

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let needs = Access::StepUp(Permission::ExportRun);
    vec![route(PATH, needs, show), form(PATH, needs, submit)]
}

#[derive(Template)]
#[template(path = "exchange/export.html")]
struct ExportPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    facts: Vec<(String, String)>,
    hidden: Vec<(&'static str, String)>,
    format: Field,
    can_make: bool,
    can_ask: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ExportForm {
    form_token: String,
    kind: String,
    state: String,
    generation: String,
    case: String,
    format: String,
    act: String,
}

impl ExportForm {
    fn of(here: &Address) -> Self {
        let text = |key: &str| here.value(key).unwrap_or_default().to_owned();
        Self {
            kind: text("kind"),
            state: text("state"),
            generation: text("gen"),
            case: text("case"),
            ..Self::default()
        }
    }

    fn ask(&self) -> Result<ExportAsk, ServiceError> {
        let invalid = |field| ServiceError::Invalid {
            field,
            why: "not of the list",
        };
        let kind = match self.kind.as_str() {
            "" => Kind::Contacts,
            word => Kind::parse(word).ok_or_else(|| invalid("kind"))?,
        };
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let is_state = match kind {
            Kind::Contacts => ContactState::parse(&self.state).is_some(),
            Kind::Cases => CaseState::parse(&self.state).is_some(),
        };
        if !self.state.is_empty() && !is_state {
            return Err(invalid("state"));
        }
        let generation = match self.generation.as_str() {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|generation| (1..=4).contains(generation))
                    .ok_or_else(|| invalid("gen"))?,
            ),
        };
        let is_contacts = kind == Kind::Contacts;
        Ok(ExportAsk {
            kind,
            state: filled(&self.state),
            generation: generation.filter(|_| is_contacts),
            case_id: filled(&self.case).filter(|_| is_contacts),
        })
    }
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let form = ExportForm::of(&desk.here);
    match export_page(&app, &desk, &form).await {
        Ok(export) => page(&export),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn export_page(app: &AuthorityApp, desk: &Desk, form: &ExportForm) -> Result<ExportPage, ServiceError> {
    let texts = desk.texts;
    let ask = form.ask()?;
    let rows = count(app, &desk.session, &ask).await?;
    let standing = standing(app, &desk.session, &ask, rows).await?;
    let notice = match &standing {
        Standing::Free if rows == 0 => Some(Notice::new(Tone::Warn, texts.get("exchange-export-nothing"))),
        Standing::Free => None,
        Standing::NeedsApproval => Some(Notice::new(
            Tone::Warn,
            texts.with("exchange-export-needs", "rows", &texts.number(ALONE)),
        )),
        Standing::Asked => Some(
            Notice::new(Tone::Info, texts.get("exchange-export-asked"))
                .action(Action::open(texts.get("console-nav-approvals"), "/desk/approvals")),
        ),
        Standing::Approved(..) => Some(Notice::new(Tone::Good, texts.get("exchange-export-approved"))),
    };
    let formats = [OutFormat::Xlsx, OutFormat::Csv]
        .map(|format| Choice::new(format.word(), texts.get(&format!("exchange-format-{}", format.word()))));
    let list = match ask.kind {
        Kind::Contacts => "/desk/contacts",
        Kind::Cases => "/desk/cases",
    };
    let name = list_name(texts, ask.kind);
    let title = texts.with("exchange-export-title", "what", &name);
    Ok(ExportPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title)
            .under(name, list)
            .lead(texts.get("exchange-export-lead")),
        notice,
        facts: facts(app, desk, &ask, rows).await?,
        hidden: vec![
            ("kind", ask.kind.word().to_owned()),
            ("state", form.state.clone()),
            ("generation", form.generation.clone()),
            ("case", form.case.clone()),
        ],
        format: Field::radios(texts, "format", texts.get("exchange-format"), formats.to_vec()).value("xlsx"),
        can_make: rows > 0 && matches!(standing, Standing::Free | Standing::Approved(..)),
        can_ask: standing == Standing::NeedsApproval,
        texts,
    })
}

fn list_name(texts: Texts, kind: Kind) -> String {
    texts.get(match kind {
        Kind::Contacts => "console-nav-contacts",
        Kind::Cases => "console-nav-cases",
    })
}

/// Says what the file will hold.
async fn facts(
    app: &AuthorityApp,
    desk: &Desk,
    ask: &ExportAsk,
    rows: i64,
) -> Result<Vec<(String, String)>, ServiceError> {
    let texts = desk.texts;
    let mut facts = vec![(texts.get("exchange-export-rows"), texts.number(rows))];
    if let Some(state) = &ask.state {
        let id = match ask.kind {
            Kind::Contacts => format!("cases-contact-{}", state.replace('_', "-")),
            Kind::Cases => format!("cases-state-{state}"),
        };
        facts.push((texts.get("cases-col-state"), texts.get(&id)));
    }
    if let Some(generation) = ask.generation {
        facts.push((texts.get("cases-col-gen"), format!("F{generation}")));
    }
    if let Some(case_id) = &ask.case_id {
        let case = load_file(app, &desk.session, case_id).await?;
        facts.push((texts.get("exchange-field-case-code"), case.label));
    }
    let sees_names = desk.session.officer.role.rule().identity == IdentitySight::Inside;
    let who = if sees_names {
        "exchange-export-names"
    } else {
        "exchange-export-no-names"
    };
    facts.push((texts.get("exchange-export-people"), texts.get(who)));
    facts.push((
        texts.get("exchange-export-record"),
        texts.get("exchange-export-recorded"),
    ));
    Ok(facts)
}

async fn submit(State(app): State<AuthorityApp>, desk: Desk, form: Filled<ExportForm>) -> Response {
    let form = filled(form);
    match answer(&app, &desk, &form).await {
        Ok(response) => response,
        Err(error) => sorry(desk.texts, error),
    }
}

async fn answer(app: &AuthorityApp, desk: &Desk, form: &ExportForm) -> Result<Response, ServiceError> {
    desk.session.check_form(&form.form_token)?;
    let (texts, ask) = (desk.texts, form.ask()?);
    if form.act == "ask" {
        ask_approval(app, &desk.session, &ask).await?;
        let here = Address::read(PATH, "")
            .with("kind", ask.kind.word())
            .with("state", &form.state)
            .with("gen", &form.generation)
            .with("case", &form.case);
        return Ok(go(&here.to_string()));
    }
    let format = OutFormat::parse(&form.format).ok_or(ServiceError::Invalid {
        field: "format",
        why: "xlsx or csv",
    })?;
    let words = ExportWords {
        heading: columns(ask.kind).iter().map(|id| texts.get(id)).collect(),
        state: &|id| texts.get(id),
    };
    let done = export(app, &desk.session, &ask, format, &words).await?;
    let name = format!("{}-{}", ask.kind.word(), CivilDate::today(app.clock.now()).iso());
    send(done.file, &name, format)
}
