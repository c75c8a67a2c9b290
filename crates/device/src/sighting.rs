//! Sightings and the record that holds those of one interval.

use crate::schedule::{MAX_GAP_SECONDS, UNKNOWN_GAP_SECONDS};
use protocol::{
    proximity::{AssociatedEncryptedMetadata, RollingProximityIdentifier},
    time::{IntervalNumber, UnixSeconds},
};

const ENCODED_BYTES: usize = 38;
const NOT_KNOWN: u16 = u16::MAX;
const UNTRUSTED_CLOCK: u8 = 1;

/// One identifier as heard in one scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Identifier heard.
    pub rpi: RollingProximityIdentifier,
    /// Metadata beside it, readable once the sender's key is published.
    pub aem: AssociatedEncryptedMetadata,
    /// Rounded mean of the packets' signal strength, dBm.
    pub typical_rssi_dbm: i8,
    /// Strongest packet, dBm.
    pub strongest_rssi_dbm: i8,
    /// Packets heard in this scan, at most 255.
    pub packets: u8,
    /// Start of the scan, seconds within the interval.
    pub second: u16,
    /// Seconds since the scan before, `None` when unknown.
    pub since_last_scan: Option<u16>,
    /// Seconds until the next scan as it was planned then.
    pub until_next_scan: u16,
    /// The device's counter; grows with every sighting and every import (docs/spec/proximity.md).
    pub seq: u64,
    /// Whether the device had no signed time to set its clock by.
    pub untrusted_clock: bool,
}

impl Sighting {
    /// Returns when the scan started.
    pub fn at(&self, interval: IntervalNumber) -> UnixSeconds {
        interval.start().plus(i64::from(self.second))
    }

    /// Returns the seconds the scan stands for: half the gap before it and half the gap after, each at most five
    /// minutes, two minutes where the gap before is unknown. Equal gaps give GAEN's "seconds since last scan"; when scans
    /// become denser on company, counting the whole gap before would overstate every meeting.
    pub fn scan_seconds(&self) -> u16 {
        let before = self.since_last_scan.unwrap_or(UNKNOWN_GAP_SECONDS).min(MAX_GAP_SECONDS);
        before.midpoint(self.until_next_scan.min(MAX_GAP_SECONDS))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.rpi.0);
        out.extend(self.aem.0);
        out.extend([
            self.typical_rssi_dbm.cast_unsigned(),
            self.strongest_rssi_dbm.cast_unsigned(),
            self.packets,
        ]);
        out.extend(self.second.to_le_bytes());
        out.extend(self.since_last_scan.unwrap_or(NOT_KNOWN).to_le_bytes());
        out.extend(self.until_next_scan.to_le_bytes());
        out.extend(self.seq.to_le_bytes());
        out.push(if self.untrusted_clock { UNTRUSTED_CLOCK } else { 0 });
    }

    fn decode(bytes: &[u8; ENCODED_BYTES]) -> Self {
        let two = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (mut rpi, mut aem, mut seq) = ([0; 16], [0; 4], [0; 8]);
        rpi.copy_from_slice(&bytes[..16]);
        aem.copy_from_slice(&bytes[16..20]);
        seq.copy_from_slice(&bytes[29..37]);
        Self {
            rpi: RollingProximityIdentifier(rpi),
            aem: AssociatedEncryptedMetadata(aem),
            typical_rssi_dbm: bytes[20].cast_signed(),
            strongest_rssi_dbm: bytes[21].cast_signed(),
            packets: bytes[22],
            second: two(23),
            since_last_scan: Some(two(25)).filter(|&gap| gap != NOT_KNOWN),
            until_next_scan: two(27),
            seq: u64::from_le_bytes(seq),
            untrusted_clock: bytes[37] & UNTRUSTED_CLOCK != 0,
        }
    }
}

/// Returns how many sightings a record's value holds.
pub(crate) fn count(value: &[u8]) -> usize {
    value.len() / ENCODED_BYTES
}

/// Appends sightings to a record's value.
pub(crate) fn append(value: &mut Vec<u8>, sightings: &[Sighting]) {
    for sighting in sightings {
        sighting.encode(value);
    }
}

/// Returns the sightings of a record's value.
pub fn read(value: &[u8]) -> impl Iterator<Item = Sighting> {
    value.as_chunks::<ENCODED_BYTES>().0.iter().map(Sighting::decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting() -> Sighting {
        Sighting {
            rpi: RollingProximityIdentifier([1; 16]),
            aem: AssociatedEncryptedMetadata([2; 4]),
            typical_rssi_dbm: -61,
            strongest_rssi_dbm: -58,
            packets: 16,
            second: 599,
            since_last_scan: None,
            until_next_scan: 60,
            seq: u64::MAX - 1,
            untrusted_clock: true,
        }
    }

    #[test]
    fn sightings_read_back_as_written() {
        let other = Sighting {
            since_last_scan: Some(300),
            untrusted_clock: false,
            ..sighting()
        };
        let mut value = Vec::new();
        append(&mut value, &[sighting(), other]);
        assert_eq!(read(&value).collect::<Vec<_>>(), [sighting(), other]);
        assert_eq!(count(&value), 2);
    }

    #[test]
    fn a_scan_stands_for_half_of_both_gaps() {
        let seconds = |before, after| {
            Sighting {
                since_last_scan: before,
                until_next_scan: after,
                ..sighting()
            }
            .scan_seconds()
        };
        assert_eq!(
            [seconds(Some(20), 20), seconds(Some(300), 60), seconds(Some(9000), 9000)],
            [20, 180, 300]
        );
        assert_eq!(seconds(None, 120), 120);
    }
}
