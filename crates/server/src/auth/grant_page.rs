//! Giving a role: the invitation of a new officer, and the change of role that a second person has to approve.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::access::{Access, Route, form, page as route};
use super::accounts::{self, Invitation, NewOfficer, load_officer};
use super::model::Officer;
use super::officers_page::{LIST, path_of, role_name, unit_name};
use super::page::{Filled, FormPage, filled};
use super::role::{Permission, Role};
use super::units::{self, Found};
use super::{approvals_page, ask_role_change};
use crate::app::AuthorityApp;
use crate::civil::{CivilDate, clock_time};
use crate::console::{
    Choice, Desk, Field, Frame, Html, Notice, PageHead, Texts, Tone, go, page, page_with, qr_svg, sorry,
};
use crate::error::ServiceError;
use crate::scope::{Place, Scope};

/// The page that shows an invitation, once.
#[derive(Template)]
#[template(path = "auth/invited.html")]
struct InvitedPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Notice,
    link: String,
    qr: Html,
    until: String,
}

/// Who is to get which role, where. `choice` is one of several units that the text in `unit` could mean.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
struct GrantForm {
    form_token: String,
    login: String,
    name: String,
    role: String,
    unit: String,
    choice: String,
}

/// Why a form is shown again.
#[derive(Default)]
struct Wrong {
    field: Option<&'static str>,
    message: &'static str,
    choices: Vec<Choice>,
}

impl Wrong {
    fn at(field: &'static str, message: &'static str) -> Self {
        Self {
            field: Some(field),
            message,
            choices: Vec::new(),
        }
    }

    fn of(error: &ServiceError) -> Option<Self> {
        Some(match error {
            ServiceError::Invalid { field: "login", .. } => Self::at("login", "auth-wrong-login"),
            ServiceError::Invalid { field: "name", .. } => Self::at("name", "auth-wrong-name"),
            ServiceError::Invalid { field: "unit", .. } => Self::at("unit", "auth-wrong-tier"),
            ServiceError::Conflict { .. } => Self::at("login", "auth-login-taken"),
            _ => return None,
        })
    }
}

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let manage = Access::StepUp(Permission::UserManage);
    vec![
        route("/desk/officers/new", manage, show_invite),
        form(LIST, manage, submit_invite),
        route("/desk/officers/{officer_id}/role", manage, show_role),
        form("/desk/officers/{officer_id}/role", manage, submit_role),
    ]
}

async fn show_invite(desk: Desk) -> Response {
    page(&invite_form(&desk, &GrantForm::default(), Wrong::default()))
}

async fn submit_invite(
    State(app): State<AuthorityApp>,
    desk: Desk,
    headers: HeaderMap,
    form: Filled<GrantForm>,
) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let again = |wrong| page_with(StatusCode::UNPROCESSABLE_ENTITY, &invite_form(&desk, &form, wrong));
    let (role, scope, place) = match read_grant(&app, &desk, &form) {
        Ok(read) => read,
        Err(wrong) => return again(wrong),
    };
    let new = NewOfficer {
        login: form.login.trim().to_lowercase(),
        name: form.name.trim().to_owned(),
        role,
        scope,
        place,
    };
    match accounts::invite(&app, &desk.session, &new).await {
        Ok(invitation) => page(&invited_page(&app, &desk, &headers, &new, &invitation)),
        Err(error) => match Wrong::of(&error) {
            Some(wrong) => again(wrong),
            None => sorry(desk.texts, error),
        },
    }
}

/// Reads role and unit of a form.
fn read_grant(app: &AuthorityApp, desk: &Desk, form: &GrantForm) -> Result<(Role, Scope, Place), Wrong> {
    let role = Role::parse(&form.role).ok_or(Wrong::at("role", "auth-wrong-role"))?;
    let (scope, place) = read_unit(app, desk, &form.unit, &form.choice).map_err(|choices| Wrong {
        message: if choices.is_empty() {
            "auth-wrong-unit"
        } else {
            "auth-which-unit"
        },
        field: Some("unit"),
        choices,
    })?;
    Ok((role, scope, place))
}

/// Returns the unit that is meant.
///
/// # Errors
///
/// The units that could be meant; none when there is no such unit inside the own.
pub(super) fn read_unit(
    app: &AuthorityApp,
    desk: &Desk,
    text: &str,
    choice: &str,
) -> Result<(Scope, Place), Vec<Choice>> {
    let today = CivilDate::today(app.clock.now());
    let meant = if choice.is_empty() { text } else { choice };
    match units::find(&app.geo, today, desk.session.officer.scope, meant) {
        Found::Nation => Ok((Scope::NATION, Place::default())),
        Found::One(unit) => units::scope_of(&app.geo, unit.id).ok_or_else(Vec::new),
        Found::Several(units) => {
            let choice = |unit: &&crate::geo::Unit| Choice::new(&unit.id.to_string(), units::described(&app.geo, unit));
            Err(units.iter().map(choice).collect())
        }
        Found::Nothing => Err(Vec::new()),
    }
}

/// Returns the fields for role and unit.
fn grant_fields(desk: &Desk, form: &GrantForm, wrong: &Wrong) -> Vec<Field> {
    let texts = desk.texts;
    let problem = |field: &str| (wrong.field == Some(field)).then(|| texts.get(wrong.message));
    let mine = desk.session.officer.role;
    let roles = Role::all().filter(|role| mine.may_grant(*role));
    let roles = roles
        .map(|role| Choice::new(role.word(), role_name(texts, role)))
        .collect();
    let role = Field::select(texts, "role", texts.get("auth-role"), roles);
    let mut fields = vec![role.value(form.role.clone()).required().error(problem("role"))];
    fields.extend(unit_fields(
        texts,
        desk.session.officer.scope,
        &form.unit,
        problem("unit"),
        &wrong.choices,
    ));
    fields
}

/// Returns the field for a unit and, when several could be meant, the choice among them.
pub(super) fn unit_fields(
    texts: Texts,
    own: Scope,
    typed: &str,
    problem: Option<String>,
    choices: &[Choice],
) -> Vec<Field> {
    let help = if own == Scope::NATION {
        "auth-unit-help-nation"
    } else {
        "auth-unit-help"
    };
    let unit = Field::text(texts, "unit", texts.get("auth-unit"));
    let unit = unit.value(typed).help(texts.get(help)).at_most(80).error(problem);
    let unit = if own == Scope::NATION { unit } else { unit.required() };
    let mut fields = vec![unit];
    if !choices.is_empty() {
        fields.push(Field::radios(texts, "choice", texts.get("auth-unit-choice"), choices.to_vec()).required());
    }
    fields
}

fn invite_form(desk: &Desk, form: &GrantForm, wrong: Wrong) -> FormPage {
    let texts = desk.texts;
    let title = texts.get("auth-invite");
    let problem = |field: &str| (wrong.field == Some(field)).then(|| texts.get(wrong.message));
    let mut fields = vec![
        Field::text(texts, "name", texts.get("auth-name"))
            .value(form.name.clone())
            .at_most(80)
            .required()
            .focused()
            .error(problem("name")),
        Field::text(texts, "login", texts.get("auth-login"))
            .value(form.login.clone())
            .at_most(40)
            .required()
            .help(texts.get("auth-login-help"))
            .error(problem("login")),
    ];
    fields.extend(grant_fields(desk, form, &wrong));
    let frame = desk.frame().titled(title.clone());
    FormPage {
        head: PageHead::new(title)
            .under(texts.get("console-nav-officers"), LIST)
            .lead(texts.get("auth-invite-lead")),
        notice: notice(texts, &wrong),
        action: LIST.to_owned(),
        hidden: vec![("form_token", frame.token().to_owned())],
        fields,
        button: texts.get("auth-invite-do"),
        frame,
    }
}

fn notice(texts: Texts, wrong: &Wrong) -> Option<Notice> {
    wrong
        .field
        .map(|_| Notice::new(Tone::Bad, texts.get("auth-check-fields")))
}

fn invited_page(
    app: &AuthorityApp,
    desk: &Desk,
    headers: &HeaderMap,
    new: &NewOfficer,
    invitation: &Invitation,
) -> InvitedPage {
    let texts = desk.texts;
    let link = format!("{}/desk/invitation/{}", origin(app, headers), invitation.token);
    let title = texts.with("auth-invited", "name", &new.name);
    let (role, unit) = (role_name(texts, new.role), unit_name(app, texts, new.scope));
    let words = [("login", new.login.as_str()), ("role", &role), ("unit", &unit)];
    InvitedPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title)
            .under(texts.get("console-nav-officers"), LIST)
            .lead(texts.fill("auth-invited-lead", &words)),
        notice: Notice::new(Tone::Warn, texts.get("auth-invited-once")),
        qr: qr_svg(&link),
        link,
        until: format!(
            "{} {}",
            CivilDate::today(invitation.until).local(),
            clock_time(invitation.until)
        ),
        texts,
    }
}

/// Returns scheme and host as the officer's browser used them; nothing where it named no host.
pub(super) fn origin(app: &AuthorityApp, headers: &HeaderMap) -> String {
    let is_secure = app.config.tls.is_some() || app.config.secure_cookies;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_host = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    match host.filter(is_host) {
        Some(host) => format!("{}://{host}", if is_secure { "https" } else { "http" }),
        None => String::new(),
    }
}

async fn show_role(State(app): State<AuthorityApp>, Path(officer_id): Path<String>, desk: Desk) -> Response {
    match load_officer(&app, &desk.session, &officer_id).await {
        Ok(officer) => {
            let form = GrantForm {
                role: officer.role.word().to_owned(),
                unit: unit_code(&app, officer.scope),
                ..GrantForm::default()
            };
            page(&role_form(&desk, &officer, &form, Wrong::default()))
        }
        Err(error) => sorry(desk.texts, error),
    }
}

fn unit_code(app: &AuthorityApp, scope: Scope) -> String {
    let unit = crate::geo::UnitId::from_number(scope.unit).and_then(|id| app.geo.unit(id));
    unit.map(crate::geo::Unit::code).unwrap_or_default()
}

async fn submit_role(
    State(app): State<AuthorityApp>,
    Path(officer_id): Path<String>,
    desk: Desk,
    form: Filled<GrantForm>,
) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let officer = match load_officer(&app, &desk.session, &officer_id).await {
        Ok(officer) => officer,
        Err(error) => return sorry(desk.texts, error),
    };
    let again = |wrong| {
        page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &role_form(&desk, &officer, &form, wrong),
        )
    };
    let (role, scope, place) = match read_grant(&app, &desk, &form) {
        Ok(read) => read,
        Err(wrong) => return again(wrong),
    };
    match ask_role_change(&app, &desk.session, &officer_id, role, scope, place).await {
        Ok(_) => go(approvals_page::LIST),
        Err(error) => match Wrong::of(&error) {
            Some(wrong) => again(wrong),
            None => sorry(desk.texts, error),
        },
    }
}

fn role_form(desk: &Desk, officer: &Officer, form: &GrantForm, wrong: Wrong) -> FormPage {
    let texts = desk.texts;
    let title = texts.get("auth-change-role");
    let frame = desk.frame().titled(title.clone());
    FormPage {
        head: PageHead::new(title)
            .under(officer.name.clone(), path_of(officer))
            .lead(texts.get("auth-change-role-lead")),
        notice: notice(texts, &wrong),
        action: format!("{}/role", path_of(officer)),
        hidden: vec![("form_token", frame.token().to_owned())],
        fields: grant_fields(desk, form, &wrong),
        button: texts.get("auth-change-role-do"),
        frame,
    }
}
