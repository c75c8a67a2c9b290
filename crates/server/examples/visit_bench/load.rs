//! The load: an open loop of single check-ins, then a closed loop of batches.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use protocol::time::UnixSeconds;
use protocol::venue::VenueKind;
use serde_json::{Value, json};
use server::civil::CivilDate;
use server::clock::Clock;
use server::config::AuthorityConfig;
use server::messages::{Carrier, HandOver, Outgoing};
use server::run::open_authority;
use server::venues::{self, NewVenue};
use server::{AuthorityApp, authority_router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Outcome;

/// Single check-ins a second.
const RATE: u64 = 2_000;
/// Kept connections of the open loop, and of the closed one.
const CONNECTIONS: u64 = 50;
const BATCH_CONNECTIONS: u64 = 4;
/// Check-ins of a batch.
const BATCH: usize = 100;
const VENUES: usize = 200;
const CITIZENS: usize = 500;

/// Keeps the digits of the last message.
#[derive(Default)]
struct Digits(Mutex<String>);

impl Carrier for Digits {
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a> {
        let digits = message
            .text
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| part.len() == 6);
        *self.0.lock().expect("nobody panics with it") = digits.unwrap_or_default().to_owned();
        Box::pin(async { Ok(()) })
    }
}

/// Who sends and where to.
pub(crate) struct Stage {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) codes: Vec<String>,
    pub(crate) credentials: Vec<String>,
}

pub(crate) async fn run(mut config: AuthorityConfig, seconds: u64) -> Outcome<String> {
    config.proof_limits.hourly_most = i64::MAX;
    config.code_limits.source_burst = u32::MAX;
    let data = config.data.clone();
    server::telemetry::start("bench");
    let app = open_authority(config, Clock::System).await?;
    server::people::finder::warm(&app).await?;
    let syncs = syncs_a_second(&data)?;
    let stage = Arc::new(set_up(&app).await?);
    let before = transactions(&stage).await?;
    let began = Instant::now();
    let mut single = single(&stage, seconds).await?;
    let took = began.elapsed().as_secs_f64();
    let commits = transactions(&stage).await? - before;
    single.sort_unstable();
    let batch_seconds = (seconds / 10).max(5);
    let (batched, batch_took) = batches(&stage, batch_seconds).await?;
    let at = |share: f64| single[((single.len() - 1) as f64 * share) as usize] as f64 / 1e3;
    let sent = single.len() as u64 + batched;
    let stored = server::visits::count(&app).await?;
    let report = json!({
        "seconds": took, "single": single.len(), "a_second": single.len() as f64 / took,
        "p50_ms": at(0.5), "p99_ms": at(0.99), "most_ms": at(1.0),
        "commits_a_second": commits / took, "syncs_a_second": syncs,
        "batch_size": BATCH, "batched": batched, "batched_a_second": batched as f64 / batch_took,
        "acknowledged": sent, "stored": stored,
    });
    if stored != i64::try_from(sent)? {
        return Err(format!("acknowledged and stored differ: {report}").into());
    }
    Ok(report.to_string())
}

/// How many times a second this disk says that 4 KiB are on it.
fn syncs_a_second(folder: &std::path::Path) -> Outcome<f64> {
    let path = folder.join("sync-probe");
    let mut file = std::fs::File::create(&path)?;
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_secs(3) {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    std::fs::remove_file(path)?;
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

pub(crate) async fn set_up(app: &AuthorityApp) -> Outcome<Stage> {
    let day = CivilDate::parse("2021-07-12").ok_or("a day")?;
    let commune = app.geo.by_code("28249", day)?.id.number();
    let mut codes = Vec::with_capacity(VENUES);
    for number in 0..VENUES {
        let new = NewVenue {
            kind: VenueKind::Plant,
            name: format!("Cổng {number}"),
            address: String::new(),
            commune,
        };
        let venue = venues::register(app, None, new).await?;
        let address = venues::poster_address(app, &venue);
        codes.push(address.rsplit('/').next().unwrap_or_default().to_owned());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = authority_router(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let digits = Arc::new(Digits::default());
    app.outbox.through(digits.clone());
    let mut stage = Stage {
        address,
        codes,
        credentials: Vec::with_capacity(CITIZENS),
    };
    let mut connection = TcpStream::connect(address).await?;
    for number in 0..CITIZENS {
        let phone = format!("09{:08}", 10_000_000 + number);
        let asked = call(
            &mut connection,
            "/v1/proofs",
            "",
            &json!({"phone": phone, "language": "vi"}),
        )
        .await?;
        let code = digits.0.lock().expect("nobody panics with it").clone();
        let request =
            json!({"proof_id": asked["proof_id"], "code": code, "name": format!("Người {}", letters(number))});
        let made = call(&mut connection, "/v1/citizens", "", &request).await?;
        stage
            .credentials
            .push(made["credential"].as_str().ok_or_else(|| made.to_string())?.to_owned());
    }
    Ok(stage)
}

fn letters(number: usize) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(b'a' + digit - b'0'))
        .collect()
}

/// Sends a request on a kept connection and reads the answer.
pub(crate) async fn call(connection: &mut TcpStream, path: &str, credential: &str, body: &Value) -> Outcome<Value> {
    send(connection, path, credential, &body.to_string()).await?;
    let (status, body) = receive(connection).await?;
    if status != 200 {
        return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

async fn send(connection: &mut TcpStream, path: &str, credential: &str, body: &str) -> Outcome<()> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer {credential}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    Ok(connection.write_all(request.as_bytes()).await?)
}

async fn receive(connection: &mut TcpStream) -> Outcome<(u16, Vec<u8>)> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let status = text.get(9..12).and_then(|text| text.parse().ok()).ok_or("no status")?;
            let length = text
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.ok_or("no length")?.parse()?;
            while bytes.len() < head + 4 + length {
                if connection.read_buf(&mut bytes).await? == 0 {
                    return Err("the answer was cut off".into());
                }
            }
            return Ok((status, bytes[head + 4..head + 4 + length].to_vec()));
        }
        if connection.read_buf(&mut bytes).await? == 0 {
            return Err("the connection was closed".into());
        }
    }
}

/// The body of one check-in, or of many.
fn check_ins(stage: &Stage, from: u64, count: usize, now: i64) -> String {
    let one = |number: u64| {
        let code = &stage.codes[number as usize % stage.codes.len()];
        let direction = if number.is_multiple_of(2) { "in" } else { "out" };
        format!("{{\"event_id\":\"e{number}\",\"venue\":\"{code}\",\"direction\":\"{direction}\",\"at\":{now}}}")
    };
    let all: Vec<String> = (from..from + count as u64).map(one).collect();
    format!("{{\"visits\":[{}]}}", all.join(","))
}

/// Sends `RATE` a second, each when it is due; returns how long each took from then on, in microseconds.
async fn single(stage: &Arc<Stage>, seconds: u64) -> Outcome<Vec<u64>> {
    let began = Instant::now();
    let mut going = tokio::task::JoinSet::new();
    for lane in 0..CONNECTIONS {
        let stage = Arc::clone(stage);
        going.spawn(async move {
            let mut connection = TcpStream::connect(stage.address).await?;
            connection.set_nodelay(true)?;
            let mut took = Vec::with_capacity((RATE * seconds / CONNECTIONS) as usize);
            for turn in 0..RATE * seconds / CONNECTIONS {
                let number = turn * CONNECTIONS + lane;
                let due = began + Duration::from_nanos(number * 1_000_000_000 / RATE);
                tokio::time::sleep_until(due.into()).await;
                let credential = &stage.credentials[number as usize % stage.credentials.len()];
                let body = check_ins(&stage, number, 1, now());
                send(&mut connection, "/v1/visits", credential, &body).await?;
                let (status, answer) = receive(&mut connection).await?;
                if status != 200 || !answer.windows(13).any(|part| part == b"\"stored\":true") {
                    return Err(format!("{status} {}", String::from_utf8_lossy(&answer)).into());
                }
                took.push(u64::try_from(due.elapsed().as_micros())?);
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(took)
        });
    }
    let mut all = Vec::with_capacity((RATE * seconds) as usize);
    while let Some(lane) = going.join_next().await {
        all.extend(lane??);
    }
    Ok(all)
}

/// Sends batches as fast as they are answered; returns how many check-ins, and how long it took.
async fn batches(stage: &Arc<Stage>, seconds: u64) -> Outcome<(u64, f64)> {
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(1 << 40));
    let mut going = tokio::task::JoinSet::new();
    for lane in 0..BATCH_CONNECTIONS {
        let (stage, next) = (Arc::clone(stage), Arc::clone(&next));
        going.spawn(async move {
            let mut connection = TcpStream::connect(stage.address).await?;
            connection.set_nodelay(true)?;
            let mut sent = 0;
            while began.elapsed() < Duration::from_secs(seconds) {
                let from = next.fetch_add(BATCH as u64, Ordering::Relaxed);
                let credential = &stage.credentials[lane as usize];
                send(
                    &mut connection,
                    "/v1/visits",
                    credential,
                    &check_ins(&stage, from, BATCH, now()),
                )
                .await?;
                let (status, answer) = receive(&mut connection).await?;
                if status != 200 {
                    return Err(format!("{status} {}", String::from_utf8_lossy(&answer)).into());
                }
                sent += BATCH as u64;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(sent)
        });
    }
    let mut all = 0;
    while let Some(lane) = going.join_next().await {
        all += lane??;
    }
    Ok((all, began.elapsed().as_secs_f64()))
}

fn now() -> i64 {
    let UnixSeconds(now) = Clock::System.now();
    now
}

/// Reads how many transactions stored visits so far.
async fn transactions(stage: &Stage) -> Outcome<f64> {
    let mut connection = TcpStream::connect(stage.address).await?;
    connection
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")
        .await?;
    let mut text = String::new();
    connection.read_to_string(&mut text).await?;
    let line = text.lines().find(|line| line.starts_with("visits_transactions_total"));
    let count = line.and_then(|line| line.rsplit(' ').next());
    Ok(count.map_or(Ok(0.0), str::parse)?)
}
