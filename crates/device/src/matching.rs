//! Finds the diagnosis keys that were heard: identifiers of published keys against observed identifiers.
//!
//! An identifier is uniformly random, so it is its own hash. Each key's identifiers are derived in one batch; each asks a
//! filter of 64-bit words (three bits in one word, at least 32 bits an observed identifier), and what passes is looked
//! up in a sorted table. The word is chosen by the identifier's high half, the bits by its low half.

use protocol::{
    diagnosis::DiagnosisKey,
    proximity::{IdentifierBlock, RollingProximityIdentifier, identifiers_into},
    time::{INTERVALS_PER_DAY, IntervalNumber},
};

const FILTER_BITS_PER_ID: usize = 32;
/// Identifiers asked about together.
const CHUNK: usize = 16;

/// A diagnosis key that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Position of the key in the slice searched.
    pub key: usize,
    /// Interval in which the key's owner broadcast the identifier.
    pub interval: IntervalNumber,
    /// The identifier.
    pub rpi: RollingProximityIdentifier,
}

/// Observed identifiers, prepared for searching.
pub struct Matcher {
    words: Vec<u64>,
    /// Bits to drop from an identifier's high half to get its word.
    shift: u32,
    sorted: Vec<u128>,
}

impl Matcher {
    /// Prepares the observed identifiers; duplicates do no harm.
    pub fn new(observed: &[RollingProximityIdentifier]) -> Self {
        let mut sorted: Vec<u128> = observed.iter().map(|rpi| u128::from_le_bytes(rpi.0)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        // At least two words: a shift by 64 bits would overflow.
        let words = (sorted.len() * FILTER_BITS_PER_ID / 64).next_power_of_two().max(2);
        let mut matcher = Self {
            words: vec![0; words],
            shift: 64 - words.ilog2(),
            sorted,
        };
        for &id in &matcher.sorted {
            let (word, bits) = slot(id, matcher.shift);
            matcher.words[word] |= bits;
        }
        matcher
    }

    /// Returns whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Returns every match of `keys`, in their order, each key's within its own validity only.
    ///
    /// # Cost
    ///
    /// About 27,000 instructions a key of 144 intervals at 10,000 observed identifiers.
    pub fn matches(&self, keys: &[DiagnosisKey]) -> Vec<Match> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        let mut blocks = [IdentifierBlock::default(); INTERVALS_PER_DAY as usize];
        let countable = |key: &DiagnosisKey| key.rolling_start.0 < u32::MAX - INTERVALS_PER_DAY;
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| countable(key)) {
            let blocks = &mut blocks[..key.rolling_period.intervals() as usize];
            identifiers_into(&key.key, key.rolling_start, blocks);
            for (chunk, blocks) in (0..).zip(blocks.chunks(CHUNK)) {
                if self.may_hold_any(blocks) {
                    let start = key.rolling_start.offset(chunk * CHUNK as i64);
                    found.extend(
                        self.look_up(blocks, start)
                            .map(|(interval, rpi)| Match { key: at, interval, rpi }),
                    );
                }
            }
        }
        found
    }

    /// Asks the filter about a chunk at once: one branch a chunk is cheaper than one an identifier.
    fn may_hold_any(&self, blocks: &[IdentifierBlock]) -> bool {
        let mut missing = true;
        for block in blocks {
            missing &= !self.may_hold(u128::from_le_bytes((*block).into()));
        }
        !missing
    }

    fn may_hold(&self, id: u128) -> bool {
        let (word, bits) = slot(id, self.shift);
        !self.words[word] & bits == 0
    }

    /// Looks up each identifier of a chunk that begins at interval `start`: of sixteen mostly one passes the filter, and
    /// asking the filter once more is far cheaper than searching the table.
    fn look_up<'a>(
        &'a self,
        blocks: &'a [IdentifierBlock],
        start: IntervalNumber,
    ) -> impl Iterator<Item = (IntervalNumber, RollingProximityIdentifier)> + 'a {
        let held = |id: [u8; 16]| {
            let id = u128::from_le_bytes(id);
            self.may_hold(id) && self.sorted.binary_search(&id).is_ok()
        };
        let numbered = (start.0..)
            .map(IntervalNumber)
            .zip(blocks.iter().map(|block| (*block).into()));
        numbered
            .filter(move |(_, id)| held(*id))
            .map(|(interval, id)| (interval, RollingProximityIdentifier(id)))
    }
}

/// Returns the filter word of an identifier and its three bits there.
fn slot(id: u128, shift: u32) -> (usize, u64) {
    let (high, low) = ((id >> 64) as u64, id as u64);
    (
        (high >> shift) as usize,
        (1 << (low & 63)) | (1 << (low >> 6 & 63)) | (1 << (low >> 12 & 63)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{
        diagnosis::ReportType,
        proximity::{ProximityKeys, RollingPeriod, TemporaryExposureKey},
    };

    fn key(seed: u8, period: u32) -> DiagnosisKey {
        DiagnosisKey {
            key: [seed; 16],
            rolling_start: IntervalNumber(2_710_080),
            rolling_period: RollingPeriod::new(period).unwrap(),
            report_type: ReportType::ConfirmedTest,
            transmission_risk: 0,
            days_since_onset: None,
        }
    }

    fn heard(seed: u8, interval: u32) -> RollingProximityIdentifier {
        ProximityKeys::derive(&TemporaryExposureKey::from_bytes([seed; 16])).identifier(IntervalNumber(interval))
    }

    #[test]
    fn every_identifier_of_a_key_is_found_and_no_other() {
        let observed: Vec<_> = (2_710_080..2_710_224).map(|interval| heard(1, interval)).collect();
        let found = Matcher::new(&observed).matches(&[key(2, 144), key(1, 144)]);
        let expected: Vec<_> = (2_710_080..2_710_224)
            .map(|interval| Match {
                key: 1,
                interval: IntervalNumber(interval),
                rpi: heard(1, interval),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_identifier_after_the_end_of_its_key_is_not_found() {
        let matcher = Matcher::new(&[heard(1, 2_710_080 + 23), heard(1, 2_710_080 + 24)]);
        let found = matcher.matches(&[key(1, 24)]);
        assert_eq!(found.iter().map(|m| m.interval.0).collect::<Vec<_>>(), [2_710_080 + 23]);
    }

    #[test]
    fn few_and_no_observations_work() {
        assert_eq!(Matcher::new(&[]).matches(&[key(1, 144)]), []);
        assert_eq!(Matcher::new(&[heard(1, 2_710_080); 2]).matches(&[key(1, 144)]).len(), 1);
    }
}
