//! Rows of short ends of patterns. A search begins at the end of its pattern, where the rows are many and far apart: other patterns
//! with the same end begin with what is kept of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ends that are kept at most: 256 KiB.
const MOST: usize = 1 << 15;

/// The rows of the ends that have been met, by their place: 0 is the empty end, and those with another code in front of the end at
/// place p are at p * alpha + 1 and on.
pub(super) struct Ends {
    alpha: usize,
    most: usize,
    /// Low and high in one number, 0 if they are not known.
    rows: OnceLock<Box<[AtomicU64]>>,
}

impl Ends {
    /// As many as take half of the memory of an index at most.
    pub(super) fn new(bytes: usize, alpha: u32) -> Ends {
        Ends { alpha: alpha as usize, most: MOST.min(bytes / 16), rows: OnceLock::new() }
    }

    /// The place of an end with one more code in front.
    #[inline]
    pub(super) fn longer(&self, place: usize, code: u32) -> usize {
        place.saturating_mul(self.alpha).saturating_add(code as usize).saturating_add(1)
    }

    /// Whether an end is short enough to be kept.
    #[inline]
    pub(super) fn keeps(&self, place: usize) -> bool {
        place < self.most
    }

    /// The rows of an end, if they are kept: `low >= high` if there are none.
    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<(u32, u32)> {
        let rows = self.rows.get()?.get(place)?.load(Ordering::Relaxed);
        (rows != 0).then_some(((rows >> 32) as u32, rows as u32))
    }

    /// Keeps the rows of an end.
    #[inline]
    pub(super) fn set(&self, place: usize, (low, high): (u32, u32)) {
        if !self.keeps(place) {
            return;
        }
        let (low, high) = if low < high { (low, high) } else { (1, 0) };
        let rows = self.rows.get_or_init(|| (0..self.most).map(|_| AtomicU64::new(0)).collect());
        if let Some(kept) = rows.get(place) {
            kept.store(u64::from(low) << 32 | u64::from(high), Ordering::Relaxed);
        }
    }

    /// The bytes of memory.
    pub(super) fn memory(&self) -> u64 {
        self.rows.get().map_or(0, |rows| size_of_val(&**rows) as u64)
    }
}
