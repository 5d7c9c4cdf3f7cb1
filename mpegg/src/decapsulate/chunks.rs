//! Bytes on their way from a source to an output, in large pieces of one size.

use mpegg_runtime::Result;
use mpegg_runtime::source::Source;
use std::fs::File;
use std::io::Write;

/// Bytes that are written in one go.
const CHUNK: usize = 1 << 20;

/// Ranges of so many bytes are long.
const LONG: u64 = 32 << 10;

/// Gathers bytes and writes them in pieces of 1 MiB, so that an output is written in whole pages whatever the sizes of the units.
/// What is not [finished](Chunks::finish) is not written.
pub struct Chunks<'o> {
    out: Out<'o>,
    buffer: Vec<u8>,
    used: usize,
}

enum Out<'o> {
    Any(&'o mut dyn Write),
    File(&'o File),
}

impl Out<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Out::Any(out) => out.write_all(bytes)?,
            Out::File(file) => file.write_all(bytes)?,
        }
        Ok(())
    }
}

impl<'o> Chunks<'o> {
    /// Writes to an output.
    pub fn new(out: &'o mut dyn Write) -> Self {
        Chunks::with_buffer(out, vec![])
    }

    /// Writes to a file; long ranges of another file are copied by the operating system where it can.
    pub fn to_file(file: &'o File) -> Self {
        Chunks { out: Out::File(file), buffer: vec![0; CHUNK], used: 0 }
    }

    /// The same with a buffer that was used before.
    pub(super) fn with_buffer(out: &'o mut dyn Write, mut buffer: Vec<u8>) -> Self {
        buffer.resize(CHUNK, 0);
        Chunks { out: Out::Any(out), buffer, used: 0 }
    }

    /// The room that is left of the piece at hand, after it was written where it was full.
    fn room(&mut self) -> Result<&mut [u8]> {
        if self.used >= CHUNK {
            self.out.write_all(&self.buffer)?;
            self.used = 0;
        }
        Ok(self.buffer.get_mut(self.used..).unwrap_or_default())
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn bytes(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let room = self.room()?;
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            if let Some(place) = room.get_mut(..now.len()) {
                place.copy_from_slice(now);
            }
            self.used = self.used.saturating_add(now.len());
            bytes = later;
        }
        Ok(())
    }

    /// Adds bytes of a source.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn range(&mut self, source: &dyn Source, mut offset: u64, mut length: u64) -> Result<()> {
        if let Out::File(file) = self.out
            && length >= LONG
        {
            self.out.write_all(self.buffer.get(..self.used).unwrap_or_default())?;
            self.used = 0;
            if source.copy_to(offset, length, file)? {
                return Ok(());
            }
        }
        while length > 0 {
            let room = self.room()?;
            let size = usize::try_from(length).unwrap_or(usize::MAX).min(room.len());
            source.read_at(offset, room.get_mut(..size).unwrap_or_default())?;
            self.used = self.used.saturating_add(size);
            (offset, length) = (offset.saturating_add(size as u64), length.saturating_sub(size as u64));
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn finish(self) -> Result<()> {
        self.into_buffer().map(|_| ())
    }

    pub(super) fn into_buffer(mut self) -> Result<Vec<u8>> {
        self.out.write_all(self.buffer.get(..self.used).unwrap_or_default())?;
        Ok(self.buffer)
    }
}
