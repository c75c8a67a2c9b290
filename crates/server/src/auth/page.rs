//! Signing in and out of the desk.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{sign_in, sign_out};
use crate::app::AuthorityApp;
use crate::console::{Desk, Field, Frame, Notice, PageHead, Tone, Visitor, go, page, page_with, sorry, with_session};
use crate::error::ServiceError;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    head: PageHead,
    notice: Option<Notice>,
    password: Field,
}

impl SignInPage {
    fn of(visitor: &Visitor, message: Option<String>) -> Self {
        let texts = visitor.texts;
        let title = texts.get("desk-sign-in");
        let password = Field::secret(texts, "password", texts.get("desk-password"));
        Self {
            frame: visitor.frame().titled(title.clone()),
            head: PageHead::new(title).lead(texts.get("desk-sign-in-lead")),
            notice: message.map(|text| Notice::new(Tone::Bad, text)),
            password: password.required().focused(),
        }
    }
}

/// The sign-in form.
#[derive(Deserialize)]
pub(crate) struct SignInForm {
    password: String,
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub(crate) struct BareForm {
    pub(crate) form_token: String,
}

/// `GET /desk/sign-in`.
pub(crate) async fn show_sign_in(visitor: Visitor) -> Response {
    page(&SignInPage::of(&visitor, None))
}

/// `POST /desk/sign-in`.
pub(crate) async fn submit_sign_in(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    form: Result<Form<SignInForm>, axum::extract::rejection::FormRejection>,
) -> Response {
    let texts = visitor.texts;
    let password = form.map(|Form(form)| form.password).unwrap_or_default();
    match sign_in(&app, password.trim(), &visitor.source).await {
        Ok(secret) => with_session(go("/desk"), &secret, app.config.secure_cookies),
        Err(ServiceError::Unauthenticated) => {
            let message = Some(texts.get("desk-wrong-password"));
            page_with(StatusCode::UNAUTHORIZED, &SignInPage::of(&visitor, message))
        }
        Err(error) => sorry(texts, error),
    }
}

/// `POST /desk/sign-out`.
pub(crate) async fn submit_sign_out(
    State(app): State<AuthorityApp>,
    desk: Desk,
    form: Result<Form<BareForm>, axum::extract::rejection::FormRejection>,
) -> Response {
    let token = form.map(|Form(form)| form.form_token).unwrap_or_default();
    let done = match desk.session.check_form(&token) {
        Ok(()) => sign_out(&app, &desk.session).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => with_session(go("/desk/sign-in"), "", app.config.secure_cookies),
        Err(error) => sorry(desk.texts, error),
    }
}
