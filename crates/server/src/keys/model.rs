//! The rules of an upload and of an export, without I/O. Numbers are those of docs/spec/upload.md, checked in the
//! order of that page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::certificate::{MAX_LIFETIME_SECONDS, VerificationClaims, hmac_matches};
use protocol::diagnosis::{DiagnosisKey, ReportType};
use protocol::jws::{self, DocumentType};
use protocol::message::{KeyOutcome, KeyUpload, MAX_UPLOADED_KEYS, UploadedKey};
use protocol::proximity::RollingPeriod;
use protocol::signature::PublicKey;
use protocol::time::{DAY_SECONDS, IntervalNumber, UnixSeconds};
use sha2::{Digest, Sha256};

use crate::error::Rule;

/// Oldest start of a key, in seconds before the upload (U9).
pub(super) const MAX_KEY_AGE_SECONDS: i64 = 15 * DAY_SECONDS;
/// Most keys with the same start (U12).
pub(super) const MAX_KEYS_OF_ONE_START: usize = 3;
/// An onset longer ago than this says nothing about the keys (U11).
pub(super) const MAX_ONSET_AGE_DAYS: i64 = 28;
/// Onset assumed when none is known, in days before the upload (U11).
pub(super) const DEFAULT_ONSET_DAYS: i64 = 4;
/// Farthest a key may lie from the onset, in days (U11).
pub(super) const MAX_ONSET_DISTANCE_DAYS: i64 = 14;

/// Rules that refuse a whole upload.
pub(super) const U1: Rule = Rule {
    number: "U1",
    message: "the upload is not JSON of the published form",
};
pub(super) const U2: Rule = Rule {
    number: "U2",
    message: "the certificate is not one of this region's health authority",
};
pub(super) const U3_TIME: Rule = Rule {
    number: "U3",
    message: "the certificate is expired, not yet valid or valid for more than 15 minutes",
};
pub(super) const U3_HMAC: Rule = Rule {
    number: "U3",
    message: "the certificate was not made for these keys",
};
pub(super) const U4: Rule = Rule {
    number: "U4",
    message: "the certificate has been used for another upload",
};
pub(super) const U5: Rule = Rule {
    number: "U5",
    message: "an upload holds 1 to 30 keys",
};
pub(super) const U12: Rule = Rule {
    number: "U12",
    message: "more than 3 keys begin at the same interval",
};
pub(super) const U13: Rule = Rule {
    number: "U13",
    message: "two keys overlap without beginning together",
};
/// Rules that drop one key.
const U6: Rule = Rule {
    number: "U6",
    message: "a key is 16 bytes in standard Base64",
};
const U7: Rule = Rule {
    number: "U7",
    message: "a rolling period is 1 to 144 intervals",
};
const U8: Rule = Rule {
    number: "U8",
    message: "the key begins in the future",
};
const U9: Rule = Rule {
    number: "U9",
    message: "the key began more than 15 days ago",
};
const U10: Rule = Rule {
    number: "U10",
    message: "a transmission risk is 0 to 8",
};
const U11: Rule = Rule {
    number: "U11",
    message: "the key lies more than 14 days from the onset of symptoms",
};
pub(super) const U14: Rule = Rule {
    number: "U14",
    message: "the key has been uploaded before",
};

/// What an authority's certificate is checked against.
pub struct Issuer<'a> {
    /// Key that verifies certificates.
    pub key: &'a PublicKey,
    /// Id of that key.
    pub key_id: &'a str,
    /// Expected issuer.
    pub issuer: &'a str,
    /// Expected audience: the health authority's id.
    pub audience: &'a str,
}

/// An upload whose rules have been checked. There is no other way from an uploaded key to a [`DiagnosisKey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Keys to store, with their position in the upload.
    pub keys: Vec<(u32, DiagnosisKey)>,
    /// One outcome for each uploaded key.
    pub outcomes: Vec<KeyOutcome>,
}

/// Checks who made the certificate (U2) and returns its claims.
///
/// # Errors
///
/// The rule that refused.
pub(super) fn verify_certificate(upload: &KeyUpload, issuer: &Issuer<'_>) -> Result<VerificationClaims, Rule> {
    let certificate = &upload.verification_payload;
    let claims: VerificationClaims =
        jws::verify(DocumentType::Certificate, issuer.key_id, issuer.key, certificate).map_err(|_| U2)?;
    let ours = claims.iss == issuer.issuer && claims.aud == issuer.audience;
    let id = (8..=64).contains(&claims.jti.len()) && claims.jti.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if ours && id && upload.health_authority_id == issuer.audience && report_type(&claims).is_some() {
        Ok(claims)
    } else {
        Err(U2)
    }
}

/// Checks an upload against its certificate and the clock, in the order U3, U5–U13.
///
/// # Errors
///
/// The rule that refuses the whole upload. Rules about one key are outcomes, unless no key is left.
pub(super) fn admit(upload: &KeyUpload, claims: &VerificationClaims, now: UnixSeconds) -> Result<Admitted, Rule> {
    let in_time = claims.nbf <= now.0 && claims.iat <= now.0 && now.0 <= claims.exp;
    if !in_time || claims.exp.saturating_sub(claims.iat) > MAX_LIFETIME_SECONDS {
        return Err(U3_TIME);
    }
    let secret = STANDARD.decode(&upload.hmac_key).map_err(|_| U3_HMAC)?;
    if !(16..=64).contains(&secret.len()) || !hmac_matches(&secret, &upload.keys, &claims.tekmac) {
        return Err(U3_HMAC);
    }
    let onset = onset(upload, claims, now);
    admit_keys(upload, report_type(claims).ok_or(U2)?, onset, now)
}

fn admit_keys(upload: &KeyUpload, report: ReportType, onset: i64, now: UnixSeconds) -> Result<Admitted, Rule> {
    if !(1..=MAX_UPLOADED_KEYS).contains(&upload.keys.len()) {
        return Err(U5);
    }
    let mut admitted = Admitted {
        keys: Vec::new(),
        outcomes: Vec::new(),
    };
    let mut first_refusal = None;
    for (index, uploaded) in (0u32..).zip(&upload.keys) {
        let key = admit_key(uploaded, report, onset, now);
        let repeated = |key: &DiagnosisKey| admitted.keys.iter().any(|(_, k)| k.key == key.key);
        match key.and_then(|key| if repeated(&key) { Err(U14) } else { Ok(key) }) {
            Ok(key) => {
                admitted.keys.push((index, key));
                admitted.outcomes.push(KeyOutcome {
                    index,
                    rule: None,
                    message: String::new(),
                });
            }
            Err(rule) => {
                first_refusal.get_or_insert(rule);
                admitted.outcomes.push(outcome(index, rule));
            }
        }
    }
    if admitted.keys.is_empty() {
        return Err(first_refusal.unwrap_or(U5));
    }
    check_overlaps(&admitted.keys)?;
    Ok(admitted)
}

/// Answers cover traffic as if the keys were good, without looking at a certificate (U18).
pub(super) fn pretend(upload: &KeyUpload) -> Vec<KeyOutcome> {
    let count = u32::try_from(upload.keys.len().min(MAX_UPLOADED_KEYS)).unwrap_or(0);
    (0..count)
        .map(|index| KeyOutcome {
            index,
            rule: None,
            message: String::new(),
        })
        .collect()
}

/// Makes keys that stand for nobody: for cover traffic (U18) and for a period that is padded always (U31). They are
/// keys of the day before yesterday, so that none is under embargo.
pub(super) fn decoys(count: usize, now: UnixSeconds, mut random: impl FnMut() -> [u8; 16]) -> Vec<DiagnosisKey> {
    let model = DiagnosisKey {
        key: [0; 16],
        rolling_start: now.day().offset(-2).first_interval(),
        rolling_period: RollingPeriod::DAY,
        report_type: ReportType::ConfirmedTest,
        transmission_risk: 0,
        days_since_onset: Some(0),
    };
    (0..count).map(|_| DiagnosisKey { key: random(), ..model }).collect()
}

/// Returns what an upload is apart from its filling, so that a retry is told from another use (U4).
pub(super) fn digest(upload: &KeyUpload) -> [u8; 32] {
    let mut bare = upload.clone();
    bare.padding = String::new();
    Sha256::digest(serde_json::to_vec(&bare).expect("strings and numbers always serialise")).into()
}

/// Returns the outcome of a key that `rule` dropped.
pub(super) fn outcome(index: u32, rule: Rule) -> KeyOutcome {
    KeyOutcome {
        index,
        rule: Some(rule.number.into()),
        message: rule.message.into(),
    }
}

fn admit_key(key: &UploadedKey, report: ReportType, onset: i64, now: UnixSeconds) -> Result<DiagnosisKey, Rule> {
    let bytes: [u8; 16] = STANDARD
        .decode(&key.key)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or(U6)?;
    let rolling_period = RollingPeriod::new(key.rolling_period).ok_or(U7)?;
    let rolling_start = IntervalNumber(key.rolling_start_number);
    if rolling_start > now.interval() {
        return Err(U8);
    }
    if rolling_start.start() < now.plus(-MAX_KEY_AGE_SECONDS) {
        return Err(U9);
    }
    if key.transmission_risk > 8 {
        return Err(U10);
    }
    let days = i64::from(rolling_start.day().0) - onset;
    if days.abs() > MAX_ONSET_DISTANCE_DAYS {
        return Err(U11);
    }
    Ok(DiagnosisKey {
        key: bytes,
        rolling_start,
        rolling_period,
        report_type: report,
        transmission_risk: key.transmission_risk,
        days_since_onset: i8::try_from(days).ok(),
    })
}

/// Returns the day of onset: the certificate's, else the person's, else four days before the upload (U11). An onset
/// in the future or more than 28 days ago is passed over.
fn onset(upload: &KeyUpload, claims: &VerificationClaims, now: UnixSeconds) -> i64 {
    let today = i64::from(now.day().0);
    let stated = [claims.symptom_onset_interval, upload.symptom_onset_interval];
    let days = stated
        .into_iter()
        .flatten()
        .map(|interval| i64::from(IntervalNumber(interval).day().0));
    let mut plausible = days.filter(|day| (today - MAX_ONSET_AGE_DAYS..=today).contains(day));
    plausible.next().unwrap_or(today - DEFAULT_ONSET_DAYS)
}

fn report_type(claims: &VerificationClaims) -> Option<ReportType> {
    match claims.report_type.as_str() {
        "confirmed" => Some(ReportType::ConfirmedTest),
        "likely" => Some(ReportType::ConfirmedClinicalDiagnosis),
        "user-report" => Some(ReportType::SelfReport),
        _ => None,
    }
}

fn check_overlaps(keys: &[(u32, DiagnosisKey)]) -> Result<(), Rule> {
    let mut spans: Vec<(u32, u32)> = keys
        .iter()
        .map(|(_, k)| (k.rolling_start.0, k.rolling_end().0))
        .collect();
    spans.sort_unstable();
    let mut same_start = 0;
    let mut last: Option<(u32, u32)> = None;
    for (start, end) in spans {
        last = Some(match last {
            Some((begun, until)) if begun == start => {
                same_start += 1;
                (start, until.max(end))
            }
            Some((_, until)) if start < until => return Err(U13),
            _ => {
                same_start = 1;
                (start, end)
            }
        });
        if same_start > MAX_KEYS_OF_ONE_START {
            return Err(U12);
        }
    }
    Ok(())
}

/// Returns the end of the newest export period that is over: `now` cut to whole periods (U30).
pub(super) fn period_end(now: UnixSeconds, period_seconds: i64) -> UnixSeconds {
    let period = period_seconds.max(1);
    UnixSeconds(now.0.div_euclid(period) * period)
}

/// Returns the padding for a file that has fewer than `minimum` keys: random bytes with the metadata of real keys
/// picked at random (U31). `real` may be empty only for a period that is padded always.
pub(super) fn padding(
    real: &[DiagnosisKey],
    minimum: usize,
    end: UnixSeconds,
    mut random: impl FnMut() -> [u8; 16],
    mut pick: impl FnMut(usize) -> usize,
) -> Vec<DiagnosisKey> {
    let missing = minimum.saturating_sub(real.len());
    if real.is_empty() {
        return decoys(missing, end, random);
    }
    (0..missing)
        .map(|_| DiagnosisKey {
            key: random(),
            ..real[pick(real.len())]
        })
        .collect()
}
