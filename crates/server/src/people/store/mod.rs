//! SQL of people and of the keyring. Two databases: a statement belongs to one of them.

pub(super) mod keyring;
pub(super) mod person;
pub(super) mod source;

pub(super) use crate::db::lists::CHUNK;
use crate::db::lists::{id_list, ours, row_chunks, tuples};
