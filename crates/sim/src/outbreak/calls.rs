//! Draws what became of each contact: calls until it is reached, refuses or is handed over, and the days of follow-up.

use std::collections::BTreeMap;

use protocol::time::UnixSeconds;
use server::cases::model::{DayState, Outcome};

use super::{
    course::{COMMUNE, Course, Entered, office_hours},
    plan::{ContactNo, Seat, What},
};
use crate::world::LocalDay;

/// Officers call at the same moment, every few minutes.
const ROUND_SECONDS: i64 = 360;
/// Days before the present whose follow-up is entered.
const SHEET_DAYS: i64 = 4;
/// Days after exposure on which everybody reached is still followed, whatever the generation.
const FOLLOWED_DAYS: i64 = 14;
/// Calls without an answer after which the commune takes over (`cases/rules.toml`).
const TRIES: u32 = 3;

/// Who is followed from when.
struct Followed {
    entered: Entered,
    from: UnixSeconds,
}

impl Course {
    /// Draws the calls and the sheets of everybody entered.
    pub(super) fn call(&mut self) {
        let entered = std::mem::take(&mut self.entered);
        let mut followed = Vec::new();
        for contact in &entered {
            if let Some(from) = self.call_one(*contact) {
                followed.push(Followed {
                    entered: *contact,
                    from,
                });
            }
        }
        self.entered = entered;
        self.fill_sheets(&followed);
    }

    /// Returns when the contact was reached.
    fn call_one(&mut self, contact: Entered) -> Option<UnixSeconds> {
        let last_days = self.now.0 - contact.at.0 < 3 * 86_400;
        // Of the newest, many wait.
        if contact.idle || (last_days && self.unit() < 0.45) {
            return None;
        }
        let seat = self.seat_of(contact.person);
        let delay = [30 * 60, 16 * 60, 8 * 60, 4 * 60][usize::from(contact.level.clamp(1, 4)) - 1];
        let mut at = office_hours(contact.at.plus(20 * 60 + i64::from(self.below(delay)) * 60));
        for attempt in 1.. {
            at = at.plus(-at.0.rem_euclid(ROUND_SECONDS) + ROUND_SECONDS);
            if !self.is_open(contact, at) {
                return None;
            }
            let outcome = self.draw_outcome(at);
            self.act(at, seat, What::Call(contact.contact, outcome));
            match outcome {
                Outcome::Reached => return Some(at),
                Outcome::Refused => return None,
                Outcome::WrongNumber => return self.go_there(contact, at),
                Outcome::NoAnswer | Outcome::Busy if attempt >= TRIES => return self.go_there(contact, at),
                Outcome::NoAnswer | Outcome::Busy | Outcome::Later => {}
            }
            at = office_hours(at.plus(2 * 3600 + i64::from(self.below(30 * 60)) * 60));
        }
        None
    }

    fn is_open(&self, contact: Entered, at: UnixSeconds) -> bool {
        at.plus(600) < self.now && contact.ill_at.is_none_or(|ill_at| at.plus(600) < ill_at)
    }

    /// In the last days the desks are behind, and fewer answer at the first call.
    fn draw_outcome(&mut self, at: UnixSeconds) -> Outcome {
        let answers = if self.now.0 - at.0 < 36 * 3600 { 35 } else { 70 };
        match self.below(100) {
            draw if draw < answers => Outcome::Reached,
            0..82 => Outcome::NoAnswer,
            82..90 => Outcome::Busy,
            90..93 => Outcome::Later,
            93..96 => Outcome::Refused,
            _ => Outcome::WrongNumber,
        }
    }

    /// The commune goes to who is not reached by telephone.
    fn go_there(&mut self, contact: Entered, from: UnixSeconds) -> Option<UnixSeconds> {
        let seat = match self.population.commune(contact.person).code == COMMUNE {
            true => Seat::Commune,
            false => self.seat_of(contact.person),
        };
        let at = office_hours(from.plus(3 * 3600 + i64::from(self.below(24 * 60)) * 60));
        let at = at.plus(-at.0.rem_euclid(ROUND_SECONDS) + ROUND_SECONDS);
        let goes = self.unit() < 0.6 && self.is_open(contact, at);
        if goes {
            self.act(at, seat, What::Call(contact.contact, Outcome::Reached));
        }
        goes.then_some(at)
    }

    /// The sheets of the last days, one for each district.
    fn fill_sheets(&mut self, followed: &[Followed]) {
        let today = LocalDay::at(self.now);
        for day in (1..=SHEET_DAYS).rev().map(|before| today.offset(-before)) {
            let at = day.time(18, 0);
            let mut sheets: BTreeMap<String, (Seat, Vec<(ContactNo, DayState)>)> = BTreeMap::new();
            for Followed { entered, from } in followed {
                let is_ill = entered.ill_at.is_some_and(|ill_at| ill_at <= at);
                if *from >= at || is_ill || entered.exposed.0 + FOLLOWED_DAYS < day.0 {
                    continue;
                }
                let district = self.population.commune(entered.person).district.clone();
                let seat = self.seat_of(entered.person);
                let state = self.draw_state();
                let sheet = sheets.entry(district).or_insert((seat, Vec::new()));
                sheet.1.push((entered.contact, state));
            }
            for (seat, entries) in sheets.into_values() {
                for part in entries.chunks(server::cases::follow::MAX_ROWS) {
                    self.act(at, seat, What::Sheet(day, part.to_vec()));
                }
            }
        }
    }

    fn draw_state(&mut self) -> DayState {
        match self.below(200) {
            0..190 => DayState::Well,
            190..194 => DayState::Cough,
            194..197 => DayState::Fever,
            197 => DayState::Other,
            _ => DayState::NotMet,
        }
    }
}
