//! `vunglam inspect tek`: the GAEN derivation, interval by interval (docs/spec/proximity.md P1–P4).

use protocol::proximity::{ProximityKeys, RollingPeriod, TemporaryExposureKey};
use protocol::time::IntervalNumber;
use serde::Serialize;

use crate::output::{Failure, Outcome, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key, 16 bytes in hexadecimal.
    #[arg(long, value_name = "HEX16")]
    tek: String,
    /// First ten-minute interval of its validity.
    #[arg(long, value_name = "N")]
    interval: u32,
    /// Number of intervals, 1 to 144.
    #[arg(long, value_name = "P", default_value_t = 144)]
    period: u32,
    /// Metadata to encrypt, 4 bytes in hexadecimal: version, TX power in dBm, two reserved. Without it ours, with its MAC.
    #[arg(long, value_name = "HEX4")]
    metadata: Option<String>,
}

#[derive(Serialize)]
struct Derivation {
    rpik: String,
    aemk: String,
    intervals: Vec<Interval>,
}

#[derive(Serialize)]
struct Interval {
    interval: u32,
    rpi: String,
    aem: String,
}

/// Transmit power stated when no metadata is given, in dBm: the class that GAEN phones use.
const TX_POWER_DBM: i8 = -15;

pub(crate) fn run(args: &Args, json: bool) -> Outcome {
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(bytes("--tek", &args.tek)?));
    let metadata = args
        .metadata
        .as_deref()
        .map(|m| bytes::<4>("--metadata", m))
        .transpose()?;
    let period = RollingPeriod::new(args.period).ok_or_else(|| {
        Failure::new(format!(
            "--period is {}; a rolling period has 1 to 144 intervals (P1)",
            args.period
        ))
    })?;
    let end = args.interval.checked_add(period.intervals()).ok_or_else(|| {
        Failure::new(format!(
            "--interval is {}; the last interval would lie beyond {}",
            args.interval,
            u32::MAX
        ))
    })?;
    let derive = |interval| {
        let rpi = keys.identifier(IntervalNumber(interval));
        let aem = match metadata {
            Some(metadata) => keys.seal_raw(rpi, metadata),
            None => keys.seal(rpi, TX_POWER_DBM),
        };
        Interval {
            interval,
            rpi: hex::encode(rpi.0),
            aem: hex::encode(aem.0),
        }
    };
    let derivation = Derivation {
        rpik: hex::encode(keys.rpik()),
        aemk: hex::encode(keys.aemk()),
        intervals: (args.interval..end).map(derive).collect(),
    };
    print(json, &derivation, |d| {
        let rows = d
            .intervals
            .iter()
            .map(|i| format!("{}  {}  {}\n", i.interval, i.rpi, i.aem));
        format!("rpik  {}\naemk  {}\n", d.rpik, d.aemk) + &rows.collect::<String>()
    })
}

fn bytes<const N: usize>(option: &str, text: &str) -> Result<[u8; N], Failure> {
    let refused = || Failure::new(format!("{option} must be {N} bytes: {} hexadecimal digits", 2 * N));
    hex::decode(text)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or_else(refused)
}
