//! The Vietnamese and English texts: the same files, keys, attributes and arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::shell::{Outcome, read, root, sources};

const LANGUAGES: [&str; 2] = ["vi", "en"];

/// A message's (or attribute's) arguments by its key.
type Messages = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check() -> Outcome<Findings> {
    let files: Vec<String> = sources()?.into_iter().filter(|file| file.ends_with(".ftl")).collect();
    let mut findings = Findings::new();
    let mut by_language: [BTreeMap<String, Messages>; 2] = Default::default();
    for file in &files {
        let text = read(&root().join(file))?;
        let Some(language) = language_of(file) else {
            findings.push(format!("{file}: its path names no language ({})", LANGUAGES.join(", ")));
            continue;
        };
        let name = file.replacen(LANGUAGES[language], "*", 1);
        match parse(&text) {
            Ok(messages) => {
                by_language[language].insert(name, messages);
            }
            Err(error) => findings.push(format!("{file}:{error}")),
        }
    }
    let [vietnamese, english] = &by_language;
    findings.extend(compare(vietnamese, english));
    if files.is_empty() {
        findings.push("no .ftl file found".to_owned());
    }
    Ok(findings)
}

/// Returns which language a path names: as folder, file name or the last part of it (`vi/x.ftl`, `vi.ftl`, `x.vi.ftl`).
fn language_of(file: &str) -> Option<usize> {
    LANGUAGES
        .iter()
        .position(|language| file.split(['/', '.']).any(|part| part == *language))
}

fn compare(vietnamese: &BTreeMap<String, Messages>, english: &BTreeMap<String, Messages>) -> Findings {
    let mut findings = Findings::new();
    let names: BTreeSet<&String> = vietnamese.keys().chain(english.keys()).collect();
    for name in names {
        let (Some(vi), Some(en)) = (vietnamese.get(name), english.get(name)) else {
            let missing = if vietnamese.contains_key(name) {
                "English"
            } else {
                "Vietnamese"
            };
            findings.push(format!("{name}: no {missing} file"));
            continue;
        };
        let keys: BTreeSet<&String> = vi.keys().chain(en.keys()).collect();
        for key in keys {
            match (vi.get(key), en.get(key)) {
                (Some(a), Some(b)) if a != b => {
                    findings.push(format!("{name}: `{key}` takes {a:?} in Vietnamese, {b:?} in English"));
                }
                (Some(_), None) => findings.push(format!("{name}: `{key}` has no English text")),
                (None, Some(_)) => findings.push(format!("{name}: `{key}` has no Vietnamese text")),
                _ => {}
            }
        }
    }
    findings
}

/// Reads what this project uses of Fluent: messages, terms, attributes, placeables.
fn parse(text: &str) -> Result<Messages, String> {
    let mut messages = Messages::new();
    let (mut message, mut key) = (String::new(), String::new());
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let indented = line.starts_with([' ', '\t']);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let (false, Some((name, _))) = (indented, line.split_once('=')) {
            message = name.trim().to_owned();
            key = message.clone();
        } else if let (true, Some((name, _))) = (indented && line.trim_start().starts_with('.'), line.split_once('=')) {
            key = format!("{message}{}", name.trim());
        } else if !indented && !line.starts_with('}') {
            return Err(format!("{number}: neither a message nor its continuation"));
        }
        let is_new = line.contains('=') && (!indented || line.trim_start().starts_with('.'));
        if is_new && messages.contains_key(&key) {
            return Err(format!("{number}: `{key}` stands twice"));
        }
        if key.is_empty() {
            return Err(format!("{number}: text before the first message"));
        }
        messages.entry(key.clone()).or_default().extend(arguments(line));
    }
    Ok(messages)
}

/// Returns the `$names` inside placeables.
fn arguments(line: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    line.split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| is_name(*c)).collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vietnamese: &str, english: &str) -> Findings {
        let of = |text| BTreeMap::from([("a".to_owned(), parse(text).expect("well formed"))]);
        compare(&of(vietnamese), &of(english))
    }

    #[test]
    fn equal_keys_and_arguments_pass() {
        let english = "day = { $n ->\n    [one] { $n } day\n   *[other] { $n } days\n}\n# note\nok = OK\n    .title = Good { $who }\n";
        let vietnamese = "day = { $n } ngày\nok = Được\n    .title = Tốt { $who }\n";
        assert!(found(vietnamese, english).is_empty());
    }

    #[test]
    fn missing_keys_attributes_and_arguments_are_found() {
        assert_eq!(found("a = x\n", "a = x\nb = y\n"), ["a: `b` has no Vietnamese text"]);
        assert_eq!(
            found("a = x\n    .t = y\n", "a = x\n"),
            ["a: `a.t` has no English text"]
        );
        assert_eq!(found("a = { $n }\n", "a = { $m }\n").len(), 1);
    }

    #[test]
    fn malformed_files_are_found() {
        assert!(parse("a = x\na = y\n").is_err());
        assert!(parse("a = x\nstray\n").is_err());
        assert!(parse("    lost\n").is_err());
    }
}
