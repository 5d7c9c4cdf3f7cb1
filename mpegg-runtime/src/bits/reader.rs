//! The reader of bits.

use super::BOX_HEAD;
use super::shift::{copy_run, load};
use crate::error::{Error, Result};

/// Reads bits of a slice, most significant bit first.
///
/// Positions are absolute: the first bit of the slice has the number given to [`BitReader::at`].
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    pub(super) data: &'a [u8],
    /// Absolute position of the first bit of `data`.
    base: u64,
    /// The bit of `data` from which alignment counts.
    origin: u64,
    /// The next bit of `data`.
    pub(super) bit: u64,
    /// The bit of `data` behind the last one to be read.
    end: u64,
}

impl<'a> BitReader<'a> {
    /// Reads `data`, whose first bit has the position 0.
    pub fn new(data: &'a [u8]) -> BitReader<'a> {
        BitReader::at(data, 0)
    }

    /// Reads `data`, whose first bit has the absolute position `base_bit`.
    pub fn at(data: &'a [u8], base_bit: u64) -> BitReader<'a> {
        BitReader { data, base: base_bit, origin: 0, bit: 0, end: (data.len() as u64).saturating_mul(8) }
    }

    /// The absolute position of the next bit.
    #[inline]
    pub fn position(&self) -> u64 {
        self.base.saturating_add(self.bit)
    }

    /// The absolute position from which alignment counts: the first bit of this reader, or of the box that it was entered for.
    #[inline]
    pub fn origin(&self) -> u64 {
        self.base.saturating_add(self.origin)
    }

    /// How many bits are left.
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.bit)
    }

    /// A number of `N` bits, 0 to 64.
    #[inline(always)]
    pub fn read<const N: u32>(&mut self) -> Result<u64> {
        const { assert!(N <= 64, "a number has at most 64 bits") }
        if N == 0 {
            return Ok(0);
        }
        let bit = self.take(N as u64)?;
        Ok(load(self.data, bit, N))
    }

    /// A number of `n` bits, 0 to 64.
    #[inline]
    pub fn unsigned(&mut self, n: u64) -> Result<u64> {
        match n {
            0 => Ok(0),
            1..=64 => {
                let bit = self.take(n)?;
                Ok(load(self.data, bit, n as u32))
            }
            _ => Err(Error::malformed(self.position(), format!("a number of {n} bits (at most 64)"))),
        }
    }

    /// Leaves out so many bits.
    pub fn skip(&mut self, bits: u64) -> Result<()> {
        self.take(bits).map(drop)
    }

    /// The bits up to the next whole byte counted from absolute bit `start`, as a number; 0 where there are none.
    pub fn pad(&mut self, start: u64) -> Result<u8> {
        let over = self.position().wrapping_sub(start) % 8;
        let bits = 8u64.wrapping_sub(over) % 8;
        Ok(self.unsigned(bits)? as u8)
    }

    /// Accepts a count of `n` elements of at least `min_bits` each only where the bits left can hold them.
    ///
    /// A negative count is none, as in a `for` loop.
    pub fn count(&self, n: i128, min_bits: u64) -> Result<usize> {
        let n = n.max(0);
        let needed = u128::try_from(n).unwrap_or(0).saturating_mul(u128::from(min_bits));
        let left = u128::from(self.remaining());
        if needed > left {
            let missing = u64::try_from(needed.saturating_sub(left)).unwrap_or(u64::MAX);
            return Err(Error::truncated(self.position(), missing).with_message(format!("{n} elements")));
        }
        usize::try_from(n).map_err(|_| Error::limit(self.position(), format!("{n} elements")))
    }

    /// The same where the run starts at a whole byte of the data: the bytes themselves. `None` where it does not, or does not fit.
    #[inline(always)]
    pub fn aligned_run<const BITS: usize, const BYTES: usize>(&mut self) -> Option<&'a [u8; BYTES]> {
        let first = (self.bit / 8) as usize;
        if !self.bit.is_multiple_of(8) || self.remaining() < BITS as u64 {
            return None;
        }
        let run = self.data.get(first..).and_then(<[u8]>::first_chunk::<BYTES>)?;
        self.bit = self.bit.wrapping_add(BITS as u64);
        Some(run)
    }

    /// A run of `BITS` bits behind one length check, for [`field`](super::field); `BYTES` is `BITS` in whole bytes.
    ///
    /// The first bit is the most significant one of the first byte; the bits behind the run are undefined.
    #[inline(always)]
    pub fn run<const BITS: usize, const BYTES: usize>(&mut self) -> Result<[u8; BYTES]> {
        const { assert!(BYTES == BITS.div_ceil(8), "BYTES is BITS in whole bytes") }
        let bit = self.take(BITS as u64)?;
        let first = (bit / 8) as usize;
        if bit % 8 == 0
            && let Some(run) = self.data.get(first..first.wrapping_add(BYTES)).and_then(<[u8]>::first_chunk)
        {
            return Ok(*run);
        }
        let mut run = [0; BYTES];
        copy_run(self.data, bit, &mut run);
        Ok(run)
    }

    /// The bytes of the next `bits`, where these start and end at whole bytes of the data; stays where it is.
    pub fn aligned_bytes(&self, bits: u64) -> Option<&'a [u8]> {
        let whole = self.bit.is_multiple_of(8) && bits.is_multiple_of(8) && bits <= self.remaining();
        let first = usize::try_from(self.bit / 8).ok().filter(|_| whole)?;
        self.data.get(first..first.checked_add(usize::try_from(bits / 8).ok()?)?)
    }

    /// A reader of the next `bits`; goes on behind them.
    pub fn sub(&mut self, bits: u64) -> Result<BitReader<'a>> {
        let bit = self.take(bits)?;
        Ok(BitReader { data: self.data, base: self.base, origin: bit, bit, end: self.bit })
    }

    /// Reads Key and Length of the box that starts at this bit; returns a reader of its Value, and the Length.
    ///
    /// Goes on behind the box.
    pub fn enter_box(&mut self, key: [u8; 4]) -> Result<(BitReader<'a>, u64)> {
        let start = self.position();
        let mut head = self.clone();
        let found = (head.read::<32>()? as u32).to_be_bytes();
        if found != key {
            let (found, key) = (found.escape_ascii(), key.escape_ascii());
            return Err(Error::malformed(start, format!("the box `{found}` where `{key}` is expected")));
        }
        let length = head.read::<64>()?;
        let at = start.saturating_add(32);
        let Some(value) = length.checked_sub(BOX_HEAD) else {
            return Err(Error::malformed(at, format!("Length {length} (at least 12)")).in_field("Length", &[]));
        };
        let bits = value.saturating_mul(8);
        if bits > head.remaining() {
            let missing = bits.saturating_sub(head.remaining());
            let message = format!("a box of {length} bytes");
            return Err(Error::truncated(at, missing).with_message(message).in_field("Length", &[]));
        }
        let value = head.sub(bits)?;
        *self = head;
        Ok((value, length))
    }

    /// Moves on by so many bits, which are there; returns where they start in the data.
    #[inline(always)]
    pub(super) fn take(&mut self, bits: u64) -> Result<u64> {
        let bit = self.bit;
        // bit <= end always holds
        let left = self.end.wrapping_sub(bit);
        if bits > left {
            return Err(Error::truncated(self.position(), bits.saturating_sub(left)));
        }
        self.bit = bit.wrapping_add(bits);
        Ok(bit)
    }
}
