//! Pages of accounts: the first-run wizard, signing in and out, the repeated proof, invitations.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use protocol::base32;
use serde::Deserialize;

use super::access::{Access, Route, form, page as route};
use super::accounts::{self, Enrolment};
use super::model::otpauth;
use super::{accept, sign_in, sign_out, step_up};
use crate::app::AuthorityApp;
use crate::console::{
    Desk, Field, Frame, Html, Notice, PageHead, Texts, Tone, Visitor, go, page, page_with, qr_svg, sorry, with_session,
};
use crate::error::ServiceError;

/// The routes of the feature's pages.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = door_routes();
    routes.extend(super::officers_page::routes());
    routes.extend(super::grant_page::routes());
    routes.extend(super::approvals_page::routes());
    routes.extend(super::keys_page::routes());
    routes
}

fn door_routes() -> Vec<Route> {
    vec![
        route("/desk/sign-in", Access::Public, show_sign_in),
        form("/desk/sign-in", Access::Public, submit_sign_in),
        form("/desk/sign-out", Access::SignedIn, submit_sign_out),
        route("/desk/setup", Access::Public, show_setup),
        form("/desk/setup", Access::Public, submit_setup),
        route("/desk/invitation/{token}", Access::Public, show_invitation),
        form("/desk/invitation/{token}", Access::Public, submit_invitation),
        form("/desk/step-up", Access::SignedIn, submit_step_up),
    ]
}

/// A page that is a form and nothing else.
#[derive(Template)]
#[template(path = "form.html")]
pub(super) struct FormPage {
    pub(super) frame: Frame,
    pub(super) head: PageHead,
    pub(super) notice: Option<Notice>,
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) button: String,
}

/// The wizard and an accepted invitation: password and authenticator.
#[derive(Template)]
#[template(path = "auth/enrol.html")]
struct EnrolPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    notice: Option<Notice>,
    action: String,
    fields: Vec<Field>,
    code: Field,
    secret: String,
    qr: Html,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignInForm {
    login: String,
    password: String,
    code: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EnrolForm {
    token: String,
    login: String,
    name: String,
    password: String,
    secret: String,
    code: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StepUpForm {
    form_token: String,
    code: String,
    then: String,
}

/// A form with nothing but its token.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct BareForm {
    pub(crate) form_token: String,
}

pub(crate) type Filled<T> = Result<Form<T>, FormRejection>;

/// Returns what a form holds; one that cannot be read counts as empty.
pub(crate) fn filled<T: Default>(form: Filled<T>) -> T {
    form.map(|Form(form)| form).unwrap_or_default()
}

fn sign_in_page(visitor: &Visitor, login: &str, message: Option<String>) -> FormPage {
    let texts = visitor.texts;
    let title = texts.get("desk-sign-in");
    let login_field = Field::text(texts, "login", texts.get("auth-login"))
        .value(login)
        .at_most(40);
    let password = Field::secret(texts, "password", texts.get("desk-password"));
    let code = Field::digits(texts, "code", texts.get("auth-code")).help(texts.get("auth-code-help"));
    FormPage {
        frame: visitor.frame().titled(title.clone()),
        head: PageHead::new(title.clone()).lead(texts.get("auth-sign-in-lead")),
        notice: message.map(|text| Notice::new(Tone::Bad, text)),
        action: "/desk/sign-in".into(),
        hidden: Vec::new(),
        fields: vec![
            login_field.completes("username").required().focused(),
            password.required(),
            code.completes("one-time-code").required(),
        ],
        button: title,
    }
}

async fn show_sign_in(State(app): State<AuthorityApp>, visitor: Visitor) -> Response {
    match accounts::is_new(&app).await {
        Ok(true) => go("/desk/setup"),
        Ok(false) => page(&sign_in_page(&visitor, "", None)),
        Err(error) => sorry(visitor.texts, error),
    }
}

async fn submit_sign_in(State(app): State<AuthorityApp>, visitor: Visitor, form: Filled<SignInForm>) -> Response {
    let form = filled(form);
    match sign_in(&app, &form.login, &form.password, &form.code, &visitor.source).await {
        Ok((secret, _)) => with_session(go("/desk"), &secret, app.config.secure_cookies),
        Err(ServiceError::Unauthenticated) => {
            let message = Some(visitor.texts.get("auth-wrong"));
            let login: String = form.login.chars().take(40).collect();
            page_with(StatusCode::UNAUTHORIZED, &sign_in_page(&visitor, &login, message))
        }
        Err(error) => sorry(visitor.texts, error),
    }
}

async fn submit_sign_out(State(app): State<AuthorityApp>, desk: Desk, form: Filled<BareForm>) -> Response {
    let done = match desk.session.check_form(&filled(form).form_token) {
        Ok(()) => sign_out(&app, &desk.session).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => with_session(go("/desk/sign-in"), "", app.config.secure_cookies),
        Err(error) => sorry(desk.texts, error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenQuery {
    token: String,
}

async fn show_setup(State(app): State<AuthorityApp>, visitor: Visitor, Query(query): Query<TokenQuery>) -> Response {
    match accounts::is_new(&app).await {
        Ok(true) => {
            let form = EnrolForm {
                token: query.token,
                ..Default::default()
            };
            page(&enrol_page(&app, &visitor, "/desk/setup".into(), true, form, None))
        }
        Ok(false) => go("/desk/sign-in"),
        Err(error) => sorry(visitor.texts, error),
    }
}

async fn submit_setup(State(app): State<AuthorityApp>, visitor: Visitor, form: Filled<EnrolForm>) -> Response {
    let form = filled(form);
    let made = match enrolment(&form) {
        Ok(enrolment) => super::first_officer(&app, form.token.trim(), &form.login, &form.name, &enrolment).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => go("/desk/sign-in"),
        Err(error) => enrol_again(&app, &visitor, "/desk/setup".into(), true, form, &error),
    }
}

async fn show_invitation(State(app): State<AuthorityApp>, visitor: Visitor, Path(token): Path<String>) -> Response {
    match accounts::load_invited(&app, &token).await {
        Ok(officer) => {
            let form = EnrolForm {
                login: officer.login,
                name: officer.name,
                ..Default::default()
            };
            let action = format!("/desk/invitation/{token}");
            page(&enrol_page(&app, &visitor, action, false, form, None))
        }
        Err(error) => sorry(visitor.texts, error),
    }
}

async fn submit_invitation(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    Path(token): Path<String>,
    form: Filled<EnrolForm>,
) -> Response {
    let mut form = filled(form);
    let accepted = match enrolment(&form) {
        Ok(enrolment) => accept(&app, &token, &enrolment).await,
        Err(error) => Err(error),
    };
    match accepted {
        Ok(_) => go("/desk/sign-in"),
        Err(error @ ServiceError::NotFound { .. }) => sorry(visitor.texts, error),
        Err(error) => {
            if let Ok(officer) = accounts::load_invited(&app, &token).await {
                (form.login, form.name) = (officer.login, officer.name);
            }
            enrol_again(&app, &visitor, format!("/desk/invitation/{token}"), false, form, &error)
        }
    }
}

/// Reads the secret as [`base32::encode`] wrote it, or as somebody copied it, in groups.
fn secret_of(form: &EnrolForm) -> Option<Vec<u8>> {
    base32::decode(&form.secret.split_whitespace().collect::<String>())
}

fn enrolment(form: &EnrolForm) -> Result<Enrolment, ServiceError> {
    let secret = secret_of(form).ok_or(ServiceError::Invalid {
        field: "secret",
        why: "not Base32",
    })?;
    Ok(Enrolment {
        password: form.password.clone(),
        secret,
        code: form.code.clone(),
    })
}

fn enrol_again(
    app: &AuthorityApp,
    visitor: &Visitor,
    action: String,
    is_setup: bool,
    form: EnrolForm,
    error: &ServiceError,
) -> Response {
    let field = match error {
        ServiceError::Unauthenticated => "token",
        ServiceError::Invalid { field, .. } => field,
        _ => "form",
    };
    let problem = enrol_page(app, visitor, action, is_setup, form, Some(field));
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &problem)
}

fn enrol_page(
    app: &AuthorityApp,
    visitor: &Visitor,
    action: String,
    is_setup: bool,
    form: EnrolForm,
    wrong: Option<&str>,
) -> EnrolPage {
    let texts = visitor.texts;
    // A secret once shown stays, so that a mistyped code does not ask for a new entry in the authenticator.
    let secret = match secret_of(&form) {
        Some(secret) if secret.len() == 20 => secret,
        _ => app.entropy.bytes::<20>().to_vec(),
    };
    let name = if form.login.is_empty() { "vunglam" } else { &form.login };
    let qr = qr_svg(&otpauth(name, &secret));
    let problem = |field: &str, id: &str| (wrong == Some(field)).then(|| texts.get(id));
    let password = Field::secret(texts, "password", texts.get("auth-new-password"))
        .help(texts.get("auth-password-help"))
        .completes("new-password")
        .error(problem("password", "auth-weak-password"));
    let mut fields = Vec::new();
    let (title, lead) = if is_setup {
        fields.push(
            Field::text(texts, "token", texts.get("auth-token"))
                .value(form.token)
                .help(texts.get("auth-token-help"))
                .error(problem("token", "auth-wrong-token")),
        );
        fields.push(
            Field::text(texts, "name", texts.get("auth-name"))
                .value(form.name)
                .completes("name")
                .at_most(80)
                .error(problem("name", "auth-wrong-name")),
        );
        fields.push(
            Field::text(texts, "login", texts.get("auth-login"))
                .value(form.login)
                .completes("username")
                .at_most(40)
                .help(texts.get("auth-login-help"))
                .error(problem("login", "auth-wrong-login")),
        );
        (texts.get("auth-setup"), texts.get("auth-setup-lead"))
    } else {
        let lead = texts.fill("auth-invitation-lead", &[("name", &form.name), ("login", &form.login)]);
        (texts.get("auth-invitation"), lead)
    };
    fields.push(password);
    let code = Field::digits(texts, "code", texts.get("auth-code"));
    EnrolPage {
        frame: visitor.frame().titled(title.clone()),
        texts,
        head: PageHead::new(title).lead(lead),
        notice: wrong.map(|_| Notice::new(Tone::Bad, texts.get("auth-check-form"))),
        action,
        fields: fields.into_iter().map(Field::required).collect(),
        code: code
            .completes("one-time-code")
            .required()
            .error(problem("code", "auth-wrong-code")),
        secret: base32::encode(&secret),
        qr,
    }
}

fn step_up_page(frame: Frame, then: &str, message: Option<String>) -> FormPage {
    let texts = frame.texts;
    let title = texts.get("auth-step-up");
    let code = Field::digits(texts, "code", texts.get("auth-code"));
    FormPage {
        head: PageHead::new(title.clone()).lead(texts.get("auth-step-up-lead")),
        notice: message.map(|text| Notice::new(Tone::Bad, text)),
        action: "/desk/step-up".into(),
        hidden: vec![("form_token", frame.token().to_owned()), ("then", own_path(then))],
        fields: vec![code.completes("one-time-code").required().focused()],
        button: texts.get("auth-go-on"),
        frame: frame.titled(title),
    }
}

/// Shows the form of the repeated proof; afterwards the browser goes on to `then`.
pub(super) fn ask_step_up(desk: &Desk, then: &str) -> Response {
    page_with(StatusCode::FORBIDDEN, &step_up_page(desk.frame(), then, None))
}

async fn submit_step_up(State(app): State<AuthorityApp>, desk: Desk, form: Filled<StepUpForm>) -> Response {
    let form = filled(form);
    let done = match desk.session.check_form(&form.form_token) {
        Ok(()) => step_up(&app, &desk.session, &form.code).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go(&own_path(&form.then)),
        Err(ServiceError::Invalid { .. }) => {
            let message = Some(desk.texts.get("auth-wrong-code"));
            page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &step_up_page(desk.frame(), &form.then, message),
            )
        }
        Err(error) => sorry(desk.texts, error),
    }
}

/// Returns `path` when it leads into the desk, else the desk: no form sends a browser elsewhere.
fn own_path(path: &str) -> String {
    let is_ours = path == "/desk" || path.starts_with("/desk/") || path.starts_with("/desk?");
    if is_ours && !path.contains(['\\', '\r', '\n']) {
        path.to_owned()
    } else {
        "/desk".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_form_sends_the_browser_nowhere_else() {
        for ours in ["/desk", "/desk/cases?sort=-due", "/desk?lang=en"] {
            assert_eq!(own_path(ours), ours);
        }
        for wrong in [
            "",
            "//evil.example",
            "https://evil.example",
            "/deskevil",
            "/desk/\\evil",
            "/v1/verify",
        ] {
            assert_eq!(own_path(wrong), "/desk", "{wrong}");
        }
    }
}
