//! Rolling identifiers on the air: GAEN cryptography v1.2, with a MAC in the metadata's reserved bytes
//! (docs/spec/proximity.md P1–P5). Start at [`ProximityKeys`].

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use core::fmt;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hkdf::derive16;
use crate::time::{INTERVALS_PER_DAY, IntervalNumber};

/// A device's secret for one rolling window (TEK). Never serialised as such, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TemporaryExposureKey([u8; 16]);

impl TemporaryExposureKey {
    /// Wraps 16 random bytes; a TEK is never derived from another (P1).
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, for storing under seal and for an upload its owner chose.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for TemporaryExposureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryExposureKey(…)")
    }
}

/// Number of intervals a TEK is valid, `1..=144` (P1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollingPeriod(u32);

impl RollingPeriod {
    /// One day, GAEN's and our default.
    pub const DAY: Self = Self(INTERVALS_PER_DAY);

    /// Returns the period, or nothing outside `1..=144`.
    pub fn new(intervals: u32) -> Option<Self> {
        (1..=INTERVALS_PER_DAY).contains(&intervals).then_some(Self(intervals))
    }

    /// Returns the number of intervals, `1..=144`.
    pub fn intervals(self) -> u32 {
        self.0
    }

    /// Returns the start of the window of this length that holds `interval` (P1).
    pub fn window_start(self, interval: IntervalNumber) -> IntervalNumber {
        IntervalNumber(interval.0 / self.0 * self.0)
    }
}

/// What is broadcast for about ten minutes (RPI): 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollingProximityIdentifier(pub [u8; 16]);

/// Four encrypted bytes beside an RPI (AEM): version, transmit power, MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AssociatedEncryptedMetadata(pub [u8; 4]);

/// Decrypted metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Version byte: major in bits 7–6, minor in 5–4, calibration confidence in 3–2.
    pub version: u8,
    /// Transmit power in dBm as the sender states it.
    pub tx_power_dbm: i8,
    /// The reserved bytes, which hold our MAC (P4).
    pub mac: [u8; 2],
}

impl Metadata {
    /// Version byte of v1.1 with the lowest calibration confidence.
    pub const VERSION_1_1: u8 = 0x50;

    fn to_bytes(self) -> [u8; 4] {
        [
            self.version,
            self.tx_power_dbm.cast_unsigned(),
            self.mac[0],
            self.mac[1],
        ]
    }

    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self {
            version: bytes[0],
            tx_power_dbm: bytes[1].cast_signed(),
            mac: [bytes[2], bytes[3]],
        }
    }
}

/// The keys a TEK gives: identifiers (RPIK), metadata encryption (AEMK), metadata MAC (AMK).
pub struct ProximityKeys {
    rpik: [u8; 16],
    aemk: [u8; 16],
    amk: [u8; 16],
}

impl Drop for ProximityKeys {
    fn drop(&mut self) {
        self.rpik.zeroize();
        self.aemk.zeroize();
        self.amk.zeroize();
    }
}

impl ProximityKeys {
    /// Derives all three keys (P2, P4).
    pub fn derive(tek: &TemporaryExposureKey) -> Self {
        Self {
            rpik: derive16(&tek.0, b"EN-RPIK"),
            aemk: derive16(&tek.0, b"EN-AEMK"),
            amk: derive16(&tek.0, b"CT-AEMMAC"),
        }
    }

    /// Returns the RPI key, for inspection and test vectors.
    pub fn rpik(&self) -> &[u8; 16] {
        &self.rpik
    }

    /// Returns the metadata key, for inspection and test vectors.
    pub fn aemk(&self) -> &[u8; 16] {
        &self.aemk
    }

    /// Returns the identifier broadcast in `interval` (P2).
    pub fn identifier(&self, interval: IntervalNumber) -> RollingProximityIdentifier {
        let mut block = Array::from(padded_data(interval.0).to_le_bytes());
        Aes128Enc::new(&Array::from(self.rpik)).encrypt_block(&mut block);
        RollingProximityIdentifier(block.into())
    }

    /// Encrypts our metadata for `rpi`: version 1.1, transmit power and MAC (P3, P4).
    pub fn seal(&self, rpi: RollingProximityIdentifier, tx_power_dbm: i8) -> AssociatedEncryptedMetadata {
        let mac = self.mac(rpi, Metadata::VERSION_1_1, tx_power_dbm);
        self.crypt(
            rpi,
            Metadata {
                version: Metadata::VERSION_1_1,
                tx_power_dbm,
                mac,
            }
            .to_bytes(),
        )
    }

    /// Encrypts four bytes of metadata as they are, without a MAC of ours (P3; foreign phones, test vectors).
    pub fn seal_raw(&self, rpi: RollingProximityIdentifier, metadata: [u8; 4]) -> AssociatedEncryptedMetadata {
        self.crypt(rpi, metadata)
    }

    /// Decrypts the metadata heard beside `rpi` (P3). Says nothing about who sent it: see [`Self::verify`].
    pub fn open(&self, rpi: RollingProximityIdentifier, aem: AssociatedEncryptedMetadata) -> Metadata {
        Metadata::from_bytes(self.crypt(rpi, aem.0).0)
    }

    /// Returns whether the MAC in `metadata` is the sender's (P4): a flipped bit passes once in 65,536 tries.
    pub fn verify(&self, rpi: RollingProximityIdentifier, metadata: &Metadata) -> bool {
        self.mac(rpi, metadata.version, metadata.tx_power_dbm)
            .ct_eq(&metadata.mac)
            .into()
    }

    fn mac(&self, rpi: RollingProximityIdentifier, version: u8, tx_power_dbm: i8) -> [u8; 2] {
        let tag = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.amk)
            .expect("HMAC takes a key of any length")
            .chain_update(rpi.0)
            .chain_update([version, tx_power_dbm.cast_unsigned()])
            .finalize()
            .into_bytes();
        [tag[0], tag[1]]
    }

    /// AES-128-CTR with the RPI as initial counter; one block is enough for four bytes.
    fn crypt(&self, rpi: RollingProximityIdentifier, mut metadata: [u8; 4]) -> AssociatedEncryptedMetadata {
        let mut block = Array::from(rpi.0);
        Aes128Enc::new(&Array::from(self.aemk)).encrypt_block(&mut block);
        for (m, k) in metadata.iter_mut().zip(block) {
            *m ^= k;
        }
        AssociatedEncryptedMetadata(metadata)
    }
}

/// Writes the identifiers of `tek` for consecutive intervals from `start`, one to each slot of `out` (P2).
///
/// The fast path of matching: only RPIK is derived and the blocks are encrypted in one call.
///
/// # Cost
///
/// Six SHA-256 compressions, one AES key schedule and one AES block a slot.
pub fn identifiers_into(tek: &[u8; 16], start: IntervalNumber, out: &mut [aes::Block]) {
    let cipher = Aes128Enc::new(&Array::from(derive16(tek, b"EN-RPIK")));
    for (j, block) in (start.0..).zip(out.iter_mut()) {
        *block = Array::from(padded_data(j).to_le_bytes());
    }
    cipher.encrypt_blocks(out);
}

/// A 16-byte cipher block, the slot type of [`identifiers_into`].
pub type IdentifierBlock = aes::Block;

/// `"EN-RPI" ‖ 000000000000 ‖ LE32(interval)` as one little-endian integer.
///
/// Filling the block byte by byte costs more than encrypting it (store forwarding), hence the integer.
fn padded_data(interval: u32) -> u128 {
    const PREFIX: u128 = u128::from_le_bytes(*b"EN-RPI\0\0\0\0\0\0\0\0\0\0");
    PREFIX | ((interval as u128) << 96)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(seed: u8) -> ProximityKeys {
        ProximityKeys::derive(&TemporaryExposureKey::from_bytes([seed; 16]))
    }

    #[test]
    fn a_batch_gives_the_same_identifiers_as_one_at_a_time() {
        let tek = [9; 16];
        let mut blocks = [IdentifierBlock::default(); 144];
        identifiers_into(&tek, IntervalNumber(2_642_976), &mut blocks);
        for (j, block) in (2_642_976..).zip(blocks) {
            assert_eq!(keys(9).identifier(IntervalNumber(j)).0, <[u8; 16]>::from(block));
        }
    }

    #[test]
    fn sealed_metadata_opens_and_verifies_only_under_its_own_key_and_identifier() {
        let rpi = keys(1).identifier(IntervalNumber(5));
        let aem = keys(1).seal(rpi, -21);
        let metadata = keys(1).open(rpi, aem);
        assert_eq!((metadata.version, metadata.tx_power_dbm), (0x50, -21));
        assert!(keys(1).verify(rpi, &metadata));
        assert!(!keys(2).verify(rpi, &keys(2).open(rpi, aem)));
        let other = keys(1).identifier(IntervalNumber(6));
        assert!(!keys(1).verify(other, &keys(1).open(other, aem)));
    }

    #[test]
    fn a_rolling_period_lies_between_one_interval_and_a_day() {
        assert_eq!(RollingPeriod::new(0), None);
        assert_eq!(RollingPeriod::new(145), None);
        let four_hours = RollingPeriod::new(24).expect("24 is allowed");
        assert_eq!(
            four_hours.window_start(IntervalNumber(2_642_999)),
            IntervalNumber(2_642_976)
        );
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let text = alloc::format!("{:?}", TemporaryExposureKey::from_bytes([0xab; 16]));
        assert!(!text.contains("ab") && !text.contains("171"));
    }
}
