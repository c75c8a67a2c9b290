//! One case on one page: who, when it could infect, where it was, whom it met, what happened.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use protocol::time::UnixSeconds;
use serde::Deserialize;

use super::super::contacts::contacts_of;
use super::super::files::{load_file, set_state};
use super::super::model::{CaseFile, CaseState, Contact, Source};
use super::super::places::visited;
use super::super::timeline::{add_milestone, events, milestones};
use super::super::view::{REASONS, masked_people, places, reveal};
use super::person::deeds;
use super::whereabouts::{Entry, timeline};
use super::{about, contact_mark, moment, place_name};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{BareForm, Filled, filled};
use crate::civil::CivilDate;
use crate::console::{
    Action, Choice, Deed, Desk, Event, Facts, Field, Frame, Generation, Identity, Level, Mark, Notice, PageHead,
    Reveal, Texts, Timeline, Tone, go, page, page_with, sorry,
};
use crate::error::ServiceError;
use crate::people::{Person, PersonId};

/// Most contacts shown on the page of a case.
const SHOWN: u32 = 200;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    use Permission::{CaseConvert, CaseRead, CaseWrite, PersonReveal};
    vec![
        route("/desk/cases/{case_id}", Access::Needs(CaseRead), show),
        form(
            "/desk/cases/{case_id}/reveal",
            Access::Needs(PersonReveal),
            submit_reveal,
        ),
        form(
            "/desk/cases/{case_id}/milestones",
            Access::Needs(CaseWrite),
            submit_milestone,
        ),
        form(
            "/desk/cases/{case_id}/become/{state}",
            Access::Needs(CaseConvert),
            submit_state,
        ),
    ]
}

struct ContactRow {
    path: String,
    label: String,
    generation: Option<Generation>,
    about: String,
    place: String,
    exposed: String,
    level: Level,
    mark: Mark,
}

#[derive(Template)]
#[template(path = "cases/case.html")]
struct CasePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    /// What was just entered, and the draft that it ended.
    entered: Option<(Notice, String)>,
    path: String,
    facts: Facts,
    reveal: Option<Reveal>,
    shown: Option<Facts>,
    timeline: Timeline,
    milestone: Option<[Field; 2]>,
    contacts: Vec<ContactRow>,
    grid: Option<String>,
    import: Option<String>,
    export: Option<String>,
    /// What the person may ask for.
    rights: Vec<Action>,
    codes: Option<String>,
    states: Vec<Action>,
    history: Timeline,
}

/// What a form of this page changed or could not.
#[derive(Default)]
struct Turn {
    person: Option<Person>,
    typed: String,
    wrong: Option<&'static str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RevealForm {
    pub(super) form_token: String,
    pub(super) reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MilestoneForm {
    form_token: String,
    line: String,
    source: String,
}

async fn show(State(app): State<AuthorityApp>, Path(case_id): Path<String>, desk: Desk) -> Response {
    answer(&app, &desk, &case_id, StatusCode::OK, Turn::default()).await
}

async fn answer(app: &AuthorityApp, desk: &Desk, case_id: &str, status: StatusCode, turn: Turn) -> Response {
    match case_page(app, desk, case_id, turn).await {
        Ok(case) if status == StatusCode::OK => page(&case),
        Ok(case) => page_with(status, &case),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_reveal(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    form: Filled<RevealForm>,
) -> Response {
    let form = filled(form);
    let revealed = async {
        desk.session.check_form(&form.form_token)?;
        let case = load_file(&app, &desk.session, &case_id).await?;
        let person = case.person.ok_or(ServiceError::NotFound { what: "person" })?;
        reveal(&app, &desk.session, person, &case_id, &form.reason).await
    };
    match revealed.await {
        Ok(person) => {
            let turn = Turn {
                person: Some(person),
                ..Turn::default()
            };
            answer(&app, &desk, &case_id, StatusCode::OK, turn).await
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_milestone(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    form: Filled<MilestoneForm>,
) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let source = Source::parse(&form.source).unwrap_or(Source::Interview);
    match add_milestone(&app, &desk.session, &case_id, &form.line, 3, source).await {
        Ok(_) => go(&format!("/desk/cases/{case_id}#timeline")),
        Err(ServiceError::Invalid { field, .. }) => {
            let turn = Turn {
                typed: form.line,
                wrong: Some(field),
                ..Turn::default()
            };
            answer(&app, &desk, &case_id, StatusCode::UNPROCESSABLE_ENTITY, turn).await
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn submit_state(
    State(app): State<AuthorityApp>,
    Path((case_id, state)): Path<(String, String)>,
    desk: Desk,
    form: Filled<BareForm>,
) -> Response {
    let done = async {
        desk.session.check_form(&filled(form).form_token)?;
        let state = CaseState::parse(&state).ok_or(ServiceError::Invalid {
            field: "state",
            why: "unknown",
        })?;
        set_state(&app, &desk.session, &case_id, state).await
    };
    match done.await {
        Ok(_) => go(&format!("/desk/cases/{case_id}")),
        Err(error) => sorry(desk.texts, error),
    }
}

/// Returns how many contacts the grid has just saved, and the name of the grid's draft.
fn entered(desk: &Desk, path: &str) -> Option<(Notice, String)> {
    let count: u16 = desk.here.value("entered")?.parse().ok()?;
    let of = desk.here.value("of").unwrap_or_default();
    let of: String = of
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_')
        .collect();
    let words = desk.texts.with("cases-entered", "count", &count.to_string());
    Some((Notice::new(Tone::Good, words), format!("grid-{path}/contacts/new{of}")))
}

async fn case_page(app: &AuthorityApp, desk: &Desk, case_id: &str, turn: Turn) -> Result<CasePage, ServiceError> {
    let texts = desk.texts;
    let now = app.clock.now();
    let case = load_file(app, &desk.session, case_id).await?;
    let contacts = contacts_of(app, &desk.session, case_id, SHOWN).await?;
    let mut people: Vec<PersonId> = contacts.iter().map(|contact| contact.person).collect();
    people.extend(case.person);
    let masked = masked_people(app, &desk.session, Act::CASE_READ, &people, Some(case_id)).await?;
    let whereabouts = places(app, &contacts).await?;
    let rows = contacts
        .iter()
        .zip(whereabouts)
        .map(|(contact, place)| contact_row(texts, contact, about(texts, &masked, contact.person), place));
    let rows: Vec<ContactRow> = rows.collect();
    let path = format!("/desk/cases/{case_id}");
    let name = case
        .person
        .map_or_else(|| texts.get("cases-no-person"), |person| about(texts, &masked, person));
    let mut head = PageHead::new(case.label.clone()).under(texts.get("console-nav-cases"), "/desk/cases");
    if case.state.is_source() {
        head = head.generation(Generation(0));
    }
    let may_list = desk.session.may(Permission::ContactWrite);
    let mut entries = Entry::of_milestones(texts, case_id, &milestones(app, case_id).await?, may_list);
    entries.extend(Entry::of_visits(
        texts,
        case_id,
        &visited(app, &desk.session, &case).await?,
        may_list,
    ));
    let may = |permission| desk.session.may(permission);
    let wrong = turn
        .wrong
        .map(|field| texts.get(&format!("cases-wrong-{}", field.replace('_', "-"))));
    let can_change = may(Permission::CaseWrite) && case.person.is_some();
    Ok(CasePage {
        frame: desk.frame().titled(case.label.clone()).dated(now),
        head: head.lead(lead(app, texts, &case)),
        entered: entered(desk, &path),
        facts: facts(texts, &case, now),
        reveal: case.person.map(|_| {
            reveal_control(
                desk,
                name,
                String::new(),
                &format!("{path}/reveal"),
                turn.person.is_some(),
            )
        }),
        shown: turn.person.as_ref().map(|person| identity_facts(texts, person)),
        timeline: timeline(texts, entries),
        milestone: can_change.then(|| {
            let field = Field::text(texts, "line", texts.get("cases-milestone")).value(turn.typed);
            let line = field.help(texts.get("cases-milestone-help")).at_most(200).required();
            [line.error(wrong), source_field(texts)]
        }),
        contacts: rows,
        grid: (may(Permission::ContactWrite) && case.person.is_some()).then(|| format!("{path}/contacts/new")),
        import: (may(Permission::ImportRun) && case.person.is_some()).then(|| format!("/desk/imports?case={case_id}")),
        rights: if case
            .person
            .is_some_and(|person| masked.get(&person).is_some_and(|known| !known.is_erased))
        {
            deeds(desk, &path)
        } else {
            Vec::new()
        },
        export: (may(Permission::ExportRun) && !contacts.is_empty())
            .then(|| format!("/desk/export?kind=contacts&case={case_id}")),
        codes: (may(Permission::CodeIssue) && case.state.is_source()).then(|| format!("{path}/codes")),
        states: if may(Permission::CaseConvert) {
            state_actions(texts, &case, &path, desk)
        } else {
            Vec::new()
        },
        history: history(texts, &events(app, case_id).await?),
        path,
        texts,
    })
}

/// Returns the field for where a milestone is known from.
fn source_field(texts: Texts) -> Field {
    let choice = |source: &Source| {
        let label = texts.get(&format!("cases-source-{}", source.word().replace('_', "-")));
        Choice::new(source.word(), label)
    };
    let choices = Source::ALL.iter().map(choice).collect();
    Field::select(texts, "source", texts.get("cases-milestone-source"), choices)
        .value(Source::Interview.word())
        .required()
}

fn lead(app: &AuthorityApp, texts: Texts, case: &CaseFile) -> String {
    let finding = texts.get(&format!("desk-finding-{}", case.finding.word()));
    format!(
        "{finding} · {} · {}",
        texts.with("desk-tested-on", "date", &case.test_date.local()),
        place_name(app, &case.place)
    )
}

fn facts(texts: Texts, case: &CaseFile, now: UnixSeconds) -> Facts {
    let (from, until) = case.infectious(CivilDate::today(now));
    let span = format!("{} – {}", from.local(), until.local());
    Facts {
        texts,
        rows: vec![
            (
                texts.get("cases-col-state"),
                Some(texts.get(&format!("cases-state-{}", case.state.word()))),
            ),
            (texts.get("cases-col-onset"), case.onset_date.map(CivilDate::local)),
            (texts.get("cases-infectious"), Some(span)),
            (texts.get("cases-isolated"), case.isolated_date.map(CivilDate::local)),
            (texts.get("cases-col-opened"), Some(moment(case.opened_at))),
        ],
    }
}

/// Returns the control that reveals a person, as far as the role may.
pub(super) fn reveal_control(desk: &Desk, name: String, about: String, action: &str, is_shown: bool) -> Reveal {
    let texts = desk.texts;
    let identity = if is_shown {
        Identity::Shown {
            until: texts.get("cases-this-page"),
        }
    } else if desk.session.may(Permission::PersonReveal) {
        let reasons = REASONS
            .iter()
            .map(|reason| Choice::new(reason, texts.get(&format!("cases-reason-{reason}"))));
        Identity::Masked {
            action: action.to_owned(),
            form_token: desk.session.form_token.clone(),
            fields: vec![Field::select(texts, "reason", texts.get("cases-reason"), reasons.collect()).required()],
        }
    } else {
        Identity::Barred {
            why: texts.get("cases-reveal-barred"),
        }
    };
    Reveal {
        texts,
        name,
        about,
        identity,
    }
}

/// Returns who a person is, whole.
pub(super) fn identity_facts(texts: Texts, person: &Person) -> Facts {
    let identity = &person.identity;
    let birth = identity
        .birth
        .map(|birth| birth.date().map_or_else(|| birth.year().to_string(), CivilDate::local));
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let documents: Vec<&str> = identity
        .documents
        .iter()
        .map(|document| document.number.as_str())
        .collect();
    Facts {
        texts,
        rows: vec![
            (texts.get("cases-field-name"), some(&identity.name)),
            (texts.get("cases-field-birth"), birth),
            (
                texts.get("cases-field-sex"),
                identity.sex.map(|sex| super::sex_word(texts, sex)),
            ),
            (texts.get("cases-field-phone"), some(&identity.phones.join(", "))),
            (texts.get("cases-field-address"), some(&identity.address)),
            (texts.get("cases-field-document"), some(&documents.join(", "))),
        ],
    }
}

fn history(texts: Texts, events: &[super::super::timeline::CaseEvent]) -> Timeline {
    let events = events.iter().map(|event| Event {
        at: moment(event.at),
        title: texts.get(&format!("cases-event-{}", event.kind)),
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

fn contact_row(texts: Texts, contact: &Contact, about: String, place: Option<String>) -> ContactRow {
    ContactRow {
        path: format!("/desk/contacts/{}", contact.contact_id),
        label: contact.label.clone(),
        generation: contact.generation.map(Generation),
        about,
        place: place.unwrap_or_default(),
        exposed: contact.exposed_on.local(),
        level: level(texts, contact.level),
        mark: contact_mark(texts, contact.state),
    }
}

pub(super) fn level(texts: Texts, bars: u8) -> Level {
    Level {
        bars,
        words: texts.with("cases-level", "level", &bars.to_string()),
    }
}

fn state_actions(texts: Texts, case: &CaseFile, path: &str, desk: &Desk) -> Vec<Action> {
    let next: &[CaseState] = match case.state {
        CaseState::Suspected => &[CaseState::Confirmed, CaseState::Refuted],
        CaseState::Confirmed => &[CaseState::Closed, CaseState::Refuted],
        CaseState::Refuted | CaseState::Closed => &[CaseState::Confirmed],
    };
    next.iter()
        .map(|state| {
            let deed = Deed::Send {
                action: format!("{path}/become/{}", state.word()),
                form_token: desk.session.form_token.clone(),
            };
            let action = Action::new(texts.get(&format!("cases-do-{}", state.word())), deed);
            if *state == CaseState::Refuted {
                action.grave()
            } else {
                action
            }
        })
        .collect()
}
