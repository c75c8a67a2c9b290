//! Uploads as phones make them, with certificates of an authority of the drill's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::certificate::{VerificationClaims, hmac_over_keys};
use protocol::jws::{DocumentType, sign};
use protocol::message::{KeyUpload, UploadedKey};
use protocol::signature::SecretKey;
use protocol::time::{INTERVALS_PER_DAY, UnixSeconds};

/// Id, issuer and audience of the certificates; the process is configured to the same.
pub(crate) const KEY_ID: &str = "drill";
pub(crate) const ISSUER: &str = "drill-authority";
pub(crate) const AUDIENCE: &str = "drill.example";

/// Most keys of one upload here.
const MOST_KEYS: u64 = 5;
const HMAC_BYTES: usize = 32;

/// A small seeded generator (SplitMix64), so that a run can be repeated.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        out
    }
}

/// Who signs certificates.
pub(crate) struct Authority(SecretKey);

impl Authority {
    pub(crate) fn new() -> Self {
        Self(SecretKey::from_bytes(&[11; 32]).expect("in range"))
    }

    /// Returns the public key as the keys side reads it.
    pub(crate) fn public_pem(&self) -> String {
        self.0.public_key().to_pem()
    }
}

/// One upload, sent until it is answered.
pub(crate) struct Upload {
    pub(crate) keys: Vec<[u8; 16]>,
    pub(crate) body: String,
}

impl Upload {
    /// Draws one to five keys that ended yesterday or before, and a certificate for them.
    pub(crate) fn draw(authority: &Authority, random: &mut Random, now: i64) -> Self {
        let count = 1 + random.next() % MOST_KEYS;
        let keys: Vec<[u8; 16]> = (0..count).map(|_| random.bytes()).collect();
        let today = UnixSeconds(now).day();
        let uploaded: Vec<UploadedKey> = (2_i64..)
            .zip(&keys)
            .map(|(days_ago, key)| UploadedKey {
                key: STANDARD.encode(key),
                rolling_start_number: today.offset(-days_ago).first_interval().0,
                rolling_period: INTERVALS_PER_DAY,
                transmission_risk: 0,
            })
            .collect();
        let secret: [u8; HMAC_BYTES] = random.bytes();
        let claims = VerificationClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now,
            nbf: now,
            exp: now + protocol::certificate::MAX_LIFETIME_SECONDS,
            jti: format!("{:016x}{:016x}", random.next(), random.next()),
            tekmac: STANDARD.encode(hmac_over_keys(&secret, &uploaded)),
            report_type: "confirmed".into(),
            symptom_onset_interval: None,
        };
        let message = KeyUpload {
            keys: uploaded,
            health_authority_id: AUDIENCE.into(),
            verification_payload: sign(DocumentType::Certificate, KEY_ID, &authority.0, &claims),
            hmac_key: STANDARD.encode(secret),
            symptom_onset_interval: None,
            traveler: false,
            revision_token: None,
            padding: String::new(),
        };
        Self {
            keys,
            body: serde_json::to_string(&message).expect("our own message"),
        }
    }
}
