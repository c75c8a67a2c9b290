//! The province without its phones: people, and where they are.

use std::collections::{BTreeMap, BTreeSet};

use protocol::time::UnixSeconds;

use super::{
    civil::LocalDay,
    diary::{self, Diary, Stay},
    people::{self, Person, PersonNumber},
    place::Site,
};
use crate::{
    recording::{Recording, Row, STEP_SECONDS},
    seed::Seed,
};

/// People and their days.
pub struct Province {
    people: Vec<Person>,
    seed: Seed,
    /// Diaries of the days asked for last.
    days: BTreeMap<LocalDay, Vec<Diary>>,
}

/// Days whose diaries are kept.
const DAYS_KEPT: usize = 2;

impl Province {
    /// Draws a province.
    pub fn new(people: usize, adoption: f64, seed: Seed) -> Self {
        Self {
            people: people::draw(people, adoption, &seed),
            seed,
            days: BTreeMap::new(),
        }
    }

    /// Returns everybody.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Returns everybody's diary of a day, in the order of people.
    pub fn diaries(&mut self, day: LocalDay) -> &[Diary] {
        if !self.days.contains_key(&day) {
            if self.days.len() >= DAYS_KEPT {
                self.days.pop_first();
            }
            let write = |(number, person)| diary::write(number, person, day, &self.seed);
            self.days
                .insert(day, self.people.iter().enumerate().map(write).collect());
        }
        &self.days[&day]
    }

    /// Returns who was together on a local day between two hours, at sites that `keep` admits, as a recording whose
    /// second 0 is `from`.
    pub fn recording(&mut self, from: UnixSeconds, to: UnixSeconds, keep: impl Fn(Site) -> bool) -> Recording {
        let mut by_site: BTreeMap<Site, Vec<(PersonNumber, Stay)>> = BTreeMap::new();
        for (number, diary) in self.diaries(LocalDay::at(from)).iter().enumerate() {
            for stay in diary.during(from, to).iter().filter(|stay| keep(stay.spot.site)) {
                let stay = Stay {
                    from: stay.from.max(from),
                    to: stay.to.min(to),
                    ..*stay
                };
                by_site.entry(stay.spot.site).or_default().push((number, stay));
            }
        }
        let mut rows = BTreeSet::new();
        for stays in by_site.into_values() {
            for (at, (a, one)) in stays.iter().enumerate() {
                for (b, other) in &stays[at + 1..] {
                    let (start, end) = (one.from.max(other.from), one.to.min(other.to));
                    if a == b || start >= end || !one.spot.together(&other.spot) {
                        continue;
                    }
                    let steps =
                        (start.0 - from.0).div_euclid(STEP_SECONDS) + 1..=(end.0 - from.0).div_euclid(STEP_SECONDS);
                    rows.extend(steps.map(|step| row(step * STEP_SECONDS, *a, *b)));
                }
            }
        }
        let people = (0..self.people.len()).map(|number| format!("p{number}")).collect();
        Recording {
            people,
            rows: rows.into_iter().collect(),
        }
    }
}

fn row(t: i64, a: PersonNumber, b: PersonNumber) -> Row {
    let number = |n: PersonNumber| u32::try_from(n).expect("a province has few people");
    Row {
        t,
        a: number(a.min(b)),
        b: number(a.max(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        truth,
        world::{
            people::{Named, bench_mate},
            story,
        },
    };

    #[test]
    fn the_story_happens_whatever_the_seed() {
        for seed in [1, 7, 2021] {
            let mut province = Province::new(400, 0.6, Seed::root(seed));
            let day = LocalDay::STORY;
            let recording = province.recording(day.time(7, 0), day.time(19, 0), |_| true);
            let together = truth::seconds_together(&recording);
            let with_nam = |other: usize| together.get(&(0, other as u32)).map_or(0, |days| days.values().sum());
            for named in [Named::Lan, Named::Mai, Named::Hung] {
                assert_eq!(
                    with_nam(named.person(400)),
                    i64::from(story::minutes_with_nam(named)) * 60,
                    "{named:?}"
                );
            }
            assert!(with_nam(bench_mate(400)) >= 20 * 60);
        }
    }

    #[test]
    fn a_days_contacts_are_a_recording_in_the_order_of_time() {
        let mut province = Province::new(400, 0.6, Seed::root(1));
        let day = LocalDay::STORY;
        let recording = province.recording(day.time(7, 0), day.time(19, 0), |site| !matches!(site, Site::Street(_)));
        assert!(
            recording.rows.is_sorted() && recording.rows.len() > 50_000,
            "{}",
            recording.rows.len()
        );
        assert!(
            recording
                .rows
                .iter()
                .all(|row| row.a < row.b && row.t > 0 && row.t <= 12 * 3600)
        );
    }
}
