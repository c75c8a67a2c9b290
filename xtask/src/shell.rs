//! Starts other programs and says which; finds the project's folders.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

/// Why a command stopped, for a person to read.
#[derive(Debug)]
pub(crate) struct Failure(String);

pub(crate) type Outcome<T> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

/// Turns any error into a [`Failure`] that says what was being done.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{what}: {error}")))
    }
}

/// Returns the root of the checkout.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent()
        .expect("xtask lies in a folder of the checkout")
        .to_owned()
}

/// Returns cargo's target folder: `CARGO_TARGET_DIR`, else `target` in the checkout.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Returns the path of `program` in `PATH`, if it is installed.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// Reads a text file of the checkout.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).doing(format!("reading {}", path.display()))
}

/// Writes a text file, making its folder.
pub(crate) fn write(path: &Path, text: &str) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).doing(format!("making {}", folder.display()))?;
    }
    std::fs::write(path, text).doing(format!("writing {}", path.display()))
}

/// Lists the checkout's source files (tracked and new, not ignored), relative to the root, sorted.
pub(crate) fn sources() -> Outcome<Vec<String>> {
    let listed = capture(cmd("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> = listed
        .split('\0')
        .filter(|f| !f.is_empty())
        .map(str::to_owned)
        .collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// Returns a command that runs at the root of the checkout without standard input.
pub(crate) fn cmd(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Returns a cargo command of the checkout's own toolchain.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = cmd("cargo");
    command.args(arguments);
    for inherited in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
    ] {
        command.env_remove(inherited);
    }
    command
}

/// Shows the command as one types it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs the command with its output on the screen.
pub(crate) fn execute(command: &mut Command) -> Outcome<()> {
    let text = line(command);
    println!("$ {text}");
    let status = command.status().doing(format!("starting `{text}`"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{text}` ended with {status}").into())
    }
}

/// Runs the command and returns its standard output; standard error is shown only when it fails.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let text = line(command);
    let output = command.output().doing(format!("starting `{text}`"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{text}` ended with {}\n{}", output.status, error.trim_end()).into());
    }
    String::from_utf8(output.stdout).doing(format!("output of `{text}`"))
}

/// Runs the command with its output on the screen and returns whether it succeeded and every line it printed.
pub(crate) fn tee(command: &mut Command) -> Outcome<(bool, Vec<String>)> {
    let text = line(command);
    println!("$ {text}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .doing(format!("starting `{text}`"))?;
    let (send, lines) = mpsc::channel();
    let streams: [Box<dyn std::io::Read + Send>; 2] = [
        Box::new(child.stdout.take().expect("piped")),
        Box::new(child.stderr.take().expect("piped")),
    ];
    for stream in streams {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                bytes.clear();
                if send.send(text).is_err() {
                    return;
                }
            }
        });
    }
    drop(send);
    let mut all = Vec::new();
    for text in lines {
        println!("{text}");
        all.push(text);
    }
    let status = child.wait().doing(format!("waiting for `{text}`"))?;
    Ok((status.success(), all))
}

/// Times `work` under a heading, on the screen.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("\n── {name}");
    let _ = std::io::stdout().flush();
    let started = now();
    let result = work();
    let seconds = started.elapsed().as_secs_f64();
    match &result {
        Ok(_) => println!("── {name}: done in {seconds:.1} s"),
        Err(failure) => println!("── {name}: FAILED after {seconds:.1} s: {failure}"),
    }
    result
}

/// The one reading of a clock in this crate: how long a step took is for the developer's eyes.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns whether this runs in continuous integration.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty())
}
