//! `vunglam inspect`: what keys, exports and sightings say, without a phone or a server.

mod export;
mod matches;
mod tek;

use clap::Subcommand;

use crate::output::Outcome;

#[derive(Subcommand)]
pub(crate) enum Inspect {
    /// Derive the identifiers of a temporary exposure key.
    Tek(tek::Args),
    /// Read an export file and check its signature.
    Export(export::Args),
    /// Find the keys of an export among sightings.
    Match(matches::Args),
}

pub(crate) fn run(command: Inspect, json: bool) -> Outcome {
    match command {
        Inspect::Tek(args) => tek::run(&args, json),
        Inspect::Export(args) => export::run(&args, json),
        Inspect::Match(args) => matches::run(&args, json),
    }
}
