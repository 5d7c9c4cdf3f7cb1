//! Rounds of a loop whose fields have the same widths in every round, read a column at a time: one length check for all of
//! them, and loops over bytes of known width.

use crate::bits::BitReader;
use crate::error::{Error, Result};

/// Rows are taken in blocks that stay in the nearest cache while each column is read from them.
const BLOCK: usize = 16 << 10;

/// A column: a field of each round, or several of one width.
pub struct Column<'c> {
    name: &'static str,
    width: u64,
    count: usize,
    out: Out<'c>,
}

/// Where the values of a column go.
pub enum Out<'c> {
    /// Up to 8 bits.
    U8(&'c mut Vec<u8>),
    /// Up to 16 bits.
    U16(&'c mut Vec<u16>),
    /// Up to 32 bits.
    U32(&'c mut Vec<u32>),
    /// Up to 64 bits.
    U64(&'c mut Vec<u64>),
}

impl<'c> Column<'c> {
    /// `count` values of `width` bits in each round; a count under 0 is none.
    pub fn new(name: &'static str, width: i128, count: i128, out: Out<'c>) -> Self {
        Column { name, width: u64::try_from(width).unwrap_or(u64::MAX), count: usize::try_from(count.max(0)).unwrap_or(usize::MAX), out }
    }

    fn bits(&self) -> u64 {
        self.width.saturating_mul(self.count as u64)
    }

    fn reserve(&mut self, rounds: usize) {
        let more = rounds.saturating_mul(self.count);
        match &mut self.out {
            Out::U8(out) => out.reserve_exact(more),
            Out::U16(out) => out.reserve_exact(more),
            Out::U32(out) => out.reserve_exact(more),
            Out::U64(out) => out.reserve_exact(more),
        }
    }

    /// Takes the column from whole rows of bytes; it begins `skip` bytes into each.
    fn from_bytes(&mut self, rows: &[u8], row: usize, skip: usize) {
        match self.width {
            16 => self.bytes::<2>(rows, row, skip),
            32 => self.bytes::<4>(rows, row, skip),
            40 => self.bytes::<5>(rows, row, skip),
            64 => self.bytes::<8>(rows, row, skip),
            8 => self.bytes::<1>(rows, row, skip),
            24 => self.bytes::<3>(rows, row, skip),
            48 => self.bytes::<6>(rows, row, skip),
            _ => self.bytes::<7>(rows, row, skip),
        }
    }

    fn bytes<const W: usize>(&mut self, rows: &[u8], row: usize, skip: usize) {
        let length = W * self.count;
        let values = |row: &[u8]| row.get(skip..skip + length).unwrap_or_default().as_chunks::<W>().0.len();
        debug_assert!(rows.chunks_exact(row.max(1)).all(|row| values(row) == self.count));
        if self.count == 1 {
            let values = rows.chunks_exact(row.max(1)).map(|row| number(row.get(skip..).and_then(|rest| rest.first_chunk::<W>()).unwrap_or(&[0; W])));
            return self.extend(values);
        }
        let values = rows.chunks_exact(row.max(1)).flat_map(|row| row.get(skip..skip + length).unwrap_or_default().as_chunks::<W>().0).map(number);
        self.extend(values);
    }

    #[inline]
    fn extend(&mut self, values: impl Iterator<Item = u64>) {
        match &mut self.out {
            Out::U8(out) => out.extend(values.map(|value| value as u8)),
            Out::U16(out) => out.extend(values.map(|value| value as u16)),
            Out::U32(out) => out.extend(values.map(|value| value as u32)),
            Out::U64(out) => out.extend(values),
        }
    }
}

#[inline(always)]
fn number<const W: usize>(bytes: &[u8; W]) -> u64 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// Reads so many rounds. `index` are the subscripts of the loops around, for errors.
///
/// # Errors
///
/// Truncated, at the first field that does not fit, before anything is read or reserved; a width over 64.
pub fn read_columns(r: &mut BitReader<'_>, rounds: usize, index: &[u64], columns: &mut [Column<'_>]) -> Result<()> {
    if let Some(column) = columns.iter().find(|column| column.width > 64) {
        return Err(Error::malformed(r.position(), format!("a number of {} bits (at most 64)", column.width)).in_field(column.name, index));
    }
    let row = columns.iter().map(Column::bits).fold(0u64, u64::saturating_add);
    if u128::from(row) * rounds as u128 > u128::from(r.remaining()) {
        return Err(missing(r, row, index, columns));
    }
    columns.iter_mut().for_each(|column| column.reserve(rounds));
    let bits = row.saturating_mul(rounds as u64);
    let whole_bytes = columns.iter().all(|column| column.width % 8 == 0 && column.width > 0);
    match r.aligned_bytes(bits).filter(|_| whole_bytes && row > 0) {
        Some(bytes) => {
            let row = usize::try_from(row / 8).unwrap_or(usize::MAX);
            let block = (BLOCK / row.max(1)).max(1).saturating_mul(row);
            for rows in bytes.chunks(block) {
                let mut skip = 0;
                for column in columns.iter_mut() {
                    column.from_bytes(rows, row, skip);
                    skip += usize::try_from(column.bits() / 8).unwrap_or(0);
                }
            }
            r.skip(bits)
        }
        None => {
            for _ in 0..rounds {
                for column in columns.iter_mut() {
                    for _ in 0..column.count {
                        let value = r.unsigned(column.width)?;
                        column.extend(std::iter::once(value));
                    }
                }
            }
            Ok(())
        }
    }
}

/// The error of rounds that do not fit: at the field that is cut.
fn missing(r: &BitReader<'_>, row: u64, index: &[u64], columns: &[Column<'_>]) -> Error {
    let left = r.remaining();
    let whole = left.checked_div(row).unwrap_or(0);
    let (mut at, mut left) = (r.position() + whole * row, left - whole * row);
    let mut path = index.to_vec();
    path.push(whole);
    for column in columns {
        for number in 0..column.count {
            if column.width > left {
                if column.count > 1 {
                    path.push(number as u64);
                }
                return Error::truncated(at, column.width - left).in_field(column.name, &path);
            }
            at += column.width;
            left -= column.width;
        }
    }
    Error::truncated(at, 1)
}
