//! Diagnosis keys: TEKs released after a verified diagnosis. They are public.

use serde::{Deserialize, Serialize};

use crate::proximity::RollingPeriod;
use crate::time::{INTERVAL_SECONDS, IntervalNumber, UnixSeconds};

/// Seconds a key is held back after its end, so that it cannot be replayed while phones still accept it (U30).
pub const EMBARGO_SECONDS: i64 = 2 * 3600;

/// How a diagnosis was made (GAEN `ReportType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportType {
    /// Not stated.
    Unknown,
    /// A positive laboratory test.
    ConfirmedTest,
    /// A clinician's diagnosis without a test.
    ConfirmedClinicalDiagnosis,
    /// The person's own statement.
    SelfReport,
    /// Reserved by GAEN.
    Recursive,
    /// Withdrawn: the key must stop matching.
    Revoked,
}

impl ReportType {
    /// Returns the protobuf enum number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// Returns the type of a protobuf enum number; unknown numbers read as [`ReportType::Unknown`].
    pub fn from_number(number: u64) -> Self {
        match number {
            1 => Self::ConfirmedTest,
            2 => Self::ConfirmedClinicalDiagnosis,
            3 => Self::SelfReport,
            4 => Self::Recursive,
            5 => Self::Revoked,
            _ => Self::Unknown,
        }
    }
}

/// A published key with what the export says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiagnosisKey {
    /// The 16 key bytes; exports are sorted by them.
    pub key: [u8; 16],
    /// First interval of validity.
    pub rolling_start: IntervalNumber,
    /// Number of intervals of validity.
    pub rolling_period: RollingPeriod,
    /// Kind of diagnosis.
    pub report_type: ReportType,
    /// GAEN's deprecated level, 0..=8; carried unchanged.
    pub transmission_risk: u8,
    /// Days from onset of symptoms to the key's day, −14..=14, when the onset is known.
    pub days_since_onset: Option<i8>,
}

impl DiagnosisKey {
    /// Returns the first interval after the key's validity.
    pub fn rolling_end(&self) -> IntervalNumber {
        self.rolling_start.offset(i64::from(self.rolling_period.intervals()))
    }

    /// Returns the first second at which the key may be exported (U30).
    pub fn embargo_until(&self) -> UnixSeconds {
        let end = i64::from(self.rolling_start.0) + i64::from(self.rolling_period.intervals());
        UnixSeconds(end * INTERVAL_SECONDS + EMBARGO_SECONDS)
    }
}
