//! What somebody typed into the search, taken apart.

use super::name::{self, NameWord};
use super::packed::{self, Phone};

/// Longest question, in characters; what is beyond is not read.
const MAX_QUERY: usize = 160;
/// Most words and numbers that count.
const MAX_WORDS: usize = 6;
const MAX_NUMBERS: usize = 4;
/// Fewest digits that are looked for at the end and at the beginning of telephone numbers.
const MIN_END: usize = 4;
const MIN_BEGINNING: usize = 5;
/// Fewest digits of a document number.
const MIN_PAPER: usize = 6;

/// A question.
#[derive(Default)]
pub(super) struct Query {
    pub words: Vec<NameWord>,
    /// Whether the last word may be the beginning of a longer one.
    pub is_open: bool,
    pub numbers: Vec<Number>,
}

/// A number of a question: it may mean several things at once.
#[derive(Default)]
pub(super) struct Number {
    /// A whole telephone number.
    pub phone: Option<Phone>,
    /// Span of telephone numbers that begin so.
    pub beginning: Option<(u64, u64)>,
    /// Span of reversed telephone numbers that end so.
    pub end: Option<(u64, u64)>,
    /// A document number.
    pub paper: Option<u64>,
    /// A birth.
    pub birth: Option<Asked>,
}

/// A birth that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// Year, month, day.
    Day(u32, u32, u32),
    /// Month and day.
    DayMonth(u32, u32),
    /// Any of two years: `61` may be 1961 or 2061.
    Year(u32, u32),
}

impl Query {
    /// Reads a question.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.char_indices().nth(MAX_QUERY).map_or(text, |(at, _)| &text[..at]);
        let mut query = Self::default();
        let mut run: Vec<String> = Vec::new();
        for token in text.split_whitespace() {
            let digits: String = token.chars().filter(char::is_ascii_digit).collect();
            if let Some(asked) = birth(token) {
                query.end_run(&mut run);
                query.add(Number {
                    birth: Some(asked),
                    ..Number::default()
                });
            } else if digits.is_empty() || token.chars().any(char::is_alphabetic) {
                query.end_run(&mut run);
                match digits.len() {
                    5.. => query.add(Number {
                        paper: packed::paper_code(token),
                        ..Number::default()
                    }),
                    _ => query.words.extend(name::words(token)),
                }
            } else {
                run.push(digits);
            }
        }
        query.end_run(&mut run);
        query.drop_repeated();
        query.is_open = !text.ends_with(char::is_whitespace) || !query.numbers.is_empty();
        query
    }

    /// Keeps a word twice at most, as names do, and as many words as count.
    fn drop_repeated(&mut self) {
        let mut kept: Vec<NameWord> = Vec::with_capacity(MAX_WORDS);
        for word in self.words.drain(..) {
            if kept.len() < MAX_WORDS && kept.iter().filter(|other| **other == word).count() < 2 {
                kept.push(word);
            }
        }
        self.words = kept;
    }

    fn add(&mut self, number: Number) {
        if self.numbers.len() < MAX_NUMBERS {
            self.numbers.push(number);
        }
    }

    /// Reads numbers that stood next to each other: a telephone number is often typed in groups.
    fn end_run(&mut self, run: &mut Vec<String>) {
        let mut rest = &run[..];
        if let [day, month, year] = rest
            && let Some(asked) = date(year, month, day)
        {
            self.add(Number {
                birth: Some(asked),
                ..Number::default()
            });
            rest = &[];
        }
        while !rest.is_empty() {
            let whole = (1..=rest.len()).rev().find(|n| is_whole(&rest[..*n].concat()));
            let taken = whole.unwrap_or_else(|| partial(rest));
            self.add(number(&rest[..taken].concat()));
            rest = &rest[taken..];
        }
        run.clear();
    }
}

/// Tells whether digits are a whole telephone or identity card number.
fn is_whole(digits: &str) -> bool {
    digits.len() <= 15 && (packed::phone(digits).is_some() || (digits.len() == 12 && digits.starts_with('0')))
}

/// Returns how many groups make the beginning or end of a number that is not whole.
fn partial(groups: &[String]) -> usize {
    let is_group = |group: &&String| group.len() <= 4 && !is_year(group);
    let leading = groups.iter().take_while(is_group).count();
    let begins = groups[0].starts_with('0');
    if leading > 1 && (begins || groups[..leading].iter().any(|group| group.len() < MIN_END)) {
        leading
    } else {
        1
    }
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && matches!(digits.parse(), Ok(1900..=2100))
}

fn number(digits: &str) -> Number {
    let mut out = Number {
        phone: packed::phone(digits),
        ..Number::default()
    };
    if digits.len() >= MIN_BEGINNING {
        out.beginning = beginning(digits);
    }
    if (MIN_END..=10).contains(&digits.len()) {
        out.end = packed::span_of_beginning(&digits.chars().rev().collect::<String>());
    }
    if digits.len() >= MIN_PAPER {
        out.paper = packed::paper_code(digits);
    }
    out.birth = match digits.parse() {
        Ok(year) if is_year(digits) => Some(Asked::Year(year, year)),
        Ok(year) if digits.len() == 2 => Some(Asked::Year(1900 + year, 2000 + year)),
        _ => None,
    };
    out
}

/// Returns the span of numbers that begin with the digits, an old prefix of eleven-digit numbers replaced.
fn beginning(digits: &str) -> Option<(u64, u64)> {
    let national = match digits.strip_prefix("0084").or_else(|| digits.strip_prefix("84")) {
        Some(rest) => rest,
        None => digits.strip_prefix('0')?,
    };
    let national = national.strip_prefix('0').unwrap_or(national);
    if national.starts_with('1') && national.len() >= 4 {
        let new = packed::phone(&format!("0{national:0<10}"))?.to_string();
        return packed::span_of_beginning(new.get(..national.len() - 1)?);
    }
    packed::span_of_beginning(national).filter(|_| !national.is_empty())
}

/// Reads `d/m/yyyy`, `d-m-yyyy`, `d.m.yyyy`, `yyyy-mm-dd` or `d/m`.
fn birth(token: &str) -> Option<Asked> {
    let parts: Vec<&str> = token.split(['/', '-', '.']).collect();
    match parts[..] {
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day, month, year] => date(year, month, day),
        [day, month] if token.contains('/') => {
            let (month, day) = (small(month, 12)?, small(day, 31)?);
            Some(Asked::DayMonth(month, day))
        }
        _ => None,
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<Asked> {
    let (month, day) = (small(month, 12)?, small(day, 31)?);
    is_year(year)
        .then(|| year.parse().ok())?
        .map(|year| Asked::Day(year, month, day))
}

fn small(text: &str, most: u32) -> Option<u32> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number))?;
    (text.len() <= 2 && text.bytes().all(|c| c.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let query = Query::parse(text);
        query
            .words
            .iter()
            .map(|word| word.folded.clone())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn births_are_read_as_people_write_them() {
        let asked = |text: &str| Query::parse(text).numbers.first().and_then(|number| number.birth);
        for text in ["mười 5/3/1961", "05-03-1961", "5.3.1961", "1961-03-05", "5 3 1961"] {
            assert_eq!(asked(text), Some(Asked::Day(1961, 3, 5)), "{text}");
        }
        assert_eq!(asked("muoi 12/7"), Some(Asked::DayMonth(7, 12)));
        assert_eq!(asked("nguyen van muoi 1961"), Some(Asked::Year(1961, 1961)));
        assert_eq!(asked("muoi 61"), Some(Asked::Year(1961, 2061)));
        assert_eq!(asked("32/1/1961"), None);
        assert_eq!(folded("nguyen van muoi 5/3/1961"), "nguyen van muoi");
    }

    #[test]
    fn telephone_numbers_are_read_whole_and_in_part() {
        let first = |text: &str| Query::parse(text).numbers.into_iter().next().unwrap_or_default();
        for text in [
            "0912 345 678",
            "+84 912.345.678",
            "0912345678",
            "912345678",
            "muoi 0912 345 678 1961",
        ] {
            assert_eq!(first(text).phone, Some(912_345_678), "{text}");
        }
        assert_eq!(first("0169 123 4567").phone, Some(391_234_567));
        assert_eq!(first("0169 123").beginning, Some((3_912_300_000, 3_912_399_999)));
        assert_eq!(first("09123").beginning, Some((9_123_000_000, 9_123_999_999)));
        assert_eq!(first("0912").beginning, None);
        assert_eq!(first("5678").end, Some((8_765_000_000, 8_765_999_999)));
        assert_eq!(first("345 678").end, Some((8_765_430_000, 8_765_439_999)));
        assert!(first("567").end.is_none());
        assert_eq!(first("082 061 911 190").paper, packed::paper_code("082061911190"));
        assert_eq!(first("GD4793912345678").paper, packed::paper_code("3912345678"));
    }

    #[test]
    fn a_question_is_cut() {
        let query = Query::parse(&"ă1 ".repeat(10_000));
        assert!(query.words.len() <= MAX_WORDS && query.numbers.len() <= MAX_NUMBERS);
        let query = Query::parse(&"5/3/1961 0912345678 ".repeat(1_000));
        assert_eq!(query.numbers.len(), MAX_NUMBERS);
        assert!(Query::parse("").words.is_empty());
        assert!(Query::parse(&"9".repeat(10_000)).numbers.len() == 1);
    }

    #[test]
    fn the_last_word_is_open_until_a_space_follows() {
        assert!(Query::parse("nguyen va").is_open && !Query::parse("nguyen va ").is_open);
    }
}
