//! An export file → exposures and notices, each diagnosis key matched once.
//!
//! The file's signature is checked before a key is read. A key that an earlier file brought is not matched again: what
//! was heard after its first import can only be a replay of a published key (docs/spec/proximity.md). For that, the
//! first eight bytes of every key are remembered with the `seq` of its import for fourteen days of signed time.

use crate::{
    advertise,
    exposures::{self, DayExposures, Scan},
    matching::{Match, Matcher},
    notice,
    sighting::{self, Sighting},
    state,
    store::{Change, PERMANENT, Record, Store, StoreFailed, Table},
    sync::SyncError,
};
use exposure::config::RiskConfig;
use protocol::{
    diagnosis::DiagnosisKey,
    export::Export,
    message::Trust,
    proximity::{ProximityKeys, RollingProximityIdentifier, TemporaryExposureKey},
    signature::PublicKey,
    time::{IntervalNumber, UnixSeconds, UtcDay},
};
use std::collections::{BTreeMap, BTreeSet};

/// Intervals a sighting may lie before and after the identifier's own (clock tolerance).
pub(crate) const TOLERANCE: std::ops::RangeInclusive<i64> = -1..=2;
/// Keys derived and searched at a time.
const CHUNK: usize = 1024;

/// What reading a file depends on.
pub(crate) struct Import<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) export_key: &'a PublicKey,
    pub(crate) config: &'a RiskConfig,
    pub(crate) now: UnixSeconds,
    pub(crate) signed_time: Option<UnixSeconds>,
    pub(crate) seq: u64,
}

/// What a file led to; durable once the changes are committed.
pub(crate) struct Outcome {
    pub(crate) keys: u32,
    pub(crate) matched: u32,
    pub(crate) new_notices: Vec<UtcDay>,
    pub(crate) changes: Vec<Change>,
}

/// The sightings of a device, by identifier.
struct Heard {
    by_rpi: BTreeMap<RollingProximityIdentifier, Vec<(IntervalNumber, Sighting)>>,
    matcher: Matcher,
}

impl Heard {
    fn load(store: &impl Store) -> Result<Self, StoreFailed> {
        let mut by_rpi: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in store.range(Table::Sightings, 0, u64::MAX)? {
            let interval =
                IntervalNumber(u32::try_from(record.key).map_err(|_| StoreFailed::Unreadable(Table::Sightings))?);
            for sighting in sighting::read(&record.value) {
                by_rpi.entry(sighting.rpi).or_default().push((interval, sighting));
            }
        }
        let rpis: Vec<_> = by_rpi.keys().copied().collect();
        Ok(Self {
            matcher: Matcher::new(&rpis),
            by_rpi,
        })
    }

    /// Returns the sightings of a match that lie within the clock tolerance.
    fn sightings(&self, found: &Match) -> impl Iterator<Item = &(IntervalNumber, Sighting)> {
        let of_match = self.by_rpi.get(&found.rpi).map_or(&[][..], Vec::as_slice);
        let broadcast = i64::from(found.interval.0);
        of_match
            .iter()
            .filter(move |(heard, _)| TOLERANCE.contains(&(i64::from(heard.0) - broadcast)))
    }
}

/// A diagnosis key with what was heard of it.
struct HeardKey {
    key: DiagnosisKey,
    sightings: Vec<(IntervalNumber, Sighting)>,
}

impl Import<'_> {
    /// Reads a file and returns all that must be stored because of it.
    pub(crate) fn read(&self, store: &impl Store, zip: &[u8]) -> Result<Outcome, SyncError> {
        let export = Export::open(zip)?;
        export.verify(
            &self.trust.export_key_id,
            &self.trust.export_key_version,
            self.export_key,
        )?;
        let own: BTreeSet<[u8; 16]> = advertise::own_keys(store)?
            .iter()
            .map(|key| *key.tek.expose())
            .collect();
        let heard = Heard::load(store)?;
        let mut prefixes: Vec<u64> = Vec::new();
        let mut found: Vec<HeardKey> = Vec::new();
        let mut chunk: Vec<DiagnosisKey> = Vec::with_capacity(CHUNK);
        let count = export.for_each_key(|exported| {
            prefixes.push(prefix(&exported.key));
            if !own.contains(&exported.key.key) {
                chunk.push(exported.key);
            }
            if chunk.len() == CHUNK {
                search(&heard, &chunk, &mut found);
                chunk.clear();
            }
        })?;
        search(&heard, &chunk, &mut found);

        let mut imported = earlier_imports(store, found.iter().map(|key| prefix(&key.key)).collect())?;
        let mut days: BTreeMap<UtcDay, DayExposures> = BTreeMap::new();
        let mut matched = 0;
        for key in found {
            // The second of two equal keys in one file finds the first here, too.
            if imported.insert(prefix(&key.key)) {
                matched += u32::from(self.expose(store, &mut days, &key)?);
            } else {
                revise(store, &mut days, &key)?;
            }
        }
        let mut changes = vec![remember(self.seq, self.signed_time, prefixes)];
        let new_notices = notice::decide_days(store, &days, self.config, self.now, &mut changes)?;
        for (day, exposures) in days.iter().filter(|(_, exposures)| !exposures.is_empty()) {
            changes.push(state::put_json(Table::Exposures, u64::from(day.0), *day, exposures));
        }
        Ok(Outcome {
            keys: count.read,
            matched,
            new_notices,
            changes,
        })
    }

    /// Adds what was heard of a key to its days; returns whether anything was usable.
    fn expose(
        &self,
        store: &impl Store,
        days: &mut BTreeMap<UtcDay, DayExposures>,
        key: &HeardKey,
    ) -> Result<bool, StoreFailed> {
        let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(key.key.key));
        let mut usable = false;
        for (interval, sighting) in &key.sightings {
            let metadata = keys.open(sighting.rpi, sighting.aem);
            if self.config.requires_aem_mac() && !keys.verify(sighting.rpi, &metadata) {
                continue;
            }
            if let Some(scan) = Scan::new(*interval, sighting, &metadata) {
                let day = exposures::day_mut(store, days, scan.day())?;
                day.add(prefix(&key.key), &key.key, scan);
                usable = true;
            }
        }
        Ok(usable)
    }
}

fn search(heard: &Heard, chunk: &[DiagnosisKey], found: &mut Vec<HeardKey>) {
    let mut by_key: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for one in heard.matcher.matches(chunk) {
        by_key
            .entry(one.key)
            .or_default()
            .extend(heard.sightings(&one).copied());
    }
    let heard_keys = by_key.into_iter().filter(|(_, sightings)| !sightings.is_empty());
    found.extend(heard_keys.map(|(at, sightings)| HeardKey {
        key: chunk[at],
        sightings,
    }));
}

/// Gives stored exposures of a key the report type that a later file states (confirmed → revoked).
fn revise(store: &impl Store, days: &mut BTreeMap<UtcDay, DayExposures>, key: &HeardKey) -> Result<(), StoreFailed> {
    for (interval, sighting) in &key.sightings {
        let exposures = exposures::day_mut(store, days, sighting.at(*interval).day())?;
        exposures.revise(prefix(&key.key), key.key.report_type);
    }
    Ok(())
}

/// Returns the first eight bytes of a key: enough to recognise it, and public like the key.
fn prefix(key: &DiagnosisKey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.key;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Returns the record of an import: the signed time it happened at (the end of time when none was known, so that it is
/// never forgotten too early), then the prefixes.
fn remember(seq: u64, signed_time: Option<UnixSeconds>, prefixes: Vec<u64>) -> Change {
    let mut value = signed_time.map_or(i64::MAX, |time| time.0).to_le_bytes().to_vec();
    value.extend(prefixes.iter().flat_map(|prefix| prefix.to_le_bytes()));
    Change::Put(Record {
        table: Table::Imports,
        key: seq,
        day: PERMANENT,
        value,
    })
}

/// Returns which of these prefixes an earlier file brought.
fn earlier_imports(store: &impl Store, wanted: BTreeSet<u64>) -> Result<BTreeSet<u64>, StoreFailed> {
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let mut earlier = BTreeSet::new();
    for record in store.range(Table::Imports, 0, u64::MAX)? {
        let prefixes = record
            .value
            .as_chunks::<8>()
            .0
            .iter()
            .skip(1)
            .map(|bytes| u64::from_le_bytes(*bytes));
        earlier.extend(prefixes.filter(|prefix| wanted.contains(prefix)));
    }
    Ok(earlier)
}

/// Returns the changes that forget imports older than `days` days of signed time.
pub(crate) fn forget(store: &impl Store, signed_time: UnixSeconds, days: i64) -> Result<Vec<Change>, StoreFailed> {
    let imports = store.range(Table::Imports, 0, u64::MAX)?;
    let old = imports.iter().filter(|record| {
        let time = record
            .value
            .first_chunk::<8>()
            .map(|bytes| UnixSeconds(i64::from_le_bytes(*bytes)));
        time.is_some_and(|time| time.0 != i64::MAX && signed_time.day().days_since(time.day()) > days)
    });
    Ok(old
        .map(|record| Change::Remove {
            table: Table::Imports,
            key: record.key,
        })
        .collect())
}
