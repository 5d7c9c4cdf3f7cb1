//! A reader of bits over a source: it reads ahead a little, and never what is skipped.

use crate::bits::{BitString, checked_utf8, copy_bits, load};
use crate::error::{Error, Result};
use crate::source::Source;

/// Bytes of the first read.
const FIRST: u64 = 512;
/// Bytes of a read when many were read one behind the other.
const LARGEST: u64 = 64 * 1024;
/// Bytes that may be left out between two reads which count as one behind the other.
const NEAR: u64 = 256;
/// Bytes looked at in one go for the end of a text.
const CHUNK: usize = 64;

/// Reads bits of a source within bounds. Positions are absolute bits of the source.
///
/// The same bits give the same results and errors as with a [`BitReader`](crate::bits::BitReader).
pub struct Cursor<'s> {
    source: &'s dyn Source,
    bit: u64,
    bounds: Bounds,
    window: Window<'s>,
}

/// What a cursor may read: from one bit to another one, which is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub start: u64,
    pub end: u64,
}

enum Window<'s> {
    /// All bytes are in memory.
    Whole(&'s [u8]),
    /// The bytes from an offset on.
    Part { bytes: Vec<u8>, at: u64, size: u64 },
}

impl<'s> Cursor<'s> {
    /// At the first bit of a source.
    pub fn new(source: &'s dyn Source) -> Cursor<'s> {
        let end = source.len().saturating_mul(8);
        let window = match source.slice(0, source.len()) {
            Some(bytes) => Window::Whole(bytes),
            None => Window::Part { bytes: Vec::new(), at: 0, size: FIRST },
        };
        Cursor { source, bit: 0, bounds: Bounds { start: 0, end }, window }
    }

    /// At bit `start` of a source; may read up to bit `end`.
    pub fn range(source: &'s dyn Source, start: u64, end: u64) -> Cursor<'s> {
        let mut cursor = Cursor::new(source);
        let end = end.min(cursor.bounds.end);
        cursor.bounds = Bounds { start: start.min(end), end };
        cursor.bit = cursor.bounds.start;
        cursor
    }

    /// The source.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// The next bit.
    #[inline]
    pub fn position(&self) -> u64 {
        self.bit
    }

    /// The first bit that may be read.
    pub fn start(&self) -> u64 {
        self.bounds.start
    }

    /// The bit behind the last one that may be read.
    pub fn end(&self) -> u64 {
        self.bounds.end
    }

    /// How many bits are left.
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.bounds.end.saturating_sub(self.bit)
    }

    /// Goes to a bit within the bounds.
    pub fn seek(&mut self, bit: u64) -> Result<()> {
        if bit > self.bounds.end {
            return Err(Error::truncated(self.bounds.end, bit.saturating_sub(self.bounds.end)));
        }
        self.bit = bit.max(self.bounds.start);
        Ok(())
    }

    /// Leaves out so many bits.
    pub fn skip(&mut self, bits: u64) -> Result<()> {
        self.check(bits)?;
        self.bit = self.bit.saturating_add(bits);
        Ok(())
    }

    /// A number of `n` bits, 0 to 64.
    #[inline]
    pub fn unsigned(&mut self, n: u64) -> Result<u64> {
        if n == 0 {
            return Ok(0);
        }
        if n > 64 {
            return Err(Error::malformed(self.bit, format!("a number of {n} bits (at most 64)")));
        }
        self.check(n)?;
        let (data, bit) = self.view(n)?;
        let value = load(data, bit, n as u32);
        self.bit = self.bit.saturating_add(n);
        Ok(value)
    }

    /// The next four bytes, if there are so many; stays where it is.
    pub fn peek_key(&mut self) -> Result<Option<[u8; 4]>> {
        if self.remaining() < 32 {
            return Ok(None);
        }
        let (data, bit) = self.view(32)?;
        Ok(Some((load(data, bit, 32) as u32).to_be_bytes()))
    }

    /// So many bytes, at most 2^16 or so.
    pub(crate) fn characters(&mut self, n: u16) -> Result<Vec<u8>> {
        let bits = u64::from(n).saturating_mul(8);
        self.check(bits)?;
        let (data, bit) = self.view(bits)?;
        let mut bytes = vec![0; usize::from(n)];
        copy_bits(data, bit, &mut bytes);
        self.bit = self.bit.saturating_add(bits);
        Ok(bytes)
    }

    /// A zero-terminated UTF-8 text of at most `limit` bytes before the terminator.
    pub fn text(&mut self, limit: u64) -> Result<String> {
        match self.text_within(limit)? {
            Some(text) => Ok(text),
            None => Err(Error::malformed(self.bit, format!("a text of more than {limit} bytes"))),
        }
    }

    /// The same; `None` where the text is longer.
    pub(crate) fn text_within(&mut self, limit: u64) -> Result<Option<String>> {
        let start = self.bit;
        let found = self.find_text(limit);
        if !matches!(found, Ok(Some(_))) {
            self.bit = start;
        }
        let Some(bytes) = found? else { return Ok(None) };
        checked_utf8(bytes, start).map(Some)
    }

    fn find_text(&mut self, limit: u64) -> Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        loop {
            let whole = (self.remaining() / 8).min(CHUNK as u64);
            let bits = whole.saturating_mul(8);
            let mut chunk = [0u8; CHUNK];
            let chunk = chunk.get_mut(..whole as usize).unwrap_or(&mut []);
            let (data, bit) = self.view(bits)?;
            copy_bits(data, bit, chunk);
            let end = chunk.iter().position(|byte| *byte == 0);
            text.extend(chunk.iter().take(end.unwrap_or(CHUNK)));
            if text.len() as u64 > limit {
                return Ok(None);
            }
            if let Some(end) = end {
                self.skip((end as u64).saturating_add(1).saturating_mul(8))?;
                return Ok(Some(text));
            }
            if whole == 0 {
                let missing = 8u64.saturating_sub(self.remaining());
                return Err(Error::truncated(self.bit, missing).with_message("a text without its end"));
            }
            self.skip(bits)?;
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Sets bounds inside the present ones, or those that were before.
    pub(crate) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Goes to a bit where the cursor has been, or to the end of a box that lies in the source.
    pub(crate) fn jump(&mut self, bit: u64) {
        self.bit = bit;
    }

    #[inline]
    fn check(&self, bits: u64) -> Result<()> {
        let left = self.remaining();
        if bits > left {
            return Err(Error::truncated(self.bit, bits.saturating_sub(left)));
        }
        Ok(())
    }

    /// Bytes that hold the next `bits`, which are within the bounds, and the number of the first bit in them.
    #[inline]
    fn view(&mut self, bits: u64) -> Result<(&[u8], u64)> {
        let first = self.bit / 8;
        let last = self.bit.saturating_add(bits).div_ceil(8);
        if let Window::Part { bytes, at, .. } = &self.window {
            let have = at.saturating_add(bytes.len() as u64);
            if first < *at || last > have {
                self.refill(first, last)?;
            }
        }
        Ok(match &self.window {
            Window::Whole(bytes) => (bytes, self.bit),
            Window::Part { bytes, at, .. } => (bytes, self.bit.saturating_sub(at.saturating_mul(8))),
        })
    }

    /// Reads ahead from byte `first`, at least to byte `last`, but not behind the bounds.
    #[cold]
    fn refill(&mut self, first: u64, last: u64) -> Result<()> {
        let Window::Part { bytes, at, size } = &mut self.window else {
            return Ok(());
        };
        let have = at.saturating_add(bytes.len() as u64);
        let goes_on = !bytes.is_empty() && *at <= first && first <= have.saturating_add(NEAR);
        *size = if goes_on { size.saturating_mul(2).min(LARGEST) } else { FIRST };
        let until = first.saturating_add(*size).min(self.bounds.end.div_ceil(8)).max(last);
        let length = until.min(self.source.len()).saturating_sub(first);
        bytes.clear();
        bytes.resize(length as usize, 0);
        *at = first;
        let read = self.source.read_at(first, bytes);
        if read.is_err() {
            bytes.clear();
        }
        read
    }
}

/// So many bits of a source from an absolute bit on, shifted to the beginning of the first byte.
pub fn read_bits(source: &dyn Source, bit: u64, bits: u64) -> Result<BitString> {
    let first = bit / 8;
    let end = bit.saturating_add(bits);
    let length = end.div_ceil(8).saturating_sub(first);
    let mut bytes = vec![0; bits.div_ceil(8).min(source.len()) as usize];
    match source.slice(first, length) {
        Some(data) => copy_bits(data, bit % 8, &mut bytes),
        None if end > source.len().saturating_mul(8) => {
            let missing = end.saturating_sub(source.len().saturating_mul(8));
            return Err(Error::truncated(bit, missing));
        }
        None if bit.is_multiple_of(8) => source.read_at(first, &mut bytes)?,
        None => {
            let mut data = vec![0; length as usize];
            source.read_at(first, &mut data)?;
            copy_bits(&data, bit % 8, &mut bytes);
        }
    }
    Ok(BitString::new(bits, bytes))
}
