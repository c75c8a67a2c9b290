//! `vunglam`: the one binary. Each subcommand is a file that parses, calls and prints.

mod audit;
mod backup;
mod demo;
mod doctor;
mod exposure;
mod geo;
mod inspect;
mod output;
mod replay;
mod serve;
mod trace;

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
    /// Look up administrative units, import lists and boundaries.
    #[command(subcommand)]
    Geo(geo::Geo),
    /// Ask who was with whom.
    #[command(subcommand)]
    Trace(trace::Trace),
    /// Replay a recording of real contacts with real devices and services.
    Replay(replay::Args),
    /// Run a made-up province on the real services and open its start page.
    Demo(demo::Args),
    /// Run both sides of the service, or one of them.
    Serve(serve::ServeArgs),
    /// Bring the databases of both sides up to date.
    Migrate(serve::Files),
    /// Check and take out the record of who looked at whom.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Copy parts of the service while it runs.
    Backup(backup::BackupArgs),
    /// Put copies back, or prove that they can be.
    Restore(backup::RestoreArgs),
    /// Say whether both sides can start, and if not, why.
    Doctor(doctor::DoctorArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Inspect(command) => inspect::run(command, cli.json),
        Command::Exposure(command) => exposure::run(command, cli.json),
        Command::Geo(command) => geo::run(command, cli.json),
        Command::Trace(command) => trace::run(command, cli.json),
        Command::Replay(args) => replay::run(&args, cli.json),
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Migrate(files) => serve::migrate(&files, cli.json),
        Command::Audit(command) => audit::run(command, cli.json),
        Command::Backup(args) => backup::back_up(&args, cli.json),
        Command::Restore(args) => backup::restore(&args, cli.json),
        Command::Doctor(args) => doctor::run(&args, cli.json),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vunglam: {error}");
            ExitCode::FAILURE
        }
    }
}
