//! What a message is, without I/O.

use std::fmt;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// The link of a verification code.
    Code,
}

impl MessageKind {
    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
        }
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It waits to be handed over.
    Waiting,
    /// The carrier has it.
    Sent,
    /// The carrier will not take it.
    Refused,
    /// Its time was over before anybody took it.
    Late,
}

impl MessageState {
    /// Every state, in the order of a message's life.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Refused, Self::Late];

    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Late => "late",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A message in the clear, for the carrier. `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Id of the message: a carrier that has it already must not send it again.
    pub message_id: String,
    /// Number, `0…`.
    pub to: String,
    /// Text.
    pub text: String,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({}, {} parts)", self.message_id, parts(&self.text))
    }
}

/// Signs of the default alphabet of GSM 03.38 beyond letters, digits and space that also ASCII has.
const PLAIN: &str = "@$_!\"#%&'()*+,-./:;<=>?\n\r";
/// ASCII signs that take two places there.
const DOUBLE: &str = "^{}\\[~]|";

/// Returns in how many parts a text travels (GSM 03.38, 03.40): 160 places in one part, 153 in each of several; 70 and 67 as
/// soon as one sign is outside the default alphabet, as Vietnamese letters with marks are.
pub fn parts(text: &str) -> usize {
    let mut places = 0;
    for sign in text.chars() {
        places += match sign {
            ' ' => 1,
            sign if sign.is_ascii_alphanumeric() || PLAIN.contains(sign) => 1,
            sign if DOUBLE.contains(sign) => 2,
            _ => return split(text.encode_utf16().count(), 70, 67),
        };
    }
    split(places, 160, 153)
}

fn split(places: usize, alone: usize, each: usize) -> usize {
    if places <= alone { 1 } else { places.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard() {
        for (text, count) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("~".repeat(80), 1),
            ("~".repeat(81), 2),
            ("ạ".repeat(70), 1),
            (format!("{}ạ", "a".repeat(70)), 2),
        ] {
            assert_eq!(parts(&text), count, "{} signs", text.chars().count());
        }
    }

    #[test]
    fn a_message_does_not_print_itself() {
        let message = Outgoing {
            message_id: "message_1".into(),
            to: "0912345678".into(),
            text: "secret".into(),
        };
        assert_eq!(format!("{message:?}"), "Outgoing(message_1, 1 parts)");
    }
}
