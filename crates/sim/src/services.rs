//! Both sides of the service in process: the real routers, each on its own database in memory, on the virtual clock.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, http};
use device::{
    Device,
    store::{Store, StoreFailed},
    sync::{Method, Request, Response, Side, SyncError},
};
use exposure::config::RiskConfig;
use object_store::memory::InMemory;
use protocol::{
    message::Trust,
    time::{UnixSeconds, UtcDay},
};
use server::{
    AuthorityApp, Entropy, KeysApp, KeysInner, ServiceError,
    cases::{NewCase, confirm_case, issue_codes_for},
    civil::CivilDate,
    clock::{Clock, VirtualClock},
    codes::Finding,
    config::{AuthorityConfig, KeysConfig},
    db::Db,
    in_process::{Both, memory_vault},
    secrets::{AuthoritySecrets, KeysSecrets},
};
use tower::ServiceExt;

use crate::seed::Seed;

/// Longest answer read, in bytes: an export file.
const MAX_ANSWER_BYTES: usize = protocol::export::MAX_ZIP;

/// Why the services did not do what a replay needs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceFailed {
    /// The runtime that drives the routers does not start.
    #[error("the runtime does not start: {0}")]
    Runtime(#[from] std::io::Error),
    /// An operation failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A document is not what it should be.
    #[error("the services answered {0} to {1}")]
    Answer(u16, String),
    /// A device refused an answer.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A device's store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
    /// The onset is no day of the calendar.
    #[error("the onset is no day of the calendar")]
    Onset,
}

/// As `Both::open_memory`, with a risk configuration of our own.
async fn open_both(clock: Clock, seed: u64, risk_config: RiskConfig) -> Result<Both, ServiceError> {
    let entropy = Entropy::seeded(seed);
    let secrets = AuthoritySecrets::generate(&entropy);
    let keys = KeysApp::open(KeysInner {
        config: KeysConfig::default(),
        db: Db::connect("sqlite::memory:").await?,
        clock: clock.clone(),
        secrets: KeysSecrets::generate(&entropy),
        entropy: entropy.clone(),
        files: Arc::new(InMemory::new()),
        certificate_key: secrets.certificate.public_key(),
        risk_config,
    })
    .await?;
    let db = Db::connect("sqlite::memory:").await?;
    let people = memory_vault(&clock, &entropy).await?;
    let authority = AuthorityApp::open(AuthorityConfig::default(), db, people, clock, entropy, secrets).await?;
    Ok(Both { keys, authority })
}

/// What both sides log, kept to be searched.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Both sides, driven by one caller.
pub struct Services {
    runtime: tokio::runtime::Runtime,
    clock: VirtualClock,
    both: Both,
    keys: Router,
    authority: Router,
    trust: Trust,
    log: Log,
    subscriber: tracing::Dispatch,
}

impl Services {
    /// Opens both sides on empty databases; the same seed gives the same signing keys.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed`].
    pub fn open(seed: &Seed, now: UnixSeconds, risk: RiskConfig) -> Result<Self, ServiceFailed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clock = VirtualClock::new(now);
        let [a, b, c, d, e, f, g, h, ..] = seed.bytes();
        let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let both = runtime.block_on(open_both(Clock::Virtual(clock.clone()), number, risk))?;
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.clone())
            .finish();
        let mut services = Self {
            keys: server::keys_router(both.keys.clone()),
            authority: server::authority_router(both.authority.clone()),
            trust: server::configs::trust(&both.keys),
            runtime,
            clock,
            both,
            log,
            subscriber: tracing::Dispatch::new(subscriber),
        };
        // A phone pins what it is served, not what the process holds.
        let served = services.get("/v1/trust");
        services.trust = serde_json::from_slice(&served.body)
            .map_err(|_| ServiceFailed::Answer(served.status, "/v1/trust".into()))?;
        Ok(services)
    }

    /// Returns what phones pin.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Sets the time of both sides.
    pub fn set_now(&mut self, now: UnixSeconds) {
        self.clock.set(now);
    }

    /// Sends a request through its router.
    pub fn send(&self, request: &Request) -> Response {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let router = match request.side {
            Side::Keys => &self.keys,
            Side::Authority => &self.authority,
        };
        let mut message = http::Request::builder().method(method).uri(&request.path);
        if !request.body.is_empty() {
            message = message.header(http::header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in &request.headers {
            message = message.header(*name, *value);
        }
        let Ok(message) = message.body(Body::from(request.body.clone())) else {
            return Response::NO_ANSWER;
        };
        let router = router.clone();
        tracing::dispatcher::with_default(&self.subscriber, || {
            self.runtime.block_on(async move {
                let Ok(answer) = router.oneshot(message).await;
                let status = answer.status().as_u16();
                let body = axum::body::to_bytes(answer.into_body(), MAX_ANSWER_BYTES).await;
                body.map_or(Response::NO_ANSWER, |body| Response {
                    status,
                    body: body.to_vec(),
                })
            })
        })
    }

    fn get(&self, path: &str) -> Response {
        self.send(&Request {
            side: Side::Keys,
            method: Method::Get,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            max_answer_bytes: MAX_ANSWER_BYTES,
        })
    }

    /// Lets a device do all it wants to do with the services now.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed::Sync`] when the device refuses an answer: the services are honest here, so that is a fault.
    pub fn sync<S: Store>(&self, device: &mut Device<S>, now: UnixSeconds) -> Result<(), ServiceFailed> {
        while let Some(request) = device.next_request(now)? {
            device.on_response(now, &self.send(&request))?;
        }
        Ok(())
    }

    /// Confirms a case at the desk and returns the short code that is read out.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed::Service`] when the desk refuses.
    pub fn confirm_case(&self, onset: Option<UtcDay>) -> Result<String, ServiceFailed> {
        let onset_date = match onset {
            Some(day) => Some(CivilDate::from_number(i64::from(day.0)).ok_or(ServiceFailed::Onset)?),
            None => None,
        };
        let case = NewCase {
            label: None,
            finding: Finding::Confirmed,
            test_date: CivilDate::today(self.clock.now()),
            onset_date,
        };
        self.drive(async {
            let confirmed = confirm_case(&self.both.authority, &case).await?;
            let (_, issue) = issue_codes_for(&self.both.authority, &confirmed.case_id).await?;
            Ok(issue.short.reveal().to_owned())
        })
    }

    /// Runs every job that is due, the export among them.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed::Service`].
    pub fn run_due_jobs(&self) -> Result<(), ServiceFailed> {
        self.drive(async { self.both.run_due_jobs().await.map(|_| ()) })
    }

    fn drive<T>(&self, work: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceFailed> {
        Ok(tracing::dispatcher::with_default(&self.subscriber, || {
            self.runtime.block_on(work)
        })?)
    }

    /// Returns the rows of every table of both sides.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed::Service`].
    pub fn rows(&self) -> Result<BTreeMap<String, u64>, ServiceFailed> {
        let counts = self.drive(self.both.table_counts())?;
        Ok(counts
            .into_iter()
            .map(|(table, rows)| (table, u64::try_from(rows).unwrap_or(0)))
            .collect())
    }

    /// Returns everything both sides hold by name: each table, each export file, the log.
    ///
    /// # Errors
    ///
    /// [`ServiceFailed`].
    pub fn holdings(&self) -> Result<Vec<(String, Vec<u8>)>, ServiceFailed> {
        let tables = self.drive(self.both.dump())?;
        let mut holdings: Vec<_> = tables
            .into_iter()
            .map(|table| {
                let rows: Vec<String> = table.rows.iter().map(|row| row.join("\n")).collect();
                (format!("table {}", table.table), rows.join("\n").into_bytes())
            })
            .collect();
        let region = self.trust.region.clone();
        let index = self.get(&format!("/v1/exports/{region}/index.txt"));
        for name in String::from_utf8_lossy(&index.body).lines() {
            let zip = self.get(&format!("/v1/exports/{region}/{name}")).body;
            let mut text = Vec::new();
            if let Ok(export) = protocol::export::Export::open(&zip) {
                // The file is compressed: what it says is searched, not how it is packed.
                let _ = export.for_each_key(|exported| text.extend_from_slice(&exported.key.key));
            }
            holdings.push((format!("file {name}"), zip));
            holdings.push((format!("keys of file {name}"), text));
        }
        holdings.push(("log".into(), self.log.0.lock().expect("no writer panics").clone()));
        Ok(holdings)
    }
}
