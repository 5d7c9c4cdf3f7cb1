//! Reading ahead where reads follow each other, and nowhere else.

use std::cell::RefCell;

use super::{Source, part};
use crate::error::Result;

/// Bytes of the first read.
const FIRST: u64 = 512;
/// Bytes of a read when many were read one behind the other.
const LARGEST: u64 = 1 << 20;
/// Bytes that may be left out between two reads which count as one behind the other.
const NEAR: u64 = 4096;

/// Another source, of which the bytes read last are kept, and more the longer reads follow each other: for programs that go through a file from
/// front to back in small steps. Scattered reads cost no more than without it.
#[derive(Debug)]
pub struct ReadAhead<S> {
    inner: S,
    window: RefCell<Window>,
}

#[derive(Debug, Default)]
struct Window {
    at: u64,
    bytes: Vec<u8>,
    /// How much the next read may take.
    size: u64,
    /// Where the last read ended.
    last: u64,
}

impl<S: Source> ReadAhead<S> {
    /// Keeps nothing yet.
    pub fn new(inner: S) -> ReadAhead<S> {
        ReadAhead { inner, window: RefCell::default() }
    }

    /// The source itself.
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: Source> Source for ReadAhead<S> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let length = buffer.len() as u64;
        let mut window = self.window.borrow_mut();
        let end = offset.saturating_add(length);
        let goes_on = offset.abs_diff(window.last) <= NEAR;
        window.last = end;
        if let Some(known) = offset.checked_sub(window.at).and_then(|skip| part(&window.bytes, skip, length)) {
            buffer.copy_from_slice(known);
            return Ok(());
        }
        window.size = if goes_on { window.size.saturating_mul(2).clamp(FIRST, LARGEST) } else { FIRST };
        let wanted = window.size.min(self.inner.len().saturating_sub(offset));
        if length >= wanted {
            return self.inner.read_at(offset, buffer);
        }
        let Window { at, bytes, .. } = &mut *window;
        bytes.resize(usize::try_from(wanted).unwrap_or(0), 0);
        *at = offset;
        if let Err(error) = self.inner.read_at(offset, bytes) {
            bytes.clear();
            return Err(error);
        }
        match part(bytes, 0, length) {
            Some(known) => buffer.copy_from_slice(known),
            None => self.inner.read_at(offset, buffer)?,
        }
        Ok(())
    }

    #[cfg(any(unix, windows))]
    fn copy_to(&self, offset: u64, length: u64, file: &std::fs::File) -> Result<bool> {
        let copied = self.inner.copy_to(offset, length, file)?;
        if copied {
            self.window.borrow_mut().last = offset.saturating_add(length);
        }
        Ok(copied)
    }

    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        self.inner.slice(offset, length)
    }
}
