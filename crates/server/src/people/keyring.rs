//! Rotation of the keyring and its upkeep.
//!
//! Persons' keys do not change; what they are wrapped under does, at least daily. After a rotation a remnant of a wrapped
//! key on a disk, in a log or in a backup of the keyring opens nothing any more. A rotation goes in steps, each of
//! which does one durable thing and is found again from what is stored, so that it goes on wherever it was cut off.

use protocol::time::{DAY_SECONDS, UnixSeconds};

use super::model::PersonId;
use super::store::{CHUNK, keyring, person};
use super::vault::{Vault, begin_newest, draw_key, unavailable, unwrap_all, wrap_all};
use crate::app::AuthorityApp;
use crate::db::transaction;
use crate::entropy::Entropy;
use crate::error::ServiceError;
use protocol::seal::Key;

/// How long an epoch lasts.
const EPOCH_SECONDS: i64 = DAY_SECONDS;
/// Keys wrapped anew in one transaction.
const REWRAPPED_AT_ONCE: usize = 2000;
/// Age after which a key without a person can only be left over from an entry that failed.
const ORPHAN_SECONDS: i64 = DAY_SECONDS;
/// Most orphans that are swept without a doubt; beyond that, at most one key in a hundred.
const FEW_ORPHANS: usize = 1000;

/// What a step of a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Made the next epoch's key; nothing uses it yet.
    KeyMade,
    /// Made that epoch the current one.
    Begun,
    /// Wrapped so many keys anew.
    Rewrapped(usize),
    /// Ended the epochs before and destroyed their keys.
    Ended,
    /// There was nothing left to do.
    Done,
}

/// Where a rotation stands in the order of ids. Losing it costs time only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor(Option<PersonId>);

impl Vault {
    /// Does the next step of a rotation that was begun, or, when `start`, of a new one.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] of the database or the key file; the step is done or not done.
    pub async fn step(
        &self,
        start: bool,
        cursor: &mut Cursor,
        now: UnixSeconds,
        entropy: &Entropy,
    ) -> Result<Step, ServiceError> {
        let missing = ServiceError::Unavailable { what: "the keyring" };
        let Some(current) = keyring::current_epoch(&self.db).await?.map(|current| current.epoch) else {
            return Err(missing);
        };
        let keys = self.hold(self.place.read().map_err(unavailable)?);
        let (Some(oldest), Some(newest)) = (keys.oldest(), keys.newest()) else {
            return Err(missing);
        };
        if newest > current {
            begin_newest(&self.db, &keys, now, entropy).await?;
            return Ok(Step::Begun);
        }
        if oldest < current {
            return self.move_on(current, cursor, entropy).await;
        }
        if !start {
            return Ok(Step::Done);
        }
        let made = self.place.update(|keys| keys.add(current + 1, draw_key(entropy)));
        self.hold(made.map_err(unavailable)?);
        Ok(Step::KeyMade)
    }

    /// Wraps a chunk of keys anew, or ends the epochs before `current` when no key is left in them.
    async fn move_on(&self, current: i64, cursor: &mut Cursor, entropy: &Entropy) -> Result<Step, ServiceError> {
        let after = cursor.0;
        let rewrapped = transaction!(self.db, "wrap person keys anew", |tx| {
            let page = keyring::page_before(tx, current, after, REWRAPPED_AT_ONCE).await?;
            let oldest = page.iter().map(|key| key.epoch).min().unwrap_or(current);
            let keys = self.keys_with(oldest)?;
            let open: Vec<(PersonId, Key)> = unwrap_all(&page, &keys)
                .into_iter()
                .map(|(person, key)| Some((person, key?)))
                .collect::<Option<_>>()
                .ok_or(ServiceError::Internal("a wrapped key is damaged"))?;
            let fresh = wrap_all(&open, current, &keys, entropy)?;
            keyring::rewrap(tx, &fresh, current).await?;
            Ok(page.last().map(|last| (last.person, page.len())))
        })?;
        if let Some((last, count)) = rewrapped {
            cursor.0 = Some(last);
            return Ok(Step::Rewrapped(count));
        }
        let clear = transaction!(self.db, "end keyring epochs", |tx| {
            if keyring::any_before(tx, current).await? {
                return Ok(false);
            }
            keyring::end_epochs_before(tx, current).await?;
            Ok(true)
        })?;
        if !clear {
            // Keys before the cursor were stored meanwhile.
            *cursor = Cursor::default();
            return Ok(Step::Rewrapped(0));
        }
        let left = self
            .place
            .update(|keys| keys.drop_before(current))
            .map_err(unavailable)?;
        self.hold(left);
        Ok(Step::Ended)
    }
}

/// Ends a rotation that was begun, or does a whole one; returns how many keys were wrapped anew.
///
/// # Errors
///
/// [`ServiceError`]; the next call goes on where this one was cut off.
pub async fn rotate(app: &AuthorityApp) -> Result<usize, ServiceError> {
    let (mut cursor, mut start, mut rewrapped) = (Cursor::default(), true, 0);
    loop {
        let step = app
            .people
            .step(start, &mut cursor, app.clock.now(), &app.entropy)
            .await?;
        start = false;
        match step {
            Step::Rewrapped(count) => rewrapped += count,
            Step::Ended | Step::Done => break,
            Step::KeyMade | Step::Begun => {}
        }
    }
    if let Err(error) = app.people.db.clear_remnants("person_key").await {
        tracing::warn!(error = %error, "remnants of wrapped keys are left to the next rotation");
    }
    metrics::counter!("keyring_rotations_total").increment(1);
    Ok(rewrapped)
}

/// The hourly job: finishes erasures and rotations that were cut off, rotates when the epoch is a day old, and sweeps keys
/// that belong to nobody.
///
/// # Errors
///
/// [`ServiceError`]; the next run does the rest.
pub(crate) async fn keep(app: &AuthorityApp) -> Result<(), ServiceError> {
    super::finish_erasures(app).await?;
    let now = app.clock.now();
    let begun = keyring::current_epoch(&app.people.db)
        .await?
        .map(|current| current.begun_at);
    let is_cut_off = app.people.place.read().map_err(unavailable)?.is_rotating();
    if is_cut_off || begun.is_none_or(|begun| begun.0 + EPOCH_SECONDS <= now.0) {
        rotate(app).await?;
        sweep(app, now).await?;
    }
    Ok(())
}

/// Destroys keys of entries that failed; returns how many.
///
/// Many at once mean that the vault is older than its keyring, restored perhaps by mistake: then they are left.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn sweep(app: &AuthorityApp, now: UnixSeconds) -> Result<usize, ServiceError> {
    let before = UnixSeconds(now.0 - ORPHAN_SECONDS);
    let (mut orphans, mut after, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let page = keyring::made_before(&app.people.db, before, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        looked_at += page.len();
        let existing = person::existing(&app.db, &page).await?;
        let is_orphan = |person: &PersonId| !existing.contains(person) && !super::weeks::is_week(*person);
        orphans.extend(page.into_iter().filter(is_orphan));
    }
    if orphans.len() > FEW_ORPHANS.max(looked_at / 100) {
        tracing::warn!(
            orphans = orphans.len(),
            "keys without people are left: is the vault older than its keyring?"
        );
        return Ok(0);
    }
    transaction!(app.people.db, "sweep person keys", |tx| {
        keyring::delete(tx, &orphans).await?;
        Ok(())
    })?;
    Ok(orphans.len())
}
