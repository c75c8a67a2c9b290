//! A snapshot of a device's records: what is read is written as the same bytes.
#![no_main]

use device::store::{decode_records, encode_records};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(records) = decode_records(bytes) {
        assert_eq!(encode_records(&records), bytes);
    }
});
