//! The master index table (Table 57), read where it stands: a part of it is the table of a dataset that has no other sequences,
//! classes and access units, so that the reader generated from the table reads any rows of it.

use crate::file::{BoxRef, Front};
use crate::tables::{DataClass, DatasetHeader, MasterIndexTable, MasterIndexTableSequenceClassAccessUnit, MasterIndexTableUAccessUnit};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;

/// Bytes of a row at most: offset, positions, and the offsets of 31 blocks, all of 8 bytes or fewer.
const LONGEST_ROW: usize = 512;
/// Bytes of Key and Length.
const HEAD: u64 = 12;

/// The rows of a sequence and a class, as columns; those of a few rows in a row.
pub(crate) type Columns = MasterIndexTableSequenceClassAccessUnit;
/// A row of the part for class U.
pub(crate) type URow = MasterIndexTableUAccessUnit;

/// The rows of a sequence and a class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// The number of the sequence in the dataset header.
    pub seq: usize,
    /// The number of the class in the dataset header.
    pub ci: usize,
    /// How many rows there are.
    pub rows: u64,
    /// The byte in the file at which the first one stands.
    at: u64,
}

/// Where things stand in a master index table.
pub(crate) struct Table<'s> {
    node: BoxRef<'s>,
    /// Of each class: a dataset with that class only, and the bytes of a row; nothing for class U.
    classes: Vec<Option<(DatasetHeader, u64)>>,
    /// The rows of each sequence and class.
    rows: Vec<u32>,
    /// The byte at which the rows of each sequence begin.
    starts: Vec<u64>,
    /// The part for class U: a dataset with it only, how many rows, where they begin, and the bytes of one where all are equal.
    pub u: UPart,
    /// The value of an offset that says: empty (R15).
    pub none: u64,
    /// The rows that were asked for last one by one, with those around them.
    near: RefCell<Option<(usize, usize, Near)>>,
    /// Ranges that were read, for explanations.
    read: RefCell<Vec<(u64, u64)>>,
}

/// Some rows of a run, from this one on.
pub(crate) type Near = Rc<(u64, Columns)>;

/// How many ranges are remembered at most.
const REMEMBERED: usize = 1 << 16;

/// How many rows are read where one is asked for that others will follow.
const NEAR: u64 = 64;

/// The part for class U.
pub(crate) struct UPart {
    header: DatasetHeader,
    /// How many rows there are.
    pub rows: u64,
    at: u64,
}

impl<'s> Table<'s> {
    /// Looks at the headers only; that the rows for sequences are there is checked by their number.
    pub fn open(front: &Front<'s>) -> Result<Option<Table<'s>>> {
        let (Some(node), header) = (front.index, &front.header) else { return Ok(None) };
        let alone = |ci: Option<usize>| DatasetHeader {
            seq_id: if ci.is_some() { vec![0] } else { vec![] },
            seq_blocks: if ci.is_some() { vec![1] } else { vec![] },
            thres: vec![],
            tflag: vec![],
            num_u_access_units: u32::from(ci.is_none()),
            classes: ci.or(header.classes.len().checked_sub(1)).and_then(|ci| header.classes.get(ci)).into_iter().cloned().collect(),
            ann_tables: vec![],
            ..header.clone()
        };
        let mut classes = vec![];
        for (ci, class) in header.classes.iter().enumerate() {
            let header = (class.clid != DataClass::ClassU).then(|| alone(Some(ci)));
            classes.push(header.map(|header| row_bytes(&header).map(|bytes| (header, bytes))).transpose()?);
        }
        let sequence: u64 = classes.iter().flatten().map(|(_, bytes)| *bytes).sum();
        let mut starts = vec![];
        let mut at = node.offset().saturating_add(HEAD);
        for rows in &header.seq_blocks {
            starts.push(at);
            at = at.saturating_add(sequence.saturating_mul(u64::from(*rows)));
        }
        let end = node.offset().saturating_add(node.length());
        if at > end {
            let error = Error::truncated(end.saturating_mul(8), (at - end).saturating_mul(8)).with_message("the rows that `seq_blocks` counts");
            return Err(error.in_table(MasterIndexTable::TABLE.name, MasterIndexTable::TABLE.clause, MasterIndexTable::TABLE.number).in_field("mitb", &[]));
        }
        let u_header = alone(None);
        let signed = header.u_signature_flag == Some(true) && header.dataset_type.code() != 2;
        let row = if signed || header.num_u_access_units == 0 { None } else { Some(row_bytes(&u_header)?) };
        let u = UPart { header: u_header, rows: u64::from(header.num_u_access_units), at };
        let needed = row.unwrap_or(1).saturating_mul(u.rows);
        if needed > end.saturating_sub(at) {
            let missing = needed.saturating_sub(end.saturating_sub(at)).saturating_mul(8);
            let error = Error::truncated(end.saturating_mul(8), missing).with_message("the rows that `num_U_access_units` counts");
            return Err(error.in_table(MasterIndexTable::TABLE.name, MasterIndexTable::TABLE.clause, MasterIndexTable::TABLE.number).in_field("mitb", &[]));
        }
        let none = if header.byte_offset_size_flag { u64::MAX } else { u64::from(u32::MAX) };
        Ok(Some(Table { node, classes, rows: header.seq_blocks.clone(), starts, u, none, near: RefCell::default(), read: RefCell::default() }))
    }

    /// The rows of a sequence and a class; nothing for class U.
    pub fn run(&self, seq: usize, ci: usize) -> Option<Run> {
        self.classes.get(ci)?.as_ref()?;
        let rows = u64::from(*self.rows.get(seq)?);
        let before: u64 = self.classes.iter().take(ci).flatten().map(|(_, bytes)| *bytes).sum();
        Some(Run { seq, ci, rows, at: self.starts.get(seq)?.saturating_add(before.saturating_mul(rows)) })
    }

    /// All of them, in the order of the table.
    pub fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        (0..self.rows.len()).flat_map(move |seq| (0..self.classes.len()).filter_map(move |ci| self.run(seq, ci)))
    }

    /// The bytes of a row.
    pub fn row_bytes(&self, run: &Run) -> u64 {
        self.classes.get(run.ci).and_then(Option::as_ref).map_or(1, |(_, bytes)| *bytes)
    }

    /// So many rows from `first` on.
    pub fn rows(&self, run: &Run, first: u64, count: u64) -> Result<Columns> {
        let Some(Some((header, row))) = self.classes.get(run.ci) else { return Ok(Columns::default()) };
        let count = count.min(run.rows.saturating_sub(first));
        let at = run.at.saturating_add(first.saturating_mul(*row));
        let header = DatasetHeader { seq_blocks: vec![u32::try_from(count).unwrap_or(u32::MAX)], ..header.clone() };
        self.fetch(at, row.saturating_mul(count), |r| {
            let table = MasterIndexTable::read(r, &header)?;
            let mut sequences = table.sequences.into_iter();
            Ok(sequences.next().and_then(|sequence| sequence.classes.into_iter().next()).map(|class| class.access_units).unwrap_or_default())
        })
    }

    /// A row and those around it, for who goes from row to row.
    pub fn near(&self, run: &Run, row: u64) -> Result<Near> {
        let first = row - row % NEAR;
        if let Some((seq, ci, near)) = &*self.near.borrow()
            && (*seq, *ci, near.0) == (run.seq, run.ci, first)
        {
            return Ok(near.clone());
        }
        let near = Rc::new((first, self.rows(run, first, NEAR)?));
        *self.near.borrow_mut() = Some((run.seq, run.ci, near.clone()));
        Ok(near)
    }

    /// The bit at which a field of a row begins, `before` bytes into the row.
    pub fn bit(&self, run: &Run, row: u64) -> u64 {
        run.at.saturating_add(row.saturating_mul(self.row_bytes(run))).saturating_mul(8)
    }

    /// The rows of class U one after the other, each with its number and the byte at which it stands.
    pub fn u_rows(&self) -> URows<'_, 's> {
        URows { table: self, next: 0, at: self.u.at, window: vec![], window_at: self.u.at }
    }

    /// A row of class U that stands at this byte; its bytes are at most `room`.
    pub fn u_row(&self, at: u64, room: u64) -> Result<URow> {
        let end = self.node.offset().saturating_add(self.node.length());
        self.fetch(at, room.min(end.saturating_sub(at)), |r| first_u(r, &self.u.header))
    }

    /// Reads bytes of the box and remembers which.
    fn fetch<T>(&self, at: u64, length: u64, read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<T> {
        self.remember(at, length);
        self.node.with_bytes(at, length, |bytes| read(&mut BitReader::at(bytes, at.saturating_mul(8))))
    }

    fn remember(&self, at: u64, length: u64) {
        let mut ranges = self.read.borrow_mut();
        if let Some((start, had)) = ranges.last_mut().filter(|(start, had)| at >= *start && at <= start.saturating_add(*had)) {
            *had = (*had).max(at.saturating_add(length).saturating_sub(*start));
        } else if ranges.len() < REMEMBERED {
            ranges.push((at, length));
        }
    }

    /// The ranges that were read, merged, in the order of the bytes.
    pub fn ranges(&self) -> Vec<(u64, u64)> {
        let mut ranges = self.read.borrow().clone();
        ranges.sort_unstable();
        let mut merged: Vec<(u64, u64)> = vec![];
        for (at, length) in ranges {
            match merged.last_mut().filter(|(start, had)| at <= start.saturating_add(*had)) {
                Some((start, had)) => *had = (*had).max(at.saturating_add(length).saturating_sub(*start)),
                None => merged.push((at, length)),
            }
        }
        merged
    }

    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.node
    }
}

/// The bytes of a row of a table that has one row: as many as reading one takes.
fn row_bytes(header: &DatasetHeader) -> Result<u64> {
    let zeros = [0; LONGEST_ROW];
    let mut r = BitReader::new(&zeros);
    MasterIndexTable::read(&mut r, header).map_err(|error| error.in_field("mitb", &[]))?;
    Ok(r.position() / 8)
}

fn first_u(r: &mut BitReader<'_>, header: &DatasetHeader) -> Result<URow> {
    Ok(MasterIndexTable::read(r, header)?.u_access_units.into_iter().next().unwrap_or_default())
}

/// The rows of class U.
pub(crate) struct URows<'t, 's> {
    table: &'t Table<'s>,
    next: u64,
    at: u64,
    window: Vec<u8>,
    window_at: u64,
}

/// A row of class U with its place.
pub(crate) struct UEntry {
    /// Its number, uau_id.
    pub number: u64,
    /// The byte in the file at which it stands.
    pub at: u64,
    /// Its bytes.
    pub bytes: u64,
    /// What it says.
    pub row: URow,
}

/// Bytes that are read ahead.
const WINDOW: u64 = 32 << 10;

impl Iterator for URows<'_, '_> {
    type Item = Result<UEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.table.u.rows {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let read = self.read().map_err(|error| error.in_field("mitb", &[]));
        if read.is_err() {
            self.next = u64::MAX;
        }
        Some(read.map(|(row, bytes)| {
            let at = self.at;
            self.at = at.saturating_add(bytes);
            UEntry { number, at, bytes, row }
        }))
    }
}

impl URows<'_, '_> {
    /// The row at `at`, from the window; where that ends inside the row, from a window that is twice as long.
    fn read(&mut self) -> Result<(URow, u64)> {
        let end = self.table.node.offset().saturating_add(self.table.node.length());
        let mut size = WINDOW;
        loop {
            let skip = usize::try_from(self.at.saturating_sub(self.window_at)).unwrap_or(usize::MAX);
            let bytes = self.window.get(skip..).unwrap_or_default();
            let start = self.at.saturating_mul(8);
            let mut r = BitReader::at(bytes, start);
            let whole = self.at.saturating_add(bytes.len() as u64) >= end;
            match first_u(&mut r, &self.table.u.header) {
                Ok(row) => return Ok((row, r.position().saturating_sub(start) / 8)),
                Err(error) if whole => return Err(error),
                Err(_) => {}
            }
            let length = size.min(end.saturating_sub(self.at));
            let mut window = std::mem::take(&mut self.window);
            self.table.fetch(self.at, length, |r| {
                window.clear();
                window.extend_from_slice(r.aligned_bytes(r.remaining()).unwrap_or_default());
                Ok(())
            })?;
            (self.window, self.window_at) = (window, self.at);
            size = size.saturating_mul(2);
        }
    }
}
