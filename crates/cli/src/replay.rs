//! `vunglam replay`: a recording of real contacts happens again with real devices and services.

use std::path::PathBuf;

use sim::{
    recording,
    replay::{self, Replay, ReplayOptions, Stage},
};

use crate::output::{Failure, Outcome, Progress, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Recording: lines `t i j …`, plain, .gz or .zip; second 0 is a UTC midnight.
    #[arg(long, value_name = "FILE")]
    contacts: PathBuf,
    /// Person who is confirmed at the end, or `all` for each in turn.
    #[arg(long, value_name = "PERSON|all")]
    index: String,
    /// Onset of symptoms in seconds of the recording; without it every day is infectious.
    #[arg(long, value_name = "T")]
    onset: Option<i64>,
    /// Seconds between scans; without it devices scan as shipped.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3600))]
    scan_interval: Option<u32>,
    /// Share of people who carry a device, 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 1.0)]
    adoption: f64,
    /// Number all randomness grows from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(args: &Args, json: bool) -> Outcome {
    let path = args.contacts.display();
    let recording = recording::read_file(&args.contacts).map_err(|error| Failure::new(format!("{path}: {error}")))?;
    let index = match args.index.as_str() {
        "all" => None,
        name => Some(
            recording
                .find(name)
                .ok_or_else(|| Failure::new(format!("nobody in {path} is called {name}")))?,
        ),
    };
    if !(0.0..=1.0).contains(&args.adoption) {
        return Err(Failure::new("--adoption is a share from 0 to 1"));
    }
    if args
        .onset
        .is_some_and(|second| !(0..=recording.end()).contains(&second))
    {
        return Err(Failure::new(format!(
            "--onset lies outside the recording, which ends at {}",
            recording.end()
        )));
    }
    let options = ReplayOptions {
        index,
        onset_seconds: args.onset,
        scan_interval_seconds: args.scan_interval,
        adoption: args.adoption,
        seed: args.seed,
    };
    let bar = Progress::start();
    let told = |stage, done, total| bar.show(label(stage), done, total);
    let result = replay::run(&recording, &options, &told).map_err(|error| Failure::new(error.to_string()));
    bar.finish();
    print(json, &result?, text)
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Radio => "phones live through the recording",
        Stage::Cases => "cases are confirmed",
    }
}

fn text(replay: &Replay) -> String {
    let s = &replay.summary;
    let share = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
    let mut out = format!(
        "people {}  covered {}  index persons {}\nclose contacts {}  notified {}\nrecall {}  precision {}\n\
         minutes: mean error {}  largest {}  bias {}\nidentifiers found in what the services hold: {}\n",
        s.people,
        s.covered,
        s.index_persons,
        s.true_contacts,
        s.notified,
        share(s.recall),
        share(s.precision),
        share(s.minutes_error_mean),
        share(s.minutes_error_max),
        share(s.minutes_bias),
        replay.identifiers_found.len(),
    );
    for (table, rows) in &replay.server_rows {
        out += &format!("  {table}: {rows}\n");
    }
    out
}
