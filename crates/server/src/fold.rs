//! Texts made comparable, whatever their diacritics, case and spacing.

/// Returns a text for comparison: no diacritics, `đ` as `d`, lower case, single spaces; letters and digits only.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match base_letter(c) {
            Some(letter) => out.push(letter),
            None if is_mark(c) => {}
            None if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            None if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
            None => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn base_letter(c: char) -> Option<char> {
    const GROUPS: [(char, &str); 7] = [
        ('a', "aàáảãạăằắẳẵặâầấẩẫậ"),
        ('d', "đð"),
        ('e', "eèéẻẽẹêềếểễệ"),
        ('i', "iìíỉĩị"),
        ('o', "oòóỏõọôồốổỗộơờớởỡợ"),
        ('u', "uùúủũụưừứửữự"),
        ('y', "yỳýỷỹỵ"),
    ];
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase());
    }
    let lower = c.to_lowercase().next()?;
    GROUPS
        .iter()
        .find(|(_, group)| group.contains(lower))
        .map(|(letter, _)| *letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_spaces_do_not_matter() {
        assert_eq!(fold("  Phường  ĐẠO Thạnh "), "phuong dao thanh");
        assert_eq!(fold("Đa\u{323}o Tha\u{323}nh"), fold("Đạo Thạnh"));
        assert_eq!(fold("Bà Rịa - Vũng Tàu"), "ba ria vung tau");
    }
}
