//! What phones and the two sides say to each other over HTTP, with the names of Google's servers where those exist
//! (docs/spec/upload.md). Parsing is strict about types and lenient about nothing else.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Largest body of a request to `/v1/publish`, in bytes (U1).
pub const MAX_PUBLISH_BODY: usize = 64 * 1024;
/// Largest body of a request to `/v1/verify` or `/v1/certificate`, in bytes.
pub const MAX_VERIFY_BODY: usize = 8 * 1024;
/// Most keys in one upload (U5).
pub const MAX_UPLOADED_KEYS: usize = 30;
/// Header that marks cover traffic.
pub const CHAFF_HEADER: &str = "x-chaff";

/// A key inside an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedKey {
    /// 16 bytes, standard Base64.
    pub key: String,
    /// First interval of validity.
    pub rolling_start_number: u32,
    /// Intervals of validity.
    #[serde(default = "a_day")]
    pub rolling_period: u32,
    /// GAEN's deprecated level.
    #[serde(default)]
    pub transmission_risk: u8,
}

fn a_day() -> u32 {
    crate::time::INTERVALS_PER_DAY
}

/// `POST /v1/publish`: keys go up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUpload {
    /// The keys, at most 30.
    #[serde(rename = "temporaryExposureKeys")]
    pub keys: Vec<UploadedKey>,
    /// Which authority verified.
    #[serde(rename = "healthAuthorityID")]
    pub health_authority_id: String,
    /// The verification certificate.
    #[serde(rename = "verificationPayload")]
    pub verification_payload: String,
    /// The HMAC secret, standard Base64.
    #[serde(rename = "hmacKey")]
    pub hmac_key: String,
    /// Interval of the onset of symptoms when the person states it.
    #[serde(rename = "symptomOnsetInterval", default, skip_serializing_if = "Option::is_none")]
    pub symptom_onset_interval: Option<u32>,
    /// Whether the person travelled; carried for compatibility.
    #[serde(default)]
    pub traveler: bool,
    /// Proof of an earlier upload of the same keys, for revision.
    #[serde(rename = "revisionToken", default, skip_serializing_if = "Option::is_none")]
    pub revision_token: Option<String>,
    /// Random filling that hides how many keys there are.
    #[serde(default)]
    pub padding: String,
}

/// What became of one uploaded key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOutcome {
    /// Position in the upload.
    pub index: u32,
    /// The rule that dropped the key, or nothing when it was accepted.
    pub rule: Option<String>,
    /// The rule in words.
    #[serde(default)]
    pub message: String,
}

/// Answer to [`KeyUpload`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUploadAnswer {
    /// Number of keys accepted.
    #[serde(rename = "insertedExposures")]
    pub inserted_exposures: u32,
    /// One outcome for each key.
    pub outcomes: Vec<KeyOutcome>,
    /// Random filling.
    #[serde(default)]
    pub padding: String,
}

/// `POST /v1/verify`: a verification code is redeemed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyRequest {
    /// The code as typed.
    pub code: String,
    /// Report types the client accepts.
    #[serde(default)]
    pub accept: Vec<String>,
    /// Random filling.
    #[serde(default)]
    pub padding: String,
}

/// Answer to [`VerifyRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// Signed token, to be exchanged for a certificate.
    pub token: String,
    /// Report type.
    pub testtype: String,
    /// Onset of symptoms, `yyyy-mm-dd`, when the case is known to have had them.
    #[serde(rename = "symptomDate", default)]
    pub symptom_date: Option<String>,
    /// Date of the test, `yyyy-mm-dd`.
    #[serde(rename = "testDate", default)]
    pub test_date: Option<String>,
    /// Random filling.
    #[serde(default)]
    pub padding: String,
}

/// `POST /v1/certificate`: the token and the HMAC over the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// Token of [`VerifyAnswer`].
    pub token: String,
    /// HMAC over the keys, standard Base64, 32 bytes.
    pub ekeyhmac: String,
    /// Random filling.
    #[serde(default)]
    pub padding: String,
}

/// Answer to [`CertificateRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateAnswer {
    /// Compact JWS of `certificate::VerificationClaims`.
    pub certificate: String,
    /// Random filling.
    #[serde(default)]
    pub padding: String,
}

/// Payload of the signed time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedTime {
    /// Unix seconds.
    pub unix: i64,
    /// The nonce of the request, so that an old answer cannot be replayed.
    pub nonce: String,
}

/// What a phone pins about its region: addresses and public keys (`GET /v1/trust`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Region of the exports, for example `82`.
    pub region: String,
    /// Base address of the authority's public API.
    pub authority_url: String,
    /// Base address of the keys side.
    pub keys_url: String,
    /// 16-bit service UUID of the radio, 4 hexadecimal digits.
    pub radio_service_uuid: String,
    /// Verifies configuration and time.
    pub document_public_key_pem: String,
    /// Key id of configuration and time.
    pub document_key_id: String,
    /// Verifies exports.
    pub export_public_key_pem: String,
    /// Key id in the exports' signature info.
    pub export_key_id: String,
    /// Key version in the exports' signature info.
    pub export_key_version: String,
    /// The authority's id, audience of certificates.
    pub health_authority_id: String,
    /// Verifies codes of venues; empty in documents of before there were any, and then no code can be verified on the phone.
    #[serde(default)]
    pub venue_public_key_pem: String,
}
