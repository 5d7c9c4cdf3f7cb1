//! The rows of all short strings: a search begins with a look into this table.

use super::Body;
use super::rank::Ranks;

/// Strings that the table holds at most.
const MOST: u64 = 1 << 18;

/// The rows of all strings of one length.
#[derive(Default)]
pub(super) struct Table {
    /// The length of the strings.
    depth: usize,
    alpha: usize,
    /// By the codes of a string as digits, its last one the lowest.
    rows: Vec<(u32, u32)>,
}

impl Table {
    /// As long as the table takes little beside the text.
    pub(super) fn new<R: Ranks>(body: &Body<R>) -> Table {
        let alpha = body.alpha();
        let most = MOST.min(u64::from(body.n) / 16);
        let mut table = Table { depth: 0, alpha: alpha as usize, rows: vec![(0, 0)] };
        while alpha > 1 && (table.rows.len() as u64).saturating_mul(alpha.into()) <= most {
            let longer = |code: u32| {
                let first = table.depth == 0;
                table.rows.iter().map(move |&(low, high)| match (first, low < high) {
                    (true, _) => (body.first(code), body.first(code.saturating_add(1))),
                    (false, true) => body.extend(code, low, high),
                    (false, false) => (0, 0),
                })
            };
            table.rows = (0..alpha).flat_map(longer).collect();
            table.depth = table.depth.saturating_add(1);
        }
        table
    }

    /// What is in front of the end of a pattern, and the rows of that end; none where the pattern is too short for the table.
    #[inline]
    pub(super) fn begin<'p>(&self, pattern: &'p [u8], code: impl Fn(u8) -> Option<u32>) -> Option<(&'p [u8], u32, u32)> {
        let at = pattern.len().checked_sub(self.depth)?;
        if self.depth == 0 {
            return None;
        }
        let (rest, end) = pattern.split_at_checked(at)?;
        let mut place = 0usize;
        for &byte in end {
            let Some(code) = code(byte) else { return Some((rest, 0, 0)) };
            place = place.wrapping_mul(self.alpha).wrapping_add(code as usize);
        }
        let (low, high) = self.rows.get(place).copied().unwrap_or_default();
        Some((rest, low, high))
    }

    /// The bytes of memory.
    pub(super) fn memory(&self) -> u64 {
        size_of_val(self.rows.as_slice()) as u64
    }
}
