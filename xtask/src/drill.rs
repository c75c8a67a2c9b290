//! What takes too long for every test run: kills the keys process while phones upload, many times, and looks for lost or
//! doubled keys (`xtask/drill`); and runs the tests that are set aside because they take minutes.

use crate::report;
use crate::shell::{Doing, Outcome, capture, cargo, cmd, execute, now, step, target, tee};

const PAGE: &str = "docs/reference/drill.md";
const KILLS: u32 = 1_000;

/// Seconds of check-ins; the process is killed in the middle.
const CHECK_IN_SECONDS: &str = "600";

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
    let summary = step("check-ins", kill_during_check_ins)?;
    report::replace(PAGE, "check-ins", &summary)?;
    report::replace(PAGE, "machine", &report::machine())
}

/// Kills the authority's process in the middle of ten minutes of check-ins; returns what was counted afterwards.
fn kill_during_check_ins() -> Outcome<String> {
    let folder = std::env::temp_dir().join(format!("vunglam-check-ins-{}", std::process::id()));
    std::fs::create_dir_all(&folder).doing("making the drill's folder")?;
    execute(&mut cargo(&[
        "build",
        "--locked",
        "--quiet",
        "-p",
        "server",
        "--example",
        "visit_bench",
    ]))?;
    let built = target().join("debug");
    let mut command = cmd(built.join("examples/visit_bench"));
    command
        .arg("kill")
        .arg(built.join("vunglam"))
        .arg(&folder)
        .arg(CHECK_IN_SECONDS);
    let printed = capture(&mut command);
    std::fs::remove_dir_all(&folder).doing("removing the drill's folder")?;
    let counted: serde_json::Value = serde_json::from_str(printed?.trim()).doing("reading what the drill counted")?;
    Ok(format!(
        "acknowledged: {}, before the kill {}; sent again after a lost answer: {}; stored: {}; lost: {}; doubled: {}",
        counted["acknowledged"],
        counted["before_the_kill"],
        counted["sent_again"],
        counted["stored"],
        counted["lost"],
        counted["doubled"],
    ))
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
