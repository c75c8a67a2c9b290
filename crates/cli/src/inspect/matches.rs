//! `vunglam inspect match`: which keys of an export were heard (docs/spec/proximity.md P10).

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use device::matching::Matcher;
use protocol::diagnosis::DiagnosisKey;
use protocol::export::{Export, MAX_ZIP};
use protocol::proximity::{
    AssociatedEncryptedMetadata, ProximityKeys, RollingProximityIdentifier, TemporaryExposureKey,
};
use protocol::time::{IntervalNumber, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::output::{Failure, Outcome, print, read_file};

/// Largest sightings file read, in bytes.
const MAX_CSV: u64 = 64 * 1024 * 1024;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The export file (zip).
    #[arg(long, value_name = "FILE")]
    export: PathBuf,
    /// Sightings: CSV with the columns rpi_hex, aem_hex, rssi_dbm, unix_s.
    #[arg(long, value_name = "CSV")]
    sightings: PathBuf,
}

#[derive(Deserialize)]
struct Row {
    rpi_hex: String,
    aem_hex: String,
    rssi_dbm: i8,
    unix_s: i64,
}

struct Sighting {
    rpi: RollingProximityIdentifier,
    aem: AssociatedEncryptedMetadata,
    rssi_dbm: i8,
    at: UnixSeconds,
}

#[derive(Serialize)]
struct Report {
    keys: usize,
    sightings: usize,
    matches: Vec<Match>,
}

#[derive(Serialize)]
struct Match {
    key: String,
    interval: u32,
    unix_s: i64,
    rssi_dbm: i8,
    tx_power_dbm: i8,
    attenuation_db: i16,
    mac_valid: bool,
}

pub(crate) fn run(args: &Args, json: bool) -> Outcome {
    let zip = read_file(&args.export, MAX_ZIP as u64)?;
    let mut keys = Vec::new();
    Export::open(&zip)
        .and_then(|export| export.for_each_key(|exported| keys.push(exported.key)))
        .map_err(|error| Failure::new(format!("{}: {error}", args.export.display())))?;
    let sightings = read_sightings(args)?;
    let report = Report {
        keys: keys.len(),
        sightings: sightings.len(),
        matches: find(&keys, &sightings),
    };
    print(json, &report, text)
}

fn find(keys: &[DiagnosisKey], sightings: &[Sighting]) -> Vec<Match> {
    let mut by_rpi: Vec<&Sighting> = sightings.iter().collect();
    by_rpi.sort_by_key(|s| (s.rpi, s.at));
    let observed: Vec<_> = by_rpi.iter().map(|s| s.rpi).collect();
    let mut out = Vec::new();
    for found in Matcher::new(&observed).matches(keys) {
        let key = &keys[found.key];
        let first = by_rpi.partition_point(|s| s.rpi < found.rpi);
        let heard = by_rpi[first..].iter().take_while(|s| s.rpi == found.rpi);
        out.extend(
            heard
                .filter(|s| in_time(s.at, found.interval))
                .map(|s| open(key, found.interval, s)),
        );
    }
    out.sort_by_key(|m| m.unix_s);
    out
}

/// Whether a sighting lies within −1 and +2 intervals of the broadcast (P10).
fn in_time(at: UnixSeconds, broadcast: IntervalNumber) -> bool {
    (-1..=2).contains(&(i64::from(at.interval().0) - i64::from(broadcast.0)))
}

fn open(key: &DiagnosisKey, interval: IntervalNumber, sighting: &Sighting) -> Match {
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(key.key));
    let metadata = keys.open(sighting.rpi, sighting.aem);
    Match {
        key: STANDARD.encode(key.key),
        interval: interval.0,
        unix_s: sighting.at.0,
        rssi_dbm: sighting.rssi_dbm,
        tx_power_dbm: metadata.tx_power_dbm,
        attenuation_db: i16::from(metadata.tx_power_dbm) - i16::from(sighting.rssi_dbm),
        mac_valid: keys.verify(sighting.rpi, &metadata),
    }
}

fn read_sightings(args: &Args) -> Result<Vec<Sighting>, Failure> {
    let name = args.sightings.display();
    let bytes = read_file(&args.sightings, MAX_CSV)?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes.as_slice());
    let mut out = Vec::new();
    for (at, row) in reader.deserialize::<Row>().enumerate() {
        let line = at + 2;
        let row = row.map_err(|_| {
            Failure::new(format!(
                "{name}, line {line}: expected rpi_hex,aem_hex,rssi_dbm,unix_s with a header line"
            ))
        })?;
        out.push(sighting(&row).map_err(|why| Failure::new(format!("{name}, line {line}: {why}")))?);
    }
    Ok(out)
}

fn sighting(row: &Row) -> Result<Sighting, &'static str> {
    let rpi = hex::decode(&row.rpi_hex)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or("rpi_hex must be 16 bytes")?;
    let aem = hex::decode(&row.aem_hex)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or("aem_hex must be 4 bytes")?;
    Ok(Sighting {
        rpi: RollingProximityIdentifier(rpi),
        aem: AssociatedEncryptedMetadata(aem),
        rssi_dbm: row.rssi_dbm,
        at: UnixSeconds(row.unix_s),
    })
}

fn text(report: &Report) -> String {
    let mut out = format!(
        "{} keys, {} sightings, {} matches\n",
        report.keys,
        report.sightings,
        report.matches.len()
    );
    for m in &report.matches {
        out += &format!(
            "{}  interval {}  at {}  attenuation {} dB  MAC {}\n",
            m.key,
            m.interval,
            m.unix_s,
            m.attenuation_db,
            if m.mac_valid { "valid" } else { "not ours" }
        );
    }
    out
}
