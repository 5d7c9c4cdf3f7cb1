//! How much is read, for tests and explanations.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Source;
use crate::error::Result;

/// Counts what is read from another source.
///
/// It gives no slices, so that every byte is read by [`Source::read_at`] and counted.
#[derive(Debug, Default)]
pub struct Counting<S> {
    inner: S,
    bytes: AtomicU64,
    reads: AtomicU64,
}

impl<S: Source> Counting<S> {
    /// Counts from zero.
    pub fn new(inner: S) -> Counting<S> {
        Counting { inner, bytes: AtomicU64::new(0), reads: AtomicU64::new(0) }
    }

    /// Bytes read so far; those read twice count twice.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Reads so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// The source itself.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Source> Source for Counting<S> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.inner.read_at(offset, buffer)
    }
}
