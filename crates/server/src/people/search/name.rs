//! Names as words: with marks, without, abbreviated, and how near two of them are.

use zeroize::Zeroize;

use crate::people::model::fold;

/// Most words of a name that are compared.
pub(super) const MAX_WORDS: usize = 10;
/// Longest word that is compared, in characters.
const MAX_LETTERS: usize = 24;
/// Letters and letter groups with which names are abbreviated besides single letters: `Ng.`, `Tr.`
const ONSETS: [&str; 9] = ["ng", "ngh", "tr", "th", "ph", "kh", "nh", "ch", "gh"];
/// Surnames that make nine tenths of all, without marks: they tell which end of a name is its beginning.
const SURNAMES: [&str; 34] = [
    "nguyen", "tran", "le", "pham", "huynh", "hoang", "phan", "vo", "vu", "dang", "bui", "do", "ho", "ngo", "duong",
    "ly", "dinh", "truong", "doan", "lam", "luong", "chau", "to", "trinh", "ha", "thai", "ta", "cao", "luu", "phung",
    "thach", "tong", "trieu", "vuong",
];

/// One word of a name. What it held is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct NameWord {
    /// Letters with their marks and the tone as a digit at the end, so that `Hòa` and `Hoà` are one: `hoa1`.
    pub marked: String,
    /// Letters without marks.
    pub folded: String,
}

impl Drop for NameWord {
    fn drop(&mut self) {
        self.marked.zeroize();
        self.folded.zeroize();
    }
}

/// Returns the words of a name; initials written together (`NV Mười`) become words of their own.
pub(super) fn words(text: &str) -> Vec<NameWord> {
    let mut out = Vec::new();
    for raw in text.split(|c: char| !c.is_alphanumeric() && !is_combining(c)) {
        let mut cut: String = raw
            .chars()
            .filter(|c| c.is_alphanumeric() || is_combining(*c))
            .take(2 * MAX_LETTERS)
            .collect();
        push_word(&cut, &mut out);
        cut.zeroize();
        if out.len() >= MAX_WORDS {
            break;
        }
    }
    out.truncate(MAX_WORDS);
    out
}

fn push_word(raw: &str, out: &mut Vec<NameWord>) {
    let folded: String = fold(raw).chars().filter(|c| *c != ' ').take(MAX_LETTERS).collect();
    if folded.is_empty() {
        return;
    }
    let mut marked = marked(raw);
    if are_initials(&folded) {
        for (mark, letter) in marked.chars().zip(folded.chars()) {
            out.push(NameWord {
                marked: mark.into(),
                folded: letter.into(),
            });
        }
        marked.zeroize();
        return;
    }
    let untyped = without_telex(&folded);
    if untyped != folded && marked == folded {
        marked = untyped.clone();
    }
    out.push(NameWord {
        marked,
        folded: untyped,
    });
}

/// Tells whether a word can only be an abbreviation: one letter, or the letters a syllable begins with.
pub(super) fn is_short(folded: &str) -> bool {
    folded.len() == 1 || ONSETS.contains(&folded)
}

/// Tells whether a word is one of the common surnames.
pub(super) fn is_surname(folded: &str) -> bool {
    SURNAMES.contains(&folded)
}

fn are_initials(folded: &str) -> bool {
    (2..=4).contains(&folded.len())
        && folded
            .bytes()
            .all(|c| c.is_ascii_lowercase() && !b"aeiouy".contains(&c))
        && !ONSETS.contains(&folded)
}

/// Undoes what the Telex input method leaves behind when it is off: `nguyeenx` → `nguyen`. No syllable ends in its tone keys.
fn without_telex(folded: &str) -> String {
    if folded.len() < 3 {
        return folded.to_owned();
    }
    let stem = match folded.as_bytes() {
        [.., b's' | b'f' | b'r' | b'x' | b'j'] => &folded[..folded.len() - 1],
        _ => folded,
    };
    let mut out = String::with_capacity(stem.len());
    for c in stem.chars() {
        let doubled = matches!(c, 'a' | 'e' | 'o' | 'd') && out.ends_with(c);
        let horn = c == 'w' && out.ends_with(['a', 'o', 'u', 'w']);
        if !doubled && !horn {
            out.push(c);
        }
    }
    out
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Returns the letters with their marks, lower case, and the tone (1 to 5) as the last character.
fn marked(raw: &str) -> String {
    let (mut out, mut tone) = (String::with_capacity(raw.len() + 1), None);
    for c in raw.chars() {
        if let Some(number) = TONES.iter().position(|mark| *mark == c) {
            tone = Some(number + 1);
        } else if is_combining(c) {
            let letter = out.pop().unwrap_or(' ');
            out.push(with_quality(letter, c));
        } else {
            for lower in c.to_lowercase() {
                let (letter, number) = parted(lower);
                out.push(letter);
                tone = number.or(tone);
            }
        }
    }
    if let Some(number) = tone {
        out.push(char::from(b'0' + number as u8));
    }
    out
}

/// Combining grave, acute, hook, tilde, dot: huyền, sắc, hỏi, ngã, nặng.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{309}', '\u{303}', '\u{323}'];
/// Six letters per vowel: without a tone, then in the order of [`TONES`].
const VOWELS: &str = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ";

/// Returns a letter without its tone, and the tone.
fn parted(c: char) -> (char, Option<usize>) {
    if c.is_ascii() {
        return (c, None);
    }
    let Some(at) = VOWELS.chars().position(|vowel| vowel == c) else {
        return (if c == 'ð' { 'đ' } else { c }, None);
    };
    let plain = VOWELS.chars().nth(at - at % 6).unwrap_or(c);
    (plain, (at % 6 != 0).then_some(at % 6))
}

fn with_quality(letter: char, mark: char) -> char {
    match (letter, mark) {
        ('a', '\u{302}') => 'â',
        ('a', '\u{306}') => 'ă',
        ('e', '\u{302}') => 'ê',
        ('o', '\u{302}') => 'ô',
        ('o', '\u{31b}') => 'ơ',
        ('u', '\u{31b}') => 'ư',
        _ => letter,
    }
}

/// Tells whether two marked words differ in nothing but hỏi against ngã, which southern speech does not tell apart.
pub(super) fn is_tone_confused(a: &str, b: &str) -> bool {
    let stem = |text: &str| text.strip_suffix(['3', '4']).map(|stem| stem.len());
    matches!((stem(a), stem(b)), (Some(x), Some(y)) if a[..x] == b[..y])
}

/// Tells whether two words without marks differ by one letter typed wrong, missing, doubled or changed over, or sound alike.
pub(super) fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([] | [_], [] | [_]) => true,
        ([p, q], [r, s]) if p == s && q == r => true,
        (left, right) => start == 0 && sounds_alike(left, right),
    }
}

/// Beginnings of syllables that parts of the country do not tell apart, beyond those that are one letter apart.
fn sounds_alike(a: &[u8], b: &[u8]) -> bool {
    matches!(
        (a, b),
        (b"tr", b"ch") | (b"ch", b"tr") | (b"gi", b"d") | (b"d", b"gi") | (b"ph", b"f") | (b"f", b"ph")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> Vec<(String, String)> {
        words(text)
            .iter()
            .map(|w| (w.marked.clone(), w.folded.clone()))
            .collect()
    }

    fn folded(text: &str) -> String {
        words(text)
            .iter()
            .map(|w| w.folded.clone())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_place_of_the_tone_and_the_form_of_unicode_make_no_difference() {
        assert_eq!(both("Hòa"), both("Hoà"));
        assert_eq!(both("Nguyễn"), both("Nguye\u{302}\u{303}n"));
        assert_eq!(both("Thuý"), both("THÚY"));
        assert_eq!(both("Đỗ"), [("đô4".into(), "do".into())]);
        assert_ne!(both("Hùng"), both("Hưng"));
    }

    #[test]
    fn initials_become_words() {
        assert_eq!(folded("NV Mười"), "n v muoi");
        assert_eq!(folded("N.V.Mười"), "n v muoi");
        assert_eq!(folded("Ng. V. Mười"), "ng v muoi");
        assert_eq!(folded("Nguyen V. Muoi"), "nguyen v muoi");
        assert_eq!(folded("ĐTK Anh"), "d t k anh");
        assert!(is_short("v") && is_short("ng") && !is_short("vo"));
    }

    #[test]
    fn telex_left_behind_is_undone() {
        assert_eq!(folded("Nguyeenx Vawn Muwowif"), "nguyen van muoi");
        assert_eq!(folded("Ddoox Thij Thuys"), "do thi thuy");
    }

    #[test]
    fn words_are_near_by_one_error() {
        for (a, b) in [
            ("muoi", "mui"),
            ("tam", "tma"),
            ("tran", "chan"),
            ("giang", "dang"),
            ("tan", "tang"),
            ("son", "xon"),
        ] {
            assert!(is_near(a, b) && is_near(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("hung", "dan"),
            ("lan", "loan2"),
            ("thanh", "tinh"),
            ("d", "gia"),
            ("", "ab"),
        ] {
            assert!(!is_near(a, b) && !is_near(b, a), "{a} {b}");
        }
        assert!(is_tone_confused("my3", "my4") && !is_tone_confused("my3", "my5") && !is_tone_confused("my", "my3"));
    }

    #[test]
    fn hostile_names_stay_small() {
        let long = "ăb".repeat(10_000);
        assert_eq!(words(&long)[0].folded.len(), MAX_LETTERS);
        assert_eq!(words(&"a b ".repeat(5_000)).len(), MAX_WORDS);
        assert!(words("\u{301}\u{302} ... \u{0}").is_empty());
        assert!(words("🎉 '; DROP TABLE").len() <= 3);
    }
}
