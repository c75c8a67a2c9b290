//! "What this phone stores about me": counts, everything readable, deletion, and the end of retention.

use crate::{
    advertise,
    device::{Device, RETENTION_DAYS},
    import, sighting,
    store::{PERMANENT, Store, StoreFailed, Table},
};
use protocol::time::{IntervalNumber, UnixSeconds, UtcDay};
use serde::Serialize;
use serde_json::{Value, json};

/// How much is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSummary {
    /// By table and day, in that order.
    pub entries: Vec<StoredEntry>,
    /// Days anything of a day's own is kept after it.
    pub retention_days: i64,
}

/// One table on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredEntry {
    /// Name of the table.
    pub table: &'static str,
    /// Day whose end starts the retention; `null` for the device's own states.
    pub day: Option<UtcDay>,
    /// Things in it: sightings, keys, notices, states, remembered diagnosis keys.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
}

fn things(table: Table, value: &[u8]) -> u64 {
    let count = match table {
        Table::Sightings => sighting::count(value),
        Table::Imports => (value.len() / 8).saturating_sub(1),
        _ => 1,
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl<S: Store> Device<S> {
    /// Returns how much is stored, by table and day.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn stored(&self) -> Result<StoredSummary, StoreFailed> {
        let mut entries: Vec<StoredEntry> = Vec::new();
        for table in Table::ALL {
            let mut by_day = std::collections::BTreeMap::new();
            for record in self.store.range(table, 0, u64::MAX)? {
                let (count, bytes) = by_day.entry(record.day).or_insert((0, 0));
                *count += things(table, &record.value);
                *bytes += record.value.len() as u64;
            }
            entries.extend(by_day.into_iter().map(|(day, (count, bytes))| StoredEntry {
                table: table.name(),
                day: Some(day).filter(|day| *day != PERMANENT),
                count,
                bytes,
            }));
        }
        Ok(StoredSummary {
            entries,
            retention_days: RETENTION_DAYS,
        })
    }

    /// Returns everything stored in readable form, for the person it is about.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    ///
    /// # Privacy
    ///
    /// Holds the device's secret keys: whoever gets it can recognise where the device was heard.
    pub fn export_all(&self) -> Result<Value, StoreFailed> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let keys: Vec<Value> = advertise::own_keys(&self.store)?
            .iter()
            .map(|key| {
                json!({
                    "key": hex(key.tek.expose()),
                    "rollingStart": key.rolling_start,
                    "rollingPeriod": key.rolling_period.intervals(),
                })
            })
            .collect();
        let mut sightings = Vec::new();
        for record in self.store.range(Table::Sightings, 0, u64::MAX)? {
            let interval = IntervalNumber(u32::try_from(record.key).unwrap_or(0));
            sightings.extend(sighting::read(&record.value).map(|sighting| {
                json!({
                    "identifier": hex(&sighting.rpi.0),
                    "metadata": hex(&sighting.aem.0),
                    "at": sighting.at(interval),
                    "rssiDbm": sighting.typical_rssi_dbm,
                    "strongestRssiDbm": sighting.strongest_rssi_dbm,
                    "untrustedClock": sighting.untrusted_clock,
                })
            }));
        }
        let mut records = Vec::new();
        for table in [Table::State, Table::Exposures, Table::Visits, Table::Passes] {
            for record in self.store.range(table, 0, u64::MAX)? {
                let value: Value = crate::state::read_json(&record)?;
                records.push(json!({ "table": table.name(), "number": record.key, "value": value }));
            }
        }
        Ok(json!({
            "identity": keys,
            "sightings": sightings,
            "notices": self.notices()?,
            "records": records,
            "stored": self.stored()?,
        }))
    }

    /// Deletes everything and starts as a new device, with nothing that links it to the old one.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]; the deletion may then be incomplete and has to be asked for again.
    pub fn delete_all(&mut self, now: UnixSeconds) -> Result<(), StoreFailed> {
        self.store.erase_all()?;
        self.reload(now)
    }

    /// Erases every day older than the retention and forgets imports of that age. To be called once a day or more.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]; what was not erased is erased by the next call.
    pub fn prune(&mut self, now: UnixSeconds) -> Result<(), StoreFailed> {
        self.note_time(now);
        let today = self.clock.now(now).day();
        for day in self.store.days()? {
            if day != PERMANENT && today.days_since(day) > RETENTION_DAYS {
                self.store.erase_day(day)?;
            }
        }
        if let Some(signed) = self.clock.latest_signed() {
            let changes = import::forget(&self.store, signed, RETENTION_DAYS)?;
            if !changes.is_empty() {
                self.store.commit(changes)?;
            }
        }
        Ok(())
    }
}
