//! What a gate decides about whoever stands in front of it, without a network, and how it keeps the scan (docs/spec/venues.md V60–V69).
//!
//! Nothing that it keeps says who: a scan is sealed to the authority before it is written anywhere, and whoever is inside is known by a hash
//! under a key that stands in memory only.

use std::collections::HashMap;

use protocol::document;
use protocol::gate::record::{Direction, Evidence, Record};
use protocol::gate::rules::{Kind, Rules, to_hex};
use protocol::gate::{GATE_ID_BYTES, Session, alias, link};
use protocol::jws::JwsError;
use protocol::pass::{PassError, PersonalCode};
use protocol::signature::{POINT_BYTES, PublicKey, SecretKey};
use protocol::time::DAY_SECONDS;
use protocol::venue::{VenueCode, VenueCodeError};
use protocol::visit::day_of;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

pub use protocol::gate::rules::Way;

/// Seconds within which the same person in the same direction is the same scan (V23).
const AGAIN_SECONDS: i64 = 120;
/// How long somebody is taken to be inside, in seconds.
const INSIDE_SECONDS: i64 = DAY_SECONDS;
/// Most people that a gate remembers.
const MOST_INSIDE: usize = 50_000;

/// When and by whom something is scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Unix seconds by the clock on the wall.
    pub at: i64,
    /// Unix seconds counted from the service's last answer by a clock that nobody can set.
    pub known: Option<i64>,
    /// Which start of the gate it is.
    pub run: u32,
    /// The guard on duty.
    pub guard: String,
    /// Which way people go now; the rules' way when the guard chose none.
    pub way: Option<Way>,
}

impl Moment {
    fn now(&self) -> i64 {
        self.known.unwrap_or(self.at)
    }
}

/// Where the gate's chain of records ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Counter of the next record.
    pub counter: u64,
    /// Link of the one before.
    pub before: [u8; 32],
}

/// Why nobody is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// No rules have come yet.
    NoRules,
    /// No code that this gate knows.
    Unknown,
    /// The code of a place.
    Venue,
    /// Not signed by the authority.
    Forged,
    /// From another minute or day: a picture of a code.
    Stale,
    /// A card that was taken back.
    Revoked,
    /// A kind that this gate does not take.
    NotTaken,
    /// A later version of the code.
    Version,
    /// A name without a letter, too long, or a telephone number that is none.
    Typed,
}

/// A scan that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// Which way the person went.
    pub direction: Direction,
    /// What was shown.
    pub kind: Kind,
    /// Whether the rules are older than they should be.
    pub rules_are_old: bool,
    /// The sealed record; nothing when the same person was scanned just before.
    pub sealed: Option<SealedRecord>,
}

/// What is written down and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedRecord {
    /// Its counter.
    pub counter: u64,
    /// Link of the record before, in hexadecimal digits.
    pub before: String,
    /// The session's point.
    pub point: String,
    /// Its number in the session.
    pub number: u32,
    /// Its bytes.
    pub sealed: String,
    /// Its link: what the gate signs, and the next record's `before`.
    pub link: String,
}

/// A gate.
pub struct Gate {
    id: [u8; GATE_ID_BYTES],
    authority: PublicKey,
    rules: Option<Rules>,
    keys: Vec<PublicKey>,
    session: Option<Session>,
    memory_key: [u8; 32],
    inside: HashMap<[u8; 16], (Direction, i64)>,
    rng: ChaCha20Rng,
}

impl Gate {
    /// Makes a gate; `seed` is drawn anew at every start.
    pub fn new(id: [u8; GATE_ID_BYTES], authority: PublicKey, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut memory_key = [0; 32];
        rng.fill_bytes(&mut memory_key);
        Self {
            id,
            authority,
            rules: None,
            keys: Vec::new(),
            session: None,
            memory_key,
            inside: HashMap::new(),
            rng,
        }
    }

    /// Takes rules that the authority signed for this gate; those that are older than what it has are let lie (V68).
    ///
    /// # Errors
    ///
    /// [`JwsError`] for anything else; what it has stays.
    pub fn take_rules(&mut self, document: &str) -> Result<&Rules, JwsError> {
        let rules = Rules::read(document, &self.authority, &self.id)?;
        let kept = match self.rules.take() {
            Some(kept) if kept.from > rules.from => kept,
            kept => {
                // What is sealed from now on is sealed to the key that the rules name.
                if kept.is_some_and(|kept| kept.seal_key != rules.seal_key) {
                    self.session = None;
                }
                rules
            }
        };
        self.keys = kept.keys().ok_or(JwsError::Payload)?;
        Ok(self.rules.insert(kept))
    }

    /// Decides about a scanned text and keeps the scan.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: nothing is kept.
    pub fn scan(&mut self, moment: &Moment, end: End, scanned: &str) -> Result<Taken, Refusal> {
        let (kind, who) = self.judge(moment, scanned)?;
        self.take(moment, end, (kind, who), Evidence::Scanned(scanned.trim().to_owned()))
    }

    /// Keeps somebody without a code, as the guard typed it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Typed`], [`Refusal::NotTaken`], [`Refusal::NoRules`].
    pub fn typed(&mut self, moment: &Moment, end: End, name: &str, phone: &str) -> Result<Taken, Refusal> {
        self.must_take(Kind::Typed)?;
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        if !name.chars().any(char::is_alphabetic) || !(9..=12).contains(&digits.len()) {
            return Err(Refusal::Typed);
        }
        let who = alias(
            &self.memory_key,
            &[b"typed", name.to_lowercase().as_bytes(), digits.as_bytes()],
        );
        let evidence = Evidence::Typed {
            name,
            phone: phone.trim().to_owned(),
        };
        self.take(moment, end, (Kind::Typed, who), evidence)
    }

    /// Returns how many this gate has seen come in and not go out since it was started.
    pub fn inside(&self, now: i64) -> usize {
        let is_inside = |(direction, at): &&(Direction, i64)| *direction == Direction::In && now - at < INSIDE_SECONDS;
        self.inside.values().filter(is_inside).count()
    }

    fn must_take(&self, kind: Kind) -> Result<&Rules, Refusal> {
        let rules = self.rules.as_ref().ok_or(Refusal::NoRules)?;
        if rules.takes.contains(&kind) {
            Ok(rules)
        } else {
            Err(Refusal::NotTaken)
        }
    }

    /// Returns what was shown and what its holder is known by here.
    fn judge(&self, moment: &Moment, scanned: &str) -> Result<(Kind, [u8; 16]), Refusal> {
        if self.rules.is_none() {
            return Err(Refusal::NoRules);
        }
        let known_by = |label: &[u8], parts: &[&[u8]]| alias(&self.memory_key, &[&[label], parts].concat());
        match PersonalCode::read(scanned, &self.keys) {
            Ok(code @ PersonalCode::Shown { id, .. }) => {
                self.must_take(Kind::Pass)?;
                let (minute, day) = (moment.now().div_euclid(60), day_of(moment.now()));
                if !code.is_fresh(u32::try_from(minute).unwrap_or(0), day) {
                    return Err(Refusal::Stale);
                }
                Ok((Kind::Pass, known_by(b"pass", &[&id])))
            }
            Ok(PersonalCode::Card { id }) => {
                let rules = self.must_take(Kind::Card)?;
                if rules.revoked_cards.contains(&to_hex(&id)) {
                    return Err(Refusal::Revoked);
                }
                Ok((Kind::Card, known_by(b"card", &[&id])))
            }
            Err(PassError::Signature) => Err(Refusal::Forged),
            Err(PassError::Version(_)) => Err(Refusal::Version),
            Err(_) => self.judge_paper(scanned),
        }
    }

    fn judge_paper(&self, scanned: &str) -> Result<(Kind, [u8; 16]), Refusal> {
        let Some(paper) = document::read(scanned) else {
            return Err(match VenueCode::read(scanned, &self.keys) {
                Ok(_) => Refusal::Venue,
                Err(VenueCodeError::Signature) => Refusal::Forged,
                Err(_) => Refusal::Unknown,
            });
        };
        self.must_take(Kind::Paper)?;
        let birth = paper.birth.map_or_else(String::new, |birth| format!("{birth:?}"));
        // Papers of one person are different papers here; the authority sees that they are one person's.
        let who = match &paper.number {
            Some(number) => alias(&self.memory_key, &[b"paper", number.as_bytes()]),
            None => alias(&self.memory_key, &[b"named", paper.name.as_bytes(), birth.as_bytes()]),
        };
        Ok((Kind::Paper, who))
    }

    fn take(
        &mut self,
        moment: &Moment,
        end: End,
        (kind, who): (Kind, [u8; 16]),
        evidence: Evidence,
    ) -> Result<Taken, Refusal> {
        let now = moment.now();
        let rules = self.rules.as_ref().ok_or(Refusal::NoRules)?;
        let rules_are_old = !rules.are_current(now);
        let before = self.inside.get(&who).copied();
        let direction = match moment.way.unwrap_or(rules.way) {
            Way::In => Direction::In,
            Way::Out => Direction::Out,
            Way::Both => by_turns(before, now),
        };
        let is_again = before.is_some_and(|(way, at)| way == direction && (now - at).abs() < AGAIN_SECONDS);
        let sealed = if is_again {
            None
        } else {
            let record = Record {
                at: moment.at,
                known: moment.known,
                run: moment.run,
                direction,
                guard: moment.guard.clone(),
                who: evidence,
            };
            if !record.fits() {
                return Err(Refusal::Typed);
            }
            Some(self.seal(end, &record)?)
        };
        if !is_again {
            self.remember(who, direction, now);
        }
        Ok(Taken {
            direction,
            kind,
            rules_are_old,
            sealed,
        })
    }

    fn remember(&mut self, who: [u8; 16], direction: Direction, now: i64) {
        if self.inside.len() >= MOST_INSIDE {
            self.inside.retain(|_, (_, at)| now - *at < INSIDE_SECONDS);
        }
        if self.inside.len() < MOST_INSIDE {
            self.inside.insert(who, (direction, now));
        }
    }

    fn seal(&mut self, end: End, record: &Record) -> Result<SealedRecord, Refusal> {
        let plain = record.to_bytes();
        let mut nonce = [0; 24];
        self.rng.fill_bytes(&mut nonce);
        let sealed = match self
            .session
            .as_mut()
            .and_then(|session| session.seal(&self.id, &nonce, &plain))
        {
            Some(sealed) => sealed,
            None => {
                let mut session = self.begin()?;
                let sealed = session.seal(&self.id, &nonce, &plain).ok_or(Refusal::NoRules)?;
                self.session = Some(session);
                sealed
            }
        };
        let point = self.session.as_ref().map_or([0; POINT_BYTES], Session::point);
        let link = link(&self.id, end.counter, &end.before, &point, &sealed);
        Ok(SealedRecord {
            counter: end.counter,
            before: to_hex(&end.before),
            point: to_hex(&point),
            number: sealed.number,
            sealed: to_hex(&sealed.bytes),
            link: to_hex(&link),
        })
    }

    /// Begins a session with a key of its own (V61).
    fn begin(&mut self) -> Result<Session, Refusal> {
        let rules = self.rules.as_ref().ok_or(Refusal::NoRules)?;
        let authority = rules.seal_point().ok_or(Refusal::NoRules)?;
        loop {
            let mut bytes = [0; 32];
            self.rng.fill_bytes(&mut bytes);
            // About one draw in 2³² is out of range.
            if let Ok(key) = SecretKey::from_bytes(&bytes) {
                return Ok(Session::begin(&key, &authority));
            }
        }
    }
}

/// Returns which way somebody goes who was seen before: out after in, and in otherwise.
fn by_turns(before: Option<(Direction, i64)>, now: i64) -> Direction {
    match before {
        Some((way, at)) if (now - at).abs() < AGAIN_SECONDS => way,
        Some((Direction::In, at)) if now - at < INSIDE_SECONDS => Direction::Out,
        _ => Direction::In,
    }
}

#[cfg(test)]
mod tests;
