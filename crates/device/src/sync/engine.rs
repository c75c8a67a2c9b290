//! The order of requests, and what each answer does.

use super::{
    Method, Request, Response, Side, SyncError, SyncEvent, UploadOrder, UploadView,
    chaff::Chaff,
    limits,
    upload::{BeginUploadError, Upload},
};
use crate::{
    advertise,
    device::Device,
    exposures, import, notice,
    state::{self, StateKey},
    store::{Store, StoreFailed},
};
use exposure::config::RiskConfig;
use protocol::{
    jws::{self, DocumentType, JwsError},
    message::Trust,
    signature::{PublicKey, digest},
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Longest wait between two tries of one request, in seconds.
const MAX_RETRY_SECONDS: i64 = 3600;
/// Wait after the first failure, in seconds.
const FIRST_RETRY_SECONDS: i64 = 60;
const NONCE_BYTES: usize = 16;

/// What synchronisation stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncState {
    /// The signed configuration as received.
    config: Option<String>,
    /// Hashes of the names of files read, as long as the index lists them.
    seen: Vec<u64>,
    /// The host's clock when an index was last read.
    pub(crate) last_round: Option<UnixSeconds>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Time,
    Config,
    Index,
    File(String),
    Upload,
    Chaff,
}

struct InFlight {
    step: Step,
    request: Request,
    nonce: String,
    sent: UnixSeconds,
}

/// Synchronisation of one device.
pub(crate) struct Engine {
    pub(crate) state: SyncState,
    pub(crate) config: Option<RiskConfig>,
    upload: Option<Upload>,
    chaff: Chaff,
    queue: VecDeque<Step>,
    in_flight: Option<InFlight>,
    retry_at: Option<UnixSeconds>,
    failures: u32,
}

impl Engine {
    /// Goes on from what is stored.
    pub(crate) fn load(store: &impl Store, trust: &Trust, document_key: &PublicKey) -> Result<Self, StoreFailed> {
        let state: SyncState = state::load(store, StateKey::Sync)?;
        // A configuration that no longer verifies (the region changed its key) is asked for again.
        let config = state
            .config
            .as_deref()
            .and_then(|document| read_config(document, trust, document_key).ok());
        Ok(Self {
            state,
            config,
            upload: state::load(store, StateKey::Upload)?,
            chaff: state::load(store, StateKey::Chaff)?,
            queue: VecDeque::new(),
            in_flight: None,
            retry_at: None,
            failures: 0,
        })
    }

    pub(crate) fn upload_view(&self) -> Option<UploadView> {
        self.upload.as_ref().map(Upload::view)
    }

    fn start_round(&mut self, needs_time: bool) {
        self.queue.clear();
        if needs_time {
            self.queue.push_back(Step::Time);
        }
        self.queue.extend([Step::Config, Step::Index]);
    }

    fn is_round_due(&self, now: UnixSeconds, every_seconds: i64) -> bool {
        // A round in the future means the clock was moved back.
        self.state
            .last_round
            .is_none_or(|last| now < last || now >= last.plus(every_seconds))
    }

    fn back_off(&mut self, now: UnixSeconds) -> SyncEvent {
        let seconds = (FIRST_RETRY_SECONDS << self.failures.min(6)).min(MAX_RETRY_SECONDS);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now.plus(seconds));
        SyncEvent::RetryLater {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    }
}

fn read_config(document: &str, trust: &Trust, key: &PublicKey) -> Result<RiskConfig, JwsError> {
    jws::verify(DocumentType::Config, &trust.document_key_id, key, document)
}

fn name_hash(name: &str) -> u64 {
    let digest = digest(name.as_bytes());
    u64::from_le_bytes([
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
    ])
}

/// Names become part of an address: only plain file names pass.
fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.len() <= 128 && name.ends_with(".zip") && !name.starts_with('.') && name.chars().all(plain)
}

fn get(path: String, max_answer_bytes: usize) -> Request {
    Request {
        side: Side::Keys,
        method: Method::Get,
        path,
        headers: Vec::new(),
        body: Vec::new(),
        max_answer_bytes,
    }
}

impl<S: Store> Device<S> {
    /// Returns the request to send now, `None` when there is nothing to do before [`Self::next_request_at`].
    ///
    /// The same request comes again until it is answered.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]: nothing is to be sent.
    pub fn next_request(&mut self, now: UnixSeconds) -> Result<Option<Request>, StoreFailed> {
        self.note_time(now);
        if let Some(in_flight) = &self.engine.in_flight {
            return Ok(Some(in_flight.request.clone()));
        }
        if self
            .engine
            .retry_at
            .is_some_and(|at| now < at && at.0 - now.0 <= MAX_RETRY_SECONDS)
        {
            return Ok(None);
        }
        let Some(step) = self.next_step(now)? else {
            return Ok(None);
        };
        let mut nonce = String::new();
        let region = &self.setup.trust.region;
        let request = match &step {
            Step::Time => {
                nonce = self.nonce();
                Some(get(format!("/v1/time?nonce={nonce}"), limits::TIME))
            }
            Step::Config => Some(get("/v1/config".into(), limits::CONFIG)),
            Step::Index => Some(get(format!("/v1/exports/{region}/index.txt"), limits::INDEX)),
            Step::File(name) => Some(get(format!("/v1/exports/{region}/{name}"), limits::FILE)),
            Step::Upload => {
                let random = &mut crate::device::random(&mut self.rng);
                self.engine
                    .upload
                    .as_mut()
                    .and_then(|upload| upload.request(&self.setup.trust, now, random))
            }
            Step::Chaff => self
                .engine
                .chaff
                .request(&self.setup.trust, &mut crate::device::random(&mut self.rng)),
        };
        self.engine.in_flight = request.clone().map(|request| InFlight {
            step,
            request,
            nonce,
            sent: now,
        });
        Ok(request)
    }

    fn next_step(&mut self, now: UnixSeconds) -> Result<Option<Step>, StoreFailed> {
        if self.engine.upload.as_ref().is_some_and(Upload::is_under_way) {
            return Ok(Some(Step::Upload));
        }
        if self.engine.queue.is_empty() && self.engine.is_round_due(now, self.setup.sync_every_seconds) {
            self.engine.start_round(self.clock.needs_time(now));
        }
        if let Some(step) = self.engine.queue.front() {
            return Ok(Some(step.clone()));
        }
        if !self.setup.cover_traffic {
            return Ok(None);
        }
        let mut chaff = self.engine.chaff;
        if chaff.draw(now, &mut crate::device::random(&mut self.rng)) {
            self.store.commit(vec![state::put(StateKey::Chaff, &chaff)])?;
            self.engine.chaff = chaff;
        }
        Ok(chaff.is_under_way().then_some(Step::Chaff))
    }

    /// Returns when to call [`Self::next_request`] again after it returned `None`.
    pub fn next_request_at(&self, now: UnixSeconds) -> UnixSeconds {
        if let Some(at) = self.engine.retry_at {
            return at;
        }
        let round = self
            .engine
            .state
            .last_round
            .map_or(now, |last| last.plus(self.setup.sync_every_seconds));
        let chaff = self.engine.chaff.due_at().filter(|_| self.setup.cover_traffic);
        chaff.map_or(round, |at| at.min(round))
    }

    /// Starts a round with the next request, whatever the last one was: for "check now".
    pub fn request_sync(&mut self) {
        self.engine.retry_at = None;
        self.engine.failures = 0;
        self.engine.state.last_round = None;
    }

    /// Takes the answer to the request last returned by [`Self::next_request`].
    ///
    /// # Errors
    ///
    /// [`SyncError`]; call [`Self::next_request`] again: the rest of the round goes on.
    pub fn on_response(&mut self, now: UnixSeconds, response: &Response) -> Result<SyncEvent, SyncError> {
        self.note_time(now);
        let in_flight = self.engine.in_flight.take().ok_or(SyncError::NothingAsked)?;
        if in_flight.step != Step::Chaff && matches!(response.status, 0 | 408 | 429 | 500..) {
            return Ok(self.engine.back_off(now));
        }
        self.engine.retry_at = None;
        self.engine.failures = 0;
        let event = match &in_flight.step {
            Step::Upload => self.upload_answered(response, now),
            Step::Chaff => self.chaff_answered(),
            step => {
                self.engine.queue.pop_front();
                self.fetched(step, &in_flight, response, now)
            }
        };
        match (&event, in_flight.step) {
            (Err(SyncError::Store(_)), step) => {
                // Nothing was stored: the step is still to do.
                if !matches!(step, Step::Upload | Step::Chaff) {
                    self.engine.queue.push_front(step);
                }
                self.engine.back_off(now);
            }
            // Without an index the round has not happened; the next one must not follow at once.
            (Err(_), Step::Index) => drop(self.engine.back_off(now)),
            _ => {}
        }
        event
    }

    fn fetched(
        &mut self,
        step: &Step,
        in_flight: &InFlight,
        response: &Response,
        now: UnixSeconds,
    ) -> Result<SyncEvent, SyncError> {
        if response.status != 200 {
            return Err(SyncError::Status(response.status));
        }
        if response.body.len() > in_flight.request.max_answer_bytes {
            return Err(SyncError::TooLarge);
        }
        match step {
            Step::Time => self.time_answered(in_flight, text(response)?, now),
            Step::Config => self.config_answered(text(response)?, now),
            Step::Index => self.index_answered(text(response)?, now),
            Step::File(name) => self.file_answered(name, &response.body, now),
            Step::Upload | Step::Chaff => Err(SyncError::NothingAsked),
        }
    }

    fn time_answered(&mut self, in_flight: &InFlight, body: &str, now: UnixSeconds) -> Result<SyncEvent, SyncError> {
        let mut clock = self.clock;
        let key = (self.setup.trust.document_key_id.as_str(), &self.document_key);
        clock.set(body, key, &in_flight.nonce, in_flight.sent, now)?;
        self.store.commit(vec![state::put(StateKey::Clock, &clock)])?;
        self.clock = clock;
        Ok(SyncEvent::TimeSet)
    }

    fn config_answered(&mut self, body: &str, now: UnixSeconds) -> Result<SyncEvent, SyncError> {
        let is_in_force = self.engine.config.is_some() && self.engine.state.config.as_deref() == Some(body);
        if is_in_force {
            return Ok(SyncEvent::ConfigRead {
                new_notices: Vec::new(),
            });
        }
        let config = read_config(body, &self.setup.trust, &self.document_key).map_err(SyncError::Config)?;
        let next = SyncState {
            config: Some(body.into()),
            ..self.engine.state.clone()
        };
        let mut changes = vec![state::put(StateKey::Sync, &next)];
        let days = exposures::all(&self.store)?;
        let new_notices = notice::decide_days(&self.store, &days, &config, self.clock.now(now), &mut changes)?;
        self.store.commit(changes)?;
        self.engine.state = next;
        self.schedule.set_duty(config.scan());
        self.engine.config = Some(config);
        Ok(SyncEvent::ConfigRead { new_notices })
    }

    fn index_answered(&mut self, body: &str, now: UnixSeconds) -> Result<SyncEvent, SyncError> {
        let names: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if names.len() > limits::INDEX_NAMES || !names.iter().all(|name| is_file_name(name)) {
            return Err(SyncError::Malformed);
        }
        let mut next = self.engine.state.clone();
        next.last_round = Some(now);
        next.seen
            .retain(|hash| names.iter().any(|name| name_hash(name) == *hash));
        self.store.commit(vec![state::put(StateKey::Sync, &next)])?;
        self.engine.state = next;
        // Without a configuration nothing can be scored: the files wait for the next round.
        if self.engine.config.is_some() {
            let seen = &self.engine.state.seen;
            let unseen = names.iter().filter(|name| !seen.contains(&name_hash(name)));
            self.engine.queue.extend(unseen.map(|name| Step::File((*name).into())));
        }
        Ok(SyncEvent::IndexRead {
            unseen: u32::try_from(self.engine.queue.len()).unwrap_or(u32::MAX),
        })
    }

    fn file_answered(&mut self, name: &str, body: &[u8], now: UnixSeconds) -> Result<SyncEvent, SyncError> {
        let config = self.engine.config.clone().ok_or(SyncError::NothingAsked)?;
        let counters = self.counters.next_seq();
        let import = import::Import {
            trust: &self.setup.trust,
            export_key: &self.export_key,
            config: &config,
            now: self.clock.now(now),
            signed_time: self.clock.latest_signed(),
            seq: counters.seq,
        };
        let mut outcome = import.read(&self.store, body)?;
        let mut next = self.engine.state.clone();
        next.seen.push(name_hash(name));
        outcome.changes.push(state::put(StateKey::Sync, &next));
        outcome.changes.push(state::put(StateKey::Observation, &counters));
        self.store.commit(outcome.changes)?;
        self.engine.state = next;
        self.counters = counters;
        Ok(SyncEvent::FileRead {
            keys: outcome.keys,
            matched: outcome.matched,
            new_notices: outcome.new_notices,
        })
    }

    /// Begins the upload of the chosen days' keys; its requests come from [`Self::next_request`].
    ///
    /// The running key is cut at the end of the current interval; identifiers after that belong to another key.
    ///
    /// # Errors
    ///
    /// [`BeginUploadError`]; nothing is stored then.
    pub fn begin_upload(&mut self, now: UnixSeconds, order: &UploadOrder) -> Result<UploadView, BeginUploadError> {
        self.note_time(now);
        if self.engine.upload.as_ref().is_some_and(Upload::is_under_way) {
            return Err(BeginUploadError::UnderWay);
        }
        let interval = self.clock.now(now).interval();
        let mut hmac_key = [0; 16];
        crate::device::random(&mut self.rng)(&mut hmac_key);
        let mut keys = advertise::own_keys(&self.store)?;
        keys.retain(|key| key.rolling_start <= interval);
        let mut changes = Vec::new();
        for key in keys
            .iter_mut()
            .filter(|key| key.covers(interval) && order.days.contains(&key.rolling_start.day()))
        {
            // The record moves to the day its last interval lies in.
            *key = key.cut_after(interval);
            changes.push(key.put());
        }
        let upload = Upload::begin(order, keys, hmac_key, now)?;
        changes.push(state::put(StateKey::Upload, &upload));
        self.store.commit(changes)?;
        self.current_key = None;
        self.engine.retry_at = None;
        self.engine.failures = 0;
        let view = upload.view();
        self.engine.upload = Some(upload);
        Ok(view)
    }

    fn upload_answered(&mut self, response: &Response, now: UnixSeconds) -> Result<SyncEvent, SyncError> {
        let mut upload = self.engine.upload.clone().ok_or(SyncError::NothingAsked)?;
        if response.body.len() > limits::UPLOAD {
            return Err(SyncError::TooLarge);
        }
        if let Err(error) = upload.answer(response.status, &response.body, now) {
            self.engine.back_off(now);
            return Err(error);
        }
        self.store.commit(vec![state::put(StateKey::Upload, &upload)])?;
        let view = upload.view();
        self.engine.upload = Some(upload);
        Ok(SyncEvent::Upload(view))
    }

    fn chaff_answered(&mut self) -> Result<SyncEvent, SyncError> {
        let mut chaff = self.engine.chaff;
        chaff.advance();
        self.store.commit(vec![state::put(StateKey::Chaff, &chaff)])?;
        self.engine.chaff = chaff;
        Ok(SyncEvent::CoverTraffic)
    }

    fn nonce(&mut self) -> String {
        let mut bytes = [0; NONCE_BYTES];
        crate::device::random(&mut self.rng)(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn text(response: &Response) -> Result<&str, SyncError> {
    std::str::from_utf8(&response.body)
        .map(str::trim)
        .map_err(|_| SyncError::Malformed)
}
