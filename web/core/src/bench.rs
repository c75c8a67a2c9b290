//! What `cargo xtask bench` measures and checks in Node.

use crate::{error::CoreError, wire};
use device::matching::Matcher;
use protocol::{
    diagnosis::{DiagnosisKey, ReportType},
    proximity::{ProximityKeys, RollingPeriod, RollingProximityIdentifier, TemporaryExposureKey},
    time::IntervalNumber,
};
use wasm_bindgen::prelude::*;

/// The identifier of a key (32 hexadecimal digits) in an interval, for official vectors.
#[wasm_bindgen(js_name = benchIdentifier)]
pub fn identifier(tek: &str, interval: u32) -> Result<Vec<u8>, JsError> {
    let tek: Option<[u8; 16]> = wire::unhex(tek).and_then(|bytes| bytes.try_into().ok());
    let tek = tek.ok_or(CoreError::new("argument", "a key has 32 hexadecimal digits"))?;
    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(tek));
    Ok(keys.identifier(IntervalNumber(interval)).0.to_vec())
}

/// Generated keys and identifiers with planted hits.
#[wasm_bindgen]
pub struct Bench {
    keys: Vec<DiagnosisKey>,
    matcher: Matcher,
}

#[wasm_bindgen]
impl Bench {
    /// Makes `keys` keys of which 20 are among `ids` identifiers.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: u32, ids: u32) -> Bench {
        let key = |n: u32| DiagnosisKey {
            key: filler(n, 1),
            rolling_start: IntervalNumber(2_710_080),
            rolling_period: RollingPeriod::DAY,
            report_type: ReportType::ConfirmedTest,
            transmission_risk: 0,
            days_since_onset: None,
        };
        let keys: Vec<DiagnosisKey> = (0..keys).map(key).collect();
        let mut observed: Vec<_> = (20..ids).map(|n| RollingProximityIdentifier(filler(n, 2))).collect();
        observed.extend(
            keys.chunks((keys.len() / 20).max(1))
                .take(20)
                .zip(0u32..)
                .map(|(chunk, n)| {
                    let keys = ProximityKeys::derive(&TemporaryExposureKey::from_bytes(chunk[0].key));
                    keys.identifier(IntervalNumber(2_710_080 + n * 7))
                }),
        );
        Self {
            keys,
            matcher: Matcher::new(&observed),
        }
    }

    /// Searches all keys; returns how many matched.
    pub fn run(&self) -> usize {
        self.matcher.matches(&self.keys).len()
    }
}

/// Returns 16 bytes that differ with `n` and `stream` and look random (SplitMix64).
fn filler(n: u32, stream: u64) -> [u8; 16] {
    let half = |salt: u64| {
        let mut z = (u64::from(n) << 8 | stream << 4 | salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (u128::from(half(1)) << 64 | u128::from(half(2))).to_le_bytes()
}
