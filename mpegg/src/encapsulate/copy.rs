//! Writing in large pieces: what is in memory and what is copied goes through one buffer.

use super::{Payload, Sources};
use mpegg_runtime::{Error, Result};
use std::io::Write;

/// Bytes that are written in one go.
const CHUNK: usize = 1 << 20;
/// Ranges that are at least so long are not read together with what stands around them.
const LONG: u64 = 64 << 10;

/// An output that is written once, from the first byte to the last.
pub(super) struct Copier<'a, 's> {
    out: &'a mut dyn Write,
    sources: &'a Sources<'s>,
    buffer: Vec<u8>,
    /// Bytes of a source that were read for a short range and may serve the next one.
    window: Vec<u8>,
    window_at: Option<Payload>,
    written: u64,
}

impl<'a, 's> Copier<'a, 's> {
    pub fn new(out: &'a mut dyn Write, sources: &'a Sources<'s>) -> Self {
        Copier { out, sources, buffer: Vec::with_capacity(CHUNK), window: vec![], window_at: None, written: 0 }
    }

    pub fn sources(&self) -> &'a Sources<'s> {
        self.sources
    }

    /// Bytes written so far.
    pub fn position(&self) -> u64 {
        self.written.saturating_add(self.buffer.len() as u64)
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if self.buffer.len().saturating_add(bytes.len()) > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            self.written = self.written.saturating_add(bytes.len() as u64);
            return Ok(self.out.write_all(bytes)?);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    pub fn payload(&mut self, payload: &Payload) -> Result<()> {
        let source = self.sources.get(payload.source)?;
        if let Some(bytes) = source.slice(payload.offset, payload.length) {
            return self.bytes(bytes);
        }
        if payload.length < LONG {
            return self.short(payload);
        }
        let (mut offset, mut length) = (payload.offset, payload.length);
        while length > 0 {
            if self.buffer.len() >= CHUNK {
                self.flush()?;
            }
            let had = self.buffer.len();
            let size = usize::try_from(length).unwrap_or(usize::MAX).min(CHUNK - had);
            self.buffer.resize(had + size, 0);
            if let Err(error) = source.read_at(offset, self.buffer.get_mut(had..).unwrap_or_default()) {
                self.buffer.truncate(had);
                return Err(error);
            }
            (offset, length) = (offset.saturating_add(size as u64), length - size as u64);
        }
        Ok(())
    }

    /// A short range: where it goes on near the last one, what follows is read along with it.
    fn short(&mut self, payload: &Payload) -> Result<()> {
        let inside = |window: &Payload| {
            let skip = payload.offset.checked_sub(window.offset).filter(|_| window.source == payload.source)?;
            (skip.saturating_add(payload.length) <= window.length).then(|| usize::try_from(skip).ok()).flatten()
        };
        let skip = match self.window_at.as_ref().and_then(inside) {
            Some(skip) => skip,
            None => {
                self.read_window(payload)?;
                0
            }
        };
        let length = usize::try_from(payload.length).unwrap_or(usize::MAX);
        let window = std::mem::take(&mut self.window);
        let bytes = window.get(skip..).and_then(|bytes| bytes.get(..length));
        let written = bytes.map_or_else(|| Err(Error::truncated(payload.offset.saturating_mul(8), 8)), |bytes| self.bytes(bytes));
        self.window = window;
        written
    }

    fn read_window(&mut self, payload: &Payload) -> Result<()> {
        let source = self.sources.get(payload.source)?;
        let goes_on = self.window_at.as_ref().is_some_and(|window| {
            let end = window.offset.saturating_add(window.length);
            window.source == payload.source && payload.offset >= window.offset && payload.offset <= end.saturating_add(LONG)
        });
        let wanted = if goes_on { LONG * 4 } else { payload.length };
        let length = wanted.min(source.len().saturating_sub(payload.offset)).max(payload.length);
        self.window.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
        self.window_at = None;
        source.read_at(payload.offset, &mut self.window)?;
        self.window_at = Some(Payload { length, ..*payload });
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.out.write_all(&self.buffer)?;
        self.written = self.written.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is in the buffer; gives the bytes that were written in all.
    pub fn finish(mut self) -> Result<u64> {
        self.flush()?;
        Ok(self.written)
    }
}
