//! Who was at a place together with a case: ranked, ticked, made contacts.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use protocol::time::UnixSeconds;
use serde::Deserialize;

use super::super::contacts::Entered;
use super::super::places::{Attendee, Company, company, make_contacts, meant};
use super::super::timeline::{Milestone, milestones};
use super::super::view::masked_people;
use super::{about, moment};
use crate::app::AuthorityApp;
use crate::audit::Action as Act;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::{CivilDate, clock_time};
use crate::console::{Desk, Frame, Mark, Notice, PageHead, Shape, Texts, Tone, go, page, sorry};
use crate::error::ServiceError;
use crate::people::PersonId;
use crate::venues::model::kind_word;

use super::super::files::load_file;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let needs = Access::Needs(Permission::ContactWrite);
    vec![
        route("/desk/cases/{case_id}/company", needs, show),
        form("/desk/cases/{case_id}/company", needs, submit),
        route("/desk/cases/{case_id}/company/{milestone_id}", needs, show_meant),
    ]
}

/// Returns the address of the list of a venue between two moments.
pub(super) fn address(case_id: &str, venue_id: &str, from: UnixSeconds, to: UnixSeconds) -> String {
    format!(
        "/desk/cases/{case_id}/company?venue={venue_id}&from={}&to={}",
        from.0, to.0
    )
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    venue: String,
    from: i64,
    to: i64,
}

impl Asked {
    /// Reads the fields of a form, of which `chosen` comes once for each person.
    fn read(fields: &[(String, String)]) -> Self {
        let value = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let number = |name: &str| value(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        Self {
            venue: value("venue").unwrap_or_default().to_owned(),
            from: number("from"),
            to: number("to"),
        }
    }
}

struct Row {
    person: String,
    about: String,
    minutes: String,
    from: String,
    mark: Mark,
    is_contact: bool,
}

#[derive(Template)]
#[template(path = "cases/company.html")]
struct CompanyPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    path: String,
    venue: String,
    from: i64,
    to: i64,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "cases/meant.html")]
struct MeantPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    venues: Vec<(String, String, String)>,
}

async fn show(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    query: Result<axum::extract::Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let asked = query.map(|query| query.0).unwrap_or_default();
    match company_page(&app, &desk, &case_id, &asked).await {
        Ok(listed) => page(&listed),
        Err(error) => sorry(desk.texts, error),
    }
}

async fn listed(app: &AuthorityApp, desk: &Desk, case_id: &str, asked: &Asked) -> Result<Company, ServiceError> {
    let moments = (UnixSeconds(asked.from), UnixSeconds(asked.to));
    company(app, &desk.session, case_id, &asked.venue, moments).await
}

async fn company_page(
    app: &AuthorityApp,
    desk: &Desk,
    case_id: &str,
    asked: &Asked,
) -> Result<CompanyPage, ServiceError> {
    let texts = desk.texts;
    let company = listed(app, desk, case_id, asked).await?;
    let people: Vec<PersonId> = company.people.iter().map(|met| met.person).collect();
    let masked = masked_people(app, &desk.session, Act::COMPANY_LIST, &people, Some(case_id)).await?;
    let gone = |met: &&Attendee| masked.get(&met.person).is_some_and(|known| !known.is_erased);
    let rows = company
        .people
        .iter()
        .filter(gone)
        .map(|met| row(texts, met, about(texts, &masked, met.person)));
    let rows: Vec<Row> = rows.collect();
    let title = texts.with("cases-company", "venue", &company.venue.name);
    let span = format!(
        "{} {}–{}",
        CivilDate::today(company.from).local(),
        clock_time(company.from),
        if CivilDate::today(company.from) == CivilDate::today(company.to) {
            clock_time(company.to)
        } else {
            moment(company.to)
        }
    );
    let kind = texts.get(&format!("venue-kind-{}", kind_word(company.venue.kind)));
    Ok(CompanyPage {
        frame: desk.frame().titled(title.clone()).dated(app.clock.now()),
        head: PageHead::new(title)
            .under(company.case.label.clone(), format!("/desk/cases/{case_id}"))
            .lead(format!("{kind} · {span}")),
        notice: company
            .is_cut
            .then(|| Notice::new(Tone::Warn, texts.get("cases-company-cut"))),
        path: format!("/desk/cases/{case_id}/company"),
        venue: company.venue.venue_id.clone(),
        from: company.from.0,
        to: company.to.0,
        rows,
        texts,
    })
}

fn row(texts: Texts, met: &Attendee, about: String) -> Row {
    let (shape, word) = match (met.is_contact, met.is_scanned) {
        (true, _) => (Shape::Disc, "cases-company-known"),
        (false, true) => (Shape::Half, "cases-company-scanned"),
        (false, false) => (Shape::Ring, "cases-company-guessed"),
    };
    Row {
        person: met.person.hex(),
        about,
        minutes: texts.span((met.seconds / 60).max(1)),
        from: clock_time(met.from),
        mark: Mark::new(shape, texts.get(word)),
        is_contact: met.is_contact,
    }
}

async fn submit(
    State(app): State<AuthorityApp>,
    Path(case_id): Path<String>,
    desk: Desk,
    form: Filled<Vec<(String, String)>>,
) -> Response {
    let fields = filled(form);
    let values = |name: &'static str| {
        fields
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let done = async {
        desk.session
            .check_form(values("form_token").next().map_or("", String::as_str))?;
        let chosen: Vec<PersonId> = values("chosen").filter_map(|value| PersonId::parse(value)).collect();
        if chosen.is_empty() {
            // A case of elsewhere is answered like a missing one, whatever was ticked.
            load_file(&app, &desk.session, &case_id).await?;
            return Ok(None);
        }
        let company = listed(&app, &desk, &case_id, &Asked::read(&fields)).await?;
        let relation = desk.texts.get("cases-company-relation");
        make_contacts(&app, &desk.session, &company, &chosen, &relation)
            .await
            .map(Some)
    };
    match done.await {
        Ok(entered) => {
            let new = entered.iter().flatten().filter(|one| matches!(one, Entered::New(_)));
            go(&format!("/desk/cases/{case_id}?entered={}#contacts", new.count()))
        }
        Err(error) => sorry(desk.texts, error),
    }
}

async fn show_meant(
    State(app): State<AuthorityApp>,
    Path((case_id, milestone_id)): Path<(String, String)>,
    desk: Desk,
) -> Response {
    let found = async {
        let case = load_file(&app, &desk.session, &case_id).await?;
        let all = milestones(&app, &case_id).await?;
        let milestone = all.into_iter().find(|one| one.milestone_id == milestone_id);
        let milestone = milestone.ok_or(ServiceError::NotFound { what: "milestone" })?;
        let place = milestone.place.clone().unwrap_or_default();
        let venues = meant(&app, &desk.session, &place).await?;
        Ok::<_, ServiceError>((case, milestone, place, venues))
    };
    match found.await {
        Ok((_, milestone, _, venues)) if venues.len() == 1 => {
            let (from, to) = span(&milestone);
            go(&address(&case_id, &venues[0].venue_id, from, to))
        }
        Ok((case, milestone, place, venues)) => {
            let (from, to) = span(&milestone);
            let title = desk.texts.with("cases-company-which", "place", &place);
            let kind = |venue: &crate::venues::Venue| desk.texts.get(&format!("venue-kind-{}", kind_word(venue.kind)));
            page(&MeantPage {
                frame: desk.frame().titled(title.clone()),
                texts: desk.texts,
                head: PageHead::new(title).under(case.label, format!("/desk/cases/{case_id}")),
                venues: venues
                    .iter()
                    .map(|venue| {
                        let href = address(&case_id, &venue.venue_id, from, to);
                        (href, venue.name.clone(), format!("{} · {}", kind(venue), venue.address))
                    })
                    .collect(),
            })
        }
        Err(error) => sorry(desk.texts, error),
    }
}

/// A milestone that is a moment means the hour around it.
fn span(milestone: &Milestone) -> (UnixSeconds, UnixSeconds) {
    if milestone.from == milestone.to {
        (milestone.from.plus(-1800), milestone.to.plus(1800))
    } else {
        (milestone.from, milestone.to)
    }
}
