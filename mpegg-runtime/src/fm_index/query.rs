//! Queries where the index stands (7.2.3 to 7.2.9).

use super::Index;
use super::layout::Table;
use crate::{Error, ErrorKind, Result};
use std::ops::Range;

impl Index<'_> {
    /// How often a pattern occurs in the text, overlaps included; the empty one at every position.
    ///
    /// # Errors
    ///
    /// Malformed: something that the answer depends on is damaged. Not for an index that was checked.
    pub fn count(&self, pattern: &[u8]) -> Result<u32> {
        let rows = self.search(pattern)?;
        Ok(rows.end.saturating_sub(rows.start))
    }

    /// The rows of the suffixes that begin with a pattern (7.2.9). What rows follow one another is not the order of bytes.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn search(&self, pattern: &[u8]) -> Result<Range<u32>> {
        let mut begun = Begun { length: 0, place: 0, rows: (0, self.len()) };
        let mut place = 0;
        for (length, &byte) in (1..).zip(pattern.iter().rev()) {
            let Some(code) = self.code(byte) else { return Ok(0..0) };
            place = self.ends.longer(place, code);
            if !self.ends.keeps(place) {
                break;
            }
            if let Some(rows) = self.ends.get(place) {
                begun = Begun { length, place, rows };
            }
        }
        let Begun { length, mut place, rows: (mut low, mut high) } = begun;
        for &byte in pattern.iter().rev().skip(length) {
            if low >= high {
                return Ok(0..0);
            }
            let Some(code) = self.code(byte) else { return Ok(0..0) };
            (low, high) = if place == 0 { self.tree.rows(code) } else { self.tree.extend(code, low, high)? };
            place = self.ends.longer(place, code);
            self.ends.set(place, (low, high));
        }
        if high > self.len() {
            // Counters of an index that was not checked.
            return Err(lost());
        }
        Ok(if low < high { low..high } else { 0..0 })
    }

    /// Whether the text begins with a pattern: one of its rows is that of the whole text. Nothing is decoded.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn starts_with(&self, pattern: &[u8]) -> Result<bool> {
        Ok(self.search(pattern)?.contains(&self.tree.red_isa_0))
    }

    /// The first byte of the text. It is not looked up.
    pub fn first(&self) -> u8 {
        let code = self.tree.c.partition_point(|&first| first <= self.tree.red_isa_0).saturating_sub(1);
        self.decode[code & 255]
    }

    /// The last byte of the text. It is not looked up.
    pub fn last(&self) -> u8 {
        self.decode[self.tree.char_red_isa_0 as usize & 255]
    }

    /// Where a pattern occurs in the text, ascending, counted from 0; the empty one at every position (7.2.9).
    ///
    /// # Errors
    ///
    /// Malformed: the characters of the index are no text, or its samples not those of its text.
    pub fn locate(&self, pattern: &[u8]) -> Result<Vec<u32>> {
        let rows = self.search(pattern)?;
        let mut positions = Vec::with_capacity(rows.len());
        // A walk through the whole text finds all positions. It is no longer than the way to so many samples, or turns out not to be
        // where the samples are badly spread.
        let most = u64::from(self.len()).saturating_mul(2);
        let mut steps = (rows.len() as u64).saturating_mul(self.sampling_rate_sa.into());
        if steps > most {
            return self.locate_by_walk(rows);
        }
        steps = most;
        for row in rows.clone() {
            let (position, taken) = self.walk(row, steps)?;
            match position {
                Some(position) => positions.push(position),
                None => return self.locate_by_walk(rows),
            }
            steps = steps.saturating_sub(taken.into());
        }
        positions.sort_unstable();
        Ok(positions)
    }

    /// The same one by one in the order of rows, without memory for them.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn positions(&self, pattern: &[u8]) -> Result<Positions<'_>> {
        Ok(Positions { index: self, rows: self.search(pattern)? })
    }

    /// The position of a row (7.2.4).
    ///
    /// # Errors
    ///
    /// Malformed if no sample is reached within the length of the text, or there is no such row.
    pub fn position(&self, row: u32) -> Result<u32> {
        self.walk(row, self.len().into())?.0.ok_or_else(lost)
    }

    /// The position of a row and the steps to it, if these are not too many.
    fn walk(&self, mut row: u32, most: u64) -> Result<(Option<u32>, u32)> {
        let n = self.len();
        if row >= n {
            return Err(Error::without_position(ErrorKind::CrossReference, format!("row {row} of {n}")));
        }
        let most = most.min(n.into()) as u32;
        let rate = self.sampling_rate_sa;
        let mut steps = 0u32;
        while !row.is_multiple_of(rate) {
            if steps >= most {
                return if steps >= n { Err(lost()) } else { Ok((None, steps)) };
            }
            (_, row) = self.tree.step(row)?;
            steps = steps.wrapping_add(1);
        }
        let position = u64::from(self.sa.get(row / rate)).wrapping_add(steps.into()) % u64::from(n);
        Ok((Some(position as u32), steps))
    }

    /// The positions of rows by one walk through the text.
    fn locate_by_walk(&self, rows: Range<u32>) -> Result<Vec<u32>> {
        let mut positions = Vec::new();
        let mut row = self.tree.red_isa_0;
        let mut position = 0u32;
        for _ in 0..self.len() {
            if rows.contains(&row) {
                positions.push(position);
            }
            (_, row) = self.tree.step(row)?;
            position = position.checked_sub(1).unwrap_or(self.len().saturating_sub(1));
        }
        positions.sort_unstable();
        positions.dedup();
        if positions.len() == rows.len() { Ok(positions) } else { Err(lost()) }
    }

    /// The row of the suffix from a position on (7.2.5).
    fn row_of(&self, position: u32) -> Result<u32> {
        let n = self.len();
        let back = n.saturating_sub(position) % n;
        let sample = back / self.sampling_rate_lf;
        let mut row = self.lf.get(sample);
        if row >= n {
            return Err(Table::INDEX.of(self.lf.wrong(sample, "row").in_field("lf", &[])));
        }
        for _ in 0..back % self.sampling_rate_lf {
            (_, row) = self.tree.step(row)?;
        }
        Ok(row)
    }

    /// Appends a part of the text (7.2.3); the end is excluded.
    ///
    /// # Errors
    ///
    /// Cross-reference: the range goes beyond the text, or its end is in front of its start.
    pub fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        let n = self.len();
        if range.end > n || range.start > range.end {
            let message = format!("characters {} to {} (excluded) of a text of {n}", range.start, range.end);
            return Err(Error::without_position(ErrorKind::CrossReference, message));
        }
        let start = into.len();
        into.resize(start.saturating_add(range.len()), 0);
        let decoded = self.decode_to(range.end % n, into.get_mut(start..).unwrap_or_default());
        if decoded.is_err() {
            into.truncate(start);
        }
        decoded
    }

    /// Decodes the part of the text in front of a position.
    fn decode_to(&self, end: u32, part: &mut [u8]) -> Result<()> {
        if part.is_empty() {
            return Ok(());
        }
        let mut row = self.row_of(end)?;
        for byte in part.iter_mut().rev() {
            let (code, next) = self.tree.step(row)?;
            *byte = self.decode[code as usize & 255];
            row = next;
        }
        Ok(())
    }
}

/// What is known of a pattern before it is searched: the length of an end of it, its place among those that are kept, its rows.
struct Begun {
    length: usize,
    place: usize,
    rows: (u32, u32),
}

#[cold]
pub(super) fn lost() -> Error {
    Table::INDEX.of(Error::without_position(ErrorKind::Malformed, "the rows of the index are not those of a text").in_field("wt", &[]))
}

/// The positions of a pattern, in the order of rows. Made by [`Index::positions`].
pub struct Positions<'i> {
    index: &'i Index<'i>,
    rows: Range<u32>,
}

impl Iterator for Positions<'_> {
    type Item = Result<u32>;

    fn next(&mut self) -> Option<Result<u32>> {
        let position = self.index.position(self.rows.next()?);
        if position.is_err() {
            self.rows = 0..0;
        }
        Some(position)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error ends it.
        (usize::from(!self.rows.is_empty()), Some(self.rows.len()))
    }
}
