//! Registering a venue: one form, six digits, done.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{Anyone, FormPage, UNPROCESSABLE, code_page, commune, communes, field_error, form_notice, frame, sorry};
use crate::app::AuthorityApp;
use crate::auth::page::{Filled, filled};
use crate::console::{Choice, Field, PageHead, Visitor, go, page, page_with, with_owner};
use crate::error::ServiceError;
use crate::people;
use crate::proof;
use crate::venues::model::{MAX_ADDRESS, MAX_NAME, NewOwner, NewVenue, kind_of, kind_word};
use crate::venues::owner::SESSION_SECONDS;
use crate::venues::{register, sign_in};
use protocol::venue::VenueKind;

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(super) struct VenueForm {
    venue_name: String,
    kind: String,
    commune: String,
    address: String,
    name: String,
    phone: String,
    proof: String,
    code: String,
}

impl VenueForm {
    fn venue(&self, app: &AuthorityApp) -> Result<NewVenue, ServiceError> {
        let kind = kind_of(&self.kind).ok_or(ServiceError::Invalid {
            field: "kind",
            why: "is no kind of venue",
        })?;
        NewVenue {
            kind,
            name: self.venue_name.clone(),
            address: self.address.clone(),
            commune: commune(app, &self.commune)?,
        }
        .check()
    }

    fn owner(&self) -> Result<NewOwner, ServiceError> {
        let name = people::line(&self.name, people::model::MAX_NAME, "name")?;
        if !name.chars().any(char::is_alphabetic) {
            return Err(ServiceError::Invalid {
                field: "name",
                why: "must have a letter",
            });
        }
        Ok(NewOwner { name })
    }
}

pub(super) async fn show(State(app): State<AuthorityApp>, anyone: Anyone) -> Response {
    let is_known = anyone.owner.is_some();
    page(&venue_page(
        &app,
        &anyone.visitor,
        is_known,
        &VenueForm::default(),
        None,
    ))
}

pub(super) async fn submit(State(app): State<AuthorityApp>, anyone: Anyone, form: Filled<VenueForm>) -> Response {
    let form = filled(form);
    match begin(&app, &anyone, &form).await {
        Ok(response) => response,
        Err(error @ ServiceError::Internal(_)) => sorry(&anyone.visitor, error),
        Err(error) => {
            let is_known = anyone.owner.is_some();
            let again = venue_page(&app, &anyone.visitor, is_known, &form, Some(&error));
            page_with(UNPROCESSABLE, &again)
        }
    }
}

/// Registers at once for an owner who is signed in; else sends the digits.
async fn begin(app: &AuthorityApp, anyone: &Anyone, form: &VenueForm) -> Result<Response, ServiceError> {
    let venue = form.venue(app)?;
    if let Some(owner) = anyone.owner {
        let venue = register(app, Some(owner.person), venue).await?;
        return Ok(go(&format!("/venues/{}", venue.venue_id)));
    }
    form.owner()?;
    let asked = proof::ask(app, &form.phone, &anyone.visitor.source, anyone.visitor.texts).await?;
    let form = VenueForm {
        proof: asked.proof_id,
        ..form.clone()
    };
    Ok(page(&register_code(&anyone.visitor, &form, None)))
}

fn register_code(visitor: &Visitor, form: &VenueForm, error: Option<&ServiceError>) -> FormPage {
    let hidden = vec![
        ("venue_name", form.venue_name.clone()),
        ("kind", form.kind.clone()),
        ("commune", form.commune.clone()),
        ("address", form.address.clone()),
        ("name", form.name.clone()),
        ("phone", form.phone.clone()),
        ("proof", form.proof.clone()),
    ];
    code_page(visitor, "/venues/new/code", hidden, &form.phone, error)
}

pub(super) async fn submit_code(
    State(app): State<AuthorityApp>,
    visitor: Visitor,
    form: Filled<VenueForm>,
) -> Response {
    let form = filled(form);
    match finish(&app, &form).await {
        Ok((secret, venue_id)) => with_owner(
            go(&format!("/venues/{venue_id}")),
            &secret,
            SESSION_SECONDS,
            app.config.secure_cookies,
        ),
        Err(error @ ServiceError::Invalid { field: "code", .. }) => {
            page_with(UNPROCESSABLE, &register_code(&visitor, &form, Some(&error)))
        }
        Err(error @ ServiceError::Invalid { .. }) => {
            page_with(UNPROCESSABLE, &venue_page(&app, &visitor, false, &form, Some(&error)))
        }
        Err(error) => sorry(&visitor, error),
    }
}

async fn finish(app: &AuthorityApp, form: &VenueForm) -> Result<(String, String), ServiceError> {
    // Looked at before the digits are used up.
    let (venue, owner) = (form.venue(app)?, form.owner()?);
    let number = proof::confirm(app, &form.proof, &form.code).await?;
    let (secret, owner) = sign_in(app, &number, Some(&owner)).await?;
    let venue = register(app, Some(owner.person), venue).await?;
    Ok((secret, venue.venue_id))
}

fn venue_page(
    app: &AuthorityApp,
    visitor: &Visitor,
    is_known: bool,
    form: &VenueForm,
    error: Option<&ServiceError>,
) -> FormPage {
    let texts = visitor.texts;
    let wrong = |field: &str| error.and_then(|error| field_error(texts, error, field));
    let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let kinds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0].map(|number| {
        let word = kind_word(VenueKind::from_number(number));
        Choice::new(word, texts.get(&format!("venue-kind-{word}")))
    });
    let mut fields = vec![
        Field::text(texts, "venue_name", texts.get("venue-name"))
            .value(short(&form.venue_name, MAX_NAME))
            .at_most(MAX_NAME as u32)
            .completes("organization")
            .help(texts.get("venue-name-help"))
            .error(wrong("venue_name"))
            .required()
            .focused(),
        Field::select(texts, "kind", texts.get("venue-kind"), kinds.to_vec())
            .value(short(&form.kind, 20))
            .error(wrong("kind"))
            .required(),
        Field::select(texts, "commune", texts.get("venue-commune"), communes(app))
            .value(short(&form.commune, 20))
            .error(wrong("commune"))
            .required(),
        Field::text(texts, "address", texts.get("venue-address"))
            .value(short(&form.address, MAX_ADDRESS))
            .at_most(MAX_ADDRESS as u32)
            .completes("street-address")
            .help(texts.get("venue-address-help"))
            .error(wrong("address")),
    ];
    if !is_known {
        fields.push(
            Field::text(texts, "name", texts.get("venue-owner"))
                .value(short(&form.name, people::model::MAX_NAME))
                .completes("name")
                .error(wrong("name"))
                .required(),
        );
        fields.push(
            Field::phone(texts, "phone", texts.get("venue-phone"))
                .value(short(&form.phone, 20))
                .completes("tel-national")
                .help(texts.get("venue-phone-help"))
                .error(wrong("phone"))
                .required(),
        );
    }
    let title = texts.get("venue-register");
    let button = if is_known { "venue-register-now" } else { "proof-send" };
    FormPage {
        frame: frame(visitor, &title),
        head: PageHead::new(title).lead(texts.get("venue-register-lead")),
        notice: error.map(|error| form_notice(texts, error)),
        action: "/venues/new".into(),
        hidden: Vec::new(),
        fields,
        button: texts.get(button),
    }
}
