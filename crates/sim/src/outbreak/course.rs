//! Draws the course of an outbreak: who falls ill, whom they met, and what became of each.

use std::{cmp::Reverse, collections::BinaryHeap};

use protocol::time::{DAY_SECONDS, UnixSeconds};
use rand_chacha::ChaCha20Rng;
use server::cases::model::{CaseState, Source};

use super::{
    Size,
    people::{PersonNo, Population, WorkKind},
    plan::{Act, Batch, CaseNo, ContactNo, Met, Opened, Plan, Seat, Setting, Told, What},
};
use crate::{
    seed::{self, Seed},
    world::{LocalDay, Named},
};

/// Days that the desks have worked before the present.
pub const DAYS: i64 = 35;
/// Code of the commune whose tracer has an account.
pub const COMMUNE: &str = "28249";
/// Share of cases that nobody's contact was.
const INDEX_SHARE: f64 = 0.4;
/// Most contacts entered in one act.
const BATCH: usize = 30;

/// A case to come; the first to come is the first in order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Coming {
    at: UnixSeconds,
    case: CaseNo,
    person: PersonNo,
    test: LocalDay,
    onset: Option<LocalDay>,
    from: Option<ContactNo>,
}

/// A contact whose calls are still to be drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entered {
    pub(super) contact: ContactNo,
    pub(super) person: PersonNo,
    pub(super) at: UnixSeconds,
    pub(super) exposed: LocalDay,
    pub(super) level: u8,
    /// How many contacts away from the case: 1 for who met it.
    pub(super) distance: u8,
    /// When it becomes a case.
    pub(super) ill_at: Option<UnixSeconds>,
    /// Of a case that was refuted: nobody calls.
    pub(super) idle: bool,
}

/// An outbreak being drawn.
pub(super) struct Course {
    pub(super) population: Population,
    pub(super) rng: ChaCha20Rng,
    pub(super) acts: Vec<Act>,
    pub(super) now: UnixSeconds,
    pub(super) entered: Vec<Entered>,
    begin: UnixSeconds,
    size: Size,
    /// Who is part of the outbreak already.
    taken: Vec<bool>,
    cases: u32,
    coming: BinaryHeap<Reverse<Coming>>,
    lan_met: bool,
}

/// Draws the plan.
pub(super) fn draw(number: u64, size: Size, now: UnixSeconds) -> Plan {
    let seed = Seed::root(number).child("outbreak");
    let population = Population::draw(size.people, seed.child("population"));
    let begin = LocalDay::at(now).offset(-DAYS).time(6, 0);
    let mut course = Course {
        taken: vec![false; population.len() as usize],
        population,
        rng: seed.child("course").rng(),
        acts: Vec::new(),
        now,
        entered: Vec::new(),
        begin,
        size,
        cases: 0,
        coming: BinaryHeap::new(),
        lan_met: false,
    };
    // The story's people are ill or met in the story, not before; Lan once was a contact.
    for named in Named::ALL {
        for person in course.population.household(Population::named(named)) {
            course.taken[person as usize] = true;
        }
    }
    course.spread();
    course.call();
    course.nights();
    // Stable: what is drawn first happens first within a moment.
    course.acts.sort_by_key(|act| act.at);
    Plan {
        seed: number,
        begin,
        now,
        cases: course.cases,
        contacts: u32::try_from(course.entered.len()).unwrap_or(u32::MAX),
        acts: course.acts,
        population: course.population,
    }
}

impl Course {
    fn spread(&mut self) {
        let index = (f64::from(self.size.cases) * INDEX_SHARE).ceil() as u32;
        for _ in 0..index.min(self.size.cases) {
            self.bring_in();
        }
        let mut done = 0;
        loop {
            while let Some(Reverse(coming)) = self.coming.pop() {
                done += 1;
                self.confirm(coming, done);
            }
            if self.cases >= self.size.cases || !self.bring_in() {
                break;
            }
        }
    }

    /// A case from elsewhere; `false` when everybody is part of the outbreak.
    fn bring_in(&mut self) -> bool {
        let Some(person) = self.draw_index() else { return false };
        // More every week.
        let span = (self.now.0 - self.begin.0 - 3 * 3600) as f64;
        let moment = self.begin.plus((span * seed::unit(&mut self.rng).sqrt()) as i64);
        let at = office_hours(moment).min(self.now.plus(-2 * 3600));
        self.expect(person, at, None);
        true
    }

    fn expect(&mut self, person: PersonNo, at: UnixSeconds, from: Option<ContactNo>) {
        self.taken[person as usize] = true;
        let test = LocalDay::at(at).offset(-i64::from(self.below(2)));
        let onset = (self.unit() < 0.7).then(|| test.offset(-1 - i64::from(self.below(3))));
        let case = self.cases;
        self.cases += 1;
        self.coming.push(Reverse(Coming {
            person,
            case,
            at,
            test,
            onset,
            from,
        }));
    }

    fn confirm(&mut self, coming: Coming, done: u32) {
        let (at, case, person) = (coming.at, coming.case, coming.person);
        let seat = self.seat_of(person);
        let suspected = coming.from.is_none() && self.unit() < 0.5;
        let what = match coming.from {
            Some(contact) => What::Convert {
                contact,
                case,
                test: coming.test,
                onset: coming.onset,
            },
            None => What::Open(Opened {
                case,
                person,
                suspected,
                test: coming.test,
                onset: coming.onset,
            }),
        };
        self.act(at, seat, what);
        let refuted = suspected && self.unit() < 0.4;
        if suspected {
            let state = if refuted {
                CaseState::Refuted
            } else {
                CaseState::Confirmed
            };
            let after = self.hours(20, 80);
            self.act(office_hours(at.plus(after)), seat, What::Settle(case, state));
        }
        if !refuted {
            self.interview(&coming, seat);
            let closes = self.hours(12 * 24, 8 * 24);
            if self.unit() < 0.85 {
                self.act(
                    office_hours(at.plus(closes)),
                    seat,
                    What::Settle(case, CaseState::Closed),
                );
            }
        }
        self.meet(&coming, done, refuted);
    }

    fn interview(&mut self, coming: &Coming, seat: Seat) {
        for number in 0..self.below(3) {
            let day = coming.test.offset(-1 - i64::from(self.below(4)));
            let from = 6 + u8::try_from(self.below(12)).unwrap_or(0);
            let told = Told {
                case: coming.case,
                day,
                hours: (from, from + 1 + u8::try_from(self.below(3)).unwrap_or(0)),
                setting: self.haunt(coming.person),
                confidence: 1 + i64::from(self.below(3)),
                // Of those who have the app, some were told by their telephone before anybody called.
                source: if self.below(8) == 0 {
                    Source::ExposureNotice
                } else {
                    Source::Interview
                },
            };
            self.act(coming.at.plus(600 + i64::from(number) * 300), seat, What::Tell(told));
        }
    }

    /// Returns where a person often is.
    fn haunt(&mut self, person: PersonNo) -> Setting {
        let works = self.unit() < 0.5;
        match self.population.workplace(person) {
            Some((number, _)) if works => Setting::Work(number),
            _ => Setting::Street(self.commune_of(person)),
        }
    }

    /// Enters household, colleagues and passers-by, as many as the size asks for.
    fn meet(&mut self, coming: &Coming, done: u32, refuted: bool) {
        // The last cases are of today: what they cannot tell any more, those before have told.
        let share = (f64::from(done) / (f64::from(self.size.cases) * 0.9)).min(1.0);
        let goal = (f64::from(self.size.contacts) * share).ceil() as usize;
        let missing = goal.saturating_sub(self.entered.len());
        let mut left = if refuted { missing.min(6) } else { missing };
        let begin = coming.at.plus(1200);
        let home: Vec<PersonNo> = self.population.household(coming.person).collect();
        let home = self.free_among(&home, left.max(2));
        left = left.saturating_sub(home.len());
        let setting = Setting::Home(coming.person);
        self.enter(coming, None, setting, &home, (begin, 4), refuted);
        if let Some((number, workplace)) = self.population.workplace(coming.person) {
            let kind = workplace.kind;
            let staff = self.population.staff(workplace).to_vec();
            let most = if kind == WorkKind::Shop { 8 } else { 18 };
            let met = self.free_among(&staff, most.min(left));
            left = left.saturating_sub(met.len());
            let from = begin.plus(3600);
            self.enter(coming, None, Setting::Work(number), &met, (from, 3), refuted);
        }
        let commune = self.commune_of(coming.person);
        while left > 0 {
            let passers: Vec<PersonNo> = (0..left.min(BATCH))
                .map_while(|_| self.draw_near(coming.person))
                .collect();
            if passers.is_empty() {
                break;
            }
            left -= passers.len();
            let from = begin.plus(3 * 3600);
            self.enter(coming, None, Setting::Street(commune), &passers, (from, 2), refuted);
        }
        let age = self.now.0 - coming.at.0;
        if !self.lan_met && !refuted && (2 * DAY_SECONDS..12 * DAY_SECONDS).contains(&age) {
            self.lan_met = true;
            let (lan, from) = (Population::named(Named::Lan), begin.plus(4 * 3600));
            self.enter(coming, None, Setting::Street(commune), &[lan], (from, 2), refuted);
        }
    }

    /// Enters people in one act; some bring their own contacts, some fall ill.
    fn enter(
        &mut self,
        coming: &Coming,
        of: Option<Entered>,
        setting: Setting,
        people: &[PersonNo],
        (from, level): (UnixSeconds, u8),
        refuted: bool,
    ) {
        let at = office_hours(from.plus(i64::from(self.below(40)) * 60));
        if people.is_empty() || at.plus(600) >= self.now {
            for person in people {
                self.taken[*person as usize] = false;
            }
            return;
        }
        let first = u32::try_from(self.entered.len()).unwrap_or(u32::MAX);
        let met: Vec<Met> = people
            .iter()
            .map(|person| self.met(*person, coming.test, level))
            .collect();
        let seat = self.seat_of(coming.person);
        let batch = Batch {
            case: coming.case,
            of: of.map(|of| of.contact),
            setting,
            first,
            met: met.clone(),
        };
        self.act(at, seat, What::Enter(batch));
        let mut entered = Vec::with_capacity(met.len());
        for (contact, met) in (first..).zip(&met) {
            self.taken[met.person as usize] = true;
            let ill_at = self.fall_ill(contact, met, at, of.is_some() || refuted);
            entered.push(Entered {
                contact,
                person: met.person,
                at,
                exposed: met.day,
                level: met.level,
                distance: of.map_or(1, |of| of.distance + 1),
                ill_at,
                idle: refuted && self.unit() < 0.8,
            });
        }
        self.entered.extend(&entered);
        if !refuted {
            entered.into_iter().for_each(|of| self.meet_further(coming, of));
        }
    }

    fn met(&mut self, person: PersonNo, test: LocalDay, level: u8) -> Met {
        let minutes = [None, Some(10), Some(20), Some(45), Some(120), Some(480)][self.below(6) as usize];
        Met {
            person,
            day: test.offset(-i64::from(self.below(4))),
            minutes,
            level: if self.unit() < 0.3 { level - 1 } else { level },
        }
    }

    /// Decides whether a contact becomes a case; nobody of the story does.
    fn fall_ill(&mut self, contact: ContactNo, met: &Met, entered: UnixSeconds, never: bool) -> Option<UnixSeconds> {
        let chance = if met.level >= 3 { 0.3 } else { 0.08 };
        let draw = self.unit();
        let ill_at = office_hours(entered.plus(DAY_SECONDS + i64::from(self.below(5 * 24 * 60)) * 60));
        let in_story = met.person < self.population.household(Population::named(Named::Hung)).end;
        let room = self.cases < self.quota(ill_at) && ill_at.plus(3600) < self.now;
        if never || in_story || draw >= chance || !room {
            return None;
        }
        self.expect(met.person, ill_at, Some(contact));
        Some(ill_at)
    }

    /// Returns how many cases there may be by a time: chains go on to the end instead of growing wide at the start.
    fn quota(&self, at: UnixSeconds) -> u32 {
        let total = f64::from(self.size.cases);
        let share = (at.0 - self.begin.0) as f64 / (self.now.0 - self.begin.0).max(1) as f64;
        let grown = total * (INDEX_SHARE + (1.0 - INDEX_SHARE) * share.clamp(0.0, 1.0).powf(1.5)) + 4.0;
        (grown as u32).min(self.size.cases)
    }

    /// F2 are the household of somebody who was met elsewhere, F3 colleagues of theirs.
    fn meet_further(&mut self, coming: &Coming, of: Entered) {
        let draw = self.unit();
        let at = of.at.plus(self.hours(4, 20));
        let is_kin = self.population.household(of.person).contains(&coming.person);
        match of.distance {
            1 if !is_kin && draw < 0.16 => {
                let home: Vec<PersonNo> = self.population.household(of.person).collect();
                let home = self.free_among(&home, 4);
                self.enter(coming, Some(of), Setting::Home(of.person), &home, (at, 2), false);
            }
            2 if draw < 0.2 => {
                let Some((number, workplace)) = self.population.workplace(of.person) else {
                    return;
                };
                let staff = self.population.staff(workplace).to_vec();
                let staff = self.free_among(&staff, 3);
                self.enter(coming, Some(of), Setting::Work(number), &staff, (at, 2), false);
            }
            _ => {}
        }
    }

    /// Returns up to `most` of `people` who are not part of the outbreak, and takes them.
    fn free_among(&mut self, people: &[PersonNo], most: usize) -> Vec<PersonNo> {
        let free = people.iter().filter(|person| !self.taken[**person as usize]);
        let free: Vec<PersonNo> = free.take(most).copied().collect();
        for person in &free {
            self.taken[*person as usize] = true;
        }
        free
    }

    /// Draws somebody for a new chain; one in six lives where the commune's own tracer works.
    fn draw_index(&mut self) -> Option<PersonNo> {
        let there = seed::unit(&mut self.rng) < 1.0 / 6.0;
        for _ in 0..4000 {
            let person = self.draw_free()?;
            if !there || self.population.commune(person).code == COMMUNE {
                return Some(person);
            }
            self.taken[person as usize] = false;
        }
        self.draw_free()
    }

    fn draw_free(&mut self) -> Option<PersonNo> {
        let all = self.population.len();
        for _ in 0..1000 {
            let person = self.below(all);
            if !std::mem::replace(&mut self.taken[person as usize], true) {
                return Some(person);
            }
        }
        None
    }

    /// Draws somebody, more likely of the same district.
    fn draw_near(&mut self, person: PersonNo) -> Option<PersonNo> {
        let district = self.population.commune(person).district.clone();
        let mut found = None;
        for _ in 0..12 {
            let other = self.draw_free()?;
            if let Some(before) = found.replace(other) {
                self.taken[before as usize] = false;
            }
            if self.population.commune(other).district == district {
                break;
            }
        }
        found
    }

    pub(super) fn act(&mut self, at: UnixSeconds, seat: Seat, what: What) {
        if at < self.now {
            self.acts.push(Act { at, seat, what });
        }
    }

    pub(super) fn seat_of(&self, person: PersonNo) -> Seat {
        Seat::DistrictOf(self.commune_of(person))
    }

    pub(super) fn commune_of(&self, person: PersonNo) -> u16 {
        self.population.commune_number(person)
    }

    pub(super) fn unit(&mut self) -> f64 {
        seed::unit(&mut self.rng)
    }

    pub(super) fn below(&mut self, below: u32) -> u32 {
        seed::below(&mut self.rng, below)
    }

    /// Draws `least` hours and up to `more` further ones, in seconds.
    fn hours(&mut self, least: i64, more: u32) -> i64 {
        least * 3600 + i64::from(self.below(more * 60)) * 60
    }

    fn nights(&mut self) {
        let (first, last) = (LocalDay::at(self.begin), LocalDay::at(self.now));
        for day in first.0 + 1..=last.0 {
            self.act(LocalDay(day).time(0, 30), Seat::Night, What::Night);
        }
    }
}

/// Returns the time itself between half past seven and nine in the evening, else the next such morning.
pub(super) fn office_hours(at: UnixSeconds) -> UnixSeconds {
    let day = LocalDay::at(at);
    let (from, to) = (day.time(7, 30), day.time(21, 0));
    match at {
        at if at < from => from.plus(at.0.rem_euclid(5400)),
        at if at > to => day.offset(1).time(7, 30).plus(at.0.rem_euclid(5400)),
        at => at,
    }
}
