//! What a phone or a gateway runs: its keys and what it advertises, what it heard, what it fetches and sends, which
//! diagnosis keys it met, and what it tells its owner.
//!
//! No operating system inside: the radio ([`radio`]), the records ([`store`]), the network ([`sync`]), time and
//! randomness are ports. A host owns a [`Device`] and, again and again,
//!
//! 1. asks [`Device::radio_plan`], puts address and payload on the air, scans when it says, and calls
//!    [`Device::observe`] with what it heard;
//! 2. asks [`Device::next_request`], sends it, and calls [`Device::on_response`];
//! 3. shows [`Device::notices`], [`Device::explain`], [`Device::stored`], and calls [`Device::prune`] daily.
//!
//! Rules carry the numbers of `docs/spec/proximity.md` (P…), `docs/spec/upload.md` (U…) and `docs/spec/risk.md` (R…).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod about;
pub mod advertise;
pub mod clock;
pub mod device;
mod exposures;
pub mod gate;
mod import;
pub mod matching;
pub mod notice;
pub mod observe;
pub mod pass;
pub mod radio;
pub mod schedule;
pub mod sighting;
mod state;
pub mod store;
pub mod sync;
#[cfg(feature = "test-util")]
pub mod test_util;
pub mod visit;

pub use device::{Device, Setup};
