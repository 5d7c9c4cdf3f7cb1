//! Rounds of a loop whose fields have the same widths in every round, read a column at a time: one length check for all of
//! them, and loops over bytes of known width.

use crate::bits::BitReader;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

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
    U64(&'c mut Numbers),
}

/// A column of numbers of up to 64 bits, kept in 32 where all of them fit: positions and offsets mostly do, and half the memory is
/// half the time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub enum Numbers {
    /// All of them fit 32 bits.
    Narrow(Vec<u32>),
    /// Some of them may not.
    Wide(Vec<u64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers::Narrow(vec![])
    }
}

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Numbers::Narrow(numbers) => numbers.len(),
            Numbers::Wide(numbers) => numbers.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number `index`.
    pub fn get(&self, index: usize) -> Option<u64> {
        match self {
            Numbers::Narrow(numbers) => numbers.get(index).map(|number| u64::from(*number)),
            Numbers::Wide(numbers) => numbers.get(index).copied(),
        }
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        match self {
            Numbers::Narrow(numbers) => numbers.reserve(more),
            Numbers::Wide(numbers) => numbers.reserve(more),
        }
    }

    /// Adds one behind the others.
    pub fn push(&mut self, number: u64) {
        match (u32::try_from(number), &mut *self) {
            (Ok(number), Numbers::Narrow(numbers)) => numbers.push(number),
            (_, Numbers::Wide(numbers)) => numbers.push(number),
            (_, Numbers::Narrow(numbers)) => {
                let mut wide: Vec<u64> = numbers.iter().map(|number| u64::from(*number)).collect();
                wide.push(number);
                *self = Numbers::Wide(wide);
            }
        }
    }
}

impl From<Vec<u64>> for Numbers {
    fn from(numbers: Vec<u64>) -> Self {
        if numbers.iter().any(|number| *number > u64::from(u32::MAX)) {
            return Numbers::Wide(numbers);
        }
        Numbers::Narrow(numbers.into_iter().map(|number| number as u32).collect())
    }
}

impl From<Numbers> for Vec<u64> {
    fn from(numbers: Numbers) -> Self {
        numbers.iter().collect()
    }
}

impl FromIterator<u64> for Numbers {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        numbers.into_iter().collect::<Vec<u64>>().into()
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
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
            Out::U64(out) => {
                // The width of the column says at once how its numbers are kept.
                if out.is_empty() && self.width > 32 {
                    **out = Numbers::Wide(vec![]);
                }
                match out {
                    Numbers::Narrow(out) => out.reserve_exact(more),
                    Numbers::Wide(out) => out.reserve_exact(more),
                }
            }
        }
    }

    /// Takes the column from whole rows of bytes; it begins `skip` bytes into each.
    fn take(&mut self, rows: &[u8], row: usize, skip: usize) {
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
        if self.count == 1 {
            // Rows of the usual sizes: where a field stands in them is then known to the compiler.
            return match row {
                12 => self.single::<W, 12>(rows, skip),
                14 => self.single::<W, 14>(rows, skip),
                16 => self.single::<W, 16>(rows, skip),
                18 => self.single::<W, 18>(rows, skip),
                20 => self.single::<W, 20>(rows, skip),
                24 => self.single::<W, 24>(rows, skip),
                28 => self.single::<W, 28>(rows, skip),
                _ => self.extend(rows.chunks_exact(row.max(1)).map(|row| value::<W>(row.get(skip..)))),
            };
        }
        let length = W.saturating_mul(self.count);
        for row in rows.chunks_exact(row.max(1)) {
            // As many as the column has in each round: the row is as long as all columns together.
            let found = row.get(skip..skip.saturating_add(length)).unwrap_or_default().as_chunks::<W>().0;
            self.extend(found.iter().map(number));
        }
    }

    fn single<const W: usize, const ROW: usize>(&mut self, rows: &[u8], skip: usize) {
        let (rows, _) = rows.as_chunks::<ROW>();
        match skip {
            0 => self.extend(rows.iter().map(|row| value::<W>(row.get(0..)))),
            4 => self.extend(rows.iter().map(|row| value::<W>(row.get(4..)))),
            8 => self.extend(rows.iter().map(|row| value::<W>(row.get(8..)))),
            9 => self.extend(rows.iter().map(|row| value::<W>(row.get(9..)))),
            12 => self.extend(rows.iter().map(|row| value::<W>(row.get(12..)))),
            13 => self.extend(rows.iter().map(|row| value::<W>(row.get(13..)))),
            _ => self.extend(rows.iter().map(|row| value::<W>(row.get(skip..)))),
        }
    }

    #[inline]
    fn extend(&mut self, values: impl Iterator<Item = u64>) {
        match &mut self.out {
            Out::U8(out) => out.extend(values.map(|value| value as u8)),
            Out::U16(out) => out.extend(values.map(|value| value as u16)),
            Out::U32(out) => out.extend(values.map(|value| value as u32)),
            Out::U64(Numbers::Wide(out)) => out.extend(values),
            Out::U64(Numbers::Narrow(out)) if self.width <= 32 => out.extend(values.map(|value| value as u32)),
            Out::U64(out) => values.for_each(|value| out.push(value)),
        }
    }
}

/// The number at the beginning of the bytes; they are long enough, because a row is as long as all columns together.
#[inline(always)]
fn value<const W: usize>(bytes: Option<&[u8]>) -> u64 {
    bytes.and_then(<[u8]>::first_chunk::<W>).map_or(0, number)
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
                    column.take(rows, row, skip);
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
