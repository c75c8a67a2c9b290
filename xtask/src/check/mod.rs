//! The checks: each returns findings, one line each, and passes when there are none.

pub(crate) mod arrows;
mod cargo_runs;
mod deps;
mod docs;
mod features;
mod graph;
mod lex;
mod literals;
mod sizes;
mod texts;
mod words;

use crate::shell::Outcome;

/// What a check complains of, a line each.
pub(crate) type Findings = Vec<String>;

/// A check by name.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    find: fn() -> Outcome<Findings>,
}

/// All checks, the quick ones first: what fails fast is read first.
pub(crate) const ALL: &[Check] = &[
    Check {
        name: "fmt",
        find: cargo_runs::fmt,
    },
    Check {
        name: "sizes",
        find: sizes::check,
    },
    Check {
        name: "words",
        find: words::check,
    },
    Check {
        name: "texts",
        find: texts::check,
    },
    Check {
        name: "literals",
        find: literals::check,
    },
    Check {
        name: "arrows",
        find: arrows::check,
    },
    Check {
        name: "deps",
        find: deps::check,
    },
    Check {
        name: "links",
        find: docs::check_links,
    },
    Check {
        name: "no-std",
        find: cargo_runs::no_std,
    },
    Check {
        name: "clippy",
        find: cargo_runs::clippy,
    },
    Check {
        name: "docs",
        find: docs::check,
    },
];

/// Returns the check called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.name == name)
}

impl Check {
    /// Runs the check.
    ///
    /// # Errors
    ///
    /// All findings, a line each.
    pub(crate) fn run(&self) -> Outcome<()> {
        let findings = (self.find)()?;
        if findings.is_empty() {
            println!("{}: ok", self.name);
            return Ok(());
        }
        Err(format!("{} found:\n  {}", findings.len(), findings.join("\n  ")).into())
    }
}
