//! The owners' first page, signing in by telephone and out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{Anyone, FormPage, UNPROCESSABLE, code_page, field_error, form_notice, frame, sorry};
use crate::app::AuthorityApp;
use crate::auth::page::{Filled, filled};
use crate::console::{Action, Field, Frame, PageHead, Texts, Visitor, go, owner_secret, page, page_with, with_owner};
use crate::error::ServiceError;
use crate::proof;
use crate::venues::owner::SESSION_SECONDS;
use crate::venues::{model, own, sign_in, sign_out};

/// An owner's venues, or what this is for whoever has none.
#[derive(askama::Template)]
#[template(path = "venues/door.html")]
struct DoorPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    is_signed_in: bool,
    venues: Vec<Row>,
}

struct Row {
    href: String,
    name: String,
    kind: String,
    code: String,
}

pub(super) async fn show(State(app): State<AuthorityApp>, anyone: Anyone) -> Response {
    let texts = anyone.visitor.texts;
    let Some(owner) = anyone.owner else {
        let title = texts.get("venue-door-title");
        let head = PageHead::new(title.clone())
            .lead(texts.get("venue-door-lead"))
            .action(Action::open(texts.get("venue-register"), "/venues/new").main())
            .action(Action::open(texts.get("venue-sign-in"), "/venues/sign-in"));
        return page(&DoorPage {
            frame: frame(&anyone.visitor, &title),
            texts,
            head,
            is_signed_in: false,
            venues: Vec::new(),
        });
    };
    match own(&app, owner.person).await {
        Ok(venues) => {
            let title = texts.get("venue-mine");
            let row = |venue: &model::Venue| Row {
                href: format!("/venues/{}", venue.venue_id),
                name: venue.name.clone(),
                kind: texts.get(&format!("venue-kind-{}", model::kind_word(venue.kind))),
                code: venue.poster.short.grouped(),
            };
            page(&DoorPage {
                frame: frame(&anyone.visitor, &title),
                texts,
                head: PageHead::new(title)
                    .action(Action::open(texts.get("venue-register-another"), "/venues/new").main()),
                is_signed_in: true,
                venues: venues.iter().map(row).collect(),
            })
        }
        Err(error) => sorry(&anyone.visitor, error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PhoneForm {
    phone: String,
    proof: String,
    code: String,
}

fn phone_page(visitor: &Visitor, form: &PhoneForm, error: Option<&ServiceError>) -> FormPage {
    let texts = visitor.texts;
    let title = texts.get("venue-sign-in");
    let phone = Field::phone(texts, "phone", texts.get("venue-phone"))
        .completes("tel-national")
        .value(form.phone.chars().take(20).collect::<String>())
        .error(error.and_then(|error| field_error(texts, error, "phone")))
        .required()
        .focused();
    FormPage {
        frame: frame(visitor, &title),
        head: PageHead::new(title).lead(texts.get("venue-sign-in-lead")),
        notice: error.map(|error| form_notice(texts, error)),
        action: "/venues/sign-in".into(),
        hidden: Vec::new(),
        fields: vec![phone],
        button: texts.get("proof-send"),
    }
}

pub(super) async fn show_sign_in(visitor: Visitor) -> Response {
    page(&phone_page(&visitor, &PhoneForm::default(), None))
}

pub(super) async fn submit_sign_in(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    form: Filled<PhoneForm>,
) -> Response {
    let form = filled(form);
    match proof::ask(&app, &form.phone, &visitor.source, visitor.texts).await {
        Ok(asked) => page(&sign_in_code(&visitor, &form.phone, &asked.proof_id, None)),
        Err(error @ ServiceError::Internal(_)) => sorry(&visitor, error),
        Err(error) => page_with(UNPROCESSABLE, &phone_page(&visitor, &form, Some(&error))),
    }
}

fn sign_in_code(visitor: &Visitor, phone: &str, proof: &str, error: Option<&ServiceError>) -> FormPage {
    let hidden = vec![("phone", phone.to_owned()), ("proof", proof.to_owned())];
    code_page(visitor, "/venues/sign-in/code", hidden, phone, error)
}

pub(super) async fn submit_code(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    form: Filled<PhoneForm>,
) -> Response {
    let form = filled(form);
    let signed_in = match proof::confirm(&app, &form.proof, &form.code).await {
        Ok(number) => sign_in(&app, &number, None).await,
        Err(error) => Err(error),
    };
    match signed_in {
        Ok((secret, _)) => with_owner(go("/venues"), &secret, SESSION_SECONDS, app.config.secure_cookies),
        Err(error @ ServiceError::Invalid { .. }) => {
            let phone: String = form.phone.chars().take(20).collect();
            let again = sign_in_code(&visitor, &phone, &form.proof, Some(&error));
            page_with(UNPROCESSABLE, &again)
        }
        Err(error) => sorry(&visitor, error),
    }
}

pub(super) async fn submit_sign_out(State(app): State<AuthorityApp>, visitor: Visitor, headers: HeaderMap) -> Response {
    let done = match owner_secret(&headers) {
        Some(secret) => sign_out(&app, &secret).await,
        None => Ok(()),
    };
    match done {
        Ok(()) => with_owner(go("/venues"), "", SESSION_SECONDS, app.config.secure_cookies),
        Err(error) => sorry(&visitor, error),
    }
}
