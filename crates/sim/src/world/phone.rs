//! A phone of the province: a native device, or an open browser page that has taken its place.

use std::collections::VecDeque;

use device::{
    Device, Setup,
    device::OpenError,
    radio::Packet,
    store::{StoreFailed, memory::MemoryStore},
};
use protocol::{message::Trust, time::UnixSeconds};
use serde::Serialize;

use super::{
    air::{Air, Heard, Payload},
    diary::Diary,
    people::PersonNumber,
};
use crate::seed::Seed;

/// Transmit power of every phone, dBm.
pub const TX_POWER_DBM: i8 = -15;
/// Seconds between two scans that an open page is given: it cannot scan by itself.
pub const PAGE_SCAN_SECONDS: i64 = 60;
/// Scans kept for a page that is slow to ask.
pub const MAX_PAGE_SCANS: usize = 64;

/// A phone and whose it is.
pub struct Phone {
    /// The owner.
    pub person: PersonNumber,
    /// The device; it stands still once a page has taken its place.
    pub device: Device<MemoryStore>,
    page: Option<Page>,
    payload: Option<Payload>,
    lived_to: UnixSeconds,
}

/// A browser page that is the phone now.
#[derive(Default)]
struct Page {
    payload: Option<Payload>,
    present: bool,
    last_scan: Option<UnixSeconds>,
    scans: VecDeque<PageScan>,
}

/// One scan for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageScan {
    /// When.
    pub at: UnixSeconds,
    /// Seconds since the scan before, `None` for the first.
    pub seconds_since_last: Option<i64>,
    /// What was heard; empty when nobody was.
    pub heard: Vec<Heard>,
}

/// Whether a phone is a native device or an open page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The native device.
    Native,
    /// A page.
    Page,
}

impl Phone {
    pub(super) fn open(person: PersonNumber, trust: &Trust, seed: &Seed, now: UnixSeconds) -> Result<Self, OpenError> {
        let setup = Setup {
            tx_power_dbm: TX_POWER_DBM,
            // A few hundred phones of one process would only keep it busy with cover traffic.
            cover_traffic: false,
            ..Setup::new(trust.clone(), seed.child("device").nth(person).bytes())
        };
        let device = Device::open(MemoryStore::default(), setup, now)?;
        Ok(Self {
            person,
            device,
            page: None,
            payload: None,
            lived_to: now,
        })
    }

    /// Returns what the phone is.
    pub fn body(&self) -> Body {
        if self.page.is_some() { Body::Page } else { Body::Native }
    }

    /// Returns whether the phone advertised in the latest step.
    pub fn is_on_air(&self) -> bool {
        self.payload.is_some()
    }

    /// Lets a page be the phone from now on, and hands over the scans since it asked last.
    pub fn poll(&mut self, payload: Option<Payload>) -> Vec<PageScan> {
        let page = self.page.get_or_insert_default();
        page.payload = payload;
        page.present = true;
        page.scans.drain(..).collect()
    }

    /// Notes that the page asks no more: the phone falls silent.
    pub fn leave(&mut self) {
        if let Some(page) = &mut self.page {
            page.present = false;
            page.payload = None;
        }
    }

    /// Returns what the phone advertises in the interval of `now`, `None` while it is silent.
    pub(super) fn advertise(&mut self, now: UnixSeconds) -> Result<Option<Payload>, StoreFailed> {
        self.payload = match &self.page {
            Some(page) => page.payload,
            None => self.device.radio_plan(now)?.advertise.map(|advert| advert.payload),
        };
        Ok(self.payload)
    }

    /// Scans as the plan says, up to `end`.
    pub(super) fn scan(&mut self, diary: &Diary, air: &Air, end: UnixSeconds) -> Result<(), StoreFailed> {
        while self.lived_to < end {
            let next = match &self.page {
                Some(page) => self.lived_to.max(
                    page.last_scan
                        .map_or(self.lived_to, |last| last.plus(PAGE_SCAN_SECONDS)),
                ),
                None => self.device.radio_plan(self.lived_to)?.next_scan_at,
            };
            if next >= end {
                break;
            }
            let heard = air.heard(self.person, diary.at(next), next);
            match &mut self.page {
                Some(page) => page.record(next, heard),
                None => {
                    let packets: Vec<Packet<'_>> = heard
                        .iter()
                        .map(|heard| Packet {
                            payload: &heard.payload,
                            rssi_dbm: heard.rssi_dbm,
                        })
                        .collect();
                    self.device.observe(next, &packets)?;
                }
            }
            self.lived_to = next.plus(1);
        }
        self.lived_to = self.lived_to.max(end);
        Ok(())
    }
}

impl Page {
    fn record(&mut self, at: UnixSeconds, heard: Vec<Heard>) {
        if self.present {
            let seconds_since_last = self.last_scan.map(|last| at.0 - last.0);
            self.scans.push_back(PageScan {
                at,
                seconds_since_last,
                heard,
            });
            if self.scans.len() > MAX_PAGE_SCANS {
                self.scans.pop_front();
            }
        }
        self.last_scan = Some(at);
    }
}

#[cfg(test)]
impl Phone {
    pub(super) fn payload_now(&self) -> Option<Payload> {
        self.payload
    }
}
