//! When to scan. Scanning costs the battery more than all else together, so a device listens for four seconds every
//! five minutes, and every minute while somebody is near, within a daily budget (docs/spec/risk.md R9).

use exposure::config::ScanDuty;
use protocol::time::{DAY_SECONDS, UnixSeconds, UtcDay};
use serde::{Deserialize, Serialize};

/// Longest time one scan stands for, in seconds (GAEN).
pub const MAX_GAP_SECONDS: u16 = 300;
/// Time a scan stands for when the one before is unknown, in seconds (GAEN).
pub const UNKNOWN_GAP_SECONDS: u16 = 120;

/// How often a device scans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScanPolicy {
    /// By company and budget, as the signed configuration says (docs/spec/risk.md R9); what devices do.
    #[default]
    Adaptive,
    /// Every `interval_seconds` from `phase_seconds` after the epoch on, whatever is heard; for evaluations.
    Fixed {
        /// Seconds between two scans, at least 1.
        interval_seconds: u32,
        /// Seconds by which every scan is shifted.
        phase_seconds: u32,
    },
}

/// Returns the seconds of scanning a UTC day may hold, rounded down.
fn budget_seconds(duty: &ScanDuty) -> u32 {
    let day = u64::try_from(DAY_SECONDS).expect("a day is positive");
    u32::try_from(day * u64::from(duty.budget_per_mille) / 1000).unwrap_or(u32::MAX)
}

/// Whether a dense scan at `at` leaves enough for base scans until the end of the day.
fn affords_dense(duty: &ScanDuty, at: UnixSeconds, spent_seconds: u32) -> bool {
    let left = at.day().offset(1).start().0 - at.0;
    let base_scans = u32::try_from(left / i64::from(duty.base_seconds.max(1)))
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let reserve = base_scans.saturating_mul(duty.scan_seconds.into());
    spent_seconds
        .saturating_add(duty.scan_seconds.into())
        .saturating_add(reserve)
        <= budget_seconds(duty)
}

/// What the schedule remembers; stored with the next sightings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    last_scan_at: Option<i64>,
    company_until: i64,
    day: u32,
    spent_seconds: u32,
}

/// The time one scan stands for: half of what lies before it and half of what lies after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanGaps {
    /// Seconds since the scan before, `None` when unknown.
    pub since_last: Option<u32>,
    /// Seconds until the scan that follows by plan.
    pub until_next: u32,
}

/// Decides when to scan; pure.
#[derive(Clone, Debug)]
pub struct Schedule {
    policy: ScanPolicy,
    duty: ScanDuty,
    state: ScheduleState,
}

impl Schedule {
    /// Returns the schedule that goes on from `state`.
    pub fn new(policy: ScanPolicy, duty: ScanDuty, state: ScheduleState) -> Self {
        Self { policy, duty, state }
    }

    /// Follows another configuration from the next scan on.
    pub fn set_duty(&mut self, duty: ScanDuty) {
        self.duty = duty;
    }

    /// Returns what has to be stored.
    pub fn state(&self) -> ScheduleState {
        self.state
    }

    /// Returns the length of a scan in seconds.
    pub fn scan_seconds(&self) -> u32 {
        let seconds = u32::from(self.duty.scan_seconds);
        match self.policy {
            ScanPolicy::Adaptive => seconds,
            ScanPolicy::Fixed { interval_seconds, .. } => seconds.min(interval_seconds.max(1)),
        }
    }

    /// Returns when the next scan is due, `now` at the earliest.
    pub fn next_scan_at(&self, now: UnixSeconds) -> UnixSeconds {
        match self.policy {
            ScanPolicy::Fixed {
                interval_seconds,
                phase_seconds,
            } => {
                let interval = i64::from(interval_seconds.max(1));
                now.plus((i64::from(phase_seconds) - now.0).rem_euclid(interval))
            }
            ScanPolicy::Adaptive => match self.state.last_scan_at {
                // A last scan in the future means the clock was moved back.
                Some(last) if last <= now.0 => UnixSeconds(now.0.max(last + i64::from(self.pause(last)))),
                _ => now,
            },
        }
    }

    /// Records a scan that started at `now`, and whether it heard somebody.
    pub fn record_scan(&mut self, now: UnixSeconds, heard: bool) -> ScanGaps {
        if let ScanPolicy::Fixed { interval_seconds, .. } = self.policy {
            return ScanGaps {
                since_last: Some(interval_seconds),
                until_next: interval_seconds,
            };
        }
        let since_last = self
            .state
            .last_scan_at
            .and_then(|last| u32::try_from(now.0 - last).ok());
        if now.day() > UtcDay(self.state.day) {
            self.state.spent_seconds = 0;
        }
        self.state.day = now.day().0;
        self.state.spent_seconds = self.state.spent_seconds.saturating_add(self.duty.scan_seconds.into());
        self.state.last_scan_at = Some(now.0);
        let company_until = now.plus(self.duty.company_seconds.into()).0;
        // Company that would last longer than that was met before the clock was moved back.
        if heard || self.state.company_until > company_until {
            self.state.company_until = company_until;
        }
        ScanGaps {
            since_last,
            until_next: self.pause(now.0),
        }
    }

    fn pause(&self, last: i64) -> u32 {
        let dense_at = UnixSeconds(last).plus(self.duty.dense_seconds.into());
        let spent = if dense_at.day() > UtcDay(self.state.day) {
            0
        } else {
            self.state.spent_seconds
        };
        if last < self.state.company_until && affords_dense(&self.duty, dense_at, spent) {
            self.duty.dense_seconds.into()
        } else {
            self.duty.base_seconds.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: UnixSeconds = UnixSeconds(1_626_048_000);
    const DUTY: ScanDuty = ScanDuty {
        scan_seconds: 4,
        base_seconds: 300,
        dense_seconds: 60,
        company_seconds: 180,
        budget_per_mille: 19,
    };

    fn scans(duty: ScanDuty, days: i64, mut heard: impl FnMut(usize) -> bool) -> Vec<UnixSeconds> {
        let mut schedule = Schedule::new(ScanPolicy::Adaptive, duty, ScheduleState::default());
        let (mut now, mut scans) = (START.plus(1234), Vec::new());
        while now < START.plus(days * DAY_SECONDS) {
            schedule.record_scan(now, heard(scans.len()));
            scans.push(now);
            now = schedule.next_scan_at(now);
        }
        scans
    }

    #[test]
    fn a_device_alone_scans_every_five_minutes() {
        assert!(
            scans(DUTY, 1, |_| false)
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 == 300)
        );
    }

    #[test]
    fn company_makes_scans_dense_until_it_has_left() {
        let pauses: Vec<i64> = scans(DUTY, 1, |n| n == 1 || n == 2)
            .windows(2)
            .map(|p| p[1].0 - p[0].0)
            .take(7)
            .collect();
        assert_eq!(pauses, [300, 60, 60, 60, 60, 300, 300]);
    }

    #[test]
    fn a_scan_stands_for_the_time_around_it() {
        let mut schedule = Schedule::new(ScanPolicy::Adaptive, DUTY, ScheduleState::default());
        let first = schedule.record_scan(START, false);
        assert_eq!(
            first,
            ScanGaps {
                since_last: None,
                until_next: 300
            }
        );
        let second = schedule.record_scan(START.plus(300), true);
        assert_eq!(
            second,
            ScanGaps {
                since_last: Some(300),
                until_next: 60
            }
        );
    }

    #[test]
    fn a_clock_moved_back_does_not_stop_scanning() {
        let mut schedule = Schedule::new(ScanPolicy::Adaptive, DUTY, ScheduleState::default());
        schedule.record_scan(START, true);
        let earlier = START.plus(-40 * DAY_SECONDS);
        assert_eq!(schedule.next_scan_at(earlier), earlier);
        schedule.record_scan(earlier, false);
        assert_eq!(schedule.next_scan_at(earlier), earlier.plus(60));
        schedule.record_scan(earlier.plus(240), false);
        assert_eq!(schedule.next_scan_at(earlier.plus(240)), earlier.plus(540));
    }

    #[test]
    fn a_fixed_schedule_keeps_its_phase() {
        let policy = ScanPolicy::Fixed {
            interval_seconds: 20,
            phase_seconds: 7,
        };
        let mut schedule = Schedule::new(policy, DUTY, ScheduleState::default());
        assert_eq!(schedule.next_scan_at(START), START.plus(7));
        assert_eq!(schedule.next_scan_at(START.plus(7)), START.plus(7));
        assert_eq!(schedule.next_scan_at(START.plus(8)), START.plus(27));
        let gaps = schedule.record_scan(START.plus(27), true);
        assert_eq!(
            gaps,
            ScanGaps {
                since_last: Some(20),
                until_next: 20
            }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_day_spends_more_than_its_budget(seed in any::<u64>(), crowd in 0u64..=16, default in any::<bool>()) {
            let duty = if default { ScanDuty::default() } else { DUTY };
            let times = scans(duty, 4, |n| (seed.rotate_left((n % 61) as u32) ^ n as u64) % 16 < crowd);
            for day in 0..4 {
                let in_day = times.iter().filter(|t| t.day() == START.day().offset(day)).count();
                let spent = in_day * usize::from(duty.scan_seconds);
                prop_assert!(spent * 1000 <= 19 * 86_400, "{in_day} scans");
                prop_assert!(day == 0 || in_day + 1 >= 86_400 / usize::from(duty.base_seconds), "{in_day} scans");
            }
        }
    }
}
