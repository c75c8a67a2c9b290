//! "What does the service know?": looks for identifiers in everything it holds, as raw bytes, hexadecimal or Base64.

use std::collections::HashSet;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Serialize;

/// Length of what is looked for, in bytes.
pub const NEEDLE_BYTES: usize = 16;

/// How an identifier was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As it goes on the air.
    Raw,
    /// Hexadecimal digits of either case.
    Hex,
    /// Base64, standard or for addresses, alone or inside a longer text.
    Base64,
}

/// One place where an identifier stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the table, file or log.
    pub place: String,
    /// How it is written.
    pub form: Form,
    /// Position of the first byte.
    pub at: usize,
}

/// What to look for.
pub struct Needles {
    all: HashSet<[u8; NEEDLE_BYTES]>,
}

impl Needles {
    /// Prepares identifiers for searching.
    pub fn new(needles: &[[u8; NEEDLE_BYTES]]) -> Self {
        Self {
            all: needles.iter().copied().collect(),
        }
    }

    /// Searches named contents.
    pub fn search(&self, contents: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<Finding> {
        let mut found = Vec::new();
        for (place, content) in contents {
            let mut note = |form, at| {
                found.push(Finding {
                    place: place.clone(),
                    form,
                    at,
                })
            };
            self.raw(&content, &mut |at| note(Form::Raw, at));
            for (start, run) in runs(&content, u8::is_ascii_hexdigit, 2 * NEEDLE_BYTES) {
                self.hex(run, &mut |at| note(Form::Hex, start + at));
            }
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
            for (start, run) in runs(&content, is_base64, 22) {
                self.base64(run, &mut |at| note(Form::Base64, start + at));
            }
        }
        found
    }

    fn raw(&self, content: &[u8], note: &mut dyn FnMut(usize)) {
        for (at, window) in content.windows(NEEDLE_BYTES).enumerate() {
            if window
                .try_into()
                .is_ok_and(|window: [u8; NEEDLE_BYTES]| self.all.contains(&window))
            {
                note(at);
            }
        }
    }

    fn hex(&self, run: &[u8], note: &mut dyn FnMut(usize)) {
        for offset in 0..2 {
            let digits = &run[offset..];
            if let Ok(bytes) = hex::decode(&digits[..digits.len() / 2 * 2]) {
                self.raw(&bytes, &mut |at| note(offset + 2 * at));
            }
        }
    }

    /// Decodes from each of the four positions a group may begin at.
    fn base64(&self, run: &[u8], note: &mut dyn FnMut(usize)) {
        let config = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
        let text: Vec<u8> = run
            .iter()
            .map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                other => *other,
            })
            .collect();
        for offset in 0..4.min(text.len()) {
            let mut group = &text[offset..];
            if group.len() % 4 == 1 {
                group = &group[..group.len() - 1];
            }
            if let Ok(bytes) = engine.decode(group) {
                self.raw(&bytes, &mut |at| note(offset + at / 3 * 4));
            }
        }
    }
}

/// Returns the longest runs of bytes of a kind that have at least `least` bytes, with their positions.
fn runs(content: &[u8], is_kind: impl Fn(&u8) -> bool, least: usize) -> Vec<(usize, &[u8])> {
    let (mut found, mut start) = (Vec::new(), 0);
    for run in content.chunk_by(|a, b| is_kind(a) == is_kind(b)) {
        if run.len() >= least && is_kind(&run[0]) {
            found.push((start, run));
        }
        start += run.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const PLANTED: [u8; 16] = [0xfb, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0xfe];

    fn forms(content: impl Into<Vec<u8>>) -> Vec<Form> {
        let other = [[9; 16], PLANTED];
        Needles::new(&other)
            .search([("here".to_owned(), content.into())])
            .iter()
            .map(|f| f.form)
            .collect()
    }

    #[test]
    fn a_planted_identifier_is_found_in_every_form() {
        let around = |middle: &[u8]| [b"log: \"", middle, b"\" end"].concat();
        assert_eq!(forms(around(&PLANTED)), [Form::Raw]);
        assert_eq!(forms(around(hex::encode(PLANTED).as_bytes())), [Form::Hex]);
        assert_eq!(forms(around(hex::encode_upper(PLANTED).as_bytes())), [Form::Hex]);
        assert_eq!(forms(around(STANDARD.encode(PLANTED).as_bytes())), [Form::Base64]);
        assert_eq!(
            forms(around(URL_SAFE_NO_PAD.encode(PLANTED).as_bytes())),
            [Form::Base64]
        );
    }

    #[test]
    fn an_identifier_inside_a_longer_text_is_found_at_any_offset() {
        for before in 0..4 {
            let mut bytes = vec![0x55; before];
            bytes.extend(PLANTED);
            bytes.extend([0xaa; 5]);
            assert!(
                forms(format!("xyz{}", STANDARD.encode(&bytes))).contains(&Form::Base64),
                "{before}"
            );
            assert!(
                forms(format!("a{}", hex::encode(&bytes))).contains(&Form::Hex),
                "{before}"
            );
        }
    }

    #[test]
    fn what_is_not_planted_is_not_found() {
        let mut changed = PLANTED;
        changed[15] ^= 1;
        let text = [
            changed.to_vec(),
            hex::encode(changed).into_bytes(),
            STANDARD.encode(changed).into_bytes(),
        ]
        .concat();
        assert_eq!(forms(text), []);
    }
}
