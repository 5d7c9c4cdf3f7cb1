//! Counters of superblocks (7.1.5.6, 7.1.5.7): what lies in front of every few blocks of a bitmap.
//!
//! Table 82 prints Ceil where the one other producer rounds, and the sizes of the counters follow from the result. Counters are used
//! where both give the same; else the blocks are counted, which say all that counters do.

use super::counters::{Counters, width_of};
use super::layout::{Fields, Table};
use crate::Result;

/// What lies in front of a block: ones, and bits of indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) ones: u32,
    pub(super) bits: u32,
}

/// The counters of a bitmap where they stand.
pub(super) struct Superblocks<'a> {
    /// Blocks of a superblock.
    pub(super) size: u32,
    ranks: Sampled<'a>,
    offsets: Sampled<'a>,
    /// Superblocks of a major interval, if that is beyond doubt.
    per_major: Option<u32>,
}

impl<'a> Superblocks<'a> {
    /// Reads the counters of a bitmap of `n` bits with superblocks of `size` blocks of `block_size` bits, for their size and, where they
    /// are beyond doubt, for their values.
    pub(super) fn read(fields: &mut Fields<'a>, n: u32, size: u32, block_size: u32) -> Result<Superblocks<'a>> {
        let ranks = Sampled::read(fields).map_err(|error| error.in_field("superblock_ranks", &[]))?;
        let offsets = Sampled::read(fields).map_err(|error| error.in_field("superblock_offsets", &[]))?;
        let rate = size.checked_mul(block_size);
        let agreed = rate.and_then(|rate| agreed(n, rate));
        let per_major = agreed.filter(|&per_major| [&ranks, &offsets].iter().all(|counters| counters.fit(n, rate.unwrap_or(0), per_major)));
        Ok(Superblocks { size, ranks, offsets, per_major })
    }

    /// What lies in front of a superblock, as far as its counters are beyond doubt.
    #[inline]
    pub(super) fn before(&self, superblock: u32) -> Option<Before> {
        let major = superblock.checked_div(self.per_major?)?;
        Some(Before { ones: self.ranks.get(major, superblock), bits: self.offsets.get(major, superblock) })
    }
}

/// Sampled bounded counters (Table 82).
struct Sampled<'a> {
    n: u32,
    rate: u32,
    major: Counters<'a>,
    minor: Counters<'a>,
}

impl<'a> Sampled<'a> {
    fn read(fields: &mut Fields<'a>) -> Result<Sampled<'a>> {
        const T: Table = Table::SAMPLED;
        let n = fields.u32(T, "n", &[])?;
        let rate = fields.u32(T, "sampling_rate", &[])?;
        let mut counters = |name: &str| Counters::read(fields).map_err(|error| T.of(error.in_field(name, &[])));
        Ok(Sampled { n, rate, major: counters("major")?, minor: counters("minor")? })
    }

    /// Whether they are counters of n bits, one for each `rate` of them, counted from the start of every `per_major`th.
    fn fit(&self, n: u32, rate: u32, per_major: u32) -> bool {
        let major_rate = u64::from(rate).saturating_mul(per_major.into());
        let counts = [n.div_ceil(rate.max(1)), u64::from(n).div_ceil(major_rate.max(1)) as u32];
        let widths = [width_of(major_rate), width_of(n.into())];
        (self.n, self.rate) == (n, rate) && [self.minor.len(), self.major.len()] == counts && [self.minor.width(), self.major.width()] == widths
    }

    #[inline]
    fn get(&self, major: u32, superblock: u32) -> u32 {
        self.major.get(major).wrapping_add(self.minor.get(superblock))
    }
}

/// Ceil(16 Log(n) / Log(rate)), if rounding gives the same and the quotient is no integer; exact.
pub(super) fn agreed(n: u32, rate: u32) -> Option<u32> {
    if n < 2 || rate < 2 {
        return None;
    }
    let quotient = 16.0 * f64::from(n).ln() / f64::from(rate).ln();
    let part = quotient.fract();
    // Logarithms of floating point are right to many more digits.
    const DOUBT: f64 = 1e-6;
    if [0.0, 0.5, 1.0].iter().all(|edge| (part - edge).abs() > DOUBT) {
        return (part > 0.5).then_some(quotient.ceil() as u32);
    }
    // The quotient is above m - 1/2 and below m: rate^(2m-1) < n^32 < rate^2m.
    let goal = Big::power(n, 32);
    let mut power = Big::one();
    let mut exponent = 0u32;
    while power.less(&goal) {
        power.multiply(rate);
        exponent = exponent.checked_add(1)?;
    }
    (power != goal && exponent.is_multiple_of(2)).then_some(exponent / 2)
}

/// A number of up to 1120 bits, the lowest first: more than n^32, a rate more.
#[derive(PartialEq)]
struct Big([u32; 35]);

impl Big {
    fn one() -> Big {
        let mut digits = [0; 35];
        digits[0] = 1;
        Big(digits)
    }

    fn power(base: u32, exponent: u32) -> Big {
        let mut result = Big::one();
        for _ in 0..exponent {
            result.multiply(base);
        }
        result
    }

    fn multiply(&mut self, factor: u32) {
        let mut carry = 0u64;
        for digit in &mut self.0 {
            let product = u64::from(*digit).wrapping_mul(factor.into()).wrapping_add(carry);
            *digit = product as u32;
            carry = product >> 32;
        }
    }

    fn less(&self, other: &Big) -> bool {
        self.0.iter().rev().lt(other.0.iter().rev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_powers_are_not_taken() {
        // 16 Log(63^2) / Log(63) is 32: Ceil in floating point may give 33.
        assert_eq!(agreed(63 * 63, 63), None);
        // 31.07 is rounded down; 30.86 is not.
        assert_eq!([agreed(1 << 20, 63 * 20), agreed(1 << 20, 63 * 21)], [None, Some(31)]);
    }
}
