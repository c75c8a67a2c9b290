//! Checks that cargo itself makes.

use super::Findings;
use crate::shell::{Outcome, cargo, cmd, execute, target};
use crate::{setup, web};

pub(super) fn fmt() -> Outcome<Findings> {
    execute(&mut cargo(&["fmt", "--all", "--check"]))?;
    Ok(Findings::new())
}

/// Clippy over everything. The web apps are built first because the server embeds them.
pub(super) fn clippy() -> Outcome<Findings> {
    web::build_if_changed()?;
    execute(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Findings::new())
}

/// Compiles `protocol` for a machine without operating system, by the compiler that brings its library's source.
///
/// A type that needs `std` would compile on every usual target; here it cannot.
pub(super) fn no_std() -> Outcome<Findings> {
    setup::need(&[setup::WEB_COMPILER])?;
    let folder = target().join("no-std");
    execute(
        cmd("/usr/bin/cargo")
            .args(["build", "--quiet", "--locked", "-p", "protocol", "--release"])
            .args([
                "--target",
                "thumbv7em-none-eabi",
                "-Zbuild-std=core,alloc",
                "--target-dir",
            ])
            .arg(folder)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTFLAGS"),
    )?;
    Ok(Findings::new())
}
