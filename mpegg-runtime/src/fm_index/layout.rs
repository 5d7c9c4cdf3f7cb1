//! Bytes of an index: the two byte orders, 64-bit words filled from the most significant bit on, and fields read one by one with
//! errors that say where.

use crate::{Error, Result};

/// The order of the bytes of an index.
///
/// The standard writes the most significant bit of everything first. The one other producer that is known dumps the memory of a
/// little-endian machine: the same fields with the bytes of each number and of each 64-bit word reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// As the standard says: most significant byte first.
    Standard,
    /// Least significant byte first, in each number and each 64-bit word.
    LittleEndian,
}

impl ByteOrder {
    /// An alphabet has 1 to 256 symbols; at most one of the orders gives that.
    pub(super) fn of(bytes: &[u8]) -> ByteOrder {
        let possible = |alpha: u32| (1..=256).contains(&alpha);
        match bytes.get(4..8).and_then(|alpha| alpha.first_chunk::<4>()) {
            Some(alpha) if !possible(u32::from_be_bytes(*alpha)) && possible(u32::from_le_bytes(*alpha)) => ByteOrder::LittleEndian,
            _ => ByteOrder::Standard,
        }
    }
}

/// A syntax table: its name, clause and number.
#[derive(Clone, Copy)]
pub(super) struct Table(pub &'static str, pub &'static str, pub u16);

impl Table {
    pub(super) const INDEX: Table = Table("compressed_string_index", "7.1.5.2", 77);
    pub(super) const TREE: Table = Table("compressed_string_wavelet_tree", "7.1.5.3", 78);
    pub(super) const COUNTERS: Table = Table("compressed_string_compact_counters", "7.1.5.5", 80);
    pub(super) const BITMAP: Table = Table("compressed_string_bitmap", "7.1.5.6", 81);
    pub(super) const SAMPLED: Table = Table("compressed_string_sampled_bounded_counters", "7.1.5.7", 82);

    /// The error is in this table.
    pub(super) fn of(self, error: Error) -> Error {
        error.in_table(self.0, self.1, Some(self.2))
    }

    /// The field at this bit contradicts the format.
    #[cold]
    pub(super) fn wrong(self, bit: u64, field: &str, index: &[u64], message: impl Into<String>) -> Error {
        self.of(Error::malformed(bit, message.into()).in_field(field, index))
    }
}

/// The bits of a number in bytes.
pub(super) fn bits_of(bytes: usize) -> u64 {
    (bytes as u64).saturating_mul(8)
}

/// The fields of an index, one behind the other.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) order: ByteOrder,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8], order: ByteOrder) -> Fields<'a> {
        Fields { bytes, at: 0, order }
    }

    /// Where the next field begins, in bits.
    pub(super) fn bit(&self) -> u64 {
        bits_of(self.at)
    }

    pub(super) fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// So many bytes; an error of a table that lacks some is at the first of them.
    pub(super) fn bytes(&mut self, table: Table, field: &str, index: &[u64], count: u64) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(bytes) = usize::try_from(count).ok().and_then(|count| rest.get(..count)) else {
            let missing = count.saturating_sub(rest.len() as u64).saturating_mul(8);
            return Err(table.of(Error::truncated(self.bit(), missing).in_field(field, index)));
        };
        self.at = self.at.saturating_add(bytes.len());
        Ok(bytes)
    }

    pub(super) fn u16(&mut self, table: Table, field: &str, index: &[u64]) -> Result<u16> {
        let bytes = self.bytes(table, field, index, 2)?;
        let bytes = *bytes.first_chunk().unwrap_or(&[0; 2]);
        Ok(if self.order == ByteOrder::Standard { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub(super) fn u32(&mut self, table: Table, field: &str, index: &[u64]) -> Result<u32> {
        let bytes = self.bytes(table, field, index, 4)?;
        let bytes = *bytes.first_chunk().unwrap_or(&[0; 4]);
        Ok(if self.order == ByteOrder::Standard { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// 64-bit words that hold at least so many bits.
    pub(super) fn words(&mut self, table: Table, field: &str, bits: u64) -> Result<Words<'a>> {
        let order = self.order;
        let bytes = self.bytes(table, field, &[], bits.div_ceil(64).saturating_mul(8))?;
        Ok(Words { words: bytes.as_chunks().0, order })
    }
}

/// 64-bit words where they stand; their bits are numbered from the most significant one of the first word on.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    words: &'a [[u8; 8]],
    order: ByteOrder,
}

impl Words<'_> {
    /// How many bits there are.
    pub(super) fn len(self) -> u64 {
        (self.words.len() as u64).saturating_mul(64)
    }

    /// A word; zeros behind the end.
    #[inline]
    pub(super) fn word(self, i: u64) -> u64 {
        let Some(bytes) = self.words.get(usize::try_from(i).unwrap_or(usize::MAX)) else { return 0 };
        match self.order {
            ByteOrder::Standard => u64::from_be_bytes(*bytes),
            ByteOrder::LittleEndian => u64::from_le_bytes(*bytes),
        }
    }

    /// The 64 bits from this bit on.
    #[inline]
    pub(super) fn window(self, bit: u64) -> u64 {
        let (i, shift) = (bit / 64, (bit % 64) as u32);
        let high = self.word(i) << shift;
        if shift == 0 { high } else { high | self.word(i.wrapping_add(1)) >> 64u32.wrapping_sub(shift) }
    }

    /// `width` bits (0 to 64) from this bit on, as a number.
    #[inline]
    pub(super) fn bits(self, bit: u64, width: u32) -> u64 {
        if width == 0 { 0 } else { self.window(bit) >> 64u32.wrapping_sub(width) }
    }
}
