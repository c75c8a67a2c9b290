//! The verification certificate: the only thing that crosses from the authority to the keys side
//! (docs/spec/upload.md U2–U4). It names no person; it binds a diagnosis to keys by HMAC.

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::message::UploadedKey;

/// Longest validity of a certificate, in seconds (U3).
pub const MAX_LIFETIME_SECONDS: i64 = 15 * 60;

/// Claims of a verification certificate, with Google's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationClaims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is for: the keys side's authority id.
    pub aud: String,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Not valid before, Unix seconds.
    pub nbf: i64,
    /// Not valid after, Unix seconds.
    pub exp: i64,
    /// Random id; a certificate is used once (U4).
    pub jti: String,
    /// HMAC over the keys, standard Base64 ([`hmac_over_keys`]).
    pub tekmac: String,
    /// `confirmed`, `likely` or `user-report`.
    #[serde(rename = "reportType")]
    pub report_type: String,
    /// Interval number of the onset of symptoms, 0 or absent when unknown.
    #[serde(rename = "symptomOnsetInterval", default, skip_serializing_if = "Option::is_none")]
    pub symptom_onset_interval: Option<u32>,
}

/// Returns the HMAC that binds `keys` to a certificate: SHA-256 over `base64(key).start.count.risk`, sorted, joined by
/// commas (U3; Google's verification protocol).
pub fn hmac_over_keys(secret: &[u8], keys: &[UploadedKey]) -> [u8; 32] {
    tag(secret, keys, true)
}

/// Returns whether `expected` (standard Base64) is the HMAC of `keys`, in constant time.
///
/// When every transmission risk is 0 the form without it is accepted too, as Google's server does.
pub fn hmac_matches(secret: &[u8], keys: &[UploadedKey], expected: &str) -> bool {
    let Ok(expected) = STANDARD.decode(expected) else {
        return false;
    };
    let full: bool = tag(secret, keys, true).ct_eq(expected.as_slice()).into();
    let no_risk = keys.iter().all(|k| k.transmission_risk == 0);
    full || (no_risk && tag(secret, keys, false).ct_eq(expected.as_slice()).into())
}

fn tag(secret: &[u8], keys: &[UploadedKey], with_risk: bool) -> [u8; 32] {
    let mut lines: Vec<String> = keys
        .iter()
        .map(|k| match with_risk {
            true => alloc::format!(
                "{}.{}.{}.{}",
                k.key,
                k.rolling_start_number,
                k.rolling_period,
                k.transmission_risk
            ),
            false => alloc::format!("{}.{}.{}", k.key, k.rolling_start_number, k.rolling_period),
        })
        .collect();
    lines.sort_unstable();
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.chain_update(lines.join(",").as_bytes())
        .finalize()
        .into_bytes()
        .into()
}
