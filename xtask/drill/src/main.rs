//! Kills the keys process while phones upload and while it cuts an export, restarts it, and at the end looks for lost or
//! doubled keys.
//!
//! `drill --server PATH/vunglam --kills 1000 [--seed N]`
//!
//! Invariant: every key of an acknowledged upload is in exactly one file that the index lists; a key whose upload was
//! never acknowledged is in at most one. *Not* a failure: an upload without an answer, a file that no index lists.
//! Time is virtual: each life of the process begins ten minutes after the last.

mod http;
mod ledger;
mod process;
mod uploads;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use ledger::Ledger;
use process::{KeysProcess, Pause};
use uploads::{Authority, Random, Upload};

/// Phones that upload at the same time.
const PHONES: usize = 4;
/// Virtual seconds from the start of one life of the process to the next: one export period.
const STEP_SECONDS: i64 = 600;
/// Virtual time at the first start: 2021-07-12.
const ORIGIN: i64 = 1_626_048_000;
/// Periods that pass at the end so that everything acknowledged is cut.
const LAST_PERIODS: i64 = 3;

/// By then a process has started and has cut its file, microseconds.
const LONGEST_START_MICROS: u64 = 80_000;

/// What a phone has just done.
enum Event {
    Sent,
    Acknowledged,
}

fn main() {
    match run() {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(error) => {
            eprintln!("drill: {error}");
            std::process::exit(2);
        }
    }
}

fn run() -> Result<bool, String> {
    let (server, kills, seed) = options()?;
    let mut random = Random::new(seed);
    let authority = Authority::new();
    let mut process = KeysProcess::prepare(&server, &authority)?;
    let ledger = Mutex::new(Ledger::default());
    let mut now = ORIGIN;
    for kill in 1..=kills {
        process.start(now)?;
        harvest(&process, &ledger)?;
        life(&mut process, &authority, &ledger, &mut random, now)?;
        now += STEP_SECONDS;
        process.start_and_kill(now, draw_pause(&mut random))?;
        if kill % 50 == 0 {
            println!("{kill} of {kills} kills, {}", lock(&ledger).progress());
        }
    }
    finish(&mut process, &ledger, now)?;
    let ledger = lock(&ledger);
    println!("kills: {kills} during uploads, as many while an export was cut");
    let left = process.stored_files().saturating_sub(ledger.files_listed());
    println!("{}; stored and never listed, left by a kill: {left}", ledger.summary());
    for wrong in ledger.verdict() {
        println!("WRONG: {wrong}");
    }
    Ok(ledger.verdict().is_empty())
}

/// Half of the lives end when the new file is stored and not yet listed, the others at any moment of their first work.
fn draw_pause(random: &mut Random) -> Pause {
    let drawn = random.next();
    if drawn.is_multiple_of(2) {
        Pause::UntilStored
    } else {
        Pause::For(Duration::from_micros(drawn / 2 % LONGEST_START_MICROS))
    }
}

/// Lets phones upload until the process is killed at a moment drawn at random.
fn life(
    process: &mut KeysProcess,
    authority: &Authority,
    ledger: &Mutex<Ledger>,
    random: &mut Random,
    now: i64,
) -> Result<(), String> {
    let address = process.address();
    let over = AtomicBool::new(false);
    let (events, happened) = mpsc::channel();
    let seeds: Vec<u64> = (0..PHONES).map(|_| random.next()).collect();
    let lasting = 1 + random.next() % 40;
    let hesitation = random.next() % 200_000;
    std::thread::scope(|scope| {
        for seed in seeds {
            let (events, over) = (events.clone(), &over);
            scope.spawn(move || phone(address, authority, ledger, Random::new(seed), now, over, &events));
        }
        drop(events);
        for _ in 0..lasting {
            if happened.recv().is_err() {
                break;
            }
        }
        (0..hesitation).for_each(|_| std::hint::spin_loop());
        let killed = process.kill();
        over.store(true, Ordering::SeqCst);
        killed
    })
}

/// Uploads until there is no answer. An upload without an answer is sent again, by whoever comes first.
fn phone(
    address: std::net::SocketAddr,
    authority: &Authority,
    ledger: &Mutex<Ledger>,
    mut random: Random,
    now: i64,
    over: &AtomicBool,
    events: &Sender<Event>,
) {
    while !over.load(Ordering::SeqCst) {
        let unanswered = lock(ledger).take_unanswered();
        let upload = unanswered.unwrap_or_else(|| Upload::draw(authority, &mut random, now));
        lock(ledger).sent(&upload);
        let answer = http::post(address, "/v1/publish", &upload.body, || drop(events.send(Event::Sent)));
        match answer {
            Ok(answer) => {
                lock(ledger).answered(upload, &answer);
                let _ = events.send(Event::Acknowledged);
            }
            Err(_) => {
                lock(ledger).unanswered(upload);
                return;
            }
        }
    }
}

/// Reads every file that is listed and was not read before.
fn harvest(process: &KeysProcess, ledger: &Mutex<Ledger>) -> Result<(), String> {
    let index = process.get(&format!("/v1/exports/{}/index.txt", process::REGION))?;
    let index = String::from_utf8(index).map_err(|_| "the index is not text")?;
    let mut ledger = lock(ledger);
    ledger.check_still_listed(&index);
    for name in index.lines().filter(|line| !line.is_empty()) {
        if ledger.is_new(name) {
            let zip = process.get(&format!("/v1/exports/{}/{name}", process::REGION))?;
            ledger.read_file(name, &zip, &process.export_key()?)?;
        }
    }
    Ok(())
}

/// Lets the last periods pass undisturbed and reads what was cut.
fn finish(process: &mut KeysProcess, ledger: &Mutex<Ledger>, mut now: i64) -> Result<(), String> {
    for _ in 0..LAST_PERIODS {
        now += STEP_SECONDS;
        process.start(now)?;
        // Whether anything stays missing is for the verdict to say.
        let _ = process.wait_until(|process| {
            harvest(process, ledger)?;
            Ok(lock(ledger).missing() == 0)
        })?;
        process.kill()?;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

fn options() -> Result<(std::path::PathBuf, u32, u64), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        arguments
            .windows(2)
            .find(|pair| pair[0] == name)
            .map(|pair| pair[1].clone())
    };
    let number = |name: &str, default: u64| match value(name) {
        Some(text) => text.parse::<u64>().map_err(|_| format!("{name} takes a number")),
        None => Ok(default),
    };
    let server = value("--server").ok_or("usage: drill --server PATH --kills N [--seed N]")?;
    let kills = u32::try_from(number("--kills", 50)?).map_err(|_| "too many kills")?;
    Ok((server.into(), kills, number("--seed", 1)?))
}
