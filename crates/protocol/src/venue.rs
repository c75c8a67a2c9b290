//! What a venue's poster says: signed by the authority, read without a network (docs/spec/venues.md V1–V6).

use alloc::string::String;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::base32;
use crate::code::{self, CodeError};
use crate::signature::{PublicKey, SecretKey, digest};

/// Version of the form of a code (V1).
const VERSION: u8 = 1;
/// Bytes of the secret.
pub const SECRET_BYTES: usize = 16;
/// Version, kind and secret.
const SIGNED: usize = 2 + SECRET_BYTES;
const SIGNATURE: usize = 64;
/// Characters of a code: 82 bytes in base 32.
pub const CHARACTERS: usize = ((SIGNED + SIGNATURE) * 8).div_ceil(5);
/// Longest scanned text that is looked at, in bytes.
const MAX_TEXT: usize = 512;
const SIGNED_AS: &[u8] = b"VUNGLAM-VENUE-1";
const LOCATED_AS: &[u8] = b"VUNGLAM-LOCATION-1";

/// What kind of place a venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VenueKind {
    /// None of the others, or one that this version does not know.
    Other,
    /// An office.
    Office,
    /// A school.
    School,
    /// A plant.
    Plant,
    /// A shop or a supermarket.
    Shop,
    /// A market.
    Market,
    /// A hotel or a boarding house.
    Lodging,
    /// A restaurant or a café.
    Restaurant,
    /// A station, a port or an airport.
    Station,
    /// A bus, a ship or a taxi.
    Vehicle,
    /// A place of worship.
    Worship,
    /// A hospital, a clinic or a pharmacy.
    Health,
    /// An event.
    Event,
    /// A checkpoint on a road.
    Checkpoint,
}

impl VenueKind {
    /// All kinds in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Other,
        Self::Office,
        Self::School,
        Self::Plant,
        Self::Shop,
        Self::Market,
        Self::Lodging,
        Self::Restaurant,
        Self::Station,
        Self::Vehicle,
        Self::Worship,
        Self::Health,
        Self::Event,
        Self::Checkpoint,
    ];

    /// Returns the kind's number on posters (V2).
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Returns the kind with a number; a number from a later version is [`Self::Other`], so that its posters can be read.
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Other)
    }
}

/// Why a scanned text is no code of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VenueCodeError {
    /// Something else was scanned.
    #[error("the scanned text is no venue code (V1)")]
    Form,
    /// A code of a later version.
    #[error("the venue code has version {0}, which this program does not know (V1)")]
    Version(u8),
    /// It was not signed by the authority: a forgery, or another country's.
    #[error("the venue code is not signed by the health authority (V3)")]
    Signature,
}

/// A venue as its poster names it.
#[derive(Clone, PartialEq, Eq)]
pub struct VenueCode {
    /// What kind of place it is.
    pub kind: VenueKind,
    /// What only those know who have seen the poster.
    pub secret: [u8; SECRET_BYTES],
}

impl fmt::Debug for VenueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VenueCode({:?}, …)", self.kind)
    }
}

impl VenueCode {
    /// Writes the code, signed: the same bytes whenever it is written, so that a poster printed again is the same poster (V3).
    pub fn sign(&self, key: &SecretKey) -> String {
        let mut bytes = [0; SIGNED + SIGNATURE];
        bytes[0] = VERSION;
        bytes[1] = self.kind.number();
        bytes[2..SIGNED].copy_from_slice(&self.secret);
        let signature = key.sign_digest(&to_be_signed(&bytes[..SIGNED]));
        bytes[SIGNED..].copy_from_slice(&signature);
        base32::encode(&bytes)
    }

    /// Reads a scanned text: a code, or an address that ends with one.
    ///
    /// # Errors
    ///
    /// [`VenueCodeError`]; a code that none of `keys` signed is a forgery.
    pub fn read(scanned: &str, keys: &[PublicKey]) -> Result<Self, VenueCodeError> {
        if scanned.len() > MAX_TEXT {
            return Err(VenueCodeError::Form);
        }
        let code = scanned.trim().rsplit('/').next().unwrap_or_default();
        if code.len() != CHARACTERS {
            return Err(VenueCodeError::Form);
        }
        let bytes = base32::decode(code).ok_or(VenueCodeError::Form)?;
        let (signed, signature) = bytes.split_at_checked(SIGNED).ok_or(VenueCodeError::Form)?;
        let (&version, &kind) = (&signed[0], &signed[1]);
        if version != VERSION {
            return Err(VenueCodeError::Version(version));
        }
        let digest = to_be_signed(signed);
        if !keys.iter().any(|key| key.verify_digest(&digest, signature).is_ok()) {
            return Err(VenueCodeError::Signature);
        }
        let secret = signed[2..].try_into().map_err(|_| VenueCodeError::Form)?;
        Ok(Self {
            kind: VenueKind::from_number(kind),
            secret,
        })
    }

    /// Returns what a notice names the venue by, to those who were there and to nobody else (V5).
    pub fn location_id(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(LOCATED_AS)
            .chain_update(self.secret)
            .finalize()
            .into()
    }
}

/// A venue's code for those who cannot scan: seven signs, the last of which checks the others (V6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShortCode(String);

impl ShortCode {
    /// Signs of a code.
    pub const LENGTH: usize = 7;

    /// Draws a code from a source of random bytes.
    pub fn draw(random_byte: &mut dyn FnMut() -> u8) -> Self {
        Self(code::draw(Self::LENGTH, random_byte))
    }

    /// Reads what a person typed: any case, spaces and hyphens ignored.
    ///
    /// # Errors
    ///
    /// [`CodeError`] says what is wrong with the text; nothing is asked of a server.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let text = code::squeeze(typed, Self::LENGTH + 1);
        let length = text.chars().count();
        if length != Self::LENGTH {
            return Err(CodeError::Length(length));
        }
        code::check(&text)?;
        Ok(Self(text))
    }

    /// Returns the signs without separators.
    pub fn signs(&self) -> &str {
        &self.0
    }

    /// Returns the code as it is printed and read out: `7K2-M4PQ`.
    pub fn grouped(&self) -> String {
        let (first, rest) = self.0.split_at(3);
        alloc::format!("{first}-{rest}")
    }
}

fn to_be_signed(signed: &[u8]) -> [u8; 32] {
    digest(&[SIGNED_AS, signed].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).expect("in range")
    }

    fn market() -> VenueCode {
        VenueCode {
            kind: VenueKind::Market,
            secret: *b"cho my tho 2021!",
        }
    }

    #[test]
    fn a_poster_is_read_as_it_was_signed_and_printed_again_it_is_the_same() {
        let code = market().sign(&key(1));
        assert_eq!(code.len(), CHARACTERS);
        assert_eq!(code, market().sign(&key(1)));
        let keys = [key(2).public_key(), key(1).public_key()];
        for scanned in [
            code.clone(),
            code.to_ascii_lowercase(),
            alloc::format!("HTTPS://VUNGLAM.EXAMPLE/V/{code}"),
            alloc::format!(" https://vunglam.example/v/{code}\n"),
        ] {
            assert_eq!(VenueCode::read(&scanned, &keys), Ok(market()), "{scanned}");
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let code = market().sign(&key(1));
        let keys = [key(1).public_key()];
        for at in 0..code.len() {
            let mut changed = code.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(VenueCode::read(&changed, &keys).is_err(), "{at}");
        }
    }

    #[test]
    fn a_short_code_is_read_as_people_type_it_and_every_slip_is_caught() {
        let mut byte = 5_u8;
        let code = ShortCode::draw(&mut || {
            byte = byte.wrapping_mul(5).wrapping_add(101);
            byte
        });
        let typed = alloc::format!(" {} ", code.grouped().to_lowercase());
        assert_eq!(ShortCode::parse(&typed), Ok(code.clone()));
        let signs = code.signs().as_bytes();
        for at in 0..signs.len() {
            for sign in code::ALPHABET.iter().filter(|sign| **sign != signs[at]) {
                let mut wrong = signs.to_vec();
                wrong[at] = *sign;
                let wrong = String::from_utf8(wrong).expect("ASCII");
                assert_eq!(ShortCode::parse(&wrong), Err(CodeError::Check));
            }
            if at > 0 && signs[at] != signs[at - 1] {
                let mut swapped = signs.to_vec();
                swapped.swap(at, at - 1);
                let swapped = String::from_utf8(swapped).expect("ASCII");
                assert_eq!(ShortCode::parse(&swapped), Err(CodeError::Check));
            }
        }
        assert_eq!(ShortCode::parse(""), Err(CodeError::Length(0)));
        assert_eq!(ShortCode::parse(&"A".repeat(1 << 20)), Err(CodeError::Length(8)));
        assert_eq!(ShortCode::parse("222O222"), Err(CodeError::Character(4)));
    }

    #[test]
    fn forged_foreign_and_hostile_texts_are_told_apart() {
        let keys = [key(1).public_key()];
        let forged = market().sign(&key(2));
        assert_eq!(VenueCode::read(&forged, &keys), Err(VenueCodeError::Signature));
        assert_eq!(
            VenueCode::read(&market().sign(&key(1)), &[]),
            Err(VenueCodeError::Signature)
        );
        let mut later = base32::decode(&forged).expect("written here");
        later[0] = 9;
        assert_eq!(
            VenueCode::read(&base32::encode(&later), &keys),
            Err(VenueCodeError::Version(9))
        );
        let long = "A".repeat(1 << 20);
        for text in ["", "/", "https://example.com", "8934560001234", &forged[1..], &long] {
            assert_eq!(
                VenueCode::read(text, &keys),
                Err(VenueCodeError::Form),
                "{}",
                text.len()
            );
        }
    }

    #[test]
    fn a_kind_of_a_later_version_can_be_read_and_a_place_is_known_by_its_secret_alone() {
        for (number, kind) in (0..).zip(VenueKind::ALL) {
            assert_eq!((kind.number(), VenueKind::from_number(number)), (number, kind));
        }
        assert_eq!(VenueKind::from_number(200), VenueKind::Other);
        let other = VenueCode {
            secret: [0; 16],
            ..market()
        };
        let moved = VenueCode {
            kind: VenueKind::Shop,
            ..market()
        };
        assert_ne!(other.location_id(), market().location_id());
        assert_eq!(moved.location_id(), market().location_id());
    }
}
