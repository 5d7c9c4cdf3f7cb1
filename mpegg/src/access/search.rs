//! Which rows of a master index table a query wants, without decoding the table.
//!
//! Rows of a sequence and a class stand in the order of their start positions, but where they end is not ordered. Where the header says that
//! ranges do not overlap, a row ends less than the threshold behind the start of the next one, so that two binary searches find the rows.
//! Else the table is read once, and the first start and the last end of every block of rows are kept: later queries read the blocks
//! that can match. Few rows are simply read.

use super::query::Query;
use super::table::{Run, Table};
use crate::tables::DatasetHeader;
use mpegg_runtime::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// So few rows are read rather than searched.
const FEW: u64 = 2048;
/// Rows of which the extent is kept together.
const BLOCK: u64 = 256;
/// Rows read in one go.
pub(super) const CHUNK: u64 = 4096;

/// The extent of each block of rows: the first start and the last end of those in use.
type Extents = Rc<Vec<(u64, u64)>>;

/// The extents that were read, by sequence and class.
#[derive(Default)]
pub(crate) struct Search {
    extents: RefCell<HashMap<(usize, usize), Extents>>,
}

impl Search {
    /// Ranges of rows in which all rows that the query wants are, in ascending order.
    pub fn candidates(&self, table: &Table<'_>, run: &Run, query: &Query, header: &DatasetHeader) -> Result<Vec<Range<u64>>> {
        let (Some(sequence), Some(class)) = (header.seq_id.get(run.seq), header.classes.get(run.ci)) else { return Ok(vec![]) };
        if !query.wants(class.clid) || run.rows == 0 {
            return Ok(vec![]);
        }
        if query.everywhere {
            return Ok(std::iter::once(0..run.rows).collect());
        }
        let mut ranges = vec![];
        for span in query.spans(*sequence, class.clid) {
            if run.rows <= FEW {
                ranges.push(0..run.rows);
                break;
            }
            if header.non_overlapping_au_range_flag {
                let threshold = header.thres.get(run.seq).copied().unwrap_or(0);
                ranges.push(apart(table, run, span.start, span.end, u64::from(threshold))?);
                continue;
            }
            let extents = self.extents(table, run)?;
            let touched = extents.iter().zip(0u64..).filter(|((first, last), _)| *first <= span.end && span.start <= *last);
            ranges.extend(touched.map(|(_, block)| block * BLOCK..(block + 1).saturating_mul(BLOCK).min(run.rows)));
        }
        Ok(merged(ranges))
    }

    fn extents(&self, table: &Table<'_>, run: &Run) -> Result<Extents> {
        let key = (run.seq, run.ci);
        if let Some(known) = self.extents.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut extents = vec![];
        let mut first = 0;
        while first < run.rows {
            let rows = table.rows(run, first, CHUNK)?;
            let all = rows.au_byte_offset.iter().zip(rows.au_start_position.iter().zip(rows.au_end_position.iter()));
            for (number, (offset, (start, end))) in all.enumerate() {
                if (number as u64).is_multiple_of(BLOCK) {
                    extents.push((u64::MAX, 0));
                }
                if let Some((low, high)) = extents.last_mut().filter(|_| offset != table.none) {
                    (*low, *high) = ((*low).min(start), (*high).max(end));
                }
            }
            first = first.saturating_add(CHUNK);
        }
        let extents = Rc::new(extents);
        self.extents.borrow_mut().insert(key, extents.clone());
        Ok(extents)
    }
}

/// The rows that can share a base with `start..=end` where ranges do not overlap.
fn apart(table: &Table<'_>, run: &Run, start: u64, end: u64, threshold: u64) -> Result<Range<u64>> {
    let until = first_row(table, run, |position| position > end)?;
    let from = first_row(table, run, |position| position >= start.saturating_sub(threshold))?;
    // The row in use before that one may reach into the region.
    let mut from = from.min(until);
    loop {
        let low = from.saturating_sub(16);
        let rows = table.rows(run, low, from - low)?;
        let used = rows.au_byte_offset.iter().any(|offset| offset != table.none);
        from = low;
        if used || low == 0 {
            return Ok(from..until);
        }
    }
}

/// The first row in use of which the start position has a property that all rows behind it have too.
fn first_row(table: &Table<'_>, run: &Run, has: impl Fn(u64) -> bool) -> Result<u64> {
    let (mut low, mut high, mut found) = (0, run.rows, run.rows);
    while low < high {
        let middle = low + (high - low) / 2;
        match next_used(table, run, middle, high)? {
            Some((row, position)) if !has(position) => low = row + 1,
            Some((row, _)) => (high, found) = (middle, row),
            None => high = middle,
        }
    }
    Ok(found)
}

/// The first row in use from `row` on and before `until`, and its start position.
fn next_used(table: &Table<'_>, run: &Run, mut row: u64, until: u64) -> Result<Option<(u64, u64)>> {
    let mut count = 1;
    while row < until {
        let rows = table.rows(run, row, count.min(until - row))?;
        let starts = rows.au_byte_offset.iter().zip(rows.au_start_position.iter()).zip(row..);
        if let Some(((_, start), row)) = starts.into_iter().find(|((offset, _), _)| *offset != table.none) {
            return Ok(Some((row, start)));
        }
        row = row.saturating_add(count);
        count = (count * 4).min(CHUNK);
    }
    Ok(None)
}

fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = vec![];
    for range in ranges {
        match merged.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(merged(vec![5..7, 0..2, 2..3, 6..6, 6..9]), vec![0..3, 5..9]);
    }
}
