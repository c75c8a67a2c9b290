//! Both trust sides of the service: the keys side, which never learns whose keys it holds, and the authority's side,
//! which knows people. They run as two processes; only a signed verification certificate crosses.
//!
//! Start at [`KeysApp`] and [`AuthorityApp`] and their routers. The rules are in docs/spec/upload.md.
#![forbid(unsafe_code)]

mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod cases;
pub mod civil;
pub mod clock;
pub mod codes;
pub mod config;
pub mod configs;
mod console;
pub mod db;
pub mod doctor;
mod entropy;
mod error;
pub mod exchange;
pub mod fold;
pub mod gates;
pub mod geo;
mod http;
#[cfg(any(test, feature = "in-process"))]
pub mod in_process;
mod jobs;
pub mod keys;
pub mod messages;
mod oversight;
mod paper;
pub mod passes;
pub mod people;
pub mod proof;
pub mod records;
pub mod run;
pub mod scope;
pub mod secrets;
pub mod supervise;
pub mod telemetry;
pub mod venues;
pub mod visits;

pub use app::{
    AUTHORITY_MIGRATIONS, AuthorityApp, AuthorityInner, KEYRING_MIGRATIONS, KEYS_MIGRATIONS, KeysApp, KeysInner,
};
pub use console::qr_picture;
pub use entropy::{Entropy, SeededStream};
pub use error::{Rule, ServiceError};
pub use http::openapi::contract_json;
pub use http::router::{authority_router, desk_access, keys_router};
pub use http::{Problem, ProblemKind};
