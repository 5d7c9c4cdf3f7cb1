//! The writer of bits.

use super::shift::copy_bits;
use super::{Ascii, BOX_HEAD, BitString};
use crate::error::{Error, Result};

/// Writes bits, most significant bit first, into a growing vector of bytes.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet in `bytes`, right-aligned.
    pending: u64,
    /// How many bits are pending, at most 63.
    used: u32,
    /// The bit from which alignment counts.
    origin: u64,
}

/// The place of a box whose Length is not known yet.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct BoxMark {
    start: u64,
    /// From where alignment counts around the box.
    around: u64,
}

impl BitWriter {
    /// Nothing written yet.
    pub fn new() -> BitWriter {
        BitWriter::default()
    }

    /// Writes behind bytes that are there already, into the memory that they have.
    pub fn behind(bytes: Vec<u8>) -> BitWriter {
        BitWriter { bytes, pending: 0, used: 0, origin: 0 }
    }

    /// How many bits have been written.
    #[inline]
    pub fn position(&self) -> u64 {
        (self.bytes.len() as u64).saturating_mul(8).saturating_add(u64::from(self.used))
    }

    /// The bit from which alignment counts: the first one, or the first one of the box that is being written.
    #[inline]
    pub fn origin(&self) -> u64 {
        self.origin
    }

    /// A number of `N` bits, 0 to 64.
    #[inline]
    pub fn write<const N: u32>(&mut self, value: u64) -> Result<()> {
        const { assert!(N <= 64, "a number has at most 64 bits") }
        if N < 64 && value >> (N % 64) != 0 {
            return Err(self.too_wide(value, u64::from(N)));
        }
        self.push(value, N);
        Ok(())
    }

    /// A number of `n` bits, 0 to 64.
    #[inline]
    pub fn unsigned(&mut self, value: u64, n: u64) -> Result<()> {
        if n > 64 || (n < 64 && value >> n != 0) {
            return Err(self.too_wide(value, n));
        }
        self.push(value, n as u32);
        Ok(())
    }

    /// Bytes, at any bit position.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.flush();
        if self.used == 0 {
            self.bytes.extend_from_slice(bytes);
            return;
        }
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            if let Some(word) = word.first_chunk::<8>() {
                self.push(u64::from_be_bytes(*word), 64);
            }
        }
        for byte in words.remainder() {
            self.push(u64::from(*byte), 8);
        }
    }

    /// A string of bits.
    pub fn bit_string(&mut self, string: &BitString) {
        let whole = (string.bits() / 8) as usize;
        let (head, tail) = string.bytes().split_at(whole.min(string.bytes().len()));
        self.bytes(head);
        let rest = (string.bits() % 8) as u32;
        if let Some(last) = tail.first() {
            self.push(u64::from(*last) >> 8u32.wrapping_sub(rest), rest);
        }
    }

    /// A text and its terminator; at most `limit` bytes without a zero byte among them.
    pub fn text(&mut self, text: &str, limit: u64) -> Result<()> {
        if text.len() as u64 > limit {
            let message = format!("a text of {} bytes (at most {limit})", text.len());
            return Err(Error::malformed(self.position(), message));
        }
        if text.contains('\0') {
            return Err(Error::malformed(self.position(), "a text with a zero byte"));
        }
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
        Ok(())
    }

    /// `N` characters.
    pub fn ascii<const N: usize>(&mut self, characters: &Ascii<N>) {
        self.bytes(&characters.0);
    }

    /// Fills up to the next whole byte counted from bit `start`, with the low bits of `bits_value`.
    pub fn pad(&mut self, start: u64, bits_value: u8) -> Result<()> {
        let over = self.position().wrapping_sub(start) % 8;
        self.unsigned(u64::from(bits_value), 8u64.wrapping_sub(over) % 8)
    }

    /// Writes a Key, and a Length to be filled in by [`BitWriter::end_box`].
    pub fn begin_box(&mut self, key: [u8; 4]) -> BoxMark {
        let start = self.position();
        self.bytes(&key);
        self.push(0, 64);
        BoxMark { start, around: std::mem::replace(&mut self.origin, start) }
    }

    /// Pads the box to whole bytes with zero bits and fills in its Length, which it returns.
    pub fn end_box(&mut self, mark: BoxMark) -> Result<u64> {
        self.pad(mark.start, 0)?;
        self.origin = mark.around;
        let length = self.position().saturating_sub(mark.start) / 8;
        if length < BOX_HEAD {
            return Err(Error::malformed(mark.start, "a box that was not begun"));
        }
        self.patch(mark.start.saturating_add(32), length);
        Ok(length)
    }

    /// Writes 64 bits over those at this position, which have been written before.
    pub fn patch(&mut self, position: u64, value: u64) {
        let end = self.position();
        self.spill();
        let first = (position / 8) as usize;
        let shift = (position % 8) as u32;
        let value = u128::from(value) << 64u32.wrapping_sub(shift);
        let mask = u128::from(u64::MAX) << 64u32.wrapping_sub(shift);
        let pairs = value.to_be_bytes().into_iter().zip(mask.to_be_bytes());
        for (byte, (value, mask)) in self.bytes.iter_mut().skip(first).zip(pairs) {
            *byte = (*byte & !mask) | value;
        }
        self.truncate(end);
    }

    /// Forgets what has been written from this position on.
    pub fn truncate(&mut self, position: u64) {
        if position > self.position() {
            return;
        }
        self.spill();
        self.bytes.truncate(position.div_ceil(8) as usize);
        let rest = (position % 8) as u32;
        if rest > 0 {
            let last = self.bytes.pop().unwrap_or(0);
            self.pending = u64::from(last) >> 8u32.wrapping_sub(rest);
            self.used = rest;
        }
    }

    /// The bytes; a last byte that is not full is filled up with zero bits.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.spill();
        self.bytes
    }

    /// Appends everything that another writer has written.
    pub fn append(&mut self, other: BitWriter) {
        let bits = other.position();
        self.bit_string(&BitString::new(bits, other.into_bytes()));
    }

    /// `count` bits (0 to 64); `value` fits.
    #[inline]
    fn push(&mut self, value: u64, count: u32) {
        let free = 64u32.wrapping_sub(self.used);
        if count < free {
            self.pending = (self.pending << count) | value;
            self.used = self.used.wrapping_add(count);
            return;
        }
        // free is 1 to 64, and so many bits of the value complete a word
        let rest = count.wrapping_sub(free);
        let word = self.pending.checked_shl(free).unwrap_or(0) | (value >> rest);
        self.bytes.extend_from_slice(&word.to_be_bytes());
        self.pending = if rest == 0 { 0 } else { value & (u64::MAX >> 64u32.wrapping_sub(rest)) };
        self.used = rest;
    }

    /// Moves all whole bytes that are pending; less than 8 bits stay.
    fn flush(&mut self) {
        if self.used < 8 {
            return;
        }
        let whole = self.used / 8;
        let rest = self.used % 8;
        let mut head = [0; 8];
        let aligned = self.pending << 64u32.wrapping_sub(self.used);
        copy_bits(&aligned.to_be_bytes(), 0, &mut head);
        self.bytes.extend(head.iter().take(whole as usize));
        self.pending &= (1u64 << rest).wrapping_sub(1);
        self.used = rest;
    }

    /// Moves everything that is pending, and fills the last byte with zero bits.
    fn spill(&mut self) {
        self.flush();
        if self.used > 0 {
            let last = self.pending << 8u32.wrapping_sub(self.used);
            self.bytes.push(last as u8);
            self.pending = 0;
            self.used = 0;
        }
    }

    #[cold]
    fn too_wide(&self, value: u64, n: u64) -> Error {
        Error::malformed(self.position(), format!("{value} does not fit in {n} bits"))
    }
}
