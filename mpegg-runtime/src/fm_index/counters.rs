//! Numbers of one width, packed (Table 80), and their sizes (7.1.5.1).

use super::layout::{Fields, Table, Words};
use crate::{Error, Result};

/// Compact counters where they stand.
#[derive(Clone, Copy)]
pub(super) struct Counters<'a> {
    words: Words<'a>,
    n: u32,
    width: u32,
    /// The bit of the index at which the values begin.
    at: u64,
}

impl<'a> Counters<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Counters<'a>> {
        const T: Table = Table::COUNTERS;
        let n = fields.u32(T, "n", &[])?;
        let at = fields.bit();
        let width = fields.u32(T, "bits_number", &[])?;
        if width > 32 || width == 0 && n > 1 {
            return Err(T.wrong(at, "bits_number", &[], format!("{n} counters of {width} bits")));
        }
        let at = fields.bit();
        let words = fields.words(T, "bitmap", u64::from(n).saturating_mul(width.into()))?;
        Ok(Counters { words, n, width, at })
    }

    /// Counters as they follow from other fields: so many, of that width.
    pub(super) fn expect(self, n: u32, width: u32) -> Result<Counters<'a>> {
        let head = self.at.saturating_sub(64);
        if self.n != n {
            return Err(Table::COUNTERS.wrong(head, "n", &[], format!("{} counters, {n} follow from the length and the rate", self.n)));
        }
        if self.width != width {
            let message = format!("counters of {} bits, {width} follow from the length", self.width);
            return Err(Table::COUNTERS.wrong(head.saturating_add(32), "bits_number", &[], message));
        }
        Ok(self)
    }

    /// All values are at most `most`; what they are is `what`.
    pub(super) fn at_most(self, most: u32, what: &str) -> Result<()> {
        // One comparison for all of them: the culprit is looked for when there is one.
        let greatest = (0..self.n).fold(0, |greatest, i| greatest.max(self.get(i)));
        if greatest <= most {
            return Ok(());
        }
        let i = (0..self.n).find(|&i| self.get(i) > most).unwrap_or(0);
        Err(self.wrong(i, what))
    }

    /// A value is not what it should be.
    #[cold]
    pub(super) fn wrong(self, i: u32, what: &str) -> Error {
        let bit = self.at.saturating_add(u64::from(i).saturating_mul(self.width.into()));
        Table::COUNTERS.wrong(bit, "bitmap", &[i.into()], format!("{} is no {what}", self.get(i)))
    }

    /// How many there are.
    pub(super) fn len(self) -> u32 {
        self.n
    }

    /// The bits of each.
    pub(super) fn width(self) -> u32 {
        self.width
    }

    /// The bytes of the structure (7.1.5.1).
    pub(super) fn size(self) -> u64 {
        size(self.n, self.width)
    }

    #[inline]
    pub(super) fn get(self, i: u32) -> u32 {
        self.words.bits(u64::from(i).wrapping_mul(self.width.into()), self.width) as u32
    }
}

/// CompactCountersSize (7.1.5.1).
pub(super) fn size(n: u32, width: u32) -> u64 {
    let bits = u64::from(n).saturating_mul(width.into());
    bits.div_ceil(64).saturating_mul(8).saturating_add(8)
}

/// The bits of numbers below n: Ceil(Log2(n)).
pub(super) fn width_of(n: u64) -> u32 {
    64u32.saturating_sub(n.saturating_sub(1).leading_zeros())
}
