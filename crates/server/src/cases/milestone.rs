//! Epidemiological milestones (mốc dịch tễ) as a tracer types them: `12/7 8h-10h30 chợ Mỹ Tho`.

use protocol::time::UnixSeconds;

use crate::civil::CivilDate;

/// Longest text of a milestone, in characters.
pub const MAX_TEXT: usize = 200;

/// Where a person was and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Beginning.
    pub from: UnixSeconds,
    /// End; a day without hours lasts to its end.
    pub to: UnixSeconds,
    /// The place as typed.
    pub place: String,
}

/// Why a line is not a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It does not begin with a day such as `12/7`.
    Day,
    /// The hours are not such as `8h-10h30`.
    Hours,
    /// There is no place.
    Place,
    /// It lies after now.
    Future,
    /// It is too long.
    Length,
}

/// Reads a milestone. The year may be left out: then it is the latest one in which the day is not after today. Hours
/// may be `8h`, `8h30`, `8:30`, a span with `-` or `–`, or missing for a whole day; a span across midnight ends the
/// next day.
///
/// # Errors
///
/// [`Unreadable`] says which part.
pub fn parse(line: &str, now: UnixSeconds) -> Result<Typed, Unreadable> {
    let line = line.trim();
    if line.chars().count() > MAX_TEXT {
        return Err(Unreadable::Length);
    }
    let (day, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let day = parse_day(day, CivilDate::today(now)).ok_or(Unreadable::Day)?;
    let (span, place) = take_span(rest)?;
    let place = place.trim();
    if place.is_empty() {
        return Err(Unreadable::Place);
    }
    let (from, to) = match span {
        None => (day.at(0, 0), day.at(23, 59)),
        Some((from, None)) => (day.at(from.0, from.1), day.at(from.0, from.1)),
        Some((from, Some(to))) => {
            let end_day = if to < from { day.next() } else { day };
            (day.at(from.0, from.1), end_day.at(to.0, to.1))
        }
    };
    // A whole day may still be going on.
    let begins_later = from > now || (span.is_some() && to > now);
    if begins_later {
        return Err(Unreadable::Future);
    }
    Ok(Typed {
        from,
        to,
        place: place.to_owned(),
    })
}

/// Reads `12/7`, `12/07/2021`, `12-7-21`; without a year the latest such day that is not after `today`.
pub fn parse_day(text: &str, today: CivilDate) -> Option<CivilDate> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let number = |text: &str| -> Option<i16> {
        let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let (day, month) = (number(parts.first()?)?, number(parts.get(1)?)?);
    match parts.len() {
        2 => {
            let this_year = CivilDate::from_parts(today.year(), month, day).filter(|date| *date <= today);
            this_year.or_else(|| CivilDate::from_parts(today.year() - 1, month, day))
        }
        3 => {
            let year = number(parts[2])?;
            let year = if parts[2].len() == 2 { 2000 + year } else { year };
            CivilDate::from_parts(year, month, day)
        }
        _ => None,
    }
}

type Time = (i8, i8);
/// A time, or a span of two.
type Span = (Time, Option<Time>);

/// Takes a leading time or span; a first word without digits at its start is the place already.
fn take_span(rest: &str) -> Result<(Option<Span>, &str), Unreadable> {
    let rest = rest.trim_start();
    let Some((first, after)) = take_time(rest) else {
        let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        // `2 Lê Lợi` is a house; `25h` is a slip.
        return if is_digit && looks_like_time(rest) {
            Err(Unreadable::Hours)
        } else {
            Ok((None, rest))
        };
    };
    let tail = after.trim_start();
    let Some(second) = tail.strip_prefix(['-', '–']) else {
        return Ok((Some((first, None)), after));
    };
    let (second, after) = take_time(second.trim_start()).ok_or(Unreadable::Hours)?;
    Ok((Some((first, Some(second))), after))
}

fn looks_like_time(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.contains(['h', 'H', ':']) && word.chars().all(|c| c.is_ascii_digit() || "hH:-–".contains(c))
}

/// Takes `8h`, `8h30`, `8:30`, `8g30`.
fn take_time(text: &str) -> Option<(Time, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let hour_end = digits(text);
    let mark = text[hour_end..].chars().next()?;
    if !(1..=2).contains(&hour_end) || !"hHgG:".contains(mark) {
        return None;
    }
    let rest = &text[hour_end + 1..];
    let minute_end = digits(rest).min(2);
    if mark == ':' && minute_end == 0 {
        return None;
    }
    let hour: i8 = text[..hour_end].parse().ok()?;
    let minute: i8 = if minute_end == 0 {
        0
    } else {
        rest[..minute_end].parse().ok()?
    };
    let after = &rest[minute_end..];
    let ends = after.starts_with(|c: char| c.is_whitespace() || "-–,".contains(c)) || after.is_empty();
    ((0..24).contains(&hour) && (0..60).contains(&minute) && ends)
        .then(|| ((hour, minute), after.trim_start_matches(',')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 July 2021, 14:00 in Viet Nam.
    const NOW: UnixSeconds = UnixSeconds(1_626_073_200);

    fn read(line: &str) -> Result<(String, String, String), Unreadable> {
        let show = |at: UnixSeconds| format!("{} {}", CivilDate::today(at).local(), crate::civil::clock_time(at));
        parse(line, NOW).map(|typed| (show(typed.from), show(typed.to), typed.place))
    }

    fn ok(from: &str, to: &str, place: &str) -> Result<(String, String, String), Unreadable> {
        Ok((from.into(), to.into(), place.into()))
    }

    #[test]
    fn lines_as_tracers_type_them_are_read() {
        assert_eq!(
            read("12/7 8h-10h30 chợ Mỹ Tho"),
            ok("12/7/2021 08:00", "12/7/2021 10:30", "chợ Mỹ Tho")
        );
        assert_eq!(
            read("9/7 18:15 – 19:00 quán cơm Bảy Hiền"),
            ok("9/7/2021 18:15", "9/7/2021 19:00", "quán cơm Bảy Hiền")
        );
        assert_eq!(
            read("10/07/2021 22h-5h xưởng may A2"),
            ok("10/7/2021 22:00", "11/7/2021 05:00", "xưởng may A2")
        );
        assert_eq!(
            read("11-7-21 7h30 trạm y tế"),
            ok("11/7/2021 07:30", "11/7/2021 07:30", "trạm y tế")
        );
        assert_eq!(
            read("8/7 nhà bà ngoại"),
            ok("8/7/2021 00:00", "8/7/2021 23:59", "nhà bà ngoại")
        );
        assert_eq!(
            read("8/7 24 Lê Lợi"),
            ok("8/7/2021 00:00", "8/7/2021 23:59", "24 Lê Lợi")
        );
        assert_eq!(read("30/12 9h chợ"), ok("30/12/2020 09:00", "30/12/2020 09:00", "chợ"));
        assert_eq!(
            read("12/7 nhà"),
            ok("12/7/2021 00:00", "12/7/2021 23:59", "nhà"),
            "today is not over"
        );
    }

    #[test]
    fn what_cannot_be_a_milestone_says_why() {
        for (line, why) in [
            ("", Unreadable::Day),
            ("chợ Mỹ Tho", Unreadable::Day),
            ("31/2 chợ", Unreadable::Day),
            ("12/7/2021/1 chợ", Unreadable::Day),
            ("12/7 25h chợ", Unreadable::Hours),
            ("12/7 8h-26h chợ", Unreadable::Hours),
            ("12/7 8h-10h30", Unreadable::Place),
            ("12/7", Unreadable::Place),
            ("12/7 15h chợ", Unreadable::Future),
            ("12/7 8h-15h chợ", Unreadable::Future),
            ("13/7/2021 8h chợ", Unreadable::Future),
        ] {
            assert_eq!(read(line), Err(why), "{line}");
        }
        assert_eq!(read(&format!("12/7 {}", "a".repeat(300))), Err(Unreadable::Length));
    }
}
