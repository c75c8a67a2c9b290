//! The device's idea of the time: the host's clock, corrected by signed time.
//!
//! A wrong or moved clock must not make a replayed identifier match. What guards against that is the counter `seq`
//! (docs/spec/proximity.md), which needs no clock; correcting the clock keeps honest devices in agreement.

use protocol::{
    jws::{self, DocumentType, JwsError},
    message::SignedTime,
    signature::PublicKey,
    time::{DAY_SECONDS, UnixSeconds},
};
use serde::{Deserialize, Serialize};

/// How long a signed time is relied on, in seconds.
pub const TRUST_SECONDS: i64 = DAY_SECONDS;
/// How old a signed time may be before the next synchronisation asks again, in seconds.
pub const REFRESH_SECONDS: i64 = 6 * 3600;
/// Differences up to this are the network's delay, not the clock's error, in seconds.
pub const SLACK_SECONDS: i64 = 30;
/// Longest wait for an answer that still tells the time, in seconds.
const MAX_ROUND_TRIP_SECONDS: i64 = 60;

/// What is known about the time; stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds to add to the host's clock.
    offset_seconds: i64,
    /// The host's clock when the offset was set, `None` before the first signed time or after a jump.
    fixed_at: Option<i64>,
    /// Latest signed time ever seen; only this decides when imported keys are forgotten.
    latest_signed: Option<i64>,
    /// The host's clock at the latest call.
    latest_host: Option<i64>,
}

/// Why a signed time is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTime {
    /// The document is not the region's.
    #[error(transparent)]
    Document(#[from] JwsError),
    /// It answers another request.
    #[error("the signed time answers another request")]
    Nonce,
    /// The answer took too long to tell the time, or is earlier than a signed time already seen.
    #[error("the signed time is stale")]
    Stale,
}

impl Clock {
    /// Returns the time now, given the host's clock.
    pub fn now(&self, host: UnixSeconds) -> UnixSeconds {
        host.plus(self.offset_seconds)
    }

    /// Returns a time of [`Self::now`] on the host's clock.
    pub fn on_host(&self, time: UnixSeconds) -> UnixSeconds {
        time.plus(-self.offset_seconds)
    }

    /// Returns whether a signed time not older than a day stands behind [`Self::now`].
    pub fn is_trusted(&self, host: UnixSeconds) -> bool {
        self.fixed_at
            .is_some_and(|fixed| (fixed..=fixed.saturating_add(TRUST_SECONDS)).contains(&host.0))
    }

    /// Returns whether the next synchronisation should ask for the time.
    pub fn needs_time(&self, host: UnixSeconds) -> bool {
        self.fixed_at
            .is_none_or(|fixed| !(fixed..fixed.saturating_add(REFRESH_SECONDS)).contains(&host.0))
    }

    /// Returns the latest signed time ever seen.
    pub fn latest_signed(&self) -> Option<UnixSeconds> {
        self.latest_signed.map(UnixSeconds)
    }

    /// Takes note of the host's clock; a jump backward ends the trust in the offset.
    pub fn notice(&mut self, host: UnixSeconds) {
        if self
            .latest_host
            .is_some_and(|latest| host.0 < latest.saturating_sub(SLACK_SECONDS))
        {
            self.fixed_at = None;
        }
        self.latest_host = Some(host.0);
    }

    /// Sets the offset by a signed time.
    ///
    /// * `nonce`: that of the request
    /// * `sent`, `received`: the host's clock around the request
    ///
    /// # Errors
    ///
    /// [`InvalidTime`]; the clock stays as it was.
    pub fn set(
        &mut self,
        document: &str,
        key: (&str, &PublicKey),
        nonce: &str,
        sent: UnixSeconds,
        received: UnixSeconds,
    ) -> Result<(), InvalidTime> {
        let signed: SignedTime = jws::verify(DocumentType::Time, key.0, key.1, document)?;
        if signed.nonce != nonce {
            return Err(InvalidTime::Nonce);
        }
        let waited = received.0.saturating_sub(sent.0);
        if !(0..=MAX_ROUND_TRIP_SECONDS).contains(&waited) || self.latest_signed.is_some_and(|l| signed.unix < l) {
            return Err(InvalidTime::Stale);
        }
        let offset = signed.unix.saturating_sub(sent.0 + waited / 2);
        self.offset_seconds = if offset.unsigned_abs() <= SLACK_SECONDS.unsigned_abs() {
            0
        } else {
            offset
        };
        self.fixed_at = Some(received.0);
        self.latest_signed = Some(signed.unix);
        self.latest_host = Some(received.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::signature::SecretKey;

    const HOST: UnixSeconds = UnixSeconds(1_626_048_000);

    fn secret() -> SecretKey {
        SecretKey::from_bytes(&[9; 32]).unwrap()
    }

    fn document(unix: i64, nonce: &str) -> String {
        jws::sign(
            DocumentType::Time,
            "doc",
            &secret(),
            &SignedTime {
                unix,
                nonce: nonce.into(),
            },
        )
    }

    fn set(clock: &mut Clock, unix: i64, nonce: &str, received: UnixSeconds) -> Result<(), InvalidTime> {
        clock.set(
            &document(unix, nonce),
            ("doc", &secret().public_key()),
            "abcd",
            HOST,
            received,
        )
    }

    #[test]
    fn a_signed_time_corrects_a_wrong_clock_for_a_day() {
        let mut clock = Clock::default();
        assert!(!clock.is_trusted(HOST) && clock.needs_time(HOST));
        set(&mut clock, HOST.0 + 7200 + 2, "abcd", HOST.plus(4)).unwrap();
        assert_eq!(clock.now(HOST), HOST.plus(7200));
        assert_eq!(clock.on_host(HOST.plus(7200)), HOST);
        assert!(clock.is_trusted(HOST.plus(86_404)) && !clock.is_trusted(HOST.plus(86_405)));
        assert!(!clock.needs_time(HOST.plus(3600)) && clock.needs_time(HOST.plus(REFRESH_SECONDS + 4)));
    }

    #[test]
    fn a_small_difference_is_the_networks() {
        let mut clock = Clock::default();
        set(&mut clock, HOST.0 + 29, "abcd", HOST).unwrap();
        assert_eq!(clock.now(HOST), HOST);
    }

    #[test]
    fn a_replayed_slow_or_older_time_is_refused() {
        let mut clock = Clock::default();
        assert_eq!(set(&mut clock, HOST.0, "other", HOST), Err(InvalidTime::Nonce));
        assert_eq!(set(&mut clock, HOST.0, "abcd", HOST.plus(61)), Err(InvalidTime::Stale));
        assert_eq!(set(&mut clock, HOST.0, "abcd", HOST.plus(-1)), Err(InvalidTime::Stale));
        set(&mut clock, HOST.0, "abcd", HOST).unwrap();
        assert_eq!(set(&mut clock, HOST.0 - 1, "abcd", HOST), Err(InvalidTime::Stale));
        let stranger = SecretKey::from_bytes(&[8; 32]).unwrap().public_key();
        let forged = clock.set(&document(HOST.0, "abcd"), ("doc", &stranger), "abcd", HOST, HOST);
        assert!(matches!(forged, Err(InvalidTime::Document(JwsError::Signature(_)))));
    }

    #[test]
    fn moving_the_clock_back_ends_the_trust() {
        let mut clock = Clock::default();
        set(&mut clock, HOST.0, "abcd", HOST).unwrap();
        clock.notice(HOST.plus(1000));
        assert!(clock.is_trusted(HOST.plus(1000)));
        clock.notice(HOST.plus(900));
        assert!(!clock.is_trusted(HOST.plus(900)) && clock.needs_time(HOST.plus(900)));
    }
}
