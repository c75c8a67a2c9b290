//! The project's own commands: `cargo xtask <command>`.
//!
//! Everything a developer, the continuous integration or a first-time reader runs is here, in Rust, so that it works the
//! same everywhere. Checks are pure functions from sources to findings (`check`); the rest starts other programs
//! (`shell`).

mod bench;
mod check;
mod ci;
mod demo;
mod drill;
mod peers;
mod postgres;
mod report;
mod setup;
mod shell;
mod stamp;
mod tally;
mod test;
mod web;

use shell::Outcome;

const HELP: &str = "\
cargo xtask <command>

  demo            build, start a populated province, open a browser     (options are passed on to `vunglam demo`)
  test            install what tests need, build once, run every test   (--quick: no browser, no web build)
  ci              every check, then every test: what .ci/run runs
  setup           install what build and tests need (Debian, as root; a clear message otherwise)
  web             build the WebAssembly core and the web apps, if their sources changed (--force)
  bench           release builds, measured beside a peer; writes docs/reference/performance.md (--only NAME)
  drill           kill -9 during uploads; writes docs/reference/drill.md                       (--kills N)

checks, one by one:
  arrows          which crate and which server feature may use which
  sizes           files of at most 600 lines, functions of at most 120
  texts           Vietnamese and English texts have the same keys and arguments
  literals        no words in the console's templates: every text comes from the Fluent files
  docs            rustdoc without warnings, links and commands named in the documentation exist
  deps            banned crates, doubled cryptography, licences
  words           no address or path of the machine the code was written on
  no-std          `protocol` compiles for a target without operating system
  fmt, clippy     rustfmt and clippy, warnings are errors
";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    if let Err(failure) = run(command, rest) {
        eprintln!("\nxtask {command}: {failure}");
        std::process::exit(1);
    }
}

fn run(command: &str, options: &[String]) -> Outcome<()> {
    match command {
        "demo" => demo::run(options),
        "test" => test::run(options),
        "ci" => ci::run(),
        "setup" => setup::run(),
        "web" => web::run(options),
        "bench" => bench::run(options),
        "drill" => drill::run(options),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        name => match check::find(name) {
            Some(check) => check.run(),
            None => Err(format!("no such command; there are:\n\n{HELP}").into()),
        },
    }
}
