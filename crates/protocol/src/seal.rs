//! Sealing of small values: XChaCha20-Poly1305 under a random nonce, bound to what the value is and whose.
//!
//! A sealed value is `form (1) ‖ nonce (24) ‖ ciphertext ‖ tag (16)`. It stands in this crate because plain functions of an
//! optimised crate are fast in every build: the cipher's generic code is compiled where it is called.

use alloc::vec::Vec;

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// A key that wipes itself.
pub type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Length of a key.
pub const KEY_BYTES: usize = 32;
/// Length of a nonce; long enough to be drawn at random for as many values as there will ever be.
pub const NONCE_BYTES: usize = 24;

const FORM: u8 = 1;
const HEAD: usize = 1 + NONCE_BYTES;
const TAG_BYTES: usize = 16;

/// Seals `plain`; only the same key and `bound` open it again. A nonce is used once for a key.
pub fn seal(key: &[u8; KEY_BYTES], nonce: &[u8; NONCE_BYTES], bound: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(HEAD + plain.len() + TAG_BYTES);
    sealed.push(FORM);
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(plain);
    let tag = XChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(nonce.into(), bound, InOutBuf::from(&mut sealed[HEAD..]))
        .expect("a few hundred bytes are far below the cipher's limit");
    sealed.extend_from_slice(&tag);
    sealed
}

/// Opens a sealed value; `None` when it was sealed under another key, for another purpose, or was changed.
pub fn open(key: &[u8; KEY_BYTES], bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&FORM, rest) = sealed.split_first()? else {
        return None;
    };
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
    let (body, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut plain = Zeroizing::new(body.to_vec());
    XChaCha20Poly1305::new(key.into())
        .decrypt_inout_detached(nonce.into(), bound, InOutBuf::from(plain.as_mut_slice()), tag.into())
        .ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_purpose_open_an_unchanged_value() {
        let (key, other, nonce) = ([1; 32], [2; 32], [3; 24]);
        let sealed = seal(&key, &nonce, b"purpose", b"text");
        assert_eq!(sealed.len(), 1 + 24 + 4 + 16);
        assert_eq!(open(&key, b"purpose", &sealed).unwrap().as_slice(), b"text");
        assert!(open(&other, b"purpose", &sealed).is_none());
        assert!(open(&key, b"purposE", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, b"purpose", &changed).is_none(), "byte {at}");
            assert!(open(&key, b"purpose", &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    /// XChaCha20-Poly1305 of draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_cipher_is_the_one_of_the_draft() {
        let key: [u8; 32] = core::array::from_fn(|at| 0x80 + at as u8);
        let nonce: [u8; 24] = core::array::from_fn(|at| 0x40 + at as u8);
        let bound = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
                      sunscreen would be it.";
        let sealed = seal(&key, &nonce, &bound, plain);
        assert_eq!(hex::encode(&sealed[25..41]), "bd6d179d3e83d43b9576579493c0e939");
        assert_eq!(
            hex::encode(&sealed[sealed.len() - 16..]),
            "c0875924c1c7987947deafd8780acf49"
        );
    }
}
