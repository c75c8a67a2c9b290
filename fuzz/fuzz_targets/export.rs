//! An export file of anybody: opened, verified, read to its end, without panic and within its limits (P20 to P23).
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::export::Export;
use protocol::signature::SecretKey;

fuzz_target!(|zip: &[u8]| {
    let Ok(export) = Export::open(zip) else { return };
    let stranger = SecretKey::from_bytes(&[9; 32]).expect("in range").public_key();
    assert!(export.verify_any(&stranger).is_err(), "signed by a key that signed nothing");
    let mut handed_out = 0;
    if let Ok(count) = export.for_each_key(|_| handed_out += 1) {
        assert_eq!(count.read, handed_out);
    }
});
