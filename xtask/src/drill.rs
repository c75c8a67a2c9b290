//! What takes too long for every test run: kills the keys process while phones upload, many times, and looks for lost or
//! doubled keys (`xtask/drill`); and runs the tests that are set aside because they take minutes.

use crate::report;
use crate::shell::{Outcome, cargo, cmd, execute, now, step, target, tee};

const PAGE: &str = "docs/reference/drill.md";
const KILLS: u32 = 1_000;

/// The test that converts at random both ways, ten thousand times.
const CONVERSIONS: &str = "generations_stay_true_under_ten_thousand_random_conversions";

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
    let seconds = step("conversions", convert)?;
    let summary = format!("conversions tried: 10,000; generations that were wrong: 0; {seconds} s");
    report::replace(PAGE, "conversions", &summary)?;
    report::replace(PAGE, "machine", &report::machine())
}

/// Runs the ten thousand conversions; returns the seconds they took. One that never ran is a failure.
fn convert() -> Outcome<u64> {
    let began = now();
    let test = [
        "test",
        "--locked",
        "--quiet",
        "-p",
        "server",
        "--test",
        "cases",
        "--",
        "--exact",
        CONVERSIONS,
        "--ignored",
    ];
    let (succeeded, lines) = tee(&mut cargo(&test))?;
    if !succeeded || !lines.iter().any(|line| line.contains("1 passed; 0 failed")) {
        return Err("a generation differs from a walk over the raw rows, or the test did not run: see above".into());
    }
    Ok(began.elapsed().as_secs())
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
