//! How much weaker a signal arrived than it was sent: the only thing Bluetooth tells of distance.

use serde::{Deserialize, Serialize};

/// Transmit powers a sender can plausibly state, in dBm (R1; GAEN ignores all others).
const TX_POWER_RANGE: std::ops::RangeInclusive<i8> = -50..=20;

/// A difference of signal strengths in dB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decibels(pub i16);

/// The stated transmit power cannot be true: the sighting is ignored (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a transmit power of {0} dBm is not plausible (R1)")]
pub struct ImplausibleTxPower(pub i8);

/// Returns the attenuation: transmit power − (received signal strength + calibration offset) (R1).
///
/// * `tx_power_dbm`: as the sender's metadata state it
/// * `rssi_dbm`: as received
/// * `calibration_offset_db`: the receiving model's, 0 when unknown
///
/// # Errors
///
/// [`ImplausibleTxPower`] outside −50…+20 dBm.
pub fn attenuation(tx_power_dbm: i8, rssi_dbm: i8, calibration_offset_db: i8) -> Result<Decibels, ImplausibleTxPower> {
    if !TX_POWER_RANGE.contains(&tx_power_dbm) {
        return Err(ImplausibleTxPower(tx_power_dbm));
    }
    Ok(Decibels(
        i16::from(tx_power_dbm) - (i16::from(rssi_dbm) + i16::from(calibration_offset_db)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_counts_as_received_strength() {
        assert_eq!(attenuation(-20, -70, 0), Ok(Decibels(50)));
        assert_eq!(attenuation(-20, -70, 5), Ok(Decibels(45)));
        assert_eq!(attenuation(20, -127, -128), Ok(Decibels(275)));
    }

    #[test]
    fn an_implausible_transmit_power_is_refused() {
        assert_eq!(attenuation(-51, -70, 0), Err(ImplausibleTxPower(-51)));
        assert_eq!(attenuation(21, -70, 0), Err(ImplausibleTxPower(21)));
        assert!(attenuation(-50, -70, 0).is_ok() && attenuation(20, -70, 0).is_ok());
    }
}
