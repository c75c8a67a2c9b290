//! For tests of this crate and of its hosts.

use crate::{
    radio::{Advert, Packet, Radio, RadioFailed},
    store::{Change, Record, Store, StoreFailed, Table},
};
use protocol::time::UtcDay;

/// A radio that records what went on the air and hears what it is given.
#[derive(Clone, Debug, Default)]
pub struct FakeRadio {
    /// Every advertisement set, in order; `None` where advertising stopped.
    pub advertised: Vec<Option<Advert>>,
    /// Payloads and signal strengths that the next scan hears.
    pub air: Vec<(Vec<u8>, i8)>,
}

impl Radio for FakeRadio {
    fn advertise(&mut self, advert: Option<&Advert>) -> Result<(), RadioFailed> {
        self.advertised.push(advert.copied());
        Ok(())
    }

    fn scan(&mut self, _seconds: u32, heard: &mut dyn FnMut(Packet<'_>)) -> Result<(), RadioFailed> {
        for (payload, rssi_dbm) in self.air.drain(..) {
            heard(Packet {
                payload: &payload,
                rssi_dbm,
            });
        }
        Ok(())
    }
}

/// A store that refuses commits and erasures once its budget of them is used up, as a phone that dies does.
#[derive(Clone, Debug)]
pub struct FailingStore<S> {
    /// The store underneath: what it holds survives.
    pub inner: S,
    /// Commits and erasures still accepted.
    pub left: usize,
}

impl<S> FailingStore<S> {
    fn spend(&mut self) -> Result<&mut S, StoreFailed> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| StoreFailed::Medium("the medium is gone".into()))?;
        Ok(&mut self.inner)
    }
}

impl<S: Store> Store for FailingStore<S> {
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreFailed> {
        self.spend()?.commit(changes)
    }

    fn find(&self, table: Table, key: u64) -> Result<Option<Record>, StoreFailed> {
        self.inner.find(table, key)
    }

    fn range(&self, table: Table, from: u64, to: u64) -> Result<Vec<Record>, StoreFailed> {
        self.inner.range(table, from, to)
    }

    fn days(&self) -> Result<Vec<UtcDay>, StoreFailed> {
        self.inner.days()
    }

    fn erase_day(&mut self, day: UtcDay) -> Result<(), StoreFailed> {
        self.spend()?.erase_day(day)
    }

    fn erase_all(&mut self) -> Result<(), StoreFailed> {
        self.spend()?.erase_all()
    }
}
