//! What a gate keeps of a scan until it reaches the authority: sealed so that the gate itself cannot open it again, chained and
//! counted so that nothing can be left out, changed or put in (docs/spec/venues.md V60–V66).

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub mod record;
pub mod rules;

use crate::seal::{self, Key, NONCE_BYTES};
use crate::signature::{POINT_BYTES, PublicKey, SecretKey};

/// Bytes of a gate's id.
pub const GATE_ID_BYTES: usize = 16;
/// Most records of a session: then a new one begins (V61).
pub const SESSION_RECORDS: u32 = 1_000;
/// Longest sealed record that is opened, in bytes.
pub const MAX_SEALED: usize = 4 * 1024;
const ROOT: &[u8] = b"VUNGLAM-GATE-SEAL-1";
const CHAIN: &[u8] = b"VUNGLAM-GATE-1";
const ENROL: &[u8] = b"VUNGLAM-GATE-ENROL-1";
const SYNC: &[u8] = b"VUNGLAM-GATE-SYNC-1";
const NEXT: &[u8] = &[1];
const RECORD: &[u8] = &[2];

/// A gate's end of a session: every record takes a key and forgets it.
pub struct Session {
    point: [u8; POINT_BYTES],
    chain: Zeroizing<[u8; 32]>,
    number: u32,
}

/// The authority's end of a session.
pub struct Opener {
    chain: Zeroizing<[u8; 32]>,
    number: u32,
}

/// A sealed record of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number in the session, from 0.
    pub number: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Session {
    /// Begins a session with a key that is used for it alone and forgotten (V61).
    pub fn begin(ephemeral: &SecretKey, authority: &PublicKey) -> Self {
        let point = ephemeral.public_key().to_point();
        Self {
            chain: root(&ephemeral.agree(authority), &point),
            point,
            number: 0,
        }
    }

    /// Returns what the authority needs to open the session's records.
    pub fn point(&self) -> [u8; POINT_BYTES] {
        self.point
    }

    /// Seals a record for a gate and forgets its key; `None` when the session is at its end.
    pub fn seal(&mut self, gate: &[u8; GATE_ID_BYTES], nonce: &[u8; NONCE_BYTES], plain: &[u8]) -> Option<Sealed> {
        if self.number >= SESSION_RECORDS {
            return None;
        }
        let number = self.number;
        let bytes = seal::seal(&record_key(&self.chain), nonce, &bound(gate, number), plain);
        self.chain = step(&self.chain, NEXT);
        self.number += 1;
        Some(Sealed { number, bytes })
    }
}

impl Opener {
    /// Opens a session by its point and the authority's key.
    pub fn new(authority: &SecretKey, point: &PublicKey) -> Self {
        Self {
            chain: root(&authority.agree(point), &point.to_point()),
            number: 0,
        }
    }

    /// Opens a record; the numbers asked for must not fall. `None` when it is not what a gate sealed.
    pub fn open(&mut self, gate: &[u8; GATE_ID_BYTES], sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.number < self.number || sealed.number >= SESSION_RECORDS || sealed.bytes.len() > MAX_SEALED {
            return None;
        }
        while self.number < sealed.number {
            self.chain = step(&self.chain, NEXT);
            self.number += 1;
        }
        seal::open(&record_key(&self.chain), &bound(gate, sealed.number), &sealed.bytes)
    }
}

/// Returns what a gate signs of a record, and what the next record names as the one before (V62).
pub fn link(
    gate: &[u8; GATE_ID_BYTES],
    counter: u64,
    before: &[u8; 32],
    point: &[u8; POINT_BYTES],
    sealed: &Sealed,
) -> [u8; 32] {
    Sha256::new()
        .chain_update(CHAIN)
        .chain_update(gate)
        .chain_update(counter.to_be_bytes())
        .chain_update(before)
        .chain_update(point)
        .chain_update(sealed.number.to_be_bytes())
        .chain_update(&sealed.bytes)
        .finalize()
        .into()
}

/// Returns what a gate signs to enrol: the secret of the link it was opened with, and its own key (V65).
pub fn enrolment(secret: &[u8], point: &[u8; POINT_BYTES]) -> Vec<u8> {
    [ENROL, secret, point].concat()
}

/// Returns what a gate signs of a request: when it sent it by its own clock, by the other, and the last link (V66).
pub fn request(gate: &[u8; GATE_ID_BYTES], sent_at: i64, known: Option<i64>, last: &[u8; 32]) -> Vec<u8> {
    let known = known.unwrap_or(i64::MIN);
    [SYNC, gate, &sent_at.to_be_bytes(), &known.to_be_bytes(), last].concat()
}

/// Returns what a gate knows somebody by while it runs: a hash under a key that it forgets when it stops.
pub fn alias(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    let digest = mac(key, parts);
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

fn root(shared: &[u8; 32], point: &[u8; POINT_BYTES]) -> Zeroizing<[u8; 32]> {
    mac(ROOT, &[shared, point])
}

fn step(chain: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    mac(chain, &[label])
}

fn record_key(chain: &[u8; 32]) -> Key {
    step(chain, RECORD)
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn bound(gate: &[u8; GATE_ID_BYTES], number: u32) -> Vec<u8> {
    [CHAIN, gate, &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: [u8; 16] = [3; 16];

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).expect("in range")
    }

    fn ends() -> (Session, Opener) {
        let session = Session::begin(&key(5), &key(1).public_key());
        let point = PublicKey::from_point(&session.point()).expect("a point");
        (session, Opener::new(&key(1), &point))
    }

    #[test]
    fn the_authority_opens_what_a_gate_sealed_also_with_gaps() {
        let (mut session, mut opener) = ends();
        let sealed: Vec<Sealed> = (0..5u8)
            .map(|number| session.seal(&GATE, &[number; 24], &[number; 9]).expect("room"))
            .collect();
        for number in [0, 2, 4] {
            let opened = opener.open(&GATE, &sealed[number]).expect("opens");
            assert_eq!(opened.as_slice(), [number as u8; 9]);
        }
        // Keys of before are gone, at this end as well.
        assert_eq!(opener.open(&GATE, &sealed[1]), None);
    }

    #[test]
    fn another_gate_number_key_or_byte_does_not_open() {
        let (mut session, _) = ends();
        let sealed = session.seal(&GATE, &[7; 24], b"plain").expect("room");
        let opens = |opener: &mut Opener, gate: &[u8; 16], sealed: &Sealed| opener.open(gate, sealed).is_some();
        assert!(opens(&mut ends().1, &GATE, &sealed));
        assert!(!opens(&mut ends().1, &[4; 16], &sealed));
        let renumbered = Sealed {
            number: 1,
            ..sealed.clone()
        };
        assert!(!opens(&mut ends().1, &GATE, &renumbered));
        let mut changed = sealed.clone();
        changed.bytes[30] ^= 1;
        assert!(!opens(&mut ends().1, &GATE, &changed));
        let point = PublicKey::from_point(&session.point()).expect("a point");
        assert!(!opens(&mut Opener::new(&key(2), &point), &GATE, &sealed));
        let huge = Sealed {
            number: u32::MAX,
            bytes: alloc::vec![0; MAX_SEALED + 1],
        };
        assert!(!opens(&mut ends().1, &GATE, &huge));
    }

    #[test]
    fn a_session_ends_after_a_thousand_records() {
        let (mut session, _) = ends();
        for _ in 0..SESSION_RECORDS {
            assert!(session.seal(&GATE, &[0; 24], b"").is_some());
        }
        assert_eq!(session.seal(&GATE, &[0; 24], b""), None);
    }

    #[test]
    fn a_link_changes_with_everything_it_holds() {
        let sealed = Sealed {
            number: 0,
            bytes: alloc::vec![1, 2, 3],
        };
        let of = |gate: u8, counter, before: u8, point: u8, sealed: &Sealed| {
            link(&[gate; 16], counter, &[before; 32], &[point; 33], sealed)
        };
        let first = of(1, 1, 1, 1, &sealed);
        let other = Sealed {
            number: 1,
            ..sealed.clone()
        };
        let all = [
            of(2, 1, 1, 1, &sealed),
            of(1, 2, 1, 1, &sealed),
            of(1, 1, 2, 1, &sealed),
            of(1, 1, 1, 2, &sealed),
            of(1, 1, 1, 1, &other),
        ];
        assert!(all.iter().all(|link| *link != first));
    }
}
