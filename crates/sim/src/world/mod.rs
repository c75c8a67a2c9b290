//! A made-up province on a virtual clock: people with homes, a factory, a market and buses; whoever has adopted the app
//! carries a real [`device::Device`], and the air between them is simulated.
//!
//! Start at [`World::open`], then [`World::live_to`]. The same seed gives the same people, days, keys and noise. What must
//! happen on the day of the story is in [`story`].

use std::collections::BTreeMap;

use device::{device::OpenError, store::StoreFailed};
use protocol::{
    message::Trust,
    time::{INTERVAL_SECONDS, UnixSeconds},
};

mod air;
pub mod civil;
pub mod diary;
pub mod path_loss;
pub mod people;
pub mod phone;
pub mod place;
pub mod province;
pub mod story;

pub use air::{Heard, Payload};
pub use civil::LocalDay;
pub use people::Named;
pub use phone::Phone;
pub use province::Province;

use crate::seed::Seed;
use air::Air;
use diary::Diary;
use people::PersonNumber;

/// What world to make.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldOptions {
    /// Number everything grows from.
    pub seed: u64,
    /// Inhabitants, [`people::MIN_PEOPLE`]..=[`people::MAX_PEOPLE`].
    pub people: usize,
    /// Share of people whose phone runs the app, 0..=1.
    pub adoption: f64,
    /// When the phones begin.
    pub begin: UnixSeconds,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            people: 400,
            adoption: 0.6,
            begin: LocalDay::STORY.offset(-2).time(0, 0),
        }
    }
}

/// Why the world stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// A phone does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A phone's store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

/// The province with its phones.
pub struct World {
    province: Province,
    phones: Vec<Phone>,
    by_person: BTreeMap<PersonNumber, usize>,
    now: UnixSeconds,
    noise: u64,
}

impl World {
    /// Draws the province and gives everybody covered a new phone.
    ///
    /// # Errors
    ///
    /// [`WorldError::Open`] when the trust document is not usable.
    pub fn open(options: &WorldOptions, trust: &Trust) -> Result<Self, WorldError> {
        let seed = Seed::root(options.seed).child("world");
        let province = Province::new(options.people, options.adoption, seed);
        let covered = (0..).zip(province.people()).filter(|(_, person)| person.covered);
        let phones = covered
            .map(|(number, _)| Phone::open(number, trust, &seed, options.begin))
            .collect::<Result<Vec<_>, _>>()?;
        let by_person = phones
            .iter()
            .enumerate()
            .map(|(at, phone)| (phone.person, at))
            .collect();
        let noise = u64::from_le_bytes(seed.child("noise").bytes()[..8].try_into().expect("eight of 32 bytes"));
        Ok(Self {
            province,
            phones,
            by_person,
            now: options.begin,
            noise,
        })
    }

    /// Returns the time up to which everything has happened.
    pub fn now(&self) -> UnixSeconds {
        self.now
    }

    /// Returns the people and their days.
    pub fn province(&mut self) -> &mut Province {
        &mut self.province
    }

    /// Returns how many people live here.
    pub fn population(&self) -> usize {
        self.province.people().len()
    }

    /// Returns all phones.
    pub fn phones(&self) -> &[Phone] {
        &self.phones
    }

    /// Returns all phones, to synchronise them.
    pub fn phones_mut(&mut self) -> &mut [Phone] {
        &mut self.phones
    }

    /// Returns the phone of a person of the story.
    pub fn phone(&mut self, named: Named) -> &mut Phone {
        let person = named.person(self.population());
        let at = self.by_person.get(&person).expect("everybody of the story is covered");
        &mut self.phones[*at]
    }

    /// Lets everything happen up to `until`: people move, phones advertise and scan.
    ///
    /// * `progress`: is told steps done and steps in all
    ///
    /// # Errors
    ///
    /// [`WorldError::Store`]; the world is then between two steps.
    ///
    /// # Cost
    ///
    /// About 5 s for three days of 240 phones on two cores.
    pub fn live_to(&mut self, until: UnixSeconds, progress: &dyn Fn(u64, u64)) -> Result<(), WorldError> {
        let total = u64::try_from((until.0 - self.now.0).max(0) / INTERVAL_SECONDS + 1).unwrap_or(0);
        let mut done = 0;
        while self.now < until {
            let end = self.now.interval().offset(1).start().min(until);
            self.step(end)?;
            done += 1;
            progress(done.min(total), total);
        }
        Ok(())
    }

    /// One step within an interval and a local day: identifiers and their air stay the same.
    fn step(&mut self, end: UnixSeconds) -> Result<(), StoreFailed> {
        let start = self.now;
        let diaries = self.province.diaries(LocalDay::at(start));
        let mut air = Air::new(self.noise);
        for phone in &mut self.phones {
            if let Some(payload) = phone.advertise(start)? {
                for stay in diaries[phone.person].during(start, end) {
                    air.add(phone.person, *stay, payload);
                }
            }
        }
        scan(&mut self.phones, diaries, &air, end)?;
        self.now = end;
        Ok(())
    }
}

fn scan(phones: &mut [Phone], diaries: &[Diary], air: &Air, end: UnixSeconds) -> Result<(), StoreFailed> {
    let all = |phones: &mut [Phone]| {
        phones
            .iter_mut()
            .try_for_each(|phone| phone.scan(&diaries[phone.person], air, end))
    };
    let (one, other) = phones.split_at_mut(phones.len() / 2);
    std::thread::scope(|threads| {
        let first = threads.spawn(|| all(one));
        all(other)?;
        first.join().expect("a phone does not panic")
    })
}

#[cfg(test)]
mod tests;
