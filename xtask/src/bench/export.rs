//! A million diagnosis keys into one signed file.

use super::{json_of, number, release_example, thousands};
use crate::shell::Outcome;

/// Measures two sizes: constant memory means that ten times the keys take no more.
pub(super) fn size_and_memory() -> Outcome<String> {
    let mut text = "| keys | bytes a key | CPU s | memory grown, KiB |\n|--:|--:|--:|--:|\n".to_owned();
    for keys in ["100000", "1000000"] {
        let measured = json_of(release_example("protocol", "export_bench")?.arg(keys))?;
        let count = thousands(number(&measured, "keys")?);
        let (bytes, seconds) = (number(&measured, "bytes_per_key")?, number(&measured, "cpu_seconds")?);
        let memory = thousands(number(&measured, "peak_growth_kib")?);
        text.push_str(&format!("| {count} | {bytes:.2} | {seconds:.2} | {memory} |\n"));
    }
    Ok(text)
}
