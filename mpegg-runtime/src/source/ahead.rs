//! Reading a little ahead, so that several small reads near each other are one.

use super::{Source, part};
use crate::error::Result;

/// Another source, of which some bytes are in memory already.
#[derive(Debug)]
pub struct Ahead<S> {
    inner: S,
    at: u64,
    bytes: Vec<u8>,
}

impl<S: Source> Ahead<S> {
    /// Reads up to `length` bytes from `offset`, fewer where the source ends; nothing where it is in memory as a whole.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn new(inner: S, offset: u64, length: u64) -> Result<Ahead<S>> {
        let length = length.min(inner.len().saturating_sub(offset));
        let mut bytes = vec![];
        if inner.slice(offset, length).is_none() {
            bytes.resize(usize::try_from(length).unwrap_or(0), 0);
            inner.read_at(offset, &mut bytes)?;
        }
        Ok(Ahead { inner, at: offset, bytes })
    }

    /// The byte behind those that were read ahead.
    pub fn end(&self) -> u64 {
        self.at.saturating_add(self.bytes.len() as u64)
    }
}

impl<S: Source> Source for Ahead<S> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let known = offset.checked_sub(self.at).and_then(|skip| part(&self.bytes, skip, buffer.len() as u64));
        match known {
            Some(known) => buffer.copy_from_slice(known),
            None => self.inner.read_at(offset, buffer)?,
        }
        Ok(())
    }

    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let known = offset.checked_sub(self.at).and_then(|skip| part(&self.bytes, skip, length));
        known.or_else(|| self.inner.slice(offset, length))
    }
}
