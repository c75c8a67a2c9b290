//! Time as a port: nothing else in this crate may ask what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::time::UnixSeconds;

/// Environment variable that puts every process of a demo on one scaled clock: `origin,started,rate`.
pub const DEMO_CLOCK_VARIABLE: &str = "VUNGLAM_DEMO_CLOCK";

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is set: for tests and the simulator.
    Virtual(VirtualClock),
    /// A clock that runs `rate` times as fast as the machine's: for demonstrations.
    Scaled {
        /// Unix seconds this clock showed when it started.
        origin_unix: i64,
        /// Real Unix seconds at which it started.
        started_real_unix: i64,
        /// Seconds of this clock for each real second.
        rate: f64,
    },
}

/// A clock set by hand; clones share the time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<AtomicI64>);

/// Why the text of [`DEMO_CLOCK_VARIABLE`] is no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a demo clock is written as origin,started,rate with a rate above 0")]
pub struct ClockError;

impl VirtualClock {
    /// Makes a clock that shows `now`.
    pub fn new(now: UnixSeconds) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Sets the time.
    pub fn set(&self, now: UnixSeconds) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the time on by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Returns the time shown.
    pub fn now(&self) -> UnixSeconds {
        UnixSeconds(self.0.load(Ordering::SeqCst))
    }
}

impl From<VirtualClock> for Clock {
    fn from(clock: VirtualClock) -> Self {
        Self::Virtual(clock)
    }
}

impl Clock {
    /// Returns the present time.
    pub fn now(&self) -> UnixSeconds {
        match self {
            Self::System => UnixSeconds(real_seconds().floor() as i64),
            Self::Virtual(clock) => clock.now(),
            Self::Scaled {
                origin_unix,
                started_real_unix,
                rate,
            } => {
                let elapsed = (real_seconds() - *started_real_unix as f64) * rate;
                UnixSeconds(origin_unix.saturating_add(elapsed.floor() as i64))
            }
        }
    }

    /// Reads the demo clock from its text, `origin,started,rate`.
    ///
    /// # Errors
    ///
    /// [`ClockError`] unless the text has two whole numbers and a positive rate.
    pub fn parse_scaled(text: &str) -> Result<Self, ClockError> {
        let mut parts = text.split(',').map(str::trim);
        let origin_unix = parts.next().and_then(|p| p.parse().ok()).ok_or(ClockError)?;
        let started_real_unix = parts.next().and_then(|p| p.parse().ok()).ok_or(ClockError)?;
        let rate: f64 = parts.next().and_then(|p| p.parse().ok()).ok_or(ClockError)?;
        if parts.next().is_some() || !rate.is_finite() || rate <= 0.0 {
            return Err(ClockError);
        }
        Ok(Self::Scaled {
            origin_unix,
            started_real_unix,
            rate,
        })
    }

    /// Returns the demo clock when [`DEMO_CLOCK_VARIABLE`] is set, else the machine's clock.
    ///
    /// # Errors
    ///
    /// [`ClockError`] when the variable is set to something else.
    pub fn from_environment() -> Result<Self, ClockError> {
        match std::env::var(DEMO_CLOCK_VARIABLE) {
            Ok(text) => Self::parse_scaled(&text),
            Err(_) => Ok(Self::System),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that owns the machine's clock"
)]
fn real_seconds() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_moves_only_when_it_is_set() {
        let virtual_clock = VirtualClock::new(UnixSeconds(100));
        let clock = Clock::from(virtual_clock.clone());
        assert_eq!(clock.now(), UnixSeconds(100));
        virtual_clock.advance(50);
        assert_eq!(clock.now(), UnixSeconds(150));
    }

    #[test]
    fn a_demo_clock_is_read_strictly() {
        assert!(
            matches!(Clock::parse_scaled("1626048000,1700000000,60"), Ok(Clock::Scaled { rate, .. }) if rate == 60.0)
        );
        for wrong in ["", "1,2", "1,2,0", "1,2,-3", "1,2,NaN", "a,2,3", "1,2,3,4"] {
            assert_eq!(Clock::parse_scaled(wrong).err(), Some(ClockError), "{wrong}");
        }
    }
}
