//! Files of at most 600 lines, functions of at most 120.

use super::Findings;
use super::lex::{Language, code_only};
use crate::shell::{Outcome, read, root, sources};

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 120;

/// Files that may be longer, until they are split. Entries are only ever removed.
const ALLOWED: &[&str] = &[];

pub(super) fn check() -> Outcome<Findings> {
    let mut findings = Findings::new();
    for file in sources()?.iter().filter(|file| is_source(file)) {
        let over = judge(file, &read(&root().join(file))?);
        match (ALLOWED.contains(&file.as_str()), over.is_empty()) {
            (false, _) => findings.extend(over),
            (true, true) => findings.push(format!("{file}: is short enough now, take it off the list")),
            (true, false) => {}
        }
    }
    Ok(findings)
}

fn is_source(file: &str) -> bool {
    [".rs", ".ts", ".js", ".svelte"].iter().any(|end| file.ends_with(end)) && !file.ends_with(".d.ts")
}

fn judge(file: &str, text: &str) -> Findings {
    let mut findings = Findings::new();
    let lines = text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{file}: {lines} lines, at most {FILE_LINES}"));
    }
    for (first, length, name) in functions(file, text) {
        if length > FUNCTION_LINES {
            findings.push(format!(
                "{file}:{first}: `{name}` has {length} lines, at most {FUNCTION_LINES}"
            ));
        }
    }
    findings
}

/// Returns (first line, lines, name) of every function of a source.
fn functions(file: &str, text: &str) -> Vec<(usize, usize, String)> {
    let (language, text) = match file.rsplit('.').next() {
        Some("rs") => (Language::Rust, text.to_owned()),
        Some("svelte") => (Language::TypeScript, scripts_only(text)),
        _ => (Language::TypeScript, text.to_owned()),
    };
    let code = code_only(&text, language);
    let mut found = Vec::new();
    let mut open: Vec<(usize, Option<String>)> = Vec::new();
    let mut line = 1;
    let mut head = String::new();
    for c in code.chars() {
        match c {
            '{' => {
                open.push((line, function_name(&head, language)));
                head.clear();
            }
            '}' => {
                if let Some((first, Some(name))) = open.pop() {
                    found.push((first, line - first + 1, name));
                }
                head.clear();
            }
            ';' if language == Language::Rust || head.matches('(').count() <= head.matches(')').count() => head.clear(),
            _ => head.push(if c.is_whitespace() { ' ' } else { c }),
        }
        if c == '\n' {
            line += 1;
        }
    }
    found
}

/// Returns the name of the function whose body follows `head`, if `head` introduces one.
fn function_name(head: &str, language: Language) -> Option<String> {
    let word_after = |keyword: &str| {
        let rest = &head[head.rfind(keyword)? + keyword.len()..];
        let name: String = rest
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        (!name.is_empty()).then_some(name)
    };
    if language == Language::Rust {
        let padded = head.starts_with("fn ") || head.contains(" fn ");
        return if padded { word_after("fn ") } else { None };
    }
    let head = head.trim_end();
    if head.ends_with("=>") {
        return Some(word_after("const ").unwrap_or_else(|| "an arrow function".to_owned()));
    }
    if head.contains("function") {
        return Some(word_after("function").unwrap_or_else(|| "a function".to_owned()));
    }
    let words = [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "else",
        "try",
        "do",
        "class",
        "interface",
        "return",
    ];
    let method: String = head.split('(').next()?.split_whitespace().last()?.to_owned();
    (head.contains('(') && !words.contains(&method.as_str()) && !head.contains(" new ")).then_some(method)
}

/// Keeps the script parts of a Svelte file, on their lines.
fn scripts_only(text: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("</script") {
            inside = false;
        }
        if inside {
            out.push_str(line);
        }
        out.push('\n');
        if line.trim_start().starts_with("<script") {
            inside = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(lines: usize) -> String {
        "    let x = 1;\n".repeat(lines)
    }

    #[test]
    fn a_file_of_601_lines_is_found() {
        assert!(judge("a.rs", &"\n".repeat(600)).is_empty());
        assert_eq!(judge("a.rs", &"\n".repeat(601)), ["a.rs: 601 lines, at most 600"]);
    }

    #[test]
    fn a_function_of_121_lines_is_found_in_each_language() {
        let rust = |lines| format!("impl A {{\n  pub fn far(&self) -> B {{\n{}  }}\n}}\n", body(lines));
        assert!(judge("a.rs", &rust(118)).is_empty());
        assert_eq!(judge("a.rs", &rust(119)), ["a.rs:2: `far` has 121 lines, at most 120"]);
        let script = |lines| {
            format!(
                "<p>}}</p>\n<script lang=\"ts\">\nfunction far() {{\n{}}}\n</script>\n",
                body(lines)
            )
        };
        assert!(judge("a.svelte", &script(118)).is_empty());
        assert_eq!(
            judge("a.svelte", &script(119)),
            ["a.svelte:3: `far` has 121 lines, at most 120"]
        );
        let arrow = format!("const far = async (a: B) => {{\n{}}}\n", body(119));
        assert_eq!(judge("a.ts", &arrow).len(), 1);
    }

    #[test]
    fn modules_and_long_data_are_not_functions() {
        assert!(judge("a.rs", &format!("mod tests {{\n{}}}\n", body(200))).is_empty());
        assert!(judge("a.rs", &format!("const A: B = B {{\n{}}};\n", "a: 1,\n".repeat(200))).is_empty());
        assert!(judge("a.ts", &format!("export class A {{\n{}}}\n", "b = 1\n".repeat(200))).is_empty());
    }
}
