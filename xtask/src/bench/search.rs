//! The search for people and for doubles of them, in memory, at the size of a province's desk and of the province.

use serde_json::Value;

use super::{number, release_example, thousands};
use crate::shell::{Doing, Outcome, capture};

/// Asks ordinary and hard questions at two sizes.
pub(super) fn questions() -> Outcome<String> {
    let mut text =
        "| people | question | asked | p50, ms | p99, ms | most, ms |\n|--:|---|--:|--:|--:|--:|\n".to_owned();
    for people in ["600000", "1800000"] {
        let printed = capture(release_example("server", "search_bench")?.arg(people))?;
        for measured in printed.lines() {
            let measured: Value = serde_json::from_str(measured).doing("reading what the search took")?;
            if let Some(row) = row(&measured)? {
                text.push_str(&row);
            }
        }
    }
    Ok(text)
}

/// Returns the row of a kind of question; `None` for what is no question.
fn row(measured: &Value) -> Outcome<Option<String>> {
    let (Some(asked), Some(_)) = (measured["asked"].as_str(), measured.get("times")) else {
        return Ok(None);
    };
    let [p50, p99, most] = ["p50_ms", "p99_ms", "max_ms"].map(|field| number(measured, field));
    Ok(Some(format!(
        "| {} | {asked} | {} | {:.2} | {:.2} | {:.2} |\n",
        thousands(number(measured, "people")?),
        thousands(number(measured, "times")?),
        p50?,
        p99?,
        most?
    )))
}
