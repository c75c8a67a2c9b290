//! The small parent of the two processes: it starts them, starts a dead one again, and stops both.
//!
//! It holds neither database. At the first start it makes the authority's signing key and hands its public half to the
//! keys side; nothing else crosses.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::config::{AuthorityConfig, KeysConfig, Role};
use crate::entropy::Entropy;
use crate::run::{RunError, SUPERVISED, stop_signal};
use crate::secrets::{AuthoritySecrets, hand_over_certificate_public_key};
use crate::telemetry;

/// First pause before a dead process is started again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A process that lived this long begins with the first pause again.
const STEADY: Duration = Duration::from_secs(60);
/// How long the processes have to stop before they are killed.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the supervisor starts: this program with `serve --role ROLE [--config FILE]`.
#[derive(Clone, Debug, Default)]
pub struct Supervision {
    /// Configuration file of the keys side.
    pub keys_config: Option<PathBuf>,
    /// Configuration file of the authority's side.
    pub authority_config: Option<PathBuf>,
}

/// Runs both sides as child processes until this process is told to stop.
///
/// # Errors
///
/// [`RunError`] when a configuration or key file cannot be used or this program cannot be started again.
pub async fn supervise(supervision: &Supervision) -> Result<(), RunError> {
    telemetry::start("supervisor");
    prepare(supervision)?;
    let keys = keep_running(Role::Keys, supervision.keys_config.clone());
    let authority = keep_running(Role::Authority, supervision.authority_config.clone());
    tokio::try_join!(keys, authority)?;
    Ok(())
}

/// Makes what both sides need before they can start; the authority's secrets stay in its own folder.
///
/// # Errors
///
/// [`RunError`] when a configuration or key file cannot be used.
pub fn prepare(supervision: &Supervision) -> Result<(), RunError> {
    let keys = supervision
        .keys_config
        .as_deref()
        .map_or_else(|| Ok(KeysConfig::default()), KeysConfig::load)?;
    let authority = supervision
        .authority_config
        .as_deref()
        .map_or_else(|| Ok(AuthorityConfig::default()), AuthorityConfig::load)?;
    let secrets = AuthoritySecrets::load_or_create(&authority.data, &Entropy::System)?;
    hand_over_certificate_public_key(&secrets.certificate.public_key(), &keys.data)?;
    Ok(())
}

async fn keep_running(role: Role, config: Option<PathBuf>) -> Result<(), RunError> {
    let mut pause = FIRST_PAUSE;
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        let mut child = start(role, config.as_ref()).map_err(|error| RunError::Io("cannot start a process", error))?;
        // Taken out, because waiting for a child closes its standard input and would stop it at once.
        let lifeline = child.stdin.take();
        let begun = tokio::time::Instant::now();
        tokio::select! {
            () = &mut stop => {
                drop(lifeline);
                return end(&mut child).await;
            }
            status = child.wait() => report(role, status),
        }
        if begun.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            () = &mut stop => return Ok(()),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

fn start(role: Role, config: Option<&PathBuf>) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--role", role.name()]);
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    // The child stops when this end of its standard input closes: also when this process is killed.
    command
        .env(SUPERVISED, "1")
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

fn report(role: Role, status: io::Result<ExitStatus>) {
    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    tracing::warn!(role = role.name(), status, "a process ended and is started again");
}

/// Waits for a child whose standard input is closed, and kills it when it does not stop.
async fn end(child: &mut Child) -> Result<(), RunError> {
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        child
            .kill()
            .await
            .map_err(|error| RunError::Io("cannot stop a process", error))?;
    }
    Ok(())
}
