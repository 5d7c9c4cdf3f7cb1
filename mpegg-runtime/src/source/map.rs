//! A file mapped into memory: the only unsafe code of the project.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::{Reading, Source, part, read_slice};
use crate::error::Result;

/// A file mapped into memory. While it is open, the file should not be changed.
#[derive(Debug)]
pub struct MappedFile {
    /// `None` for an empty file.
    map: Option<Mmap>,
}

impl MappedFile {
    /// Maps a file.
    pub fn open(path: impl AsRef<Path>) -> Result<MappedFile> {
        MappedFile::new(&File::open(path)?)
    }

    /// Maps an open file.
    pub fn new(file: &File) -> Result<MappedFile> {
        let map = if file.metadata()?.len() == 0 { None } else { Some(map(file)?) };
        Ok(MappedFile { map })
    }

    /// All bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.map.as_deref().unwrap_or(&[])
    }
}

/// Maps the whole file for reading.
#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the mapping is private to the process and read-only. Another process that changes or shortens the file
    // meanwhile is the caller's concern, as with every memory map; nothing here depends on two reads being equal.
    unsafe { Mmap::map(file) }
}

impl Source for MappedFile {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        read_slice(self.as_slice(), offset, buffer)
    }

    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        part(self.as_slice(), offset, length)
    }

    /// Advises the operating system, which may not listen.
    #[cfg(unix)]
    fn expect(&self, reading: Reading, offset: u64, length: u64) {
        use memmap2::Advice;
        let advice: &[Advice] = match reading {
            Reading::Scattered => &[Advice::Random],
            Reading::Whole => &[Advice::Normal, Advice::WillNeed],
        };
        let (Some(map), Ok(offset), Ok(length)) = (&self.map, usize::try_from(offset), usize::try_from(length)) else { return };
        if part(map, offset as u64, length as u64).is_some() {
            for advice in advice {
                let _ = map.advise_range(*advice, offset, length);
            }
        }
    }
}
