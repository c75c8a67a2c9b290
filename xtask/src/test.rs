//! Runs every test there is and counts them over all runners.

use std::process::Command;

use crate::postgres::{self, Postgres};
use crate::shell::{Outcome, cargo, cmd, execute, in_ci, read, root, step, target, tee, which};
use crate::tally::{self, Tally};
use crate::{drill, peers, setup, web};

/// Kills in the short drill that runs with every test.
const KILLS: u32 = 50;

/// One runner of tests.
struct Suite {
    name: &'static str,
    command: Command,
}

pub(crate) fn run_all(quick: bool) -> Outcome<()> {
    if !quick {
        setup::need(&[
            setup::POSTGRES,
            setup::BROWSER,
            setup::PAPER,
            setup::WEB_COMPILER,
            setup::PYTHON,
        ])?;
        web::build_if_changed()?;
    }
    // One build for everything: with the same packages selected, features are unified once and nothing is built twice.
    step("build", || {
        execute(&mut cargo(&[
            "build",
            "--workspace",
            "--all-targets",
            "--locked",
            "--quiet",
        ]))
    })?;
    let database = if quick {
        None
    } else {
        Some(step("PostgreSQL", Postgres::start)?)
    };
    let mut total = Tally::default();
    let mut broken = Vec::new();
    for suite in suites(quick, database.as_ref())? {
        let name = suite.name;
        match step(name, || run_suite(suite)) {
            Ok(tally) => total.add(tally),
            Err(failure) => {
                total.failed += 1;
                broken.push(format!("{name}: {failure}"));
            }
        }
    }
    if !quick {
        count_as_test(
            "drill",
            step("drill", || drill::kill_during_uploads(KILLS).map(drop)),
            &mut total,
            &mut broken,
        );
    }
    drop(database);
    for line in &broken {
        println!("broken: {line}");
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        return Err(format!("{} of {} tests failed", total.failed, total.passed + total.failed).into());
    }
    if total.passed == 0 {
        return Err("no test ran".into());
    }
    Ok(())
}

pub(crate) fn run(options: &[String]) -> Outcome<()> {
    match options {
        [] => run_all(false),
        [quick] if quick == "--quick" => run_all(true),
        _ => Err("`test` takes --quick and nothing else".into()),
    }
}

fn count_as_test(name: &str, result: Outcome<()>, total: &mut Tally, broken: &mut Vec<String>) {
    match result {
        Ok(()) => total.passed += 1,
        Err(failure) => {
            total.failed += 1;
            broken.push(format!("{name}: {failure}"));
        }
    }
}

fn suites(quick: bool, database: Option<&Postgres>) -> Outcome<Vec<Suite>> {
    let mut suites = Vec::new();
    let mut rust = if which("cargo-nextest").is_some() {
        cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--status-level=fail",
        ])
    } else {
        cargo(&[
            "test",
            "--workspace",
            "--locked",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ])
    };
    if in_ci() {
        rust.env("NO_COLOR", "1");
    }
    if let Some(database) = database {
        rust.env("REQUIRE_POSTGRES", "1")
            .env(postgres::VARIABLE, database.url());
    }
    suites.push(Suite {
        name: "Rust tests",
        command: rust,
    });
    let doc = cargo(&["test", "--doc", "--workspace", "--locked", "--quiet", "--no-fail-fast"]);
    suites.push(Suite {
        name: "examples in the documentation",
        command: doc,
    });
    if quick {
        return Ok(suites);
    }
    setup::web_packages()?;
    let scripts = read(&root().join("web/package.json"))?;
    for (name, script) in [("web tests", "test"), ("browser tests", "test:browser")] {
        if !scripts.contains(&format!("\"{script}\":")) {
            return Err(format!("web/package.json has no script `{script}`").into());
        }
        let mut command = cmd("npm");
        command
            .args(["run", "--silent", script])
            .current_dir(root().join("web"))
            .env("NO_COLOR", "1");
        command.env("VUNGLAM", target().join("debug/vunglam"));
        suites.push(Suite { name, command });
    }
    let mut python = cmd(peers::python()?);
    python
        .arg("examples/peers/test_peers.py")
        .arg(target().join("debug/examples"));
    suites.push(Suite {
        name: "independent peers in Python",
        command: python,
    });
    Ok(suites)
}

/// Runs a suite; one that fails without naming a failed test counts as one failure.
fn run_suite(mut suite: Suite) -> Outcome<Tally> {
    let (succeeded, lines) = tee(&mut suite.command)?;
    let mut tally = tally::read(&lines);
    if !succeeded && tally.failed == 0 {
        tally.failed = 1;
    }
    if succeeded && tally.failed > 0 {
        return Err(format!("{} reported {} failed tests and success", suite.name, tally.failed).into());
    }
    Ok(tally)
}
