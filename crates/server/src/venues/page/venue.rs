//! An owner's page of a venue: its code, its posters.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Own, frame, sorry};
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::console::{Action, Confirm, Deed, Facts, Frame, Html, Icon, PageHead, Texts, go, page, qr_svg};
use crate::error::ServiceError;
use crate::venues::model::{Venue, kind_word};
use crate::venues::poster::{self, Poster, Size};
use crate::venues::{load_own, poster_address, renew_code};

#[derive(askama::Template)]
#[template(path = "venues/venue.html")]
struct VenuePage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    qr: Html,
    code: String,
    activity: String,
    gates: String,
    posters: Vec<PosterLink>,
    facts: Facts,
    ask: Action,
    renew: Confirm,
}

#[derive(askama::Template)]
#[template(path = "confirm.html")]
struct RenewPage {
    frame: Frame,
    confirm: Confirm,
}

struct PosterLink {
    href: String,
    label: String,
}

pub(super) async fn show(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match load_own(&app, own.owner.person, &venue_id).await {
        Ok(venue) => page(&venue_page(&app, &own, &venue)),
        Err(error) => sorry(&own.visitor, error),
    }
}

fn venue_page(app: &AuthorityApp, own: &Own, venue: &Venue) -> VenuePage {
    let texts = own.visitor.texts;
    let link = |size: Size| PosterLink {
        href: format!("/venues/{}/poster/{}", venue.venue_id, size.word()),
        label: texts.get(&format!("venue-poster-{}", size.word())),
    };
    let poster = &venue.poster;
    let kind = texts.get(&format!("venue-kind-{}", kind_word(venue.kind)));
    VenuePage {
        frame: frame(&own.visitor, &venue.name),
        texts,
        head: PageHead::new(venue.name.clone())
            .under(texts.get("venue-mine"), "/venues")
            .lead(kind),
        qr: qr_svg(&poster_address(app, venue)),
        code: poster.short.grouped(),
        activity: format!("/venues/{}/activity", venue.venue_id),
        gates: format!("/venues/{}/gates", venue.venue_id),
        posters: Size::ALL.into_iter().map(link).collect(),
        facts: Facts {
            texts,
            rows: vec![
                (
                    texts.get("venue-issued"),
                    Some(CivilDate::today(poster.made_at).local()),
                ),
                (texts.get("venue-version"), Some(poster.version.to_string())),
                (
                    texts.get("venue-longest"),
                    Some(texts.with("venue-hours", "hours", &hours(texts, venue.longest_stay_s))),
                ),
            ],
        },
        ask: Action::new(
            texts.get("venue-renew"),
            Deed::Ask {
                dialog: "renew",
                page: format!("/venues/{}/renew", venue.venue_id),
            },
        )
        .grave(),
        renew: renewal(texts, venue),
    }
}

fn renewal(texts: Texts, venue: &Venue) -> Confirm {
    let here = format!("/venues/{}", venue.venue_id);
    Confirm {
        texts,
        id: "renew",
        title: texts.get("venue-renew-ask"),
        effects: vec![texts.get("venue-renew-old"), texts.get("venue-renew-print")],
        action: format!("{here}/renew"),
        form_token: String::new(),
        hidden: Vec::new(),
        fields: Vec::new(),
        button: texts.get("venue-renew-yes"),
        grave: true,
        back: here,
    }
}

/// Writes hours with at most one quarter behind the point of the language.
fn hours(texts: Texts, seconds: i64) -> String {
    let (whole, rest) = (seconds / 3600, seconds % 3600 / 36);
    if rest == 0 {
        return whole.to_string();
    }
    let point = if texts.code() == "vi" { "," } else { "." };
    format!("{whole}{point}{rest:02}")
}

pub(super) async fn poster(
    State(app): State<AuthorityApp>,
    own: Own,
    Path((venue_id, size)): Path<(String, String)>,
) -> Response {
    match printed(&app, &own, &venue_id, &size).await {
        Ok(response) => response,
        Err(error) => sorry(&own.visitor, error),
    }
}

async fn printed(app: &AuthorityApp, own: &Own, venue_id: &str, size: &str) -> Result<Response, ServiceError> {
    let size = Size::parse(size).ok_or(ServiceError::NotFound { what: "poster" })?;
    let venue = load_own(app, own.owner.person, venue_id).await?;
    let poster = Poster::of(app, &venue);
    let name = format!("vunglam-{}-{}.pdf", venue.poster.short.signs(), size.word());
    let drawn = tokio::task::spawn_blocking(move || poster::pdf(&[poster], size)).await;
    let pdf = drawn.map_err(|_| ServiceError::Internal("drawing a poster was cut off"))??;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, pdf).into_response())
}

pub(super) async fn show_renew(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    match load_own(&app, own.owner.person, &venue_id).await {
        Ok(venue) => page(&RenewPage {
            frame: frame(&own.visitor, &venue.name),
            confirm: renewal(own.visitor.texts, &venue),
        }),
        Err(error) => sorry(&own.visitor, error),
    }
}

pub(super) async fn submit_renew(State(app): State<AuthorityApp>, own: Own, Path(venue_id): Path<String>) -> Response {
    let renewed = match load_own(&app, own.owner.person, &venue_id).await {
        Ok(venue) => renew_code(&app, &venue.venue_id).await,
        Err(error) => Err(error),
    };
    match renewed {
        Ok(venue) => go(&format!("/venues/{}", venue.venue_id)),
        Err(error) => sorry(&own.visitor, error),
    }
}
