//! Time as the protocol counts it: seconds, ten-minute intervals and UTC days.
//!
//! A [`UtcDay`] is never a day of the authority's calendar; statistics use civil dates with a time zone (DESIGN §8).

use serde::{Deserialize, Serialize};

/// Length of an interval in seconds.
pub const INTERVAL_SECONDS: i64 = 600;
/// Intervals in a UTC day.
pub const INTERVALS_PER_DAY: u32 = 144;
/// Seconds in a UTC day.
pub const DAY_SECONDS: i64 = 86_400;

/// A point in time: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// Returns the interval that holds this second; times before 1970 count as interval 0.
    pub fn interval(self) -> IntervalNumber {
        IntervalNumber(clamp_u32(self.0.div_euclid(INTERVAL_SECONDS)))
    }

    /// Returns the UTC day that holds this second.
    pub fn day(self) -> UtcDay {
        UtcDay(clamp_u32(self.0.div_euclid(DAY_SECONDS)))
    }

    /// Returns the time `seconds` later (earlier when negative).
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// Ten-minute interval since the epoch (ENIN; GAEN cryptography v1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntervalNumber(pub u32);

impl IntervalNumber {
    /// Returns the first second of the interval.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(i64::from(self.0) * INTERVAL_SECONDS)
    }

    /// Returns the UTC day the interval lies in.
    pub fn day(self) -> UtcDay {
        UtcDay(self.0 / INTERVALS_PER_DAY)
    }

    /// Returns the interval `n` later (earlier when negative), staying within the countable range.
    pub fn offset(self, n: i64) -> Self {
        Self(clamp_u32(i64::from(self.0).saturating_add(n)))
    }
}

/// A UTC day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcDay(pub u32);

impl UtcDay {
    /// Returns midnight at the start of the day.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(i64::from(self.0) * DAY_SECONDS)
    }

    /// Returns the day's first interval.
    pub fn first_interval(self) -> IntervalNumber {
        IntervalNumber(self.0.saturating_mul(INTERVALS_PER_DAY))
    }

    /// Returns the day `n` later (earlier when negative).
    pub fn offset(self, n: i64) -> Self {
        Self(clamp_u32(i64::from(self.0).saturating_add(n)))
    }

    /// Returns how many days this day lies after `other`.
    pub fn days_since(self, other: Self) -> i64 {
        i64::from(self.0) - i64::from(other.0)
    }
}

fn clamp_u32(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lies_in_the_interval_and_day_that_start_before_it() {
        let noon = UnixSeconds(1_626_091_199);
        assert_eq!(noon.interval(), IntervalNumber(2_710_151));
        assert_eq!(noon.interval().start(), UnixSeconds(1_626_090_600));
        assert_eq!(noon.day(), UtcDay(18_820));
        assert_eq!(noon.day().first_interval().start(), noon.day().start());
    }

    #[test]
    fn times_before_the_epoch_do_not_wrap() {
        assert_eq!(UnixSeconds(-1).interval(), IntervalNumber(0));
        assert_eq!(UnixSeconds(i64::MAX).day(), UtcDay(u32::MAX));
        assert_eq!(IntervalNumber(3).offset(-9), IntervalNumber(0));
    }
}
