//! "What does the service know?": looks for identifiers in everything it holds, as raw bytes, hexadecimal or Base64.

use std::collections::{HashMap, HashSet};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
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
    /// Whether any begins with these two bytes: most places are dismissed by a look here.
    begins: Vec<bool>,
}

impl Needles {
    /// Prepares identifiers for searching.
    pub fn new(needles: &[[u8; NEEDLE_BYTES]]) -> Self {
        let mut begins = vec![false; 1 << 16];
        for needle in needles {
            begins[usize::from(u16::from_be_bytes([needle[0], needle[1]]))] = true;
        }
        Self {
            all: needles.iter().copied().collect(),
            begins,
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

    /// Returns whether a content holds any of them.
    pub fn are_in(&self, content: &[u8]) -> bool {
        content.len() >= NEEDLE_BYTES && !self.search([(String::new(), content.to_vec())]).is_empty()
    }

    fn raw(&self, content: &[u8], note: &mut dyn FnMut(usize)) {
        for (at, window) in content.windows(NEEDLE_BYTES).enumerate() {
            let may_be = self.begins[usize::from(u16::from_be_bytes([window[0], window[1]]))];
            if may_be
                && window
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

/// Words to look for, such as a name: as they are, in hexadecimal of either case, and in Base64 at any position.
#[derive(Default)]
pub struct Words {
    /// All forms by their first four bytes, so that a content is walked through once.
    by_head: HashMap<[u8; 4], Vec<Vec<u8>>>,
}

impl Words {
    /// Adds a word of at least four bytes in all forms.
    pub fn add(&mut self, word: &[u8]) {
        self.add_raw(word);
        self.add_raw(hex::encode(word).as_bytes());
        self.add_raw(hex::encode_upper(word).as_bytes());
        for shift in 0..3 {
            for engine in [general_purpose::STANDARD_NO_PAD, general_purpose::URL_SAFE_NO_PAD] {
                let text = engine.encode([&vec![0; shift], word].concat());
                // The first and last signs depend on the neighbours too.
                let (from, to) = ((shift * 8).div_ceil(6), (shift + word.len()) * 8 / 6);
                self.add_raw(text[from..to].as_bytes());
            }
        }
    }

    /// Adds bytes that are looked for as they are; fewer than four are not.
    pub fn add_raw(&mut self, bytes: &[u8]) {
        if let Some(head) = bytes.first_chunk() {
            self.by_head.entry(*head).or_default().push(bytes.to_vec());
        }
    }

    /// Returns whether a content holds any of them.
    pub fn are_in(&self, content: &[u8]) -> bool {
        content.windows(4).enumerate().any(|(at, window)| {
            let head: Option<&[u8; 4]> = window.first_chunk();
            let all = head.and_then(|head| self.by_head.get(head));
            all.is_some_and(|all| all.iter().any(|word| content[at..].starts_with(word)))
        })
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
    fn a_word_is_found_in_every_form_and_at_any_place() {
        let mut words = Words::default();
        words.add("Nguyễn Thị Lan".as_bytes());
        for before in 0..4 {
            let text = [&vec![b'q'; before], "Nguyễn Thị Lan".as_bytes(), b"xyz"].concat();
            assert!(words.are_in(&text));
            assert!(words.are_in(hex::encode(&text).as_bytes()), "{before}");
            assert!(words.are_in(hex::encode_upper(&text).as_bytes()), "{before}");
            assert!(words.are_in(STANDARD.encode(&text).as_bytes()), "{before}");
            assert!(words.are_in(URL_SAFE_NO_PAD.encode(&text).as_bytes()), "{before}");
        }
        for other in ["", "Nguyễn Thị La", "nguyễn thị lan", "TGFu"] {
            assert!(!words.are_in(other.as_bytes()), "{other}");
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
