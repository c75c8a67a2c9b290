//! A gate as the authority meets one: it seals, chains, signs and sends.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use protocol::gate::record::{Direction, Evidence, Record};
use protocol::gate::rules::{Kind, Way, to_hex, unhex};
use protocol::gate::{self, SESSION_RECORDS, Session, enrolment, link};
use protocol::signature::{PublicKey, SecretKey, digest};
use serde_json::{Value, json};
use server::gates::{self, NewGate};

use super::{Answer, World, post};

/// A device at the door.
pub struct Device {
    pub gate: [u8; 16],
    pub key: SecretKey,
    pub seal_key: PublicKey,
    pub rules: String,
    session: Session,
    drawn: u8,
    counter: u64,
    before: [u8; 32],
}

pub fn new_gate(name: &str) -> NewGate {
    NewGate {
        name: name.to_owned(),
        way: Way::Both,
        takes: Kind::ALL.to_vec(),
    }
}

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).unwrap()
}

/// Asks to be the gate of a link.
pub async fn enrol(world: &World, secret: &str, device: &SecretKey) -> Answer {
    let point = device.public_key().to_point();
    let signature = device.sign_digest(&digest(&enrolment(secret.as_bytes(), &point)));
    let body = json!({"secret": secret, "point": to_hex(&point), "signature": to_hex(&signature)});
    post(&world.authority, "/v1/gates/enrol", &body).await
}

impl Device {
    /// Makes a gate for a venue and opens it on a device.
    pub async fn at(world: &World, venue_id: &str, byte: u8) -> Self {
        let app = &world.both.authority;
        let gate = gates::register(app, venue_id, new_gate("Cổng")).await.unwrap();
        let secret = gates::make_link(app, &gate).await.unwrap();
        let answer = enrol(world, &secret, &key(byte)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer: Value = answer.json();
        let authority = unhex::<33>(answer["authority"].as_str().unwrap()).unwrap();
        let rules = answer["rules"].as_str().unwrap().to_owned();
        let authority = PublicKey::from_point(&authority).unwrap();
        let read = protocol::gate::rules::Rules::read(&rules, &authority, &gate.id).unwrap();
        let seal_key = read.seal_point().unwrap();
        Self {
            gate: gate.id,
            key: key(byte),
            seal_key,
            rules,
            session: Session::begin(&key(200), &seal_key),
            drawn: 0,
            counter: 0,
            before: [0; 32],
        }
    }

    /// Returns a record of a scan as it is sent.
    pub fn seal(&mut self, record: &Record) -> Value {
        self.seal_bytes(&record.to_bytes())
    }

    pub fn seal_bytes(&mut self, plain: &[u8]) -> Value {
        if self.counter > 0 && self.counter.is_multiple_of(u64::from(SESSION_RECORDS)) {
            self.drawn += 1;
            self.session = Session::begin(&key(200 - self.drawn), &self.seal_key);
        }
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&self.counter.to_be_bytes());
        let sealed = self.session.seal(&self.gate, &nonce, plain).unwrap();
        let point = self.session.point();
        let link = link(&self.gate, self.counter, &self.before, &point, &sealed);
        let sent = json!({
            "counter": self.counter, "before": to_hex(&self.before), "point": to_hex(&point), "number": sealed.number,
            "sealed": to_hex(&sealed.bytes), "signature": to_hex(&self.key.sign_digest(&digest(&link))),
        });
        (self.counter, self.before) = (self.counter + 1, link);
        sent
    }

    /// Begins the counters anew, as a copy of an older device does.
    pub fn rewind(&mut self) {
        (self.counter, self.before) = (0, [0; 32]);
        self.session = Session::begin(&key(100), &self.seal_key);
    }

    /// Returns a request that was signed.
    pub fn request(&self, records: &[Value], run: u32, sent_at: i64, known: Option<i64>) -> Value {
        let last = records.last().map_or([0; 32], |record| self.link_of(record));
        let signed = gate::request(&self.gate, sent_at, known, &last);
        json!({
            "gate": to_hex(&self.gate), "run": run, "sent_at": sent_at, "known": known, "rules_from": 0,
            "records": records, "signature": to_hex(&self.key.sign_digest(&digest(&signed))),
        })
    }

    /// Computes the link of a record as it is sent.
    pub fn link_of(&self, record: &Value) -> [u8; 32] {
        let text = |field: &str| record[field].as_str().unwrap().to_owned();
        let sealed = gate::Sealed {
            number: record["number"].as_u64().unwrap() as u32,
            bytes: hex::decode(text("sealed")).unwrap(),
        };
        let (before, point) = (unhex(&text("before")).unwrap(), unhex(&text("point")).unwrap());
        link(
            &self.gate,
            record["counter"].as_u64().unwrap(),
            &before,
            &point,
            &sealed,
        )
    }

    /// Signs a record anew, as whoever has the device can.
    pub fn sign(&self, record: &mut Value) {
        let link = self.link_of(record);
        record["signature"] = json!(to_hex(&self.key.sign_digest(&digest(&link))));
    }

    pub async fn send(&self, world: &World, records: &[Value]) -> Answer {
        let now = world.clock.now().0;
        let request = self.request(records, 1, now, Some(now));
        post(&world.authority, "/v1/gates/sync", &request).await
    }
}

pub fn record(at: i64, direction: Direction, who: Evidence) -> Record {
    Record {
        at,
        known: Some(at),
        run: 1,
        direction,
        guard: "guard_1".into(),
        who,
    }
}

pub fn typed(name: &str, phone: &str) -> Evidence {
    Evidence::Typed {
        name: name.to_owned(),
        phone: phone.to_owned(),
    }
}
