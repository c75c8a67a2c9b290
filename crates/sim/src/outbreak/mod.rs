//! An outbreak in the whole province as the desks live it: who lives there, who falls ill, whom they met, who is called.
//!
//! [`Outbreak::plan`] draws it, pure and the same for the same seed; [`populate()`] carries it out through the desk's own
//! operations on a virtual clock. For the demo, for tests with a small [`Size`], and for benchmarks with a large one.

mod calls;
mod course;
mod names;
pub mod officers;
pub mod people;
pub mod plan;
mod populate;
mod venues;

use protocol::time::UnixSeconds;

pub use course::{COMMUNE, DAYS};
pub use plan::Plan;
pub use populate::{Populated, StoryPerson, populate, story_people};
pub use venues::{Registered, check_in};

/// How large an outbreak is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Inhabitants at least.
    pub people: usize,
    /// Cases, suspected and refuted ones among them.
    pub cases: u32,
    /// Contacts at least, as long as people are left.
    pub contacts: u32,
}

/// The outbreak of the demo.
pub struct Outbreak;

impl Outbreak {
    /// Size of the demo's outbreak.
    pub const DEMO: Size = Size {
        people: 180_000,
        cases: 300,
        contacts: 4_000,
    };

    /// Draws an outbreak that ends at `now`.
    ///
    /// # Cost
    ///
    /// The demo's takes 0.1 s.
    pub fn plan(seed: u64, size: Size, now: UnixSeconds) -> Plan {
        course::draw(seed, size, now)
    }
}

#[cfg(test)]
mod linking;
#[cfg(test)]
mod tests;
