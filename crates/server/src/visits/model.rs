//! What a check-in must look like. Pure.

use exposure::visit::Scan;
use protocol::time::UnixSeconds;
use sha2::{Digest, Sha256};

use crate::error::ServiceError;
use crate::people::PersonId;

/// Most check-ins of one request of a person.
pub const MAX_BATCH: usize = 100;
/// How long registered visits are kept, in days (DESIGN §9).
pub const KEPT_DAYS: i64 = 21;
/// How far ahead of the service's clock a check-in may lie, in seconds.
pub const AHEAD_SECONDS: i64 = 300;
/// Longest id of an event, in bytes.
const MAX_EVENT: usize = 64;

/// The clock that made the time was wrong, and the time was put right (V34).
pub const SKEWED: i64 = 1;
/// Somebody else entered it for the person.
pub const BY_PROXY: i64 = 2;

/// A check-in or check-out to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVisit {
    /// Number of the venue.
    pub venue: i64,
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: UnixSeconds,
    /// What was scanned.
    pub scan: Scan,
    /// What makes it the same event when it comes again.
    pub event: i64,
    /// [`SKEWED`], [`BY_PROXY`].
    pub flags: i64,
}

/// Returns what an event's id is stored as: eight bytes of its hash, unique within a venue and a second.
///
/// # Errors
///
/// [`ServiceError::Invalid`] for an id that is empty or longer than 64 bytes.
pub fn event_number(id: &str) -> Result<i64, ServiceError> {
    if id.is_empty() || id.len() > MAX_EVENT {
        return Err(ServiceError::Invalid {
            field: "event_id",
            why: "has 1 to 64 bytes",
        });
    }
    let digest = Sha256::digest(id.as_bytes());
    Ok(digest.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes)))
}

/// Checks when a check-in was: not older than registered visits are kept, not in the future.
///
/// # Errors
///
/// [`ServiceError::Invalid`] `at`.
pub fn check_time(at: UnixSeconds, now: UnixSeconds) -> Result<(), ServiceError> {
    let invalid = |why| Err(ServiceError::Invalid { field: "at", why });
    if at.0 > now.0.saturating_add(AHEAD_SECONDS) {
        return invalid("lies in the future");
    }
    if at.0 < now.0.saturating_sub(KEPT_DAYS * 86_400) {
        return invalid("is older than 21 days");
    }
    Ok(())
}

/// Returns the number a scan is stored as.
pub(super) fn scan_number(scan: Scan) -> (i64, Option<i64>) {
    match scan {
        Scan::In => (0, None),
        Scan::Out => (1, None),
        Scan::Whole(until) => (2, Some(until)),
    }
}

/// Reads a stored scan.
pub(super) fn scan_of(number: i64, until: Option<i64>) -> Option<Scan> {
    match (number, until) {
        (0, None) => Some(Scan::In),
        (1, None) => Some(Scan::Out),
        (2, Some(until)) => Some(Scan::Whole(until)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_same_number_whenever_it_comes() {
        assert_eq!(event_number("a").expect("an id"), event_number("a").expect("an id"));
        assert_ne!(event_number("a").expect("an id"), event_number("b").expect("an id"));
        assert!(event_number("").is_err() && event_number(&"a".repeat(65)).is_err());
    }

    #[test]
    fn times_of_the_future_and_of_long_ago_are_refused() {
        let now = UnixSeconds(1_626_048_000);
        let fits = |ago: i64| check_time(now.plus(-ago), now).is_ok();
        assert!(fits(0) && fits(-300) && fits(21 * 86_400));
        assert!(!fits(-301) && !fits(21 * 86_400 + 1));
        assert!(check_time(UnixSeconds(i64::MIN), now).is_err() && check_time(UnixSeconds(i64::MAX), now).is_err());
    }

    #[test]
    fn scans_are_read_back() {
        for scan in [Scan::In, Scan::Out, Scan::Whole(7)] {
            let (number, until) = scan_number(scan);
            assert_eq!(scan_of(number, until), Some(scan));
        }
        assert_eq!(scan_of(2, None), None);
        assert_eq!(scan_of(9, None), None);
    }
}
