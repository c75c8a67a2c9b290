//! What the devices found against what is true.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Replay, index::CaseOutcome};
use crate::{
    recording::{Person, Recording},
    truth::CONTACT_SECONDS,
};

/// Days before onset from which on a case is infectious (11042/BYT-DP), and days after it until which.
const INFECTIOUS_DAYS: std::ops::RangeInclusive<i64> = -2..=14;

/// Everybody's seconds together, on the days that count.
pub(super) struct Truth {
    seconds: BTreeMap<Person, BTreeMap<(Person, i64), i64>>,
}

impl Truth {
    /// * `onset_day`: onset of the index person's symptoms, day of the recording; every day counts without it
    pub(super) fn new(together: BTreeMap<(Person, Person), BTreeMap<i64, i64>>, onset_day: Option<i64>) -> Self {
        let mut seconds: BTreeMap<Person, BTreeMap<(Person, i64), i64>> = BTreeMap::new();
        for ((a, b), days) in together {
            for (day, s) in days {
                if onset_day.is_none_or(|onset| INFECTIOUS_DAYS.contains(&(day - onset))) {
                    seconds.entry(a).or_default().insert((b, day), s);
                    seconds.entry(b).or_default().insert((a, day), s);
                }
            }
        }
        Self { seconds }
    }

    fn seconds(&self, person: Person, other: Person, day: i64) -> i64 {
        self.seconds
            .get(&person)
            .and_then(|of| of.get(&(other, day)))
            .copied()
            .unwrap_or(0)
    }

    fn contact_days(&self, person: Person) -> impl Iterator<Item = (Person, i64)> + '_ {
        let days = self.seconds.get(&person).into_iter().flatten();
        days.filter(|(_, seconds)| **seconds >= CONTACT_SECONDS)
            .map(|(key, _)| *key)
    }

    fn contacts(&self, person: Person) -> BTreeSet<Person> {
        self.contact_days(person).map(|(other, _)| other).collect()
    }
}

/// Over all index persons of a replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// People in the recording.
    pub people: usize,
    /// People with a device.
    pub covered: usize,
    /// Index persons.
    pub index_persons: usize,
    /// Close contacts of the index persons, with a device or without, counted once for each index person.
    pub true_contacts: usize,
    /// People who got a notice, counted the same way.
    pub notified: usize,
    /// Share of the close contacts who got a notice; `null` without a contact. With every index person covered this is the
    /// share found given that the case has a device.
    pub recall: Option<f64>,
    /// Share of the notified who are close contacts; `null` when nobody was notified.
    pub precision: Option<f64>,
    /// Found close contacts among all pairs of the recording, both directions, whoever has a device; only when every
    /// covered person was an index person.
    pub found_share_of_all_pairs: Option<f64>,
    /// Mean absolute difference between the device's minutes and the true ones, over person-days that are a close contact
    /// or have a notice, both people having devices; `null` when there is none.
    pub minutes_error_mean: Option<f64>,
    /// Largest of these differences.
    pub minutes_error_max: Option<f64>,
    /// Their signed mean: above 0 the devices count too much.
    pub minutes_bias: Option<f64>,
}

/// One person of the recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonResult {
    /// Name in the recording.
    pub person: String,
    /// Whether they have a device.
    pub covered: bool,
    /// Whether they were confirmed.
    pub index: bool,
    /// Their true close contacts, when they were confirmed.
    pub true_contacts: Vec<String>,
    /// Who got a notice, when they were confirmed.
    pub notified: Vec<String>,
    /// Share of the close contacts found; `null` without a contact.
    pub recall: Option<f64>,
    /// Share of the notified who are close contacts; `null` when nobody was notified.
    pub precision: Option<f64>,
    /// Every contact's day that is true or was noticed.
    pub days: Vec<ContactDay>,
}

/// What one other person's device says of one day, and what is true.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactDay {
    /// The other person.
    pub person: String,
    /// Day of the recording.
    pub day: i64,
    /// Minutes together.
    pub true_minutes: f64,
    /// Weighted minutes as the device counts them; `null` without a device.
    pub minutes: Option<f64>,
    /// Whether there is a notice.
    pub notice: bool,
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

pub(super) fn replay(recording: &Recording, covered: &[bool], truth: &Truth, outcomes: Vec<CaseOutcome>) -> Replay {
    let cases: BTreeMap<Person, &CaseOutcome> = outcomes.iter().map(|outcome| (outcome.index, outcome)).collect();
    let people: Vec<PersonResult> = (0..)
        .zip(covered)
        .map(|(person, &covered_here)| match cases.get(&person) {
            Some(case) => confirmed(recording, covered, truth, case),
            None => PersonResult {
                person: recording.people[person as usize].clone(),
                covered: covered_here,
                index: false,
                true_contacts: Vec::new(),
                notified: Vec::new(),
                recall: None,
                precision: None,
                days: Vec::new(),
            },
        })
        .collect();
    let every_covered = cases.len() == covered.iter().filter(|covered| **covered).count();
    let all_pairs: usize = (0..)
        .take(covered.len())
        .map(|person| truth.contacts(person).len())
        .sum();
    let mut summary = summarise(&people);
    summary.found_share_of_all_pairs = share(hits(&people), all_pairs).filter(|_| every_covered);
    Replay {
        summary,
        people,
        server_rows: outcomes
            .first()
            .map(|outcome| outcome.server_rows.clone())
            .unwrap_or_default(),
        identifiers_found: outcomes
            .into_iter()
            .flat_map(|outcome| outcome.identifiers_found)
            .collect(),
    }
}

fn confirmed(recording: &Recording, covered: &[bool], truth: &Truth, case: &CaseOutcome) -> PersonResult {
    let name = |person: Person| recording.people[person as usize].clone();
    let names = |people: &BTreeSet<Person>| people.iter().map(|&person| name(person)).collect();
    let contacts = truth.contacts(case.index);
    let noticed_days = case
        .found
        .iter()
        .filter(|(_, (_, notice))| *notice)
        .map(|(key, _)| *key);
    let notified: BTreeSet<Person> = noticed_days.clone().map(|(person, _)| person).collect();
    let days: BTreeSet<(Person, i64)> = truth.contact_days(case.index).chain(noticed_days).collect();
    let day = |(person, day): (Person, i64)| {
        let found = case.found.get(&(person, day));
        ContactDay {
            person: name(person),
            day,
            true_minutes: truth.seconds(case.index, person, day) as f64 / 60.0,
            minutes: covered[person as usize].then(|| found.map_or(0.0, |(minutes, _)| *minutes)),
            notice: found.is_some_and(|(_, notice)| *notice),
        }
    };
    let right = contacts.intersection(&notified).count();
    PersonResult {
        person: name(case.index),
        covered: true,
        index: true,
        recall: share(right, contacts.len()),
        precision: share(right, notified.len()),
        true_contacts: names(&contacts),
        notified: names(&notified),
        days: days.into_iter().map(day).collect(),
    }
}

fn hits(people: &[PersonResult]) -> usize {
    let of = |person: &PersonResult| {
        person
            .notified
            .iter()
            .filter(|name| person.true_contacts.contains(name))
            .count()
    };
    people.iter().map(of).sum()
}

fn summarise(people: &[PersonResult]) -> Summary {
    let sum = |of: fn(&PersonResult) -> usize| people.iter().map(of).sum::<usize>();
    let (true_contacts, notified) = (
        sum(|person| person.true_contacts.len()),
        sum(|person| person.notified.len()),
    );
    let errors: Vec<f64> = people
        .iter()
        .flat_map(|person| &person.days)
        .filter_map(|day| day.minutes.map(|minutes| minutes - day.true_minutes))
        .collect();
    let mean = |sum: f64| (!errors.is_empty()).then(|| sum / errors.len() as f64);
    Summary {
        people: people.len(),
        covered: sum(|person| usize::from(person.covered)),
        index_persons: sum(|person| usize::from(person.index)),
        true_contacts,
        notified,
        recall: share(hits(people), true_contacts),
        precision: share(hits(people), notified),
        found_share_of_all_pairs: None,
        minutes_error_mean: mean(errors.iter().map(|error| error.abs()).sum()),
        minutes_error_max: errors.iter().map(|error| error.abs()).max_by(f64::total_cmp),
        minutes_bias: mean(errors.iter().sum()),
    }
}
