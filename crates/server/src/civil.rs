//! Calendar dates of the authority, in its time zone. They never mix with `UtcDay` (DESIGN §8).

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use protocol::time::UnixSeconds;

/// Time zone of the authority.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// A calendar date of the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilDate(Date);

impl CivilDate {
    /// Returns the date that the authority's calendars show at `now`.
    pub fn today(now: UnixSeconds) -> Self {
        Self(zoned(now).date())
    }

    /// Reads `yyyy-mm-dd`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 10 {
            text.parse().ok().map(Self)
        } else {
            None
        }
    }

    /// Returns the days since 1970-01-01.
    pub fn number(self) -> i64 {
        let epoch = Date::constant(1970, 1, 1);
        i64::from((self.0 - epoch).get_days())
    }

    /// Returns the date that lies `number` days after 1970-01-01.
    pub fn from_number(number: i64) -> Option<Self> {
        let days = i32::try_from(number).ok()?;
        let span = jiff::Span::new().try_days(days).ok()?;
        Date::constant(1970, 1, 1).checked_add(span).ok().map(Self)
    }

    /// Returns the moment at which the date begins in the authority's zone.
    pub fn begins(self) -> UnixSeconds {
        let begins = zone().to_timestamp(self.0.at(0, 0, 0, 0));
        // The last days of the year 9999 are no timestamps any more.
        UnixSeconds(begins.unwrap_or(jiff::Timestamp::MAX).as_second())
    }

    /// Returns how many days this date lies after `other`.
    pub fn days_since(self, other: Self) -> i64 {
        self.number() - other.number()
    }

    /// Returns the date of a year, month and day; `None` when there is none.
    pub fn from_parts(year: i16, month: i16, day: i16) -> Option<Self> {
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        date.ok().filter(|date| (1900..=2100).contains(&date.year())).map(Self)
    }

    /// Returns the next day.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.tomorrow().map_or(self, Self)
    }

    /// Returns the instant at which the authority's clocks show `hour:minute` on this date.
    pub fn at(self, hour: i8, minute: i8) -> UnixSeconds {
        let zone = TimeZone::get(ZONE).expect("the zone database is built in");
        let instant = zone.to_timestamp(self.0.at(hour, minute, 0, 0));
        UnixSeconds(instant.map_or(0, jiff::Timestamp::as_second))
    }

    /// Returns the year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Returns `yyyy-mm-dd`.
    pub fn iso(self) -> String {
        self.0.to_string()
    }

    /// Returns `d/m/yyyy`.
    pub fn local(self) -> String {
        format!("{}/{}/{}", self.0.day(), self.0.month(), self.0.year())
    }
}

/// Returns the clock time `HH:MM` at `now` in the authority's zone.
pub fn clock_time(now: UnixSeconds) -> String {
    let time = zoned(now);
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).expect("the zone database is built in")
}

fn zoned(now: UnixSeconds) -> DateTime {
    zone().to_datetime(jiff::Timestamp::from_second(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authoritys_day_begins_seven_hours_before_utc_s() {
        let before = CivilDate::today(UnixSeconds(1_626_109_199));
        let after = CivilDate::today(UnixSeconds(1_626_109_200));
        assert_eq!((before.iso(), after.iso()), ("2021-07-12".into(), "2021-07-13".into()));
        assert_eq!(after.days_since(before), 1);
        assert_eq!(CivilDate::from_number(after.number()), Some(after));
        assert_eq!(after.begins(), UnixSeconds(1_626_109_200));
        assert_eq!(after.local(), "13/7/2021");
        assert_eq!(clock_time(UnixSeconds(1_626_109_200)), "00:00");
    }

    #[test]
    fn only_whole_dates_are_read() {
        assert!(CivilDate::parse("2021-02-29").is_none());
        assert!(CivilDate::parse("2021-2-9").is_none());
        assert!(CivilDate::parse("").is_none());
    }
}
