//! Where each person is at every second of a day.

use protocol::time::{DAY_SECONDS, UnixSeconds};
use rand_chacha::ChaCha20Rng;

use super::{
    civil::{LocalDay, Weekday},
    people::{Person, PersonNumber, Role},
    place::{LINES_A_HALL, SEATS_A_LINE, STALLS, Spot},
    story,
};
use crate::seed::{self, Seed};

/// Time at one position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stay {
    /// First second.
    pub from: UnixSeconds,
    /// First second after it.
    pub to: UnixSeconds,
    /// Position.
    pub spot: Spot,
    /// Whether the phone is in a pocket or bag.
    pub in_pocket: bool,
}

/// The stays of one person on one day, without gaps, from midnight to midnight.
#[derive(Clone, Debug, PartialEq)]
pub struct Diary(Vec<Stay>);

impl Diary {
    /// Returns the stays in the order of time.
    pub fn stays(&self) -> &[Stay] {
        &self.0
    }

    /// Returns the stay at a time of the day.
    pub fn at(&self, time: UnixSeconds) -> &Stay {
        let after = self.0.partition_point(|stay| stay.from <= time);
        &self.0[after.saturating_sub(1)]
    }

    /// Returns the stays that overlap `from..to`.
    pub fn during(&self, from: UnixSeconds, to: UnixSeconds) -> &[Stay] {
        let first = self.0.partition_point(|stay| stay.to <= from);
        let end = self.0.partition_point(|stay| stay.from < to);
        &self.0[first.min(end)..end]
    }

    /// Puts a stay over whatever the diary says for its time.
    pub(super) fn overlay(&mut self, over: Stay) {
        let mut stays = Vec::with_capacity(self.0.len() + 2);
        for stay in &self.0 {
            stays.push(Stay {
                to: stay.to.min(over.from),
                ..*stay
            });
            stays.push(Stay {
                from: stay.from.max(over.to),
                ..*stay
            });
        }
        stays.push(over);
        stays.retain(|stay| stay.from < stay.to);
        stays.sort_by_key(|stay| stay.from);
        self.0 = stays;
    }
}

/// Writes the diary of a person for a day.
pub fn write(number: PersonNumber, person: &Person, day: LocalDay, seed: &Seed) -> Diary {
    let mut rng = seed.child("diary").nth(number).child(&day.0.to_string()).rng();
    let mut page = Page {
        day,
        at: day.time(0, 0),
        stays: Vec::new(),
        rng: &mut rng,
        home: person.home,
    };
    match (person.role, day.weekday()) {
        (Role::Worker { hall, line, seat, ride }, Weekday::Working) => {
            page.work(hall, line, seat, ride, person.named.is_none());
        }
        (Role::Vendor { stall }, _) => page.sell(stall),
        _ => page.stay_home(person.named.is_none()),
    }
    page.home_until(UnixSeconds(day.time(0, 0).0 + DAY_SECONDS));
    let mut diary = Diary(page.stays);
    if let Some(named) = person.named.filter(|_| day == LocalDay::STORY) {
        story::stays(named).into_iter().for_each(|stay| diary.overlay(stay));
    }
    diary
}

/// A diary being written.
struct Page<'a> {
    day: LocalDay,
    at: UnixSeconds,
    stays: Vec<Stay>,
    rng: &'a mut ChaCha20Rng,
    home: usize,
}

impl Page<'_> {
    fn until(&mut self, to: UnixSeconds, spot: Spot) {
        if to > self.at {
            let in_pocket = seed::unit(self.rng) < 0.6;
            self.stays.push(Stay {
                from: self.at,
                to,
                spot,
                in_pocket,
            });
            self.at = to;
        }
    }

    fn draw(&mut self) -> f64 {
        seed::unit(self.rng)
    }

    fn minutes(&mut self, below: u32) -> i64 {
        i64::from(seed::below(self.rng, below))
    }

    /// At home people move every two hours, and lie in bed from 22:00 to 05:00.
    fn home_until(&mut self, to: UnixSeconds) {
        while self.at < to {
            let bed = self.at < self.day.time(5, 0) || self.at >= self.day.time(22, 0);
            let next = match bed {
                true if self.at < self.day.time(5, 0) => self.day.time(5, 0),
                true => to,
                false => self.at.plus(7200).min(self.day.time(22, 0)),
            };
            let spot = Spot::home(self.home, self.draw(), self.draw());
            self.until(next.min(to), spot);
        }
    }

    /// Walks past a few stalls for `minutes`.
    fn market(&mut self, minutes: i64) {
        let end = self.at.plus(minutes * 60);
        while self.at < end {
            let stall = seed::below(self.rng, STALLS as u32) as usize;
            let spot = Spot::stall(stall, self.draw(), self.draw());
            let stop = 2 + self.minutes(8);
            self.until(self.at.plus(stop * 60).min(end), spot);
        }
    }

    fn way(&mut self, minutes: i64) {
        self.until(self.at.plus(minutes * 60), Spot::WAY);
    }

    fn work(&mut self, hall: usize, line: usize, seat: usize, ride: Option<(usize, usize)>, shops: bool) {
        let day = self.day;
        let bench = Spot::seat(hall, line, seat);
        self.home_until(day.time(6, 45));
        self.until(day.time(6, 55), Spot::WAY);
        self.until(
            day.time(7, 20),
            ride.map_or(Spot::WAY, |(bus, seat)| Spot::bus(bus, seat)),
        );
        self.until(day.time(7, 30), Spot::WAY);
        // The halls eat one after the other; tables change every day.
        let (from, to) = if hall == 0 {
            (day.time(11, 30), day.time(12, 0))
        } else {
            (day.time(12, 10), day.time(12, 40))
        };
        let places = LINES_A_HALL * SEATS_A_LINE;
        let turn = usize::try_from(day.0.rem_euclid(97)).unwrap_or(0) * 37;
        self.until(from, bench);
        self.until(to, Spot::chair((line * SEATS_A_LINE + seat + turn) % places));
        self.until(day.time(16, 30), bench);
        self.until(day.time(16, 40), Spot::WAY);
        self.until(
            day.time(17, 5),
            ride.map_or(Spot::WAY, |(bus, seat)| Spot::bus(bus, seat)),
        );
        self.way(10);
        if shops && self.draw() < 0.3 {
            let minutes = 10 + self.minutes(20);
            self.market(minutes);
            self.way(10);
        }
    }

    fn sell(&mut self, stall: usize) {
        let day = self.day;
        self.home_until(day.time(5, 30));
        self.until(day.time(5, 50), Spot::WAY);
        self.until(day.time(18, 0), Spot::stall(stall, 0.5, 0.0));
        self.way(20);
    }

    fn stay_home(&mut self, shops: bool) {
        if shops && self.draw() < 0.5 {
            let start = self.day.time(7, 30).plus(self.minutes(150) * 60);
            self.home_until(start);
            self.way(10);
            let minutes = 10 + self.minutes(25);
            self.market(minutes);
            self.way(10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::people;

    #[test]
    fn a_diary_covers_the_day_without_gaps() {
        let seed = Seed::root(3);
        let people = people::draw(400, 0.6, &seed);
        for day in -2..=1 {
            let day = LocalDay::STORY.offset(day);
            for (number, person) in people.iter().enumerate() {
                let diary = write(number, person, day, &seed);
                let stays = diary.stays();
                assert_eq!(
                    (stays[0].from, stays[stays.len() - 1].to),
                    (day.time(0, 0), day.time(24, 0))
                );
                assert!(
                    stays
                        .windows(2)
                        .all(|pair| pair[0].to == pair[1].from && pair[0].from < pair[0].to)
                );
            }
        }
    }

    #[test]
    fn a_diary_is_the_same_for_the_same_seed_and_changes_from_day_to_day() {
        let seed = Seed::root(3);
        let people = people::draw(400, 0.6, &seed);
        let page = |day: i64| write(9, &people[9], LocalDay::STORY.offset(day), &seed);
        assert_eq!(page(0), page(0));
        assert_ne!(page(0).stays()[0].spot, page(1).stays()[0].spot);
    }

    #[test]
    fn stays_are_found_by_time() {
        let seed = Seed::root(3);
        let people = people::draw(400, 0.6, &seed);
        let day = LocalDay::STORY;
        let diary = write(0, &people[0], day, &seed);
        let noon = day.time(12, 0);
        assert!(diary.at(noon).from <= noon && noon < diary.at(noon).to);
        let around = diary.during(day.time(11, 29), day.time(12, 1));
        assert_eq!(around.len(), 3);
        assert_eq!(around[1].spot, diary.at(day.time(11, 45)).spot);
    }
}
