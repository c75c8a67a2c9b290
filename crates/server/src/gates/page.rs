//! An owner's pages of gates and guards.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use protocol::gate::rules::{Kind, Way, to_hex, unhex};
use serde::Deserialize;

use super::{Gate, GateId, NewGate, Tally, guards, list, load, make_link, register, tally, wipe};
use crate::app::AuthorityApp;
use crate::auth::access::{Access, Route, form, page as route};
use crate::auth::page::{Filled, filled};
use crate::civil::{CivilDate, clock_time};
use crate::console::{
    Action, Choice, Confirm, Deed, Facts, Field, Frame, Html, Notice, PageHead, Texts, Tone, go, page, page_with,
    qr_svg,
};
use crate::error::ServiceError;
use crate::venues::page::{FormPage, Own, UNPROCESSABLE, field_error, form_notice, frame, sorry};
use crate::venues::{Venue, load_own};
use protocol::time::UnixSeconds;

/// The routes of the feature's pages.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route("/venues/{venue_id}/gates", Access::Public, show_all),
        route("/venues/{venue_id}/gates/new", Access::Public, show_new),
        form("/venues/{venue_id}/gates/new", Access::Public, submit_new),
        route("/venues/{venue_id}/gates/{gate_id}", Access::Public, show),
        form("/venues/{venue_id}/gates/{gate_id}/link", Access::Public, submit_link),
        route("/venues/{venue_id}/gates/{gate_id}/wipe", Access::Public, show_wipe),
        form("/venues/{venue_id}/gates/{gate_id}/wipe", Access::Public, submit_wipe),
        route("/venues/{venue_id}/guards/new", Access::Public, show_new_guard),
        form("/venues/{venue_id}/guards/new", Access::Public, submit_new_guard),
        form(
            "/venues/{venue_id}/guards/{guard_id}/end",
            Access::Public,
            submit_end_guard,
        ),
    ]
}

#[derive(Template)]
#[template(path = "gates/gates.html")]
struct GatesPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    gates: Vec<GateRow>,
    guards: Vec<GuardRow>,
    add_guard: Action,
}

struct GateRow {
    href: String,
    name: String,
    state: String,
}

struct GuardRow {
    name: String,
    action: String,
}

#[derive(Template)]
#[template(path = "gates/gate.html")]
struct GatePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    facts: Facts,
    alarms: Vec<Notice>,
    link_action: String,
    link: Option<Link>,
    ask: Action,
    wiping: Confirm,
}

struct Link {
    qr: Html,
    address: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    confirm: Confirm,
}

async fn own_venue(app: &AuthorityApp, own: &Own, venue_id: &str) -> Result<Venue, ServiceError> {
    load_own(app, own.owner.person, venue_id).await
}

async fn own_gate(app: &AuthorityApp, own: &Own, venue_id: &str, gate_id: &str) -> Result<(Venue, Gate), ServiceError> {
    let venue = own_venue(app, own, venue_id).await?;
    let id: GateId = unhex(gate_id).ok_or(ServiceError::NotFound { what: "gate" })?;
    let gate = load(app, &venue.venue_id, &id).await?;
    Ok((venue, gate))
}

fn home(venue: &Venue) -> String {
    format!("/venues/{}/gates", venue.venue_id)
}

fn address(venue: &Venue, gate: &Gate) -> String {
    format!("{}/{}", home(venue), to_hex(&gate.id))
}

async fn show_all(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match gates_page(&app, &own, &venue_id).await {
        Ok(shown) => page(&shown),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn gates_page(app: &AuthorityApp, own: &Own, venue_id: &str) -> Result<GatesPage, ServiceError> {
    let texts = own.visitor.texts;
    let venue = own_venue(app, own, venue_id).await?;
    let gates = list(app, venue_id).await?;
    let guards = guards::list(app, venue_id).await?;
    let title = texts.get("gate-all");
    let here = home(&venue);
    Ok(GatesPage {
        frame: frame(&own.visitor, &title),
        texts,
        head: PageHead::new(title)
            .under(venue.name.clone(), format!("/venues/{venue_id}"))
            .lead(texts.get("gate-all-lead"))
            .action(Action::open(texts.get("gate-new"), format!("{here}/new")).main()),
        gates: gates
            .iter()
            .map(|gate| GateRow {
                href: address(&venue, gate),
                name: gate.name.clone(),
                state: state(texts, gate),
            })
            .collect(),
        guards: guards
            .into_iter()
            .map(|guard| GuardRow {
                action: format!("/venues/{venue_id}/guards/{}/end", guard.guard_id),
                name: guard.name,
            })
            .collect(),
        add_guard: Action::open(texts.get("gate-guard-new"), format!("/venues/{venue_id}/guards/new")),
    })
}

fn moment(at: UnixSeconds) -> String {
    format!("{}, {}", clock_time(at), CivilDate::today(at).local())
}

fn state(texts: Texts, gate: &Gate) -> String {
    match (gate.wiped_at, gate.seen_at) {
        (Some(_), _) => texts.get("gate-state-wiped"),
        (None, Some(seen)) => texts.with("gate-state-seen", "time", &moment(seen)),
        (None, None) => texts.get("gate-state-new"),
    }
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
struct GateForm {
    gate_name: String,
    way: String,
    takes_pass: String,
    takes_card: String,
    takes_paper: String,
    takes_typed: String,
}

/// A kind and the name of its box.
const BOXES: [(Kind, &str); 4] = [
    (Kind::Pass, "takes_pass"),
    (Kind::Card, "takes_card"),
    (Kind::Paper, "takes_paper"),
    (Kind::Typed, "takes_typed"),
];
/// A way and its value.
const WAYS: [(Way, &str); 3] = [(Way::Both, "both"), (Way::In, "in"), (Way::Out, "out")];

impl GateForm {
    fn whole() -> Self {
        let yes = || "yes".to_owned();
        Self {
            gate_name: String::new(),
            way: "both".to_owned(),
            takes_pass: yes(),
            takes_card: yes(),
            takes_paper: yes(),
            takes_typed: yes(),
        }
    }

    fn ticked(&self, kind: Kind) -> &str {
        match kind {
            Kind::Pass => &self.takes_pass,
            Kind::Card => &self.takes_card,
            Kind::Paper => &self.takes_paper,
            Kind::Typed => &self.takes_typed,
        }
    }

    fn read(&self) -> Result<NewGate, ServiceError> {
        let way = WAYS.iter().find(|(_, value)| *value == self.way);
        let way = way.ok_or(ServiceError::Invalid {
            field: "way",
            why: "is no way",
        })?;
        let takes = Kind::ALL.into_iter().filter(|kind| self.ticked(*kind) == "yes");
        NewGate {
            name: self.gate_name.clone(),
            way: way.0,
            takes: takes.collect(),
        }
        .check()
    }
}

fn gate_form(own: &Own, venue: &Venue, form: &GateForm, error: Option<&ServiceError>) -> FormPage {
    let texts = own.visitor.texts;
    let title = texts.get("gate-new");
    let wrong = |field: &str| error.and_then(|error| field_error(texts, error, field));
    let ways = WAYS.map(|(_, value)| Choice::new(value, texts.get(&format!("gate-way-{value}"))));
    let mut fields = vec![
        Field::text(texts, "gate_name", texts.get("gate-name"))
            .help(texts.get("gate-name-help"))
            .value(form.gate_name.chars().take(super::model::MAX_NAME).collect::<String>())
            .error(wrong("gate_name"))
            .required()
            .focused(),
        Field::radios(texts, "way", texts.get("gate-way"), ways.to_vec())
            .value(form.way.chars().take(10).collect::<String>())
            .error(wrong("way"))
            .required(),
    ];
    for (kind, name) in BOXES {
        let label = texts.get(&format!("gate-{}", name.replace('_', "-")));
        let is_last = kind == Kind::Typed;
        let ticked = if form.ticked(kind) == "yes" { "yes" } else { "" };
        let field = Field::check(texts, name, label).value(ticked);
        fields.push(field.error(wrong("takes").filter(|_| is_last)));
    }
    FormPage {
        frame: frame(&own.visitor, &title),
        head: PageHead::new(title)
            .under(texts.get("gate-all"), home(venue))
            .lead(texts.get("gate-new-lead")),
        notice: error.map(|error| form_notice(texts, error)),
        action: format!("{}/new", home(venue)),
        hidden: Vec::new(),
        fields,
        button: texts.get("gate-new"),
    }
}

async fn show_new(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match own_venue(&app, &own, &venue_id).await {
        Ok(venue) => page(&gate_form(&own, &venue, &GateForm::whole(), None)),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn submit_new(
    State(app): State<AuthorityApp>,
    own: Own,
    Path(venue_id): Path<String>,
    sent: Filled<GateForm>,
) -> Response {
    let form = filled(sent);
    let venue = match own_venue(&app, &own, &venue_id).await {
        Ok(venue) => venue,
        Err(error) => return sorry(&own.visitor, error),
    };
    let made = match form.read() {
        Ok(new) => register(&app, &venue.venue_id, new).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(gate) => go(&address(&venue, &gate)),
        Err(error @ ServiceError::Invalid { .. }) => {
            page_with(UNPROCESSABLE, &gate_form(&own, &venue, &form, Some(&error)))
        }
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn show(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, gate_id)): Path<(String, String)>,
) -> Response {
    let shown = async {
        let (venue, gate) = own_gate(&app, &own, &venue_id, &gate_id).await?;
        let counted = tally(&app, &gate).await?;
        Ok(gate_page(&own, &venue, &gate, counted, None))
    };
    match shown.await {
        Ok(shown) => page(&shown),
        Err(error) => sorry(&own.visitor, error),
    }
}

fn gate_page(own: &Own, venue: &Venue, gate: &Gate, counted: Tally, link: Option<Link>) -> GatePage {
    let texts = own.visitor.texts;
    let here = address(venue, gate);
    let way = WAYS
        .iter()
        .find(|(way, _)| *way == gate.way)
        .map_or("both", |way| way.1);
    let rows = vec![
        (texts.get("gate-state"), Some(state(texts, gate))),
        (texts.get("gate-way"), Some(texts.get(&format!("gate-way-{way}")))),
        (texts.get("gate-arrived"), Some(texts.number(counted.arrived))),
        (texts.get("gate-missing"), Some(texts.number(counted.missing))),
        (texts.get("gate-wrong"), Some(texts.number(counted.wrong))),
    ];
    GatePage {
        frame: frame(&own.visitor, &gate.name),
        texts,
        head: PageHead::new(gate.name.clone())
            .under(texts.get("gate-all"), home(venue))
            .lead(venue.name.clone()),
        facts: Facts { texts, rows },
        alarms: alarms(texts, gate, counted),
        link_action: format!("{here}/link"),
        link,
        ask: Action::new(
            texts.get("gate-wipe"),
            Deed::Ask {
                dialog: "wipe",
                page: format!("{here}/wipe"),
            },
        )
        .grave(),
        wiping: wiping(texts, venue, gate),
    }
}

/// Returns what an owner must be told of a gate.
fn alarms(texts: Texts, gate: &Gate, counted: Tally) -> Vec<Notice> {
    let mut alarms = Vec::new();
    if gate.forked_at.is_some() {
        alarms.push(texts.get("gate-alarm-forked"));
    }
    if let Some(skew) = gate.skew_s.filter(|skew| skew.abs() > super::model::SKEW_SECONDS) {
        let id = if skew > 0 {
            "gate-alarm-ahead"
        } else {
            "gate-alarm-behind"
        };
        alarms.push(texts.with(id, "minutes", &texts.number(skew.abs() / 60)));
    }
    if counted.missing > 0 {
        alarms.push(texts.with("gate-alarm-missing", "count", &texts.number(counted.missing)));
    }
    let notice = |text| Notice::new(Tone::Bad, text);
    alarms.into_iter().map(notice).collect()
}

fn wiping(texts: Texts, venue: &Venue, gate: &Gate) -> Confirm {
    let here = address(venue, gate);
    Confirm {
        texts,
        id: "wipe",
        title: texts.get("gate-wipe-ask"),
        effects: vec![texts.get("gate-wipe-sends"), texts.get("gate-wipe-forgets")],
        action: format!("{here}/wipe"),
        form_token: String::new(),
        hidden: Vec::new(),
        fields: Vec::new(),
        button: texts.get("gate-wipe"),
        grave: true,
        back: here,
    }
}

async fn submit_link(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, gate_id)): Path<(String, String)>,
) -> Response {
    let shown = async {
        let (venue, gate) = own_gate(&app, &own, &venue_id, &gate_id).await?;
        let secret = make_link(&app, &gate).await?;
        // Behind the hash: no server sees it, no log keeps it.
        let (gate_url, language) = (&app.config.gate_url, own.visitor.texts.code());
        let mark = if gate_url.contains('?') { '&' } else { '?' };
        let at = &app.config.public_url;
        let address = format!("{gate_url}{mark}lang={language}#at={at}&enrol={secret}");
        let counted = tally(&app, &gate).await?;
        let link = Link {
            qr: qr_svg(&address),
            address,
        };
        Ok(gate_page(&own, &venue, &gate, counted, Some(link)))
    };
    match shown.await {
        Ok(shown) => page(&shown),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn show_wipe(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, gate_id)): Path<(String, String)>,
) -> Response {
    match own_gate(&app, &own, &venue_id, &gate_id).await {
        Ok((venue, gate)) => page(&ConfirmPage {
            frame: frame(&own.visitor, &gate.name),
            confirm: wiping(own.visitor.texts, &venue, &gate),
        }),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn submit_wipe(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, gate_id)): Path<(String, String)>,
) -> Response {
    let wiped = async {
        let (venue, gate) = own_gate(&app, &own, &venue_id, &gate_id).await?;
        wipe(&app, &gate).await?;
        Ok(address(&venue, &gate))
    };
    match wiped.await {
        Ok(here) => go(&here),
        Err(error) => sorry(&own.visitor, error),
    }
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
struct GuardForm {
    name: String,
    phone: String,
}

fn guard_form(own: &Own, venue: &Venue, form: &GuardForm, error: Option<&ServiceError>) -> FormPage {
    let texts = own.visitor.texts;
    let title = texts.get("gate-guard-new");
    let wrong = |field: &str| error.and_then(|error| field_error(texts, error, field));
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    FormPage {
        frame: frame(&own.visitor, &title),
        head: PageHead::new(title)
            .under(texts.get("gate-all"), home(venue))
            .lead(texts.get("gate-guard-lead")),
        notice: error.map(|error| form_notice(texts, error)),
        action: format!("/venues/{}/guards/new", venue.venue_id),
        hidden: Vec::new(),
        fields: vec![
            Field::text(texts, "name", texts.get("gate-guard-name"))
                .value(cut(&form.name, crate::people::model::MAX_NAME))
                .error(wrong("name"))
                .required()
                .focused(),
            Field::phone(texts, "phone", texts.get("gate-guard-phone"))
                .value(cut(&form.phone, 20))
                .help(texts.get("gate-guard-phone-help"))
                .error(wrong("phone"))
                .required(),
        ],
        button: texts.get("gate-guard-send"),
    }
}

async fn show_new_guard(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match own_venue(&app, &own, &venue_id).await {
        Ok(venue) => page(&guard_form(&own, &venue, &GuardForm::default(), None)),
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn submit_new_guard(
    State(app): State<AuthorityApp>,
    own: Own,
    Path(venue_id): Path<String>,
    sent: Filled<GuardForm>,
) -> Response {
    let form = filled(sent);
    let venue = match own_venue(&app, &own, &venue_id).await {
        Ok(venue) => venue,
        Err(error) => return sorry(&own.visitor, error),
    };
    match guards::add(&app, &venue.venue_id, &form.name, &form.phone, own.visitor.texts).await {
        Ok(()) => go(&home(&venue)),
        Err(error @ ServiceError::Invalid { .. }) => {
            page_with(UNPROCESSABLE, &guard_form(&own, &venue, &form, Some(&error)))
        }
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn submit_end_guard(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, guard_id)): Path<(String, String)>,
) -> Response {
    let ended = async {
        let venue = own_venue(&app, &own, &venue_id).await?;
        guards::end(&app, &venue.venue_id, &guard_id).await?;
        Ok(home(&venue))
    };
    match ended.await {
        Ok(here) => go(&here),
        Err(error) => sorry(&own.visitor, error),
    }
}
