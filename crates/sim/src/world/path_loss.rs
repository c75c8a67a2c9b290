//! How strongly one phone hears another.
//!
//! The log-distance model with shadowing (Rappaport, "Wireless Communications", ch. 4):
//! `attenuation = 45 dB + 30 · log10(d / 1 m) + 15 dB a wall + 3 dB a phone in a pocket or bag + noise`. The exponent 3
//! stands for bodies and furniture. The noise is bounded, has mean 0 and a standard deviation of 4 dB, and is drawn
//! anew for each pair at each scan. It is a sketch of radio, good for a demonstration; nothing is calibrated by it.

/// Attenuation at one metre, dB.
const AT_ONE_METRE_DB: f64 = 45.0;
/// Decibels for ten times the distance.
const PER_DECADE_DB: f64 = 30.0;
/// What a wall takes, dB.
const WALL_DB: f64 = 15.0;
/// Walls counted at most: behind more nothing is heard anyway.
const MAX_WALLS: u8 = 3;
/// What a pocket or bag takes, dB.
const POCKET_DB: f64 = 3.0;
/// Standard deviation of the noise, dB; its bound is three times that.
const NOISE_DB: f64 = 4.0;
/// Closest distance that is told apart, metres.
const NEAREST_M: f64 = 0.3;
/// Weakest signal a phone receives, dBm.
pub const SENSITIVITY_DBM: f64 = -100.0;

/// What lies between two phones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Path {
    /// Distance, metres.
    pub metres: f64,
    /// Walls between them.
    pub walls: u8,
    /// How many of the two are in a pocket or bag, 0..=2.
    pub pockets: u8,
}

/// Returns the received signal strength in dBm, `None` when the signal is too weak to be heard.
///
/// * `draw`: any number; decides the noise
pub fn rssi_dbm(tx_power_dbm: i8, path: Path, draw: u64) -> Option<i8> {
    let distance = path.metres.max(NEAREST_M);
    let attenuation = AT_ONE_METRE_DB
        + PER_DECADE_DB * distance.log10()
        + WALL_DB * f64::from(path.walls.min(MAX_WALLS))
        + POCKET_DB * f64::from(path.pockets)
        + noise_db(draw);
    let rssi = f64::from(tx_power_dbm) - attenuation;
    (rssi >= SENSITIVITY_DBM).then(|| rssi.round().clamp(-127.0, 20.0) as i8)
}

/// Three uniform numbers added: nearly normal, and never more than three standard deviations away.
fn noise_db(draw: u64) -> f64 {
    let unit = |shift: u32| f64::from((draw >> shift) as u16) / 65_535.0 - 0.5;
    (unit(0) + unit(16) + unit(32)) * 2.0 * NOISE_DB
}

/// Mixes numbers into one that looks random (SplitMix64's finaliser).
pub fn mix(seed: u64, numbers: &[u64]) -> u64 {
    numbers.iter().fold(seed, |state, number| {
        let mut z = (state ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEAR: Path = Path {
        metres: 0.8,
        walls: 0,
        pockets: 0,
    };

    #[test]
    fn noise_has_the_stated_mean_deviation_and_bound() {
        let draws: Vec<f64> = (0..20_000).map(|n| noise_db(mix(1, &[n]))).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let deviation = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64).sqrt();
        assert!(
            mean.abs() < 0.1 && (deviation - NOISE_DB).abs() < 0.1,
            "{mean} {deviation}"
        );
        assert!(draws.iter().all(|draw| draw.abs() <= 3.0 * NOISE_DB));
    }

    #[test]
    fn phones_at_one_bench_are_always_in_the_nearest_bucket() {
        let config = exposure::config::RiskConfig::vietnam_default();
        for n in 0..5_000 {
            let rssi = rssi_dbm(-15, NEAR, mix(2, &[n])).unwrap();
            let attenuation = exposure::attenuation::attenuation(-15, rssi, 0).unwrap();
            assert_eq!(config.bucket(attenuation), 0, "{attenuation:?}");
        }
    }

    #[test]
    fn distance_walls_and_pockets_weaken_a_signal_until_it_is_not_heard() {
        let at = |metres, walls, pockets| rssi_dbm(-15, Path { metres, walls, pockets }, 0);
        assert!(at(1.0, 0, 0) > at(2.0, 0, 0) && at(2.0, 0, 0) > at(2.0, 0, 1) && at(2.0, 0, 2) > at(2.0, 1, 2));
        assert_eq!((at(40.0, 1, 0), at(20.0, 3, 0)), (None, None));
    }
}
