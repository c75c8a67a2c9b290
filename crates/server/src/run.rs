//! Running one side as a process: open, listen, work off jobs, stop.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use exposure::config::RiskConfig;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::app::{AuthorityApp, KeysApp, KeysInner};
use crate::clock::{Clock, ClockError};
use crate::config::{AuthorityConfig, ConfigError, KeysConfig, Role, Tls};
use crate::db::{Db, DbError};
use crate::entropy::Entropy;
use crate::error::ServiceError;
use crate::http::problem::chain;
use crate::http::router::{authority_router, keys_router};
use crate::messages::FileCarrier;
use crate::people::{KekPlace, KeyringError, Vault};
use crate::secrets::{AuthoritySecrets, KEYRING_KEK, KeysSecrets, SecretError};
use crate::secrets::{load_certificate_public_key, make_private_folder};
use crate::{auth, people, telemetry};

/// File in the authority's folder to which each signed root of the audit is appended, to be copied off the machine.
const AUDIT_ROOTS: &str = "audit-roots.jsonl";
/// How often a process looks for due jobs.
const JOB_PAUSE: Duration = Duration::from_secs(1);
/// How long open requests may take after the process was told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Why a side could not be started or had to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The demo clock cannot be read.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// A key file cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database cannot be opened.
    #[error("cannot open the database: {0}")]
    Database(#[from] DbError),
    /// The keyring cannot be opened.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The side cannot be opened.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The object store cannot be opened.
    #[error("cannot open the object store: {0}")]
    Objects(#[from] object_store::Error),
    /// The risk configuration cannot be used.
    #[error("the risk configuration {0} cannot be used: {1}")]
    Risk(PathBuf, String),
    /// The certificate files cannot be used.
    #[error("cannot use the certificate files: {0}")]
    Tls(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// A folder or child process failed.
    #[error("{0}: {1}")]
    Io(&'static str, #[source] io::Error),
}

/// Opens the keys side as its configuration says: database, key files, object store.
///
/// # Errors
///
/// [`RunError`] says which part cannot be used.
pub async fn open_keys(config: KeysConfig, clock: Clock) -> Result<KeysApp, RunError> {
    config.check()?;
    make_private_folder(&config.data).map_err(|error| RunError::Io("cannot make the data folder", error))?;
    let entropy = Entropy::System;
    let inner = KeysInner {
        db: Db::connect(&config.database_url()).await?,
        secrets: KeysSecrets::load_or_create(&config.data, &entropy)?,
        certificate_key: load_certificate_public_key(&config.data)?,
        risk_config: risk_config(&config)?,
        files: object_store(&config)?,
        clock,
        entropy,
        config,
    };
    Ok(KeysApp::open(inner).await?)
}

/// Opens the authority's side as its configuration says: database, keyring and key files.
///
/// # Errors
///
/// [`RunError`] says which part cannot be used.
pub async fn open_authority(config: AuthorityConfig, clock: Clock) -> Result<AuthorityApp, RunError> {
    config.check()?;
    make_private_folder(&config.data).map_err(|error| RunError::Io("cannot make the data folder", error))?;
    let entropy = Entropy::System;
    let db = Db::connect(&config.database_url()).await?;
    let secrets = AuthoritySecrets::load_or_create(&config.data, &entropy)?;
    let people = open_vault(&config, &clock, &entropy).await?;
    let roots = config.data.join(AUDIT_ROOTS);
    let app = AuthorityApp::open(config, db, people, clock, entropy, secrets).await?;
    app.audit.copy_roots_to(roots);
    if let Some(path) = &app.config.message_file {
        let file = FileCarrier::open(path).map_err(|error| RunError::Io("cannot open the file of messages", error))?;
        app.outbox.through(Arc::new(file));
    }
    Ok(app)
}

async fn open_vault(config: &AuthorityConfig, clock: &Clock, entropy: &Entropy) -> Result<Vault, RunError> {
    if config.keyring.is_none() {
        make_private_folder(&config.keyring_folder())
            .map_err(|error| RunError::Io("cannot make the keyring's folder", error))?;
    }
    let db = Db::connect(&config.keyring_url()).await?;
    let place = KekPlace::File(config.data.join(KEYRING_KEK));
    Ok(Vault::open(db, place, clock.now(), entropy).await?)
}

/// Runs one side with the configuration in `config`, or with defaults, until the process is told to stop.
///
/// # Errors
///
/// [`RunError`].
pub async fn serve(role: Role, config: Option<&Path>) -> Result<(), RunError> {
    match role {
        Role::Keys => serve_keys(config.map_or_else(|| Ok(KeysConfig::default()), KeysConfig::load)?).await,
        Role::Authority => {
            serve_authority(config.map_or_else(|| Ok(AuthorityConfig::default()), AuthorityConfig::load)?).await
        }
    }
}

/// Runs the keys side until the process is told to stop.
///
/// # Errors
///
/// [`RunError`].
pub async fn serve_keys(config: KeysConfig) -> Result<(), RunError> {
    telemetry::start("keys");
    let (listen, tls) = (config.listen, config.tls.clone());
    let app = open_keys(config, Clock::from_environment()?).await?;
    let worker = app.clone();
    let jobs = tokio::spawn(work_off(async move || worker.run_due_jobs().await));
    let result = listen_until_stopped(listen, tls.as_ref(), keys_router(app.clone())).await;
    jobs.abort();
    app.db.close().await;
    result
}

/// Runs the authority's side until the process is told to stop. Until there is an officer, the way into the wizard is printed.
///
/// # Errors
///
/// [`RunError`].
pub async fn serve_authority(config: AuthorityConfig) -> Result<(), RunError> {
    telemetry::start("authority");
    let (listen, tls) = (config.listen, config.tls.clone());
    let app = open_authority(config, Clock::from_environment()?).await?;
    if let Some(token) = auth::setup_token(&app).await? {
        announce_setup(listen, tls.is_some(), &token);
    }
    let worker = app.clone();
    let jobs = tokio::spawn(work_off(async move || worker.run_due_jobs().await));
    let warming = tokio::spawn(warm_search(app.clone()));
    let result = listen_until_stopped(listen, tls.as_ref(), authority_router(app.clone())).await;
    warming.abort();
    jobs.abort();
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
    result
}

/// Builds the search over people while requests are answered already.
async fn warm_search(app: AuthorityApp) {
    if let Err(error) = people::finder::warm(&app).await {
        tracing::error!(error = %chain(&error), "the search over people is not complete");
    }
}

/// Shows the way into the first-run wizard to whoever started the process; it is not logged.
#[expect(clippy::print_stdout, reason = "the person at the terminal must read it")]
fn announce_setup(listen: SocketAddr, tls: bool, token: &str) {
    let scheme = if tls { "https" } else { "http" };
    println!("desk: {scheme}://{listen}/desk");
    println!("desk set-up (until the first account is made): {scheme}://{listen}/desk/setup?token={token}");
}

async fn work_off<F>(mut run: F)
where
    F: AsyncFnMut() -> Result<u32, ServiceError>,
{
    let mut pause = tokio::time::interval(JOB_PAUSE);
    loop {
        pause.tick().await;
        if let Err(error) = run().await {
            tracing::error!(error = %chain(&error), "job failed");
        }
        telemetry::upkeep();
    }
}

async fn listen_until_stopped(listen: SocketAddr, tls: Option<&Tls>, router: Router) -> Result<(), RunError> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| RunError::Listen(listen, error))?;
    tracing::info!(address = %listen, tls = tls.is_some(), "listening");
    let service = router.into_make_service_with_connect_info::<Peer>();
    let (told, mut stopping) = tokio::sync::watch::channel(false);
    let stop = async move {
        stop_signal().await;
        tracing::info!("stopping");
        let _ = told.send(true);
    };
    let deadline = async move {
        // Ends only after the signal: then open requests have a limited time.
        let _ = stopping.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(FAREWELL).await;
    };
    let served = async {
        match tls {
            None => axum::serve(listener, service).with_graceful_shutdown(stop).await,
            Some(tls) => {
                let acceptor = acceptor(tls).map_err(io::Error::other)?;
                axum::serve(TlsListener { listener, acceptor }, service)
                    .with_graceful_shutdown(stop)
                    .await
            }
        }
    };
    tokio::select! {
        result = served => result.map_err(|error| RunError::Listen(listen, error)),
        () = deadline => Ok(()),
    }
}

/// The caller's address, however it connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Accepts TLS connections; a caller whose handshake fails or dawdles is dropped.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn acceptor(tls: &Tls) -> Result<TlsAcceptor, RunError> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let wrong = |error: String| RunError::Tls(error);
    let chain = CertificateDer::pem_file_iter(&tls.certificate).map_err(|error| wrong(error.to_string()))?;
    let chain = chain
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| wrong(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| wrong(error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Environment variable that tells a process to stop when its standard input closes.
pub(crate) const SUPERVISED: &str = "VUNGLAM_SUPERVISED";

/// Waits for SIGTERM or Ctrl-C, or for the supervisor to be gone.
pub(crate) async fn stop_signal() {
    let interrupt = async {
        // Without a handler for it the process simply cannot be stopped this way.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
        () = abandoned() => {}
    }
}

async fn abandoned() {
    if std::env::var_os(SUPERVISED).is_none() {
        std::future::pending::<()>().await;
    }
    // A thread of its own, because a blocked read of standard input would keep the runtime from ending.
    let (gone, wait) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(gone);
    });
    let _ = wait.await;
}

fn risk_config(config: &KeysConfig) -> Result<RiskConfig, RunError> {
    let Some(path) = &config.risk_config else {
        return Ok(RiskConfig::vietnam_default());
    };
    let bytes = std::fs::read(path).map_err(|error| ConfigError::Read(path.clone(), error))?;
    RiskConfig::parse(&bytes).map_err(|error| RunError::Risk(path.clone(), error.to_string()))
}

fn object_store(config: &KeysConfig) -> Result<Arc<dyn ObjectStore>, RunError> {
    if let Some(bucket) = config
        .objects
        .as_deref()
        .and_then(|objects| objects.strip_prefix("s3://"))
    {
        // An earlier provider of this process serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = object_store::aws::AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .build()?;
        return Ok(Arc::new(store));
    }
    let folder = config
        .objects
        .as_ref()
        .map_or_else(|| config.data.join("objects"), PathBuf::from);
    std::fs::create_dir_all(&folder).map_err(|error| RunError::Io("cannot make the folder of exports", error))?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}
