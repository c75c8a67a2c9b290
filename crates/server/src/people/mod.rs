//! People: who they are is sealed under one key per person, in a vault whose keyring is kept and backed up apart.
//!
//! Everything else of the authority carries a [`PersonId`]. Destroying a person's key erases the person everywhere.

pub mod model;
pub mod search;

pub use model::{Birth, Document, DocumentKind, Identity, PersonId, Sex};
