//! What a gate may do while nobody answers: signed by the authority, good for a time (docs/spec/venues.md V67–V69).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::GATE_ID_BYTES;
use crate::jws::{self, DocumentType, JwsError};
use crate::signature::{POINT_BYTES, PublicKey, SecretKey};

/// Id of the key in the header: there is one.
const KEY_ID: &str = "v1";

/// What a gate takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What a telephone shows.
    Pass,
    /// A printed card.
    Card,
    /// An identity card, an insurance card or the code of Decision 1405.
    Paper,
    /// What a guard types for somebody.
    Typed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Card, Self::Paper, Self::Typed];
}

/// Which way people go through a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// In and out by turns.
    Both,
    /// In.
    In,
    /// Out.
    Out,
}

/// Who may open a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Id.
    pub id: String,
    /// Name, as colleagues say it.
    pub name: String,
    /// Salt of the PIN, in hexadecimal digits.
    pub salt: String,
    /// PBKDF2-HMAC-SHA256 of the PIN, 32 bytes in hexadecimal digits.
    pub hash: String,
    /// Its rounds.
    pub rounds: u32,
}

/// A gate's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The gate they are for, in hexadecimal digits.
    pub gate: String,
    /// Name of the gate.
    pub name: String,
    /// Name of the venue.
    pub venue: String,
    /// Number of the venue's kind (V2).
    pub kind: u8,
    /// When they were made, in Unix seconds; later ones take their place.
    pub from: i64,
    /// Until when they are good.
    pub until: i64,
    /// Which way people go.
    pub way: Way,
    /// What is taken.
    pub takes: Vec<Kind>,
    /// Who may open the gate.
    pub guards: Vec<Guard>,
    /// Numbers of cards that are good no longer, in hexadecimal digits.
    pub revoked_cards: Vec<String>,
    /// Points of the keys that sign personal codes and cards, in hexadecimal digits.
    pub code_keys: Vec<String>,
    /// Point of the key to which scans are sealed.
    pub seal_key: String,
}

impl Rules {
    /// Signs them.
    pub fn sign(&self, authority: &SecretKey) -> String {
        jws::sign(DocumentType::GateRules, KEY_ID, authority, self)
    }

    /// Reads a document that the authority signed for this gate.
    ///
    /// # Errors
    ///
    /// [`JwsError`]; [`JwsError::Payload`] for another gate's rules and for a key that is none.
    pub fn read(document: &str, authority: &PublicKey, gate: &[u8; GATE_ID_BYTES]) -> Result<Self, JwsError> {
        let rules: Self = jws::verify(DocumentType::GateRules, KEY_ID, authority, document)?;
        let is_ours = unhex::<GATE_ID_BYTES>(&rules.gate).as_ref() == Some(gate);
        if !is_ours || rules.keys().is_none() || rules.seal_point().is_none() {
            return Err(JwsError::Payload);
        }
        Ok(rules)
    }

    /// Returns the keys that sign personal codes and cards; `None` when one is no key.
    pub fn keys(&self) -> Option<Vec<PublicKey>> {
        self.code_keys.iter().map(|point| key_of(point)).collect()
    }

    /// Returns the key to which scans are sealed.
    pub fn seal_point(&self) -> Option<PublicKey> {
        key_of(&self.seal_key)
    }

    /// Returns whether they are good now.
    pub fn are_current(&self, now: i64) -> bool {
        now < self.until
    }
}

fn key_of(hex: &str) -> Option<PublicKey> {
    PublicKey::from_point(&unhex::<POINT_BYTES>(hex)?).ok()
}

/// Writes bytes as hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Reads as many bytes from hexadecimal digits; `None` for any other text.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).expect("in range")
    }

    fn rules() -> Rules {
        Rules {
            gate: to_hex(&[3; 16]),
            name: "Cổng A".into(),
            venue: "Chợ Mỹ Tho".into(),
            kind: 5,
            from: 100,
            until: 200,
            way: Way::Both,
            takes: Kind::ALL.to_vec(),
            guards: vec![],
            revoked_cards: vec![to_hex(&[9; 16])],
            code_keys: vec![to_hex(&key(1).public_key().to_point())],
            seal_key: to_hex(&key(2).public_key().to_point()),
        }
    }

    #[test]
    fn rules_are_read_when_the_authority_signed_them_for_this_gate() {
        let signed = rules().sign(&key(1));
        let read = Rules::read(&signed, &key(1).public_key(), &[3; 16]).expect("signed for it");
        assert_eq!(read, rules());
        assert!(read.are_current(199) && !read.are_current(200));
        assert_eq!(read.keys(), Some(vec![key(1).public_key()]));
    }

    #[test]
    fn forged_rules_and_those_of_another_gate_are_refused() {
        let read = |document: &str, gate: u8| Rules::read(document, &key(1).public_key(), &[gate; 16]);
        assert_eq!(read(&rules().sign(&key(1)), 4), Err(JwsError::Payload));
        assert!(matches!(read(&rules().sign(&key(5)), 3), Err(JwsError::Signature(_))));
        // Signed by the authority, as something else.
        let token = jws::sign(DocumentType::Token, KEY_ID, &key(1), &rules());
        assert_eq!(read(&token, 3), Err(JwsError::Type));
        let broken = Rules {
            seal_key: "00".into(),
            ..rules()
        };
        assert_eq!(read(&broken.sign(&key(1)), 3), Err(JwsError::Payload));
        let mut changed = rules().sign(&key(1));
        changed.insert(60, 'A');
        assert!(read(&changed, 3).is_err());
    }

    #[test]
    fn hexadecimal_digits_are_read_whole_or_not_at_all() {
        assert_eq!(unhex::<2>("0fA0"), Some([15, 160]));
        assert_eq!(to_hex(&[15, 160]), "0fa0");
        for text in ["", "0fA", "0fA00", "0gA0", "ấ0"] {
            assert_eq!(unhex::<2>(text), None, "{text}");
        }
    }
}
