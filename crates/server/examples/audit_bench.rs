//! How many records a second the audit takes and how long a check of all of it lasts:
//! `audit_bench [DATABASE] [ENTRIES]`, a database address that may be filled (default: a SQLite file in the temporary
//! folder) and how many entries to check (default 100,000).

use std::time::{Duration, Instant};

use server::audit::{self, Action, Actor, Entry, Object, Purpose};
use server::clock::Clock;
use server::config::AuthorityConfig;
use server::db::Db;
use server::in_process::memory_vault;
use server::secrets::AuthoritySecrets;
use server::{AuthorityApp, Entropy};

type Failure = Box<dyn std::error::Error>;

/// How long each number of clients is measured.
const SPAN: Duration = Duration::from_secs(5);

#[tokio::main]
#[expect(clippy::print_stdout, reason = "figures are its purpose")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let file = std::env::temp_dir().join(format!("vunglam-audit-bench-{}.sqlite", std::process::id()));
    let url = arguments.next().unwrap_or_else(|| format!("sqlite:{}", file.display()));
    let entries: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let entropy = Entropy::System;
    let secrets = AuthoritySecrets::generate(&entropy);
    let db = Db::connect(&url).await?;
    let people = memory_vault(&Clock::System, &entropy).await?;
    let app = AuthorityApp::open(AuthorityConfig::default(), db, people, Clock::System, entropy, secrets).await?;
    let mut written = 0;
    for clients in [1, 16, 64] {
        let began = now();
        let done = run(&app, clients, move |_| began.elapsed() < SPAN).await?;
        written += done;
        println!(
            "{clients} clients: {:.0} records/s",
            done as f64 / began.elapsed().as_secs_f64()
        );
    }
    let missing = entries.saturating_sub(written) / 1024;
    written += run(&app, 1024, move |done| done < missing).await?;
    let began = now();
    let report = audit::verify(&app.db, &app.secrets.audit.public_key(), &[]).await?;
    let seconds = began.elapsed().as_secs_f64();
    if !report.is_whole() || report.entries != written {
        return Err(format!("{written} written, {report:?}").into());
    }
    let million = seconds / report.entries as f64 * 1e6;
    println!(
        "{} entries, {} rows of people checked in {seconds:.1} s: {million:.1} s a million",
        report.entries, report.objects
    );
    app.audit.close().await;
    app.db.close().await;
    Ok(())
}

/// Lets clients record one look after the other while `goes_on`, which is told how many a client has done.
async fn run(
    app: &AuthorityApp,
    clients: u64,
    goes_on: impl Fn(u64) -> bool + Clone + Send + 'static,
) -> Result<u64, Failure> {
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (app, goes_on) = (app.clone(), goes_on.clone());
        tasks.push(tokio::spawn(async move {
            let officer = format!("officer-{client}");
            let mut done = 0u64;
            while goes_on(done) {
                let person = Object(u128::from(client << 32 | done).to_be_bytes());
                let entry = Entry {
                    objects: &[person],
                    fields: &["name", "phone", "address"],
                    count: 1,
                    scope: Some(28_249),
                    ..Entry::new(
                        Actor::Officer(officer.clone()),
                        "commune_tracer",
                        Purpose::Tracing,
                        Action::PERSON_READ,
                    )
                };
                app.audit.record(entry).await?;
                done += 1;
            }
            Ok::<u64, server::ServiceError>(done)
        }));
    }
    let mut all = 0;
    for task in tasks {
        all += task.await??;
    }
    Ok(all)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the machine's clock")]
fn now() -> Instant {
    Instant::now()
}
