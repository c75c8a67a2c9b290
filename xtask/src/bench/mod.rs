//! Measurements of release builds beside an independent peer, written into docs/reference/performance.md.

mod desk;
mod export;
mod matching;
mod search;
mod visits;
mod wasm;

use std::process::Command;

use serde_json::Value;

use crate::report;
use crate::shell::{Doing, Outcome, capture, cargo, execute, line, step, target};

const PAGE: &str = "docs/reference/performance.md";

/// Measures and describes what it found, as Markdown.
type Measure = fn() -> Outcome<String>;

/// Name of a measurement, and what makes its part of the page.
const ALL: &[(&str, Measure)] = &[
    ("matching", matching::keys_a_second),
    ("instructions", matching::instructions),
    ("wasm", wasm::size_and_speed),
    ("export", export::size_and_memory),
    ("search", search::questions),
    ("desk", desk::lists_and_pages),
    ("visits", visits::check_ins),
];

pub(crate) fn run(options: &[String]) -> Outcome<()> {
    let wanted = match options {
        [] => None,
        [only, name] if only == "--only" && ALL.iter().any(|(known, _)| known == name) => Some(name.as_str()),
        _ => {
            let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
            return Err(format!("`bench` takes --only and one of {}", names.join(", ")).into());
        }
    };
    for (name, measure) in ALL
        .iter()
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name))
    {
        let text = step(name, measure)?;
        println!("{text}");
        report::replace(PAGE, name, &text)?;
    }
    report::replace(PAGE, "machine", &report::machine())
}

/// Builds an example in release and returns a command that runs it.
fn release_example(package: &str, example: &str) -> Outcome<Command> {
    execute(&mut cargo(&[
        "build",
        "--release",
        "--locked",
        "--quiet",
        "-p",
        package,
        "--example",
        example,
    ]))?;
    Ok(crate::shell::cmd(target().join("release/examples").join(example)))
}

/// Runs a program that prints one JSON object on its last line.
fn json_of(command: &mut Command) -> Outcome<Value> {
    let text = capture(command)?;
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).doing(format!("reading what `{}` printed", line(command)))
}

/// Reads a number of a measurement.
fn number(measured: &Value, field: &str) -> Outcome<f64> {
    measured[field]
        .as_f64()
        .ok_or_else(|| format!("no number `{field}` in {measured}").into())
}

/// Writes an integer with commas between thousands.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped_from_the_right() {
        assert_eq!(super::thousands(1_234_567.4), "1,234,567");
        assert_eq!(super::thousands(12.0), "12");
    }
}
