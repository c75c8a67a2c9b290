//! `GET /v1/venues/{code}`, `POST /v1/citizens`, `POST /v1/citizens/end` and `POST /v1/visits`.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use exposure::visit::Scan;
use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{self, MAX_BATCH, NewVisit};
use super::{citizen, register};
use crate::app::AuthorityApp;
use crate::auth::bearer;
use crate::error::ServiceError;
use crate::http::Problem;
use crate::http::extract::{JsonBody, answer};
use crate::proof;
use crate::venues::model::kind_word;
use crate::venues::{self, Found};

/// What may be known of a venue by whoever stands in front of its poster.
#[derive(Serialize, ToSchema)]
pub(crate) struct VenueAnswer {
    /// Name on the poster.
    name: String,
    /// Kind: a word of docs/spec/venues.md V2.
    #[schema(example = "market")]
    kind: String,
    /// How long a visit without a check-out counts, in seconds.
    longest_stay: i64,
    /// The code that names the venue, as the poster's QR code has it.
    code: String,
}

/// Returns the venue of a scanned or typed code.
///
/// Rules V1–V8 of docs/spec/venues.md. A code that was taken back is gone; a forged one is refused.
#[utoipa::path(
    get,
    path = "/v1/venues/{code}",
    operation_id = "load_venue",
    tag = "visits",
    params(("code" = String, Path, description = "132 characters of a QR code, or the 7 of a short code")),
    responses(
        (status = 200, description = "The venue", body = VenueAnswer),
        (status = 404, description = "No venue has this code, or it was taken back", body = Problem, content_type = "application/problem+json"),
        (status = 400, description = "Not signed by this authority (V4)", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn load_venue(State(app): State<AuthorityApp>, Path(code): Path<String>) -> Result<Response, Problem> {
    let venue = good(venues::find(&app, &code).await?)?;
    Ok(answer(&VenueAnswer {
        code: venue.poster.code.sign(&app.secrets.certificate),
        kind: kind_word(venue.kind).to_owned(),
        longest_stay: venue.longest_stay_s,
        name: venue.name,
    }))
}

fn good(found: Found) -> Result<venues::Venue, ServiceError> {
    match found {
        Found::Venue(venue) => Ok(venue),
        Found::Forged => Err(ServiceError::Invalid {
            field: "code",
            why: "is not signed by this authority",
        }),
        Found::Revoked(_) => Err(ServiceError::NotFound {
            what: "venue: its code was taken back",
        }),
        Found::Unknown | Found::Foreign => Err(ServiceError::NotFound { what: "venue" }),
    }
}

/// Somebody who wants check-ins registered.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CitizenRequest {
    /// Id of the proof of the telephone.
    proof_id: String,
    /// The six digits that were sent to it.
    code: String,
    /// Name as on papers.
    #[schema(max_length = 120)]
    name: String,
}

/// The credential of a phone.
#[derive(Serialize, ToSchema)]
pub(crate) struct CitizenAnswer {
    /// To be sent as `Bearer …` with check-ins; shown once.
    credential: String,
    /// Until when it works, in Unix seconds.
    until: i64,
}

/// Gives a phone the credential with which it registers check-ins.
///
/// Rules V30 and V31 of docs/spec/venues.md.
#[utoipa::path(
    post,
    path = "/v1/citizens",
    operation_id = "register_citizen",
    tag = "visits",
    request_body = CitizenRequest,
    responses(
        (status = 200, description = "The credential", body = CitizenAnswer),
        (status = 400, description = "The digits are wrong, or the name is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register_citizen(State(app): State<AuthorityApp>, body: JsonBody) -> Result<Response, Problem> {
    let request: CitizenRequest = body.parse()?;
    // Looked at before the digits are used up.
    crate::people::line(&request.name, crate::people::model::MAX_NAME, "name")?;
    let number = proof::confirm(&app, &request.proof_id, &request.code).await?;
    let credential = citizen::register(&app, number, &request.name, None).await?;
    Ok(answer(&CitizenAnswer {
        credential: credential.secret,
        until: credential.until.0,
    }))
}

/// That nothing more is registered.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndAnswer {
    /// Always true.
    ended: bool,
}

/// Ends a credential. What was registered stays for 21 days.
#[utoipa::path(
    post,
    path = "/v1/citizens/end",
    operation_id = "end_citizen",
    tag = "visits",
    params(("Authorization" = String, Header, description = "`Bearer …`, the credential")),
    responses(
        (status = 200, description = "It works no longer", body = EndAnswer),
        (status = 401, description = "No credential that works", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_citizen(State(app): State<AuthorityApp>, headers: HeaderMap) -> Result<Response, Problem> {
    let secret = bearer(&headers);
    citizen::find(&app, secret).await?;
    citizen::end(&app, secret.unwrap_or_default()).await?;
    Ok(answer(&EndAnswer { ended: true }))
}

/// In which direction somebody went.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Came in.
    In,
    /// Went out.
    Out,
}

/// A check-in or check-out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VisitRequest {
    /// Drawn by the phone; the same event sent again is the same visit.
    #[schema(max_length = 64)]
    event_id: String,
    /// The venue's scanned or typed code.
    venue: String,
    /// Direction.
    direction: Direction,
    /// When, in Unix seconds.
    at: i64,
}

/// Check-ins and check-outs of one person.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VisitsRequest {
    /// At most 100.
    #[schema(max_items = 100)]
    visits: Vec<VisitRequest>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct VisitResult {
    /// Its id.
    event_id: String,
    /// Whether it is stored, now or before; what is not will not be later either.
    stored: bool,
    /// What was wrong with it: `venue` or `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<&'static str>,
}

/// What became of all.
#[derive(Serialize, ToSchema)]
pub(crate) struct VisitsAnswer {
    /// In the order of the request.
    results: Vec<VisitResult>,
}

/// Registers check-ins and check-outs of the person of a credential.
///
/// Rules V30–V33 of docs/spec/venues.md. What is answered as stored is durable. Those that cannot be stored are named; the others are stored.
#[utoipa::path(
    post,
    path = "/v1/visits",
    operation_id = "register_visits",
    tag = "visits",
    params(("Authorization" = String, Header, description = "`Bearer …`, the credential")),
    request_body = VisitsRequest,
    responses(
        (status = 200, description = "What became of each", body = VisitsAnswer),
        (status = 401, description = "No credential that works", body = Problem, content_type = "application/problem+json"),
        (status = 400, description = "More than 100, or none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register_visits(
    State(app): State<AuthorityApp>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Problem> {
    let request: VisitsRequest = body.parse()?;
    let person = citizen::find(&app, bearer(&headers)).await?;
    if !(1..=MAX_BATCH).contains(&request.visits.len()) {
        return Err(Problem::from(ServiceError::Invalid {
            field: "visits",
            why: "are 1 to 100",
        }));
    }
    let now = app.clock.now();
    let mut good = Vec::with_capacity(request.visits.len());
    let mut results = Vec::with_capacity(request.visits.len());
    for asked in request.visits {
        let read = match venues::number_of(&app, &asked.venue).await? {
            Some(venue) => model::check_time(UnixSeconds(asked.at), now)
                .map_err(|_| "at")
                .map(|()| venue),
            None => Err("venue"),
        };
        let event = model::event_number(&asked.event_id)?;
        if let Ok(venue) = read {
            good.push(NewVisit {
                venue,
                person,
                at: UnixSeconds(asked.at),
                scan: match asked.direction {
                    Direction::In => Scan::In,
                    Direction::Out => Scan::Out,
                },
                event,
                flags: 0,
            });
        }
        results.push(VisitResult {
            event_id: asked.event_id,
            stored: read.is_ok(),
            wrong: read.err(),
        });
    }
    if !good.is_empty() {
        register(&app, &good).await?;
    }
    Ok(answer(&VisitsAnswer { results }))
}
