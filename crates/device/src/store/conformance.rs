//! What every [`Store`] must do. A new implementation passes when [`check`] returns.

use super::{Change, MAX_VALUE_BYTES, PERMANENT, Record, Store, StoreFailed, Table};
use protocol::time::UtcDay;

/// Runs the whole suite, each part on a fresh store.
///
/// * `fresh`: returns an empty store, independent of the ones before
/// * `reopen`: closes a store and opens it again from what it made durable
///
/// # Panics
///
/// When the store does not conform.
pub fn check<S: Store>(mut fresh: impl FnMut() -> S, mut reopen: impl FnMut(S) -> S) {
    a_record_is_found_as_written(&mut fresh());
    a_range_is_ordered_and_ends_are_included(&mut fresh());
    a_commit_applies_in_order(&mut fresh());
    a_value_too_long_leaves_nothing_of_its_commit(&mut fresh());
    erasing_a_day_takes_its_records_and_no_others(&mut fresh());
    a_day_can_be_used_again_after_its_erasure(&mut fresh());
    a_snapshot_carries_everything(&mut fresh(), &mut fresh());
    a_broken_snapshot_changes_nothing(&mut fresh());
    what_was_committed_is_there_after_reopening(fresh(), &mut reopen);
    what_was_erased_stays_erased_after_reopening(fresh(), &mut reopen);
}

fn record(table: Table, key: u64, day: u32, value: &[u8]) -> Record {
    Record {
        table,
        key,
        day: UtcDay(day),
        value: value.to_vec(),
    }
}

fn put(table: Table, key: u64, day: u32, value: &[u8]) -> Change {
    Change::Put(record(table, key, day, value))
}

fn keys(store: &impl Store, table: Table) -> Vec<u64> {
    store
        .range(table, 0, u64::MAX)
        .expect("readable")
        .iter()
        .map(|record| record.key)
        .collect()
}

fn filled(store: &mut impl Store) {
    store
        .commit(vec![
            put(Table::State, 1, PERMANENT.0, b"state"),
            put(Table::Sightings, 5, 10, b"five"),
            put(Table::Sightings, 6, 11, b""),
            put(Table::Notices, 10, 10, &[0xff; 5000]),
        ])
        .expect("a commit");
}

fn a_record_is_found_as_written(store: &mut impl Store) {
    filled(store);
    assert_eq!(
        store.find(Table::Sightings, 5),
        Ok(Some(record(Table::Sightings, 5, 10, b"five")))
    );
    assert_eq!(
        store.find(Table::Sightings, 6),
        Ok(Some(record(Table::Sightings, 6, 11, b"")))
    );
    assert_eq!(store.find(Table::Exposures, 5), Ok(None));
    assert_eq!(store.days(), Ok(vec![UtcDay(10), UtcDay(11), PERMANENT]));
}

fn a_range_is_ordered_and_ends_are_included(store: &mut impl Store) {
    let numbers = [u64::MAX, 0, 7, 1 << 63, 8, (1 << 63) - 1];
    store
        .commit(numbers.iter().map(|&key| put(Table::Imports, key, 1, b"x")).collect())
        .expect("a commit");
    assert_eq!(keys(store, Table::Imports), [0, 7, 8, (1 << 63) - 1, 1 << 63, u64::MAX]);
    let some = store.range(Table::Imports, 7, 1 << 63).expect("readable");
    assert_eq!(
        some.iter().map(|record| record.key).collect::<Vec<_>>(),
        [7, 8, (1 << 63) - 1, 1 << 63]
    );
    assert_eq!(store.range(Table::Imports, 9, 8), Ok(vec![]));
}

fn a_commit_applies_in_order(store: &mut impl Store) {
    filled(store);
    store
        .commit(vec![
            put(Table::State, 1, PERMANENT.0, b"one"),
            put(Table::State, 1, 12, b"two"),
            Change::Remove {
                table: Table::Sightings,
                key: 5,
            },
            Change::Remove {
                table: Table::Sightings,
                key: 99,
            },
            Change::Remove {
                table: Table::State,
                key: 2,
            },
            put(Table::State, 2, 12, b"there"),
        ])
        .expect("a commit");
    assert_eq!(
        store.find(Table::State, 1),
        Ok(Some(record(Table::State, 1, 12, b"two")))
    );
    assert_eq!(
        (keys(store, Table::State), keys(store, Table::Sightings)),
        (vec![1, 2], vec![6])
    );
}

fn a_value_too_long_leaves_nothing_of_its_commit(store: &mut impl Store) {
    let long = vec![0; MAX_VALUE_BYTES + 1];
    let refused = store.commit(vec![put(Table::State, 1, 1, b"short"), put(Table::State, 2, 1, &long)]);
    assert_eq!(refused, Err(StoreFailed::TooLong(MAX_VALUE_BYTES + 1)));
    assert_eq!(keys(store, Table::State), [0; 0]);
}

fn erasing_a_day_takes_its_records_and_no_others(store: &mut impl Store) {
    filled(store);
    store.erase_day(UtcDay(10)).expect("an erasure");
    store.erase_day(UtcDay(4)).expect("erasing nothing is no failure");
    assert_eq!(store.days(), Ok(vec![UtcDay(11), PERMANENT]));
    assert_eq!(
        (keys(store, Table::Sightings), keys(store, Table::Notices)),
        (vec![6], vec![])
    );
    store.erase_all().expect("an erasure");
    assert_eq!(store.days(), Ok(vec![]));
}

fn a_day_can_be_used_again_after_its_erasure(store: &mut impl Store) {
    filled(store);
    store.erase_day(UtcDay(10)).expect("an erasure");
    filled(store);
    assert_eq!(
        store.find(Table::Sightings, 5),
        Ok(Some(record(Table::Sightings, 5, 10, b"five")))
    );
}

fn a_snapshot_carries_everything(store: &mut impl Store, other: &mut impl Store) {
    filled(store);
    other
        .commit(vec![put(Table::Imports, 77, 7, b"gone after restoring")])
        .expect("a commit");
    let snapshot = store.snapshot().expect("readable");
    other.restore(&snapshot).expect("a snapshot");
    assert_eq!(other.snapshot(), Ok(snapshot));
    assert_eq!(keys(other, Table::Imports), [0; 0]);
}

fn a_broken_snapshot_changes_nothing(store: &mut impl Store) {
    filled(store);
    let snapshot = store.snapshot().expect("readable");
    assert!(matches!(
        store.restore(&snapshot[1..]),
        Err(StoreFailed::InvalidSnapshot(_))
    ));
    assert_eq!(store.snapshot(), Ok(snapshot));
}

fn what_was_committed_is_there_after_reopening<S: Store>(mut store: S, reopen: &mut impl FnMut(S) -> S) {
    filled(&mut store);
    let snapshot = store.snapshot();
    assert_eq!(reopen(store).snapshot(), snapshot);
}

fn what_was_erased_stays_erased_after_reopening<S: Store>(mut store: S, reopen: &mut impl FnMut(S) -> S) {
    filled(&mut store);
    store.erase_day(UtcDay(10)).expect("an erasure");
    let mut store = reopen(store);
    assert_eq!(store.days(), Ok(vec![UtcDay(11), PERMANENT]));
    store.erase_all().expect("an erasure");
    assert_eq!(reopen(store).days(), Ok(vec![]));
}
