//! The radio phase: every covered person's device lives through the recording.

use device::{Device, Setup, radio::Packet, schedule::ScanPolicy, store::memory::MemoryStore};
use protocol::{
    advertisement,
    message::Trust,
    time::{DAY_SECONDS, INTERVAL_SECONDS, UnixSeconds, UtcDay},
};

use super::{Progress, ReplayError, ReplayOptions, Stage, air::Air};
use crate::{
    recording::{Person, Recording, STEP_SECONDS},
    seed::{self, Seed},
    services::Services,
};

/// UTC day on which recordings begin: second 0 is its midnight.
pub const FIRST_DAY: UtcDay = UtcDay(18_820);
/// Transmit power of every phone, dBm.
pub const TX_POWER_DBM: i8 = -15;
/// Attenuation between two people in contact: well inside the nearest bucket of the shipped configuration.
pub const NEAR_ATTENUATION_DB: i8 = 50;
/// Packets heard of one phone in one scan.
const PACKETS_PER_SCAN: usize = 3;
/// Seconds between two rounds of synchronisation: often enough that every clock stays trusted.
const SYNC_EVERY_SECONDS: i64 = 12 * 3600;

/// Seconds within which adaptive phones begin: the longest pause of the shipped schedule.
const ADAPTIVE_PHASE_SECONDS: u32 = 300;

/// A phone and whose it is.
pub(super) struct Phone {
    pub(super) person: Person,
    pub(super) device: Device<MemoryStore>,
    pub(super) setup: Setup,
    /// Second up to which it has lived.
    lived_to: i64,
    payload: [u8; advertisement::LENGTH],
}

/// The phones at the end of the recording.
pub(super) struct Phones {
    /// One for each covered person, in the order of people.
    pub(super) phones: Vec<Phone>,
    /// Every identifier that was on the air.
    pub(super) emitted: Vec<[u8; 16]>,
    /// The time then.
    pub(super) now: UnixSeconds,
}

/// Returns the Unix time of a second of the recording.
pub(super) fn unix(second: i64) -> UnixSeconds {
    FIRST_DAY.start().plus(second)
}

/// Draws who is covered.
pub(super) fn draw_covered(recording: &Recording, adoption: f64, seed: &Seed) -> Vec<bool> {
    let seed = seed.child("adoption");
    (0..recording.people.len())
        .map(|person| seed::unit(&mut seed.nth(person).rng()) < adoption)
        .collect()
}

/// Lives through the recording.
pub(super) fn live(
    recording: &Recording,
    covered: &[bool],
    options: &ReplayOptions,
    services: &mut Services,
    progress: &Progress<'_>,
) -> Result<Phones, ReplayError> {
    let air = Air::new(recording, covered);
    let first = (recording.rows[0].t - STEP_SECONDS).div_euclid(INTERVAL_SECONDS) - 1;
    let last = recording.end().div_euclid(INTERVAL_SECONDS);
    services.set_now(unix(first * INTERVAL_SECONDS));
    let mut phones = open(covered, options, services.trust(), first * INTERVAL_SECONDS)?;
    let mut emitted = Vec::new();
    let total = u64::try_from(last - first + 1).unwrap_or(0);
    for (done, interval) in (1..).zip(first..=last) {
        let start = interval * INTERVAL_SECONDS;
        services.set_now(unix(start));
        for phone in &mut phones {
            services.sync(&mut phone.device, unix(start))?;
            if start.rem_euclid(DAY_SECONDS) == 0 {
                phone.device.prune(unix(start))?;
            }
        }
        rotate(&mut phones, start, &mut emitted)?;
        scan(&mut phones, &air, start + INTERVAL_SECONDS)?;
        progress(Stage::Radio, done, total);
    }
    Ok(Phones {
        phones,
        emitted,
        now: unix((last + 1) * INTERVAL_SECONDS),
    })
}

fn open(covered: &[bool], options: &ReplayOptions, trust: &Trust, second: i64) -> Result<Vec<Phone>, ReplayError> {
    let seed = Seed::root(options.seed);
    let people = covered.iter().enumerate().filter(|(_, covered)| **covered);
    people
        .map(|(person, _)| {
            let setup = Setup {
                scan: policy(options.scan_interval_seconds, &seed.child("phase").nth(person)),
                tx_power_dbm: TX_POWER_DBM,
                sync_every_seconds: SYNC_EVERY_SECONDS,
                cover_traffic: false,
                ..Setup::new(trust.clone(), seed.child("device").nth(person).bytes())
            };
            Ok(Phone {
                person: Person::try_from(person).expect("recordings hold at most MAX_PEOPLE"),
                device: Device::open(MemoryStore::default(), setup.clone(), unix(second))?,
                setup,
                lived_to: second + first_scan_seconds(options.scan_interval_seconds, &seed.child("phase").nth(person)),
                payload: [0; advertisement::LENGTH],
            })
        })
        .collect()
}

/// Adaptive phones begin at their own second: without that they would all scan at once.
fn first_scan_seconds(interval_seconds: Option<u32>, seed: &Seed) -> i64 {
    match interval_seconds {
        None => seed::below(&mut seed.rng(), ADAPTIVE_PHASE_SECONDS).into(),
        Some(_) => 0,
    }
}

/// Every row is heard at 20 seconds; at longer intervals each phone has its own phase.
fn policy(interval_seconds: Option<u32>, seed: &Seed) -> ScanPolicy {
    match interval_seconds {
        None => ScanPolicy::default(),
        Some(interval_seconds) => ScanPolicy::Fixed {
            interval_seconds,
            phase_seconds: match i64::from(interval_seconds) > STEP_SECONDS {
                true => seed::below(&mut seed.rng(), interval_seconds),
                false => 0,
            },
        },
    }
}

/// Puts the interval's identifiers on the air.
fn rotate(phones: &mut [Phone], start: i64, emitted: &mut Vec<[u8; 16]>) -> Result<(), ReplayError> {
    for phone in phones {
        let plan = phone.device.radio_plan(unix(start))?;
        phone.payload = plan.advertise.ok_or(ReplayError::Silent)?.payload;
        let rpi = phone.payload[11..27].try_into().expect("sixteen bytes");
        emitted.push(rpi);
    }
    Ok(())
}

/// Lets every phone scan until `end`.
fn scan(phones: &mut [Phone], air: &Air, end: i64) -> Result<(), ReplayError> {
    let mut payloads = Vec::new();
    for phone in &*phones {
        let person = phone.person as usize;
        payloads.resize(payloads.len().max(person + 1), [0; advertisement::LENGTH]);
        payloads[person] = phone.payload;
    }
    let (one, other) = phones.split_at_mut(phones.len() / 2);
    std::thread::scope(|threads| {
        let first = threads.spawn(|| {
            one.iter_mut()
                .try_for_each(|phone| scan_one(phone, air, &payloads, end))
        });
        other
            .iter_mut()
            .try_for_each(|phone| scan_one(phone, air, &payloads, end))?;
        first.join().expect("a phone does not panic")
    })
}

fn scan_one(
    phone: &mut Phone,
    air: &Air,
    payloads: &[[u8; advertisement::LENGTH]],
    end: i64,
) -> Result<(), ReplayError> {
    // A fixed schedule learns nothing from a scan that hears nobody: those are skipped.
    let fixed = matches!(phone.setup.scan, ScanPolicy::Fixed { .. });
    while phone.lived_to < end {
        if fixed {
            phone.lived_to = air.next_company(phone.person, phone.lived_to).unwrap_or(end);
            if phone.lived_to >= end {
                break;
            }
        }
        let next = phone.device.radio_plan(unix(phone.lived_to))?.next_scan_at.0 - unix(0).0;
        if next >= end {
            break;
        }
        let rssi_dbm = TX_POWER_DBM - NEAR_ATTENUATION_DB;
        let near = air.near(phone.person, next);
        let packets: Vec<Packet<'_>> = near
            .flat_map(|other| {
                [Packet {
                    payload: &payloads[other as usize],
                    rssi_dbm,
                }; PACKETS_PER_SCAN]
            })
            .collect();
        phone.device.observe(unix(next), &packets)?;
        phone.lived_to = next + 1;
    }
    phone.lived_to = end;
    Ok(())
}
