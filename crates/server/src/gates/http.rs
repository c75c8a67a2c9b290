//! `POST /v1/gates/enrol` and `POST /v1/gates/sync`.

use axum::extract::State;
use axum::response::Response;
use protocol::gate::Sealed as SealedBytes;
use protocol::gate::rules::{to_hex, unhex};
use protocol::signature::POINT_BYTES;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Sent;
use super::{Request, Sealed, enrol, sync};
use crate::app::AuthorityApp;
use crate::error::ServiceError;
use crate::http::Problem;
use crate::http::extract::{JsonBody, answer};

/// Longest secret of a link, in bytes.
const MAX_SECRET: usize = 64;

/// A device that wants to be a gate.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EnrolRequest {
    /// What stood in the link.
    secret: String,
    /// The device's public key as a compressed point, 66 hexadecimal digits.
    point: String,
    /// Its signature over the secret and the point (V65), 128 hexadecimal digits.
    signature: String,
}

/// A gate.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolAnswer {
    /// Id of the gate, 32 hexadecimal digits.
    gate: String,
    /// The key that signs rules, as a compressed point: later rules are checked against it.
    authority: String,
    /// The rules, signed (V67).
    rules: String,
    /// The service's clock, in Unix seconds.
    now: i64,
}

/// Makes a device the gate of a link.
///
/// Rule V65 of docs/spec/venues.md. A link works once.
#[utoipa::path(
    post,
    path = "/v1/gates/enrol",
    operation_id = "enrol_gate",
    tag = "gates",
    request_body = EnrolRequest,
    responses(
        (status = 200, description = "The gate and its rules", body = EnrolAnswer),
        (status = 400, description = "The link was used or is too old, or the device does not hold the key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn enrol_gate(State(app): State<AuthorityApp>, body: JsonBody) -> Result<Response, Problem> {
    let request: EnrolRequest = body.parse()?;
    if request.secret.len() > MAX_SECRET {
        return Err(invalid("secret", "is too long"));
    }
    let point = unhex::<POINT_BYTES>(&request.point).ok_or_else(|| invalid("point", "is no point of the curve"))?;
    let signature = unhex::<64>(&request.signature).ok_or_else(|| invalid("signature", "has 64 bytes"))?;
    let (gate, rules) = enrol(&app, &request.secret, &point, &signature).await?;
    Ok(answer(&EnrolAnswer {
        gate: to_hex(&gate.id),
        authority: to_hex(&app.secrets.certificate.public_key().to_point()),
        rules,
        now: app.clock.now().0,
    }))
}

fn invalid(field: &'static str, why: &'static str) -> Problem {
    Problem::from(ServiceError::Invalid { field, why })
}

/// A sealed record.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RecordRequest {
    /// Counts the gate's records from 0.
    counter: u64,
    /// Link of the record before, 64 hexadecimal digits; zeros before the first.
    before: String,
    /// Point of the session, 66 hexadecimal digits.
    point: String,
    /// Number in the session.
    number: u32,
    /// Sealed bytes (V62), in hexadecimal digits.
    #[schema(max_length = 8192)]
    sealed: String,
    /// The gate's signature over the record's link, 128 hexadecimal digits.
    signature: String,
}

/// What a gate has to tell.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SyncRequest {
    /// Id of the gate.
    gate: String,
    /// Which start of the gate it is.
    run: u32,
    /// When it is sent by the clock on the wall, in Unix seconds.
    sent_at: i64,
    /// When it is sent, counted from the last answer by a clock that nobody can set.
    known: Option<i64>,
    /// `from` of the rules that the gate has.
    rules_from: i64,
    /// Whether to say how many are at the venue.
    #[serde(default)]
    asks_present: bool,
    /// At most 200, each the next of the one before.
    #[schema(max_items = 200)]
    records: Vec<RecordRequest>,
    /// The gate's signature over the request (V66), 128 hexadecimal digits.
    signature: String,
}

/// A record that is not taken, now or ever.
#[derive(Serialize, ToSchema)]
pub(crate) struct WrongAnswer {
    /// Its counter.
    counter: u64,
    /// Why: `sealed`, `over`, `forged`, `unknown`, `old` or `wiped`.
    why: &'static str,
}

/// What became of it: every record is stored but those that are named.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncAnswer {
    /// The service's clock, in Unix seconds.
    now: i64,
    /// Records that are not taken.
    wrong: Vec<WrongAnswer>,
    /// New rules, signed; nothing when the gate's are good.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<String>,
    /// How many are at the venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<usize>,
    /// Whether the device must forget everything (V71).
    wiped: bool,
}

/// Takes a gate's records and brings it up to date.
///
/// Rules V60–V71 of docs/spec/venues.md. What comes twice is stored once; what is answered is durable.
#[utoipa::path(
    post,
    path = "/v1/gates/sync",
    operation_id = "sync_gate",
    tag = "gates",
    request_body = SyncRequest,
    responses(
        (status = 200, description = "All is stored but what is named", body = SyncAnswer),
        (status = 400, description = "The records do not hang together", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No such gate, or not its signature", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Worth trying again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sync_gate(State(app): State<AuthorityApp>, body: JsonBody) -> Result<Response, Problem> {
    let request: SyncRequest = body.parse()?;
    let synced = sync(&app, &read(&request)?).await?;
    let wrong = |(counter, why): &(u64, super::Wrong)| WrongAnswer {
        counter: *counter,
        why: why.word(),
    };
    Ok(answer(&SyncAnswer {
        now: synced.now.0,
        wrong: synced.wrong.iter().map(wrong).collect(),
        rules: synced.rules,
        present: synced.present,
        wiped: synced.is_wiped,
    }))
}

fn read(request: &SyncRequest) -> Result<Request, Problem> {
    let digits = || invalid("records", "are written in hexadecimal digits");
    let record = |record: &RecordRequest| -> Result<Sealed, Problem> {
        Ok(Sealed {
            counter: record.counter,
            before: unhex(&record.before).ok_or_else(digits)?,
            point: unhex(&record.point).ok_or_else(digits)?,
            sealed: SealedBytes {
                number: record.number,
                bytes: hex::decode(&record.sealed).map_err(|_| digits())?,
            },
            signature: unhex(&record.signature).ok_or_else(digits)?,
        })
    };
    Ok(Request {
        gate: unhex(&request.gate).ok_or(ServiceError::Unauthenticated)?,
        sent: Sent {
            run: request.run,
            at: request.sent_at,
            known: request.known,
        },
        rules_from: request.rules_from,
        asks_present: request.asks_present,
        records: request.records.iter().map(record).collect::<Result<_, _>>()?,
        signature: unhex(&request.signature).ok_or(ServiceError::Unauthenticated)?,
    })
}
