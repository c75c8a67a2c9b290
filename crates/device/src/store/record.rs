//! One record and its bytes: the form of snapshots and of what the browser keeps.
//!
//! ```text
//! version u8 = 1 | table u8 | day u32 | key u64 | length u32 | value        integers little-endian
//! ```

use super::Table;
use protocol::time::UtcDay;

/// Longest value of a record: a day of imported keys fits eight times.
pub const MAX_VALUE_BYTES: usize = 32 * 1024 * 1024;
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 18;

/// A value under a number in a table, belonging to a UTC day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Table it is in.
    pub table: Table,
    /// Number within the table.
    pub key: u64,
    /// Day whose erasure takes the record with it; [`super::PERMANENT`] for none.
    pub day: UtcDay,
    /// Content, at most [`MAX_VALUE_BYTES`].
    pub value: Vec<u8>,
}

/// Why bytes are not a list of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecord {
    /// The bytes end inside a record.
    #[error("the bytes end inside a record")]
    CutOff,
    /// A record has another version or an unknown table.
    #[error("a record has an unknown version or table")]
    Unknown,
    /// A record claims a value longer than [`MAX_VALUE_BYTES`].
    #[error("a record is too long")]
    TooLong,
}

impl Record {
    /// Appends the record's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend([VERSION, self.table as u8]);
        out.extend(self.day.0.to_le_bytes());
        out.extend(self.key.to_le_bytes());
        let length = u32::try_from(self.value.len()).expect("stores refuse values above MAX_VALUE_BYTES");
        out.extend(length.to_le_bytes());
        out.extend(&self.value);
    }
}

/// Returns the records one after the other as bytes.
pub fn encode_records(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.iter().map(|record| HEADER_BYTES + record.value.len()).sum());
    for record in records {
        record.encode(&mut out);
    }
    out
}

/// Reads records written one after the other, to the last byte.
///
/// # Errors
///
/// [`InvalidRecord`] on anything else.
pub fn decode_records(mut bytes: &[u8]) -> Result<Vec<Record>, InvalidRecord> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(InvalidRecord::CutOff)?;
        let table = Table::from_number(header[1])
            .filter(|_| header[0] == VERSION)
            .ok_or(InvalidRecord::Unknown)?;
        let length = u32_at(header, 14) as usize;
        if length > MAX_VALUE_BYTES {
            return Err(InvalidRecord::TooLong);
        }
        let (value, rest) = rest.split_at_checked(length).ok_or(InvalidRecord::CutOff)?;
        let key = u64::from(u32_at(header, 6)) | u64::from(u32_at(header, 10)) << 32;
        records.push(Record {
            table,
            key,
            day: UtcDay(u32_at(header, 2)),
            value: value.to_vec(),
        });
        bytes = rest;
    }
    Ok(records)
}

fn u32_at(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_of_a_record_stay_what_they_are() {
        let record = Record {
            table: Table::Notices,
            key: 0x0102,
            day: UtcDay(18_820),
            value: b"ab".to_vec(),
        };
        assert_eq!(
            encode_records(&[record]),
            b"\x01\x04\x84\x49\0\0\x02\x01\0\0\0\0\0\0\x02\0\0\0ab"
        );
    }

    proptest! {
        #[test]
        fn records_read_back_as_written(keys in prop::collection::vec((0u8..6, any::<u64>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..40)), 0..8)) {
            let records: Vec<Record> = keys.into_iter().map(|(table, key, day, value)| Record {
                table: Table::from_number(table).expect("below six"), key, day: UtcDay(day), value,
            }).collect();
            prop_assert_eq!(decode_records(&encode_records(&records)), Ok(records));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(records) = decode_records(&bytes) {
                prop_assert_eq!(encode_records(&records), bytes);
            }
        }
    }
}
