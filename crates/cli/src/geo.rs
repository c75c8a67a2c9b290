//! `vunglam geo`: look up units, list doubtful steps, import lists and boundaries of the government.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;
use server::AUTHORITY_MIGRATIONS;
use server::civil::CivilDate;
use server::clock::Clock;
use server::config::AuthorityConfig;
use server::db::Db;
use server::geo::{self, Catalogue, ImportCounts, Link, Unit, UnitOptions};

use crate::output::{Failure, Outcome, print, read_file};
use crate::serve::runtime;

#[derive(Subcommand)]
pub(crate) enum Geo {
    /// Read a list or boundaries into the authority's database; they show after a restart.
    #[command(subcommand)]
    Import(Import),
    /// List the steps from 2021 to 2025 that the source itself doubts.
    Suspects {
        #[command(flatten)]
        database: Database,
    },
    /// Show what a code means, what contains it and what became of it.
    Show {
        /// Code of the General Statistics Office: 82, 815, 28249.
        code: String,
        /// The day it is meant on.
        #[arg(long, value_name = "D/M/YYYY", value_parser = date)]
        on: Option<CivilDate>,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
pub(crate) enum Import {
    /// A list of units: CSV with the columns code, name, type, parent and, if known, valid_to, predecessors.
    Units {
        /// The list.
        file: PathBuf,
        /// Where it comes from: the number of a resolution or decision.
        #[arg(long)]
        source: String,
        /// First day of its units.
        #[arg(long, value_name = "D/M/YYYY", value_parser = date)]
        valid_from: CivilDate,
        /// It lists every unit of its tiers: others end on the day before.
        #[arg(long)]
        complete: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Boundaries: GeoJSON polygons by code.
    Boundaries {
        /// The map.
        file: PathBuf,
        /// Where it comes from.
        #[arg(long)]
        source: String,
        /// The day its codes are meant on; needed where a code has meant two units.
        #[arg(long, value_name = "D/M/YYYY", value_parser = date)]
        on: Option<CivilDate>,
        #[command(flatten)]
        database: Database,
    },
}

/// Which database.
#[derive(Clone, clap::Args)]
pub(crate) struct Database {
    /// Configuration of the authority's side (TOML); defaults without it.
    #[arg(long, value_name = "FILE")]
    authority_config: Option<PathBuf>,
}

impl Database {
    fn config(&self) -> Result<AuthorityConfig, Failure> {
        let config = self.authority_config.as_deref();
        config
            .map_or_else(|| Ok(AuthorityConfig::default()), AuthorityConfig::load)
            .map_err(failed)
    }

    /// Connects and brings the schema up to date; the clock of the operator's machine dates the import.
    async fn open(&self) -> Result<(Db, Clock), Failure> {
        let (config, clock) = (self.config()?, Clock::from_environment().map_err(failed)?);
        std::fs::create_dir_all(&config.data).map_err(failed)?;
        let db = Db::connect(&config.database_url()).await.map_err(failed)?;
        db.migrate(&AUTHORITY_MIGRATIONS, clock.now()).await.map_err(failed)?;
        Ok((db, clock))
    }

    /// Returns the catalogue with what was imported, or the shipped one where nothing was ever stored.
    async fn catalogue(&self) -> Result<Arc<Catalogue>, Failure> {
        if self.authority_config.is_none() && !self.config()?.data.exists() {
            return Ok(Catalogue::shipped());
        }
        let (db, _) = self.open().await?;
        geo::open(&db).await.map_err(failed)
    }
}

pub(crate) fn run(command: Geo, json: bool) -> Outcome {
    runtime()?.block_on(async {
        match command {
            Geo::Import(import) => run_import(import, json).await,
            Geo::Suspects { database } => suspects(&*database.catalogue().await?, json),
            Geo::Show { code, on, database } => show(&*database.catalogue().await?, &code, on, json),
        }
    })
}

async fn run_import(import: Import, json: bool) -> Outcome {
    let counts = match import {
        Import::Units {
            file,
            source,
            valid_from,
            complete,
            database,
        } => {
            let options = UnitOptions {
                source,
                valid_from,
                complete,
            };
            let bytes = read_file(&file, 16 << 20)?;
            let (db, clock) = database.open().await?;
            let known = geo::open(&db).await.map_err(failed)?;
            let list = geo::read_units(&bytes, options, &known).map_err(|problems| refused(&file, &problems))?;
            geo::import_units(&db, &list, clock.now()).await.map_err(failed)?
        }
        Import::Boundaries {
            file,
            source,
            on,
            database,
        } => {
            let bytes = read_file(&file, 64 << 20)?;
            let (db, clock) = database.open().await?;
            let known = geo::open(&db).await.map_err(failed)?;
            let map =
                geo::read_boundaries(&bytes, &source, on, &known).map_err(|problems| refused(&file, &problems))?;
            geo::import_boundaries(&db, &map, clock.now()).await.map_err(failed)?
        }
    };
    print(json, &counts, |counts: &ImportCounts| {
        let ImportCounts {
            added,
            changed,
            unchanged,
        } = counts;
        format!(
            "added {added}  changed {changed}  unchanged {unchanged}\nA running service shows them after a restart."
        )
    })
}

/// A unit as it is printed.
#[derive(Serialize)]
struct Shown {
    id: String,
    code: String,
    name: String,
    tier: &'static str,
    valid_from: String,
    valid_to: Option<String>,
    inside: Vec<String>,
    children: usize,
    became: Vec<Step>,
    came_from: Vec<Step>,
    populations: Vec<String>,
}

/// A step as it is printed.
#[derive(Serialize)]
struct Step {
    from: String,
    to: String,
    share: String,
    is_default: bool,
    assumed: bool,
    suspect: bool,
}

fn show(catalogue: &Catalogue, code: &str, on: Option<CivilDate>, json: bool) -> Outcome {
    let unit = catalogue.resolve(code, on).map_err(failed)?;
    print(json, &shown(catalogue, unit), text)
}

fn shown(catalogue: &Catalogue, unit: &Unit) -> Shown {
    let became = catalogue.successors(unit.id);
    let became = became.into_iter().map(|to| Link { from: unit.id, to });
    let figure = |p: &geo::Population| {
        let doubt = if p.doubtful { " (doubtful)" } else { "" };
        format!("{} on {}: {}{doubt}", p.number, p.on.local(), p.source)
    };
    Shown {
        id: unit.id.to_string(),
        code: unit.code(),
        name: unit.full_name(),
        tier: unit.tier().word(),
        valid_from: unit.valid_from().iso(),
        valid_to: unit.valid_to.map(CivilDate::iso),
        inside: catalogue
            .ancestors(unit.id)
            .iter()
            .map(|unit| unit.full_name())
            .collect(),
        children: catalogue.children(unit.id).len(),
        became: became.map(|link| step(catalogue, &link)).collect(),
        came_from: catalogue
            .predecessors(unit.id)
            .iter()
            .map(|link| step(catalogue, link))
            .collect(),
        populations: catalogue.populations(unit.id).iter().map(figure).collect(),
    }
}

fn step(catalogue: &Catalogue, link: &Link) -> Step {
    let name = |id| {
        let unit = catalogue.unit(id);
        unit.map_or_else(|| format!("{id}"), |unit| format!("{id} {}", unit.full_name()))
    };
    Step {
        from: name(link.from),
        to: name(link.to.unit),
        share: format!("{:?}", link.to.share),
        is_default: link.to.is_default,
        assumed: link.to.assumed,
        suspect: link.to.suspect,
    }
}

fn text(shown: &Shown) -> String {
    let last = shown.valid_to.as_deref().unwrap_or("today");
    let mut out = format!(
        "{}  {}  {}, {} to {last}\n",
        shown.code, shown.name, shown.tier, shown.valid_from
    );
    if !shown.inside.is_empty() {
        out += &format!("inside: {}\n", shown.inside.join(", "));
    }
    if shown.children > 0 {
        out += &format!("units inside: {}\n", shown.children);
    }
    for step in &shown.became {
        out += &format!("became {}{}\n", step.to, marks(step));
    }
    for step in &shown.came_from {
        out += &format!("from {}{}\n", step.from, marks(step));
    }
    for figure in &shown.populations {
        out += &format!("population {figure}\n");
    }
    out
}

fn marks(step: &Step) -> String {
    if step.suspect {
        return "  (doubtful: not counted)".to_owned();
    }
    let assumed = if step.assumed { ", assumed" } else { "" };
    format!("  (share {}{assumed})", step.share)
}

fn suspects(catalogue: &Catalogue, json: bool) -> Outcome {
    let steps: Vec<Step> = catalogue.suspects().iter().map(|link| step(catalogue, link)).collect();
    print(json, &steps, |steps| {
        let line = |step: &Step| format!("{} to {}\n", step.from, step.to);
        steps.iter().map(line).collect::<String>() + &format!("{} doubtful steps\n", steps.len())
    })
}

/// Reads `d/m/yyyy`, `d-m-yyyy` or `yyyy-mm-dd`.
fn date(text: &str) -> Result<CivilDate, String> {
    let parts: Vec<&str> = text.split(['/', '-']).collect();
    let iso = match parts.as_slice() {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    };
    CivilDate::parse(&iso).ok_or_else(|| "a date is d/m/yyyy".to_owned())
}

fn refused(file: &Path, problems: &geo::Problems) -> Failure {
    Failure::new(format!("{} is not imported\n{problems}", file.display()))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in ["12/7/2021", "12/07/2021", "12-7-2021", "2021-07-12"] {
            assert_eq!(date(text).map(CivilDate::iso).as_deref(), Ok("2021-07-12"), "{text}");
        }
        for text in ["", "31/2/2021", "12/7", "12/7/21", "12/7/2021/1"] {
            assert!(date(text).is_err(), "{text}");
        }
    }
}
