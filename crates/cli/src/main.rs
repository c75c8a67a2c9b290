//! `vunglam`: the one binary. Each subcommand is a file that parses, calls and prints.

mod exposure;
mod inspect;
mod output;
mod replay;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Vùng Lam: outbreak response, from the phone to the province.
#[derive(Parser)]
#[command(name = "vunglam", version, arg_required_else_help = true)]
struct Cli {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look into keys, export files and matches.
    #[command(subcommand)]
    Inspect(inspect::Inspect),
    /// Score exposure windows.
    #[command(subcommand)]
    Exposure(exposure::Exposure),
    /// Replay a recording of real contacts with real devices and services.
    Replay(replay::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Inspect(command) => inspect::run(command, cli.json),
        Command::Exposure(command) => exposure::run(command, cli.json),
        Command::Replay(args) => replay::run(&args, cli.json),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vunglam: {error}");
            ExitCode::FAILURE
        }
    }
}
