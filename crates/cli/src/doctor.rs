//! `vunglam doctor`: what is right and what is wrong with an installation.

use clap::ValueEnum;
use server::backup::Places;
use server::clock::Clock;
use server::doctor::{Finding, Verdict, examine};

use crate::output::{Failure, Outcome, print};
use crate::serve::{Files, runtime};

/// Language of the sentences.
#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Vi,
    En,
}

#[derive(clap::Args)]
pub(crate) struct DoctorArgs {
    /// Language of the sentences; that of the terminal (`LANG`) without it.
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    files: Files,
}

pub(crate) fn run(args: &DoctorArgs, json: bool) -> Outcome {
    let is_vietnamese = match args.lang {
        Some(language) => matches!(language, Language::Vi),
        None => std::env::var("LANG").is_ok_and(|lang| lang.starts_with("vi")),
    };
    let cannot_read = |error: server::run::RunError| Failure::new(error.to_string());
    let places = Places {
        authority: args.files.authority().map_err(cannot_read)?,
        keys: args.files.keys().map_err(cannot_read)?,
    };
    let clock = Clock::from_environment().map_err(|error| Failure::new(error.to_string()))?;
    let language = if is_vietnamese { "vi" } else { "en" };
    let findings = runtime()?.block_on(examine(&places, &clock, language));
    print(json, &findings, |findings| findings.iter().map(line).collect())?;
    let broken = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .count();
    if broken == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("{broken} checks failed")))
    }
}

fn line(finding: &Finding) -> String {
    let mark = match finding.verdict {
        Verdict::Ok => "ok  ",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    };
    format!("{mark} {:9} {}\n", finding.side, finding.message)
}
