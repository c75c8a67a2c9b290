//! Numbers, shares and spans of time as people of each language write them.

use super::{Language, Texts};

const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * 60;

impl Texts {
    /// Returns a whole number: `1.204` in Vietnamese, `1,204` in English.
    pub(crate) fn number(&self, value: i64) -> String {
        let (group, _) = self.signs();
        let digits = value.unsigned_abs().to_string();
        let mut out = String::new();
        if value < 0 {
            out.push('-');
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        out
    }

    /// Returns a number given in tenths: `12,5` in Vietnamese, `12.5` in English.
    pub(crate) fn tenths(&self, tenths: i64) -> String {
        self.decimal(tenths, 1)
    }

    /// Returns a number given in hundredths: `1,25` in Vietnamese, `1.25` in English.
    pub(crate) fn hundredths(&self, hundredths: i64) -> String {
        self.decimal(hundredths, 2)
    }

    fn decimal(&self, scaled: i64, places: u32) -> String {
        let (_, point) = self.signs();
        let unit = 10_i64.pow(places);
        let sign = if scaled < 0 && scaled > -unit { "-" } else { "" };
        let (whole, rest) = (self.number(scaled / unit), (scaled % unit).unsigned_abs());
        format!("{sign}{whole}{point}{rest:0width$}", width = places as usize)
    }

    /// Returns `part` of `whole` in percent with one decimal, rounded to the nearest; nothing when the whole is none.
    pub(crate) fn percent(&self, part: i64, whole: i64) -> Option<String> {
        if whole <= 0 {
            return None;
        }
        let (part, whole) = (i128::from(part), i128::from(whole));
        let tenths = (part * 2000 + whole).div_euclid(whole * 2);
        Some(format!("{}%", self.tenths(i64::try_from(tenths).ok()?)))
    }

    /// Returns a span of time in minutes, in its two largest units.
    pub(crate) fn span(&self, minutes: i64) -> String {
        let minutes = minutes.max(0);
        let (days, hours, rest) = (
            minutes / MINUTES_PER_DAY,
            minutes % MINUTES_PER_DAY / MINUTES_PER_HOUR,
            minutes % MINUTES_PER_HOUR,
        );
        let texts = self;
        match (days, hours, rest) {
            (0, 0, m) => texts.with("console-minutes", "m", &m.to_string()),
            (0, h, 0) => texts.with("console-hours", "h", &h.to_string()),
            (0, h, m) => texts.fill(
                "console-hours-minutes",
                &[("h", &h.to_string()), ("m", &format!("{m:02}"))],
            ),
            (d, 0, _) => texts.with("console-days", "d", &self.number(d)),
            (d, h, _) => texts.fill("console-days-hours", &[("d", &self.number(d)), ("h", &h.to_string())]),
        }
    }

    /// Returns the sign between groups of three digits, and the sign before decimals.
    fn signs(&self) -> (char, char) {
        match self.0 {
            Language::Vietnamese => ('.', ','),
            Language::English => (',', '.'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VI: Texts = Texts(Language::Vietnamese);
    const EN: Texts = Texts(Language::English);

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        assert_eq!((VI.number(1204), EN.number(1204)), ("1.204".into(), "1,204".into()));
        assert_eq!(VI.number(999), "999");
        assert_eq!(VI.number(-1_234_567), "-1.234.567");
        assert_eq!(EN.number(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!((VI.tenths(125), EN.tenths(-5)), ("12,5".into(), "-0.5".into()));
        assert_eq!((EN.tenths(-15), VI.hundredths(105)), ("-1.5".into(), "1,05".into()));
    }

    #[test]
    fn shares_are_rounded_and_none_of_nothing() {
        assert_eq!(EN.percent(1, 3).as_deref(), Some("33.3%"));
        assert_eq!(EN.percent(2, 3).as_deref(), Some("66.7%"));
        assert_eq!(VI.percent(1, 16).as_deref(), Some("6,3%"));
        assert_eq!(EN.percent(0, 5).as_deref(), Some("0.0%"));
        assert_eq!(EN.percent(5, 0), None);
        assert_eq!(EN.percent(i64::MAX, i64::MAX).as_deref(), Some("100.0%"));
    }

    #[test]
    fn spans_have_two_units_at_most() {
        assert_eq!(VI.span(25), "25 phút");
        assert_eq!(VI.span(130), "2 giờ 10");
        assert_eq!((VI.span(185), VI.span(180)), ("3 giờ 05".into(), "3 giờ".into()));
        assert_eq!(EN.span(2 * 1440 + 65), "2 d 1 h");
        assert_eq!(EN.span(-3), "0 min");
    }
}
