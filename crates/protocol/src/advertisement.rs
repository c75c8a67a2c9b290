//! The 31 bytes on the air: flags, service UUID, service data (docs/spec/proximity.md P6).

use crate::proximity::{AssociatedEncryptedMetadata, RollingProximityIdentifier};

/// Length of a legacy advertisement in bytes.
pub const LENGTH: usize = 31;

/// A Bluetooth service UUID in its 16-bit form. Platforms reserve 0xFD6F, so the default is our own (P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceUuid(pub u16);

impl ServiceUuid {
    /// GAEN's UUID, for regions that are admitted to it.
    pub const GAEN: Self = Self(0xFD6F);
    /// Our own radio's default; unassigned today, so an operator that ships radios applies for one and configures it.
    pub const OWN: Self = Self(0xFFF0);
}

/// What an advertisement carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// The sender's identifier.
    pub rpi: RollingProximityIdentifier,
    /// Its encrypted metadata.
    pub aem: AssociatedEncryptedMetadata,
}

/// Why bytes from the air are not an advertisement of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdvertisementError {
    /// Not exactly 31 bytes (P6).
    #[error("an advertisement has 31 bytes, not {0} (P6)")]
    Length(usize),
    /// The fixed bytes differ: flags, lengths, types or the service UUID (P6).
    #[error("byte {0} is not that of a proximity advertisement (P6)")]
    Header(usize),
}

/// Writes the advertisement as it goes on the air (P6).
pub fn encode(uuid: ServiceUuid, advertisement: &Advertisement) -> [u8; LENGTH] {
    let mut out = [0; LENGTH];
    out[..11].copy_from_slice(&header(uuid));
    out[11..27].copy_from_slice(&advertisement.rpi.0);
    out[27..].copy_from_slice(&advertisement.aem.0);
    out
}

/// Reads an advertisement heard with service `uuid` (P6).
///
/// # Errors
///
/// [`AdvertisementError`] on anything that is not exactly the 31-byte form.
pub fn decode(uuid: ServiceUuid, bytes: &[u8]) -> Result<Advertisement, AdvertisementError> {
    let bytes: &[u8; LENGTH] = bytes.try_into().map_err(|_| AdvertisementError::Length(bytes.len()))?;
    if let Some(at) = header(uuid).iter().zip(bytes).position(|(a, b)| a != b) {
        return Err(AdvertisementError::Header(at));
    }
    let (mut rpi, mut aem) = ([0; 16], [0; 4]);
    rpi.copy_from_slice(&bytes[11..27]);
    aem.copy_from_slice(&bytes[27..]);
    Ok(Advertisement {
        rpi: RollingProximityIdentifier(rpi),
        aem: AssociatedEncryptedMetadata(aem),
    })
}

fn header(uuid: ServiceUuid) -> [u8; 11] {
    let [low, high] = uuid.0.to_le_bytes();
    [0x02, 0x01, 0x1A, 0x03, 0x03, low, high, 0x17, 0x16, low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Advertisement {
        Advertisement {
            rpi: RollingProximityIdentifier([3; 16]),
            aem: AssociatedEncryptedMetadata([4; 4]),
        }
    }

    #[test]
    fn the_gaen_form_is_bit_for_bit() {
        let bytes = encode(ServiceUuid::GAEN, &sample());
        assert_eq!(
            bytes[..11],
            [0x02, 0x01, 0x1A, 0x03, 0x03, 0x6F, 0xFD, 0x17, 0x16, 0x6F, 0xFD]
        );
        assert_eq!(decode(ServiceUuid::GAEN, &bytes), Ok(sample()));
    }

    #[test]
    fn other_lengths_and_headers_are_refused_by_name() {
        let bytes = encode(ServiceUuid::OWN, &sample());
        assert_eq!(
            decode(ServiceUuid::OWN, &bytes[..30]),
            Err(AdvertisementError::Length(30))
        );
        assert_eq!(decode(ServiceUuid::OWN, &[0; 32]), Err(AdvertisementError::Length(32)));
        assert_eq!(decode(ServiceUuid::GAEN, &bytes), Err(AdvertisementError::Header(5)));
        for at in 0..11 {
            let mut bent = bytes;
            bent[at] ^= 1;
            assert_eq!(decode(ServiceUuid::OWN, &bent), Err(AdvertisementError::Header(at)));
        }
    }
}
