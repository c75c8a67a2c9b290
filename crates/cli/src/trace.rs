//! `vunglam trace`: exact questions about a window of visits in files.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use trace::form::{self, CHECK_IN_BYTES, Case, FormError, MAX_CASES_BYTES};
use trace::visits::{Visit, VisitIndex};

use crate::output::{Failure, Outcome, print, read_file};

/// Shortest overlap of Q3, in minutes.
const Q3_MINUTES: u64 = 30;

#[derive(Subcommand)]
pub(crate) enum Trace {
    /// Ask a question of the files `checkins.bin` and `cases.csv` in a folder.
    Query(Args),
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the files.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Which question.
    #[arg(long, value_enum)]
    query: Query,
    /// How many cases, from the first line of the list on.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Query {
    /// Who was at the same venue as a case for 30 minutes or longer: person, pairs of visits, minutes.
    #[value(name = "Q3")]
    Q3,
}

#[derive(Serialize)]
struct Row {
    person: u32,
    pairs: u64,
    minutes: u64,
}

pub(crate) fn run(command: Trace, json: bool) -> Outcome {
    let Trace::Query(args) = command;
    let cases = first_cases(&args)?;
    let index = VisitIndex::new(read_check_ins(&args.dir.join("checkins.bin"))?);
    let Query::Q3 = args.query;
    let rows: Vec<Row> = index
        .overlaps(&cases, Q3_MINUTES)
        .iter()
        .map(|met| Row {
            person: met.person,
            pairs: met.pairs,
            minutes: met.minutes,
        })
        .collect();
    print(json, &rows, |rows| {
        rows.iter()
            .map(|row| format!("{},{},{}\n", row.person, row.pairs, row.minutes))
            .collect()
    })
}

fn first_cases(args: &Args) -> Result<Vec<u32>, Failure> {
    let path = args.dir.join("cases.csv");
    let text = String::from_utf8(read_file(&path, MAX_CASES_BYTES)?).map_err(|error| named(&path, error))?;
    let all = form::cases(&text).map_err(|error| named(&path, error))?;
    let wanted = args.cases as usize;
    if wanted > all.len() {
        let there = format!("{wanted} cases are asked for, {} are there", all.len());
        return Err(named(&path, there));
    }
    Ok(all[..wanted].iter().map(|case: &Case| case.person).collect())
}

/// Reads record by record: a window of a province is larger than a list is allowed to be.
fn read_check_ins(path: &Path) -> Result<Vec<Visit>, Failure> {
    let file = File::open(path).map_err(|error| named(path, error))?;
    let bytes = file.metadata().map_err(|error| named(path, error))?.len();
    if bytes % CHECK_IN_BYTES as u64 != 0 {
        return Err(named(path, FormError::Cut));
    }
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut visits = Vec::new();
    let mut record = [0; CHECK_IN_BYTES];
    loop {
        match reader.read_exact(&mut record) {
            Ok(()) => visits.push(form::check_in(&record)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(visits),
            Err(error) => return Err(named(path, error)),
        }
    }
}

fn named(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
