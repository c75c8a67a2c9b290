//! People on a virtual clock whose phones are real devices and whose services are the real routers in process.
//!
//! [`replay`] lets a recording of real contacts happen again and says what the phones found; [`truth`] counts the same
//! from the recording alone.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod demo;
pub mod outbreak;
pub mod recording;
pub mod replay;
pub mod search;
pub mod seed;
pub mod services;
pub mod truth;
pub mod world;
