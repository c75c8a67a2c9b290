//! The face of [`device::gate::Gate`] for the gate app.

use device::gate::{End, Gate, Moment, Refusal, Taken};
use protocol::{
    gate::rules::{Way, unhex},
    signature::PublicKey,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::{
    error::CoreError,
    wire::{json, parse},
};

/// Longest text that is handed on; what is longer is no code.
const MAX_TEXT: usize = 4096;

/// A gate, as long as the page lives.
#[wasm_bindgen]
pub struct GateCore {
    gate: Gate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMoment {
    at: i64,
    known: Option<i64>,
    run: u32,
    guard: String,
    way: Option<Way>,
    counter: u64,
    before: String,
}

impl WireMoment {
    fn read(text: &str) -> Result<(Moment, End), CoreError> {
        let wire: Self = parse(text)?;
        let before = unhex(&wire.before).ok_or_else(|| CoreError::new("argument", "the link has 32 bytes"))?;
        let end = End {
            counter: wire.counter,
            before,
        };
        let moment = Moment {
            at: wire.at,
            known: wire.known,
            run: wire.run,
            guard: wire.guard,
            way: wire.way,
        };
        Ok((moment, end))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    Taken(Taken),
    Refused(Refusal),
}

fn told(outcome: Result<Taken, Refusal>) -> String {
    json(&outcome.map_or_else(Outcome::Refused, Outcome::Taken))
}

#[wasm_bindgen]
impl GateCore {
    /// Makes a gate of its id, the authority's point and 32 fresh random bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(gate: &str, authority: &str, seed: &[u8]) -> Result<GateCore, JsError> {
        Ok(Self::open(gate, authority, seed)?)
    }

    fn open(gate: &str, authority: &str, seed: &[u8]) -> Result<Self, CoreError> {
        let wrong = |what| CoreError::new("argument", what);
        let id = unhex(gate).ok_or_else(|| wrong("the gate's id has 16 bytes"))?;
        let point = unhex::<33>(authority).and_then(|point| PublicKey::from_point(&point).ok());
        let authority = point.ok_or_else(|| wrong("the authority's key is no point"))?;
        let seed = seed.try_into().map_err(|_| wrong("the seed needs 32 bytes"))?;
        Ok(Self {
            gate: Gate::new(id, authority, seed),
        })
    }

    /// Takes signed rules; returns those in force as JSON.
    #[wasm_bindgen(js_name = takeRules)]
    pub fn take_rules(&mut self, document: &str) -> Result<String, JsError> {
        let rules = self.gate.take_rules(document);
        Ok(json(rules.map_err(|error| CoreError::new("rules", error))?))
    }

    /// Decides about a scanned text; what is sealed is the page's to write down before it shows anything.
    pub fn scan(&mut self, moment: &str, scanned: &str) -> Result<String, JsError> {
        let (moment, end) = WireMoment::read(moment)?;
        if scanned.len() > MAX_TEXT {
            return Ok(told(Err(Refusal::Unknown)));
        }
        Ok(told(self.gate.scan(&moment, end, scanned)))
    }

    /// Keeps somebody without a code.
    pub fn typed(&mut self, moment: &str, name: &str, phone: &str) -> Result<String, JsError> {
        let (moment, end) = WireMoment::read(moment)?;
        if name.len() + phone.len() > MAX_TEXT {
            return Ok(told(Err(Refusal::Typed)));
        }
        Ok(told(self.gate.typed(&moment, end, name, phone)))
    }

    /// How many came in and did not go out since the page was opened.
    pub fn inside(&self, now: f64) -> u32 {
        u32::try_from(self.gate.inside(now as i64)).unwrap_or(u32::MAX)
    }

    /// What the gate signs of a request.
    #[wasm_bindgen(js_name = requestWords)]
    pub fn request_words(gate: &str, sent_at: f64, known: Option<f64>, last: &str) -> Result<Vec<u8>, JsError> {
        let (Some(gate), Some(last)) = (unhex(gate), unhex(last)) else {
            return Err(CoreError::new("argument", "a gate has 16 bytes and a link 32").into());
        };
        let known = known.map(|known| known as i64);
        Ok(protocol::gate::request(&gate, sent_at as i64, known, &last))
    }

    /// What a device signs to become a gate.
    #[wasm_bindgen(js_name = enrolmentWords)]
    pub fn enrolment_words(secret: &str, point: &str) -> Result<Vec<u8>, JsError> {
        let point = unhex(point).ok_or_else(|| CoreError::new("argument", "a point has 33 bytes"))?;
        Ok(protocol::gate::enrolment(secret.as_bytes(), &point))
    }
}
