//! What the codes on papers say: the chip identity card, the health insurance card and the national personal code of 2021
//! (docs/spec/venues.md V56–V58). Read at gates and by the authority, never written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Longest text that is looked at, in bytes.
const MAX_TEXT: usize = 1024;
/// Longest name, in characters.
const MAX_NAME: usize = 120;

/// Which paper was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    /// Chip identity card, căn cước công dân.
    Identity,
    /// Health insurance card.
    Insurance,
    /// Personal code of Decision 1405/QĐ-BTTTT.
    Decision1405,
}

/// What a paper says of its holder. `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// Which paper.
    pub kind: PaperKind,
    /// Its number; nothing when the paper masks it.
    pub number: Option<String>,
    /// Name as it stands there.
    pub name: String,
    /// Year, month and day of birth; month and day may be unknown.
    pub birth: Option<(i16, Option<(u8, u8)>)>,
    /// Telephone number, where the code has one.
    pub phone: Option<String>,
}

impl core::fmt::Debug for Paper {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Paper({:?}, …)", self.kind)
    }
}

/// Reads the text of a paper's code; `None` when it is none of the three.
pub fn read(scanned: &str) -> Option<Paper> {
    let text = scanned.trim();
    if text.len() > MAX_TEXT || text.chars().any(char::is_control) {
        return None;
    }
    let fields: Vec<&str> = text.split('|').map(str::trim).collect();
    identity(&fields)
        .or_else(|| insurance(&fields))
        .or_else(|| decision(&fields))
}

/// `number|old number|name|ddMMyyyy|gender|residence|ddMMyyyy`, twelve digits first (form known at second hand).
fn identity(fields: &[&str]) -> Option<Paper> {
    let [number, old, name, birth, _, _, issued] = fields else {
        return None;
    };
    let is_number = number.len() == 12 && is_digits(number) && (old.is_empty() || is_digits(old));
    if !is_number || issued.len() != 8 || !is_digits(issued) {
        return None;
    }
    Some(Paper {
        kind: PaperKind::Identity,
        number: Some((*number).to_string()),
        name: name_of(name)?,
        birth: Some(compact_day(birth)?),
        phone: None,
    })
}

/// `number|name in hexadecimal UTF-8|dd/MM/yyyy or yyyy|…`, ten digits or two letters and thirteen digits first (form known at second hand).
fn insurance(fields: &[&str]) -> Option<Paper> {
    let [number, name, birth, _, ..] = fields else {
        return None;
    };
    let is_old = number.len() == 15
        && number.is_char_boundary(2)
        && number[..2].bytes().all(|byte| byte.is_ascii_uppercase())
        && is_digits(&number[2..]);
    let is_new = number.len() == 10 && is_digits(number);
    if !is_old && !is_new {
        return None;
    }
    let name = String::from_utf8(unhex(name)?).ok()?;
    Some(Paper {
        kind: PaperKind::Insurance,
        number: Some((*number).to_string()),
        name: name_of(&name)?,
        birth: slashed_day(birth),
        phone: None,
    })
}

/// `number, six signs masked|NAME|yyyy-MM-dd|0 or 1|QID|further fields between <` (Decision 1405/QĐ-BTTTT).
fn decision(fields: &[&str]) -> Option<Paper> {
    let [number, name, birth, kind, _, rest @ ..] = fields else {
        return None;
    };
    let is_number =
        (8..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'*');
    if !is_number || !matches!(*kind, "0" | "1") {
        return None;
    }
    let mut parts = birth.split('-');
    let year: i16 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month_and_day = match (parts.next(), parts.next()) {
        (Some(month), Some(day)) => month.parse().ok().zip(day.parse().ok()),
        _ => None,
    };
    let phone = rest.first().and_then(|further| {
        let mut found = further
            .split('<')
            .filter(|field| field.len() == 10 && field.starts_with('0') && is_digits(field));
        found.next().map(ToString::to_string)
    });
    Some(Paper {
        kind: PaperKind::Decision1405,
        number: Some((*number).to_string()).filter(|number| !number.contains('*')),
        name: name_of(name)?,
        birth: Some(plausible(year, month_and_day)?),
        phone,
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn name_of(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = words.join(" ");
    let fits = name.chars().count() <= MAX_NAME && name.chars().any(char::is_alphabetic);
    fits.then_some(name)
}

type Birth = (i16, Option<(u8, u8)>);

fn plausible(year: i16, month_and_day: Option<(u8, u8)>) -> Option<Birth> {
    let fits = month_and_day.is_none_or(|(month, day)| (1..=12).contains(&month) && (1..=31).contains(&day));
    ((1900..=2200).contains(&year) && fits).then_some((year, month_and_day))
}

/// `ddMMyyyy`
fn compact_day(text: &str) -> Option<Birth> {
    if text.len() != 8 || !is_digits(text) {
        return None;
    }
    let month_and_day = text[2..4].parse().ok().zip(text[..2].parse().ok());
    plausible(text[4..].parse().ok()?, month_and_day)
}

/// `dd/MM/yyyy` or `yyyy`
fn slashed_day(text: &str) -> Option<Birth> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [year] => plausible(year.parse().ok()?, None),
        [day, month, year] => plausible(year.parse().ok()?, month.parse().ok().zip(day.parse().ok())),
        _ => None,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(&pair[0])? * 16 + digit(&pair[1])?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_papers_are_read() {
        let card = read(
            "082099001234|310123456|Nguyễn Văn  Mười|05071990|Nam|Ấp 3, Tân Mỹ Chánh, Mỹ Tho, Tiền Giang|10052021",
        )
        .expect("a card");
        assert_eq!(
            (card.kind, card.number.as_deref()),
            (PaperKind::Identity, Some("082099001234"))
        );
        assert_eq!(
            (card.name.as_str(), card.birth),
            ("Nguyễn Văn Mười", Some((1990, Some((7, 5)))))
        );
        let hex: String = "Trần Thị Lan"
            .bytes()
            .map(|byte| alloc::format!("{byte:02x}"))
            .collect();
        let insured = read(&alloc::format!(
            "DN4828212345678|{hex}|1/2/1985|2|…|82 - 001|01/01/2021|-$"
        ))
        .expect("insurance");
        assert_eq!(
            (insured.kind, insured.name.as_str()),
            (PaperKind::Insurance, "Trần Thị Lan")
        );
        assert_eq!(insured.birth, Some((1985, Some((2, 1)))));
        let code = read("******001234|NGUYEN VAN MUOI|1990-07-05|0|8212345|<1<DN482<0912345678<").expect("1405");
        assert_eq!(
            (code.kind, code.number, code.phone.as_deref()),
            (PaperKind::Decision1405, None, Some("0912345678"))
        );
        let masked = read("******001234|NGUYEN VAN MUOI|1990-**-**|1|8212345|").expect("1405");
        assert_eq!(masked.birth, Some((1990, None)));
    }

    #[test]
    fn other_and_hostile_texts_are_no_papers() {
        let long = "1".repeat(1 << 20);
        for text in [
            "",
            "||||||",
            "082099001234",
            "082099001234||Nguyễn Văn Mười|31131990|Nam|x|10052021",
            "08209900123x||Nguyễn Văn Mười|05071990|Nam|x|10052021",
            "082099001234|| - |05071990|Nam|x|10052021",
            "082099001234||a\u{7}b|05071990|Nam|x|10052021",
            "DN4828212345678|zz|1/2/1985|2",
            "ấ2345678901234|41|1985|2",
            "******001234|NGUYEN VAN MUOI|90-07-05|0|8212345|",
            "HTTPS://VUNGLAM.EXAMPLE/V/ABC",
            &long,
        ] {
            assert_eq!(read(text), None, "{}", text.len());
        }
    }
}
