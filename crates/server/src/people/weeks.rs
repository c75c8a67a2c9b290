//! Keys of weeks: what registered visits are pseudonymous under (docs/spec/venues.md V20–V22, V28). They stand in the keyring under reserved
//! ids, so that rotation wraps them anew like everybody's; destroying one erases its week everywhere, older backups included.

use protocol::seal::Key;
use protocol::time::UnixSeconds;
use protocol::visit::{WEEK_KEY_BYTES, Week};

use super::model::PersonId;
use super::store::keyring::{self, Which};
use super::vault::{Vault, draw_key};
use crate::app::AuthorityApp;
use crate::db::{DbError, transaction};
use crate::entropy::Entropy;
use crate::error::ServiceError;

/// Days after a week's end at which its key is destroyed: its oldest visit is 28 days old then (DESIGN §9).
pub const KEPT_DAYS: i64 = 21;
/// How far ahead of the clock a key may be drawn, in seconds: telephones hold passes for a fortnight.
const AHEAD_SECONDS: i64 = 15 * 86_400;
/// First half of the reserved ids. A drawn id begins so once in 2⁶⁴.
const RESERVED: &[u8; 8] = b"week-key";

/// Key of a week.
pub type WeekKey = [u8; WEEK_KEY_BYTES];

fn id_of(week: Week) -> PersonId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(RESERVED);
    // Weeks before 1970 have no key.
    id[8..].copy_from_slice(&week.0.max(0).to_be_bytes());
    PersonId(id)
}

/// Returns whether a key of the keyring is a week's.
pub(super) fn is_week(id: PersonId) -> bool {
    id.0.starts_with(RESERVED)
}

/// Returns whether the key of a week must be gone by now.
pub fn is_over(week: Week, now: UnixSeconds) -> bool {
    now.0 >= week.ends() + KEPT_DAYS * 86_400
}

impl Vault {
    /// Returns the key of a week, drawn when it is first asked for; nothing for a week that is over or still to come.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] of the keyring.
    pub async fn week_key(
        &self,
        week: Week,
        now: UnixSeconds,
        entropy: &Entropy,
    ) -> Result<Option<WeekKey>, ServiceError> {
        if is_over(week, now) || week.begins() > now.0 + AHEAD_SECONDS {
            self.weeks().retain(|known, _| !is_over(*known, now));
            return Ok(None);
        }
        if let Some(known) = self.weeks().get(&week) {
            return Ok(Some(**known));
        }
        let id = id_of(week);
        for _ in 0..2 {
            let found = self.find_keys(Which::Of(&[id])).await?;
            if let Some(key) = found.into_values().next() {
                let key = key.ok_or(ServiceError::Internal("the key of a week is damaged"))?;
                return Ok(Some(self.hold_week(week, &key)));
            }
            match self.store_keys(&[(id, draw_key(entropy))], now, entropy).await {
                // Somebody else may have drawn it: what is stored counts.
                Ok(()) | Err(ServiceError::Database(DbError::Duplicate)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ServiceError::Unavailable { what: "the keyring" })
    }

    fn hold_week(&self, week: Week, key: &Key) -> WeekKey {
        let mut short = zeroize::Zeroizing::new([0; WEEK_KEY_BYTES]);
        short.copy_from_slice(&key[..WEEK_KEY_BYTES]);
        let value = *short;
        self.weeks().insert(week, short);
        value
    }
}

/// Destroys the keys of weeks that are over; returns how many.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn destroy_weeks(app: &AuthorityApp) -> Result<usize, ServiceError> {
    let now = app.clock.now();
    let all = keyring::find(&app.people.db, Which::Between(id_of(Week(0)), id_of(Week(i64::MAX)))).await?;
    let over: Vec<PersonId> = all
        .iter()
        .map(|key| key.person)
        .filter(|id| {
            let number = id.0.last_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes));
            is_over(Week(number), now)
        })
        .collect();
    app.people.weeks().retain(|known, _| !is_over(*known, now));
    if over.is_empty() {
        return Ok(0);
    }
    transaction!(app.people.db, "destroy keys of weeks", |tx| {
        keyring::delete(tx, &over).await?;
        Ok(())
    })?;
    if let Err(error) = app.people.db.clear_remnants("person_key").await {
        tracing::warn!(error = %error, "remnants of wrapped keys are left to the next rotation");
    }
    Ok(over.len())
}
