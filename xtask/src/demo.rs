//! Builds the program with its web apps and starts the populated province.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::shell::{Doing, Outcome, cargo, cmd, execute, in_ci, line, step, target, which};
use crate::web;

/// Starts `vunglam demo` with the developer's own options; opens the address it prints, if there is a browser.
pub(crate) fn run(options: &[String]) -> Outcome<()> {
    web::build_if_changed()?;
    step("build", || {
        execute(&mut cargo(&["build", "--locked", "--quiet", "-p", "vunglam"]))
    })?;
    let mut demo = cmd(target().join("debug/vunglam"));
    demo.arg("demo").args(options).stdout(Stdio::piped());
    let text = line(&demo);
    println!("$ {text}");
    let mut running = demo.spawn().doing(format!("starting `{text}`"))?;
    let mut opened = false;
    for line in BufReader::new(running.stdout.take().expect("piped"))
        .lines()
        .map_while(Result::ok)
    {
        println!("{line}");
        if let (false, Some(address)) = (opened, address_in(&line)) {
            open_browser(address);
            opened = true;
        }
    }
    let status = running.wait().doing(format!("waiting for `{text}`"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{text}` ended with {status}").into())
    }
}

fn address_in(line: &str) -> Option<&str> {
    line.split_whitespace()
        .find(|word| word.starts_with("http://") || word.starts_with("https://"))
}

/// Opens the address where somebody is looking; elsewhere the printed address has to do.
fn open_browser(address: &str) {
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let opener = ["xdg-open", "open"]
        .into_iter()
        .find(|program| which(program).is_some());
    match opener {
        Some(opener) if has_screen && !in_ci() => {
            if let Err(failure) = execute(cmd(opener).arg(address).stdout(Stdio::null()).stderr(Stdio::null())) {
                println!("no browser opened: {failure}");
            }
        }
        _ => println!("open {address} in a browser"),
    }
}
