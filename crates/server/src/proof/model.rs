//! Digits, hashes and limits of a proof. Pure.

use hmac::{Hmac, KeyInit, Mac};
use protocol::time::{DAY_SECONDS, UnixSeconds};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::entropy::Entropy;
use crate::error::ServiceError;

/// How long the digits count, in seconds (V11).
pub const LIFETIME_SECONDS: i64 = 300;
/// How often digits may be typed (V11).
pub const ATTEMPTS: i64 = 5;
/// How long it is kept that a telephone asked, by a hash of the day, in seconds.
pub(super) const KEEP_SECONDS: i64 = DAY_SECONDS;
/// Longest id that is looked up.
pub(super) const MAX_ID: usize = 64;
const DIGITS: usize = 6;

/// How often proofs may be asked for: messages cost money, and others pay with their sleep (V13).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Proofs of one telephone within `number_seconds`.
    pub number_most: usize,
    /// See `number_most`.
    pub number_seconds: i64,
    /// Seconds between two proofs of one telephone.
    pub pause_seconds: i64,
    /// Proofs of everybody within an hour.
    pub hourly_most: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            number_most: 5,
            number_seconds: DAY_SECONDS,
            pause_seconds: 30,
            hourly_most: 2000,
        }
    }
}

/// Draws six digits.
pub(super) fn draw(entropy: &Entropy) -> String {
    format!("{:06}", entropy.below(1_000_000))
}

/// Reads six digits as somebody types them: spaces and hyphens do not count.
pub(super) fn read(typed: &str) -> Option<String> {
    if typed.len() > 32 {
        return None;
    }
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(digits)
}

/// Returns the hash by which the proofs of a telephone are counted; it is another one each day.
pub(super) fn number_hash(pepper: &[u8; 32], now: UnixSeconds, number: &str) -> [u8; 32] {
    let day = now.0.div_euclid(DAY_SECONDS);
    keyed(pepper, &["phone", &day.to_string(), number])
}

/// Returns the hash of a proof's digits.
pub(super) fn code_hash(pepper: &[u8; 32], proof_id: &str, code: &str) -> [u8; 32] {
    keyed(pepper, &["proof", proof_id, code])
}

/// Compares in a time that says nothing.
pub(super) fn same(stored: &[u8], given: &[u8]) -> bool {
    stored.ct_eq(given).into()
}

/// Decides whether a telephone that asked at `asked`, newest first, may ask again now.
pub(super) fn admit(limits: &Limits, asked: &[UnixSeconds], by_all: i64, now: UnixSeconds) -> Result<(), ServiceError> {
    let wait = if let Some(last) = asked.first()
        && now.0 - last.0 < limits.pause_seconds
    {
        last.0 + limits.pause_seconds - now.0
    } else if asked.len() >= limits.number_most {
        let oldest = asked.last().map_or(now.0, |oldest| oldest.0);
        oldest + limits.number_seconds - now.0
    } else if by_all >= limits.hourly_most {
        60
    } else {
        return Ok(());
    };
    Err(ServiceError::TooMany {
        retry_after_seconds: u32::try_from(wait).unwrap_or(1).max(1),
    })
}

fn keyed(pepper: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes keys of any length");
    mac.update(parts.join("\n").as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_people_type_them() {
        assert_eq!(read(" 012 345 ").as_deref(), Some("012345"));
        assert_eq!(read("012-345").as_deref(), Some("012345"));
        let long = "1".repeat(1 << 20);
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", &long] {
            assert_eq!(read(wrong), None, "{}", wrong.len());
        }
    }

    #[test]
    fn a_telephone_may_ask_five_times_a_day_with_pauses() {
        let limits = Limits::default();
        let now = UnixSeconds(1_626_048_000);
        let at = |ago: i64| now.plus(-ago);
        let wait = |asked: &[UnixSeconds], by_all| match admit(&limits, asked, by_all, now) {
            Ok(()) => 0,
            Err(ServiceError::TooMany { retry_after_seconds }) => retry_after_seconds,
            Err(_) => unreachable!("nothing else refuses"),
        };
        assert_eq!(wait(&[], 0), 0);
        assert_eq!(wait(&[at(29)], 0), 1);
        assert_eq!(wait(&[at(30)], 0), 0);
        let five = [at(100), at(200), at(300), at(400), at(86_000)];
        assert_eq!(wait(&five[..4], 0), 0);
        assert_eq!(wait(&five, 0), 400);
        assert_eq!(wait(&[], 2000), 60);
    }

    #[test]
    fn the_hash_of_a_telephone_changes_with_the_day_and_the_key() {
        let now = UnixSeconds(1_626_048_000);
        let of = |pepper: u8, now, number| number_hash(&[pepper; 32], now, number);
        assert_eq!(of(1, now, "0912345678"), of(1, now.plus(60), "0912345678"));
        assert_ne!(of(1, now, "0912345678"), of(1, now.plus(DAY_SECONDS), "0912345678"));
        assert_ne!(of(1, now, "0912345678"), of(2, now, "0912345678"));
        assert_ne!(of(1, now, "0912345678"), of(1, now, "0912345679"));
    }
}
