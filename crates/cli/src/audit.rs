//! `vunglam audit`: check the record of who looked at whom, take it out, print the newest root.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use protocol::signature::{PublicKey, SecretKey};
use protocol::time::UnixSeconds;
use server::audit::{self, Report, Within};
use server::civil::CivilDate;
use server::config::AuthorityConfig;
use server::db::Db;
use server::secrets::load_audit_key;

use crate::output::{Failure, Outcome, print, read_file};
use crate::serve::runtime;

/// Longest file of roots read, in bytes: many decades.
const MAX_ROOTS: u64 = 1 << 30;

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check every line against the signatures; exit 1 when anything was changed, removed or put in.
    Verify {
        #[command(flatten)]
        place: Place,
        /// Roots that were kept elsewhere, as `audit-roots.jsonl` holds them.
        #[arg(long, value_name = "FILE")]
        roots: Option<PathBuf>,
        /// Public key to check against (PEM), instead of the one in the authority's folder.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Write a file that verifies without this program (examples/peers/check_audit.py).
    Export {
        #[command(flatten)]
        place: Place,
        /// Where to; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// First day, yyyy-mm-dd.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<CivilDate>,
        /// Last day, yyyy-mm-dd.
        #[arg(long, value_name = "DAY", value_parser = day)]
        to: Option<CivilDate>,
    },
    /// Print the newest signed root, to be kept off the machine.
    Root {
        #[command(flatten)]
        place: Place,
    },
}

/// Where the audit is.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// Configuration of the authority's side (TOML); defaults without it.
    #[arg(long, value_name = "FILE")]
    authority_config: Option<PathBuf>,
}

impl Place {
    fn config(&self) -> Result<AuthorityConfig, Failure> {
        let path = self.authority_config.as_deref();
        path.map_or_else(|| Ok(AuthorityConfig::default()), AuthorityConfig::load)
            .map_err(|error| failure(&error))
    }
}

fn day(text: &str) -> Result<CivilDate, &'static str> {
    CivilDate::parse(text).ok_or("a day is written yyyy-mm-dd")
}

fn failure(error: &dyn std::error::Error) -> Failure {
    Failure::new(error.to_string())
}

pub(crate) fn run(command: Audit, json: bool) -> Outcome {
    runtime()?.block_on(async {
        match command {
            Audit::Verify { place, roots, key } => verify(&place, roots.as_deref(), key.as_deref(), json).await,
            Audit::Export { place, out, from, to } => export(&place, &out, from, to, json).await,
            Audit::Root { place } => root(&place, json).await,
        }
    })
}

/// Opens the database of an authority whose key is there: nothing is made.
async fn open(config: &AuthorityConfig) -> Result<(Db, SecretKey), Failure> {
    let key = load_audit_key(&config.data).map_err(|error| failure(&error))?;
    Ok((connect(config).await?, key))
}

async fn connect(config: &AuthorityConfig) -> Result<Db, Failure> {
    Db::connect(&config.database_url())
        .await
        .map_err(|error| Failure::new(format!("cannot open the database: {error}")))
}

async fn verify(place: &Place, roots: Option<&Path>, key: Option<&Path>, json: bool) -> Outcome {
    let config = place.config()?;
    let (db, key) = match key {
        Some(path) => {
            let pem = String::from_utf8(read_file(path, 4096)?).unwrap_or_default();
            let key = PublicKey::from_pem(&pem).map_err(|error| failure(&error))?;
            (connect(&config).await?, key)
        }
        None => {
            let (db, key) = open(&config).await?;
            (db, key.public_key())
        }
    };
    let copies = match roots {
        Some(path) => read_roots(path)?,
        None => Vec::new(),
    };
    let report = audit::verify(&db, &key, &copies).await;
    let report = report.map_err(|error| failure(&error))?;
    print(json, &report, words)?;
    if report.is_whole() {
        Ok(())
    } else {
        Err(Failure::new(format!("the audit is broken in {} places", report.flaws)))
    }
}

fn read_roots(path: &Path) -> Result<Vec<audit::RootCopy>, Failure> {
    let text = String::from_utf8(read_file(path, MAX_ROOTS)?).unwrap_or_default();
    audit::read_copies(&text)
        .map_err(|line| Failure::new(format!("{}: line {line} is no root of an audit", path.display())))
}

fn words(report: &Report) -> String {
    let mut out = format!(
        "{} entries in {} chains, {} rows of people, {} roots; {} entries were erased for age\n",
        report.entries, report.chains, report.objects, report.roots, report.pruned
    );
    if report.copies > 0 {
        out += &format!("{} roots kept elsewhere were compared\n", report.copies);
    }
    for flaw in &report.told {
        let place = match &flaw.writer {
            Some(writer) => format!("chain {writer}, line {}", flaw.number),
            None => format!("root {}", flaw.number),
        };
        out += &format!("{place}: {}\n", flaw.kind.sentence());
    }
    out + if report.is_whole() {
        "The audit is whole: nothing was changed, removed or put in.\n"
    } else {
        "The audit is BROKEN. Keep a copy of the database and compare with the roots kept elsewhere.\n"
    }
}

async fn export(place: &Place, out: &Path, from: Option<CivilDate>, to: Option<CivilDate>, json: bool) -> Outcome {
    let (db, key) = open(&place.config()?).await?;
    let within = (from.is_some() || to.is_some()).then(|| Within {
        from: from.map_or(UnixSeconds(i64::MIN), CivilDate::begins),
        until: to
            .and_then(|to| CivilDate::from_number(to.number() + 1))
            .map_or(UnixSeconds(i64::MAX), CivilDate::begins),
    });
    let cannot = |error: std::io::Error| Failure::new(format!("cannot write {}: {error}", out.display()));
    let mut file = BufWriter::new(File::create_new(out).map_err(cannot)?);
    let exported = audit::export(&db, &key, within, &mut file).await;
    let exported = match exported {
        Ok(exported) => exported,
        Err(error) => {
            // A part of an export is none.
            let _ = std::fs::remove_file(out);
            return Err(failure(&error));
        }
    };
    file.flush().map_err(cannot)?;
    file.get_ref().sync_all().map_err(cannot)?;
    print(json, &exported, |e| {
        format!(
            "{} entries in {} chains and {} roots written",
            e.entries, e.chains, e.roots
        )
    })
}

async fn root(place: &Place, json: bool) -> Outcome {
    let db = connect(&place.config()?).await?;
    let root = audit::newest_root(&db).await.map_err(|error| failure(&error))?;
    let root = root.ok_or_else(|| Failure::new("no root has been signed yet"))?;
    let value: serde_json::Value = serde_json::from_str(&root.json()).expect("our own JSON");
    print(json, &value, |_| root.json())
}
