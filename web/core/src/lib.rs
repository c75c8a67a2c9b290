//! The face of [`device::Device`] for the citizen app: strings of JSON, bytes and numbers (README.md describes it).
//!
//! Rules live in `device`; here is only translation. Errors reach JavaScript as an `Error` whose message starts with a
//! stable word and a colon (see [`error`]).
#![warn(missing_docs)]

mod error;
mod face;
mod gate;
mod wire;

#[cfg(feature = "bench")]
pub mod bench;

pub use face::Core;
pub use gate::GateCore;
