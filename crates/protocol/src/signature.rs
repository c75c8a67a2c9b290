//! ECDSA P-256 with SHA-256, the one signature scheme: exports (GAEN), certificates, configuration and time
//! (docs/adr/0006).

use alloc::string::String;
use alloc::vec::Vec;
use p256::ecdh::diffie_hellman;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Longest PEM text read, in bytes.
const MAX_PEM: usize = 4096;

/// Length of a public key as a compressed point.
pub const POINT_BYTES: usize = 33;

/// Why a key could not be read or a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The bytes or the PEM text are not a P-256 key.
    #[error("not a P-256 key")]
    Key,
    /// The signature has the wrong form: DER for exports, 64 bytes elsewhere.
    #[error("the signature is malformed")]
    Form,
    /// The signature is well formed and not this key's.
    #[error("the signature does not verify under the given public key")]
    Mismatch,
}

/// A secret signing key.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes a key of 32 random bytes; about one draw in 2³² is out of range and is refused.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Key`]: draw again.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignatureError> {
        SigningKey::from_slice(bytes).map(Self).map_err(|_| SignatureError::Key)
    }

    /// Reads a PKCS#8 PEM.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Key`] on anything else.
    pub fn from_pem(pem: &str) -> Result<Self, SignatureError> {
        bounded(pem)?;
        SigningKey::from_pkcs8_pem(pem)
            .map(Self)
            .map_err(|_| SignatureError::Key)
    }

    /// Writes the key as PKCS#8 PEM, for a file only its owner may read.
    pub fn to_pem(&self) -> String {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF).expect("a valid key always encodes");
        String::from(pem.as_str())
    }

    /// Returns the public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// Signs a SHA-256 digest; the 64-byte form. Deterministic (RFC 6979).
    pub fn sign_digest(&self, digest: &[u8; 32]) -> [u8; 64] {
        self.signature(digest).to_bytes().into()
    }

    /// Signs a SHA-256 digest; the DER form that exports carry.
    pub fn sign_digest_der(&self, digest: &[u8; 32]) -> Vec<u8> {
        self.signature(digest).to_der().as_bytes().to_vec()
    }

    /// Returns what this key and another's public half have in common: the x coordinate of their product (SEC 1, ECDH).
    pub(crate) fn agree(&self, other: &PublicKey) -> Zeroizing<[u8; 32]> {
        let shared = diffie_hellman(self.0.as_nonzero_scalar(), other.0.as_affine());
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(shared.raw_secret_bytes());
        bytes
    }

    fn signature(&self, digest: &[u8; 32]) -> Signature {
        self.0.sign_prehash(digest).expect("a SHA-256 digest is long enough")
    }
}

/// A public key that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Key`] on anything else.
    pub fn from_pem(pem: &str) -> Result<Self, SignatureError> {
        bounded(pem)?;
        VerifyingKey::from_public_key_pem(pem)
            .map(Self)
            .map_err(|_| SignatureError::Key)
    }

    /// Writes the key as SubjectPublicKeyInfo PEM.
    pub fn to_pem(&self) -> String {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .expect("a valid key always encodes")
    }

    /// Reads the 33 bytes of a compressed point (SEC 1).
    ///
    /// # Errors
    ///
    /// [`SignatureError::Key`] on anything else.
    pub fn from_point(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() != POINT_BYTES {
            return Err(SignatureError::Key);
        }
        VerifyingKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| SignatureError::Key)
    }

    /// Writes the key as a compressed point (SEC 1).
    pub fn to_point(&self) -> [u8; POINT_BYTES] {
        let mut bytes = [0; POINT_BYTES];
        bytes.copy_from_slice(self.0.to_sec1_point(true).as_bytes());
        bytes
    }

    /// Checks a 64-byte signature over a digest. High and low `s` are both accepted: GAEN does not forbid either.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Form`] or [`SignatureError::Mismatch`].
    pub fn verify_digest(&self, digest: &[u8; 32], signature: &[u8]) -> Result<(), SignatureError> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureError::Form)?;
        self.0
            .verify_prehash(digest, &signature)
            .map_err(|_| SignatureError::Mismatch)
    }

    /// Checks a DER signature over a digest.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Form`] or [`SignatureError::Mismatch`].
    pub fn verify_digest_der(&self, digest: &[u8; 32], signature: &[u8]) -> Result<(), SignatureError> {
        let signature = Signature::from_der(signature).map_err(|_| SignatureError::Form)?;
        self.0
            .verify_prehash(digest, &signature)
            .map_err(|_| SignatureError::Mismatch)
    }
}

/// Returns SHA-256 of `message`.
pub fn digest(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

fn bounded(pem: &str) -> Result<(), SignatureError> {
    if pem.len() > MAX_PEM {
        Err(SignatureError::Key)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_pem_and_its_signatures_verify_only_for_their_digest() {
        let secret = SecretKey::from_bytes(&[5; 32]).expect("in range");
        let again = SecretKey::from_pem(&secret.to_pem()).expect("own PEM");
        let public = PublicKey::from_pem(&secret.public_key().to_pem()).expect("own PEM");
        let signature = again.sign_digest(&digest(b"a"));
        assert_eq!(public.verify_digest(&digest(b"a"), &signature), Ok(()));
        assert_eq!(PublicKey::from_point(&public.to_point()), Ok(public));
        assert_eq!(PublicKey::from_point(&[2; 65]), Err(SignatureError::Key));
        assert_eq!(
            public.verify_digest(&digest(b"b"), &signature),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            public.verify_digest(&digest(b"a"), &signature[1..]),
            Err(SignatureError::Form)
        );
        let der = again.sign_digest_der(&digest(b"a"));
        assert_eq!(public.verify_digest_der(&digest(b"a"), &der), Ok(()));
        assert_eq!(
            public.verify_digest_der(&digest(b"a"), &signature),
            Err(SignatureError::Form)
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(SecretKey::from_bytes(&[0; 32]).is_err());
        assert!(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----").is_err());
        assert!(PublicKey::from_pem(&"x".repeat(MAX_PEM + 1)).is_err());
    }
}
