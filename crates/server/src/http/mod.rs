//! HTTP for both sides: every route on one page (`router`), limits and headers, problems, health.

pub(crate) mod extract;
mod health;
pub(crate) mod openapi;
pub(crate) mod problem;
pub(crate) mod router;
pub(crate) mod source;

pub use problem::{Problem, ProblemKind};
