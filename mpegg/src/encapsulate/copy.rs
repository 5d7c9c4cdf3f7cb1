//! An output that is written once, from the first byte to the last.

use super::{Payload, Sources};
use crate::decapsulate::Chunks;
use mpegg_runtime::Result;

/// Chunks on their way to the output, and where the bytes come from.
pub(super) struct Copier<'o, 'a, 's> {
    chunks: Chunks<'o>,
    sources: &'a Sources<'s>,
    position: u64,
}

impl<'o, 'a, 's> Copier<'o, 'a, 's> {
    pub fn new(chunks: Chunks<'o>, sources: &'a Sources<'s>) -> Self {
        Copier { chunks, sources, position: 0 }
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
        self.position = self.position.saturating_add(payload.length);
        self.chunks.range(self.sources.get(payload.source)?, payload.offset, payload.length)
    }

    /// Writes what is on its way; gives the bytes that were written in all.
    pub fn finish(self) -> Result<u64> {
        self.chunks.finish()?;
        Ok(self.position)
    }
}
