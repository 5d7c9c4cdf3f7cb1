//! Superblocks of a bitmap (7.1.5.6, 7.1.5.7).
//!
//! The size of a superblock is the writer's choice: one is taken for which both readings of Table 82 give the same, so that every
//! reader finds the counters.

use super::super::binomial::BLOCK;
use super::super::counters::width_of;
use super::super::superblocks::agreed;
use super::samples::Packed;
use super::writer::Writer;

/// The superblocks of a bitmap.
#[derive(Clone, Copy)]
pub(super) struct Superblocks {
    n: u32,
    /// Blocks of each.
    pub(super) size: u32,
    /// Superblocks of a major interval.
    per_major: u32,
}

impl Superblocks {
    /// Those of a bitmap of n bits, at least 2.
    pub(super) fn new(n: u32) -> Superblocks {
        let least = width_of(n.into()).max(1);
        let fitting = (least..=0xFF_FFFF).find_map(|size| {
            let rate = size.checked_mul(BLOCK)?;
            // A rank at the end of a bitmap that fills its superblocks makes the other producer read behind its counters.
            let agreed = agreed(n, rate).filter(|_| !n.is_multiple_of(rate))?;
            Some(Superblocks { n, size, per_major: agreed })
        });
        // One is found far below the largest size.
        fitting.unwrap_or(Superblocks { n, size: least, per_major: 1 })
    }

    /// Bits of a superblock.
    fn rate(self) -> u32 {
        self.size.saturating_mul(BLOCK)
    }

    /// Writes what lies in front of each superblock: sampled bounded counters.
    pub(super) fn write(self, counts: &[u32], out: &mut Writer) {
        let major_rate = u64::from(self.rate()).saturating_mul(self.per_major.into());
        let per_major = self.per_major as usize;
        let major: Vec<u32> = counts.iter().step_by(per_major).copied().collect();
        let minor: Vec<u32> = counts.chunks(per_major).flat_map(|all| all.iter().map(|&count| count.wrapping_sub(all.first().copied().unwrap_or(0)))).collect();
        out.u32(self.n);
        out.u32(self.rate());
        Packed::new(major.into_iter(), width_of(self.n.into())).write(out);
        Packed::new(minor.into_iter(), width_of(major_rate)).write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_agree() {
        for n in (2..5000).chain([1 << 20, (1 << 31) - 1, u32::MAX, 63u32.pow(4), 126u32.pow(4)]) {
            let superblocks = Superblocks::new(n);
            let quotient = 16.0 * f64::from(n).ln() / f64::from(superblocks.rate()).ln();
            let m = f64::from(superblocks.per_major);
            assert!(m - 0.5 - 1e-9 < quotient && quotient < m + 1e-9, "{n}: {quotient} {m}");
            assert!(superblocks.size >= width_of(n.into()) && superblocks.size < width_of(n.into()) * 4 + 40, "{n}: {}", superblocks.size);
        }
    }
}
