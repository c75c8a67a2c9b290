//! Who can hear whom, by the recording.

use crate::recording::{Person, Recording, Row, STEP_SECONDS};

/// For each person, who was near them and when, in the order of time.
pub(super) struct Air {
    near: Vec<Vec<(i64, Person)>>,
}

impl Air {
    /// Keeps the contacts between covered people only: other people's phones are silent and deaf.
    pub(super) fn new(recording: &Recording, covered: &[bool]) -> Self {
        let mut near = vec![Vec::new(); recording.people.len()];
        for &Row { t, a, b } in &recording.rows {
            if covered[a as usize] && covered[b as usize] {
                near[a as usize].push((t, b));
                near[b as usize].push((t, a));
            }
        }
        Self { near }
    }

    /// Returns who is near `person` at second `at`: a row `t` covers the seconds from `t − 20` up to, not including, `t`.
    pub(super) fn near(&self, person: Person, at: i64) -> impl Iterator<Item = Person> + '_ {
        let rows = &self.near[person as usize];
        let first = rows.partition_point(|&(t, _)| t <= at);
        let mut heard: Vec<Person> = Vec::new();
        for &(_, other) in rows[first..].iter().take_while(|&&(t, _)| t <= at + STEP_SECONDS) {
            if !heard.contains(&other) {
                heard.push(other);
            }
        }
        heard.into_iter()
    }

    /// Returns the first second from `at` on at which somebody is near `person`.
    pub(super) fn next_company(&self, person: Person, at: i64) -> Option<i64> {
        let rows = &self.near[person as usize];
        let first = rows.partition_point(|&(t, _)| t <= at);
        rows.get(first).map(|&(t, _)| at.max(t - STEP_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::read;

    #[test]
    fn a_row_covers_the_twenty_seconds_before_it() {
        let air = Air::new(&read(b"40 1 2\n60 1 2\n60 1 3\n").unwrap(), &[true; 3]);
        let near = |at| air.near(0, at).collect::<Vec<_>>();
        assert_eq!((near(19), near(20), near(39)), (vec![], vec![1], vec![1]));
        assert_eq!((near(40), near(59), near(60)), (vec![1, 2], vec![1, 2], vec![]));
        assert_eq!(
            (air.next_company(0, 0), air.next_company(0, 30), air.next_company(0, 60)),
            (Some(20), Some(30), None)
        );
    }

    #[test]
    fn an_uncovered_person_is_not_heard() {
        let air = Air::new(&read(b"40 1 2\n").unwrap(), &[true, false]);
        assert_eq!(air.near(0, 30).count() + air.near(1, 30).count(), 0);
    }
}
