//! Documentation: rustdoc without warnings, links that lead somewhere, commands that exist.

use std::path::Path;

use super::Findings;
use super::lex::{Language, code_only};
use crate::shell::{Outcome, cargo, execute, read, root, sources};
use crate::web;

pub(super) fn check() -> Outcome<Findings> {
    let findings = check_links()?;
    web::build_if_changed()?;
    execute(
        cargo(&["doc", "--workspace", "--no-deps", "--quiet", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
    )?;
    Ok(findings)
}

/// Links and commands in every Markdown file, and document names in the code's comments.
pub(super) fn check_links() -> Outcome<Findings> {
    let mut findings = Findings::new();
    let files = sources()?;
    for file in &files {
        let is_markdown = file.ends_with(".md");
        if !is_markdown && !file.ends_with(".rs") && !file.ends_with(".ts") && !file.ends_with(".svelte") {
            continue;
        }
        let text = read(&root().join(file))?;
        if is_markdown {
            findings.extend(links(file, &text, &|path| root().join(path).exists()));
            findings.extend(commands(file, &text));
        }
        findings.extend(documents(file, &text, &|path| root().join(path).exists()));
    }
    Ok(findings)
}

/// Finds `[text](target)` whose file, relative to the document, does not exist.
fn links(file: &str, text: &str, exists: &dyn Fn(&Path) -> bool) -> Findings {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut findings = Findings::new();
    for (number, line) in text.lines().enumerate() {
        for part in line.split("](").skip(1) {
            let link = part.split([')', ' ']).next().unwrap_or_default();
            let path = link.split('#').next().unwrap_or_default();
            let is_elsewhere = path.is_empty() || path.contains("://") || path.starts_with("mailto:");
            if !is_elsewhere && !exists(&folder.join(path)) {
                findings.push(format!("{file}:{}: leads nowhere: {link}", number + 1));
            }
        }
    }
    findings
}

/// Finds `docs/….md` named anywhere, comments of code too, that does not exist.
fn documents(file: &str, text: &str, exists: &dyn Fn(&Path) -> bool) -> Findings {
    let mut findings = Findings::new();
    let is_prose = |line: &str| file.ends_with(".md") || line.trim_start().starts_with("//");
    for (number, line) in text.lines().enumerate().filter(|(_, line)| is_prose(line)) {
        for (at, _) in line.match_indices("docs/") {
            if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '/') {
                continue;
            }
            let is_path = |c: &char| c.is_ascii_alphanumeric() || "/-_.".contains(*c);
            let path: String = line[at..].chars().take_while(is_path).collect();
            let path = path.trim_end_matches('.');
            if path.ends_with(".md") && !exists(Path::new(path)) {
                findings.push(format!("{file}:{}: no such document: {path}", number + 1));
            }
        }
    }
    findings
}

/// How a program is called in documents, and whether it has a command.
type Program<'a> = (&'a str, &'a dyn Fn(&str) -> bool);

/// Finds `cargo xtask NAME` and `vunglam NAME` that this program and the command line do not have.
fn commands(file: &str, text: &str) -> Findings {
    let cli = command_line_sources();
    let has_xtask =
        |name: &str| include_str!("../main.rs").contains(&format!("\"{name}\" =>")) || super::find(name).is_some();
    let has_vunglam = |name: &str| cli.split_whitespace().any(|word| word == name);
    let programs: [Program<'_>; 2] = [("cargo xtask ", &has_xtask), ("`vunglam ", &has_vunglam)];
    let mut findings = Findings::new();
    for (number, line) in text.lines().enumerate() {
        for (program, is_known) in programs {
            for part in line.split(program).skip(1) {
                let name: String = part
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                    .collect();
                if !name.is_empty() && !is_known(&name) {
                    findings.push(format!(
                        "{file}:{}: no command `{}{name}`",
                        number + 1,
                        program.trim_matches('`')
                    ));
                }
            }
        }
    }
    findings
}

/// Returns the command line's code in lower case with every variant of its enums as a word: `Serve(…)` → `serve `.
fn command_line_sources() -> String {
    let Ok(files) = sources() else { return String::new() };
    let mut all = String::new();
    for file in files
        .iter()
        .filter(|file| file.starts_with("crates/cli/src") && file.ends_with(".rs"))
    {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        let code = code_only(&text, Language::Rust);
        all.push_str(&code.to_lowercase().replace(['(', '{', ',', ':'], " "));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_missing_file_is_found() {
        let exists = |path: &Path| path == Path::new("docs/a.md");
        assert!(
            links(
                "docs/b.md",
                "[x](a.md#part) [y](https://example.org) [z](#here)",
                &exists
            )
            .is_empty()
        );
        assert_eq!(
            links("docs/b.md", "\n[x](c.md)", &exists),
            ["docs/b.md:2: leads nowhere: c.md"]
        );
    }

    #[test]
    fn a_missing_document_named_in_a_comment_is_found() {
        let text = "/// (docs/spec/nowhere.md, rule P1).";
        assert_eq!(documents("a.rs", text, &|_| false).len(), 1);
        assert!(documents("a.rs", text, &|_| true).is_empty());
    }

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        assert!(commands("a.md", "run `cargo xtask demo`").is_empty());
        assert_eq!(
            commands("a.md", "run `cargo xtask fly`"),
            ["a.md:1: no command `cargo xtask fly`"]
        );
    }
}
