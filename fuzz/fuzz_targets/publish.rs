//! The body of an upload: what parses is written and read again as the same, and its HMAC does not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::certificate::{hmac_matches, hmac_over_keys};
use protocol::message::KeyUpload;

fuzz_target!(|body: &[u8]| {
    let Ok(upload) = serde_json::from_slice::<KeyUpload>(body) else { return };
    let again = serde_json::to_vec(&upload).expect("what was read is written");
    assert_eq!(serde_json::from_slice::<KeyUpload>(&again).expect("our own form"), upload);
    let _ = hmac_over_keys(upload.hmac_key.as_bytes(), &upload.keys);
    assert!(!hmac_matches(upload.hmac_key.as_bytes(), &upload.keys, &upload.verification_payload));
});
