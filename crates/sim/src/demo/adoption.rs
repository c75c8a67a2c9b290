//! The slider: one simulated day is replayed at a share of adopters, and what the phones find is set against p and p².

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::text::Text;
use crate::{
    recording::{Person, Recording},
    replay::{self, ReplayOptions},
    truth,
    world::{LocalDay, Province, place::Site},
};

/// Replays of one point; each draws its own adopters.
pub(super) const SEEDS: u64 = 4;
/// Student's t for 95 % and [`SEEDS`] − 1 degrees of freedom.
const T_95: f64 = 3.182;
/// Steps a replay is counted as in the progress.
const STEPS_A_SEED: u64 = 100;

/// What was replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Replayed {
    /// In words.
    pub name: Text,
    /// People in the recording.
    pub people: usize,
    /// Lines of 20 seconds.
    pub rows: usize,
    /// Replays.
    pub seeds: u64,
}

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Share {
    /// Contacts found.
    pub found: usize,
    /// Contacts there were.
    pub of: usize,
    /// found ÷ of.
    pub share: f64,
    /// Lower end of the 95 % interval over the replays.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One point of the two curves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Point {
    /// Adoption in per cent.
    pub percent: u8,
    /// Contacts found by index persons who use the app.
    pub given_index: Share,
    /// Over all index persons.
    pub all_pairs: Share,
}

/// Returns the recording that is replayed: the factory on the day of the story, 7:00 to 17:00.
pub(super) fn recording(province: &mut Province) -> Recording {
    let day = LocalDay::STORY;
    let whole = province.recording(day.time(7, 0), day.time(17, 0), |site| site == Site::Factory);
    compact(&whole)
}

/// Drops people without a contact.
fn compact(whole: &Recording) -> Recording {
    let met: BTreeSet<Person> = whole.rows.iter().flat_map(|row| [row.a, row.b]).collect();
    let numbers: BTreeMap<Person, Person> = met.iter().copied().zip(0..).collect();
    let people = met
        .iter()
        .map(|person| whole.people[*person as usize].clone())
        .collect();
    let mut rows = whole.rows.clone();
    for row in &mut rows {
        (row.a, row.b) = (numbers[&row.a], numbers[&row.b]);
    }
    Recording { people, rows }
}

/// Describes the recording.
pub(super) fn describe(recording: &Recording) -> Replayed {
    Replayed {
        name: Text::new(
            "Nhà máy, thứ ba 13/7/2021, 7:00–17:00 (mô phỏng); lần lượt mỗi người dùng ứng dụng là ca bệnh",
            "The factory, Tuesday 13/7/2021, 7:00–17:00 (simulated); each person with the app is the case in turn",
        ),
        people: recording.people.len(),
        rows: recording.rows.len(),
        seeds: SEEDS,
    }
}

/// Returns the steps of [`point`].
pub(super) fn steps() -> u64 {
    SEEDS * STEPS_A_SEED
}

/// Replays the recording at a share of adopters.
///
/// * `progress`: is told the steps done of [`steps`]
///
/// # Errors
///
/// [`replay::ReplayError`].
///
/// # Cost
///
/// Some seconds to a minute.
pub(super) fn point(
    recording: &Recording,
    percent: u8,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Point, replay::ReplayError> {
    let all: usize = truth::close_contacts(recording).iter().map(BTreeSet::len).sum();
    let (mut given, mut every) = (Vec::new(), Vec::new());
    for seed in 1..=SEEDS {
        let options = ReplayOptions {
            adoption: f64::from(percent) / 100.0,
            seed,
            ..ReplayOptions::default()
        };
        let tell = |stage, done: u64, total: u64| {
            let half = STEPS_A_SEED / 2;
            let before = if stage == replay::Stage::Radio { 0 } else { half };
            progress((seed - 1) * STEPS_A_SEED + before + done * half / total.max(1));
        };
        let replay = replay::run(recording, &options, &tell)?;
        let index = || replay.people.iter().filter(|person| person.index);
        let hit = |person: &replay::PersonResult| {
            person
                .notified
                .iter()
                .filter(|name| person.true_contacts.contains(name))
                .count()
        };
        let found: usize = index().map(hit).sum();
        given.push((found, index().map(|person| person.true_contacts.len()).sum()));
        every.push((found, all));
    }
    Ok(Point {
        percent,
        given_index: share(&given),
        all_pairs: share(&every),
    })
}

/// Adds up the replays; the interval is Student's over their shares.
fn share(replays: &[(usize, usize)]) -> Share {
    let (found, of) = replays
        .iter()
        .fold((0, 0), |sum, replay| (sum.0 + replay.0, sum.1 + replay.1));
    let shares: Vec<f64> = replays
        .iter()
        .map(|(found, of)| *found as f64 / (*of).max(1) as f64)
        .collect();
    let n = shares.len().max(1) as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let half = T_95 * (variance / n).sqrt();
    Share {
        found,
        of,
        share: found as f64 / of.max(1) as f64,
        low: (mean - half).max(0.0),
        high: (mean + half).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_students_over_the_replays() {
        let share = share(&[(10, 100), (20, 100), (30, 100), (20, 100)]);
        assert_eq!((share.found, share.of, share.share), (80, 400, 0.2));
        let half = T_95 * (0.02_f64 / 3.0).sqrt() / 2.0;
        assert!(
            (share.low - (0.2 - half)).abs() < 1e-12 && (share.high - (0.2 + half)).abs() < 1e-12,
            "{share:?}"
        );
    }

    #[test]
    fn the_recording_holds_only_people_who_met_somebody() {
        let mut province = Province::new(400, 0.6, crate::seed::Seed::root(1));
        let recording = recording(&mut province);
        assert!(
            (120..=224).contains(&recording.people.len()),
            "{}",
            recording.people.len()
        );
        let met: BTreeSet<u32> = recording.rows.iter().flat_map(|row| [row.a, row.b]).collect();
        assert_eq!(met.len(), recording.people.len());
    }
}
