//! Cover traffic: every four hours, one time in twelve, a complete upload that uploads nothing
//! (Google's clients do the same). Whoever watches the wire cannot tell an infected person's upload from it.

use super::{Request, upload};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use protocol::{
    code::{CodeKind, VerificationCode},
    message::{CHAFF_HEADER, KeyUpload, Trust, UploadedKey},
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

/// Seconds between two draws.
const DRAW_SECONDS: i64 = 4 * 3600;
/// One draw in this many starts cover traffic.
const ONE_IN: u8 = 12;
const STEPS: u8 = 3;

/// Cover traffic as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chaff {
    next_draw: Option<i64>,
    /// Steps done of the sequence under way, `None` when there is none.
    step: Option<u8>,
}

impl Chaff {
    /// Returns when the next draw is due.
    pub(crate) fn due_at(&self) -> Option<UnixSeconds> {
        self.next_draw.map(UnixSeconds)
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.step.is_some()
    }

    /// Draws when a draw is due; returns whether the state changed.
    pub(crate) fn draw(&mut self, now: UnixSeconds, random: &mut dyn FnMut(&mut [u8])) -> bool {
        let due = self.next_draw.is_some_and(|next| now.0 >= next);
        // A draw further away than its period means the clock was moved back.
        if !due && self.next_draw.is_some_and(|next| next - now.0 <= DRAW_SECONDS) {
            return false;
        }
        if due && self.step.is_none() && uniform(ONE_IN, random) == 0 {
            self.step = Some(0);
        }
        self.next_draw = Some(now.0.saturating_add(DRAW_SECONDS));
        true
    }

    /// Returns the request of the sequence under way.
    pub(crate) fn request(&self, trust: &Trust, random: &mut dyn FnMut(&mut [u8])) -> Option<Request> {
        let mut request = match self.step? {
            0 => {
                let code = VerificationCode::draw(CodeKind::Short, &mut || {
                    let mut byte = [0];
                    random(&mut byte);
                    byte[0]
                });
                upload::verify(code.reveal().into(), random)
            }
            1 => {
                let token = filler(240, random);
                let mut hmac = [0; 32];
                random(&mut hmac);
                upload::certify(token, &hmac, random)
            }
            _ => upload::publish(&mut fake_upload(trust, random), random),
        };
        request.headers.push((CHAFF_HEADER, "1"));
        Some(request)
    }

    /// Goes on after an answer, whatever it was.
    pub(crate) fn advance(&mut self) {
        self.step = self.step.map(|step| step + 1).filter(|step| *step < STEPS);
    }
}

fn fake_upload(trust: &Trust, random: &mut dyn FnMut(&mut [u8])) -> KeyUpload {
    let mut bytes = [0; 32];
    random(&mut bytes);
    let key = UploadedKey {
        key: STANDARD.encode(&bytes[..16]),
        rolling_start_number: 2_700_000,
        rolling_period: 144,
        transmission_risk: 0,
    };
    KeyUpload {
        keys: vec![key; 14],
        health_authority_id: trust.health_authority_id.clone(),
        verification_payload: filler(480, random),
        hmac_key: STANDARD.encode(&bytes[16..]),
        symptom_onset_interval: None,
        traveler: false,
        revision_token: None,
        padding: String::new(),
    }
}

fn filler(bytes: usize, random: &mut dyn FnMut(&mut [u8])) -> String {
    let mut filler = vec![0; bytes];
    random(&mut filler);
    URL_SAFE_NO_PAD.encode(filler)
}

/// Draws a number below `bound` without bias.
fn uniform(bound: u8, random: &mut dyn FnMut(&mut [u8])) -> u8 {
    loop {
        let mut byte = [0];
        random(&mut byte);
        if byte[0] < u8::MAX / bound * bound {
            return byte[0] % bound;
        }
    }
}
