//! Rewrites the parts of reference pages that are measured: between two comments, so that the prose around stays.

use crate::shell::{Outcome, read, root, write};

/// Replaces the text between `<!-- name -->` and `<!-- /name -->` of a document.
pub(crate) fn replace(document: &str, name: &str, text: &str) -> Outcome<()> {
    let path = root().join(document);
    write(
        &path,
        &replaced(&read(&path)?, name, text).ok_or(format!("{document} has no part `{name}`"))?,
    )
}

fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = document.split_once(&open)?;
    let (_, after) = rest.split_once(&close)?;
    Some(format!("{before}{open}{}\n{close}{after}", text.trim_end()))
}

/// Describes the machine a figure was measured on, in one line.
pub(crate) fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": processor unknown");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let rust = crate::shell::capture(crate::shell::cmd("rustc").arg("--version")).unwrap_or_default();
    format!(
        "{cores} cores, {}, {}",
        model.trim_start_matches(['\t', ' ', ':']).trim(),
        rust.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_part_changes() {
        let document = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        assert_eq!(
            replaced(document, "x", "new\n"),
            Some("a\n<!-- x -->\nnew\n<!-- /x -->\nb\n".to_owned())
        );
        assert_eq!(replaced(document, "y", "new"), None);
    }
}
