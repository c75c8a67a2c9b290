//! The class that JavaScript holds.

use crate::{
    error::CoreError,
    wire::{self, json},
};
use device::{
    Device, Setup,
    radio::Packet,
    store::{Store, decode_records, journal::JournalStore},
    sync::Response,
};
use protocol::{
    code::{CodeKind, VerificationCode},
    message::Trust,
    time::{UnixSeconds, UtcDay},
};
use serde_json::json as object;
use wasm_bindgen::prelude::*;

/// A device whose records the page keeps.
#[wasm_bindgen]
pub struct Core {
    device: Device<JournalStore>,
}

fn seconds(now: f64) -> UnixSeconds {
    // JavaScript's numbers are floating; casts saturate, and NaN becomes 0.
    UnixSeconds(now as i64)
}

#[wasm_bindgen]
impl Core {
    /// Opens the device.
    #[wasm_bindgen(constructor)]
    pub fn new(trust: &str, records: &[u8], now: f64, seed: &[u8]) -> Result<Core, JsError> {
        Ok(Self::open(trust, records, now, seed)?)
    }

    fn open(trust: &str, records: &[u8], now: f64, seed: &[u8]) -> Result<Core, CoreError> {
        let trust: Trust =
            wire::parse(trust).map_err(|_| CoreError::new("trust", "the trust document is malformed"))?;
        let seed = seed
            .try_into()
            .map_err(|_| CoreError::new("argument", "the seed needs 32 bytes"))?;
        let records = decode_records(records).map_err(|error| CoreError::new("store", error))?;
        let device = Device::open(
            JournalStore::from_records(records),
            Setup::new(trust, seed),
            seconds(now),
        )?;
        Ok(Self { device })
    }

    /// Seconds between two rounds of synchronisation.
    #[wasm_bindgen(js_name = setSyncEvery)]
    pub fn set_sync_every(&mut self, seconds: f64) {
        self.device.set_sync_every(seconds as i64);
    }

    /// What the page has still to write, as JSON.
    pub fn changes(&self) -> Option<String> {
        self.device.store().batch().map(|batch| wire::batch(&batch))
    }

    /// The page has written the changes of this number.
    pub fn acknowledge(&mut self, number: f64) {
        self.device.store_mut().acknowledge(number as u64);
    }

    /// Everything the device knows, for `restoreSnapshot` of another.
    pub fn snapshot(&self) -> Result<Vec<u8>, JsError> {
        Ok(self.device.store().snapshot().map_err(CoreError::from)?)
    }

    /// Replaces everything by a snapshot.
    #[wasm_bindgen(js_name = restoreSnapshot)]
    pub fn restore_snapshot(&mut self, now: f64, snapshot: &[u8]) -> Result<(), JsError> {
        Ok(self.device.restore(seconds(now), snapshot).map_err(CoreError::from)?)
    }

    /// What a person sees at a glance.
    pub fn status(&self, now: f64) -> Result<String, JsError> {
        Ok(json(&self.device.status(seconds(now)).map_err(CoreError::from)?))
    }

    /// Notices kept, oldest day first.
    pub fn notices(&self) -> Result<String, JsError> {
        Ok(json(&self.device.notices().map_err(CoreError::from)?))
    }

    /// Reasons of a day, `null` when no confirmed case was heard.
    pub fn explain(&self, day: u32) -> Result<String, JsError> {
        Ok(json(&self.device.explain(UtcDay(day)).map_err(CoreError::from)?))
    }

    /// How much is stored, by table and day.
    pub fn stored(&self) -> Result<String, JsError> {
        Ok(json(&self.device.stored().map_err(CoreError::from)?))
    }

    /// Everything stored, readable.
    #[wasm_bindgen(js_name = exportAll)]
    pub fn export_all(&self) -> Result<String, JsError> {
        Ok(json(&self.device.export_all().map_err(CoreError::from)?))
    }

    /// Deletes everything.
    #[wasm_bindgen(js_name = deleteAll)]
    pub fn delete_all(&mut self, now: f64) -> Result<(), JsError> {
        Ok(self.device.delete_all(seconds(now)).map_err(CoreError::from)?)
    }

    /// Erases what is older than the retention.
    pub fn prune(&mut self, now: f64) -> Result<(), JsError> {
        Ok(self.device.prune(seconds(now)).map_err(CoreError::from)?)
    }

    /// Checks in at the venue of a scanned code; `facts` is what the page knows of it.
    #[wasm_bindgen(js_name = checkIn)]
    pub fn check_in(&mut self, now: f64, scanned: &str, facts: &str) -> Result<String, JsError> {
        let facts = wire::venue_facts(facts)?;
        let visit = self.device.check_in(seconds(now), scanned, &facts);
        Ok(json(&visit.map_err(CoreError::from)?))
    }

    /// Checks out.
    #[wasm_bindgen(js_name = checkOut)]
    pub fn check_out(&mut self, now: f64, key: f64) -> Result<String, JsError> {
        let visit = self.device.check_out(seconds(now), key as u64);
        Ok(json(&visit.map_err(CoreError::from)?))
    }

    /// Visits kept, newest first.
    pub fn visits(&self, now: f64) -> Result<String, JsError> {
        Ok(json(&self.device.visits(seconds(now)).map_err(CoreError::from)?))
    }

    /// Days whose passes are to be asked for.
    #[wasm_bindgen(js_name = wantedPasses)]
    pub fn wanted_passes(&mut self, now: f64) -> Result<String, JsError> {
        Ok(json(&self.device.wanted_passes(seconds(now)).map_err(CoreError::from)?))
    }

    /// Keeps passes, a list of hexadecimal digits.
    #[wasm_bindgen(js_name = keepPasses)]
    pub fn keep_passes(&mut self, passes: &str) -> Result<(), JsError> {
        let passes: Vec<String> = wire::parse(passes)?;
        let kept = self.device.keep_passes(&passes);
        Ok(kept.map_err(|error| CoreError::new("passes", error))?)
    }

    /// The person's own code of now, or null.
    #[wasm_bindgen(js_name = ownCode)]
    pub fn own_code(&self, now: f64) -> Result<String, JsError> {
        Ok(json(&self.device.own_code(seconds(now)).map_err(CoreError::from)?))
    }

    /// Forgets all passes.
    #[wasm_bindgen(js_name = forgetPasses)]
    pub fn forget_passes(&mut self) -> Result<(), JsError> {
        Ok(self.device.forget_passes().map_err(CoreError::from)?)
    }

    /// Forgets a visit.
    #[wasm_bindgen(js_name = forgetVisit)]
    pub fn forget_visit(&mut self, key: f64) -> Result<(), JsError> {
        Ok(self.device.forget_visit(key as u64).map_err(CoreError::from)?)
    }

    /// Scans that the authority does not have.
    #[wasm_bindgen(js_name = unregisteredVisits)]
    pub fn unregistered_visits(&self, most: u32) -> Result<String, JsError> {
        let untold = self.device.unregistered_visits(most as usize);
        Ok(json(&untold.map_err(CoreError::from)?))
    }

    /// The authority has a scan, or never will.
    #[wasm_bindgen(js_name = noteRegistered)]
    pub fn note_registered(&mut self, key: f64, is_out: bool) -> Result<(), JsError> {
        let noted = self.device.note_registered(key as u64, is_out);
        Ok(noted.map_err(CoreError::from)?)
    }

    /// Check-ins of before are not to be registered.
    #[wasm_bindgen(js_name = noteAllRegistered)]
    pub fn note_all_registered(&mut self) -> Result<(), JsError> {
        Ok(self.device.note_all_registered().map_err(CoreError::from)?)
    }

    /// Pauses or resumes the radio.
    #[wasm_bindgen(js_name = setPaused)]
    pub fn set_paused(&mut self, paused: bool) -> Result<(), JsError> {
        Ok(self.device.set_paused(paused).map_err(CoreError::from)?)
    }

    /// What the radio does now.
    #[wasm_bindgen(js_name = radioPlan)]
    pub fn radio_plan(&mut self, now: f64) -> Result<String, JsError> {
        Ok(wire::radio_plan(
            &self.device.radio_plan(seconds(now)).map_err(CoreError::from)?,
        ))
    }

    /// Records one scan.
    pub fn observe(&mut self, now: f64, packets: &str) -> Result<String, JsError> {
        let heard: Vec<_> = wire::packets(packets)?
            .into_iter()
            .map(|packet| (packet.payload(), packet.rssi))
            .collect();
        let packets: Vec<_> = heard
            .iter()
            .map(|(payload, rssi)| Packet {
                payload,
                rssi_dbm: *rssi,
            })
            .collect();
        Ok(json(
            &self.device.observe(seconds(now), &packets).map_err(CoreError::from)?,
        ))
    }

    /// The request to send now.
    #[wasm_bindgen(js_name = nextRequest)]
    pub fn next_request(&mut self, now: f64) -> Result<Option<String>, JsError> {
        let request = self.device.next_request(seconds(now)).map_err(CoreError::from)?;
        Ok(request.map(|request| wire::request(&request, self.device.trust())))
    }

    /// When to ask again after there was none.
    #[wasm_bindgen(js_name = nextRequestAt)]
    pub fn next_request_at(&self, now: f64) -> f64 {
        self.device.next_request_at(seconds(now)).0 as f64
    }

    /// Starts a round with the next request.
    #[wasm_bindgen(js_name = requestSync)]
    pub fn request_sync(&mut self) {
        self.device.request_sync();
    }

    /// Takes the answer to the last request.
    #[wasm_bindgen(js_name = onResponse)]
    pub fn on_response(&mut self, now: f64, status: u16, body: Vec<u8>) -> Result<String, JsError> {
        let response = Response { status, body };
        Ok(json(
            &self
                .device
                .on_response(seconds(now), &response)
                .map_err(CoreError::from)?,
        ))
    }

    /// Begins the upload of the chosen days' keys.
    #[wasm_bindgen(js_name = beginUpload)]
    pub fn begin_upload(&mut self, now: f64, order: &str) -> Result<String, JsError> {
        let order = wire::upload_order(order)?;
        Ok(json(
            &self
                .device
                .begin_upload(seconds(now), &order)
                .map_err(CoreError::from)?,
        ))
    }

    /// Days whose keys can be shared.
    #[wasm_bindgen(js_name = shareableDays)]
    pub fn shareable_days(&self) -> Result<String, JsError> {
        Ok(json(&self.device.shareable_days().map_err(CoreError::from)?))
    }

    /// Reads a typed code without asking anybody.
    #[wasm_bindgen(js_name = readCode)]
    pub fn read_code(typed: &str) -> Result<String, JsError> {
        let code = VerificationCode::parse(typed).map_err(CoreError::from)?;
        let kind = if code.kind() == CodeKind::Short {
            "short"
        } else {
            "link"
        };
        Ok(json(&object!({ "kind": kind, "grouped": code.grouped() })))
    }
}
