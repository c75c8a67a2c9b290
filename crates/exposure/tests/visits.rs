//! Visits from scans: whatever the order, against counting second by second.

use std::collections::BTreeMap;

use exposure::visit::{Ends, Event, Scan, Visit, Who, company, present, visits};
use proptest::prelude::*;

const LONGEST: i64 = 600;

fn who(number: u8) -> Who {
    [number; 16]
}

fn event(number: u8, at: i64, scan: Scan) -> Event {
    Event {
        who: who(number),
        at,
        scan,
    }
}

/// Person, beginning, end and how far they are known.
fn short(visits: &[Visit]) -> Vec<(u8, i64, i64, Ends)> {
    visits
        .iter()
        .map(|visit| (visit.who[0], visit.from, visit.to, visit.ends))
        .collect()
}

fn of(events: &[Event]) -> Vec<(u8, i64, i64, Ends)> {
    short(&visits(events, LONGEST, 10_000))
}

#[test]
fn scans_pair_up_and_missing_ones_are_marked() {
    use Scan::{In, Out, Whole};
    assert_eq!(
        of(&[event(1, 100, In), event(1, 400, Out)]),
        [(1, 100, 400, Ends::Scanned)]
    );
    assert_eq!(of(&[event(1, 100, In)]), [(1, 100, 700, Ends::NoOut)]);
    assert_eq!(of(&[event(1, 9_900, In)]), [(1, 9_900, 10_000, Ends::Open)]);
    assert_eq!(of(&[event(1, 1_000, Out)]), [(1, 400, 1_000, Ends::NoIn)]);
    // Too long ago to be one visit: two halves.
    assert_eq!(
        of(&[event(1, 100, In), event(1, 2_000, Out)]),
        [(1, 100, 700, Ends::NoOut), (1, 1_400, 2_000, Ends::NoIn)]
    );
    // Came in again without having gone out.
    assert_eq!(
        of(&[event(1, 100, In), event(1, 300, In), event(1, 500, Out)]),
        [(1, 100, 300, Ends::NoOut), (1, 300, 500, Ends::Scanned)]
    );
    // Went out twice: the second visit begins where the first ended.
    assert_eq!(
        of(&[event(1, 100, In), event(1, 300, Out), event(1, 600, Out)]),
        [(1, 100, 300, Ends::Scanned), (1, 300, 600, Ends::NoIn)]
    );
    // The same scan again, out of doubt.
    assert_eq!(
        of(&[
            event(1, 100, In),
            event(1, 130, In),
            event(1, 300, Out),
            event(1, 310, Out)
        ]),
        [(1, 100, 300, Ends::Scanned)]
    );
    assert_eq!(of(&[event(1, 100, Whole(250))]), [(1, 100, 250, Ends::Scanned)]);
    assert_eq!(
        of(&[event(1, 100, Whole(50)), event(2, 100, Whole(9_999))]),
        [(2, 100, 700, Ends::Scanned)]
    );
    assert_eq!(of(&[]), []);
}

#[test]
fn whoever_is_there_is_counted_once() {
    use Scan::{In, Out};
    let all = [
        event(1, 9_500, In),
        event(2, 9_600, In),
        event(2, 9_700, Out),
        event(3, 100, In),
        event(4, 9_990, In),
        event(4, 9_995, In),
    ];
    assert_eq!(present(&visits(&all, LONGEST, 10_000), 10_000), 2);
}

#[test]
fn those_scanned_at_both_ends_come_first_then_the_longest_together() {
    let visit = |number: u8, from, to, ends| Visit {
        who: who(number),
        from,
        to,
        ends,
    };
    let all = [
        visit(1, 100, 400, Ends::Scanned),
        visit(1, 500, 600, Ends::Scanned),
        visit(2, 0, 1_000, Ends::NoOut),
        visit(3, 350, 550, Ends::Scanned),
        visit(4, 390, 500, Ends::Scanned),
        visit(5, 400, 500, Ends::Scanned),
    ];
    let met: Vec<_> = company(&all, who(1), 0, 1_000)
        .iter()
        .map(|met| (met.who[0], met.seconds, met.from, met.is_scanned))
        .collect();
    assert_eq!(met, [(3, 100, 350, true), (4, 10, 390, true), (2, 400, 100, false)]);
    assert!(company(&all, who(1), 400, 500).is_empty());
    assert!(company(&all, who(9), 0, 1_000).is_empty());
}

fn scan() -> impl Strategy<Value = Event> {
    (0..6u8, 0..3_000i64, 0..4u8, 1..900i64).prop_map(|(number, at, kind, length)| {
        let scan = match kind {
            0 | 1 => Scan::In,
            2 => Scan::Out,
            _ => Scan::Whole(at + length),
        };
        event(number, at, scan)
    })
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(events in prop::collection::vec(scan(), 0..60), at in 0..1000usize) {
        let first = visits(&events, LONGEST, 4_000);
        let mut other = events.clone();
        other.reverse();
        if !other.is_empty() {
            let middle = at % other.len();
            other.rotate_left(middle);
            other.push(other[middle]);
        }
        prop_assert_eq!(&first, &visits(&other, LONGEST, 4_000));
        for visit in &first {
            prop_assert!(visit.from < visit.to && visit.to - visit.from <= LONGEST);
        }
    }

    /// Every second of everybody, counted.
    #[test]
    fn company_is_what_counting_seconds_gives(
        events in prop::collection::vec(scan(), 0..40),
        from in 0..1_500i64,
        length in 1..2_500i64,
    ) {
        let all = visits(&events, LONGEST, 4_000);
        let there = |number: u8, second: i64| {
            all.iter().any(|visit| visit.who == who(number) && visit.from <= second && second < visit.to)
        };
        let mut counted: BTreeMap<u8, i64> = BTreeMap::new();
        for second in from..from + length {
            for other in (1..6).filter(|_| there(0, second)).filter(|&other| there(other, second)) {
                *counted.entry(other).or_default() += 1;
            }
        }
        let met: BTreeMap<u8, i64> = company(&all, who(0), from, from + length)
            .iter()
            .map(|met| (met.who[0], met.seconds))
            .collect();
        prop_assert_eq!(met, counted);
    }
}
