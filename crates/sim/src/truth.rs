//! Who was together, counted from the recording alone: brute force, nothing shared with the phones' code.

use std::collections::{BTreeMap, BTreeSet};

use crate::recording::{Person, Recording, STEP_SECONDS};

/// Seconds together on one UTC day that make two people close contacts (11042/BYT-DP: at least 15 minutes).
pub const CONTACT_SECONDS: i64 = 900;
const DAY: i64 = 86_400;

/// Seconds together by pair and UTC day, the smaller number first. Day 0 is the recording's first; a contact that ends at
/// its first midnight was on the day before.
pub fn seconds_together(recording: &Recording) -> BTreeMap<(Person, Person), BTreeMap<i64, i64>> {
    let mut pairs: BTreeMap<(Person, Person), BTreeMap<i64, i64>> = BTreeMap::new();
    for row in &recording.rows {
        let day = (row.t - STEP_SECONDS).div_euclid(DAY);
        *pairs.entry((row.a, row.b)).or_default().entry(day).or_default() += STEP_SECONDS;
    }
    pairs
}

/// Close contacts of each person: those together with them for [`CONTACT_SECONDS`] on a day.
pub fn close_contacts(recording: &Recording) -> Vec<BTreeSet<Person>> {
    let mut contacts = vec![BTreeSet::new(); recording.people.len()];
    for ((a, b), days) in seconds_together(recording) {
        if days.values().any(|&seconds| seconds >= CONTACT_SECONDS) {
            contacts[a as usize].insert(b);
            contacts[b as usize].insert(a);
        }
    }
    contacts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording;

    fn contacts(rows: impl Iterator<Item = i64>) -> Vec<BTreeSet<Person>> {
        let text: String = rows.map(|t| format!("{t} 1 2\n")).collect();
        close_contacts(&recording::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn fifteen_minutes_on_one_day_make_a_contact() {
        assert_eq!(
            contacts((1..=45).map(|n| n * 20)),
            [BTreeSet::from([1]), BTreeSet::from([0])]
        );
        assert_eq!(contacts((1..=44).map(|n| n * 20)), [BTreeSet::new(), BTreeSet::new()]);
    }

    #[test]
    fn minutes_of_two_days_do_not_add_up() {
        // 45 rows, of which the first ends at midnight and so lies on the day before.
        assert_eq!(
            contacts((0..45).map(|n| DAY + n * 20)),
            [BTreeSet::new(), BTreeSet::new()]
        );
        assert_eq!(
            contacts((1..=45).map(|n| DAY + n * 20)),
            [BTreeSet::from([1]), BTreeSet::from([0])]
        );
    }
}
