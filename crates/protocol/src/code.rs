//! Verification codes as people read, hear and type them (docs/spec/upload.md U20–U22, docs/spec/venues.md V6).
//!
//! The alphabet leaves out 0 O 1 I L and has 31 signs, a prime: the last character is a weighted sum modulo 31 and
//! catches every single wrong character and every swap of neighbours.

use alloc::string::String;
use core::fmt;

/// The signs of a code: digits and letters without 0 O 1 I L.
pub const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// The two codes of one issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Read out on the telephone: 8 characters, valid at most 15 minutes.
    Short,
    /// Inside a link: 16 characters, valid at most 24 hours.
    Link,
}

impl CodeKind {
    /// Returns the number of characters, check character included.
    pub fn length(self) -> usize {
        match self {
            Self::Short => 8,
            Self::Link => 16,
        }
    }

    /// Returns how long the code may be used, in seconds (U21).
    pub fn lifetime_seconds(self) -> i64 {
        match self {
            Self::Short => 15 * 60,
            Self::Link => 24 * 3600,
        }
    }
}

/// Why a typed text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Not as many characters as such a code has, once spaces and hyphens are gone.
    #[error("a code does not have {0} characters (U20, V6)")]
    Length(usize),
    /// A character that no code contains; 0 O 1 I L are never used.
    #[error("character {0} of the code is not one that codes use (U20)")]
    Character(usize),
    /// The check character does not fit: something was misheard or mistyped.
    #[error("the code's check character does not fit (U20)")]
    Check,
}

/// A well-formed verification code. Printing it is deliberate: [`VerificationCode::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationCode {
    kind: CodeKind,
    text: String,
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerificationCode({:?}, …)", self.kind)
    }
}

impl VerificationCode {
    /// Makes a code of uniformly random signs from a source of random bytes.
    pub fn draw(kind: CodeKind, random_byte: &mut dyn FnMut() -> u8) -> Self {
        let text = draw(kind.length(), random_byte);
        Self { kind, text }
    }

    /// Reads what a person typed: any case, spaces and hyphens ignored.
    ///
    /// # Errors
    ///
    /// [`CodeError`] says what is wrong with the text; nothing is asked of a server.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let text = squeeze(typed, 17);
        let kind = match text.chars().count() {
            8 => CodeKind::Short,
            16 => CodeKind::Link,
            length => return Err(CodeError::Length(length)),
        };
        check(&text)?;
        Ok(Self { kind, text })
    }

    /// Returns which of the two codes this is.
    pub fn kind(&self) -> CodeKind {
        self.kind
    }

    /// Returns the code's characters without separators: for hashing, and for the person it belongs to.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the code in groups of four, as it is read out: `7K2M-4PQX`.
    pub fn grouped(&self) -> String {
        let mut out = String::with_capacity(self.text.len() + 3);
        for (at, c) in self.text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                out.push('-');
            }
            out.push(c);
        }
        out
    }
}

/// Draws `length` signs of which the last is the check character, from a source of random bytes.
pub(crate) fn draw(length: usize, random_byte: &mut dyn FnMut() -> u8) -> String {
    let mut text = String::with_capacity(length);
    let mut sum = 0;
    while text.len() + 1 < length {
        // 248 = 8 × 31: bytes above would make the first signs likelier.
        let byte = random_byte();
        if byte < 248 {
            let value = usize::from(byte % 31);
            sum += (text.len() + 1) * value;
            text.push(char::from(ALPHABET[value]));
        }
    }
    text.push(char::from(ALPHABET[sum % 31]));
    text
}

/// Returns what was typed in upper case without spaces and hyphens, at most `most` characters of it.
pub(crate) fn squeeze(typed: &str, most: usize) -> String {
    let signs = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    signs.take(most).map(|c| c.to_ascii_uppercase()).collect()
}

/// Checks the signs and the check character.
pub(crate) fn check(text: &str) -> Result<(), CodeError> {
    let length = text.chars().count();
    let (mut sum, mut last) = (0, 0);
    for (at, c) in text.chars().enumerate() {
        let value = ALPHABET
            .iter()
            .position(|a| char::from(*a) == c)
            .ok_or(CodeError::Character(at + 1))?;
        if at + 1 < length {
            sum += (at + 1) * value;
        }
        last = value;
    }
    if sum % 31 == last {
        Ok(())
    } else {
        Err(CodeError::Check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(kind: CodeKind, seed: u8) -> VerificationCode {
        let mut byte = seed;
        VerificationCode::draw(kind, &mut || {
            byte = byte.wrapping_mul(5).wrapping_add(101);
            byte
        })
    }

    #[test]
    fn a_drawn_code_is_read_back_however_it_is_typed() {
        for kind in [CodeKind::Short, CodeKind::Link] {
            let code = sample(kind, 3);
            assert_eq!(code.reveal().len(), kind.length());
            let typed = alloc::format!("  {} ", code.grouped().to_lowercase().replace('-', " "));
            assert_eq!(VerificationCode::parse(&typed), Ok(code));
        }
    }

    #[test]
    fn every_single_error_and_neighbour_swap_is_caught() {
        let code = sample(CodeKind::Link, 77);
        let text = code.reveal().as_bytes();
        for at in 0..text.len() {
            for sign in ALPHABET.iter().filter(|s| **s != text[at]) {
                let mut wrong = text.to_vec();
                wrong[at] = *sign;
                let wrong = String::from_utf8(wrong).expect("ASCII");
                assert_eq!(VerificationCode::parse(&wrong), Err(CodeError::Check));
            }
            if at + 1 < text.len() && text[at] != text[at + 1] {
                let mut swapped = text.to_vec();
                swapped.swap(at, at + 1);
                let swapped = String::from_utf8(swapped).expect("ASCII");
                assert_eq!(VerificationCode::parse(&swapped), Err(CodeError::Check));
            }
        }
    }

    #[test]
    fn unreadable_texts_are_refused_by_what_is_wrong() {
        assert_eq!(VerificationCode::parse(""), Err(CodeError::Length(0)));
        assert_eq!(VerificationCode::parse(&"2".repeat(9_999)), Err(CodeError::Length(17)));
        assert_eq!(VerificationCode::parse("2222022O"), Err(CodeError::Character(5)));
        assert_eq!(VerificationCode::parse("222222ấ2"), Err(CodeError::Character(7)));
    }
}
