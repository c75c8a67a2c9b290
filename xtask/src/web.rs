//! Builds the web apps: the phone's core as WebAssembly, then everything by Vite into `web/dist`.

use std::path::{Path, PathBuf};

use crate::setup;
use crate::shell::{Doing, Outcome, capture, cargo, cmd, execute, root, step, target};
use crate::stamp::Stamp;

/// What goes into the WebAssembly module.
const CORE: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "crates/protocol/",
    "crates/exposure/",
    "crates/device/",
    "web/core/",
    "web/package-lock.json",
    "xtask/bindgen/",
    "xtask/src/web.rs",
];
const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "web";

/// WebAssembly features that the compiler uses by default and that every supported browser has (2021 and later).
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

pub(crate) fn run(options: &[String]) -> Outcome<()> {
    match options {
        [] => build_if_changed(),
        [force] if force == "--force" => build(),
        _ => Err("`web` takes --force and nothing else".into()),
    }
}

/// Builds what has changed since the last build.
pub(crate) fn build_if_changed() -> Outcome<()> {
    let core = Stamp::of("web-core", CORE, &compiler_version())?;
    let apps = Stamp::of("web-apps", &[CORE, &["web/", "texts/"]].concat(), &compiler_version())?;
    let package = root().join("web/core/pkg");
    if !(core.is_current() && package.join("web_core_bg.wasm").exists()) {
        step("WebAssembly core", || build_core(&package, &[]))?;
        core.keep()?;
    }
    if !(apps.is_current() && root().join("web/dist").exists()) {
        step("web apps", build_apps)?;
        apps.keep()?;
    }
    Ok(())
}

fn build() -> Outcome<()> {
    for folder in [root().join("web/dist"), target().join("stamps")] {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("emptying {}: {error}", folder.display()).into());
            }
            _ => {}
        }
    }
    build_if_changed()
}

/// Builds the core with what `bench` measures, apart from what ships; returns its folder.
pub(crate) fn build_core_for_bench() -> Outcome<PathBuf> {
    let package = target().join("web-bench");
    build_core(&package, &["--features", "bench"])?;
    Ok(package)
}

/// Returns the compiler that makes WebAssembly: rustup's when it has the target, else Debian's.
fn compiler_version() -> String {
    let program = if rustup_has_target() { "rustc" } else { "/usr/bin/rustc" };
    capture(cmd(program).arg("--version")).unwrap_or_default()
}

fn rustup_has_target() -> bool {
    let sysroot = capture(cmd("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .exists()
}

fn build_core(package: &Path, options: &[&str]) -> Outcome<()> {
    setup::web_packages()?;
    let folder = target().join("web");
    let arguments = [
        "build",
        "--quiet",
        "--locked",
        "-p",
        "web-core",
        "--profile",
        PROFILE,
        "--target",
        TARGET,
    ];
    if rustup_has_target() {
        execute(cargo(&arguments).args(options).arg("--target-dir").arg(&folder))?;
    } else {
        setup::need(&[setup::WEB_COMPILER])?;
        execute(
            cmd("/usr/bin/cargo")
                .args(arguments)
                .args(options)
                .args(["-Zbuild-std=std,panic_abort", "--target-dir"])
                .arg(&folder)
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
                .env_remove("RUSTFLAGS"),
        )?;
    }
    let module = folder.join(TARGET).join(PROFILE).join("web_core.wasm");
    execute(
        cargo(&["run", "--quiet", "--locked", "-p", "bindgen", "--"])
            .arg(&module)
            .arg(package),
    )?;
    let small = package.join("web_core_bg.wasm");
    execute(
        cmd(root().join("web/node_modules/.bin/wasm-opt"))
            .args(["-O3", "--strip-debug", "--strip-producers", "--strip-target-features"])
            .args(FEATURES)
            .arg("-o")
            .arg(&small)
            .arg(&small),
    )?;
    let bytes = std::fs::metadata(&small).doing("measuring the module")?.len();
    println!("{} bytes", bytes);
    Ok(())
}

fn build_apps() -> Outcome<()> {
    setup::web_packages()?;
    execute(
        cmd("npm")
            .args(["run", "build", "--silent"])
            .current_dir(root().join("web")),
    )
}
