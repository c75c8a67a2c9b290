//! The keys process under test: its folder, its lives, its death.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use protocol::message::Trust;
use protocol::signature::PublicKey;

use crate::http;
use crate::uploads::{AUDIENCE, Authority, ISSUER, KEY_ID};

/// Region of the exports.
pub(crate) const REGION: &str = "82";
/// Tries before a process that does not answer counts as stuck.
const TRIES: u32 = 1_000;
/// Pause between two tries: waiting for another process is all it is for.
const PAUSE: Duration = Duration::from_millis(10);

/// Pause between two looks for a new file, and most looks: a process in which nothing waits stores none.
const LOOK_EVERY: Duration = Duration::from_micros(100);
const MOST_LOOKS: u32 = 2_000;

/// How long a process that is cutting an export lives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pause {
    /// A time drawn at random.
    For(Duration),
    /// Until a file is stored.
    UntilStored,
}

/// The process, alive or not.
pub(crate) struct KeysProcess {
    program: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    running: Option<Child>,
}

impl KeysProcess {
    /// Makes the folder, the configuration and the authority's public key.
    pub(crate) fn prepare(program: &Path, authority: &Authority) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("vunglam-drill-{}", std::process::id()));
        let data = folder.join("keys");
        std::fs::create_dir_all(&data).map_err(|error| format!("making {}: {error}", data.display()))?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| format!("finding a free port: {error}"))?;
        let config = format!(
            "listen = \"{address}\"\ndata = {:?}\nregion = \"{REGION}\"\nhealth_authority_id = \"{AUDIENCE}\"\n\
             certificate_issuer = \"{ISSUER}\"\ncertificate_key_id = \"{KEY_ID}\"\nexport_minimum_keys = 1\n\
             export_period_seconds = 600\n",
            data.display().to_string()
        );
        let write = |name: &Path, text: &str| {
            std::fs::write(name, text).map_err(|error| format!("writing {}: {error}", name.display()))
        };
        write(&folder.join("keys.toml"), &config)?;
        write(&data.join("certificate.pub.pem"), &authority.public_pem())?;
        Ok(Self {
            program: program.to_owned(),
            folder,
            address,
            running: None,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts a life of the process at a virtual time and waits until it is ready.
    pub(crate) fn start(&mut self, now: i64) -> Result<(), String> {
        self.spawn(now)?;
        let is_ready = |process: &Self| http::get(process.address, "/readyz").is_ok_and(|answer| answer.status == 200);
        match self.wait_until(|process| Ok(is_ready(process)))? {
            true => Ok(()),
            false => Err("the process did not become ready in time".to_owned()),
        }
    }

    /// Starts a life that is killed while its first work, cutting an export, is under way: after `pause`, or as soon as
    /// a file is stored that the index cannot list yet.
    pub(crate) fn start_and_kill(&mut self, now: i64, pause: Pause) -> Result<(), String> {
        let stored = self.stored_files();
        self.spawn(now)?;
        match pause {
            Pause::For(pause) => std::thread::park_timeout(pause),
            Pause::UntilStored => {
                let mut tries = 0;
                while self.stored_files() <= stored && tries < MOST_LOOKS {
                    std::thread::park_timeout(LOOK_EVERY);
                    tries += 1;
                }
            }
        }
        self.kill()
    }

    /// Counts the export files that are stored, listed or not.
    pub(crate) fn stored_files(&self) -> usize {
        let folder = self.folder.join("keys/objects/exports").join(REGION);
        std::fs::read_dir(folder).map_or(0, |files| files.flatten().filter(|file| is_zip(&file.path())).count())
    }

    fn spawn(&mut self, now: i64) -> Result<(), String> {
        let log =
            std::fs::File::create(self.folder.join("log.txt")).map_err(|error| format!("making a log: {error}"))?;
        let child = Command::new(&self.program)
            .args(["serve", "--role", "keys", "--config"])
            .arg(self.folder.join("keys.toml"))
            .env("VUNGLAM_DEMO_CLOCK", format!("{now},{},1", real_seconds()?))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("starting {}: {error}", self.program.display()))?;
        self.running = Some(child);
        Ok(())
    }

    /// Tries until `is_so`; returns whether it came to be so before the process seemed stuck. One that died is an error.
    pub(crate) fn wait_until(&mut self, mut is_so: impl FnMut(&Self) -> Result<bool, String>) -> Result<bool, String> {
        for _ in 0..TRIES {
            if is_so(self)? {
                return Ok(true);
            }
            let ended = self.running.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                let log = std::fs::read_to_string(self.folder.join("log.txt")).unwrap_or_default();
                return Err(format!("the process ended by itself with {status}:\n{log}"));
            }
            std::thread::park_timeout(PAUSE);
        }
        Ok(false)
    }

    /// Kills without warning (SIGKILL).
    pub(crate) fn kill(&mut self) -> Result<(), String> {
        let Some(mut child) = self.running.take() else {
            return Ok(());
        };
        child
            .kill()
            .and_then(|()| child.wait())
            .map(drop)
            .map_err(|error| format!("killing: {error}"))
    }

    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let answer = http::get(self.address, path).map_err(|error| format!("{path}: {error}"))?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(format!("{path}: status {}", answer.status))
        }
    }

    /// Returns the key that phones verify exports with.
    pub(crate) fn export_key(&self) -> Result<PublicKey, String> {
        let trust: Trust =
            serde_json::from_slice(&self.get("/v1/trust")?).map_err(|error| format!("trust: {error}"))?;
        PublicKey::from_pem(&trust.export_public_key_pem).map_err(|error| error.to_string())
    }
}

impl Drop for KeysProcess {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zip")
}

/// Returns the machine's time, which the process's virtual clock is counted from.
#[expect(clippy::disallowed_methods, reason = "anchors the virtual clock of another process")]
fn real_seconds() -> Result<u64, String> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map(|since| since.as_secs()).map_err(|error| error.to_string())
}
