//! What is decoded as an advertisement is encoded to the same bytes (docs/spec/proximity.md P6).
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::advertisement::{ServiceUuid, decode, encode};

fuzz_target!(|bytes: &[u8]| {
    for uuid in [ServiceUuid::GAEN, ServiceUuid::OWN] {
        if let Ok(advertisement) = decode(uuid, bytes) {
            assert_eq!(encode(uuid, &advertisement), bytes);
        }
    }
});
