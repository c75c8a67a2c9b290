//! Rules of tracing as dated tables: which applied on a day, and where it comes from.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::civil::CivilDate;

/// The tables shipped with the program, read once; a test reads them too.
pub static RULES: LazyLock<Rules> =
    LazyLock::new(|| toml::from_str(include_str!("rules.toml")).expect("the rule tables parse: a test reads them"));

/// What every rule carries.
#[derive(Clone, Debug, Deserialize)]
pub struct Dated<T> {
    /// First day on which it applies, `yyyy-mm-dd`.
    pub valid_from: String,
    /// Decree, letter or practice it comes from.
    pub source: String,
    /// Whether the value was read in the source itself; if not, it is to be confirmed.
    pub sure: bool,
    /// The rule.
    #[serde(flatten)]
    pub rule: T,
}

/// How long before onset a case can infect.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Infectious {
    /// Days.
    pub days_before: i64,
}

/// Who is a contact.
#[derive(Clone, Debug, Deserialize)]
pub struct Contact {
    /// Distance in metres.
    pub metres: u32,
    /// Least time in minutes.
    pub minutes: u32,
    /// The definition in words.
    pub text: String,
}

/// How long a contact is followed.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Follow {
    /// Generation it is for.
    pub generation: u8,
    /// Days after the last exposure.
    pub days: i64,
}

/// How soon contacts are called, and how often.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Call {
    /// Hours by level 1 to 4.
    pub hours: [i64; 4],
    /// Calls before the commune takes over.
    pub tries: i64,
    /// Hours between two calls.
    pub pause_hours: i64,
}

/// How long a contact is kept.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Expiry {
    /// Days after follow-up.
    pub days: i64,
}

/// All tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// How long before onset a case can infect.
    pub infectious: Vec<Dated<Infectious>>,
    /// Who is a contact.
    pub contact: Vec<Dated<Contact>>,
    /// How long a contact is followed.
    pub follow: Vec<Dated<Follow>>,
    /// How contacts are called.
    pub call: Vec<Dated<Call>>,
    /// How long contacts are kept.
    pub expiry: Vec<Dated<Expiry>>,
}

/// Returns the newest rule that applies on `day`; the oldest when all are newer.
pub fn on<T>(table: &[Dated<T>], day: CivilDate) -> &Dated<T> {
    let iso = day.iso();
    let first = &table[0];
    table
        .iter()
        .filter(|dated| dated.valid_from <= iso)
        .max_by(|a, b| a.valid_from.cmp(&b.valid_from))
        .unwrap_or(first)
}

impl Rules {
    /// Returns the first day on which a case can have infected: before onset, or before the sample without symptoms.
    pub fn infectious_from(&self, onset: Option<CivilDate>, test: CivilDate) -> CivilDate {
        let first = onset.unwrap_or(test).min(test);
        let days = on(&self.infectious, test).rule.days_before;
        CivilDate::from_number(first.number() - days).unwrap_or(first)
    }

    /// Returns the last day on which a contact is followed.
    pub fn follow_until(&self, generation: u8, exposed: CivilDate, today: CivilDate) -> CivilDate {
        let table: Vec<_> = self
            .follow
            .iter()
            .filter(|dated| dated.rule.generation == generation.min(2))
            .cloned()
            .collect();
        let days = if table.is_empty() {
            0
        } else {
            on(&table, today).rule.days
        };
        CivilDate::from_number(exposed.number() + days).unwrap_or(exposed)
    }

    /// Returns the day after which a contact is erased.
    pub fn expires_on(&self, follow_until: CivilDate) -> CivilDate {
        let days = on(&self.expiry, follow_until).rule.days;
        CivilDate::from_number(follow_until.number() + days).unwrap_or(follow_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).expect("a date")
    }

    #[test]
    fn the_rule_of_the_day_applies() {
        let before = |test| RULES.infectious_from(Some(day("2021-12-20")), day(test)).iso();
        assert_eq!(before("2021-12-28"), "2021-12-17");
        assert_eq!(before("2021-12-29"), "2021-12-18");
        assert_eq!(RULES.infectious_from(None, day("2021-07-12")).iso(), "2021-07-09");
        let until = |today| RULES.follow_until(1, day("2021-07-10"), day(today)).iso();
        assert_eq!(until("2021-07-13"), "2021-07-31");
        assert_eq!(until("2021-07-14"), "2021-08-07");
        assert_eq!(
            RULES.follow_until(2, day("2021-07-10"), day("2021-07-14")).iso(),
            "2021-07-24"
        );
    }

    #[test]
    fn every_rule_has_a_date_and_a_source() {
        fn check<T>(table: &[Dated<T>]) {
            assert!(!table.is_empty());
            for dated in table {
                assert!(CivilDate::parse(&dated.valid_from).is_some() && !dated.source.is_empty());
            }
        }
        check(&RULES.infectious);
        check(&RULES.contact);
        check(&RULES.follow);
        check(&RULES.call);
        check(&RULES.expiry);
    }
}
