//! A desk at the size of a bad year: what it costs to fill it by importing lists, and what each page costs each role then.
//!
//! `desk_bench fill FOLDER CONTACTS [DATABASE KEYRING]` makes officers of every role, enters a list of cases and lists of
//! 100,000 contacts through the import, exports 200,000 contacts, and prints a JSON object.
//! `desk_bench ask FOLDER [DATABASE KEYRING]` opens what was filled as the service does, prints when it answered, when the
//! search was complete and how much memory that took, and then asks for every page as every role that may open it: p50, p99
//! and most, in milliseconds, through the service's own router. What was filled is asked once, as its one-time codes are used
//! then. Without `DATABASE` and `KEYRING` both are SQLite in `FOLDER`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement reads the clock and prints what it measured"
)]

mod ask;
mod fill;
mod people;

use std::error::Error;
use std::path::PathBuf;

use protocol::time::UnixSeconds;
use server::AuthorityApp;
use server::civil::CivilDate;
use server::clock::VirtualClock;
use server::config::AuthorityConfig;
use server::geo::UnitId;
use server::run::open_authority;
use server::scope::{Level, Place, Scope};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// 12 July 2021, noon UTC: districts are still there.
const START: UnixSeconds = UnixSeconds(1_626_091_200);
const PASSWORD: &str = "mua roi tren mai ton cu";
const SECRET: [u8; 20] = *b"12345678901234567890";
/// Login, role and unit of those who ask.
const OFFICERS: [(&str, &str, &str); 8] = [
    ("lead", "team_lead", "82"),
    ("epi", "epidemiologist", "82"),
    ("tracer", "tracer", "82"),
    ("district", "tracer", "815"),
    ("commune", "commune_tracer", "28249"),
    ("leader", "leadership", "82"),
    ("admin", "administrator", "82"),
    ("auditor", "auditor", "82"),
];

#[tokio::main]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let measured = match words.as_slice() {
        ["fill", folder, contacts, rest @ ..] => fill::fill(&config(folder, rest)?, contacts.parse()?).await?,
        ["ask", folder, rest @ ..] => ask::ask(&config(folder, rest)?).await?,
        _ => return Err("fill FOLDER CONTACTS [DATABASE KEYRING] | ask FOLDER [DATABASE KEYRING]".into()),
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

async fn open(config: &AuthorityConfig, clock: &VirtualClock) -> Outcome<AuthorityApp> {
    Ok(open_authority(config.clone(), clock.clone().into()).await?)
}

/// Returns the scope and place of a unit's code.
fn scope_of(app: &AuthorityApp, code: &str) -> Outcome<(Scope, Place)> {
    let id = app
        .geo
        .by_code(code, CivilDate::today(START))
        .map_err(|_| "no such unit")?
        .id;
    let path = app.geo.path(id).ok_or("no such unit")?;
    let place = Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: path.commune.map(UnitId::number),
    };
    let level = match code.len() {
        2 => Level::Province,
        3 => Level::District,
        _ => Level::Commune,
    };
    Ok((
        Scope {
            level,
            unit: id.number(),
        },
        place,
    ))
}

/// Returns a figure of this process in MiB, such as `VmRSS` or `VmHWM`.
fn mib(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib: Option<f64> = kib.and_then(|kib| kib.trim().trim_end_matches(" kB").trim().parse().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
