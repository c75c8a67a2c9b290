//! The province's own days: midnight to midnight at UTC+7, all year.

use protocol::time::{DAY_SECONDS, UnixSeconds};

/// Seconds the province's clocks are ahead of UTC.
pub const AHEAD_SECONDS: i64 = 7 * 3600;

/// A day of the province, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDay(pub i64);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekday {
    /// The day the factory is closed.
    Sunday,
    /// Any other.
    Working,
}

impl LocalDay {
    /// Tuesday 13 July 2021, the day of the story, the day after letter 3583 was signed.
    pub const STORY: Self = Self(18_821);

    /// Returns the day at a time.
    pub fn at(time: UnixSeconds) -> Self {
        Self(time.plus(AHEAD_SECONDS).0.div_euclid(DAY_SECONDS))
    }

    /// Returns the time of a local hour and minute.
    pub fn time(self, hour: i64, minute: i64) -> UnixSeconds {
        UnixSeconds(self.0 * DAY_SECONDS - AHEAD_SECONDS + hour * 3600 + minute * 60)
    }

    /// Returns the day `n` later.
    pub fn offset(self, n: i64) -> Self {
        Self(self.0 + n)
    }

    /// Returns whether it is a Sunday; 1970-01-01 was a Thursday.
    pub fn weekday(self) -> Weekday {
        if (self.0 + 4).rem_euclid(7) == 0 {
            Weekday::Sunday
        } else {
            Weekday::Working
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_is_on_tuesday_13_july_2021() {
        // 2021-07-13T00:00:00+07:00
        assert_eq!(LocalDay::STORY.time(0, 0), UnixSeconds(1_626_109_200));
        assert_eq!(LocalDay::at(UnixSeconds(1_626_109_200)), LocalDay::STORY);
        assert_eq!(LocalDay::at(UnixSeconds(1_626_109_199)), LocalDay::STORY.offset(-1));
        assert_eq!(LocalDay::STORY.offset(-2).weekday(), Weekday::Sunday);
        assert_eq!(LocalDay::STORY.weekday(), Weekday::Working);
    }
}
