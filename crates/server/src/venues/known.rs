//! Codes that were good a moment ago: a morning's queue scans one poster, and neither signature nor database says anything new of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::time::UnixSeconds;

/// How long a code counts as good without a look, in seconds: so long may another process still take one that was taken back (V8).
const KNOWN_SECONDS: i64 = 60;
/// Most codes that are kept; of more, none are, until they come again.
const MOST: usize = 50_000;
/// Longest code that is kept, in bytes.
const LONGEST: usize = 512;

/// Codes as they were scanned, with the numbers of their venues.
#[derive(Debug, Default)]
pub(crate) struct KnownCodes(Mutex<HashMap<Box<str>, (i64, UnixSeconds)>>);

impl KnownCodes {
    fn map(&self) -> MutexGuard<'_, HashMap<Box<str>, (i64, UnixSeconds)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of the venue whose code this was within the last minute.
    pub(super) fn find(&self, scanned: &str, now: UnixSeconds) -> Option<i64> {
        let known = self.map();
        let (venue, at) = known.get(scanned)?;
        // A clock that was put back makes nothing known for longer.
        (0..KNOWN_SECONDS).contains(&(now.0 - at.0)).then_some(*venue)
    }

    /// Keeps that a code is good now.
    pub(super) fn keep(&self, scanned: &str, venue: i64, now: UnixSeconds) {
        if scanned.len() > LONGEST {
            return;
        }
        let mut known = self.map();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(scanned.into(), (venue, now));
    }

    /// Forgets all codes of a venue, one of which was taken back.
    pub(super) fn forget(&self, venue: i64) {
        self.map().retain(|_, (known, _)| *known != venue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_for_a_minute_and_until_it_is_taken_back() {
        let known = KnownCodes::default();
        let now = UnixSeconds(1_000);
        known.keep("A", 1, now);
        known.keep("B", 2, now);
        assert_eq!((known.find("A", now), known.find("a", now)), (Some(1), None));
        assert_eq!(known.find("A", now.plus(KNOWN_SECONDS - 1)), Some(1));
        assert_eq!(known.find("A", now.plus(KNOWN_SECONDS)), None);
        assert_eq!(known.find("A", now.plus(-1)), None);
        known.forget(1);
        assert_eq!((known.find("A", now), known.find("B", now)), (None, Some(2)));
    }

    #[test]
    fn it_never_grows_without_end() {
        let known = KnownCodes::default();
        for venue in 0..MOST as i64 + 10 {
            known.keep(&venue.to_string(), venue, UnixSeconds(0));
        }
        known.keep(&"x".repeat(LONGEST + 1), 0, UnixSeconds(0));
        assert_eq!(known.map().len(), 10);
    }
}
