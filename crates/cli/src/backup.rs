//! `vunglam backup` and `restore`: copies of every part while the service runs, and proof that a copy is worth something.

use std::path::{Path, PathBuf};

use serde::Serialize;
use server::backup::{self, BackupError, Made, Manifest, Part, Places, Proof};
use server::clock::Clock;
use server::config::{AuthorityConfig, KeysConfig};

use crate::output::{Failure, Outcome, print};
use crate::serve::{Files, runtime};

#[derive(clap::Args)]
pub(crate) struct BackupArgs {
    /// Folder for the copies; each gets a folder of its own in it.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Parts to copy. `keyring` and `kek` lie apart from everything else and from each other.
    #[arg(long, value_name = "PART", value_parser = part, value_delimiter = ',', default_value = "vault,audit,keys")]
    part: Vec<Part>,
    #[command(flatten)]
    files: Files,
}

#[derive(clap::Args)]
pub(crate) struct RestoreArgs {
    /// Folders that `backup` made.
    #[arg(required = true, value_name = "FOLDER")]
    from: Vec<PathBuf>,
    /// Change nothing: compare the files, restore a vault into a scratch database, open it with the present keyring, count, and
    /// check its audit.
    #[arg(long)]
    verify: bool,
    /// The scratch database of --verify: an empty one for a vault from PostgreSQL; a temporary file without it.
    #[arg(long, value_name = "URL", requires = "verify")]
    scratch: Option<String>,
    #[command(flatten)]
    files: Files,
}

fn part(text: &str) -> Result<Part, String> {
    let words: Vec<&str> = Part::ALL.iter().map(|part| part.word()).collect();
    Part::parse(text).ok_or_else(|| format!("a part is one of {}", words.join(", ")))
}

fn places(files: &Files) -> Result<Places, Failure> {
    let failed = |error: server::run::RunError| Failure::new(error.to_string());
    let (authority, keys): (AuthorityConfig, KeysConfig) =
        (files.authority().map_err(failed)?, files.keys().map_err(failed)?);
    Ok(Places { authority, keys })
}

fn failure(error: &BackupError) -> Failure {
    Failure::new(error.to_string())
}

pub(crate) fn back_up(args: &BackupArgs, json: bool) -> Outcome {
    let places = places(&args.files)?;
    let clock = Clock::from_environment().map_err(|error| Failure::new(error.to_string()))?;
    let made: Result<Vec<Made>, Failure> = runtime()?.block_on(async {
        let mut made = Vec::new();
        for part in &args.part {
            let one = backup::back_up(&places, *part, &args.to, clock.now()).await;
            made.push(one.map_err(|error| failure(&error))?);
        }
        Ok(made)
    });
    print(json, &made?, |made| {
        made.iter()
            .map(|one| format!("{}: {} bytes, {} rows\n", one.folder.display(), one.bytes, one.rows))
            .collect()
    })
}

/// What became of a folder.
#[derive(Serialize)]
struct Restored {
    folder: PathBuf,
    part: String,
    made_at: i64,
    files: usize,
    proof: Option<Proof>,
    note: &'static str,
}

pub(crate) fn restore(args: &RestoreArgs, json: bool) -> Outcome {
    let places = places(&args.files)?;
    let clock = Clock::from_environment().map_err(|error| Failure::new(error.to_string()))?;
    let restored: Result<Vec<Restored>, Failure> = runtime()?.block_on(async {
        let mut restored = Vec::new();
        for folder in &args.from {
            restored.push(if args.verify {
                verify(&places, folder, args.scratch.as_deref(), &clock).await?
            } else {
                let manifest = backup::restore(&places, folder).await;
                row(folder, manifest.map_err(|error| failure(&error))?, None, "restored")
            });
        }
        Ok(restored)
    });
    let restored = restored?;
    print(json, &restored, |restored| restored.iter().map(words).collect())?;
    if restored
        .iter()
        .all(|one| one.proof.as_ref().is_none_or(Proof::is_whole))
    {
        Ok(())
    } else {
        Err(Failure::new("a backup is damaged"))
    }
}

async fn verify(places: &Places, folder: &Path, scratch: Option<&str>, clock: &Clock) -> Result<Restored, Failure> {
    let manifest = backup::check_files(folder).map_err(|error| failure(&error))?;
    if manifest.part != Part::Vault.word() {
        return Ok(row(folder, manifest, None, "files are whole"));
    }
    let temporary = tempfile::tempdir().map_err(|error| Failure::new(format!("no temporary folder: {error}")))?;
    let file = format!("sqlite:{}", temporary.path().join("scratch.sqlite").display());
    let proof = backup::prove(places, folder, scratch.unwrap_or(&file), clock.clone()).await;
    let proof = proof.map_err(|error| failure(&error))?;
    Ok(row(
        folder,
        manifest,
        Some(proof),
        "restored into a scratch database and opened",
    ))
}

fn row(folder: &Path, manifest: Manifest, proof: Option<Proof>, note: &'static str) -> Restored {
    Restored {
        folder: folder.to_owned(),
        part: manifest.part,
        made_at: manifest.made_at,
        files: manifest.files.len(),
        proof,
        note,
    }
}

fn words(one: &Restored) -> String {
    let mut text = format!("{} ({}): {}\n", one.folder.display(), one.part, one.note);
    if let Some(proof) = &one.proof {
        text += &format!(
            "  {} rows; {} people open, {} were erased since, {} are damaged; audit: {} entries, {} flaws\n",
            proof.rows, proof.people, proof.erased, proof.damaged, proof.audit_entries, proof.audit_flaws
        );
    }
    text
}
