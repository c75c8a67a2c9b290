//! The bytes that two processes of Vùng Lam must agree on: identifiers on the air, diagnosis keys, export files,
//! certificates, messages, codes and what posters say.
//!
//! `no_std` with `alloc`; no I/O, no clock, no random source and no floating point. Where randomness is needed the
//! caller passes bytes. Rules carry the numbers of `docs/spec/proximity.md` (P…) and `docs/spec/upload.md` (U…).
//!
//! ```
//! use protocol::{proximity::{ProximityKeys, TemporaryExposureKey}, time::UnixSeconds};
//! let tek = TemporaryExposureKey::from_bytes([7; 16]);
//! let keys = ProximityKeys::derive(&tek);
//! let now = UnixSeconds(1_626_048_000).interval();
//! assert_ne!(keys.identifier(now), keys.identifier(now.offset(1)));
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod advertisement;
pub mod base32;
pub mod certificate;
pub mod code;
pub mod diagnosis;
pub mod document;
pub mod export;
pub mod gate;
mod hkdf;
pub mod jws;
pub mod message;
pub mod pass;
mod protobuf;
pub mod proximity;
pub mod seal;
pub mod signature;
pub mod time;
pub mod venue;
pub mod visit;
mod zip;
