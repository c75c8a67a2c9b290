//! What each phone hears at a moment: the phones near it, through walls, pockets and noise.

use std::collections::HashMap;

use protocol::{advertisement, time::UnixSeconds};

use super::{
    diary::Stay,
    path_loss::{mix, rssi_dbm},
    people::PersonNumber,
    phone::TX_POWER_DBM,
    place::Site,
};

/// Advertising data.
pub type Payload = [u8; advertisement::LENGTH];

/// Packets heard of one phone in one scan.
const PACKETS_PER_SCAN: u64 = 2;

/// A phone on the air for a while.
struct Presence {
    person: PersonNumber,
    stay: Stay,
    payload: Payload,
}

/// Everything on the air during one step of the world.
pub(super) struct Air {
    by_site: HashMap<Site, Vec<Presence>>,
    seed: u64,
}

/// One packet as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Advertising data.
    pub payload: Payload,
    /// Signal strength.
    pub rssi_dbm: i8,
}

impl Air {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            by_site: HashMap::new(),
            seed,
        }
    }

    /// Puts a phone on the air where its owner is.
    pub(super) fn add(&mut self, person: PersonNumber, stay: Stay, payload: Payload) {
        self.by_site
            .entry(stay.spot.site)
            .or_default()
            .push(Presence { person, stay, payload });
    }

    /// Returns what a person's phone hears in a scan at `at`.
    pub(super) fn heard(&self, person: PersonNumber, own: &Stay, at: UnixSeconds) -> Vec<Heard> {
        let mut heard = Vec::new();
        for other in self.by_site.get(&own.spot.site).map_or(&[][..], Vec::as_slice) {
            if other.person == person || !(other.stay.from <= at && at < other.stay.to) {
                continue;
            }
            let pockets = u8::from(own.in_pocket) + u8::from(other.stay.in_pocket);
            let Some(path) = own.spot.path(&other.stay.spot, pockets) else {
                continue;
            };
            for packet in 0..PACKETS_PER_SCAN {
                let draw = mix(
                    self.seed,
                    &[person as u64, other.person as u64, at.0.unsigned_abs(), packet],
                );
                if let Some(rssi_dbm) = rssi_dbm(TX_POWER_DBM, path, draw) {
                    heard.push(Heard {
                        payload: other.payload,
                        rssi_dbm,
                    });
                }
            }
        }
        heard
    }
}
