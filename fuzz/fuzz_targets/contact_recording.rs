//! A recording of contacts, plain or compressed: refused, or people and contacts that fit together.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The file alone: the crate around it brings the whole server.
#[path = "../../crates/sim/src/recording.rs"]
#[allow(dead_code)]
mod recording;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(recording) = recording::read(bytes) {
        assert!(recording.people.len() <= recording::MAX_PEOPLE);
        assert!(recording.rows.windows(2).all(|pair| pair[0] < pair[1]), "in order, each once");
        for row in &recording.rows {
            assert!(row.a < row.b && (row.b as usize) < recording.people.len());
            assert!((0..=recording::MAX_SECONDS).contains(&row.t));
        }
    }
});
