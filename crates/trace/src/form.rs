//! The files in which a window of visits is handed over: packed little-endian records, and cases as a list.

use crate::visits::Visit;

/// Bytes of a check-in: `person u32, venue u32, t u32, dur u32`.
pub const CHECK_IN_BYTES: usize = 16;
/// Most bytes of a list of cases.
pub const MAX_CASES_BYTES: u64 = 256 * 1024 * 1024;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// It does not end with a whole record.
    #[error("the file ends in the middle of a record of {CHECK_IN_BYTES} bytes")]
    Cut,
    /// A line of the list of cases does not hold numbers.
    #[error("line {0} is not `person,onset,isolation` in numbers")]
    Line(usize),
}

/// A case: a person, when symptoms began, and when the person was isolated, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Who.
    pub person: u32,
    /// Onset.
    pub onset: u32,
    /// Isolation.
    pub isolation: u32,
}

/// Reads a check-in; it lasts `[t, t + dur)`.
pub fn check_in(record: &[u8; CHECK_IN_BYTES]) -> Visit {
    let number = |at: usize| {
        let bytes = [record[at], record[at + 1], record[at + 2], record[at + 3]];
        u32::from_le_bytes(bytes)
    };
    let from = u64::from(number(8));
    Visit {
        person: number(0),
        venue: number(4),
        from,
        to: from + u64::from(number(12)),
    }
}

/// Reads whole check-ins.
///
/// # Errors
///
/// [`FormError::Cut`].
pub fn check_ins(bytes: &[u8]) -> Result<Vec<Visit>, FormError> {
    let (records, rest) = bytes.as_chunks::<CHECK_IN_BYTES>();
    if !rest.is_empty() {
        return Err(FormError::Cut);
    }
    Ok(records.iter().map(check_in).collect())
}

/// Reads a list of cases, whose first line is its title.
///
/// # Errors
///
/// [`FormError::Line`].
pub fn cases(text: &str) -> Result<Vec<Case>, FormError> {
    let lines = text
        .lines()
        .enumerate()
        .skip(1)
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let numbers: Option<Vec<u32>> = line.split(',').map(|cell| cell.trim().parse().ok()).collect();
            match numbers.as_deref() {
                Some(&[person, onset, isolation]) => Ok(Case {
                    person,
                    onset,
                    isolation,
                }),
                _ => Err(FormError::Line(at + 1)),
            }
        })
        .collect()
}
