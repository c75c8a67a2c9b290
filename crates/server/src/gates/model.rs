//! What a gate is, and when a scan was that a gate with a wrong clock kept. Pure.

use protocol::gate::GATE_ID_BYTES;
use protocol::gate::record::Record;
use protocol::gate::rules::{Kind, Way};
use protocol::signature::PublicKey;
use protocol::time::{DAY_SECONDS, UnixSeconds};

use crate::error::ServiceError;
use crate::people;

/// Longest name of a gate, in characters.
pub const MAX_NAME: usize = 60;
/// Most gates of a venue, and most guards.
pub const MAX_GATES: usize = 50;
/// How long a link that opens a gate works, in seconds.
pub const LINK_SECONDS: i64 = 900;
/// How long rules are good, in seconds (V67).
pub const RULES_SECONDS: i64 = 2 * DAY_SECONDS;
/// After how long a gate gets new rules although nothing changed, in seconds.
pub const RENEW_SECONDS: i64 = 6 * 3600;
/// Most records of one request.
pub const MAX_RECORDS: usize = 200;
/// How far a clock may be off before its times are put right, in seconds (V70).
pub const SKEW_SECONDS: i64 = 120;

/// Id of a gate.
pub type GateId = [u8; GATE_ID_BYTES];

/// A gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Id.
    pub id: GateId,
    /// Number, in records.
    pub number: i64,
    /// The venue it stands at.
    pub venue_id: String,
    /// Name.
    pub name: String,
    /// Which way people go.
    pub way: Way,
    /// What it takes.
    pub takes: Vec<Kind>,
    /// When it was made.
    pub made_at: UnixSeconds,
    /// When its rules last changed.
    pub changed_at: UnixSeconds,
    /// The key of the device, once one has been enrolled.
    pub point: Option<PublicKey>,
    /// When that was.
    pub enrolled_at: Option<UnixSeconds>,
    /// When the device was last heard of.
    pub seen_at: Option<UnixSeconds>,
    /// By how much its clock was off then, in seconds; positive when it was ahead.
    pub skew_s: Option<i64>,
    /// When two devices were found to use its key.
    pub forked_at: Option<UnixSeconds>,
    /// When the device was told to forget everything.
    pub wiped_at: Option<UnixSeconds>,
}

/// A gate to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGate {
    /// Name.
    pub name: String,
    /// Which way people go.
    pub way: Way,
    /// What it takes.
    pub takes: Vec<Kind>,
}

impl NewGate {
    /// Returns it with every field in its one form.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] names the field.
    pub fn check(self) -> Result<Self, ServiceError> {
        let name = people::line(&self.name, MAX_NAME, "gate_name")?;
        let invalid = |field, why| ServiceError::Invalid { field, why };
        if !name.chars().any(char::is_alphanumeric) {
            return Err(invalid("gate_name", "must have a letter"));
        }
        if self.takes.is_empty() {
            return Err(invalid("takes", "must be at least one"));
        }
        Ok(Self { name, ..self })
    }
}

/// Returns the number a way is stored as.
pub(super) fn way_number(way: Way) -> i64 {
    match way {
        Way::Both => 0,
        Way::In => 1,
        Way::Out => 2,
    }
}

/// Reads a stored way.
pub(super) fn way_of(number: i64) -> Option<Way> {
    [Way::Both, Way::In, Way::Out]
        .into_iter()
        .find(|way| way_number(*way) == number)
}

/// Returns the bits that kinds are stored as.
pub(super) fn kinds_number(kinds: &[Kind]) -> i64 {
    let bit = |kind: &Kind| {
        Kind::ALL
            .iter()
            .position(|known| known == kind)
            .map_or(0, |at| 1_i64 << at)
    };
    kinds.iter().map(bit).fold(0, |all, bit| all | bit)
}

/// Reads stored kinds.
pub(super) fn kinds_of(number: i64) -> Vec<Kind> {
    let has = |(at, _): &(usize, Kind)| number & (1 << at) != 0;
    Kind::ALL
        .into_iter()
        .enumerate()
        .filter(has)
        .map(|(_, kind)| kind)
        .collect()
}

/// When a gate sent a request, by its own clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which start of the gate it is.
    pub run: u32,
    /// By the clock on the wall.
    pub at: i64,
    /// By the clock that nobody can set, counted from the service's last answer.
    pub known: Option<i64>,
}

/// When a scan was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// When it was.
    pub at: UnixSeconds,
    /// Whether the gate's clock said something else.
    pub is_skewed: bool,
}

/// Returns when a scan was (V70): by the clock that nobody can set where it is right, else by the clock on the wall and how far that one
/// is off now; never after it arrived.
pub fn corrected(record: &Record, sent: Sent, received: UnixSeconds) -> Corrected {
    let off = |clock: i64| received.0.saturating_sub(clock);
    // A device that slept counted on: its other clock is behind then, and the one on the wall is the better.
    let is_right = sent.run != record.run || sent.known.is_some_and(|known| off(known).abs() <= SKEW_SECONDS);
    let at = match record.known {
        Some(known) if is_right => known,
        _ => record.at.saturating_add(off(sent.at)),
    };
    let at = at.min(received.0);
    Corrected {
        at: UnixSeconds(at),
        is_skewed: at.saturating_sub(record.at).abs() > SKEW_SECONDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::gate::record::{Direction, Evidence};

    const NOW: i64 = 1_626_048_000;
    const HOURS: i64 = 3600;

    fn record(at: i64, known: Option<i64>, run: u32) -> Record {
        Record {
            at,
            known,
            run,
            direction: Direction::In,
            guard: String::new(),
            who: Evidence::Scanned(String::new()),
        }
    }

    fn judged(record: &Record, at: i64, known: Option<i64>) -> (i64, bool) {
        let sent = Sent { run: 2, at, known };
        let corrected = corrected(record, sent, UnixSeconds(NOW));
        (corrected.at.0.saturating_sub(NOW), corrected.is_skewed)
    }

    #[test]
    fn a_clock_that_is_right_is_left_alone() {
        let scanned = record(NOW - HOURS, Some(NOW - HOURS), 2);
        assert_eq!(judged(&scanned, NOW, Some(NOW)), (-HOURS, false));
        assert_eq!(judged(&record(NOW - HOURS, None, 2), NOW, None), (-HOURS, false));
    }

    #[test]
    fn a_clock_that_was_moved_and_moved_back_is_put_right() {
        for moved in [3 * HOURS, -3 * HOURS] {
            let scanned = record(NOW - HOURS + moved, Some(NOW - HOURS), 2);
            assert_eq!(judged(&scanned, NOW, Some(NOW)), (-HOURS, true));
            // Started anew since: what the other clock said then stands.
            let before = record(NOW - HOURS + moved, Some(NOW - HOURS), 1);
            assert_eq!(judged(&before, NOW, None), (-HOURS, true));
            // Never heard of the service, and the clock is still wrong.
            let alone = record(NOW - HOURS + moved, None, 2);
            assert_eq!(judged(&alone, NOW + moved, None), (-HOURS, true));
        }
    }

    #[test]
    fn a_device_that_slept_is_believed_by_its_clock_on_the_wall() {
        let scanned = record(NOW - HOURS, Some(NOW - 5 * HOURS), 2);
        assert_eq!(judged(&scanned, NOW, Some(NOW - 4 * HOURS)), (-HOURS, false));
    }

    #[test]
    fn nothing_was_scanned_after_it_arrived() {
        let (at, is_skewed) = judged(&record(i64::MAX, None, 2), NOW, None);
        assert_eq!((at, is_skewed), (0, true));
        // A clock that is right and says so is believed; so old a visit is refused elsewhere.
        assert_eq!(
            judged(&record(i64::MIN, None, 2), NOW, Some(i64::MIN)),
            (i64::MIN, false)
        );
        assert!(judged(&record(0, Some(i64::MAX), 1), i64::MIN, None).0 <= 0);
    }

    #[test]
    fn ways_and_kinds_are_read_as_they_were_stored() {
        for way in [Way::Both, Way::In, Way::Out] {
            assert_eq!(way_of(way_number(way)), Some(way));
        }
        assert_eq!(way_of(3), None);
        for number in 0..16 {
            assert_eq!(kinds_number(&kinds_of(number)), number);
        }
    }
}
