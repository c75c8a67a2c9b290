//! The server's templates hold no words: what people read comes from the Fluent files, in both languages.

use super::Findings;
use crate::shell::{Outcome, read, root, sources};

const TEMPLATES: &str = "crates/server/templates/";

/// Attributes that are read to people.
const SPOKEN: [&str; 6] = [
    "title",
    "alt",
    "placeholder",
    "aria-label",
    "aria-description",
    "aria-valuetext",
];

/// Elements whose content no text is: keys have the names that stand on them.
const SILENT: [&str; 3] = ["script", "style", "kbd"];

/// The one name that is the same in every language.
const PRODUCT: &str = "Vùng Lam";

/// What stands in place of an expression: a sign that is no letter.
const FILLED: char = '\u{1}';

pub(super) fn check() -> Outcome<Findings> {
    let mut findings = Findings::new();
    let files = sources()?;
    let templates = files
        .iter()
        .filter(|file| file.starts_with(TEMPLATES) && file.ends_with(".html"));
    let mut count = 0;
    for file in templates {
        count += 1;
        findings.extend(judge(file, &read(&root().join(file))?));
    }
    if count == 0 {
        findings.push(format!("{TEMPLATES}: no template found"));
    }
    Ok(findings)
}

/// Finds two letters in a row in texts and in spoken attributes.
fn judge(file: &str, template: &str) -> Findings {
    let markup = without_expressions(template);
    let mut findings = Findings::new();
    let mut silent: Option<String> = None;
    let mut rest = markup.as_str();
    let mut line = 1;
    let mut note = |line: usize, text: &str| {
        if has_words(text) {
            findings.push(format!(
                "{file}:{line}: words in a template: `{}`",
                text.trim().replace(FILLED, "…")
            ));
        }
    };
    while let Some(at) = rest.find('<') {
        let (text, from_tag) = rest.split_at(at);
        if silent.is_none() {
            note(line, text);
        }
        line += text.matches('\n').count();
        let end = tag_end(from_tag);
        let (tag, after) = from_tag.split_at(end);
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        if tag.starts_with("</") {
            silent = silent.filter(|open| *open != name);
        } else {
            for attribute in SPOKEN {
                if let Some(value) = attribute_value(tag, attribute) {
                    note(line, value);
                }
            }
            if silent.is_none() && SILENT.contains(&name.as_str()) {
                silent = Some(name);
            }
        }
        line += tag.matches('\n').count();
        rest = after;
    }
    note(line, rest);
    findings
}

/// Returns where a tag ends: after the first `>` outside quotes.
fn tag_end(text: &str) -> usize {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.find("-->").map_or(text.len(), |at| at + 7);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn attribute_value<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}=\"");
    let is_start = |at: usize| tag[..at].ends_with([' ', '\n', '\t', FILLED]);
    let at = tag.match_indices(&start).map(|(at, _)| at).find(|at| is_start(*at))?;
    tag[at + start.len()..].split('"').next()
}

/// Replaces `{{ }}`, `{% %}` and `{# #}` by one sign each; line breaks stay.
fn without_expressions(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest
        .find("{{")
        .into_iter()
        .chain(rest.find("{%"))
        .chain(rest.find("{#"))
        .min()
    {
        let (before, expression) = rest.split_at(at);
        out.push_str(before);
        let close = match &expression[..2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = expression.find(close).map_or(expression.len(), |end| end + 2);
        out.push(FILLED);
        out.extend(expression[..end].matches('\n'));
        rest = &expression[end..];
    }
    out.push_str(rest);
    out
}

fn has_words(text: &str) -> bool {
    let text = text.replace(PRODUCT, "");
    let mut letters = 0;
    let mut entity = false;
    for c in text.chars() {
        entity = c == '&' || entity && (c.is_ascii_alphanumeric() || c == '#');
        letters = if c.is_alphabetic() && !entity { letters + 1 } else { 0 };
        if letters == 2 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(template: &str) -> Vec<String> {
        let found = judge("a.html", template).into_iter();
        found
            .map(|finding| finding.split(": ").next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn words_in_texts_and_in_spoken_attributes_are_found() {
        assert_eq!(lines("<p>\n{{ a }}\nSave it</p>"), ["a.html:1"]);
        assert_eq!(lines("<p>x</p>\n<p>Lưu</p>"), ["a.html:2"]);
        assert_eq!(lines("<b>{% if a %}on{% endif %}</b>"), ["a.html:1"]);
        for attribute in SPOKEN {
            assert_eq!(lines(&format!("<i\n {attribute}=\"go\">")).len(), 1, "{attribute}");
            assert_eq!(
                lines(&format!("<i{{% if a %}} {attribute}=\"go {{{{ b }}}}\"{{% endif %}}>")).len(),
                1,
                "{attribute}"
            );
        }
        assert_eq!(lines("<title>{{ t }} at Vùng Lam</title>"), ["a.html:1"]);
        assert_eq!(lines("no tag at all"), ["a.html:1"]);
        assert_eq!(lines("<kbd>Ctrl</kbd> open"), ["a.html:1"]);
    }

    #[test]
    fn expressions_keys_the_name_and_markup_pass() {
        for good in [
            "<p class=\"words here\" data-title=\"go\">{{ texts.get(\"a-b\") }}</p>",
            "{# a note #}{% extends \"frame.html\" %}<b>Vùng Lam</b> · – 1 F",
            "<kbd>Ctrl K</kbd><script>let word = 1;</script>",
            "<i aria-label=\"{{ texts.get(\"b\") }}\">&nbsp;&amp;</i>",
            "<!-- why: a note --><a title=\"{% if a > b %}{{ c }}{% endif %}\">x</a>",
        ] {
            assert!(lines(good).is_empty(), "{good}: {:?}", judge("a.html", good));
        }
    }
}
