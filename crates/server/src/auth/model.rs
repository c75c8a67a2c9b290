//! Accounts of officers: what a login, a password and a one-time code must be. Pure.

use std::fmt;

use protocol::base32;
use protocol::time::UnixSeconds;
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Totp};

use super::role::Role;
use crate::error::ServiceError;
use crate::scope::Scope;

/// A session without a request for this long is over, in seconds.
pub const IDLE_SECONDS: i64 = 20 * 60;
/// A session is over after this long in any case, in seconds.
pub const SESSION_SECONDS: i64 = 8 * 3600;
/// How long after a one-time code a sensitive act needs no new one, in seconds.
pub const STEP_UP_SECONDS: i64 = 10 * 60;
/// How long an invitation can be accepted, in seconds.
pub const INVITATION_SECONDS: i64 = 48 * 3600;
/// How long a role lasts unless it is renewed, in seconds.
pub const ROLE_SECONDS: i64 = 90 * 86_400;
/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 10;
/// Longest password compared, in bytes.
pub const MAX_PASSWORD: usize = 128;
/// Least strength of a password, of 4 (fewer than 10^8 guesses are refused).
const MIN_STRENGTH: u8 = 3;
/// Length of a step of one-time codes, in seconds (RFC 6238).
const TOTP_STEP: u64 = 30;

/// Passwords that many people here choose; a strength estimate made elsewhere does not know them.
const COMMON: &[&str] = &[
    "matkhau",
    "mat khau",
    "anhyeuem",
    "emyeuanh",
    "yeuem",
    "khongbiet",
    "khongcho",
    "tiengiang",
    "mytho",
    "gocong",
    "vietnam",
    "hanoi",
    "saigon",
    "bluezone",
    "vunglam",
    "covid",
    "covid19",
    "truyvet",
    "yte",
    "soyte",
    "cdc",
    "admin",
    "administrator",
    "password",
    "qwerty",
    "iloveyou",
    "conyeume",
    "giadinh",
    "nguyen",
    "phuong",
    "trang",
    "linh",
];

/// An officer's account.
#[derive(Clone, PartialEq, Eq)]
pub struct Officer {
    /// Random id.
    pub officer_id: String,
    /// Name to sign in with.
    pub login: String,
    /// Name shown to colleagues.
    pub name: String,
    /// What the officer may do.
    pub role: Role,
    /// When the role runs out unless renewed.
    pub role_until: UnixSeconds,
    /// Where.
    pub scope: Scope,
    /// Whether the account can be used.
    pub state: OfficerState,
}

impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Officer({}, {:?})", self.officer_id, self.role)
    }
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficerState {
    /// Has not accepted the invitation yet.
    Invited,
    /// Can sign in.
    Active,
    /// Has left; the account stays for the record.
    Left,
}

impl OfficerState {
    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Left => "left",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Left]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// Checks a login: 3 to 40 of `a–z 0–9 . - _`.
///
/// # Errors
///
/// [`ServiceError::Invalid`].
pub(super) fn check_login(login: &str) -> Result<(), ServiceError> {
    let signs = login
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    if signs && (3..=40).contains(&login.len()) {
        Ok(())
    } else {
        Err(ServiceError::Invalid {
            field: "login",
            why: "3 to 40 of a-z 0-9 . - _",
        })
    }
}

/// Checks the name colleagues see: 2 to 80 characters, no control characters.
///
/// # Errors
///
/// [`ServiceError::Invalid`].
pub(super) fn check_name(name: &str) -> Result<(), ServiceError> {
    let length = name.chars().count();
    if (2..=80).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(ServiceError::Invalid {
            field: "name",
            why: "2 to 80 characters",
        })
    }
}

/// Checks a new password: long enough, hard to guess, not made of the account's own words (ASVS 6.2, no composition rules).
///
/// # Errors
///
/// [`ServiceError::Invalid`].
pub(super) fn check_password(password: &str, login: &str, name: &str) -> Result<(), ServiceError> {
    let wrong = |why| Err(ServiceError::Invalid { field: "password", why });
    if password.chars().count() < MIN_PASSWORD {
        return wrong("at least 10 characters");
    }
    if password.len() > MAX_PASSWORD {
        return wrong("at most 128 bytes");
    }
    let folded = crate::people::model::fold(name);
    let mut words: Vec<&str> = COMMON.to_vec();
    words.push(login);
    words.extend(folded.split(' '));
    // People write their name in one word.
    let joined = folded.replace(' ', "");
    words.push(&joined);
    if u8::from(zxcvbn::zxcvbn(password, &words).score()) < MIN_STRENGTH {
        return wrong("too easy to guess");
    }
    Ok(())
}

/// Returns the step of a one-time code that fits around `now`; a step already used does not fit (RFC 6238 §5.2).
pub(super) fn fitting_step(secret: &[u8], code: &str, now: UnixSeconds, used_step: i64) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let generator = generator(secret)?;
    let current = now.0.div_euclid(TOTP_STEP.cast_signed());
    (current - 1..=current + 1)
        .filter(|step| *step > used_step)
        .find(|step| {
            let expected = generator.generate(step.unsigned_abs() * TOTP_STEP).to_string();
            expected.as_bytes().ct_eq(code.as_bytes()).into()
        })
}

/// Returns the one-time code of a secret at `now`: for tests and the demo, which have no telephone.
pub fn one_time_code(secret: &[u8], now: UnixSeconds) -> Option<String> {
    Some(generator(secret)?.generate(now.0.unsigned_abs()).to_string())
}

fn generator(secret: &[u8]) -> Option<Totp> {
    let secret: [u8; 20] = secret.try_into().ok()?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(TOTP_STEP)
        .with_secret(secret)
        .build()
        .ok()
}

/// Returns the address an authenticator program reads.
pub(super) fn otpauth(login: &str, secret: &[u8]) -> String {
    format!(
        "otpauth://totp/V%C3%B9ng%20Lam:{login}?secret={}&issuer=V%C3%B9ng%20Lam",
        base32::encode(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and codes of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn one_time_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = UnixSeconds(at);
            assert_eq!(one_time_code(secret, now).as_deref(), Some(code));
            let step = fitting_step(secret, code, now, 0).expect("it fits");
            assert!(fitting_step(secret, code, now.plus(30), 0).is_some(), "a step late");
            assert!(
                fitting_step(secret, code, now.plus(90), 0).is_none(),
                "three steps late"
            );
            assert!(fitting_step(secret, code, now, step).is_none(), "used");
        }
        assert_eq!(base32::encode(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        let check = |password| check_password(password, "le.thi.anh", "Lê Thị Ánh");
        for weak in [
            "short",
            "password123",
            "matkhau123456",
            "1234567890",
            "lethianh1990",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "tiengiang2021",
        ] {
            assert!(check(weak).is_err(), "{weak}");
        }
        for good in ["mua roi tren mai ton cu", "Xk8#pq2!vbnR", "ba con vit di cho som"] {
            assert!(check(good).is_ok(), "{good}");
        }
        assert!(check(&"ê".repeat(100)).is_err());
    }

    #[test]
    fn logins_are_plain() {
        for wrong in ["", "ab", "Anh", "anh le", "anh'--", &"a".repeat(41)] {
            assert!(check_login(wrong).is_err(), "{wrong}");
        }
        assert!(check_login("le.thi-anh_1").is_ok());
    }
}
