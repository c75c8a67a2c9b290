//! The phone's core as WebAssembly: its size and its speed in Node.js.

use super::{json_of, number, thousands};
use crate::shell::{Doing, Outcome, capture, cmd, root};
use crate::web;

pub(super) fn size_and_speed() -> Outcome<String> {
    web::build_if_changed()?;
    let module = root().join("web/core/pkg/web_core_bg.wasm");
    let bytes = std::fs::metadata(&module).doing("measuring the module")?.len();
    let packed = capture(cmd("sh").args(["-c", "gzip -9 -c \"$1\" | wc -c", "sh"]).arg(&module))?;
    let core = web::build_core_for_bench()?;
    let measured = json_of(cmd("node").arg(root().join("examples/bench/match_wasm.mjs")).arg(core))?;
    Ok(format!(
        "{} bytes, {} gzipped. {} keys/s against 10,000 observed identifiers in Node.js {} (software AES and SHA-256).",
        thousands(bytes as f64),
        thousands(packed.trim().parse().unwrap_or(0.0)),
        thousands(number(&measured, "keys")? / number(&measured, "cpu_seconds")?),
        measured["node"].as_str().unwrap_or("?"),
    ))
}
