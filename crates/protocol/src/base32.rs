//! Base 32 in upper case without padding (RFC 4648 section 6): every character is one of a QR code's alphanumeric mode, and
//! authenticator programs take their secrets so.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(sign(held >> bits));
        }
    }
    if bits > 0 {
        text.push(sign(held << (5 - bits)));
    }
    text
}

/// Reads text of either case; `None` for other characters and for a text that [`encode`] would have written otherwise.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0);
    for c in text.bytes() {
        let value = match c.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    let is_whole = bits < 5 && held & ((1 << bits) - 1) == 0;
    is_whole.then_some(bytes)
}

fn sign(value: u32) -> char {
    char::from(ALPHABET[(value & 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648 section 10, without their padding.
    #[test]
    fn the_examples_of_the_standard_come_out() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(decode(&text.to_ascii_lowercase()).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn bytes_of_every_length_come_back() {
        for length in 0..99u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(31).wrapping_add(7)).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn what_would_have_been_written_otherwise_is_refused() {
        for text in ["M", "MZ1", "MZXW6Y", "MR", "M=", "MÝ", "MY "] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
