//! Lists and boundaries of the government, read and judged before anything is stored. Pure: no I/O, no clock.

mod boundaries;
mod units;

use std::fmt;

pub use boundaries::{BoundaryFile, read_boundaries};
pub use units::{UnitFile, UnitOptions, read_units};

/// Most problems that are reported; one wrong column would otherwise fill the screen.
const MAX_PROBLEMS: usize = 50;

/// What is wrong with a file, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// What a number counts: `line`, `feature`.
    pub unit: &'static str,
    /// Number and complaint, in the order of the file.
    pub list: Vec<(usize, String)>,
    /// How many more there are.
    pub more: usize,
}

impl Problems {
    fn new(unit: &'static str) -> Self {
        Self {
            unit,
            list: Vec::new(),
            more: 0,
        }
    }

    fn add(&mut self, number: usize, what: impl Into<String>) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push((number, what.into()));
        } else {
            self.more += 1;
        }
    }

    fn one(unit: &'static str, number: usize, what: impl Into<String>) -> Self {
        let mut problems = Self::new(unit);
        problems.add(number, what);
        problems
    }

    fn or<T>(self, value: T) -> Result<T, Self> {
        if self.list.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (number, what)) in self.list.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{} {number}: {what}", self.unit)?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
