//! Check-ins at venues, kept on the phone: scanned, verified without a network, erased after 14 days (docs/spec/venues.md V40–V44).
//!
//! Nothing is sent. Where the person chose that check-ins are registered, the host asks [`Device::unregistered_visits`] what is still to be
//! told and says what was stored.

use protocol::signature::PublicKey;
use protocol::time::UnixSeconds;
use protocol::venue::{VenueCode, VenueCodeError};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::state;
use crate::store::{Change, Store, StoreFailed, Table};

/// Longest name of a venue that is kept, in characters.
const MAX_NAME: usize = 120;
/// Longest stay that a visit may have, in seconds.
const LONGEST_SECONDS: i64 = 86_400;
/// Seconds within which the same place scanned again is the same check-in (V23).
const AGAIN_SECONDS: i64 = 120;

/// What the host knows of a venue beside its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenueFacts {
    /// Its name; empty without a network.
    pub name: String,
    /// Its longest stay in seconds; 4 hours when it is not known.
    pub longest_seconds: Option<i64>,
}

/// Why somebody is not checked in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckInError {
    /// What was scanned is no code of this region's venues.
    #[error(transparent)]
    Code(#[from] VenueCodeError),
    /// There is no such check-in, or it has ended.
    #[error("there is no such visit, or it has ended")]
    NotThere,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    code: String,
    kind: u8,
    name: String,
    longest: i64,
    from: UnixSeconds,
    to: Option<UnixSeconds>,
    event: String,
    told_in: bool,
    told_out: bool,
}

impl Kept {
    /// Until when the visit lasts: checked out, over by itself, or not yet.
    fn ends(&self, now: UnixSeconds) -> (UnixSeconds, VisitState) {
        let latest = self.from.plus(self.longest);
        match self.to {
            Some(to) => (to, VisitState::Closed),
            None if now >= latest => (latest, VisitState::Lapsed),
            None => (now, VisitState::Open),
        }
    }
}

/// Whether a visit has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum VisitState {
    /// The person is there.
    Open,
    /// The person checked out, or in somewhere else.
    Closed,
    /// The longest stay is over.
    Lapsed,
}

/// A visit as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Visit {
    /// Number of the visit on this phone.
    pub key: u64,
    /// Number of the venue's kind (V2).
    pub kind: u8,
    /// Name; empty while it is not known.
    pub name: String,
    /// Beginning.
    pub from: UnixSeconds,
    /// End; now while it is open.
    pub to: UnixSeconds,
    /// Whether it has ended.
    pub state: VisitState,
}

/// A scan that the authority does not have yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Untold {
    /// Number of the visit on this phone.
    pub key: u64,
    /// Id of the event; the same whenever it is sent.
    pub event_id: String,
    /// The venue's code.
    pub venue: String,
    /// Whether it is a check-out.
    pub is_out: bool,
    /// When.
    pub at: UnixSeconds,
}

impl<S: Store> Device<S> {
    /// Checks the person in at the venue of a scanned code, and out of where they were. The same place again within two minutes is the
    /// check-in of before.
    ///
    /// # Errors
    ///
    /// [`CheckInError::Code`] says whether it is no code, of a later version, or forged.
    pub fn check_in(&mut self, now: UnixSeconds, scanned: &str, facts: &VenueFacts) -> Result<Visit, CheckInError> {
        self.note_time(now);
        let now = self.clock.now(now);
        // A trust document of before there were venues pins no key: then no code is ours.
        let key = PublicKey::from_pem(&self.trust().venue_public_key_pem).ok();
        let code = VenueCode::read(scanned, key.as_slice())?;
        let text = scanned
            .trim()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let mut changes = Vec::new();
        let mut number = u64::try_from(now.0).unwrap_or(0);
        for (key, mut kept) in self.kept_visits()? {
            let is_open = kept.ends(now).1 == VisitState::Open;
            if is_open && kept.code == text && now.0 - kept.from.0 <= AGAIN_SECONDS {
                return Ok(view(key, &kept, now));
            }
            if is_open {
                kept.to = Some(now.max(kept.from));
                changes.push(put(key, &kept));
            }
            // Two check-ins within a second: the second one takes the next number.
            if key == number {
                number += 1;
            }
        }
        let mut event = [0; 16];
        self.rng.fill_bytes(&mut event);
        let kept = Kept {
            code: text,
            kind: code.kind.number(),
            name: facts.name.chars().take(MAX_NAME).collect(),
            longest: facts.longest_seconds.unwrap_or(4 * 3600).clamp(900, LONGEST_SECONDS),
            from: now,
            to: None,
            event: event.iter().map(|byte| format!("{byte:02x}")).collect(),
            told_in: false,
            told_out: false,
        };
        changes.push(put(number, &kept));
        self.store.commit(changes)?;
        Ok(view(number, &kept, now))
    }

    /// Checks the person out of an open visit.
    ///
    /// # Errors
    ///
    /// [`CheckInError::NotThere`].
    pub fn check_out(&mut self, now: UnixSeconds, key: u64) -> Result<Visit, CheckInError> {
        self.note_time(now);
        let now = self.clock.now(now);
        let mut kept = self.kept_visit(key)?;
        if kept.ends(now).1 != VisitState::Open {
            return Err(CheckInError::NotThere);
        }
        kept.to = Some(now.max(kept.from));
        self.store.commit(vec![put(key, &kept)])?;
        Ok(view(key, &kept, now))
    }

    /// Returns the visits kept, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn visits(&self, now: UnixSeconds) -> Result<Vec<Visit>, StoreFailed> {
        let now = self.clock.now(now);
        let kept = self.kept_visits()?;
        Ok(kept.iter().rev().map(|(key, kept)| view(*key, kept, now)).collect())
    }

    /// Forgets a visit.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`].
    pub fn forget_visit(&mut self, key: u64) -> Result<(), StoreFailed> {
        self.store.commit(vec![Change::Remove {
            table: Table::Visits,
            key,
        }])
    }

    /// Returns the scans that the authority does not have, oldest first, at most `most`.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn unregistered_visits(&self, most: usize) -> Result<Vec<Untold>, StoreFailed> {
        let mut untold = Vec::new();
        for (key, kept) in self.kept_visits()? {
            let scan = |is_out: bool, at: UnixSeconds| Untold {
                key,
                event_id: format!("{}{}", kept.event, if is_out { "-out" } else { "" }),
                venue: kept.code.clone(),
                is_out,
                at,
            };
            untold.extend((!kept.told_in).then(|| scan(false, kept.from)));
            untold.extend(kept.to.filter(|_| !kept.told_out).map(|to| scan(true, to)));
        }
        untold.truncate(most);
        Ok(untold)
    }

    /// Notes that the authority has a scan, or never will: it is not told again.
    ///
    /// # Errors
    ///
    /// [`CheckInError::NotThere`].
    pub fn note_registered(&mut self, key: u64, is_out: bool) -> Result<(), CheckInError> {
        let mut kept = self.kept_visit(key)?;
        if is_out {
            kept.told_out = true;
        } else {
            kept.told_in = true;
        }
        Ok(self.store.commit(vec![put(key, &kept)])?)
    }

    /// Notes that check-ins of before are not to be registered: the person has only now chosen that they are.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`].
    pub fn note_all_registered(&mut self) -> Result<(), StoreFailed> {
        let mut changes = Vec::new();
        for (key, mut kept) in self.kept_visits()? {
            (kept.told_in, kept.told_out) = (true, kept.to.is_some());
            changes.push(put(key, &kept));
        }
        self.store.commit(changes)
    }

    fn kept_visits(&self) -> Result<Vec<(u64, Kept)>, StoreFailed> {
        let records = self.store.range(Table::Visits, 0, u64::MAX)?;
        records
            .iter()
            .map(|record| Ok((record.key, state::read_json(record)?)))
            .collect()
    }

    fn kept_visit(&self, key: u64) -> Result<Kept, CheckInError> {
        let record = self.store.find(Table::Visits, key)?.ok_or(CheckInError::NotThere)?;
        Ok(state::read_json(&record)?)
    }
}

fn put(key: u64, kept: &Kept) -> Change {
    state::put_json(Table::Visits, key, kept.from.day(), kept)
}

fn view(key: u64, kept: &Kept, now: UnixSeconds) -> Visit {
    let (to, state) = kept.ends(now);
    Visit {
        key,
        kind: kept.kind,
        name: kept.name.clone(),
        from: kept.from,
        to,
        state,
    }
}
