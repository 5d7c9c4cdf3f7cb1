//! Where bytes come from: random access by offset and length.

mod ahead;
mod counting;
#[cfg(any(unix, windows))]
mod file;
#[cfg(any(unix, windows))]
mod map;
mod pieces;
mod read_ahead;

use std::rc::Rc;
use std::sync::Arc;

use crate::error::{Error, Result};

pub use ahead::Ahead;
pub use counting::Counting;
#[cfg(any(unix, windows))]
pub use file::FileSource;
#[cfg(any(unix, windows))]
pub use map::MappedFile;
pub use pieces::{Fragment, Pieces};
pub use read_ahead::ReadAhead;

/// How bytes will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A few here and there: what stands near them is not worth to be read with them.
    Scattered,
    /// All of them, soon.
    Whole,
}

/// Bytes that can be read at any offset.
pub trait Source {
    /// The number of bytes.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills the buffer with the bytes from `offset`; fewer bytes than that are an error.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()>;

    /// Copies bytes to a file, where the operating system can do so by itself; `false` where it cannot, and nothing was copied.
    ///
    /// # Errors
    ///
    /// I/O.
    #[cfg(any(unix, windows))]
    fn copy_to(&self, offset: u64, length: u64, file: &std::fs::File) -> Result<bool> {
        let _ = (offset, length, file);
        Ok(false)
    }

    /// The bytes themselves, where they are in memory.
    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let _ = (offset, length);
        None
    }

    /// Is told how bytes will be read, which changes nothing but how soon they are there.
    fn expect(&self, reading: Reading, offset: u64, length: u64) {
        let _ = (reading, offset, length);
    }
}

/// Bytes in memory: a vector, a slice, an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes<B>(pub B);

impl<B: AsRef<[u8]>> Source for Bytes<B> {
    fn len(&self) -> u64 {
        self.0.as_ref().len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        read_slice(self.0.as_ref(), offset, buffer)
    }

    fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
        part(self.0.as_ref(), offset, length)
    }
}

macro_rules! through_pointer {
    ($($pointer:ty),*) => {$(
        impl<S: Source + ?Sized> Source for $pointer {
            fn len(&self) -> u64 {
                (**self).len()
            }

            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
                (**self).read_at(offset, buffer)
            }

            #[cfg(any(unix, windows))]
            fn copy_to(&self, offset: u64, length: u64, file: &std::fs::File) -> Result<bool> {
                (**self).copy_to(offset, length, file)
            }

            fn slice(&self, offset: u64, length: u64) -> Option<&[u8]> {
                (**self).slice(offset, length)
            }

            fn expect(&self, reading: Reading, offset: u64, length: u64) {
                (**self).expect(reading, offset, length)
            }
        }
    )*};
}

through_pointer!(&S, Box<S>, Rc<S>, Arc<S>);

/// So many bytes from an offset, where they are there.
fn part(bytes: &[u8], offset: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(start..end)
}

fn read_slice(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> Result<()> {
    let length = buffer.len() as u64;
    let from = part(bytes, offset, length).ok_or_else(|| too_short(bytes.len() as u64, offset, length))?;
    buffer.copy_from_slice(from);
    Ok(())
}

/// The error for `length` bytes at `offset` of a source of `len` bytes, which are not there.
fn too_short(len: u64, offset: u64, length: u64) -> Error {
    let end = offset.saturating_add(length);
    let missing = end.saturating_sub(len).saturating_mul(8);
    Error::truncated(len.max(offset).saturating_mul(8), missing)
}

#[cfg(test)]
mod tests;
