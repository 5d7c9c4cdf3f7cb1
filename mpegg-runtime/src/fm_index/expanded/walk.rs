//! Walks through the text, from its samples on: many at a time, since each step waits for memory.

use super::super::counters::Counters;
use super::super::query::lost;
use super::Body;
use super::rank::Ranks;
use crate::{Error, ErrorKind, Result};
use rayon::prelude::*;
use std::hint::black_box;
use std::ops::Range;

/// Walks that go on side by side.
const LANES: usize = 32;

/// Samples of positions and of rows.
#[derive(Default)]
pub(super) struct Samples {
    /// Characters between two rows of the walk.
    walk_rate: u32,
    /// The rows of the suffixes from n - i * walk_rate on, the first one that of the whole text.
    walk: Vec<u32>,
    /// Characters between two positions.
    rate: u32,
    /// Sampled rows in front of each line.
    marks: Vec<u32>,
    /// The sampled positions in the order of rows, in units of the rate.
    positions: Vec<u32>,
}

impl Samples {
    pub(super) fn of_walk(lf: &Counters<'_>, walk_rate: u32) -> Samples {
        Samples { walk_rate, walk: (0..lf.len()).map(|i| lf.get(i)).collect(), ..Samples::default() }
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The position of a row that is sampled.
    #[inline]
    pub(super) fn position(&self, ranks: &impl Ranks, row: u32) -> u32 {
        let line = self.marks.get((row / super::rank::ROWS) as usize).copied().unwrap_or(0);
        let place = line.wrapping_add(ranks.marks_before(row));
        self.positions.get(place as usize).copied().unwrap_or(0).wrapping_mul(self.rate)
    }

    fn memory(&self) -> u64 {
        let numbers = [&self.walk, &self.marks, &self.positions].map(|numbers| numbers.len() as u64);
        numbers.iter().fold(0u64, |sum, &count| sum.saturating_add(count)).saturating_mul(4)
    }
}

impl<R: Ranks> Body<R> {
    pub(super) fn memory(&self) -> u64 {
        [self.ranks.memory(), self.samples.memory(), self.table.memory()].iter().fold(size_of::<Body<R>>() as u64, |sum, &part| sum.saturating_add(part))
    }

    /// The positions between two samples of the walk, counted from the end of the text.
    fn segment(&self, i: usize) -> Range<u32> {
        let back = |i: usize| (i as u64).saturating_mul(self.samples.walk_rate.into()).min(self.n.into()) as u32;
        self.n.saturating_sub(back(i.saturating_add(1)))..self.n.saturating_sub(back(i))
    }

    /// Walks through the segments from `first` on, at most [`LANES`] of them; tells of each position its code and its row.
    fn walk(&self, first: usize, mut visit: impl FnMut(u32, u32, u32)) {
        let mut lanes = [(0u32, 0u32); LANES];
        let mut active = 0usize;
        let mut shortest = u32::MAX;
        for (lane, (i, &row)) in lanes.iter_mut().zip(self.samples.walk.iter().enumerate().skip(first)) {
            let segment = self.segment(i);
            *lane = (segment.end, row);
            shortest = shortest.min(segment.end.wrapping_sub(segment.start));
            active = active.wrapping_add(1);
        }
        let mut codes = [0u32; LANES];
        let mut round = |lanes: &mut [(u32, u32)]| {
            black_box(lanes.iter().fold(0, |touched, lane| touched ^ self.ranks.touch(lane.1)));
            let mut touched = 0;
            for (lane, code) in lanes.iter().zip(&mut codes) {
                *code = self.ranks.code(lane.1);
                touched ^= self.ranks.touch_count(*code, lane.1);
            }
            black_box(touched);
            for (lane, &code) in lanes.iter_mut().zip(&codes) {
                *lane = (lane.0.wrapping_sub(1), self.next(code, lane.1));
                visit(lane.0, code, lane.1);
            }
        };
        let Some(lanes) = lanes.get_mut(..active) else { return };
        for _ in 0..shortest {
            round(lanes);
        }
        // Only the last segment, in front, can be shorter than the rate.
        if let Some((_, whole)) = lanes.split_last_mut()
            && !whole.is_empty()
        {
            for _ in shortest..self.samples.walk_rate {
                round(whole);
            }
        }
    }

    /// Samples the text at every `rate`th position.
    pub(super) fn sample(&mut self, rate: u32) -> Result<()> {
        let starts: Vec<usize> = (0..self.samples.walk.len()).step_by(LANES).collect();
        let this = &*self;
        let parts: Vec<Vec<u32>> = starts.par_iter().rev().map(|&first| this.sampled_rows(first, rate)).collect();
        let rows = parts.concat();
        if rows.len() != self.n.div_ceil(rate) as usize {
            return Err(lost());
        }
        for &row in &rows {
            self.ranks.mark(row);
        }
        let mut count = 0u32;
        let before = |row: u32| {
            let before = count;
            count = count.wrapping_add(self.ranks.marks(row).count_ones());
            before
        };
        self.samples.marks = (0..self.n).step_by(super::rank::ROWS as usize).map(before).collect();
        if count as usize != rows.len() {
            return Err(lost());
        }
        self.samples.rate = 1;
        let mut positions = vec![0; rows.len()];
        self.samples.positions = (0..count).collect();
        for (i, &row) in (0u32..).zip(&rows) {
            if let Some(position) = positions.get_mut(self.samples.position(&self.ranks, row) as usize) {
                *position = i;
            }
        }
        self.samples.positions = positions;
        self.samples.rate = rate;
        Ok(())
    }

    /// The rows of the sampled positions of [`LANES`] segments, in the order of positions.
    fn sampled_rows(&self, first: usize, rate: u32) -> Vec<u32> {
        let last = first.saturating_add(LANES).min(self.samples.walk.len()).saturating_sub(1);
        let from = self.segment(last).start.div_ceil(rate);
        let count = self.segment(first).end.div_ceil(rate).saturating_sub(from);
        let mut rows = vec![0u32; count as usize];
        let mut put = |position: u32, row: u32| {
            if let Some(place) = rows.get_mut((position / rate).wrapping_sub(from) as usize) {
                *place = row;
            }
        };
        if rate.is_power_of_two() {
            let rest = rate.wrapping_sub(1);
            self.walk(first, |position, _, row| {
                if position & rest == 0 {
                    put(position, row)
                }
            });
        } else {
            self.walk(first, |position, _, row| {
                if position % rate == 0 {
                    put(position, row)
                }
            });
        }
        rows
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = vec![0; self.n as usize];
        let part = (self.samples.walk_rate as usize).saturating_mul(LANES);
        text.par_rchunks_mut(part).enumerate().for_each(|(i, part)| {
            let first = i.saturating_mul(LANES);
            let end = self.segment(first).end;
            let from = end.saturating_sub(part.len() as u32);
            self.walk(first, |position, code, _| {
                if let Some(byte) = part.get_mut(position.wrapping_sub(from) as usize) {
                    *byte = self.decode[code as usize & 255];
                }
            });
        });
        text
    }

    pub(super) fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        if range.end > self.n || range.start > range.end {
            let message = format!("characters {} to {} (excluded) of a text of {}", range.start, range.end, self.n);
            return Err(Error::without_position(ErrorKind::CrossReference, message));
        }
        if range.is_empty() {
            return Ok(());
        }
        let start = into.len();
        into.resize(start.saturating_add(range.len()), 0);
        let back = self.n.saturating_sub(range.end);
        let mut row = self.samples.walk.get((back / self.samples.walk_rate) as usize).copied().unwrap_or(0);
        for _ in 0..back % self.samples.walk_rate {
            row = self.step(row).1;
        }
        for byte in into.iter_mut().skip(start).rev() {
            let (code, next) = self.step(row);
            *byte = self.decode[code as usize & 255];
            row = next;
        }
        Ok(())
    }
}
