//! Signed documents: nothing that a stranger wrote verifies, whatever its form; bytes that were signed still do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::jws::{DocumentType, sign, verify};
use protocol::signature::SecretKey;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let key = SecretKey::from_bytes(&[9; 32]).expect("in range");
    let public = key.public_key();
    for kind in [DocumentType::Certificate, DocumentType::Config, DocumentType::Time] {
        assert!(verify::<Value>(kind, "k", &public, text).is_err());
    }
    let payload = Value::String(text.to_owned());
    let signed = sign(DocumentType::Config, "k", &key, &payload);
    if let Ok(read) = verify::<Value>(DocumentType::Config, "k", &public, &signed) {
        assert_eq!(read, payload);
    }
    assert!(verify::<Value>(DocumentType::Time, "k", &public, &signed).is_err());
});
