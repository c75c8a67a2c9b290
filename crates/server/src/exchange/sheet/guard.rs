//! What a packed file may unpack to: looked at before anything of it is read.

use std::io::{Read, Seek, SeekFrom};

use super::SheetError;

/// Most bytes that all parts of a workbook may have unpacked.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// Most bytes of a part that is held in memory as a whole: the shared texts, the styles.
const MAX_HELD: u64 = 128 * 1024 * 1024;
/// Most parts.
const MAX_PARTS: usize = 2_000;

/// Unpacks every part once, counting, so that sizes which the file only claims are not believed.
pub(super) fn check<F: Read + Seek>(file: &mut F) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(|_| SheetError::Damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(SheetError::TooLarge);
    }
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| SheetError::Damaged)?;
        let is_sheet = part.name().is_ok_and(|name| name.starts_with("xl/worksheets/"));
        let most = if is_sheet { left } else { left.min(MAX_HELD) };
        let read = std::io::copy(&mut part.take(most + 1), &mut std::io::sink()).map_err(|_| SheetError::Damaged)?;
        if read > most {
            return Err(SheetError::TooLarge);
        }
        left -= read;
    }
    drop(archive);
    file.seek(SeekFrom::Start(0)).map_err(|_| SheetError::Damaged)?;
    Ok(())
}
