//! The person's own code: a pass for each day to come, for a key of that day, shown anew in every minute (docs/spec/venues.md V50–V54).
//!
//! The host asks [`Device::wanted_passes`], gets them from the authority and hands them to [`Device::keep_passes`]; from then on the code is
//! shown without a network for a fortnight.

use protocol::gate::rules::{to_hex, unhex};
use protocol::pass::{Pass, PassError, PersonalCode};
use protocol::signature::{PublicKey, SecretKey};
use protocol::time::UnixSeconds;
use protocol::visit::{day_begins, day_of};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::state;
use crate::store::{Change, Store, StoreFailed, Table};

/// Days for which passes are kept, today included.
pub const DAYS: u32 = 14;
const PASS_DIGITS: usize = 2 * protocol::pass::PASS_BYTES;

/// Why passes are not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// Not a pass, not signed by the authority, or not for this telephone's key.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

/// A day whose pass is to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// The day, counted from 1970 in the authority's calendar.
    pub day: u32,
    /// The telephone's public key of that day, in hexadecimal digits.
    pub point: String,
}

/// What is shown now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnCode {
    /// The text of the code.
    pub text: String,
    /// When the next one takes its place.
    pub until: UnixSeconds,
    /// How many days to come have a pass, today included.
    pub days: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    secret: String,
    pass: Option<String>,
}

impl Kept {
    fn key(&self) -> Option<SecretKey> {
        SecretKey::from_bytes(&unhex(&self.secret)?).ok()
    }

    fn pass(&self) -> Option<Pass> {
        let digits = self.pass.as_deref().filter(|digits| digits.len() == PASS_DIGITS)?;
        let bytes: [u8; protocol::pass::PASS_BYTES] = unhex(digits)?;
        Pass::from_bytes(&bytes).ok()
    }
}

impl<S: Store> Device<S> {
    /// Returns the days to come that have no pass, and forgets those that are over. A key is drawn once and kept until its day is over.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`].
    pub fn wanted_passes(&mut self, now: UnixSeconds) -> Result<Vec<Wanted>, StoreFailed> {
        self.note_time(now);
        let today = day_of(self.clock.now(now).0);
        let kept = self.kept_passes()?;
        let over = kept.iter().filter(|(day, _)| *day < today);
        let mut changes: Vec<Change> = over.map(|(day, _)| remove(*day)).collect();
        let mut wanted = Vec::new();
        for day in today..today + DAYS {
            let known = kept.iter().find(|(of, _)| *of == day).map(|(_, kept)| kept);
            if known.is_some_and(|known| known.pass().is_some()) {
                continue;
            }
            let key = match known.and_then(Kept::key) {
                Some(key) => key,
                None => {
                    let (key, fresh) = self.draw();
                    changes.push(put(day, &fresh));
                    key
                }
            };
            wanted.push(Wanted {
                day,
                point: to_hex(&key.public_key().to_point()),
            });
        }
        if !changes.is_empty() {
            self.store.commit(changes)?;
        }
        Ok(wanted)
    }

    /// Keeps passes that the authority issued, each in hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`KeepError::Pass`] when one is not the authority's or not for this telephone; then none is kept.
    pub fn keep_passes(&mut self, passes: &[String]) -> Result<(), KeepError> {
        let authority = PublicKey::from_pem(&self.trust().venue_public_key_pem).ok();
        let kept = self.kept_passes()?;
        let mut changes = Vec::with_capacity(passes.len());
        for digits in passes {
            let issued = Kept {
                secret: String::new(),
                pass: Some(digits.clone()),
            };
            let pass = issued.pass().ok_or(PassError::Form)?;
            let holder = kept.iter().find(|(day, _)| *day == pass.day());
            let (holder, key) = holder
                .and_then(|(_, holder)| Some((holder, holder.key()?)))
                .ok_or(PassError::Signature)?;
            // Read as a gate reads it: signed by the authority, for this key.
            PersonalCode::read(&pass.show(0, &key), authority.as_slice())?;
            changes.push(put(
                pass.day(),
                &Kept {
                    secret: holder.secret.clone(),
                    pass: issued.pass,
                },
            ));
        }
        Ok(self.store.commit(changes)?)
    }

    /// Returns what is shown now; nothing without a pass for today.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn own_code(&self, now: UnixSeconds) -> Result<Option<OwnCode>, StoreFailed> {
        let now = self.clock.now(now);
        let today = day_of(now.0);
        let kept = self.kept_passes()?;
        let days = kept
            .iter()
            .filter(|(day, kept)| *day >= today && kept.pass().is_some())
            .count();
        let shown = kept.iter().find(|(day, _)| *day == today).and_then(|(_, kept)| {
            let minute = u32::try_from(now.0.div_euclid(60)).ok()?;
            Some((kept.pass()?.show(minute, &kept.key()?), minute))
        });
        Ok(shown.map(|(text, minute)| OwnCode {
            text,
            until: UnixSeconds(i64::from(minute + 1) * 60),
            days: u32::try_from(days).unwrap_or(DAYS),
        }))
    }

    /// Forgets passes and their keys: the person has no code any more.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`].
    pub fn forget_passes(&mut self) -> Result<(), StoreFailed> {
        let changes = self.kept_passes()?.iter().map(|(day, _)| remove(*day)).collect();
        self.store.commit(changes)
    }

    fn draw(&mut self) -> (SecretKey, Kept) {
        loop {
            let mut bytes = [0; 32];
            self.rng.fill_bytes(&mut bytes);
            // One draw in 2³² is no key of the curve.
            if let Ok(key) = SecretKey::from_bytes(&bytes) {
                let fresh = Kept {
                    secret: to_hex(&bytes),
                    pass: None,
                };
                return (key, fresh);
            }
        }
    }

    fn kept_passes(&self) -> Result<Vec<(u32, Kept)>, StoreFailed> {
        let records = self.store.range(Table::Passes, 0, u64::from(u32::MAX))?;
        let read =
            |record: &crate::store::Record| Ok((u32::try_from(record.key).unwrap_or(0), state::read_json(record)?));
        records.iter().map(read).collect()
    }
}

/// A day of the authority's calendar is erased with the UTC day it begins in, at the latest.
fn put(day: u32, kept: &Kept) -> Change {
    state::put_json(Table::Passes, u64::from(day), UnixSeconds(day_begins(day)).day(), kept)
}

fn remove(day: u32) -> Change {
    Change::Remove {
        table: Table::Passes,
        key: u64::from(day),
    }
}
