//! Counting and locating.

use super::super::query::lost;
use super::Body;
use super::rank::Ranks;
use crate::{Error, ErrorKind, Result};
use std::hint::black_box;
use std::ops::Range;

/// Patterns, or rows, that are followed side by side: while one waits for memory, the others go on.
const LANES: usize = 32;

impl<R: Ranks> Body<R> {
    #[inline]
    pub(super) fn code(&self, byte: u8) -> Option<u32> {
        let code = u32::from(self.encode[usize::from(byte)]);
        (code < self.alpha()).then_some(code)
    }

    pub(super) fn alpha(&self) -> u32 {
        self.c.len().saturating_sub(1) as u32
    }

    #[inline]
    pub(super) fn first(&self, code: u32) -> u32 {
        self.c.get(code as usize).copied().unwrap_or(self.n)
    }

    /// The code in front of the suffix of a row, and the row of the suffix that begins with it (7.2.7).
    #[inline]
    pub(super) fn step(&self, row: u32) -> (u32, u32) {
        let code = self.ranks.code(row);
        (code, self.next(code, row))
    }

    /// The row of the suffix that begins with the code in front of the suffix of a row.
    #[inline]
    pub(super) fn next(&self, code: u32, row: u32) -> u32 {
        let next = self.ranks.rank(code, row);
        if code == self.char_red_isa_0 && row <= self.red_isa_0 {
            return if row == self.red_isa_0 { self.first(code) } else { next.wrapping_add(1) };
        }
        next
    }

    /// The rows that begin with a code, of those that go on as others do (7.2.8).
    #[inline]
    pub(super) fn extend(&self, code: u32, low: u32, high: u32) -> (u32, u32) {
        let last = code == self.char_red_isa_0;
        let swapped = |row: u32| u32::from(last && row <= self.red_isa_0);
        let low = self.ranks.rank(code, low).wrapping_add(swapped(low));
        (low, self.ranks.rank(code, high).wrapping_add(swapped(high)))
    }

    pub(super) fn search(&self, pattern: &[u8]) -> Range<u32> {
        let (mut rest, mut low, mut high) = self.begin(pattern);
        while low < high {
            let Some((&byte, front)) = rest.split_last() else { return low..high };
            (low, high) = self.code(byte).map_or((0, 0), |code| self.extend(code, low, high));
            rest = front;
        }
        0..0
    }

    /// What is in front of the end of a pattern, and the rows of that end: of as much as the table knows, else of the last character.
    #[inline]
    fn begin<'p>(&self, pattern: &'p [u8]) -> (&'p [u8], u32, u32) {
        if let Some(begun) = self.table.begin(pattern, |byte| self.code(byte)) {
            return begun;
        }
        match pattern.split_last() {
            None => (pattern, 0, self.n),
            Some((&last, rest)) => self.code(last).map_or((rest, 0, 0), |code| (rest, self.first(code), self.first(code.saturating_add(1)))),
        }
    }

    pub(super) fn count_many<P: AsRef<[u8]>>(&self, patterns: &[P]) -> Vec<u32> {
        let mut counts = vec![0; patterns.len()];
        for (patterns, counts) in patterns.chunks(LANES).zip(counts.chunks_mut(LANES)) {
            let mut lanes = [(&[][..], 0u32, 0u32, 0usize); LANES];
            let mut active = 0usize;
            for (i, pattern) in patterns.iter().enumerate() {
                let (rest, low, high) = self.begin(pattern.as_ref());
                if let Some(lane) = lanes.get_mut(active)
                    && low < high
                {
                    *lane = (rest, low, high, i);
                    active = active.wrapping_add(1);
                }
            }
            while active > 0 {
                let touched = lanes.iter().take(active).fold(0, |touched, &(rest, low, high, _)| {
                    let code = rest.last().and_then(|&byte| self.code(byte)).unwrap_or(0);
                    let counts = self.ranks.touch_count(code, low) ^ self.ranks.touch_count(code, high);
                    touched ^ self.ranks.touch(low) ^ self.ranks.touch(high) ^ counts
                });
                black_box(touched);
                let mut left = 0usize;
                for at in 0..active {
                    let Some(&(rest, low, high, i)) = lanes.get(at) else { break };
                    let Some((&byte, front)) = rest.split_last() else {
                        if let Some(count) = counts.get_mut(i) {
                            *count = high.wrapping_sub(low);
                        }
                        continue;
                    };
                    let (low, high) = self.code(byte).map_or((0, 0), |code| self.extend(code, low, high));
                    if let Some(lane) = lanes.get_mut(left)
                        && low < high
                    {
                        *lane = (front, low, high, i);
                        left = left.wrapping_add(1);
                    }
                }
                active = left;
            }
        }
        counts
    }

    pub(super) fn locate_rows(&self, rows: Range<u32>, into: &mut Vec<u32>) -> Result<()> {
        if rows.end > self.n {
            return Err(Error::without_position(ErrorKind::CrossReference, format!("rows {} to {} (excluded) of {}", rows.start, rows.end, self.n)));
        }
        into.reserve(rows.len());
        let mut next = rows.start;
        let mut lanes = [(0u32, 0u32); LANES];
        let mut active = 0usize;
        while active > 0 || next < rows.end {
            while active < LANES && next < rows.end {
                lanes[active] = (next, 0);
                active = active.wrapping_add(1);
                next = next.wrapping_add(1);
            }
            black_box(lanes.iter().take(active).fold(0, |touched, lane| touched ^ self.ranks.touch(lane.0)));
            let mut codes = [0u32; LANES];
            let (mut left, mut touched) = (0usize, 0u64);
            for at in 0..active {
                let (row, steps) = lanes[at];
                if self.ranks.marked(row) {
                    into.push(self.samples.position(&self.ranks, row).wrapping_add(steps));
                    continue;
                }
                if steps >= self.samples.rate() {
                    return Err(lost());
                }
                let code = self.ranks.code(row);
                touched ^= self.ranks.touch_count(code, row);
                codes[left] = code;
                lanes[left] = (row, steps.wrapping_add(1));
                left = left.wrapping_add(1);
            }
            black_box(touched);
            active = left;
            for ((row, _), code) in lanes.iter_mut().zip(codes).take(active) {
                *row = self.next(code, *row);
            }
        }
        Ok(())
    }
}
