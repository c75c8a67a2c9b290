//! What a gate sends when it has a network: sealed records, each taken once whatever comes twice (docs/spec/venues.md V63, V66, V70).

use std::collections::HashMap;

use exposure::visit::Scan;
use protocol::gate::record::{Direction, Evidence, Record};
use protocol::gate::{self, Opener, link};
use protocol::signature::{POINT_BYTES, PublicKey, digest};
use protocol::time::UnixSeconds;

use super::model::{MAX_RECORDS, RENEW_SECONDS, SKEW_SECONDS, Sent, corrected};
use super::resolve::resolve;
use super::store::{self, Known};
use super::{Gate, GateId, rules};
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::error::ServiceError;
use crate::visits::model::{BY_PROXY, NewVisit, SKEWED, check_time};
use crate::{venues, visits};

/// A record as a gate sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its counter.
    pub counter: u64,
    /// Link of the record before.
    pub before: [u8; 32],
    /// The session's point.
    pub point: [u8; POINT_BYTES],
    /// Its number in the session, and its bytes.
    pub sealed: gate::Sealed,
    /// The gate's signature over its link, made when it was scanned.
    pub signature: [u8; 64],
}

/// A gate's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which gate.
    pub gate: GateId,
    /// When it was sent.
    pub sent: Sent,
    /// When the rules were made that the gate has.
    pub rules_from: i64,
    /// Whether the guard wants to know how many are there.
    pub asks_present: bool,
    /// Records, each the next of the one before.
    pub records: Vec<Sealed>,
    /// The gate's signature over the request (V66).
    pub signature: [u8; 64],
}

/// Why a record is not taken, now or ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It was not sealed to this authority, or was changed.
    Sealed,
    /// Its personal code or card is good no longer.
    Over,
    /// Its personal code is forged.
    Forged,
    /// It tells nobody.
    Unknown,
    /// Older than visits are kept.
    Old,
    /// Scanned after the gate was told to forget everything.
    Wiped,
}

impl Wrong {
    const ALL: [Self; 6] = [
        Self::Sealed,
        Self::Over,
        Self::Forged,
        Self::Unknown,
        Self::Old,
        Self::Wiped,
    ];

    /// Returns the word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Over => "over",
            Self::Forged => "forged",
            Self::Unknown => "unknown",
            Self::Old => "old",
            Self::Wiped => "wiped",
        }
    }

    fn number(self) -> i64 {
        Self::ALL
            .iter()
            .position(|known| *known == self)
            .map_or(0, |at| at as i64 + 1)
    }

    fn of(number: i64) -> Option<Self> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(at).copied()
    }
}

/// What a gate is answered: every record of the request is stored, except those that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The service's clock.
    pub now: UnixSeconds,
    /// Records that are not taken, now or ever.
    pub wrong: Vec<(u64, Wrong)>,
    /// New rules, when those of the gate are old.
    pub rules: Option<String>,
    /// How many are at the venue, when that was asked.
    pub present: Option<usize>,
    /// Whether the device shall forget everything.
    pub is_wiped: bool,
}

/// Takes a gate's records; durable when it returns.
///
/// # Errors
///
/// [`ServiceError::Unauthenticated`] for an unknown gate or another's signature; [`ServiceError::Invalid`] `records` when they do not hang
/// together; [`ServiceError::Unavailable`] when it is worth trying again. Nothing is lost then: the gate keeps what it has.
pub async fn sync(app: &AuthorityApp, request: &Request) -> Result<Synced, ServiceError> {
    let gate = store::by_id(&app.db, &request.gate).await?;
    let gate = gate.ok_or(ServiceError::Unauthenticated)?;
    let key = gate.point.ok_or(ServiceError::Unauthenticated)?;
    check(&gate, &key, request)?;
    let now = app.clock.now();
    let wrong = if request.records.is_empty() {
        Vec::new()
    } else {
        take(app, &gate, request, now).await?
    };
    let skew = request.sent.at.saturating_sub(now.0);
    transaction!(app.db, "note gate", |tx| {
        store::note_seen(tx, gate.number, now, skew).await?;
        Ok(())
    })?;
    let is_wiped = gate.wiped_at.is_some();
    let is_old = request.rules_from < gate.changed_at.0 || now.0 - request.rules_from > RENEW_SECONDS;
    let present = if request.asks_present && !is_wiped {
        let venue = venues::load(app, &gate.venue_id).await?;
        Some(visits::present(app, &venue).await?)
    } else {
        None
    };
    Ok(Synced {
        now,
        wrong,
        rules: if is_old && !is_wiped {
            Some(rules(app, &gate).await?)
        } else {
            None
        },
        present,
        is_wiped,
    })
}

/// Checks that the records hang together and that the gate signed them.
fn check(gate: &Gate, key: &PublicKey, request: &Request) -> Result<(), ServiceError> {
    let invalid = |why| ServiceError::Invalid { field: "records", why };
    if request.records.len() > MAX_RECORDS {
        return Err(invalid("are at most 200"));
    }
    let mut end: Option<(u64, [u8; 32])> = None;
    for record in &request.records {
        let follows =
            end.is_none_or(|(counter, link)| counter.checked_add(1) == Some(record.counter) && link == record.before);
        // The table's numbers are signed.
        if !follows || i64::try_from(record.counter).is_err() {
            return Err(invalid("do not hang together"));
        }
        let link = link(&gate.id, record.counter, &record.before, &record.point, &record.sealed);
        end = Some((record.counter, link));
    }
    let last = end.map_or([0; 32], |(_, link)| link);
    if let Some(record) = request.records.last() {
        // What was signed when it was scanned; the links before hang on it.
        key.verify_digest(&digest(&last), &record.signature)
            .map_err(|_| ServiceError::Unauthenticated)?;
    }
    let signed = gate::request(&gate.id, request.sent.at, request.sent.known, &last);
    key.verify_digest(&digest(&signed), &request.signature)
        .map_err(|_| ServiceError::Unauthenticated)
}

async fn take(
    app: &AuthorityApp,
    gate: &Gate,
    request: &Request,
    now: UnixSeconds,
) -> Result<Vec<(u64, Wrong)>, ServiceError> {
    let number = |record: &Sealed| i64::try_from(record.counter).unwrap_or(i64::MAX);
    let (first, last) = (
        request.records.first().map_or(0, number),
        request.records.last().map_or(0, number),
    );
    let venue = venues::load(app, &gate.venue_id).await?;
    let known = store::known(&app.db, gate.number, first, last).await?;
    let known: HashMap<i64, Known> = known.into_iter().map(|record| (record.counter, record)).collect();
    let mut openers: HashMap<[u8; POINT_BYTES], Option<Opener>> = HashMap::new();
    let (mut new_visits, mut fresh, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_forked = false;
    for sealed in &request.records {
        let event = event_of(gate, sealed);
        let before = known.get(&number(sealed));
        let same = before.filter(|before| before.event == event);
        is_forked |= before.is_some() && same.is_none();
        if let Some(reason) = same.and_then(|same| Wrong::of(same.wrong)) {
            wrong.push((sealed.counter, reason));
            continue;
        }
        let read = match open(app, gate, &mut openers, sealed) {
            Some(record) => visit(app, gate, &record, request.sent, same, now).await?,
            None => Err(Wrong::Sealed),
        };
        let at = match read {
            Ok(mut new) => {
                new.venue = venue.number;
                new.event = event;
                let at = new.at.0;
                new_visits.push(new);
                at
            }
            Err(reason) => {
                wrong.push((sealed.counter, reason));
                now.0
            }
        };
        let reason = wrong.last().filter(|(counter, _)| *counter == sealed.counter);
        fresh.push(Known {
            counter: number(sealed),
            event,
            at,
            wrong: reason.map_or(0, |(_, reason)| reason.number()),
        });
    }
    // The moment of each is settled before it is stored: what comes again after a crash is the same visit.
    transaction!(app.db, "keep records of gate", |tx| {
        store::insert_records(tx, gate.number, &fresh).await?;
        if is_forked {
            store::note_fork(tx, gate.number, now).await?;
        }
        Ok(())
    })?;
    if !new_visits.is_empty() {
        visits::register(app, &new_visits).await?;
    }
    Ok(wrong)
}

/// Returns what makes a record the same event when it comes again: eight bytes of its link.
fn event_of(gate: &Gate, sealed: &Sealed) -> i64 {
    let link = link(&gate.id, sealed.counter, &sealed.before, &sealed.point, &sealed.sealed);
    link.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

fn open(
    app: &AuthorityApp,
    gate: &Gate,
    openers: &mut HashMap<[u8; POINT_BYTES], Option<Opener>>,
    sealed: &Sealed,
) -> Option<Record> {
    let opener = openers.entry(sealed.point).or_insert_with(|| {
        let point = PublicKey::from_point(&sealed.point).ok()?;
        Some(Opener::new(&app.secrets.gate, &point))
    });
    let plain = opener.as_mut()?.open(&gate.id, &sealed.sealed)?;
    Record::read(&plain)
}

/// Returns the visit of a record, without venue and event; `same` is what was settled when it came before.
async fn visit(
    app: &AuthorityApp,
    gate: &Gate,
    record: &Record,
    sent: Sent,
    same: Option<&Known>,
    now: UnixSeconds,
) -> Result<Result<NewVisit, Wrong>, ServiceError> {
    let (person, shown_at) = match resolve(app, &record.who).await? {
        Ok(resolved) => resolved,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut when = corrected(record, sent, now);
    // A personal code says itself when it was shown.
    if let Some(shown) = shown_at.filter(|shown| (shown.0 - when.at.0).abs() > SKEW_SECONDS) {
        when.at = UnixSeconds(shown.0.min(now.0));
        when.is_skewed = true;
    }
    if let Some(same) = same {
        when.at = UnixSeconds(same.at);
    }
    if gate.wiped_at.is_some_and(|wiped| when.at >= wiped) {
        return Ok(Err(Wrong::Wiped));
    }
    if check_time(when.at, now).is_err() {
        return Ok(Err(Wrong::Old));
    }
    let flags = [
        (when.is_skewed, SKEWED),
        (matches!(record.who, Evidence::Typed { .. }), BY_PROXY),
    ];
    Ok(Ok(NewVisit {
        venue: 0,
        person,
        at: when.at,
        scan: match record.direction {
            Direction::In => Scan::In,
            Direction::Out => Scan::Out,
        },
        event: 0,
        flags: flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum(),
    }))
}
