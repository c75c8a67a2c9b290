//! Small secrets sealed at rest: XChaCha20-Poly1305 with a random nonce in front, bound to a context.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::entropy::Entropy;
use crate::error::ServiceError;

const NONCE: usize = 24;

/// Returns nonce and ciphertext of `plain`, bound to `context`.
///
/// # Errors
///
/// [`ServiceError::Internal`] for a text beyond the cipher's limit.
pub(crate) fn seal(key: &[u8; 32], context: &[u8], plain: &[u8], entropy: &Entropy) -> Result<Vec<u8>, ServiceError> {
    let nonce: [u8; NONCE] = entropy.bytes();
    let payload = Payload {
        msg: plain,
        aad: context,
    };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| ServiceError::Internal("a text cannot be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

/// Returns what [`seal`] sealed.
///
/// # Errors
///
/// [`ServiceError::Internal`] under another key or context, or when a bit has changed.
pub(crate) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, ServiceError> {
    let broken = ServiceError::Internal("a sealed text cannot be opened");
    let Some((nonce, text)) = sealed.split_first_chunk::<NONCE>() else {
        return Err(broken);
    };
    let payload = Payload {
        msg: text,
        aad: context,
    };
    let opened = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload);
    opened.map_err(|_| broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_context_open_what_was_sealed() {
        let (key, other) = ([1; 32], [2; 32]);
        let sealed = seal(&key, b"officer_1", b"secret", &Entropy::seeded(1)).expect("sealed");
        assert_eq!(open(&key, b"officer_1", &sealed).expect("opened"), b"secret");
        assert!(open(&other, b"officer_1", &sealed).is_err());
        assert!(open(&key, b"officer_2", &sealed).is_err());
        assert!(open(&key, b"officer_1", &sealed[1..]).is_err());
        assert!(open(&key, b"officer_1", &[]).is_err());
    }
}
