//! A region for devices under test: its keys, its files, and a service that answers their requests.
#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use device::{
    Device, Setup,
    radio::Packet,
    schedule::ScanPolicy,
    store::{Store, memory::MemoryStore},
    sync::{Method, Request, Response, SyncError, SyncEvent},
};
use exposure::config::RiskConfig;
use protocol::{
    diagnosis::{DiagnosisKey, ReportType},
    export::{ExportHeader, ExportWriter, SignatureInfo},
    jws::{self, DocumentType},
    message::{KeyUpload, SignedTime, Trust},
    proximity::RollingPeriod,
    signature::SecretKey,
    time::{IntervalNumber, UnixSeconds},
};
use serde_json::json;

/// 2021-07-12T00:00:00Z.
pub const START: UnixSeconds = UnixSeconds(1_626_048_000);
pub const MINUTE: i64 = 60;
pub const DAY: i64 = 86_400;

pub struct Region {
    documents: SecretKey,
    exports: SecretKey,
    pub config: RiskConfig,
    pub files: Vec<(String, Vec<u8>)>,
    /// Every request answered, oldest first.
    pub asked: Vec<Request>,
    /// Uploads received.
    pub uploads: Vec<KeyUpload>,
    /// Seconds the region's clock is ahead of the device's.
    pub ahead_seconds: i64,
}

/// Returns the key that signs the region's venue codes.
pub fn venue_key() -> SecretKey {
    SecretKey::from_bytes(&[13; 32]).unwrap()
}

impl Region {
    pub fn new() -> Self {
        Self::signed_by(11)
    }

    /// Returns a region whose documents are signed by another key.
    pub fn signed_by(key: u8) -> Self {
        Self {
            documents: SecretKey::from_bytes(&[key; 32]).unwrap(),
            exports: SecretKey::from_bytes(&[12; 32]).unwrap(),
            config: RiskConfig::vietnam_default(),
            files: Vec::new(),
            asked: Vec::new(),
            uploads: Vec::new(),
            ahead_seconds: 0,
        }
    }

    pub fn trust(&self) -> Trust {
        Trust {
            region: "82".into(),
            authority_url: "https://authority.example".into(),
            keys_url: "https://keys.example".into(),
            radio_service_uuid: "fff0".into(),
            document_public_key_pem: self.documents.public_key().to_pem(),
            document_key_id: "documents-1".into(),
            export_public_key_pem: self.exports.public_key().to_pem(),
            export_key_id: "exports".into(),
            export_key_version: "1".into(),
            health_authority_id: "vn.82".into(),
            venue_public_key_pem: venue_key().public_key().to_pem(),
        }
    }

    pub fn setup(&self, n: u8) -> Setup {
        Setup {
            scan: ScanPolicy::Fixed {
                interval_seconds: 60,
                phase_seconds: 0,
            },
            cover_traffic: false,
            ..Setup::new(self.trust(), [n; 32])
        }
    }

    /// Opens a device of this region; `n` tells its randomness from others'.
    pub fn device(&self, n: u8) -> Device<MemoryStore> {
        Device::open(MemoryStore::default(), self.setup(n), START).unwrap()
    }

    pub fn publish(&mut self, keys: &[DiagnosisKey]) {
        let zip = self.export(keys);
        let name = format!("{:05}.zip", self.files.len() + 1);
        self.files.push((name, zip));
    }

    pub fn export(&self, keys: &[DiagnosisKey]) -> Vec<u8> {
        let info = SignatureInfo {
            key_version: "1".into(),
            key_id: "exports".into(),
            algorithm: protocol::export::ALGORITHM.into(),
        };
        let header = ExportHeader {
            start: START,
            end: START.plus(DAY),
            region: "82".into(),
            batch_num: 1,
            batch_size: 1,
            signature_infos: vec![info],
        };
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        let mut writer = ExportWriter::new(Vec::new(), header).unwrap();
        for key in &keys {
            writer.push(key).unwrap();
        }
        writer.finish(&self.exports).unwrap()
    }

    /// Answers as the real services do, without their rules.
    pub fn answer(&mut self, request: &Request, now: UnixSeconds) -> Response {
        self.asked.push(request.clone());
        let ok = |body: Vec<u8>| Response { status: 200, body };
        let path = request.path.as_str();
        if request.method == Method::Post {
            return ok(self.answer_post(path, request));
        }
        if let Some(nonce) = path.strip_prefix("/v1/time?nonce=") {
            let payload = SignedTime {
                unix: now.0 + self.ahead_seconds,
                nonce: nonce.into(),
            };
            return ok(jws::sign(DocumentType::Time, "documents-1", &self.documents, &payload).into_bytes());
        }
        match path {
            "/v1/config" => {
                ok(jws::sign(DocumentType::Config, "documents-1", &self.documents, &self.config).into_bytes())
            }
            "/v1/exports/82/index.txt" => {
                let names: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
                ok(names.join("\n").into_bytes())
            }
            _ => {
                let file = self.files.iter().find(|(name, _)| path.ends_with(name.as_str()));
                file.map_or(
                    Response {
                        status: 404,
                        body: Vec::new(),
                    },
                    |(_, zip)| ok(zip.clone()),
                )
            }
        }
    }

    fn answer_post(&mut self, path: &str, request: &Request) -> Vec<u8> {
        let answer = match path {
            "/v1/verify" => {
                json!({"token": "t".repeat(400), "testtype": "confirmed", "symptomDate": "2021-07-10", "testDate": null})
            }
            "/v1/certificate" => json!({"certificate": "c".repeat(700)}),
            "/v1/publish" => {
                let upload: KeyUpload = serde_json::from_slice(&request.body).unwrap();
                let inserted = upload.keys.len();
                if !request.headers.contains(&("x-chaff", "1")) {
                    self.uploads.push(upload);
                }
                json!({"insertedExposures": inserted, "outcomes": []})
            }
            other => panic!("no such operation: {other}"),
        };
        answer.to_string().into_bytes()
    }

    /// Runs the device's requests until there are none; returns what they led to.
    pub fn sync<S: Store>(&mut self, device: &mut Device<S>, now: UnixSeconds) -> Vec<Result<SyncEvent, SyncError>> {
        device.request_sync();
        self.run(device, now)
    }

    pub fn run<S: Store>(&mut self, device: &mut Device<S>, now: UnixSeconds) -> Vec<Result<SyncEvent, SyncError>> {
        let mut events = Vec::new();
        while let Some(request) = device.next_request(now).unwrap() {
            let response = self.answer(&request, now);
            events.push(device.on_response(now, &response));
            assert!(events.len() < 10_000, "requests without end");
        }
        events
    }
}

/// Lets two devices hear each other once a minute.
pub fn meet<A: Store, B: Store>(a: &mut Device<A>, b: &mut Device<B>, from: UnixSeconds, minutes: i64, rssi_dbm: i8) {
    for minute in 0..minutes {
        let now = from.plus(minute * MINUTE);
        let (from_a, from_b) = (payload(a, now), payload(b, now));
        a.observe(
            now,
            &[Packet {
                payload: &from_b,
                rssi_dbm,
            }],
        )
        .unwrap();
        b.observe(
            now,
            &[Packet {
                payload: &from_a,
                rssi_dbm,
            }],
        )
        .unwrap();
    }
}

pub fn payload<S: Store>(device: &mut Device<S>, now: UnixSeconds) -> [u8; 31] {
    device.radio_plan(now).unwrap().advertise.expect("not paused").payload
}

/// Returns all own keys of a device as if its owner had been confirmed.
pub fn diagnosis_keys<S: Store>(device: &Device<S>) -> Vec<DiagnosisKey> {
    let everything = device.export_all().unwrap();
    let keys = everything["identity"].as_array().unwrap();
    keys.iter()
        .map(|key| DiagnosisKey {
            key: unhex(key["key"].as_str().unwrap()).try_into().unwrap(),
            rolling_start: IntervalNumber(key["rollingStart"].as_u64().unwrap() as u32),
            rolling_period: RollingPeriod::new(key["rollingPeriod"].as_u64().unwrap() as u32).unwrap(),
            report_type: ReportType::ConfirmedTest,
            transmission_risk: 0,
            days_since_onset: None,
        })
        .collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}
