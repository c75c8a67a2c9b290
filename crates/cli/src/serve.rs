//! `vunglam serve`, `migrate`: run the two sides, prepare their databases.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use server::clock::Clock;
use server::config::{AuthorityConfig, KeysConfig, Role};
use server::run::{self, RunError};
use server::supervise::{Supervision, prepare, supervise};

use crate::output::{Failure, Outcome, print};

/// Which side.
#[derive(Clone, Copy, ValueEnum)]
enum Side {
    /// The anonymous side: keys and configuration.
    Keys,
    /// The side that knows people.
    Authority,
}

impl From<Side> for Role {
    fn from(side: Side) -> Self {
        match side {
            Side::Keys => Self::Keys,
            Side::Authority => Self::Authority,
        }
    }
}

#[derive(clap::Args)]
pub(crate) struct ServeArgs {
    /// Run one side in this process; without it both run, each in a process of its own.
    #[arg(long, value_enum)]
    role: Option<Side>,
    /// Configuration of the side named by --role (TOML).
    #[arg(long, value_name = "FILE", requires = "role")]
    config: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
}

/// Configuration files of both sides.
#[derive(Clone, clap::Args)]
pub(crate) struct Files {
    /// Configuration of the keys side (TOML); defaults without it.
    #[arg(long, value_name = "FILE")]
    keys_config: Option<PathBuf>,
    /// Configuration of the authority's side (TOML); defaults without it.
    #[arg(long, value_name = "FILE")]
    authority_config: Option<PathBuf>,
}

impl Files {
    fn supervision(&self) -> Supervision {
        Supervision {
            keys_config: self.keys_config.clone(),
            authority_config: self.authority_config.clone(),
        }
    }

    pub(crate) fn keys(&self) -> Result<KeysConfig, RunError> {
        Ok(self
            .keys_config
            .as_deref()
            .map_or_else(|| Ok(KeysConfig::default()), KeysConfig::load)?)
    }

    pub(crate) fn authority(&self) -> Result<AuthorityConfig, RunError> {
        Ok(self
            .authority_config
            .as_deref()
            .map_or_else(|| Ok(AuthorityConfig::default()), AuthorityConfig::load)?)
    }
}

#[derive(Serialize)]
struct Finding {
    side: &'static str,
    ok: bool,
    message: String,
}

pub(crate) fn serve(args: &ServeArgs) -> Outcome {
    let run = async {
        match args.role {
            Some(side) => run::serve(side.into(), args.config.as_deref()).await,
            None => supervise(&args.files.supervision()).await,
        }
    };
    runtime()?
        .block_on(run)
        .map_err(|error| Failure::new(error.to_string()))
}

/// Opens both sides, which brings their databases up to date, and closes them again.
pub(crate) fn migrate(files: &Files, json: bool) -> Outcome {
    prepare(&files.supervision()).map_err(|error| Failure::new(error.to_string()))?;
    let findings = runtime()?.block_on(open_both(files));
    report(&findings, json)
}

async fn open_both(files: &Files) -> Vec<Finding> {
    // The authority first: the keys side needs its public key.
    let authority = async {
        let config = files.authority()?;
        run::open_authority(config, Clock::from_environment()?).await.map(drop)
    };
    let keys = async {
        let config = files.keys()?;
        run::open_keys(config, Clock::from_environment()?).await.map(drop)
    };
    vec![
        finding(Role::Authority, authority.await),
        finding(Role::Keys, keys.await),
    ]
}

fn finding(role: Role, result: Result<(), RunError>) -> Finding {
    let message = match &result {
        Ok(()) => "configuration, database and key files are in order".to_owned(),
        Err(error) => error.to_string(),
    };
    Finding {
        side: role.name(),
        ok: result.is_ok(),
        message,
    }
}

fn report(findings: &[Finding], json: bool) -> Outcome {
    print(json, &findings, |findings| {
        let line = |f: &Finding| format!("{} {}: {}\n", if f.ok { "ok  " } else { "FAIL" }, f.side, f.message);
        findings.iter().map(line).collect()
    })?;
    let broken: Vec<_> = findings.iter().filter(|f| !f.ok).map(|f| f.side).collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("cannot start: {}", broken.join(", "))))
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::new(format!("cannot start threads: {error}")))
}
