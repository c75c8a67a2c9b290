//! A PostgreSQL of its own for one run of the tests, on a socket in a folder of its own, gone afterwards.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::shell::{Doing, Outcome, capture, cmd, execute};

/// Where the tests find it: the URL of a superuser's connection.
pub(crate) const VARIABLE: &str = "VUNGLAM_TEST_POSTGRES";

/// A running server.
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
}

/// Returns the folder of the newest server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let version = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse::<u32>().ok()).unwrap_or(0)
    };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let newest = installed
        .filter(|path| path.join("bin/postgres").exists())
        .max_by_key(version)?;
    Some(newest.join("bin"))
}

impl Postgres {
    /// Makes a cluster for tests and starts its server: what it holds need not survive a crash of the machine.
    pub(crate) fn start() -> Outcome<Self> {
        Self::start_with(&["-c", "fsync=off"])
    }

    /// Makes a cluster that writes as safely as one at work, with some memory, and starts its server.
    pub(crate) fn start_durable() -> Outcome<Self> {
        Self::start_with(&["-c", "shared_buffers=1GB"])
    }

    /// Makes a cluster and starts its server. PostgreSQL refuses root, so root becomes its user.
    fn start_with(settings: &[&str]) -> Outcome<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let is_root = capture(cmd("id").arg("-u"))?.trim() == "0";
        let folder = std::env::temp_dir().join(format!("vunglam-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).doing("making the server's folder")?;
        run_quietly(cmd("chmod").arg("0700").arg(&folder))?;
        if is_root {
            run_quietly(cmd("chown").arg("postgres:").arg(&folder))?;
        }
        let data = folder.join("data");
        run_quietly(
            become_postgres(is_root, &programs.join("initdb"), &folder)
                .args([
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "-D",
                ])
                .arg(&data),
        )?;
        let mut server = become_postgres(is_root, &programs.join("postgres"), &folder)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .args(settings)
            .stderr(Stdio::piped())
            .spawn()
            .doing("starting PostgreSQL")?;
        let mut log = BufReader::new(server.stderr.take().expect("piped"));
        let mut said = String::new();
        while !said.contains("ready to accept connections") {
            if log.read_line(&mut said).doing("reading PostgreSQL's log")? == 0 {
                return Err(format!("PostgreSQL did not start:\n{said}").into());
            }
        }
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        Ok(Self { server, folder })
    }

    /// Returns the URL of the superuser's connection.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }

    /// Makes a database and returns the URL of the superuser's connection to it.
    pub(crate) fn database(&self, name: &str) -> Outcome<String> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        run_quietly(
            cmd(programs.join("createdb"))
                .args(["-U", "postgres", "-h"])
                .arg(&self.folder)
                .arg(name),
        )?;
        let url = self.url();
        Ok(url.strip_suffix("postgres").unwrap_or(&url).to_owned() + name)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = execute(cmd("kill").arg("-INT").arg(self.server.id().to_string()));
        if stop.is_err() || self.server.wait().is_err() {
            println!("PostgreSQL could not be stopped");
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn become_postgres(is_root: bool, program: &Path, folder: &Path) -> Command {
    let mut command = if is_root {
        let mut command = cmd("setpriv");
        command
            .args([
                "--reuid=postgres",
                "--regid=postgres",
                "--init-groups",
                "--pdeathsig=TERM",
            ])
            .arg(program);
        command
    } else {
        cmd(program)
    };
    command.current_dir(folder);
    command
}

fn run_quietly(command: &mut Command) -> Outcome<()> {
    capture(command).map(drop)
}
