//! Overlaps against brute force over every pair, and files that are not what they should be.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trace::form::{self, FormError};
use trace::visits::{Visit, VisitIndex};

/// Every pair of visits, from the definition.
fn brute_force(visits: &[Visit], cases: &[u32], minimum: u64) -> Vec<(u32, u64, u64)> {
    let mut met: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for x in visits.iter().filter(|x| cases.contains(&x.person)) {
        for y in visits
            .iter()
            .filter(|y| y.venue == x.venue && !cases.contains(&y.person))
        {
            let minutes = (x.to.min(y.to) as i64) - (x.from.max(y.from) as i64);
            if minutes >= minimum as i64 {
                let sum = met.entry(y.person).or_default();
                *sum = (sum.0 + 1, sum.1 + minutes as u64);
            }
        }
    }
    met.into_iter()
        .map(|(person, (pairs, minutes))| (person, pairs, minutes))
        .collect()
}

fn visit() -> impl Strategy<Value = Visit> {
    (0..12u32, 0..4u32, 0..300u64, 0..90u64).prop_map(|(person, venue, from, length)| Visit {
        person,
        venue,
        from,
        to: from + length,
    })
}

proptest! {
    #[test]
    fn overlaps_are_those_of_every_pair(
        visits in prop::collection::vec(visit(), 0..120),
        cases in prop::collection::vec(0..12u32, 0..4),
        minimum in 1..60u64,
    ) {
        let index = VisitIndex::new(visits.iter().copied());
        let found: Vec<_> = index
            .overlaps(&cases, minimum)
            .iter()
            .map(|overlap| (overlap.person, overlap.pairs, overlap.minutes))
            .collect();
        prop_assert_eq!(found, brute_force(&visits, &cases, minimum));
    }
}

#[test]
fn an_end_that_touches_a_beginning_is_no_meeting_and_long_visits_are_not_missed() {
    let visits = [(1, 100, 200), (2, 200, 300), (3, 0, 100), (4, 0, 1_000), (5, 150, 151)];
    let index = VisitIndex::new(visits.map(|(person, from, to)| Visit {
        person,
        venue: 9,
        from,
        to,
    }));
    let met: Vec<_> = index
        .overlaps(&[1], 1)
        .iter()
        .map(|met| (met.person, met.minutes))
        .collect();
    assert_eq!(met, [(4, 100), (5, 1)]);
}

#[test]
fn files_that_are_cut_or_hold_no_numbers_are_refused() {
    assert_eq!(form::check_ins(&[0; 17]), Err(FormError::Cut));
    assert_eq!(form::check_ins(&[]), Ok(Vec::new()));
    let last = form::check_ins(&[0xff; 16]).expect("whole");
    assert_eq!(last[0].to, 2 * u64::from(u32::MAX));
    assert_eq!(
        form::cases("person,onset,isolation\n1,2,3\n1,2\n"),
        Err(FormError::Line(3))
    );
    assert_eq!(form::cases("person,onset,isolation\n-1,2,3\n"), Err(FormError::Line(2)));
    assert_eq!(form::cases("").map(|cases| cases.len()), Ok(0));
}
