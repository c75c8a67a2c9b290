//! Own keys and what to advertise now (docs/spec/proximity.md P1–P6).
//!
//! A key covers one rolling window and is random; it is stored before its first identifier goes on the air. When its
//! owner uploads the running key, the key is cut at the end of the current interval and the next interval starts
//! another: what is broadcast later cannot be linked to the upload.

use crate::{
    radio::Advert,
    state,
    store::{Change, Record, Store, StoreFailed, Table},
};
use protocol::{
    advertisement::{self, Advertisement, ServiceUuid},
    proximity::{ProximityKeys, RollingPeriod, RollingProximityIdentifier, TemporaryExposureKey},
    signature::digest,
    time::IntervalNumber,
};
use serde::{Deserialize, Serialize};

/// Own temporary exposure key with its validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// The secret.
    pub tek: TemporaryExposureKey,
    /// First interval.
    pub rolling_start: IntervalNumber,
    /// Number of intervals.
    pub rolling_period: RollingPeriod,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    tek: [u8; 16],
    period: u32,
}

impl OwnKey {
    /// Returns the first interval after the key's validity.
    pub fn rolling_end(&self) -> IntervalNumber {
        self.rolling_start.offset(i64::from(self.rolling_period.intervals()))
    }

    /// Returns whether the key is valid in `interval`.
    pub fn covers(&self, interval: IntervalNumber) -> bool {
        (self.rolling_start..self.rolling_end()).contains(&interval)
    }

    /// Returns the key cut so that `last` is its final interval; unchanged when it ends earlier.
    pub fn cut_after(&self, last: IntervalNumber) -> Self {
        let intervals = last.0.saturating_sub(self.rolling_start.0).saturating_add(1);
        let rolling_period = RollingPeriod::new(intervals)
            .unwrap_or(self.rolling_period)
            .min(self.rolling_period);
        Self {
            rolling_period,
            ..self.clone()
        }
    }

    /// Returns the change that stores the key. It belongs to the day its last interval lies in.
    pub(crate) fn put(&self) -> Change {
        let stored = StoredKey {
            tek: *self.tek.expose(),
            period: self.rolling_period.intervals(),
        };
        let day = self.rolling_end().offset(-1).day();
        state::put_json(Table::Identity, u64::from(self.rolling_start.0), day, &stored)
    }

    fn read(record: &Record) -> Result<Self, StoreFailed> {
        let unreadable = StoreFailed::Unreadable(Table::Identity);
        let stored: StoredKey = state::read_json(record)?;
        let rolling_start = IntervalNumber(u32::try_from(record.key).map_err(|_| unreadable.clone())?);
        let rolling_period = RollingPeriod::new(stored.period).ok_or(unreadable)?;
        Ok(Self {
            tek: TemporaryExposureKey::from_bytes(stored.tek),
            rolling_start,
            rolling_period,
        })
    }
}

/// Returns all own keys, oldest first.
pub(crate) fn own_keys(store: &impl Store) -> Result<Vec<OwnKey>, StoreFailed> {
    store
        .range(Table::Identity, 0, u64::MAX)?
        .iter()
        .map(OwnKey::read)
        .collect()
}

/// The key on the air with what follows from it.
pub(crate) struct CurrentKey {
    key: OwnKey,
    derived: ProximityKeys,
    identifiers: Vec<RollingProximityIdentifier>,
}

impl CurrentKey {
    fn new(key: OwnKey) -> Self {
        let derived = ProximityKeys::derive(&key.tek);
        let identifiers = (key.rolling_start.0..key.rolling_end().0)
            .map(|j| derived.identifier(IntervalNumber(j)))
            .collect();
        Self {
            key,
            derived,
            identifiers,
        }
    }

    /// Returns whether an identifier heard is our own, echoed.
    pub(crate) fn is_own(&self, rpi: &RollingProximityIdentifier) -> bool {
        self.identifiers.contains(rpi)
    }
}

/// Returns the key of `interval`: the one given, the stored one, or a new one that is stored first.
pub(crate) fn current(
    store: &mut impl Store,
    held: Option<CurrentKey>,
    interval: IntervalNumber,
    period: RollingPeriod,
    random: &mut dyn FnMut(&mut [u8]),
) -> Result<CurrentKey, StoreFailed> {
    if let Some(held) = held.filter(|held| held.key.covers(interval)) {
        return Ok(held);
    }
    let earliest = interval.offset(-i64::from(RollingPeriod::DAY.intervals())).0;
    let stored = store.range(Table::Identity, u64::from(earliest), u64::from(interval.0))?;
    let keys = stored.iter().map(OwnKey::read).collect::<Result<Vec<_>, _>>()?;
    if let Some(key) = keys.iter().find(|key| key.covers(interval)) {
        return Ok(CurrentKey::new(key.clone()));
    }
    let mut tek = [0; 16];
    random(&mut tek);
    // A key cut by an upload leaves the rest of its window to the new one.
    let window = period.window_start(interval);
    let rolling_start = keys
        .iter()
        .map(OwnKey::rolling_end)
        .filter(|end| *end <= interval)
        .fold(window, Ord::max);
    let intervals = window
        .0
        .saturating_add(period.intervals())
        .saturating_sub(rolling_start.0);
    let rolling_period = RollingPeriod::new(intervals).unwrap_or(period);
    let key = OwnKey {
        tek: TemporaryExposureKey::from_bytes(tek),
        rolling_start,
        rolling_period,
    };
    store.commit(vec![key.put()])?;
    Ok(CurrentKey::new(key))
}

/// Returns what to advertise in `interval`.
///
/// * `address_secret`: the device's own; published keys reveal nothing of addresses
pub(crate) fn advert(
    key: &CurrentKey,
    interval: IntervalNumber,
    uuid: ServiceUuid,
    tx_power_dbm: i8,
    address_secret: &[u8; 32],
) -> Advert {
    let rpi = key.derived.identifier(interval);
    let aem = key.derived.seal(rpi, tx_power_dbm);
    Advert {
        address: address(&rpi, address_secret),
        payload: advertisement::encode(uuid, &Advertisement { rpi, aem }),
    }
}

/// Derives the address from the identifier: the two cannot part, not even over a restart.
fn address(rpi: &RollingProximityIdentifier, secret: &[u8; 32]) -> [u8; 6] {
    let mut message = [0; 48];
    message[..32].copy_from_slice(secret);
    message[32..].copy_from_slice(&rpi.0);
    let digest = digest(&message);
    let mut address = [0; 6];
    address.copy_from_slice(&digest[..6]);
    address[0] &= 0x3f;
    address
}
