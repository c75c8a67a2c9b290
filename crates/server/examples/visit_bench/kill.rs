//! The kill: a real process takes check-ins, is killed in the middle, starts again, and takes the rest. Everything acknowledged has to be
//! stored exactly once, whatever was sent twice because its answer was lost.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use server::clock::Clock;
use server::config::AuthorityConfig;
use server::run::open_authority;
use server::visits::model::event_number;
use tokio::net::TcpStream;

use crate::Outcome;
use crate::load::{Stage, call, set_up};

/// People who send at the same time.
const LANES: u64 = 8;
/// Check-ins of a request, in turn.
const SIZES: [u64; 3] = [1, 1, 20];
/// How long a process may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one person sent and was told.
#[derive(Default)]
struct Told {
    acknowledged: u64,
    sent_again: u64,
}

pub(crate) async fn run(binary: &str, folder: &Path, seconds: u64) -> Outcome<String> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let file = folder.join("authority.toml");
    std::fs::write(
        &file,
        format!(
            "listen = \"127.0.0.1:{port}\"\ndata = {}\n",
            serde_json::to_string(folder)?
        ),
    )?;
    let config = AuthorityConfig::load(&file)?;
    let stage = prepare(&config).await?;
    let stage = Arc::new(Stage {
        address: ([127, 0, 0, 1], port).into(),
        ..stage
    });
    let mut child = start(binary, &file, &stage).await?;
    let (began, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let progress = Arc::new(AtomicU64::new(0));
    let mut going = tokio::task::JoinSet::new();
    for lane in 0..LANES {
        going.spawn(send(Arc::clone(&stage), lane, Arc::clone(&over), Arc::clone(&progress)));
    }
    tokio::time::sleep(Duration::from_secs(seconds).div_f64(2.0)).await;
    let before = progress.load(Ordering::SeqCst);
    child.kill()?;
    child.wait()?;
    let mut child = start(binary, &file, &stage).await?;
    tokio::time::sleep(Duration::from_secs(seconds).saturating_sub(began.elapsed())).await;
    over.store(true, Ordering::SeqCst);
    let mut told = Told::default();
    while let Some(lane) = going.join_next().await {
        let lane = lane??;
        told.acknowledged += lane.acknowledged;
        told.sent_again += lane.sent_again;
    }
    child.kill()?;
    child.wait()?;
    verdict(&config, &told, before).await
}

async fn prepare(config: &AuthorityConfig) -> Outcome<Stage> {
    let mut easy = config.clone();
    easy.proof_limits.hourly_most = i64::MAX;
    easy.code_limits.source_burst = u32::MAX;
    let app = open_authority(easy, Clock::System).await?;
    server::people::finder::warm(&app).await?;
    let stage = set_up(&app).await?;
    app.audit.close().await;
    app.people.close().await;
    app.db.close().await;
    Ok(stage)
}

/// Starts the process and waits until it answers.
async fn start(binary: &str, config: &Path, stage: &Stage) -> Outcome<Child> {
    let child = Command::new(binary)
        .args(["serve", "--role", "authority", "--config"])
        .arg(config)
        .env("VUNGLAM_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let began = Instant::now();
    while TcpStream::connect(stage.address).await.is_err() {
        if began.elapsed() > PATIENCE {
            return Err("the process does not answer".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(child)
}

/// Number of a lane's n-th check-in.
fn number_of(lane: u64, turn: u64) -> u64 {
    turn * LANES + lane
}

/// Sends until it is over; what was not acknowledged is sent again, unchanged.
async fn send(stage: Arc<Stage>, lane: u64, over: Arc<AtomicBool>, progress: Arc<AtomicU64>) -> Outcome<Told> {
    let mut told = Told::default();
    let mut connection: Option<TcpStream> = None;
    let credential = &stage.credentials[lane as usize];
    for (request, size) in SIZES.into_iter().cycle().enumerate() {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let now = Clock::System.now().0;
        let visits: Vec<_> = (0..size)
            .map(|at| {
                let number = number_of(lane, told.acknowledged + at);
                let direction = if request % 2 == 0 { "in" } else { "out" };
                let code = &stage.codes[number as usize % stage.codes.len()];
                json!({"event_id": format!("e{number}"), "venue": code, "direction": direction, "at": now})
            })
            .collect();
        let body = json!({ "visits": visits });
        let mut tries = 0_u64;
        loop {
            let sent = match connection.as_mut() {
                Some(open) => call(open, "/v1/visits", credential, &body).await,
                None => Err("not connected".into()),
            };
            match sent {
                Ok(answer) => {
                    let all = answer["results"]
                        .as_array()
                        .is_some_and(|all| all.len() as u64 == size && all.iter().all(|one| one["stored"] == true));
                    if !all {
                        return Err(format!("not stored: {answer}").into());
                    }
                    break;
                }
                Err(_) => {
                    tries += u64::from(connection.is_some());
                    connection = TcpStream::connect(stage.address).await.ok();
                    if connection.is_none() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        }
        told.acknowledged += size;
        told.sent_again += tries;
        progress.fetch_add(size, Ordering::SeqCst);
    }
    Ok(told)
}

/// Opens what is left and counts every event.
async fn verdict(config: &AuthorityConfig, told: &Told, before: u64) -> Outcome<String> {
    let app = open_authority(config.clone(), Clock::System).await?;
    let dumps = app.db.dump().await?;
    let visits = dumps
        .iter()
        .find(|dump| dump.table == "visit")
        .ok_or("no table of visits")?;
    let at = visits
        .columns
        .iter()
        .position(|column| column == "event")
        .ok_or("no events")?;
    let mut stored: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &visits.rows {
        *stored.entry(row[at].as_str()).or_default() += 1;
    }
    let doubled = stored.values().filter(|count| **count > 1).count();
    // Every lane acknowledges in order, so what it acknowledged are its first ones: an upper bound of numbers is enough.
    let mut found = 0;
    for number in 0..told.acknowledged * LANES {
        let id = event_number(&format!("e{number}"))?.to_string();
        found += u64::from(stored.contains_key(id.as_str()));
        if found == told.acknowledged {
            break;
        }
    }
    let report = json!({
        "acknowledged": told.acknowledged, "before_the_kill": before, "sent_again": told.sent_again,
        "stored": visits.rows.len(), "lost": told.acknowledged - found, "doubled": doubled,
    });
    let is_right = found == told.acknowledged && doubled == 0 && visits.rows.len() as u64 == told.acknowledged;
    if !is_right || told.sent_again == 0 || before == 0 || before == told.acknowledged {
        return Err(format!("the drill does not hold: {report}").into());
    }
    Ok(report.to_string())
}
