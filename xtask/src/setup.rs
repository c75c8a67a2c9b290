//! Installs what the build and the tests need, each only if it is missing.

use std::path::Path;

use crate::peers;
use crate::shell::{Doing, Outcome, capture, cmd, execute, line, root, step, which};
use crate::stamp::Stamp;

/// Something that comes from Debian's packages.
pub(crate) struct Need {
    name: &'static str,
    packages: &'static [&'static str],
    is_there: fn() -> bool,
    /// Command that prints the version.
    version: &'static [&'static str],
}

/// The compiler that brings the source of its library: WebAssembly and `no_std` need no downloaded target.
pub(crate) const WEB_COMPILER: Need = Need {
    name: "compiler for WebAssembly",
    packages: &["rustc-web", "cargo-web", "rust-web-src", "lld-19"],
    is_there: || {
        ["/usr/bin/rustc", "/usr/bin/cargo", "/usr/bin/wasm-ld-19"]
            .iter()
            .all(|file| Path::new(file).exists())
            && capture(cmd("dpkg-query").args(["-s", "rust-web-src"])).is_ok()
    },
    version: &["/usr/bin/rustc", "--version"],
};

/// The database server of the larger installations.
pub(crate) const POSTGRES: Need = Need {
    name: "PostgreSQL",
    packages: &["postgresql"],
    is_there: || crate::postgres::programs().is_some(),
    version: &["psql", "--version"],
};

/// The browser of the browser tests, and a font with Vietnamese letters for it.
pub(crate) const BROWSER: Need = Need {
    name: "Chromium",
    packages: &["chromium", "fonts-dejavu-core"],
    is_there: || which("chromium").is_some() && Path::new("/usr/share/fonts/truetype/dejavu").exists(),
    version: &["chromium", "--version"],
};

/// Programs that draw posters and read their codes, as a camera would.
pub(crate) const PAPER: Need = Need {
    name: "readers of posters",
    packages: &["poppler-utils", "zbar-tools"],
    is_there: || which("pdftoppm").is_some() && which("zbarimg").is_some(),
    version: &["zbarimg", "--version"],
};

/// Python with `venv`, for the independent peers.
pub(crate) const PYTHON: Need = Need {
    name: "Python 3",
    packages: &["python3", "python3-venv"],
    is_there: || capture(cmd("python3").args(["-c", "import venv, ensurepip"])).is_ok(),
    version: &["python3", "--version"],
};

/// The counter of instructions, for `bench` only.
pub(crate) const VALGRIND: Need = Need {
    name: "valgrind",
    packages: &["valgrind"],
    is_there: || which("valgrind").is_some(),
    version: &["valgrind", "--version"],
};

const ALL: [Need; 6] = [WEB_COMPILER, POSTGRES, BROWSER, PAPER, PYTHON, VALGRIND];

/// Oldest version of Node.js that the web build runs on.
const NODE: (u32, u32) = (20, 19);

/// Installs everything and prints what is there.
pub(crate) fn run() -> Outcome<()> {
    need(&ALL)?;
    step("web packages", web_packages)?;
    step("Python peers", || peers::python().map(drop))?;
    println!("\nversions:");
    for need in &ALL {
        print_version(need.name, need.version);
    }
    print_version("Rust", &["rustc", "--version"]);
    print_version("Node.js", &["node", "--version"]);
    Ok(())
}

fn print_version(name: &str, command: &[&str]) {
    let version = capture(cmd(command[0]).args(&command[1..])).unwrap_or_else(|failure| failure.to_string());
    println!("  {name}: {}", version.lines().next().unwrap_or("installed"));
}

/// Installs those of `needs` that are missing.
///
/// # Errors
///
/// Not root, or not Debian: says what to install by hand.
pub(crate) fn need(needs: &[Need]) -> Outcome<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let by_hand = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if which("apt-get").is_none() {
        return Err(format!(
            "missing: {}. This is not Debian: install their like of\n  {by_hand}",
            names.join(", ")
        )
        .into());
    }
    if capture(cmd("id").arg("-u"))?.trim() != "0" {
        return Err(format!("missing: {}. As root, run\n  {by_hand}", names.join(", ")).into());
    }
    step(&format!("installing {}", names.join(", ")), || install(&packages))?;
    match missing.iter().find(|need| !(need.is_there)()) {
        Some(need) => Err(format!("{} is still missing after `{by_hand}`", need.name).into()),
        None => Ok(()),
    }
}

/// Installs packages; reads the package lists again, once more if that fails.
fn install(packages: &[&str]) -> Outcome<()> {
    let update = || execute(apt().args(["update", "-qq"]));
    update().or_else(|_| update())?;
    execute(
        apt()
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages),
    )
}

fn apt() -> std::process::Command {
    let mut command = cmd("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Installs the packages of `web/package-lock.json`, if they have changed.
pub(crate) fn web_packages() -> Outcome<()> {
    need_node()?;
    let web = root().join("web");
    let stamp = Stamp::of("npm", &["web/package-lock.json"], "")?;
    if stamp.is_current() && web.join("node_modules").exists() {
        return Ok(());
    }
    let mut install = cmd("npm");
    install
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&web);
    execute(&mut install).or_else(|_| {
        println!("once more: {}", line(&install));
        execute(&mut install)
    })?;
    stamp.keep()
}

fn need_node() -> Outcome<()> {
    let version = capture(cmd("node").arg("--version"))
        .map_err(|_| format!("missing: Node.js {}.{} or newer, with npm", NODE.0, NODE.1))?;
    let mut parts = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse::<u32>());
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= NODE => Ok(()),
        _ => Err(format!(
            "Node.js {}.{} or newer is needed, this is {}",
            NODE.0,
            NODE.1,
            version.trim()
        )
        .into()),
    }
}

/// Makes sure that a folder is empty and there.
pub(crate) fn fresh_folder(path: &Path) -> Outcome<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).doing(format!("emptying {}", path.display()))?;
    }
    std::fs::create_dir_all(path).doing(format!("making {}", path.display()))
}
