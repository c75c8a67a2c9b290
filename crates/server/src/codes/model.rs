//! Verification codes and their limits, without I/O (docs/spec/upload.md U20–U27).

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use protocol::code::{ALPHABET, CodeKind, VerificationCode};
use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::civil::CivilDate;
use crate::entropy::Entropy;
use crate::error::Rule;

pub(super) const U20: Rule = Rule {
    number: "U20",
    message: "this cannot be a code: something was misread or mistyped",
};
pub(super) const U22: Rule = Rule {
    number: "U22",
    message: "the code is unknown, used or no longer valid",
};
pub(super) const U23: Rule = Rule {
    number: "U23",
    message: "the code is for a kind of report that was not asked for",
};
pub(super) const U25: Rule = Rule {
    number: "U25",
    message: "the token is unknown, used or no longer valid",
};
pub(super) const U26: Rule = Rule {
    number: "U26",
    message: "the HMAC of the keys is 32 bytes in standard Base64",
};

/// How long a token may be exchanged for a certificate, in seconds (U25).
pub(crate) const TOKEN_SECONDS: i64 = 24 * 3600;
/// How long hashes of codes are kept, in seconds (U27).
pub(crate) const CODE_RETENTION_SECONDS: i64 = 48 * 3600;
/// How long the state of a code is kept, in seconds (U27).
pub(crate) const STATE_RETENTION_SECONDS: i64 = 14 * 24 * 3600;

/// What was diagnosed; a certificate says no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A positive laboratory test.
    Confirmed,
    /// A clinician's diagnosis.
    Likely,
}

impl Finding {
    /// Returns the word of Google's API, which is also the stored one.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Confirmed, Self::Likely]
            .into_iter()
            .find(|finding| finding.word() == word)
    }
}

/// What a code stands for: no name, no contact details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// How it was diagnosed.
    pub finding: Finding,
    /// Date of the test.
    pub test_date: Option<CivilDate>,
    /// Onset of symptoms.
    pub onset_date: Option<CivilDate>,
}

/// Where a code stands. The keys side never tells whether keys arrived, so `Certified` is the last the authority sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// Given out, not yet redeemed.
    Issued,
    /// Redeemed by a phone.
    Claimed,
    /// A certificate was signed for the phone's keys.
    Certified,
    /// Replaced by a newer code or taken back.
    Withdrawn,
    /// Neither code can be redeemed any more.
    Expired,
}

impl CodeState {
    /// Returns the state's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Claimed => "claimed",
            Self::Certified => "certified",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Reads a stored word; whether an issued code has expired is a matter of time.
    pub fn of(word: &str, link_until: UnixSeconds, now: UnixSeconds) -> Self {
        match word {
            "claimed" => Self::Claimed,
            "certified" => Self::Certified,
            "withdrawn" => Self::Withdrawn,
            _ if now > link_until => Self::Expired,
            _ => Self::Issued,
        }
    }

    /// Returns whether a code may go from this state to `next` (U23).
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Issued, Self::Claimed | Self::Withdrawn | Self::Expired)
                | (Self::Claimed, Self::Certified | Self::Withdrawn)
        )
    }
}

/// Limits on attempts to redeem codes (U24).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Whether attempts are limited at all; only the test of the limiter itself switches this off.
    pub enabled: bool,
    /// Number of short codes to draw from: 31⁷ unless a test cuts it.
    pub short_code_space: u64,
    /// Attempts a source may make at once.
    pub source_burst: u32,
    /// Seconds until a source gets one attempt back.
    pub source_refill_seconds: u32,
    /// Unsuccessful attempts within an hour after which a source is suspect.
    pub suspect_after: u32,
    /// Fewest attempts a minute that reach comparison, over all sources.
    pub floor_per_minute: u32,
    /// Most attempts a minute that reach comparison, over all sources.
    pub cap_per_minute: u32,
}

/// Number of short codes: seven free signs and a check character.
pub const SHORT_CODE_SPACE: u64 = 31u64.pow(7);

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            short_code_space: SHORT_CODE_SPACE,
            source_burst: 10,
            source_refill_seconds: 60,
            suspect_after: 3,
            floor_per_minute: 60,
            cap_per_minute: 600,
        }
    }
}

impl Limits {
    /// Returns every value that makes no sense.
    pub fn faults(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !(1..=SHORT_CODE_SPACE).contains(&self.short_code_space) {
            wrong.push(format!("code_limits.short_code_space must be 1 to {SHORT_CODE_SPACE}"));
        }
        if self.source_burst == 0 || self.source_refill_seconds == 0 {
            wrong.push("code_limits.source_burst and source_refill_seconds must be above 0".into());
        }
        if self.floor_per_minute < 2 || self.floor_per_minute > self.cap_per_minute {
            wrong.push("code_limits.floor_per_minute must be 2 to cap_per_minute".into());
        }
        wrong
    }

    /// Returns how many attempts on short codes may reach comparison in a minute while `live` codes are valid (U24).
    ///
    /// So many that guessing without pause hits one code in a hundred days, within `floor..=cap`.
    pub fn ceiling_per_minute(&self, live: u64) -> u32 {
        const DAYS: u64 = 100;
        const MINUTES_PER_DAY: u64 = 1440;
        let wished = self.short_code_space / (DAYS * MINUTES_PER_DAY * live.max(1));
        u32::try_from(wished)
            .unwrap_or(u32::MAX)
            .clamp(self.floor_per_minute, self.cap_per_minute)
    }
}

/// The share of the ceiling an attempt is counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Short codes from sources that have not failed lately: half of the ceiling.
    Fresh,
    /// Short codes from sources that have: the other half.
    Suspect,
    /// Link codes, which cannot be guessed: limited only to spare the machine.
    Link,
}

impl Lane {
    /// Returns the lane's stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Suspect => "suspect",
            Self::Link => "link",
        }
    }

    /// Returns the lane's attempts a minute under a ceiling.
    pub fn share(self, ceiling: u32, limits: &Limits) -> u32 {
        match self {
            Self::Fresh => ceiling - ceiling / 2,
            Self::Suspect => ceiling / 2,
            Self::Link => limits.cap_per_minute,
        }
    }
}

/// What is remembered about sources, in memory and for an hour only.
#[derive(Debug, Default)]
pub struct Sources(HashMap<[u8; 16], SourceRecord>);

#[derive(Clone, Copy, Debug)]
struct SourceRecord {
    attempts_left: u32,
    refilled_at: UnixSeconds,
    strikes: u32,
    last: UnixSeconds,
}

/// Most sources remembered; beyond it strangers share the suspect lane.
const MAX_SOURCES: usize = 100_000;
const FORGET_SECONDS: i64 = 3600;

impl Sources {
    /// Counts an attempt of a source: its lane, or how many seconds it has to wait (U24).
    ///
    /// # Errors
    ///
    /// Seconds until the source may try again.
    pub fn admit(&mut self, source: [u8; 16], now: UnixSeconds, limits: &Limits) -> Result<Lane, u32> {
        if self.0.len() >= MAX_SOURCES && !self.0.contains_key(&source) {
            self.0.retain(|_, record| now.0 - record.last.0 < FORGET_SECONDS);
            if self.0.len() >= MAX_SOURCES {
                return Ok(Lane::Suspect);
            }
        }
        let blank = SourceRecord {
            attempts_left: limits.source_burst,
            refilled_at: now,
            strikes: 0,
            last: now,
        };
        let record = self.0.entry(source).or_insert(blank);
        if now.0 - record.last.0 >= FORGET_SECONDS {
            *record = blank;
        }
        let refill = i64::from(limits.source_refill_seconds);
        let earned = (now.0 - record.refilled_at.0).max(0) / refill;
        record.refilled_at = record.refilled_at.plus(earned * refill);
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        record.attempts_left = record.attempts_left.saturating_add(earned).min(limits.source_burst);
        record.last = now;
        if record.attempts_left == 0 {
            let wait = refill - (now.0 - record.refilled_at.0);
            return Err(u32::try_from(wait).unwrap_or(1).max(1));
        }
        record.attempts_left -= 1;
        record.strikes = record.strikes.saturating_add(1);
        Ok(if record.strikes > limits.suspect_after {
            Lane::Suspect
        } else {
            Lane::Fresh
        })
    }

    /// Forgives an attempt that redeemed a code: people behind one address do not hinder each other.
    pub fn forgive(&mut self, source: [u8; 16], limits: &Limits) {
        if let Some(record) = self.0.get_mut(&source) {
            record.attempts_left = record.attempts_left.saturating_add(1).min(limits.source_burst);
            record.strikes = record.strikes.saturating_sub(1);
        }
    }
}

/// Draws a code; short codes from a space of `space` codes.
pub(crate) fn draw(kind: CodeKind, space: u64, entropy: &Entropy) -> VerificationCode {
    match kind {
        CodeKind::Link => VerificationCode::draw(kind, &mut || entropy.bytes::<1>()[0]),
        CodeKind::Short => nth_short_code(u64::from_be_bytes(entropy.bytes()) % space.max(1)),
    }
}

/// Returns the `n`-th short code.
pub fn nth_short_code(n: u64) -> VerificationCode {
    let base = ALPHABET.len() as u64;
    let mut rest = n;
    VerificationCode::draw(CodeKind::Short, &mut || {
        let digit = rest % base;
        rest /= base;
        u8::try_from(digit).expect("below 31")
    })
}

/// Returns the keyed hash under which a code is stored (U22).
pub(crate) fn code_hash(pepper: &[u8; 32], code: &VerificationCode) -> [u8; 32] {
    keyed(pepper, b"code", code.reveal().as_bytes())
}

/// Returns the keyed hash under which a source is counted.
pub(crate) fn source_hash(pepper: &[u8; 32], source: &str) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&keyed(pepper, b"source", source.as_bytes())[..16]);
    out
}

fn keyed(pepper: &[u8; 32], purpose: &[u8], text: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes a key of any length");
    mac.chain_update(purpose)
        .chain_update([0])
        .chain_update(text)
        .finalize()
        .into_bytes()
        .into()
}

/// Claims of a verification token, which only this authority reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenClaims {
    /// Random id; a token is used once (U25).
    pub jti: String,
    /// Not valid after, Unix seconds.
    pub exp: i64,
}
