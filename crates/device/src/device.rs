//! The device: one object that owns store, clock correction, keys, schedule and synchronisation.

use crate::{
    advertise::{self, CurrentKey},
    clock::Clock,
    observe::{self, MAX_SIGHTINGS_PER_DAY, MAX_SIGHTINGS_PER_INTERVAL, Observed, ScanContext},
    radio::{Packet, RadioPlan},
    schedule::{ScanPolicy, Schedule, ScheduleState},
    sighting,
    state::{self, StateKey},
    store::{Change, Record, Store, StoreFailed, Table},
    sync::{Engine, UploadView},
};
use exposure::config::ScanDuty;
use protocol::{
    advertisement::ServiceUuid,
    message::Trust,
    proximity::RollingPeriod,
    signature::PublicKey,
    time::{IntervalNumber, UnixSeconds, UtcDay},
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use serde::{Deserialize, Serialize};

/// Days that sightings, keys, exposures and notices are kept after their own.
pub const RETENTION_DAYS: i64 = 14;

/// What a host decides when it opens a device.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The region: addresses, radio service and public keys. Pinned: it never changes by a message.
    pub trust: Trust,
    /// Fresh random bytes at each opening; everything random here comes from them.
    pub seed: [u8; 32],
    /// Validity of new keys; a day by default.
    pub rolling_period: RollingPeriod,
    /// Calibrated transmit power, dBm.
    pub tx_power_dbm: i8,
    /// How often to scan.
    pub scan: ScanPolicy,
    /// Seconds between two rounds of synchronisation.
    pub sync_every_seconds: i64,
    /// Whether to send cover traffic; evaluations switch it off.
    pub cover_traffic: bool,
}

impl Setup {
    /// Returns the setup of an ordinary phone.
    pub fn new(trust: Trust, seed: [u8; 32]) -> Self {
        Self {
            trust,
            seed,
            rolling_period: RollingPeriod::DAY,
            tx_power_dbm: -15,
            scan: ScanPolicy::default(),
            sync_every_seconds: 3600,
            cover_traffic: true,
        }
    }
}

/// Why a device does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A field of the trust document is not usable.
    #[error("the region's trust document has no usable {0}")]
    Trust(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

/// Own secret for radio addresses and the person's switch.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Identity {
    address_secret: [u8; 32],
    paused: bool,
}

/// Counters of what was observed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// Grows with every sighting and every import; never falls.
    pub(crate) seq: u64,
    day: u32,
    sightings: u32,
    schedule: ScheduleState,
}

impl Counters {
    /// Returns the counters after one more step of `seq`.
    pub(crate) fn next_seq(self) -> Self {
        Self {
            seq: self.seq + 1,
            ..self
        }
    }
}

/// What a person sees at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The time as the device believes it.
    pub now: UnixSeconds,
    /// Whether a signed time stands behind it.
    pub clock_trusted: bool,
    /// Whether the person paused advertising and scanning.
    pub paused: bool,
    /// Whether a signed configuration is held.
    pub configured: bool,
    /// When an index of export files was last read; `null` before the first.
    pub last_sync: Option<UnixSeconds>,
    /// Days with a notice, newest first.
    pub notice_days: Vec<UtcDay>,
    /// The upload under way or last done.
    pub upload: Option<UploadView>,
}

/// A phone or a gateway. Every call takes the host's clock as `now`; nothing here reads a clock, waits or sends.
pub struct Device<S: Store> {
    pub(crate) store: S,
    pub(crate) setup: Setup,
    pub(crate) document_key: PublicKey,
    pub(crate) export_key: PublicKey,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) clock: Clock,
    pub(crate) counters: Counters,
    pub(crate) current_key: Option<CurrentKey>,
    pub(crate) engine: Engine,
    uuid: ServiceUuid,
    identity: Identity,
    pub(crate) schedule: Schedule,
}

/// Returns the source of randomness in the form `protocol` and the modules here take it.
pub(crate) fn random(rng: &mut ChaCha20Rng) -> impl FnMut(&mut [u8]) {
    |bytes| rng.fill_bytes(bytes)
}

impl<S: Store> Device<S> {
    /// Opens the device that lives in `store`, or makes a new one of an empty store.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(mut store: S, setup: Setup, now: UnixSeconds) -> Result<Self, OpenError> {
        let key = |pem: &str, what| PublicKey::from_pem(pem).map_err(|_| OpenError::Trust(what));
        let document_key = key(&setup.trust.document_public_key_pem, "document key")?;
        let export_key = key(&setup.trust.export_public_key_pem, "export key")?;
        let uuid = u16::from_str_radix(&setup.trust.radio_service_uuid, 16)
            .map_err(|_| OpenError::Trust("radio service UUID"))?;
        let mut rng = ChaCha20Rng::from_seed(setup.seed);
        let identity = identity(&mut store, &mut rng)?;
        let counters: Counters = state::load(&store, StateKey::Observation)?;
        let engine = Engine::load(&store, &setup.trust, &document_key)?;
        let mut device = Self {
            clock: state::load(&store, StateKey::Clock)?,
            schedule: schedule(&setup, &engine, &counters),
            engine,
            store,
            setup,
            document_key,
            export_key,
            rng,
            counters,
            current_key: None,
            uuid: ServiceUuid(uuid),
            identity,
        };
        device.note_time(now);
        Ok(device)
    }

    /// Returns the region the device belongs to.
    pub fn trust(&self) -> &Trust {
        &self.setup.trust
    }

    /// Sets the seconds between two rounds of synchronisation, at least one.
    pub fn set_sync_every(&mut self, seconds: i64) {
        self.setup.sync_every_seconds = seconds.max(1);
    }

    /// Returns the store, for snapshots and for a host that keeps the records.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Returns the store for acknowledging what the host has kept. Its records are the device's own business.
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    pub(crate) fn note_time(&mut self, now: UnixSeconds) {
        self.clock.notice(now);
    }

    /// Returns what the radio does now and until when. Own keys are made here, and stored before they go on the air.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]: the radio must then be silent.
    pub fn radio_plan(&mut self, now: UnixSeconds) -> Result<RadioPlan, StoreFailed> {
        self.note_time(now);
        let time = self.clock.now(now);
        let interval = time.interval();
        let advertise = if self.identity.paused {
            None
        } else {
            let held = self.current_key.take();
            let random = &mut random(&mut self.rng);
            let key = advertise::current(&mut self.store, held, interval, self.setup.rolling_period, random)?;
            let secret = &self.identity.address_secret;
            let advert = advertise::advert(&key, interval, self.uuid, self.setup.tx_power_dbm, secret);
            self.current_key = Some(key);
            Some(advert)
        };
        Ok(RadioPlan {
            advertise,
            rotate_at: self.clock.on_host(interval.offset(1).start()),
            next_scan_at: self.clock.on_host(self.schedule.next_scan_at(time)),
            scan_seconds: self.schedule.scan_seconds(),
        })
    }

    /// Records one scan: all packets heard, also when there were none (the schedule has to know).
    ///
    /// * `now`: the start of the scan
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]: nothing of the scan is stored.
    ///
    /// # Privacy
    ///
    /// Identifiers of others are stored for matching on this device; nothing ever sends them.
    pub fn observe(&mut self, now: UnixSeconds, packets: &[Packet<'_>]) -> Result<Observed, StoreFailed> {
        self.note_time(now);
        if self.identity.paused {
            return Ok(Observed::default());
        }
        let time = self.clock.now(now);
        let own = self.current_key.as_ref();
        let gathered = observe::gather(packets, self.uuid, |rpi| own.is_some_and(|key| key.is_own(rpi)));
        let gaps = self.schedule.record_scan(time, gathered.is_company());
        if !gathered.is_company() {
            return Ok(gathered.observed);
        }
        let interval = time.interval();
        let record = self.store.find(Table::Sightings, u64::from(interval.0))?;
        let mut value = record.map(|record| record.value).unwrap_or_default();
        let today = if interval.day().0 == self.counters.day {
            self.counters.sightings
        } else {
            0
        };
        let room = (MAX_SIGHTINGS_PER_INTERVAL.saturating_sub(sighting::count(&value)))
            .min(MAX_SIGHTINGS_PER_DAY.saturating_sub(today) as usize);
        let scan = ScanContext {
            at: time,
            interval,
            gaps,
            first_seq: self.counters.seq + 1,
            untrusted_clock: !self.clock.is_trusted(now),
        };
        let (sightings, observed) = gathered.into_sightings(room, scan);
        if sightings.is_empty() {
            return Ok(observed);
        }
        sighting::append(&mut value, &sightings);
        let counters = Counters {
            seq: self.counters.seq + u64::from(observed.stored),
            day: interval.day().0,
            sightings: today + observed.stored,
            schedule: self.schedule.state(),
        };
        let sightings = Change::Put(Record {
            table: Table::Sightings,
            key: u64::from(interval.0),
            day: interval.day(),
            value,
        });
        self.store
            .commit(vec![sightings, state::put(StateKey::Observation, &counters)])?;
        self.counters = counters;
        Ok(observed)
    }

    /// Pauses or resumes advertising and scanning.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`]: nothing has changed.
    pub fn set_paused(&mut self, paused: bool) -> Result<(), StoreFailed> {
        let identity = Identity {
            paused,
            ..self.identity.clone()
        };
        self.store.commit(vec![state::put(StateKey::Identity, &identity)])?;
        self.identity = identity;
        Ok(())
    }

    /// Returns what a person sees at a glance.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn status(&self, now: UnixSeconds) -> Result<Status, StoreFailed> {
        let mut notice_days: Vec<UtcDay> = self
            .notices()?
            .iter()
            .filter(|notice| !notice.withdrawn)
            .map(|notice| notice.day)
            .collect();
        notice_days.reverse();
        Ok(Status {
            now: self.clock.now(now),
            clock_trusted: self.clock.is_trusted(now),
            paused: self.identity.paused,
            configured: self.engine.config.is_some(),
            last_sync: self.engine.state.last_round,
            notice_days,
            upload: self.engine.upload_view(),
        })
    }

    /// Returns the upload under way or last done.
    pub fn upload(&self) -> Option<UploadView> {
        self.engine.upload_view()
    }

    /// Returns the UTC days whose own keys can be shared, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreFailed`] when the store cannot be read.
    pub fn shareable_days(&self) -> Result<Vec<UtcDay>, StoreFailed> {
        let mut days: Vec<UtcDay> = advertise::own_keys(&self.store)?
            .iter()
            .map(|key| key.rolling_start.day())
            .collect();
        days.dedup();
        Ok(days)
    }

    /// Returns the interval now, as the device believes it.
    pub fn interval(&self, now: UnixSeconds) -> IntervalNumber {
        self.clock.now(now).interval()
    }
}

impl<S: Store> Device<S> {
    /// Replaces everything the device knows by a snapshot of another device.
    ///
    /// # Errors
    ///
    /// [`StoreFailed::InvalidSnapshot`] when the bytes are no snapshot: nothing is changed then.
    pub fn restore(&mut self, now: UnixSeconds, snapshot: &[u8]) -> Result<(), StoreFailed> {
        self.store.restore(snapshot)?;
        self.reload(now)
    }

    /// Takes up what the store holds now.
    pub(crate) fn reload(&mut self, now: UnixSeconds) -> Result<(), StoreFailed> {
        self.identity = identity(&mut self.store, &mut self.rng)?;
        self.clock = state::load(&self.store, StateKey::Clock)?;
        self.counters = state::load(&self.store, StateKey::Observation)?;
        self.current_key = None;
        self.engine = Engine::load(&self.store, &self.setup.trust, &self.document_key)?;
        self.schedule = schedule(&self.setup, &self.engine, &self.counters);
        self.note_time(now);
        Ok(())
    }
}

fn schedule(setup: &Setup, engine: &Engine, counters: &Counters) -> Schedule {
    let duty = engine
        .config
        .as_ref()
        .map_or_else(ScanDuty::default, |config| config.scan());
    Schedule::new(setup.scan, duty, counters.schedule)
}

fn identity(store: &mut impl Store, rng: &mut ChaCha20Rng) -> Result<Identity, StoreFailed> {
    let mut identity: Identity = state::load(store, StateKey::Identity)?;
    if identity.address_secret == [0; 32] {
        rng.fill_bytes(&mut identity.address_secret);
        store.commit(vec![state::put(StateKey::Identity, &identity)])?;
    }
    Ok(identity)
}
