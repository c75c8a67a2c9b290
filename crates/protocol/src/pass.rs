//! A person's own code: shown on the telephone or printed on a card, pseudonymous, verified at a gate without a network
//! (docs/spec/venues.md V50–V55).
//!
//! A telephone holds a pass for each day of the coming fortnight, signed by the authority for a key of that day. What it shows is the pass, the
//! minute, and the key's signature over both: a picture of it is of no use two minutes later, and another day's code is another pseudonym.

use alloc::string::String;
use alloc::vec::Vec;

use crate::base32;
use crate::signature::{POINT_BYTES, PublicKey, SecretKey, digest};

/// Version of the form of a code (V50).
const VERSION: u8 = 1;
const PASS: u8 = 2;
const CARD: u8 = 3;
/// Bytes of a pseudonym.
pub const ID_BYTES: usize = 16;
const SIGNATURE: usize = 64;
const PASS_SIGNED: usize = 2 + 4 + ID_BYTES + POINT_BYTES;
/// Bytes of a pass.
pub const PASS_BYTES: usize = PASS_SIGNED + SIGNATURE;
const SHOWN_BYTES: usize = PASS_BYTES + 4 + SIGNATURE;
const CARD_SIGNED: usize = 2 + ID_BYTES;
const CARD_BYTES: usize = CARD_SIGNED + SIGNATURE;
/// Longest text that is looked at, in bytes.
const MAX_TEXT: usize = 512;
const ISSUED_AS: &[u8] = b"VUNGLAM-PASS-1";
const SHOWN_AS: &[u8] = b"VUNGLAM-SHOWN-1";
const CARD_AS: &[u8] = b"VUNGLAM-CARD-1";

/// Why a text is no code of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassError {
    /// Something else.
    #[error("the text is no personal code (V50)")]
    Form,
    /// A code of a later version.
    #[error("the personal code has version {0}, which this program does not know (V50)")]
    Version(u8),
    /// Not signed by the authority, or not by the telephone that the pass was given to.
    #[error("the personal code is forged (V51, V52)")]
    Signature,
}

/// A day's pseudonym, signed for a telephone's key of that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass([u8; PASS_BYTES]);

impl Pass {
    /// Issues a pass for a day of the authority's calendar (V51).
    pub fn issue(day: u32, id: &[u8; ID_BYTES], holder: &PublicKey, authority: &SecretKey) -> Self {
        let mut bytes = [0; PASS_BYTES];
        bytes[..2].copy_from_slice(&[VERSION, PASS]);
        bytes[2..6].copy_from_slice(&day.to_be_bytes());
        bytes[6..22].copy_from_slice(id);
        bytes[22..PASS_SIGNED].copy_from_slice(&holder.to_point());
        let signature = authority.sign_digest(&to_be_signed(ISSUED_AS, &bytes[..PASS_SIGNED]));
        bytes[PASS_SIGNED..].copy_from_slice(&signature);
        Self(bytes)
    }

    /// Reads a pass as it was issued, checking its form only: a telephone keeps what it was given.
    ///
    /// # Errors
    ///
    /// [`PassError::Form`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PassError> {
        let bytes: [u8; PASS_BYTES] = bytes.try_into().map_err(|_| PassError::Form)?;
        if bytes[..2] != [VERSION, PASS] {
            return Err(PassError::Form);
        }
        Ok(Self(bytes))
    }

    /// Returns its bytes.
    pub fn as_bytes(&self) -> &[u8; PASS_BYTES] {
        &self.0
    }

    /// Returns the day it is for.
    pub fn day(&self) -> u32 {
        number(&self.0[2..6])
    }

    /// Returns what a telephone shows in a minute, counted from 1970; `holder` is the key that the pass was issued for (V52).
    pub fn show(&self, minute: u32, holder: &SecretKey) -> String {
        let mut bytes = Vec::with_capacity(SHOWN_BYTES);
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(&minute.to_be_bytes());
        let signature = holder.sign_digest(&to_be_signed(SHOWN_AS, &bytes));
        bytes.extend_from_slice(&signature);
        base32::encode(&bytes)
    }
}

/// Writes the code of a printed card (V53).
pub fn print_card(id: &[u8; ID_BYTES], authority: &SecretKey) -> String {
    let mut bytes = [0; CARD_BYTES];
    bytes[..2].copy_from_slice(&[VERSION, CARD]);
    bytes[2..CARD_SIGNED].copy_from_slice(id);
    let signature = authority.sign_digest(&to_be_signed(CARD_AS, &bytes[..CARD_SIGNED]));
    bytes[CARD_SIGNED..].copy_from_slice(&signature);
    base32::encode(&bytes)
}

/// What a genuine code of a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalCode {
    /// Shown by a telephone.
    Shown {
        /// Pseudonym of the day.
        id: [u8; ID_BYTES],
        /// The day it is for.
        day: u32,
        /// The minute it was shown in.
        minute: u32,
    },
    /// Printed.
    Card {
        /// Number of the card.
        id: [u8; ID_BYTES],
    },
}

impl PersonalCode {
    /// Reads a scanned text and checks its signatures; whether it is of now is [`PersonalCode::is_fresh`].
    ///
    /// # Errors
    ///
    /// [`PassError`].
    pub fn read(scanned: &str, keys: &[PublicKey]) -> Result<Self, PassError> {
        let text = scanned.trim();
        if text.len() > MAX_TEXT {
            return Err(PassError::Form);
        }
        let bytes = base32::decode(text).ok_or(PassError::Form)?;
        let signed = |label: &[u8], body: &[u8], signature: &[u8]| {
            let digest = to_be_signed(label, body);
            keys.iter().any(|key| key.verify_digest(&digest, signature).is_ok())
        };
        match (bytes.first(), bytes.get(1), bytes.len()) {
            (Some(&VERSION), Some(&PASS), SHOWN_BYTES) => {
                let (shown, holders) = bytes.split_at(PASS_BYTES + 4);
                let (pass, minute) = shown.split_at(PASS_BYTES);
                let (body, signature) = pass.split_at(PASS_SIGNED);
                if !signed(ISSUED_AS, body, signature) {
                    return Err(PassError::Signature);
                }
                let holder = PublicKey::from_point(&body[22..]).map_err(|_| PassError::Signature)?;
                let digest = to_be_signed(SHOWN_AS, shown);
                holder
                    .verify_digest(&digest, holders)
                    .map_err(|_| PassError::Signature)?;
                Ok(Self::Shown {
                    id: body[6..22].try_into().map_err(|_| PassError::Form)?,
                    day: number(&body[2..6]),
                    minute: number(minute),
                })
            }
            (Some(&VERSION), Some(&CARD), CARD_BYTES) => {
                let (body, signature) = bytes.split_at(CARD_SIGNED);
                if !signed(CARD_AS, body, signature) {
                    return Err(PassError::Signature);
                }
                Ok(Self::Card {
                    id: body[2..].try_into().map_err(|_| PassError::Form)?,
                })
            }
            (Some(&version), Some(&(PASS | CARD)), _) if version != VERSION => Err(PassError::Version(version)),
            _ => Err(PassError::Form),
        }
    }

    /// Returns whether a code is of now: a card always, a shown one in its minute and the one after, and in the one before for a
    /// telephone whose clock is ahead (V52).
    pub fn is_fresh(&self, minute: u32, day: u32) -> bool {
        match self {
            Self::Card { .. } => true,
            Self::Shown {
                day: of, minute: shown, ..
            } => minute.abs_diff(*shown) <= 1 && *of == day,
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

fn to_be_signed(label: &[u8], body: &[u8]) -> [u8; 32] {
    digest(&[label, body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 18_820;
    const MINUTE: u32 = 27_100_800;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).expect("in range")
    }

    fn shown(authority: u8, issued_for: u8, shown_by: u8) -> String {
        Pass::issue(DAY, &[9; 16], &key(issued_for).public_key(), &key(authority)).show(MINUTE, &key(shown_by))
    }

    #[test]
    fn what_a_telephone_shows_is_good_for_its_minute_and_its_day() {
        let code = shown(1, 2, 2);
        assert_eq!(code.len(), 300);
        let keys = [key(7).public_key(), key(1).public_key()];
        let read = PersonalCode::read(&code, &keys).expect("genuine");
        let expected = PersonalCode::Shown {
            id: [9; 16],
            day: DAY,
            minute: MINUTE,
        };
        assert_eq!(read, expected);
        let fresh = |ahead: i64| read.is_fresh((i64::from(MINUTE) + ahead) as u32, DAY);
        assert!(fresh(-1) && fresh(0) && fresh(1));
        assert!(!fresh(-2) && !fresh(2));
        assert!(!read.is_fresh(MINUTE, DAY + 1));
    }

    #[test]
    fn a_pass_is_of_no_use_on_another_telephone_or_from_another_authority() {
        let keys = [key(1).public_key()];
        assert_eq!(PersonalCode::read(&shown(1, 2, 3), &keys), Err(PassError::Signature));
        assert_eq!(PersonalCode::read(&shown(4, 2, 2), &keys), Err(PassError::Signature));
        let code = shown(1, 2, 2);
        for at in 0..code.len() {
            let mut changed = code.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(PersonalCode::read(&changed, &keys).is_err(), "{at}");
        }
    }

    #[test]
    fn cards_are_read_and_other_texts_are_not() {
        let keys = [key(1).public_key()];
        let card = print_card(&[5; 16], &key(1));
        assert_eq!(PersonalCode::read(&card, &keys), Ok(PersonalCode::Card { id: [5; 16] }));
        assert_eq!(
            PersonalCode::read(&print_card(&[5; 16], &key(2)), &keys),
            Err(PassError::Signature)
        );
        let mut later = base32::decode(&card).expect("written here");
        later[0] = 9;
        assert_eq!(
            PersonalCode::read(&base32::encode(&later), &keys),
            Err(PassError::Version(9))
        );
        let long = "A".repeat(1 << 20);
        for text in ["", "AEBA", "https://example.com", "001099012345|", &card[1..], &long] {
            assert_eq!(PersonalCode::read(text, &keys), Err(PassError::Form), "{}", text.len());
        }
    }

    #[test]
    fn a_telephone_keeps_a_pass_as_it_was_issued() {
        let pass = Pass::issue(DAY, &[9; 16], &key(2).public_key(), &key(1));
        assert_eq!(Pass::from_bytes(pass.as_bytes()), Ok(pass.clone()));
        assert_eq!(pass.day(), DAY);
        assert_eq!(Pass::from_bytes(&pass.as_bytes()[1..]), Err(PassError::Form));
        assert_eq!(Pass::from_bytes(&[0; PASS_BYTES]), Err(PassError::Form));
    }
}
