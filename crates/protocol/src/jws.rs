//! Signed documents: compact JWS with exactly one algorithm, ES256 (RFC 7515; docs/adr/0006).
//!
//! `typ` separates uses, so that a signature made for one kind of document is refused as another (U2).

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::signature::{PublicKey, SecretKey, SignatureError, digest};

/// Longest document read, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// What a document is; the header's `typ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentType {
    /// Verification certificate, in Google's form.
    Certificate,
    /// Verification token of the authority.
    Token,
    /// Risk configuration.
    Config,
    /// Signed time.
    Time,
    /// What a gate may do while nobody answers.
    GateRules,
}

impl DocumentType {
    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "JWT",
            Self::Token => "vunglam-token+jws",
            Self::Config => "vunglam-config+jws",
            Self::Time => "vunglam-time+jws",
            Self::GateRules => "vunglam-gate-rules+jws",
        }
    }
}

/// Why a signed document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Longer than [`MAX_LENGTH`].
    #[error("the signed document is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Not three base64url parts with a JSON header.
    #[error("the signed document is malformed")]
    Malformed,
    /// Another algorithm than ES256.
    #[error("the signed document does not use ES256")]
    Algorithm,
    /// Signed as another kind of document.
    #[error("the signed document is of another kind")]
    Type,
    /// Signed with a key of another id.
    #[error("the signed document names an unknown key")]
    KeyId,
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The payload is signed but does not have the expected fields.
    #[error("the signed payload does not have the expected fields")]
    Payload,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    typ: String,
}

/// Signs `payload` as JSON.
pub fn sign<T: Serialize>(kind: DocumentType, key_id: &str, key: &SecretKey, payload: &T) -> String {
    let header = Header {
        alg: "ES256".into(),
        kid: key_id.into(),
        typ: kind.name().into(),
    };
    let mut out = part(&serde_json::to_vec(&header).expect("strings always serialise"));
    out.push('.');
    out.push_str(&part(
        &serde_json::to_vec(payload).expect("our payloads always serialise"),
    ));
    let signature = key.sign_digest(&digest(out.as_bytes()));
    out.push('.');
    out.push_str(&part(&signature));
    out
}

/// Verifies `document` and returns its payload.
///
/// The signature is checked before the payload is parsed.
///
/// # Errors
///
/// [`JwsError`] names the first thing that is wrong.
pub fn verify<T: DeserializeOwned>(
    kind: DocumentType,
    key_id: &str,
    key: &PublicKey,
    document: &str,
) -> Result<T, JwsError> {
    if document.len() > MAX_LENGTH {
        return Err(JwsError::TooLong);
    }
    let (signed, signature) = document.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
    let header: Header = serde_json::from_slice(&unpart(header)?).map_err(|_| JwsError::Malformed)?;
    if header.alg != "ES256" {
        return Err(JwsError::Algorithm);
    }
    if header.typ != kind.name() {
        return Err(JwsError::Type);
    }
    if header.kid != key_id {
        return Err(JwsError::KeyId);
    }
    key.verify_digest(&digest(signed.as_bytes()), &unpart(signature)?)?;
    serde_json::from_slice(&unpart(payload)?).map_err(|_| JwsError::Payload)
}

fn part(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unpart(text: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Payload {
        n: u32,
    }

    fn key() -> SecretKey {
        SecretKey::from_bytes(&[7; 32]).expect("in range")
    }

    fn read(kind: DocumentType, document: &str) -> Result<Payload, JwsError> {
        verify(kind, "v1", &key().public_key(), document)
    }

    #[test]
    fn a_document_is_read_back_only_as_its_own_kind() {
        let document = sign(DocumentType::Time, "v1", &key(), &Payload { n: 3 });
        assert_eq!(read(DocumentType::Time, &document), Ok(Payload { n: 3 }));
        assert_eq!(read(DocumentType::Config, &document), Err(JwsError::Type));
    }

    #[test]
    fn each_defect_has_its_own_error() {
        let document = sign(DocumentType::Time, "v1", &key(), &Payload { n: 3 });
        let none = part(br#"{"alg":"none","kid":"v1","typ":"vunglam-time+jws"}"#);
        let rest = document.split_once('.').expect("three parts").1;
        assert_eq!(
            read(DocumentType::Time, &format!("{none}.{rest}")),
            Err(JwsError::Algorithm)
        );
        assert_eq!(read(DocumentType::Time, "a.b"), Err(JwsError::Malformed));
        assert_eq!(
            read(DocumentType::Time, &"a".repeat(MAX_LENGTH + 1)),
            Err(JwsError::TooLong)
        );
        let other = sign(DocumentType::Time, "v2", &key(), &Payload { n: 3 });
        assert_eq!(read(DocumentType::Time, &other), Err(JwsError::KeyId));
        let stranger = SecretKey::from_bytes(&[8; 32]).expect("in range");
        let forged = sign(DocumentType::Time, "v1", &stranger, &Payload { n: 3 });
        assert_eq!(
            read(DocumentType::Time, &forged),
            Err(JwsError::Signature(SignatureError::Mismatch))
        );
        let unexpected = sign(DocumentType::Time, "v1", &key(), &[1, 2]);
        assert_eq!(read(DocumentType::Time, &unexpected), Err(JwsError::Payload));
    }
}
