//! A confirmed person's keys go up: code → token → certificate → publish (docs/spec/upload.md).
//!
//! The upload is one stored record that every step rewrites, so a restart continues where it was. The keys are frozen
//! when the upload begins; the running one is cut at the end of the current interval.

use super::padding::{CERTIFICATE_BYTES, PUBLISH_BYTES, VERIFY_BYTES, padded};
use super::{Method, Request, Side, SyncError, limits};
use crate::advertise::OwnKey;
use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::{
    certificate::hmac_over_keys,
    code::{CodeError, VerificationCode},
    message::{
        CertificateAnswer, CertificateRequest, KeyOutcome, KeyUpload, KeyUploadAnswer, MAX_UPLOADED_KEYS, Trust,
        UploadedKey, VerifyAnswer, VerifyRequest,
    },
    time::{UnixSeconds, UtcDay},
};
use serde::{Deserialize, Serialize};

/// A certificate is used within this time, in seconds; then another is asked for with the same token.
const CERTIFICATE_SECONDS: i64 = 14 * 60;
/// Rule that refuses a certificate used before. A certificate goes to one upload only, so that one has arrived and its
/// answer got lost.
const CERTIFICATE_USED: &str = "U4";

/// What the person decided to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadOrder {
    /// Code from the authority, as typed.
    pub code: String,
    /// UTC days whose keys go up; others stay.
    pub days: Vec<UtcDay>,
    /// First day of symptoms as the person states it.
    pub symptom_onset: Option<UtcDay>,
}

/// Where an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum UploadStage {
    /// The code is being redeemed.
    Verifying,
    /// The certificate is being asked for.
    Certifying,
    /// The keys are being sent.
    Publishing,
    /// The keys are with the keys side.
    Done {
        /// Keys accepted; `None` when the answer was lost and the service says the upload had arrived.
        accepted: Option<u32>,
        /// Rules that dropped keys, by their number.
        dropped_by: Vec<String>,
    },
    /// The service refused; the person needs a new code.
    Refused {
        /// Problem type, such as `urn:vunglam:error:codeUnknown`.
        problem: String,
        /// Numbered rule, where one refused.
        rule: Option<String>,
    },
}

/// An upload as a person may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadView {
    /// Where it is.
    #[serde(flatten)]
    pub stage: UploadStage,
    /// Days chosen.
    pub days: Vec<UtcDay>,
    /// Keys that go up.
    pub keys: u32,
    /// When it began.
    pub begun_at: UnixSeconds,
    /// Onset of symptoms as the authority knows it, `yyyy-mm-dd`; known once the code is verified.
    pub symptom_date: Option<String>,
}

/// Why an upload does not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeginUploadError {
    /// The text is no code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The chosen days have no keys.
    #[error("the chosen days have no keys")]
    NothingToShare,
    /// Another upload is under way.
    #[error("another upload is under way")]
    UnderWay,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreFailed),
}

/// An upload as stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Upload {
    code: String,
    days: Vec<UtcDay>,
    onset_interval: Option<u32>,
    hmac_key: [u8; 16],
    keys: Vec<UploadedKey>,
    pub(crate) stage: UploadStage,
    begun_at: UnixSeconds,
    token: String,
    symptom_date: Option<String>,
    certificate: String,
    certified_at: UnixSeconds,
}

/// A problem answer; unknown fields are ignored.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    rule: Option<String>,
}

impl Upload {
    /// Freezes the keys of the chosen days, newest first when there are more than an upload may hold.
    pub(crate) fn begin(
        order: &UploadOrder,
        mut keys: Vec<OwnKey>,
        hmac_key: [u8; 16],
        now: UnixSeconds,
    ) -> Result<Self, BeginUploadError> {
        let code = VerificationCode::parse(&order.code)?;
        keys.retain(|key| order.days.contains(&key.rolling_start.day()));
        keys.sort_by_key(|key| std::cmp::Reverse(key.rolling_start));
        keys.truncate(MAX_UPLOADED_KEYS);
        if keys.is_empty() {
            return Err(BeginUploadError::NothingToShare);
        }
        Ok(Self {
            code: code.reveal().into(),
            days: order.days.clone(),
            onset_interval: order.symptom_onset.map(|day| day.first_interval().0),
            hmac_key,
            keys: keys.iter().map(uploaded).collect(),
            stage: UploadStage::Verifying,
            begun_at: now,
            token: String::new(),
            symptom_date: None,
            certificate: String::new(),
            certified_at: UnixSeconds(0),
        })
    }

    pub(crate) fn is_under_way(&self) -> bool {
        matches!(
            self.stage,
            UploadStage::Verifying | UploadStage::Certifying | UploadStage::Publishing
        )
    }

    pub(crate) fn view(&self) -> UploadView {
        UploadView {
            stage: self.stage.clone(),
            days: self.days.clone(),
            keys: u32::try_from(self.keys.len()).unwrap_or(u32::MAX),
            begun_at: self.begun_at,
            symptom_date: self.symptom_date.clone(),
        }
    }

    /// Returns the request of the current stage, `None` when the upload has ended.
    pub(crate) fn request(
        &mut self,
        trust: &Trust,
        now: UnixSeconds,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Option<Request> {
        let age = now.0.saturating_sub(self.certified_at.0);
        if self.stage == UploadStage::Publishing && !(0..CERTIFICATE_SECONDS).contains(&age) {
            self.stage = UploadStage::Certifying;
        }
        match self.stage {
            UploadStage::Verifying => Some(verify(self.code.clone(), random)),
            UploadStage::Certifying => Some(certify(
                self.token.clone(),
                &hmac_over_keys(&self.hmac_key, &self.keys),
                random,
            )),
            UploadStage::Publishing => {
                let mut upload = KeyUpload {
                    keys: self.keys.clone(),
                    health_authority_id: trust.health_authority_id.clone(),
                    verification_payload: self.certificate.clone(),
                    hmac_key: STANDARD.encode(self.hmac_key),
                    symptom_onset_interval: self.onset_interval,
                    traveler: false,
                    revision_token: None,
                    padding: String::new(),
                };
                Some(publish(&mut upload, random))
            }
            UploadStage::Done { .. } | UploadStage::Refused { .. } => None,
        }
    }

    /// Moves on by the answer to the current stage's request; the caller has dealt with "no answer" and 5xx.
    pub(crate) fn answer(&mut self, status: u16, body: &[u8], now: UnixSeconds) -> Result<(), SyncError> {
        if !(200..300).contains(&status) {
            self.stage = self.refusal(status, body);
            return Ok(());
        }
        match self.stage {
            UploadStage::Verifying => {
                let answer: VerifyAnswer = parse(body)?;
                (self.token, self.symptom_date) = (answer.token, answer.symptom_date);
                self.stage = UploadStage::Certifying;
            }
            UploadStage::Certifying => {
                let answer: CertificateAnswer = parse(body)?;
                (self.certificate, self.certified_at) = (answer.certificate, now);
                self.stage = UploadStage::Publishing;
            }
            _ => {
                let answer: KeyUploadAnswer = parse(body)?;
                self.end(Some(answer.inserted_exposures), &answer.outcomes);
            }
        }
        Ok(())
    }

    fn refusal(&mut self, status: u16, body: &[u8]) -> UploadStage {
        let problem = parse::<Problem>(body).unwrap_or_else(|_| Problem {
            kind: format!("urn:vunglam:error:status{status}"),
            rule: None,
        });
        if self.stage == UploadStage::Publishing && problem.rule.as_deref() == Some(CERTIFICATE_USED) {
            self.end(None, &[]);
            return self.stage.clone();
        }
        self.forget_secrets();
        UploadStage::Refused {
            problem: problem.kind,
            rule: problem.rule,
        }
    }

    fn end(&mut self, accepted: Option<u32>, outcomes: &[KeyOutcome]) {
        let mut dropped_by: Vec<String> = outcomes.iter().filter_map(|outcome| outcome.rule.clone()).collect();
        dropped_by.sort();
        dropped_by.dedup();
        self.stage = UploadStage::Done { accepted, dropped_by };
        self.forget_secrets();
    }

    fn forget_secrets(&mut self) {
        (self.code, self.token, self.certificate) = Default::default();
        self.hmac_key = [0; 16];
        for key in &mut self.keys {
            key.key.clear();
        }
    }
}

fn uploaded(key: &OwnKey) -> UploadedKey {
    UploadedKey {
        key: STANDARD.encode(key.tek.expose()),
        rolling_start_number: key.rolling_start.0,
        rolling_period: key.rolling_period.intervals(),
        transmission_risk: 0,
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, SyncError> {
    serde_json::from_slice(body).map_err(|_| SyncError::Malformed)
}

fn post(side: Side, path: &str, body: Vec<u8>) -> Request {
    Request {
        side,
        method: Method::Post,
        path: path.into(),
        headers: vec![("content-type", "application/json")],
        body,
        max_answer_bytes: limits::UPLOAD,
    }
}

pub(super) fn verify(code: String, random: &mut dyn FnMut(&mut [u8])) -> Request {
    let mut message = VerifyRequest {
        code,
        accept: vec!["confirmed".into()],
        padding: String::new(),
    };
    post(
        Side::Authority,
        "/v1/verify",
        padded(&mut message, |m| &mut m.padding, VERIFY_BYTES, random),
    )
}

pub(super) fn certify(token: String, hmac: &[u8; 32], random: &mut dyn FnMut(&mut [u8])) -> Request {
    let mut message = CertificateRequest {
        token,
        ekeyhmac: STANDARD.encode(hmac),
        padding: String::new(),
    };
    post(
        Side::Authority,
        "/v1/certificate",
        padded(&mut message, |m| &mut m.padding, CERTIFICATE_BYTES, random),
    )
}

pub(super) fn publish(message: &mut KeyUpload, random: &mut dyn FnMut(&mut [u8])) -> Request {
    post(
        Side::Keys,
        "/v1/publish",
        padded(message, |m| &mut m.padding, PUBLISH_BYTES, random),
    )
}
