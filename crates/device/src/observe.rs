//! What was heard in one scan → sightings to store.
//!
//! The air is hostile: anybody can send anything at any rate. What is not exactly an advertisement of ours is counted
//! and forgotten; per scan the strongest identifiers are kept (a contact is near, a flood has to be nearer); an interval
//! and a day hold a bounded number of sightings.

use crate::{radio::Packet, schedule::ScanGaps, sighting::Sighting};
use protocol::{
    advertisement::{self, ServiceUuid},
    proximity::{AssociatedEncryptedMetadata, RollingProximityIdentifier},
    time::{IntervalNumber, UnixSeconds},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Packets of one scan that are looked at; 250 devices send 16 each in four seconds.
pub const MAX_PACKETS_PER_SCAN: usize = 8192;
/// Identifiers kept of one scan, strongest first.
pub const MAX_SIGHTINGS_PER_SCAN: usize = 250;
/// Sightings kept of one interval.
pub const MAX_SIGHTINGS_PER_INTERVAL: usize = 2_500;
/// Sightings kept of one UTC day: 1.5 MB.
pub const MAX_SIGHTINGS_PER_DAY: u32 = 40_000;
/// Signal strengths a radio can report, dBm; 127 means "not known".
const RSSI_RANGE: std::ops::RangeInclusive<i8> = -127..=20;

/// What became of the packets of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Sightings stored.
    pub stored: u32,
    /// Packets that are no advertisement of ours, or without a usable signal strength.
    pub refused: u32,
    /// Packets that carried an identifier of our own.
    pub own: u32,
    /// Sightings or packets beyond a cap.
    pub dropped: u32,
}

/// What stays the same for all sightings of a scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanContext {
    pub(crate) at: UnixSeconds,
    pub(crate) interval: IntervalNumber,
    pub(crate) gaps: ScanGaps,
    pub(crate) first_seq: u64,
    pub(crate) untrusted_clock: bool,
}

#[derive(Clone, Copy)]
struct Heard {
    sum_dbm: i32,
    packets: u8,
    strongest_dbm: i8,
}

/// Identifiers heard in a scan with their signal, strongest first.
pub(crate) struct Gathered {
    heard: Vec<(RollingProximityIdentifier, AssociatedEncryptedMetadata, Heard)>,
    pub(crate) observed: Observed,
}

/// Decodes the packets of a scan and joins those with the same content.
pub(crate) fn gather(
    packets: &[Packet<'_>],
    uuid: ServiceUuid,
    is_own: impl Fn(&RollingProximityIdentifier) -> bool,
) -> Gathered {
    let mut observed = Observed {
        dropped: clamp(packets.len().saturating_sub(MAX_PACKETS_PER_SCAN)),
        ..Default::default()
    };
    let mut heard: BTreeMap<_, Heard> = BTreeMap::new();
    for packet in packets.iter().take(MAX_PACKETS_PER_SCAN) {
        let Some(advertisement) = advertisement::decode(uuid, packet.payload)
            .ok()
            .filter(|_| RSSI_RANGE.contains(&packet.rssi_dbm))
        else {
            observed.refused += 1;
            continue;
        };
        if is_own(&advertisement.rpi) {
            observed.own += 1;
            continue;
        }
        let entry = heard.entry((advertisement.rpi, advertisement.aem.0)).or_insert(Heard {
            sum_dbm: 0,
            packets: 0,
            strongest_dbm: i8::MIN,
        });
        if entry.packets < u8::MAX {
            entry.packets += 1;
            entry.sum_dbm += i32::from(packet.rssi_dbm);
        }
        entry.strongest_dbm = entry.strongest_dbm.max(packet.rssi_dbm);
    }
    let mut heard: Vec<_> = heard
        .into_iter()
        .map(|((rpi, aem), heard)| (rpi, AssociatedEncryptedMetadata(aem), heard))
        .collect();
    heard.sort_by_key(|(_, _, heard)| std::cmp::Reverse(heard.strongest_dbm));
    Gathered { heard, observed }
}

impl Gathered {
    /// Returns whether somebody was heard.
    pub(crate) fn is_company(&self) -> bool {
        !self.heard.is_empty()
    }

    /// Returns at most `room` sightings, strongest first, and counts the rest as dropped.
    pub(crate) fn into_sightings(self, room: usize, scan: ScanContext) -> (Vec<Sighting>, Observed) {
        let room = room.min(MAX_SIGHTINGS_PER_SCAN);
        let mut observed = self.observed;
        observed.dropped += clamp(self.heard.len().saturating_sub(room));
        let kept = self.heard.into_iter().take(room).zip(scan.first_seq..);
        let sightings: Vec<_> = kept
            .map(|((rpi, aem, heard), seq)| scan.sighting(rpi, aem, heard, seq))
            .collect();
        observed.stored = clamp(sightings.len());
        (sightings, observed)
    }
}

impl ScanContext {
    fn sighting(
        &self,
        rpi: RollingProximityIdentifier,
        aem: AssociatedEncryptedMetadata,
        heard: Heard,
        seq: u64,
    ) -> Sighting {
        let short = |seconds: u32| u16::try_from(seconds).unwrap_or(u16::MAX - 1);
        Sighting {
            rpi,
            aem,
            typical_rssi_dbm: rounded_mean(heard.sum_dbm, heard.packets),
            strongest_rssi_dbm: heard.strongest_dbm,
            packets: heard.packets,
            second: u16::try_from(self.at.0 - self.interval.start().0).unwrap_or(0),
            since_last_scan: self.gaps.since_last.map(short),
            until_next_scan: short(self.gaps.until_next),
            seq,
            untrusted_clock: self.untrusted_clock,
        }
    }
}

/// Rounds half away from zero, as GAEN does.
fn rounded_mean(sum: i32, count: u8) -> i8 {
    let count = i32::from(count.max(1));
    let mean = (2 * sum + sum.signum() * count) / (2 * count);
    i8::try_from(mean).unwrap_or(i8::MIN)
}

fn clamp(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::advertisement::Advertisement;

    const UUID: ServiceUuid = ServiceUuid::OWN;

    fn payload(n: u16) -> [u8; 31] {
        let mut rpi = [0; 16];
        rpi[..2].copy_from_slice(&n.to_le_bytes());
        let aem = AssociatedEncryptedMetadata([n.to_le_bytes()[0]; 4]);
        advertisement::encode(
            UUID,
            &Advertisement {
                rpi: RollingProximityIdentifier(rpi),
                aem,
            },
        )
    }

    fn scan() -> ScanContext {
        let at = UnixSeconds(1_626_048_123);
        let gaps = ScanGaps {
            since_last: Some(300),
            until_next: 60,
        };
        ScanContext {
            at,
            interval: at.interval(),
            gaps,
            first_seq: 40,
            untrusted_clock: false,
        }
    }

    #[test]
    fn packets_of_one_sender_become_one_sighting() {
        let payload = payload(7);
        let packets = [-60, -61, -71].map(|rssi_dbm| Packet {
            payload: &payload,
            rssi_dbm,
        });
        let (sightings, observed) = gather(&packets, UUID, |_| false).into_sightings(10, scan());
        assert_eq!(
            observed,
            Observed {
                stored: 1,
                ..Default::default()
            }
        );
        let sighting = sightings[0];
        assert_eq!(
            (sighting.typical_rssi_dbm, sighting.strongest_rssi_dbm, sighting.packets),
            (-64, -60, 3)
        );
        assert_eq!((sighting.second, sighting.seq), (123, 40));
    }

    #[test]
    fn what_is_not_ours_or_echoes_us_is_not_stored() {
        let (own, other) = (payload(1), payload(2));
        let packets = [
            Packet {
                payload: &own,
                rssi_dbm: -50,
            },
            Packet {
                payload: &other,
                rssi_dbm: 127,
            },
            Packet {
                payload: &other[..30],
                rssi_dbm: -50,
            },
            Packet {
                payload: &[],
                rssi_dbm: -50,
            },
        ];
        let gathered = gather(&packets, UUID, |rpi| rpi.0[0] == 1);
        assert!(!gathered.is_company());
        assert_eq!(
            gathered.observed,
            Observed {
                refused: 3,
                own: 1,
                ..Default::default()
            }
        );
    }

    #[test]
    fn a_flood_cannot_crowd_out_the_near() {
        let payloads: Vec<_> = (0..2000).map(payload).collect();
        let packets: Vec<_> = payloads
            .iter()
            .enumerate()
            .map(|(n, payload)| Packet {
                payload,
                rssi_dbm: if n == 1500 { -40 } else { -80 },
            })
            .collect();
        let (sightings, observed) = gather(&packets, UUID, |_| false).into_sightings(9999, scan());
        assert_eq!((sightings.len(), observed.dropped), (MAX_SIGHTINGS_PER_SCAN, 1750));
        assert_eq!(sightings[0].rpi.0[..2], 1500u16.to_le_bytes());
    }

    proptest! {
        #[test]
        fn any_packet_is_stored_refused_or_dropped(
            packets in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), any::<i8>()), 0..20)
        ) {
            let packets: Vec<_> = packets.iter().map(|(payload, rssi_dbm)| Packet { payload, rssi_dbm: *rssi_dbm }).collect();
            let (sightings, observed) = gather(&packets, UUID, |_| false).into_sightings(5, scan());
            prop_assert_eq!(sightings.len(), observed.stored as usize);
            prop_assert!(observed.refused as usize <= packets.len());
        }

        #[test]
        fn a_rounded_mean_lies_within_half_of_the_mean(values in prop::collection::vec(-127i8..=20, 1..255)) {
            let sum: i32 = values.iter().map(|v| i32::from(*v)).sum();
            let mean = rounded_mean(sum, values.len() as u8);
            prop_assert!((f64::from(mean) - f64::from(sum) / values.len() as f64).abs() <= 0.5);
        }
    }
}
