//! Counts tests over runners of different kinds by reading their closing lines.

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds another tally.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads the closing lines of nextest, cargo test, Vitest, Playwright, node's runner and our own Python peers.
pub(crate) fn read(lines: &[String]) -> Tally {
    let mut tally = Tally::default();
    for line in lines {
        let line = plain(line);
        if let Some(found) = closing_line(line.trim()) {
            tally.add(found);
        }
    }
    tally
}

fn closing_line(line: &str) -> Option<Tally> {
    if let Some(rest) = line.strip_prefix("Summary [") {
        return Some(counts(rest.split_once("run:")?.1)); // nextest
    }
    if let Some(rest) = line.strip_prefix("test result:") {
        return Some(counts(rest)); // cargo test
    }
    if let Some(rest) = line.strip_prefix("Tests ") {
        return Some(counts(rest.split(" (").next()?)); // Vitest
    }
    for (mark, passed) in [("pass ", true), ("fail ", false)] {
        let rest = line
            .strip_prefix("# ")
            .or_else(|| line.strip_prefix("ℹ "))
            .and_then(|l| l.strip_prefix(mark));
        if let Some(count) = rest.and_then(|count| count.trim().parse().ok()) {
            return Some(if passed {
                Tally {
                    passed: count,
                    failed: 0,
                }
            } else {
                Tally {
                    passed: 0,
                    failed: count,
                }
            });
        }
    }
    let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
    let starts_with_count = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    let second = words.next()?;
    let rest: Vec<&str> = words.collect();
    let is_playwright = rest.is_empty() || rest[0].starts_with('(');
    let is_plain = second == "passed" && rest.len() >= 2 && rest[1] == "failed";
    if starts_with_count && matches!(second, "passed" | "failed" | "flaky") && (is_playwright || is_plain) {
        return Some(counts(line));
    }
    None
}

/// Sums every `N passed` and every `N failed` (also what timed out) of a text.
fn counts(text: &str) -> Tally {
    let words: Vec<&str> = text
        .split([' ', ',', ';', '|', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    let mut tally = Tally::default();
    for pair in words.windows(2) {
        let Ok(count) = pair[0].parse::<u64>() else { continue };
        match pair[1] {
            "passed" | "flaky" => tally.passed += count,
            "failed" | "timed" | "exec" => tally.failed += count,
            _ => {}
        }
    }
    tally
}

/// Removes terminal colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> (u64, u64) {
        let tally = read(&[line.to_owned()]);
        (tally.passed, tally.failed)
    }

    #[test]
    fn closing_lines_of_all_our_runners_are_counted() {
        assert_eq!(of("     Summary [   0.013s] 8 tests run: 8 passed, 1 skipped"), (8, 0));
        assert_eq!(
            of("Summary [   0.013s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 0 skipped"),
            (6, 3)
        );
        assert_eq!(
            of("test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out"),
            (5, 1)
        );
        assert_eq!(of("\u{1b}[2m      Tests \u{1b}[22m 1 failed | 11 passed (12)"), (11, 1));
        assert_eq!(of("  4 passed (9.2s)"), (4, 0));
        assert_eq!(of("  1 failed"), (0, 1));
        assert_eq!(of("12 passed, 3 failed"), (12, 3));
        assert_eq!(of("# pass 7"), (7, 0));
        assert_eq!(of("ℹ fail 2"), (0, 2));
    }

    #[test]
    fn other_lines_with_numbers_are_not_counted() {
        for line in [
            "3 files checked",
            "PASS 4 passed tests of interest",
            "# passing 3",
            "2 failed attempts are allowed",
        ] {
            assert_eq!(of(line), (0, 0), "{line}");
        }
    }
}
