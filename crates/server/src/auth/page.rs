//! Pages of accounts: the first-run wizard, signing in and out, the repeated proof, invitations.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::access::{Access, Route, form, page as route};
use super::accounts::{self, Enrolment};
use super::model::{base32, from_base32, otpauth};
use super::{accept, sign_in, sign_out, step_up};
use crate::app::AuthorityApp;
use crate::console::{Desk, Texts, Visitor, go, page, page_with, qr_svg, sorry, with_session};
use crate::error::ServiceError;

/// The routes of this file.
pub(crate) fn routes() -> Vec<Route> {
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

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
struct SignInPage {
    texts: Texts,
    form_token: Option<String>,
    message: Option<String>,
    login: String,
}

#[derive(Template)]
#[template(path = "auth/step_up.html")]
struct StepUpPage {
    texts: Texts,
    form_token: Option<String>,
    message: Option<String>,
    then: String,
}

/// The wizard and an accepted invitation: password and authenticator.
#[derive(Template)]
#[template(path = "auth/enrol.html")]
struct EnrolPage {
    texts: Texts,
    form_token: Option<String>,
    message: Option<String>,
    action: String,
    /// The wizard asks for its token, a login and a name as well.
    is_setup: bool,
    token: String,
    login: String,
    name: String,
    secret: String,
    qr: String,
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

type Filled<T> = Result<Form<T>, FormRejection>;

/// Returns what a form holds; one that cannot be read counts as empty.
pub(crate) fn filled<T: Default>(form: Filled<T>) -> T {
    form.map(|Form(form)| form).unwrap_or_default()
}

async fn show_sign_in(State(app): State<AuthorityApp>, visitor: Visitor) -> Response {
    match accounts::is_new(&app).await {
        Ok(true) => go("/desk/setup"),
        Ok(false) => page(&SignInPage {
            texts: visitor.texts,
            form_token: None,
            message: None,
            login: String::new(),
        }),
        Err(error) => sorry(visitor.texts, error),
    }
}

async fn submit_sign_in(State(app): State<AuthorityApp>, visitor: Visitor, form: Filled<SignInForm>) -> Response {
    let texts = visitor.texts;
    let form = filled(form);
    match sign_in(&app, &form.login, &form.password, &form.code, &visitor.source).await {
        Ok((secret, _)) => with_session(go("/desk"), &secret, app.config.secure_cookies),
        Err(ServiceError::Unauthenticated) => {
            let message = Some(texts.get("auth-wrong"));
            let login = form.login.chars().take(40).collect();
            page_with(
                StatusCode::UNAUTHORIZED,
                &SignInPage {
                    texts,
                    form_token: None,
                    message,
                    login,
                },
            )
        }
        Err(error) => sorry(texts, error),
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
            page(&enrol_page(&app, visitor.texts, "/desk/setup".into(), true, form, None))
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
        Err(error) => enrol_again(&app, visitor.texts, "/desk/setup".into(), true, form, &error),
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
            page(&enrol_page(&app, visitor.texts, action, false, form, None))
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
            enrol_again(
                &app,
                visitor.texts,
                format!("/desk/invitation/{token}"),
                false,
                form,
                &error,
            )
        }
    }
}

fn enrolment(form: &EnrolForm) -> Result<Enrolment, ServiceError> {
    let secret = from_base32(&form.secret).ok_or(ServiceError::Invalid {
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
    texts: Texts,
    action: String,
    is_setup: bool,
    form: EnrolForm,
    error: &ServiceError,
) -> Response {
    let id = match error {
        ServiceError::Unauthenticated => "auth-wrong-token",
        ServiceError::Invalid { field: "login", .. } => "auth-wrong-login",
        ServiceError::Invalid { field: "name", .. } => "auth-wrong-name",
        ServiceError::Invalid { field: "password", .. } => "auth-weak-password",
        ServiceError::Invalid { field: "code", .. } => "auth-wrong-code",
        _ => "desk-failed",
    };
    let message = Some(texts.get(id));
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &enrol_page(app, texts, action, is_setup, form, message),
    )
}

fn enrol_page(
    app: &AuthorityApp,
    texts: Texts,
    action: String,
    is_setup: bool,
    form: EnrolForm,
    message: Option<String>,
) -> EnrolPage {
    // A secret once shown stays, so that a mistyped code does not ask for a new entry in the authenticator.
    let secret = match from_base32(&form.secret) {
        Some(secret) if secret.len() == 20 => secret,
        _ => app.entropy.bytes::<20>().to_vec(),
    };
    let name = if form.login.is_empty() { "vunglam" } else { &form.login };
    EnrolPage {
        texts,
        form_token: None,
        message,
        action,
        is_setup,
        qr: qr_svg(&otpauth(name, &secret)),
        secret: base32(&secret),
        token: form.token,
        login: form.login,
        name: form.name,
    }
}

/// Shows the form of the repeated proof; afterwards the browser goes on to `then`.
pub(super) fn ask_step_up(texts: Texts, form_token: String, then: &str) -> Response {
    page_with(
        StatusCode::FORBIDDEN,
        &StepUpPage {
            texts,
            form_token: Some(form_token),
            message: None,
            then: own_path(then),
        },
    )
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
                &StepUpPage {
                    texts: desk.texts,
                    form_token: Some(desk.session.form_token),
                    message,
                    then: own_path(&form.then),
                },
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
