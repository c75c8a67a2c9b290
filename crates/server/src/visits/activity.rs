//! How busy a venue is: scans by hour and day, never whose.

use protocol::time::{DAY_SECONDS, UnixSeconds};

use super::store;
use crate::app::AuthorityApp;
use crate::civil::CivilDate;
use crate::error::ServiceError;
use crate::venues::Venue;

/// Days of the page.
pub const DAYS: usize = 14;
/// Days by which a venue counts as active or not.
pub const WEEK: usize = 7;

/// What was scanned at a venue on the last days, today last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The days.
    pub days: Vec<CivilDate>,
    /// Arrivals on each.
    pub by_day: Vec<u32>,
    /// Arrivals of the last seven days by hour of the day, from 0 to 23.
    pub by_hour: [u32; 24],
}

impl Activity {
    /// Returns on how many of the last seven days somebody arrived.
    pub fn active_days(&self) -> usize {
        self.last_week().filter(|count| **count > 0).count()
    }

    /// Returns how many arrived on the last seven days.
    pub fn arrivals(&self) -> u32 {
        self.last_week().sum()
    }

    fn last_week(&self) -> impl Iterator<Item = &u32> {
        self.by_day.iter().skip(self.by_day.len().saturating_sub(WEEK))
    }

    /// Puts arrivals by hour, counted from 1970 in the authority's calendar, into days and hours.
    fn of(hours: &[(i64, i64)], today: CivilDate) -> Self {
        let first = today.number() - DAYS as i64 + 1;
        let mut activity = Self {
            days: (0..DAYS as i64)
                .filter_map(|day| CivilDate::from_number(first + day))
                .collect(),
            by_day: vec![0; DAYS],
            by_hour: [0; 24],
        };
        for &(hour, count) in hours {
            let (day, hour) = (hour.div_euclid(24) - first, hour.rem_euclid(24));
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let Some(of_day) = usize::try_from(day).ok().and_then(|day| activity.by_day.get_mut(day)) else {
                continue;
            };
            *of_day = of_day.saturating_add(count);
            if day >= (DAYS - WEEK) as i64
                && let Some(of_hour) = activity.by_hour.get_mut(hour as usize)
            {
                *of_hour = of_hour.saturating_add(count);
            }
        }
        activity
    }
}

/// Returns how busy a venue was.
///
/// # Errors
///
/// [`ServiceError::Database`].
pub async fn activity(app: &AuthorityApp, venue: &Venue) -> Result<Activity, ServiceError> {
    let now = app.clock.now();
    let today = CivilDate::today(now);
    let from = UnixSeconds(today.at(0, 0).0 - (DAYS as i64 - 1) * DAY_SECONDS);
    let hours = store::arrivals_by_hour(&app.db, venue.number, from, now.plus(1)).await?;
    Ok(Activity::of(&hours, today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_become_days_and_the_last_week_counts() {
        let today = CivilDate::parse("2021-07-13").expect("a day");
        let hour = |ago: i64, hour: i64| (today.number() - ago) * 24 + hour;
        let hours = [
            (hour(0, 7), 5),
            (hour(0, 17), 2),
            (hour(6, 7), 1),
            (hour(7, 7), 9),
            (hour(13, 0), 3),
            (hour(14, 0), 100),
        ];
        let activity = Activity::of(&hours, today);
        assert_eq!((activity.days.len(), activity.days[13]), (14, today));
        assert_eq!(activity.by_day, [3, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 7]);
        assert_eq!((activity.active_days(), activity.arrivals()), (2, 8));
        assert_eq!(
            (activity.by_hour[7], activity.by_hour[17], activity.by_hour[0]),
            (6, 2, 0)
        );
    }
}
