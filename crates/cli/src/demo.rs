//! `vunglam demo`: an authority whose desks have worked for weeks, the two services as processes of their own, a province
//! that has lived three days, and its start page.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use protocol::{message::Trust, time::UnixSeconds};
use server::{
    clock::{Clock, DEMO_CLOCK_VARIABLE, VirtualClock},
    config::AuthorityConfig,
    run::open_authority,
};
use sim::{
    demo::{Databases, Demo, DemoSetup, DeskAccess, Wire, serve},
    outbreak::{self, Outbreak, StoryPerson},
    world::{LocalDay, Named, World, WorldOptions},
};
use tokio::{
    net::TcpListener,
    process::{Child, ChildStdin, Command},
    sync::oneshot,
};

use crate::{
    output::{Failure, Outcome},
    serve::runtime,
};

/// How long the services may take to start.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How long they may take to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// Seconds of the world that may be missing when the page opens.
const CAUGHT_UP_SECONDS: i64 = 120;

/// Arguments of `vunglam demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port of the start page; the two services take the next two.
    #[arg(long, default_value_t = 7300)]
    port: u16,
    /// Do not open a browser.
    #[arg(long)]
    no_open: bool,
    /// Seconds of the demo's clock for each real second. A short code lives 15 minutes of that clock.
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    /// Number the province grows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the services' data; a temporary one, removed at the end, without it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// File into which the simulated telephones' messages are written.
const MESSAGES: &str = "messages.jsonl";

pub(crate) fn run(args: &Args) -> Outcome {
    if !(args.rate.is_finite() && (1.0..=60.0).contains(&args.rate)) {
        return Err(Failure::new("--rate is a number from 1 to 60"));
    }
    if args.port > u16::MAX - 2 {
        return Err(Failure::new("--port leaves no room for the two services"));
    }
    let folder = Folder::open(args)?;
    runtime()?.block_on(stage(args, &folder.path))
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Where the services keep their data.
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn open(args: &Args) -> Result<Self, Failure> {
        let is_temporary = args.data.is_none();
        let path = args
            .data
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join(format!("vunglam-demo-{}-{}", args.port, std::process::id())));
        if path.join("keys").exists() || path.join("authority").exists() {
            return Err(Failure::new("the data folder holds an earlier run; name an empty one"));
        }
        std::fs::create_dir_all(&path)
            .map_err(|error| Failure::new(format!("cannot make the data folder: {error}")))?;
        Ok(Self { path, is_temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // Nothing can be done about a folder that stays.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

async fn stage(args: &Args, folder: &Path) -> Outcome {
    let address = |offset| SocketAddr::from((Ipv4Addr::LOCALHOST, args.port + offset));
    let url = |offset| format!("http://{}", address(offset));
    let listener = TcpListener::bind(address(0)).await;
    let listener = listener.map_err(|error| Failure::new(format!("cannot listen on {}: {error}", address(0))))?;
    let present = LocalDay::STORY.offset(1).time(9, 30);
    write_configs(folder, args.port)?;
    let known = tokio::select! {
        known = seed_authority(folder, args.seed, present) => known?,
        () = interrupted() => return Ok(()),
    };
    let clock = Clock::Scaled {
        origin_unix: present.0,
        started_real_unix: Clock::System.now().0,
        rate: args.rate,
    };
    let mut services = Services::start(folder, &clock)?;
    let result = async {
        let wire = Wire::http(&url(1), &url(2)).map_err(|error| Failure::new(error.to_string()))?;
        let trust = services.ready(&wire).await?;
        let world = live(args.seed, &trust, &clock).await?;
        let demo = Arc::new(Demo::new(DemoSetup {
            world,
            wire,
            run_id: format!("{}-{}", args.seed, Clock::System.now().0),
            databases: Databases {
                keys: folder.join("keys/keys.sqlite"),
                authority: folder.join("authority/authority.sqlite"),
                keyring: Some(folder.join("authority/keyring/keyring.sqlite")),
            },
            desk: DeskAccess {
                url: format!("{}/desk", url(2)),
                seed: args.seed,
            },
            known,
            messages: folder.join(MESSAGES),
            trust,
            clock,
        }));
        eprintln!("start page     {}/", url(0));
        eprintln!("desk           {}/desk   accounts on the start page", url(2));
        eprintln!("stop with Ctrl-C");
        if !args.no_open {
            open_browser(&url(0));
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let page = serve(demo, listener, async move {
            // The sender lives as long as the page.
            let _ = stopped.await;
        });
        let result = tokio::select! {
            result = page => result.map_err(|error| Failure::new(format!("the start page stopped: {error}"))),
            () = services.ended() => Err(Failure::new("the services stopped")),
        };
        drop(stop);
        result
    };
    let result = tokio::select! {
        result = result => result,
        () = interrupted() => Ok(()),
    };
    services.stop().await;
    result
}

fn write_configs(folder: &Path, port: u16) -> Outcome {
    let quoted =
        |path: PathBuf| serde_json::to_string(&path).map_err(|_| Failure::new("the data folder's name is not text"));
    let (keys, authority) = (port + 1, port + 2);
    let (keys_data, authority_data) = (quoted(folder.join("keys"))?, quoted(folder.join("authority"))?);
    // Short periods and little padding: in a demonstration the file follows the upload within seconds.
    let keys_config = format!(
        "listen = \"127.0.0.1:{keys}\"\ndata = {keys_data}\nkeys_url = \"http://127.0.0.1:{keys}\"\n\
         authority_url = \"http://127.0.0.1:{authority}\"\nexport_period_seconds = 60\nexport_minimum_keys = 20\n"
    );
    let authority_config = format!(
        "listen = \"127.0.0.1:{authority}\"\ndata = {authority_data}\nlink_url = \"http://127.0.0.1:{port}/app/\"\n\
         venue_url = \"http://127.0.0.1:{authority}/v/\"\npublic_url = \"http://127.0.0.1:{authority}\"\n\
         gate_url = \"http://127.0.0.1:{port}/gate/?demo=/demo/v1/story\"\nmessage_file = {}\n",
        quoted(folder.join(MESSAGES))?
    );
    for (name, text) in [("keys.toml", keys_config), ("authority.toml", authority_config)] {
        std::fs::write(folder.join(name), text)
            .map_err(|error| Failure::new(format!("cannot write the services' configuration: {error}")))?;
    }
    Ok(())
}

/// Opens the authority in this process, lets its desks live up to the demo's present, and closes it again.
async fn seed_authority(
    folder: &Path,
    seed: u64,
    present: UnixSeconds,
) -> Result<BTreeMap<Named, StoryPerson>, Failure> {
    let failed = |error: &dyn std::error::Error| {
        let causes = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
        Failure::new(format!(
            "the desks' history cannot be made: {}",
            causes.collect::<Vec<_>>().join(": ")
        ))
    };
    let plan = tokio::task::spawn_blocking(move || Outbreak::plan(seed, Outbreak::DEMO, present)).await;
    let plan = plan.map_err(|error| failed(&error))?;
    let config = AuthorityConfig::load(&folder.join("authority.toml")).map_err(|error| failed(&error))?;
    let clock = VirtualClock::new(plan.begin);
    let app = open_authority(config, clock.clone().into())
        .await
        .map_err(|error| failed(&error))?;
    // Whoever starts again after a crash starts from nothing: until the history is whole, no commit waits for the disk.
    for db in [&app.db, app.people.keyring()] {
        let hurried = db.execute_for_test("PRAGMA synchronous = OFF").await;
        hurried.map_err(|error| failed(&error))?;
    }
    let bar = progress_bar("five weeks at the desks");
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let known = async {
        let done = outbreak::populate(&app, &plan, &clock, &progress).await?;
        outbreak::check_in(&app, &plan, &done).await?;
        outbreak::story_people(&app, &plan, &done).await
    };
    let known = known.await.map_err(|error| failed(&error));
    bar.finish_and_clear();
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
    known
}

fn progress_bar(message: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {percent}%").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style).with_message(message)
}

/// The supervisor with its two processes.
struct Services {
    child: Child,
    /// Closing it stops them; waiting for the child would close it, were it still the child's.
    lifeline: Option<ChildStdin>,
}

impl Services {
    fn start(folder: &Path, clock: &Clock) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::new(format!("cannot start the services: {error}"));
        let Clock::Scaled {
            origin_unix,
            started_real_unix,
            rate,
        } = clock
        else {
            return Err(Failure::new("a demo needs a scaled clock"));
        };
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.arg("serve").arg("--keys-config").arg(folder.join("keys.toml"));
        command.arg("--authority-config").arg(folder.join("authority.toml"));
        command.env(DEMO_CLOCK_VARIABLE, format!("{origin_unix},{started_real_unix},{rate}"));
        // It stops when this end of its standard input closes, also when this process is killed.
        command
            .env("VUNGLAM_SUPERVISED", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        if std::env::var_os("VUNGLAM_LOG").is_none() {
            command.env("VUNGLAM_LOG", "warn");
        }
        let mut child = command.kill_on_drop(true).spawn().map_err(failed)?;
        let lifeline = child.stdin.take();
        Ok(Self { child, lifeline })
    }

    /// Waits until both sides answer; returns the region.
    async fn ready(&mut self, wire: &Wire) -> Result<Trust, Failure> {
        let answers = async {
            loop {
                if let Some(trust) = trust(wire).await {
                    return Ok(trust);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            ready = answers => ready,
            () = self.ended() => Err(Failure::new("the services did not start")),
            () = tokio::time::sleep(START_PATIENCE) => Err(Failure::new("the services do not answer; are their ports free?")),
        }
    }

    async fn ended(&mut self) {
        // Whatever the status: the demo cannot go on without them.
        let _ = self.child.wait().await;
    }

    async fn stop(mut self) {
        drop(self.lifeline.take());
        if tokio::time::timeout(STOP_PATIENCE, self.child.wait()).await.is_err() {
            // Dropping the child kills it.
            eprintln!("vunglam: the services did not stop in time");
        }
    }
}

async fn trust(wire: &Wire) -> Option<Trust> {
    use device::sync::{Method, Request, Side};
    let ask = async |side, path: &str| {
        let request = Request {
            side,
            method: Method::Get,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            max_answer_bytes: 64 * 1024,
        };
        Some(wire.send(&request).await).filter(|answer| answer.status == 200)
    };
    ask(Side::Authority, "/readyz").await?;
    serde_json::from_slice(&ask(Side::Keys, "/v1/trust").await?.body).ok()
}

/// Lets the province live up to the demo's present.
async fn live(seed: u64, trust: &Trust, clock: &Clock) -> Result<World, Failure> {
    let (trust, clock) = (trust.clone(), clock.clone());
    let lived = tokio::task::spawn_blocking(move || {
        let failed = |error: sim::world::WorldError| Failure::new(format!("the province does not live: {error}"));
        let mut world = World::open(
            &WorldOptions {
                seed,
                ..WorldOptions::default()
            },
            &trust,
        )
        .map_err(failed)?;
        let bar = progress_bar("three days in the province");
        let progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let mut until: UnixSeconds = clock.now();
        while until.0 - world.now().0 > CAUGHT_UP_SECONDS {
            world.live_to(until, &progress).map_err(failed)?;
            until = clock.now();
        }
        bar.finish_and_clear();
        Ok(world)
    });
    lived.await.map_err(|_| Failure::new("the province does not live"))?
}

fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = std::process::Command::new(program)
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        eprintln!("open the start page in a browser");
    }
}
