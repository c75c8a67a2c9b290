//! How a person stands in the table of visits: under another pseudonym at each venue and in each week (docs/spec/venues.md V20–V22).
//!
//! Whoever reads the table without the week's key cannot follow anybody from place to place; who has it opens one row at a time.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use crate::hkdf::derive16;
use crate::time::DAY_SECONDS;

/// Length of a week's key.
pub const WEEK_KEY_BYTES: usize = 16;
const INFO: &[u8; 8] = b"VG-VISIT";
const DAY_INFO: &[u8; 8] = b"VG-PASS1";
/// Seconds by which the authority's calendar is ahead of UTC.
const CALENDAR_AHEAD: i64 = 7 * 3600;

/// An ISO week of the authority's calendar, counted from the one that holds 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week(pub i64);

impl Week {
    /// Returns the week that holds a moment, in Unix seconds.
    pub fn of(at: i64) -> Self {
        // 1970-01-01 was a Thursday.
        Self(
            (at + CALENDAR_AHEAD)
                .div_euclid(DAY_SECONDS)
                .saturating_add(3)
                .div_euclid(7),
        )
    }

    /// Returns its first second.
    pub fn begins(self) -> i64 {
        (self.0 * 7 - 3) * DAY_SECONDS - CALENDAR_AHEAD
    }

    /// Returns the first second after it.
    pub fn ends(self) -> i64 {
        Self(self.0 + 1).begins()
    }
}

/// Returns the day of the authority's calendar that holds a moment, counted from 1970.
pub fn day_of(at: i64) -> u32 {
    u32::try_from((at + CALENDAR_AHEAD).div_euclid(DAY_SECONDS)).unwrap_or(0)
}

/// Returns the first second of such a day.
pub fn day_begins(day: u32) -> i64 {
    i64::from(day) * DAY_SECONDS - CALENDAR_AHEAD
}

/// The key of one venue in one week, or of one day.
#[derive(Clone)]
pub struct VisitKey(Aes128);

impl VisitKey {
    /// Derives the key of the venue with this number (V20).
    pub fn derive(week_key: &[u8; WEEK_KEY_BYTES], venue: i64) -> Self {
        Self::labelled(week_key, INFO, venue)
    }

    /// Derives the key of personal codes of a day, counted from 1970 (V51).
    pub fn of_day(week_key: &[u8; WEEK_KEY_BYTES], day: u32) -> Self {
        Self::labelled(week_key, DAY_INFO, i64::from(day))
    }

    fn labelled(week_key: &[u8; WEEK_KEY_BYTES], label: &[u8; 8], number: i64) -> Self {
        let mut info = [0; 16];
        info[..8].copy_from_slice(label);
        info[8..].copy_from_slice(&number.to_be_bytes());
        Self(Aes128::new(&derive16(week_key, &info).into()))
    }

    /// Returns a person's pseudonym at this venue in this week (V21).
    pub fn token(&self, person: &[u8; 16]) -> [u8; 16] {
        let mut block = (*person).into();
        self.0.encrypt_block(&mut block);
        block.into()
    }

    /// Returns whose pseudonym it is.
    pub fn person(&self, token: &[u8; 16]) -> [u8; 16] {
        let mut block = (*token).into();
        self.0.decrypt_block(&mut block);
        block.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_opened_by_the_key_of_its_venue_and_week_alone() {
        let (week, other) = ([7; 16], [8; 16]);
        let person = *b"0123456789abcdef";
        let token = VisitKey::derive(&week, 5).token(&person);
        assert_eq!(VisitKey::derive(&week, 5).person(&token), person);
        for wrong in [VisitKey::derive(&week, 6), VisitKey::derive(&other, 5)] {
            assert_ne!(wrong.person(&token), person);
            assert_ne!(wrong.token(&person), token);
        }
    }

    /// Computed by Python (HMAC-SHA256 as RFC 5869 says) and OpenSSL (AES-128).
    #[test]
    fn a_token_is_what_the_specification_says() {
        let week: [u8; 16] = core::array::from_fn(|at| at as u8);
        let person: [u8; 16] = core::array::from_fn(|at| 0xf0 + at as u8);
        let token = VisitKey::derive(&week, 1_234_567).token(&person);
        assert_eq!(hex::encode(token), "391fc0920f9b7f13f9e80bff86f3bd0f");
    }

    #[test]
    fn weeks_begin_on_monday_of_the_authoritys_calendar() {
        // Monday 2021-07-12 00:00 in Vietnam.
        let monday = 1_626_022_800;
        let week = Week::of(monday);
        assert_eq!((week.begins(), week.ends()), (monday, monday + 7 * DAY_SECONDS));
        assert_eq!(Week::of(monday - 1), Week(week.0 - 1));
        assert_eq!(Week::of(monday + 7 * DAY_SECONDS - 1), week);
        assert_eq!(Week::of(0), Week(0));
        assert!(Week::of(i64::MAX - CALENDAR_AHEAD).0 > 0 && Week::of(i64::MIN).0 < 0);
    }
}
