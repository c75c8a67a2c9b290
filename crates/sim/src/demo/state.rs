//! What the demo process holds, and what it does by itself: the world lives on, phones synchronise, steps are noticed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use protocol::{message::Trust, time::UnixSeconds};
use serde::Serialize;
use server::clock::Clock;

use super::{
    adoption::{self, Point},
    databases::Databases,
    desk::{Desk, DeskAccess, IssuedCode},
    owner::Owner,
    wire::Wire,
};
use crate::{
    outbreak::StoryPerson,
    recording::Recording,
    world::{
        Named, Payload, World,
        phone::{Body, PageScan},
    },
};

/// Real seconds without a question after which an open page counts as gone.
const PAGE_GONE_REAL_SECONDS: f64 = 5.0;
/// Seconds between two rounds of an ordinary phone.
const SYNC_EVERY_SECONDS: i64 = 600;
/// The same for the phones of the story.
const STORY_SYNC_EVERY_SECONDS: i64 = 60;
/// Phones that synchronise in one round of the demo.
const PHONES_A_ROUND: usize = 12;
/// Identifiers remembered of a page.
const MAX_SEEN: usize = 10_000;

/// How the demo is set up.
pub struct DemoSetup {
    /// The province, lived up to about now.
    pub world: World,
    /// The way to the services.
    pub wire: Wire,
    /// The clock all processes share.
    pub clock: Clock,
    /// The services' databases.
    pub databases: Databases,
    /// The desk.
    pub desk: DeskAccess,
    /// Who of the story the vault knows from before.
    pub known: BTreeMap<Named, StoryPerson>,
    /// File of messages to telephones.
    pub messages: std::path::PathBuf,
    /// The region.
    pub trust: Trust,
    /// Names this run; pages forget what they kept of another.
    pub run_id: String,
}

/// Where the confirmation of Nam's case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Nothing yet.
    None,
    /// The desk is being asked.
    Confirming,
    /// There is a code.
    Code(IssuedCode),
    /// The desk refused.
    Failed(String),
}

/// When the services were first seen to have done a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Steps {
    /// Nam's case is confirmed at the desk.
    pub confirmed: Option<UnixSeconds>,
    /// Keys are accepted.
    pub shared: Option<UnixSeconds>,
    /// They are in a listed file.
    pub exported: Option<UnixSeconds>,
}

/// Where the computation of a point is.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// Under way or waiting.
    Running(u64),
    /// Done.
    Done(Point),
    /// Not possible.
    Failed(String),
}

#[derive(Default)]
struct Open {
    last_poll: Option<UnixSeconds>,
    seen: BTreeSet<[u8; 16]>,
}

/// The demo process.
pub struct Demo {
    pub(super) wire: Wire,
    pub(super) clock: Clock,
    pub(super) databases: Databases,
    pub(super) desk: Desk,
    /// The owner of a place with a gate.
    pub(super) owner: Owner,
    pub(super) known: BTreeMap<Named, StoryPerson>,
    pub(super) messages: std::path::PathBuf,
    pub(super) trust: Trust,
    pub(super) run_id: String,
    world: Mutex<World>,
    open: Mutex<BTreeMap<Named, Open>>,
    case: Mutex<CaseState>,
    /// Address of Nam's case at the desk.
    case_path: Mutex<Option<String>>,
    steps: Mutex<Steps>,
    recording: OnceLock<Recording>,
    jobs: Mutex<BTreeMap<u8, Job>>,
    replaying: Mutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each holder leaves whole values behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Demo {
    /// Takes over a world.
    pub fn new(setup: DemoSetup) -> Self {
        let mut world = setup.world;
        for phone in world.phones_mut() {
            phone.device.set_sync_every(SYNC_EVERY_SECONDS);
        }
        for named in Named::ALL {
            world.phone(named).device.set_sync_every(STORY_SYNC_EVERY_SECONDS);
        }
        Self {
            wire: setup.wire,
            clock: setup.clock,
            databases: setup.databases,
            desk: Desk::new(setup.desk),
            owner: Owner::default(),
            known: setup.known,
            messages: setup.messages,
            trust: setup.trust,
            run_id: setup.run_id,
            world: Mutex::new(world),
            open: Mutex::default(),
            case: Mutex::new(CaseState::None),
            case_path: Mutex::default(),
            steps: Mutex::default(),
            recording: OnceLock::new(),
            jobs: Mutex::default(),
            replaying: Mutex::new(()),
        }
    }

    /// Returns the time.
    pub fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    /// Returns the world, for one look or one change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(super) fn rate(&self) -> f64 {
        match self.clock {
            Clock::Scaled { rate, .. } => rate,
            _ => 1.0,
        }
    }

    /// Lets the world live up to now, notices pages that are gone and steps the services have done. Blocks.
    pub fn tick(&self) {
        let now = self.now();
        let gone = |last: UnixSeconds| (now.0 - last.0) as f64 > PAGE_GONE_REAL_SECONDS * self.rate();
        let mut world = self.world();
        for (named, open) in lock(&self.open).iter() {
            if open.last_poll.is_some_and(gone) {
                world.phone(*named).leave();
            }
        }
        if let Err(error) = world.live_to(now, &|_, _| ()) {
            tracing::error!(%error, "the world stands still");
        }
        drop(world);
        self.note_steps(now);
    }

    fn note_steps(&self, now: UnixSeconds) {
        let mut steps = lock(&self.steps);
        let some = |side, query: &str| self.databases.number(side, query).is_some_and(|count| count > 0);
        let note = |step: &mut Option<UnixSeconds>, side, query: &str| {
            if step.is_none() && some(side, query) {
                *step = Some(now);
            }
        };
        if let Some(case_id) = self.case_id() {
            let query = format!(
                "SELECT count(*) FROM case_file WHERE case_id = '{case_id}' AND state IN ('confirmed', 'closed')"
            );
            note(&mut steps.confirmed, "authority", &query);
        }
        note(&mut steps.shared, "keys", "SELECT count(*) FROM diagnosis_key");
        note(
            &mut steps.exported,
            "keys",
            "SELECT count(*) FROM diagnosis_key WHERE exported_in IS NOT NULL",
        );
    }

    /// Lets native phones whose round is due talk to the services.
    pub async fn sync_round(&self) {
        let now = self.now();
        let due: Vec<usize> = {
            let world = self.world();
            let native = world
                .phones()
                .iter()
                .enumerate()
                .filter(|(_, phone)| phone.body() == Body::Native);
            let mut due: Vec<_> = native
                .map(|(at, phone)| (phone.device.next_request_at(now), at))
                .filter(|(due, _)| *due <= now)
                .collect();
            due.sort();
            due.into_iter().take(PHONES_A_ROUND).map(|(_, at)| at).collect()
        };
        for at in due {
            self.sync(at).await;
        }
    }

    /// Lets one phone ask until it has nothing more to ask.
    pub async fn sync(&self, at: usize) {
        loop {
            let request = self.world().phones_mut()[at].device.next_request(self.now());
            let Ok(Some(request)) = request else { return };
            let response = self.wire.send(&request).await;
            let event = self.world().phones_mut()[at].device.on_response(self.now(), &response);
            if let Err(error) = event {
                tracing::warn!(%error, "a phone refused an answer");
            }
        }
    }

    /// Lets a page be a phone and hands it what it heard.
    pub fn poll_page(&self, named: Named, payload: Option<Payload>) -> Vec<PageScan> {
        let scans = self.world().phone(named).poll(payload);
        let mut open = lock(&self.open);
        let open = open.entry(named).or_default();
        open.last_poll = Some(self.now());
        let rpi: Option<[u8; 16]> = payload.and_then(|payload| payload[11..27].try_into().ok());
        if open.seen.len() < MAX_SEEN {
            open.seen.extend(rpi);
        }
        scans
    }

    pub(super) fn seen(&self, named: Named) -> BTreeSet<[u8; 16]> {
        lock(&self.open)
            .get(&named)
            .map(|open| open.seen.clone())
            .unwrap_or_default()
    }

    /// Returns where the case is and what the services have done.
    pub fn case(&self) -> (CaseState, Steps) {
        (lock(&self.case).clone(), *lock(&self.steps))
    }

    /// Returns the address of Nam's case at the desk, once it is there.
    pub(super) fn case_path(&self) -> Option<String> {
        lock(&self.case_path).clone()
    }

    /// Returns the id of Nam's case: letters, digits and `_`, as its address was checked to have.
    fn case_id(&self) -> Option<String> {
        self.case_path()?.strip_prefix("/desk/cases/").map(str::to_owned)
    }

    /// Confirms Nam's case at the desk unless a code is there that still works; later codes are of the same case.
    pub async fn confirm_case(&self) {
        let now = self.now();
        let case_id = self.case_id().unwrap_or_default();
        let query = format!(
            "SELECT count(*) FROM verification_code WHERE case_id = '{case_id}' AND state IN ('claimed', 'certified') \
             AND issued_at_s = (SELECT max(issued_at_s) FROM verification_code WHERE case_id = '{case_id}')"
        );
        let spent = self.databases.number("authority", &query);
        {
            let mut case = lock(&self.case);
            let busy = match &*case {
                CaseState::Confirming => true,
                CaseState::Code(code) => code.short_until > now && spent == Some(0),
                CaseState::None | CaseState::Failed(_) => false,
            };
            if busy {
                return;
            }
            *case = CaseState::Confirming;
        }
        let result = self.desk.issue_for_nam(&self.wire, self.case_path(), now).await;
        *lock(&self.case) = match result {
            Ok((path, code)) => {
                *lock(&self.case_path) = Some(path);
                CaseState::Code(code)
            }
            Err(error) => CaseState::Failed(error.to_string()),
        };
    }

    pub(super) fn recording(&self) -> &Recording {
        self.recording
            .get_or_init(|| adoption::recording(self.world().province()))
    }

    /// Returns where the computation of a point is; `None` when it has to be started.
    pub(super) fn job(&self, percent: u8) -> Option<Job> {
        lock(&self.jobs).get(&percent).cloned()
    }

    /// Marks a point as under way; `false` when it is already.
    pub(super) fn claim(&self, percent: u8) -> bool {
        let mut jobs = lock(&self.jobs);
        let free = !jobs.contains_key(&percent);
        jobs.entry(percent).or_insert(Job::Running(0));
        free
    }

    /// Computes a point, one at a time. Blocks.
    pub(super) fn compute(&self, percent: u8) {
        let _turn = lock(&self.replaying);
        let tell = |done| {
            lock(&self.jobs).insert(percent, Job::Running(done));
        };
        let job = match adoption::point(self.recording(), percent, &tell) {
            Ok(point) => Job::Done(point),
            Err(error) => Job::Failed(error.to_string()),
        };
        lock(&self.jobs).insert(percent, job);
    }
}
