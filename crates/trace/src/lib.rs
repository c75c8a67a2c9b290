//! Who was with whom, through which places: a window of visits held in memory, column by column, and exact questions about it.
//!
//! Pure: no I/O, no clock, integers only, so that two engines can be compared byte for byte. A window is loaded for an analysis
//! that is recorded, asked, and dropped.
//!
//! ```
//! use trace::visits::{Visit, VisitIndex};
//! let visits = [(1, 0, 60), (2, 20, 90), (3, 50, 70)].map(|(person, from, to)| Visit { person, venue: 7, from, to });
//! let index = VisitIndex::new(visits);
//! let met = index.overlaps(&[1], 30);
//! assert_eq!((met.len(), met[0].person, met[0].pairs, met[0].minutes), (1, 2, 1, 40));
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod form;
pub mod visits;
