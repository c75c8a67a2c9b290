//! The small signs in rows: generation, state, level, term, person. Each says in words what it shows by form.

use std::fmt;

use protocol::time::UnixSeconds;

use super::Texts;
use super::html::{component, escape};

/// A term that ends within this many minutes is soon.
const SOON_MINUTES: i64 = 60;
/// The tags have forms of their own up to this generation.
const LAST_FORM: u8 = 4;

/// Generation of contact: F0 is a case, F1 met one, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(pub(crate) u8);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = self.0.min(LAST_FORM);
        write!(f, r#"<span class="gen f{form}">F{}</span>"#, self.0)
    }
}

/// How far something is, by form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// To do.
    Ring,
    /// Under way.
    Half,
    /// Done.
    Disc,
    /// Blocked, refused, withdrawn.
    Diamond,
}

/// A state: form and words.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    shape: Shape,
    words: String,
}

impl Mark {
    /// Returns a mark; its colour follows from its form.
    pub(crate) fn new(shape: Shape, words: impl Into<String>) -> Self {
        Self {
            shape,
            words: words.into(),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.shape {
            Shape::Ring => "st",
            Shape::Half => "st half",
            Shape::Disc => "st full",
            Shape::Diamond => "st stop",
        };
        write!(f, r#"<span class="{form}">{}</span>"#, escape(&self.words))
    }
}

/// A level of 0 to 4 as bars.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    /// Bars that are full; above 4 counts as 4.
    pub(crate) bars: u8,
    /// What is measured and how much of it, for those who do not see the bars.
    pub(crate) words: String,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<span class="lvl" role="img" aria-label="{}">"#,
            escape(&self.words)
        )?;
        for bar in 0..4 {
            f.write_str(if bar < self.bars {
                r#"<i class="on"></i>"#
            } else {
                "<i></i>"
            })?;
        }
        f.write_str("</span>")
    }
}

/// Time left until a term, or gone since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    form: &'static str,
    words: String,
}

impl Due {
    /// Returns the term `due` as it stands at `now`.
    pub(crate) fn at(texts: Texts, now: UnixSeconds, due: UnixSeconds) -> Self {
        let seconds = due.0.saturating_sub(now.0);
        if seconds < 0 {
            let gone = texts.span(seconds.saturating_neg() / 60);
            return Self {
                form: "due over",
                words: texts.with("console-due-over", "time", &gone),
            };
        }
        let minutes = seconds / 60;
        Self {
            form: if minutes < SOON_MINUTES { "due soon" } else { "due" },
            words: texts.with("console-due-left", "time", &texts.span(minutes)),
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<span class="{} num">{}</span>"#, self.form, escape(&self.words))
    }
}

/// An officer as two letters in a disc, with the name for those who point at it or do not see it.
#[derive(Clone, Debug)]
pub(crate) struct Avatar {
    name: String,
    form: &'static str,
}

impl Avatar {
    /// Returns the sign of an officer.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            form: "av",
        }
    }

    /// Returns the sign in the rail.
    pub(super) fn big(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            form: "av big",
        }
    }
}

impl fmt::Display for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (form, name) = (self.form, escape(&self.name));
        let letters = escape(&initials(&self.name));
        write!(
            f,
            r#"<span class="{form}" role="img" aria-label="{name}" title="{name}">{letters}</span>"#
        )
    }
}

/// Returns the first letters of family and given name without marks: `LA` for `Lê Thị Ánh`.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let first = words.first().and_then(|word| word.chars().next());
    let last = words
        .last()
        .filter(|_| words.len() > 1)
        .and_then(|word| word.chars().next());
    first.into_iter().chain(last).map(bare_capital).collect()
}

/// Returns a Vietnamese letter without its marks, as a capital.
fn bare_capital(letter: char) -> char {
    const MARKED: [(char, &str); 6] = [
        ('A', "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"),
        ('E', "ÈÉẺẼẸÊỀẾỂỄỆ"),
        ('I', "ÌÍỈĨỊ"),
        ('O', "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"),
        ('U', "ÙÚỦŨỤƯỪỨỬỮỰ"),
        ('Y', "ỲÝỶỸỴ"),
    ];
    let capital = letter.to_uppercase().next().unwrap_or(letter);
    MARKED
        .iter()
        .find(|(_, marked)| marked.contains(capital))
        .map_or(capital, |(bare, _)| *bare)
}

component!(Generation, Mark, Level, Due, Avatar);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    #[test]
    fn a_term_is_over_soon_or_later() {
        let due = |seconds: i64| {
            Due::at(
                Texts(Language::Vietnamese),
                UnixSeconds(1_000_000),
                UnixSeconds(1_000_000 + seconds),
            )
        };
        assert_eq!(
            due(-130 * 60).to_string(),
            r#"<span class="due over num">quá 2 giờ 10</span>"#
        );
        assert!(due(0).to_string().contains("due soon"));
        assert!(due(59 * 60 + 59).to_string().contains("soon"));
        assert!(
            due(60 * 60)
                .to_string()
                .starts_with(r#"<span class="due num">còn 1 giờ"#)
        );
        let texts = Texts(Language::English);
        assert_eq!(
            Due::at(texts, UnixSeconds(i64::MAX), UnixSeconds(i64::MIN)).form,
            "due over"
        );
    }

    #[test]
    fn initials_are_of_family_and_given_name() {
        assert_eq!(initials("Lê Thị Ánh"), "LA");
        assert_eq!(initials("  ứng   "), "U");
        assert_eq!(initials("Đỗ Ơn"), "ĐO");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn words_of_others_are_escaped() {
        let hostile = "\"><script>'&";
        for markup in [
            Mark::new(Shape::Ring, hostile).to_string(),
            Avatar::new(hostile).to_string(),
            Level {
                bars: 9,
                words: hostile.into(),
            }
            .to_string(),
        ] {
            assert!(!markup.contains("<script") && !markup.contains("\"\""), "{markup}");
        }
        assert_eq!(Generation(7).to_string(), r#"<span class="gen f4">F7</span>"#);
    }
}
