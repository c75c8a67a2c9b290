//! The little of protobuf that exports need: varints, fixed64 and length-delimited fields (proto2 wire format).

use alloc::vec::Vec;

use crate::export::ExportError;

/// One field as read: its number and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    Varint(u32, u64),
    Fixed64(u32, u64),
    Bytes(u32, &'a [u8]),
    /// A 32-bit field; none of ours has this type, so its value is skipped.
    Fixed32(u32),
}

/// Reads fields one after the other; everything malformed is [`ExportError::Protobuf`] (P20).
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, ExportError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| ExportError::Protobuf)?;
        if number == 0 {
            return Err(ExportError::Protobuf);
        }
        let field = match tag & 7 {
            0 => Field::Varint(number, self.varint()?),
            1 => Field::Fixed64(
                number,
                u64::from_le_bytes(self.take(8)?.try_into().map_err(|_| ExportError::Protobuf)?),
            ),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| ExportError::Protobuf)?;
                Field::Bytes(number, self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Field::Fixed32(number)
            }
            _ => return Err(ExportError::Protobuf),
        };
        Ok(Some(field))
    }

    pub(crate) fn varint(&mut self) -> Result<u64, ExportError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f).checked_shl(shift).ok_or(ExportError::Protobuf)?;
            if byte < 0x80 {
                return if shift == 63 && byte > 1 {
                    Err(ExportError::Protobuf)
                } else {
                    Ok(value)
                };
            }
        }
        Err(ExportError::Protobuf)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], ExportError> {
        if n > self.0.len() {
            return Err(ExportError::Protobuf);
        }
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        Ok(head)
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_uint(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number) << 3);
    put_varint(out, value);
}

pub(crate) fn put_fixed64(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number) << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, value: &[u8]) {
    put_varint(out, u64::from(number) << 3 | 2);
    put_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

pub(crate) fn zigzag(value: i32) -> u64 {
    u64::from((value.wrapping_shl(1) ^ (value >> 31)).cast_unsigned())
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_wire() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(Fields(&out).varint(), Ok(value));
        }
        for value in [0, -1, 1, -14, 14, i32::MIN, i32::MAX] {
            assert_eq!(unzigzag(zigzag(value)), i64::from(value));
        }
    }

    #[test]
    fn broken_wire_data_is_refused() {
        for bad in [
            &[0x80][..],
            &[0xff; 11],
            &[0x00, 0x01],
            &[0x0a, 0x05, 1],
            &[0x0b],
            &[0x09, 1, 2],
            &[0x0d, 1],
        ] {
            let mut fields = Fields(bad);
            assert_eq!(fields.next(), Err(ExportError::Protobuf), "{bad:?}");
        }
    }
}
