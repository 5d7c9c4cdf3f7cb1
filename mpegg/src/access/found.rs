//! The access units that a query wants, in the order of the table or of the file.

use super::search::CHUNK;
use super::table::{Columns, Run};
use super::{Access, ReferencePart};
use mpegg_runtime::Result;
use std::collections::VecDeque;

/// An access unit that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The byte at which its box should stand.
    pub offset: u64,
    /// The row of the master index table that says so.
    pub row: Option<RowRef>,
}

/// A row of a master index table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowRef {
    /// One of a sequence and a class, by their numbers in the dataset header.
    Aligned { seq: u16, ci: u8, row: u32 },
    /// One of class U, by its number, with the byte at which it stands and its bytes.
    Unaligned { number: u32, at: u64, bytes: u32 },
}

/// Access units whose order is found out in one go; twice as many fit 24 MiB.
const BATCH: usize = 1 << 18;

impl<'s> Access<'s> {
    /// In the order of the table: sequence, class, row; then class U.
    pub(super) fn in_table_order(&self) -> impl Iterator<Item = Result<Found>> + '_ {
        let aligned = self.index.iter().flat_map(|table| table.runs()).flat_map(|run| Aligned::new(self, run));
        aligned.chain(self.unaligned())
    }

    fn unaligned(&self) -> impl Iterator<Item = Result<Found>> + '_ {
        let query = &self.query;
        let wanted = query.wants(crate::tables::DataClass::ClassU) && (query.everywhere || query.asks_for_signatures());
        let table = self.index.as_ref().filter(|_| wanted);
        table.into_iter().flat_map(move |table| {
            table.u_rows().filter_map(move |entry| match entry {
                Ok(entry) => {
                    let signatures = entry.row.signatures.iter().map(|signature| &signature.u_cluster_signature);
                    let (sequence, range) = (entry.row.u_ref_sequence_id, entry.row.u_ref_start_position.zip(entry.row.u_ref_end_position));
                    let part = sequence.zip(range).map(|(sequence, (start, end))| ReferencePart { sequence, start, end });
                    let wanted =
                        entry.row.au_byte_offset != table.none && query.signed(self.front.header.alphabet_id.code(), signatures) && query.carries(part);
                    let row = RowRef::Unaligned {
                        number: u32::try_from(entry.number).unwrap_or(u32::MAX),
                        at: entry.at,
                        bytes: u32::try_from(entry.bytes).unwrap_or(u32::MAX),
                    };
                    wanted.then(|| Ok(Found { offset: self.base.saturating_add(entry.row.au_byte_offset), row: Some(row) }))
                }
                Err(error) => Some(Err(error)),
            })
        })
    }

    /// In the order of the file, from a table.
    pub(super) fn in_file_order(&self) -> impl Iterator<Item = Result<Found>> + '_ {
        let mut order = FileOrder { access: self, after: None, batch: VecDeque::new(), more: true };
        std::iter::from_fn(move || order.next().transpose())
    }
}

/// The wanted rows of a sequence and a class.
struct Aligned<'a, 's> {
    access: &'a Access<'s>,
    run: Run,
    /// Ranges of rows that are still to be looked at; found out when they are first asked for.
    ranges: Option<VecDeque<std::ops::Range<u64>>>,
    rows: Columns,
    first: u64,
    next: usize,
    failed: bool,
}

impl<'a, 's> Aligned<'a, 's> {
    fn new(access: &'a Access<'s>, run: Run) -> Self {
        Aligned { access, run, ranges: None, rows: Columns::default(), first: 0, next: 0, failed: false }
    }

    /// The rows that come next, or `false` where there are none.
    fn refill(&mut self) -> Result<bool> {
        let Some(table) = &self.access.index else { return Ok(false) };
        if self.ranges.is_none() {
            let ranges = self.access.dataset.known().search.candidates(table, &self.run, &self.access.query, &self.access.front.header)?;
            self.ranges = Some(ranges.into());
        }
        let Some(ranges) = &mut self.ranges else { return Ok(false) };
        let Some(mut range) = ranges.pop_front() else { return Ok(false) };
        (self.first, self.next) = (range.start, 0);
        self.rows = table.rows(&self.run, range.start, CHUNK.min(range.end - range.start))?;
        range.start = range.start.saturating_add(CHUNK);
        if !range.is_empty() {
            ranges.push_front(range);
        }
        Ok(true)
    }

    fn take(&mut self) -> Result<Option<Found>> {
        let (access, run) = (self.access, self.run);
        let header = &access.front.header;
        let (Some(sequence), Some(class)) = (header.seq_id.get(run.seq), header.classes.get(run.ci)) else { return Ok(None) };
        loop {
            let number = self.next;
            self.next += 1;
            let Some(offset) = self.rows.au_byte_offset.get(number) else {
                if self.refill()? {
                    continue;
                }
                return Ok(None);
            };
            let (Some(start), Some(end)) = (self.rows.au_start_position.get(number), self.rows.au_end_position.get(number)) else { return Ok(None) };
            let used = access.index.as_ref().is_some_and(|table| offset != table.none);
            if !used || !access.query.covers(*sequence, class.clid, start, end) || !access.query.carries(part(&self.rows, number)) {
                continue;
            }
            let row = self.first.saturating_add(number as u64);
            let row = RowRef::Aligned {
                seq: u16::try_from(run.seq).unwrap_or(u16::MAX),
                ci: u8::try_from(run.ci).unwrap_or(u8::MAX),
                row: u32::try_from(row).unwrap_or(u32::MAX),
            };
            return Ok(Some(Found { offset: access.base.saturating_add(offset), row: Some(row) }));
        }
    }
}

/// The part of a reference that the access unit of a row carries.
fn part(rows: &Columns, number: usize) -> Option<ReferencePart> {
    let (start, end) = rows.ref_start_position.get(number).zip(rows.ref_end_position.get(number))?;
    Some(ReferencePart { sequence: rows.ref_sequence_id.get(number).copied()?, start, end })
}

impl Iterator for Aligned<'_, '_> {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let found = self.take().map_err(|error| error.in_field("mitb", &[])).transpose();
        self.failed = matches!(found, Some(Err(_)));
        found
    }
}

/// Sorting in bounded memory: each pass over the table keeps the access units that stand next in the file.
struct FileOrder<'a, 's> {
    access: &'a Access<'s>,
    after: Option<u64>,
    batch: VecDeque<Found>,
    more: bool,
}

impl FileOrder<'_, '_> {
    fn next(&mut self) -> Result<Option<Found>> {
        if self.batch.is_empty() && self.more {
            self.more = false;
            self.fill()?;
        }
        let next = self.batch.pop_front();
        self.after = next.map(|found| found.offset).or(self.after);
        Ok(next)
    }

    fn fill(&mut self) -> Result<()> {
        let mut kept: Vec<Found> = vec![];
        let mut bound = u64::MAX;
        for found in self.access.in_table_order() {
            let found = found?;
            if self.after.is_some_and(|after| found.offset <= after) || found.offset > bound {
                continue;
            }
            kept.push(found);
            if kept.len() >= 2 * BATCH {
                kept.select_nth_unstable_by_key(BATCH - 1, |found| found.offset);
                kept.truncate(BATCH);
                bound = kept.last().map_or(bound, |found| found.offset);
                self.more = true;
            }
        }
        kept.sort_by_key(|found| found.offset);
        self.batch = kept.into();
        Ok(())
    }
}
