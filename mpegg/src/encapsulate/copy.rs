//! Copying what a file is made of: short ranges that follow each other are read together.

use super::{Payload, Sources};
use crate::decapsulate::Chunks;
use mpegg_runtime::{Error, Result};

/// Ranges that are at least so long are not read together with what stands around them.
const LONG: u64 = 64 << 10;
/// Bytes that are read where short ranges follow each other.
const WINDOW: u64 = 256 << 10;

/// An output that is written once, from the first byte to the last.
pub(super) struct Copier<'o, 'a, 's> {
    chunks: Chunks<'o>,
    sources: &'a Sources<'s>,
    /// Bytes of a source that were read for a short range and may serve the next one.
    window: Vec<u8>,
    window_at: Option<Payload>,
    position: u64,
}

impl<'o, 'a, 's> Copier<'o, 'a, 's> {
    pub fn new(chunks: Chunks<'o>, sources: &'a Sources<'s>) -> Self {
        Copier { chunks, sources, window: vec![], window_at: None, position: 0 }
    }

    pub fn sources(&self) -> &'a Sources<'s> {
        self.sources
    }

    /// Bytes written so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.position = self.position.saturating_add(bytes.len() as u64);
        self.chunks.bytes(bytes)
    }

    pub fn payload(&mut self, payload: &Payload) -> Result<()> {
        if payload.length >= LONG {
            self.position = self.position.saturating_add(payload.length);
            return self.chunks.range(self.sources.get(payload.source)?, payload.offset, payload.length);
        }
        if payload.length > 0 { self.short(payload) } else { Ok(()) }
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
        let bytes = self.window.get(skip..).and_then(|bytes| bytes.get(..length));
        let bytes = bytes.ok_or_else(|| Error::truncated(payload.offset.saturating_mul(8), 8))?;
        self.position = self.position.saturating_add(payload.length);
        self.chunks.bytes(bytes)
    }

    fn read_window(&mut self, payload: &Payload) -> Result<()> {
        let source = self.sources.get(payload.source)?;
        let goes_on = self.window_at.take().is_some_and(|window| {
            let end = window.offset.saturating_add(window.length);
            window.source == payload.source && payload.offset >= window.offset && payload.offset <= end.saturating_add(LONG)
        });
        let wanted = if goes_on { WINDOW } else { payload.length };
        let length = wanted.min(source.len().saturating_sub(payload.offset)).max(payload.length);
        self.window.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
        source.read_at(payload.offset, &mut self.window)?;
        self.window_at = Some(Payload { length, ..*payload });
        Ok(())
    }

    /// Writes what is on its way; gives the bytes that were written in all.
    pub fn finish(self) -> Result<u64> {
        self.chunks.finish()?;
        Ok(self.position)
    }
}
