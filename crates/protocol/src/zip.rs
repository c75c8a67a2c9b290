//! The zip container of an export: two deflated entries, written as a stream with fixed metadata so that the same keys
//! give the same bytes. No crate offers a `no_std` streaming writer, hence these lines.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use miniz_oxide::deflate::core::CompressorOxide;
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

use crate::export::{ExportError, Sink};

const LOCAL_MAGIC: u32 = 0x0403_4b50;
const CENTRAL_MAGIC: u32 = 0x0201_4b50;
const END_MAGIC: u32 = 0x0605_4b50;
const DESCRIPTOR_MAGIC: u32 = 0x0807_4b50;
const DEFLATED: u16 = 8;
const STORED: u16 = 0;
const CHUNK: usize = 16 * 1024;
const DEFLATE_LEVEL: u8 = 6;
/// Entries looked at in a directory; exports have two.
const MAX_ENTRIES: usize = 16;

struct Written {
    name: &'static str,
    crc: u32,
    packed: u32,
    unpacked: u32,
    offset: u32,
}

/// Writes entries one after the other; memory stays constant however long they are.
pub(crate) struct ZipWriter<S: Sink> {
    sink: S,
    position: u32,
    done: Vec<Written>,
    open: Option<Open>,
}

struct Open {
    entry: Written,
    deflater: Box<CompressorOxide>,
    crc: crc32fast::Hasher,
    out: Vec<u8>,
}

impl<S: Sink> ZipWriter<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self {
            sink,
            position: 0,
            done: Vec::new(),
            open: None,
        }
    }

    /// Begins an entry; the previous one must have been ended.
    pub(crate) fn begin(&mut self, name: &'static str) -> Result<(), S::Error> {
        let entry = Written {
            name,
            crc: 0,
            packed: 0,
            unpacked: 0,
            offset: self.position,
        };
        let mut head = Vec::with_capacity(64);
        u32s(&mut head, &[LOCAL_MAGIC]);
        // version 2.0, sizes in a data descriptor, deflated, no time
        u16s(&mut head, &[20, 8, DEFLATED, 0, 0]);
        u32s(&mut head, &[0, 0, 0]);
        u16s(&mut head, &[name.len() as u16, 0]);
        head.extend_from_slice(name.as_bytes());
        self.emit(&head)?;
        let deflater = CompressorOxide::with_params(
            DataFormat::Raw,
            DEFLATE_LEVEL,
            miniz_oxide::deflate::core::CompressionStrategy::Default,
            15,
        );
        self.open = Some(Open {
            entry,
            deflater: Box::new(deflater),
            crc: crc32fast::Hasher::new(),
            out: vec![0; CHUNK],
        });
        Ok(())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        self.pump(bytes, MZFlush::None)
    }

    /// Ends the open entry.
    pub(crate) fn end(&mut self) -> Result<(), S::Error> {
        self.pump(&[], MZFlush::Finish)?;
        let open = self.open.take().expect("end follows begin");
        let entry = Written {
            crc: open.crc.finalize(),
            ..open.entry
        };
        let mut tail = Vec::with_capacity(16);
        u32s(&mut tail, &[DESCRIPTOR_MAGIC, entry.crc, entry.packed, entry.unpacked]);
        self.done.push(entry);
        self.emit(&tail)
    }

    /// Writes the directory and gives the sink back.
    pub(crate) fn finish(mut self) -> Result<S, S::Error> {
        let start = self.position;
        let mut out = Vec::new();
        for entry in &self.done {
            u32s(&mut out, &[CENTRAL_MAGIC]);
            u16s(&mut out, &[20, 20, 8, DEFLATED, 0, 0]);
            u32s(&mut out, &[entry.crc, entry.packed, entry.unpacked]);
            u16s(&mut out, &[entry.name.len() as u16, 0, 0, 0, 0]);
            u32s(&mut out, &[0, entry.offset]);
            out.extend_from_slice(entry.name.as_bytes());
        }
        let (count, length) = (self.done.len() as u16, out.len() as u32);
        u32s(&mut out, &[END_MAGIC]);
        u16s(&mut out, &[0, 0, count, count]);
        u32s(&mut out, &[length, start]);
        u16s(&mut out, &[0]);
        self.emit(&out)?;
        Ok(self.sink)
    }

    fn pump(&mut self, mut bytes: &[u8], flush: MZFlush) -> Result<(), S::Error> {
        let mut open = self.open.take().expect("write follows begin");
        open.crc.update(bytes);
        open.entry.unpacked = open.entry.unpacked.wrapping_add(bytes.len() as u32);
        loop {
            let step = deflate(&mut open.deflater, bytes, &mut open.out, flush);
            bytes = &bytes[step.bytes_consumed..];
            open.entry.packed = open.entry.packed.wrapping_add(step.bytes_written as u32);
            self.emit(&open.out[..step.bytes_written])?;
            let stalled = step.bytes_consumed == 0 && step.bytes_written == 0;
            let drained = bytes.is_empty() && flush == MZFlush::None && step.bytes_written < CHUNK;
            if stalled || drained || step.status == Ok(MZStatus::StreamEnd) {
                break;
            }
        }
        self.open = Some(open);
        Ok(())
    }

    fn emit(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        self.position = self.position.wrapping_add(bytes.len() as u32);
        if bytes.is_empty() { Ok(()) } else { self.sink.put(bytes) }
    }
}

fn u16s(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn u32s(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// One entry of an archive held in memory, not yet inflated.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    packed: &'a [u8],
    crc: u32,
    method: u16,
}

/// Finds the entry called `name` through the directory at the end of `archive`.
pub(crate) fn find<'a>(archive: &'a [u8], name: &str) -> Result<Option<Entry<'a>>, ExportError> {
    let end = archive.len().checked_sub(22).ok_or(ExportError::Zip)?;
    let earliest = end.saturating_sub(usize::from(u16::MAX));
    let at = (earliest..=end)
        .rev()
        .find(|at| u32_at(archive, *at) == Some(END_MAGIC))
        .ok_or(ExportError::Zip)?;
    let count = usize::from(u16_at(archive, at + 10).ok_or(ExportError::Zip)?);
    let mut at = u32_at(archive, at + 16).ok_or(ExportError::Zip)? as usize;
    if count > MAX_ENTRIES {
        return Err(ExportError::Zip);
    }
    for _ in 0..count {
        if u32_at(archive, at) != Some(CENTRAL_MAGIC) {
            return Err(ExportError::Zip);
        }
        let field = |offset| u16_at(archive, at + offset).map(usize::from).ok_or(ExportError::Zip);
        let (name_length, extra, comment) = (field(28)?, field(30)?, field(32)?);
        let entry_name = archive.get(at + 46..at + 46 + name_length).ok_or(ExportError::Zip)?;
        if entry_name == name.as_bytes() {
            return entry(archive, at).map(Some);
        }
        at += 46 + name_length + extra + comment;
    }
    Ok(None)
}

fn entry(archive: &[u8], central: usize) -> Result<Entry<'_>, ExportError> {
    let word = |offset| u32_at(archive, central + offset).ok_or(ExportError::Zip);
    let (crc, packed, local) = (word(16)?, word(20)? as usize, word(42)? as usize);
    let method = u16_at(archive, central + 10).ok_or(ExportError::Zip)?;
    if u32_at(archive, local) != Some(LOCAL_MAGIC) || !matches!(method, DEFLATED | STORED) {
        return Err(ExportError::Zip);
    }
    let length = |offset| u16_at(archive, local + offset).map(usize::from).ok_or(ExportError::Zip);
    let data = local + 30 + length(26)? + length(28)?;
    let packed = archive.get(data..data.saturating_add(packed)).ok_or(ExportError::Zip)?;
    Ok(Entry { packed, crc, method })
}

impl Entry<'_> {
    /// Gives the content piece by piece, at most `limit` bytes, and checks its CRC at the end.
    pub(crate) fn read<E: From<ExportError>>(
        &self,
        limit: usize,
        mut piece: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut crc = crc32fast::Hasher::new();
        let mut total = 0usize;
        let mut pass = |bytes: &[u8]| {
            total += bytes.len();
            if total > limit {
                return Err(E::from(ExportError::TooLarge));
            }
            crc.update(bytes);
            piece(bytes)
        };
        if self.method == STORED {
            for chunk in self.packed.chunks(CHUNK) {
                pass(chunk)?;
            }
        } else {
            inflate_all(self.packed, &mut pass)?;
        }
        if crc.finalize() == self.crc {
            Ok(())
        } else {
            Err(ExportError::Zip.into())
        }
    }
}

fn inflate_all<E: From<ExportError>>(
    mut packed: &[u8],
    pass: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let mut out = vec![0; CHUNK];
    loop {
        let step = inflate(&mut state, packed, &mut out, MZFlush::None);
        packed = &packed[step.bytes_consumed..];
        pass(&out[..step.bytes_written])?;
        match step.status {
            Ok(MZStatus::StreamEnd) => return Ok(()),
            Ok(_) if step.bytes_consumed + step.bytes_written > 0 => {}
            _ => return Err(ExportError::Zip.into()),
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
