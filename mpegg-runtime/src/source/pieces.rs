//! Ranges of a source put together, such as a box whose bytes lie in several packets.

use super::{Source, too_short};
use crate::error::{Error, Result};

/// A source made of ranges of another one, in a given order.
#[derive(Clone, Debug)]
pub struct Pieces<S> {
    inner: S,
    /// In ascending order of `at`, without gaps and empty ones.
    fragments: Vec<Fragment>,
    len: u64,
}

/// A range of the underlying source, and where it stands in the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The offset in the whole.
    pub at: u64,
    /// The offset in the underlying source.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

impl<S: Source> Pieces<S> {
    /// Puts ranges (offset and length) of a source together.
    pub fn new(inner: S, ranges: impl IntoIterator<Item = (u64, u64)>) -> Result<Pieces<S>> {
        let mut pieces = Pieces { inner, fragments: Vec::new(), len: 0 };
        for (offset, length) in ranges {
            pieces.push(offset, length)?;
        }
        Ok(pieces)
    }

    /// Appends a range; one that goes on where the last one ends becomes part of it.
    pub fn push(&mut self, offset: u64, length: u64) -> Result<()> {
        let len = self.inner.len();
        if offset.checked_add(length).is_none_or(|end| end > len) {
            return Err(too_short(len, offset, length));
        }
        let at = self.len;
        let whole = at.checked_add(length).filter(|whole| *whole < u64::MAX / 8);
        self.len = whole.ok_or_else(|| Error::limit(offset.saturating_mul(8), "too many bytes put together"))?;
        match self.fragments.last_mut() {
            _ if length == 0 => {}
            Some(last) if last.offset.saturating_add(last.length) == offset => {
                last.length = last.length.saturating_add(length);
            }
            _ => self.fragments.push(Fragment { at, offset, length }),
        }
        Ok(())
    }

    /// The ranges in their order.
    pub fn fragments(&self) -> impl ExactSizeIterator<Item = Fragment> + '_ {
        self.fragments.iter().copied()
    }

    /// Where the byte at this offset lies in the underlying source; `None` behind the end.
    pub fn locate(&self, offset: u64) -> Option<u64> {
        let fragment = self.fragments.get(self.find(offset)?)?;
        fragment.offset.checked_add(offset.checked_sub(fragment.at)?)
    }

    /// The underlying source.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// The number of the fragment that holds this offset.
    fn find(&self, offset: u64) -> Option<usize> {
        if offset >= self.len {
            return None;
        }
        self.fragments.partition_point(|fragment| fragment.at <= offset).checked_sub(1)
    }
}

impl<S: Source> Source for Pieces<S> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let length = buffer.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.len) {
            return Err(too_short(self.len, offset, length));
        }
        let Some(first) = self.find(offset) else {
            return Ok(());
        };
        let mut skip = offset.saturating_sub(self.fragments.get(first).map_or(0, |fragment| fragment.at));
        let mut rest = buffer;
        for fragment in self.fragments.iter().skip(first) {
            let here = fragment.length.saturating_sub(skip).min(rest.len() as u64);
            let (head, tail) = rest.split_at_mut(here as usize);
            self.inner.read_at(fragment.offset.saturating_add(skip), head)?;
            rest = tail;
            skip = 0;
            if rest.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let fragment = self.fragments.get(self.find(offset)?)?;
        let skip = offset.checked_sub(fragment.at)?;
        if skip.checked_add(length)? > fragment.length {
            return None;
        }
        self.inner.slice(fragment.offset.checked_add(skip)?, length)
    }
}
