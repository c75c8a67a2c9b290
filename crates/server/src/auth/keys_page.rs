//! `/desk/officers/keys`: keys of programs, made, listed and revoked.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::access::{Access, Route, form, page as route};
use super::grant_page::{read_unit, unit_fields};
use super::keys::{ApiKey, MAX_DAYS, MadeKey, NewKey, list_keys, make_key, offered, revoke_key};
use super::officers_page::{ConfirmPage, unit_name};
use super::page::{BareForm, Filled, FormPage, filled};
use super::role::Permission;
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::console::{
    Action, Choice, Confirm, Desk, Empty, Field, Frame, Icon, Mark, Notice, PageHead, Shape, Texts, Tone, go, page,
    page_with, sorry,
};
use crate::error::ServiceError;
use protocol::time::UnixSeconds;

/// Where the list stands.
pub(super) const LIST: &str = "/desk/officers/keys";

#[derive(Template)]
#[template(path = "auth/keys.html")]
struct KeysPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    rows: Vec<Row>,
    empty: Option<Empty>,
}

/// A key as the list shows it.
struct Row {
    label: String,
    permissions: String,
    unit: String,
    made: String,
    until: String,
    state: Mark,
    revoke: Option<Action>,
}

/// The page that shows a key, once.
#[derive(Template)]
#[template(path = "auth/key.html")]
struct KeyPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Notice,
    secret: String,
    until: String,
    example: &'static str,
}

/// How a program sends its key.
const EXAMPLE: &str = "curl -H \"Authorization: Bearer …\" /v1/audit/root";

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
struct KeyForm {
    form_token: String,
    label: String,
    permission: String,
    unit: String,
    choice: String,
    days: String,
}

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    let manage = Permission::KeyManage;
    vec![
        route(LIST, Access::Needs(manage), show_list),
        route("/desk/officers/keys/new", Access::StepUp(manage), show_new),
        form(LIST, Access::StepUp(manage), submit_new),
        route("/desk/officers/keys/{key_id}/revoke", Access::Needs(manage), ask_revoke),
        form(
            "/desk/officers/keys/{key_id}/revoke",
            Access::Needs(manage),
            submit_revoke,
        ),
    ]
}

async fn show_list(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let texts = desk.texts;
    let keys = match list_keys(&app, &desk.session).await {
        Ok(keys) => keys,
        Err(error) => return sorry(texts, error),
    };
    let now = app.clock.now();
    let title = texts.get("auth-keys");
    let mut head = PageHead::new(title.clone()).lead(texts.get("auth-keys-lead"));
    if desk.session.may(Permission::UserManage) {
        head = head.under(texts.get("console-nav-officers"), super::officers_page::LIST);
    }
    let may_make = !offered(&desk.session).is_empty();
    if may_make {
        let make = Action::open(texts.get("auth-key-make"), "/desk/officers/keys/new");
        head = head.action(make.icon(Icon::Plus).main().key("n"));
    }
    let empty = Empty {
        title: texts.get("auth-no-keys"),
        text: texts.get(if may_make {
            "auth-no-keys-text"
        } else {
            "auth-no-keys-other"
        }),
        action: None,
    };
    page(&KeysPage {
        frame: desk.frame().titled(title).dated(now),
        head,
        empty: keys.is_empty().then_some(empty),
        rows: keys.iter().map(|key| row(&app, texts, key, now)).collect(),
        texts,
    })
}

fn row(app: &AuthorityApp, texts: Texts, key: &ApiKey, now: UnixSeconds) -> Row {
    let (shape, words) = if key.revoked_at.is_some() {
        (Shape::Diamond, "auth-key-revoked")
    } else if key.until <= now {
        (Shape::Diamond, "auth-key-expired")
    } else {
        (Shape::Disc, "auth-key-works")
    };
    let revoke = Action::open(texts.get("auth-key-revoke"), format!("{LIST}/{}/revoke", key.key_id));
    let made = [
        ("login", key.made_by.as_str()),
        ("date", &CivilDate::today(key.created_at).local()),
    ];
    Row {
        label: key.label.clone(),
        permissions: key
            .permissions
            .iter()
            .map(|p| permission_name(texts, *p))
            .collect::<Vec<_>>()
            .join(", "),
        unit: unit_name(app, texts, key.scope),
        made: texts.fill("auth-key-made", &made),
        until: CivilDate::today(key.until).local(),
        state: Mark::new(shape, texts.get(words)),
        revoke: (shape == Shape::Disc).then_some(revoke),
    }
}

fn permission_name(texts: Texts, permission: Permission) -> String {
    texts.get(&format!("auth-may-{}", permission.word().replace('.', "-")))
}

async fn show_new(desk: Desk) -> Response {
    if offered(&desk.session).is_empty() {
        // The list says who can make one.
        return go(LIST);
    }
    let form = KeyForm {
        days: "30".into(),
        ..KeyForm::default()
    };
    page(&key_form(&desk, &form, None, &[]))
}

async fn submit_new(State(app): State<AuthorityApp>, desk: Desk, form: Filled<KeyForm>) -> Response {
    let form = filled(form);
    if let Err(error) = desk.session.check_form(&form.form_token) {
        return sorry(desk.texts, error);
    }
    let again = |field, choices: &[Choice]| {
        let form = key_form(&desk, &form, Some(field), choices);
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
    };
    let (scope, place) = match read_unit(&app, &desk, &form.unit, &form.choice) {
        Ok(read) => read,
        Err(choices) => return again("unit", &choices),
    };
    let new = NewKey {
        label: form.label.clone(),
        permissions: Permission::parse(&form.permission).into_iter().collect(),
        scope,
        place,
        days: form.days.trim().parse().unwrap_or(0),
    };
    match make_key(&app, &desk.session, &new).await {
        Ok(made) => page(&made_page(&desk, &made)),
        Err(ServiceError::Invalid { field, .. }) => again(field, &[]),
        Err(error) => sorry(desk.texts, error),
    }
}

fn key_form(desk: &Desk, form: &KeyForm, wrong: Option<&str>, choices: &[Choice]) -> FormPage {
    let texts = desk.texts;
    let title = texts.get("auth-key-make");
    let problem = |field: &str, id: &str| (wrong == Some(field)).then(|| texts.get(id));
    let permissions = offered(&desk.session).into_iter();
    let permissions = permissions
        .map(|p| Choice::new(p.word(), permission_name(texts, p)))
        .collect();
    let mut fields = vec![
        Field::text(texts, "label", texts.get("auth-key-label"))
            .value(form.label.clone())
            .help(texts.get("auth-key-label-help"))
            .at_most(60)
            .required()
            .error(problem("label", "auth-wrong-label")),
        Field::select(texts, "permission", texts.get("auth-key-may"), permissions)
            .value(form.permission.clone())
            .required()
            .error(problem("permissions", "auth-wrong-permission")),
    ];
    let unit = if choices.is_empty() {
        "auth-wrong-unit"
    } else {
        "auth-which-unit"
    };
    fields.extend(unit_fields(
        texts,
        desk.session.officer.scope,
        &form.unit,
        problem("unit", unit),
        choices,
    ));
    fields.push(
        Field::digits(texts, "days", texts.get("auth-key-days"))
            .value(form.days.clone())
            .help(texts.with("auth-key-days-help", "days", &MAX_DAYS.to_string()))
            .required()
            .error(problem("days", "auth-wrong-days")),
    );
    let frame = desk.frame().titled(title.clone());
    FormPage {
        head: PageHead::new(title)
            .under(texts.get("auth-keys"), LIST)
            .lead(texts.get("auth-key-make-lead")),
        notice: wrong.map(|_| Notice::new(Tone::Bad, texts.get("auth-check-fields"))),
        action: LIST.to_owned(),
        hidden: vec![("form_token", frame.token().to_owned())],
        fields,
        button: texts.get("auth-key-make-do"),
        frame,
    }
}

fn made_page(desk: &Desk, made: &MadeKey) -> KeyPage {
    let texts = desk.texts;
    let title = texts.with("auth-key-done", "label", &made.key.label);
    KeyPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title).under(texts.get("auth-keys"), LIST),
        notice: Notice::new(Tone::Warn, texts.get("auth-key-once")),
        secret: made.secret.clone(),
        until: CivilDate::today(made.key.until).local(),
        example: EXAMPLE,
        texts,
    }
}

async fn ask_revoke(State(app): State<AuthorityApp>, Path(key_id): Path<String>, desk: Desk) -> Response {
    let texts = desk.texts;
    let keys = match list_keys(&app, &desk.session).await {
        Ok(keys) => keys,
        Err(error) => return sorry(texts, error),
    };
    let Some(key) = keys.iter().find(|key| key.key_id == key_id && key.revoked_at.is_none()) else {
        return sorry(texts, ServiceError::NotFound { what: "key" });
    };
    let frame = desk.frame().titled(texts.get("auth-key-revoke"));
    let confirm = Confirm {
        texts,
        id: "revoke",
        title: texts.with("auth-key-revoke-title", "label", &key.label),
        effects: vec![texts.get("auth-key-revoke-effect"), texts.get("auth-leave-record")],
        action: format!("{LIST}/{}/revoke", key.key_id),
        form_token: frame.token().to_owned(),
        hidden: Vec::new(),
        fields: Vec::new(),
        button: texts.get("auth-key-revoke"),
        grave: true,
        back: LIST.to_owned(),
    };
    page(&ConfirmPage { frame, confirm })
}

async fn submit_revoke(
    State(app): State<AuthorityApp>,
    Path(key_id): Path<String>,
    desk: Desk,
    form: Filled<BareForm>,
) -> Response {
    let done = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => revoke_key(&app, &desk.session, &key_id).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go(LIST),
        Err(error) => sorry(desk.texts, error),
    }
}
