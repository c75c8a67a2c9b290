//! Kills the keys process while phones upload, many times, and looks for lost or doubled keys (`xtask/drill`).

use crate::report;
use crate::shell::{Outcome, cargo, cmd, execute, step, target, tee};

const PAGE: &str = "docs/reference/drill.md";
const KILLS: u32 = 1_000;

/// Runs the whole drill and writes its page.
pub(crate) fn run(options: &[String]) -> Outcome<()> {
    let kills = match options {
        [] => KILLS,
        [flag, kills] if flag == "--kills" => kills.parse().map_err(|_| format!("`{kills}` is not a number"))?,
        _ => return Err("`drill` takes --kills N and nothing else".into()),
    };
    step("build", || {
        execute(&mut cargo(&[
            "build", "--locked", "--quiet", "-p", "vunglam", "-p", "drill",
        ]))
    })?;
    let summary = step("drill", || kill_during_uploads(kills))?;
    report::replace(PAGE, "kills", &summary)?;
    report::replace(PAGE, "machine", &report::machine())
}

/// Kills `kills` times and returns the drill's closing words. Both programs have to be built.
pub(crate) fn kill_during_uploads(kills: u32) -> Outcome<String> {
    let built = target().join("debug");
    let (succeeded, lines) = tee(cmd(built.join("drill"))
        .arg("--server")
        .arg(built.join("vunglam"))
        .arg("--kills")
        .arg(kills.to_string()))?;
    if !succeeded {
        return Err("an acknowledged key was lost or doubled, or the drill could not run: see above".into());
    }
    Ok(lines
        .into_iter()
        .skip_while(|line| !line.starts_with("kills:"))
        .collect::<Vec<_>>()
        .join("\n"))
}
