//! Check-ins over HTTP at the rush of a province, and who was with a case among the visits of a province.
//!
//! `visit_bench load FOLDER SECONDS [DATABASE KEYRING]` serves the authority on loopback from files, sends 2,000 single check-ins a
//! second for so many seconds over kept connections (the time of each is measured from the moment at which it was due), then batches of 100
//! as fast as they are answered for a tenth of the time, counts what is stored, and prints a JSON object. Load generator and service share
//! the machine and the process.
//!
//! `visit_bench company FOLDER VISITS [DATABASE KEYRING]` makes a province of 600,000 people, 20,000 venues and so many visits, and asks for
//! the pages of twenty cases and for everybody who was with them at each of their places.
//!
//! `visit_bench kill BINARY FOLDER SECONDS` has the authority's real process take check-ins, kills it in the middle of that time, starts it
//! again, and fails unless everything acknowledged is stored exactly once.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints what it measured"
)]

mod company;
mod kill;
mod load;

use std::error::Error;
use std::path::PathBuf;

use server::config::AuthorityConfig;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let measured = match words.as_slice() {
        ["load", folder, seconds, rest @ ..] => load::run(config(folder, rest)?, seconds.parse()?).await?,
        ["company", folder, visits, rest @ ..] => company::run(config(folder, rest)?, visits.parse()?).await?,
        ["kill", binary, folder, seconds] => kill::run(binary, PathBuf::from(folder).as_path(), seconds.parse()?).await?,
        _ => return Err("load FOLDER SECONDS [DATABASE KEYRING] | company FOLDER VISITS [DATABASE KEYRING] | kill BINARY FOLDER SECONDS".into()),
    };
    println!("{measured}");
    Ok(())
}

fn config(folder: &str, databases: &[&str]) -> Outcome<AuthorityConfig> {
    let mut config = AuthorityConfig {
        data: PathBuf::from(folder),
        ..AuthorityConfig::default()
    };
    match databases {
        [] => {}
        [database, keyring] => {
            config.database = Some((*database).to_owned());
            config.keyring = Some((*keyring).to_owned());
        }
        _ => return Err("a database goes with a keyring".into()),
    }
    Ok(config)
}
