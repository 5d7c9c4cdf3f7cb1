//! Queries on large master index tables: what they find, and how little they read for it. The files are computed as they are read.

use mpegg::access::{Region, Selection, Sequence};
use mpegg::bits::Ascii;
use mpegg::bits::BitWriter;
use mpegg::file::File;
use mpegg::source::{Counting, Source};
use mpegg::tables::{AccessUnitHeader, AuType, DataClass, DatasetGroupHeader, DatasetHeader, DatasetHeaderClass, DatasetParameterSet, DatasetType, FileHeader};
use std::cell::RefCell;

/// A row: whether it is in use, start and end.
type Row = (bool, u64, u64);

/// A file with one dataset of one sequence and class; row `i` addresses the access unit with the access_unit_ID `i`.
struct Computed<F> {
    front: Vec<u8>,
    rows: u64,
    row: F,
    unit: usize,
    base: u64,
}

const ROW: u64 = 16;

impl<F: Fn(u64) -> Row> Computed<F> {
    fn new(rows: u32, apart: bool, threshold: u32, row: F) -> Self {
        let file = FileHeader { major_brand: Ascii(*b"MPEG-G"), minor_version: Ascii(*b"2000"), compatible_brand: vec![] };
        let dataset = DatasetHeader {
            dataset_id: 1,
            byte_offset_size_flag: true,
            non_overlapping_au_range_flag: apart,
            block_header_flag: true,
            mit_flag: Some(true),
            cc_mode_flag: Some(false),
            reference_id: Some(0),
            seq_id: vec![7],
            seq_blocks: vec![rows],
            dataset_type: DatasetType::Aligned,
            classes: vec![DatasetHeaderClass { clid: DataClass::ClassP, ..DatasetHeaderClass::default() }],
            tflag: vec![true],
            thres: vec![threshold],
            ..DatasetHeader::default()
        };
        let set = DatasetParameterSet { dataset_id: 1, encoding_parameters: Some(vec![1, 2, 3]), ..DatasetParameterSet::default() };
        let group = DatasetGroupHeader { dataset_id: vec![1], ..DatasetGroupHeader::default() };
        let head = |key: &[u8; 4], length: u64| [key.as_slice(), &length.to_be_bytes()].concat();
        let (header, set) = (dataset.to_box().unwrap(), set.to_box(&file, &dataset).unwrap());
        let unit = unit(0).len() as u64;
        let table = 12 + u64::from(rows) * ROW;
        let dataset_length = 12 + header.len() as u64 + set.len() as u64 + table + u64::from(rows) * unit;
        let group = group.to_box().unwrap();
        let mut front = file.to_box().unwrap();
        front.extend(head(b"dgcn", 12 + group.len() as u64 + dataset_length));
        front.extend(group);
        front.extend(head(b"dtcn", dataset_length));
        let base = front.len() as u64;
        front.extend(header);
        front.extend(set);
        front.extend(head(b"mitb", table));
        Computed { front, rows: u64::from(rows), row, unit: unit as usize, base }
    }

    fn units_at(&self) -> u64 {
        self.front.len() as u64 + self.rows * ROW
    }

    fn byte(&self, at: u64) -> u8 {
        let Some(at_row) = at.checked_sub(self.front.len() as u64) else { return self.front[at as usize] };
        if let Some(in_units) = at.checked_sub(self.units_at()) {
            return unit(in_units / self.unit as u64)[(in_units % self.unit as u64) as usize];
        }
        let number = at_row / ROW;
        let (used, start, end) = (self.row)(number);
        let offset = if used { self.units_at() + number * self.unit as u64 - self.base } else { u64::MAX };
        let bytes = [offset.to_be_bytes().as_slice(), &(start as u32).to_be_bytes(), &(end as u32).to_be_bytes()].concat();
        bytes[(at_row % ROW) as usize]
    }
}

/// An access unit without blocks.
fn unit(id: u64) -> Vec<u8> {
    let (file, dataset) = (FileHeader::default(), DatasetHeader { block_header_flag: true, mit_flag: Some(true), ..DatasetHeader::default() });
    let header = AccessUnitHeader { access_unit_id: id as u32, au_type: AuType::PTypeAu, ..AccessUnitHeader::default() };
    let mut w = BitWriter::new();
    w.bytes(b"aucn");
    let header = header.to_box(&file, &dataset, &[]).unwrap();
    w.write::<64>(12 + header.len() as u64).unwrap();
    w.bytes(&header);
    w.into_bytes()
}

impl<F: Fn(u64) -> Row> Source for Computed<F> {
    fn len(&self) -> u64 {
        self.units_at() + self.rows * self.unit as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> mpegg::Result<()> {
        for (at, byte) in (offset..).zip(buffer) {
            *byte = self.byte(at);
        }
        Ok(())
    }
}

fn region(start: u64, end: u64) -> Selection {
    Selection { regions: vec![Region { sequence: Sequence::Id(7), start, end }], ..Selection::default() }
}

/// The identifiers of the access units that come out.
fn found(access: &mpegg::access::Access<'_>) -> Vec<u32> {
    let units = access.units().unwrap().map(|unit| unit.unwrap().to_vec().unwrap());
    units.filter(|unit| unit[0] == 2).map(|unit| u32::from_be_bytes(unit[5..9].try_into().unwrap())).collect()
}

const LARGE: u32 = 10_000_000;
const LITTLE: u64 = 64 << 10;

/// Where ranges do not overlap, the first query reads less than 64 KiB of a table of 10 million rows.
#[test]
fn ten_million_rows_are_searched_not_read() {
    let file = File::new(Counting::new(Computed::new(LARGE, true, 100, |row| (row % 3 != 1, row * 400, row * 400 + 350)))).unwrap();
    let dataset = file.dataset(1).unwrap();
    for start in [0, 399, 2_000_000_000, 3_999_999_000] {
        let before = file.inner().bytes();
        let access = dataset.select(&region(start, start + 4000)).unwrap();
        let wanted = (start.saturating_sub(350)).div_ceil(400)..=((start + 4000) / 400).min(u64::from(LARGE) - 1);
        let wanted: Vec<u32> = wanted.filter(|row| row % 3 != 1).map(|row| row as u32).collect();
        assert_eq!(found(&access), wanted);
        let read = file.inner().bytes() - before;
        assert!(read < LITTLE, "{read} bytes were read");
    }
}

/// Where they may overlap, the extents of the rows are read once; later queries read little.
#[test]
fn extents_are_read_once() {
    let rows = 300_000;
    // A long one among short ones.
    let row = |row: u64| (!row.is_multiple_of(5), row * 400, row * 400 + if row == 1001 { 50_000_000 } else { 700 });
    let file = File::new(Counting::new(Computed::new(rows, false, 0, row))).unwrap();
    let dataset = file.dataset(1).unwrap();
    let mut reads = vec![];
    for start in [4_000_000, 30_000_000, 80_000_000, 119_999_000] {
        let before = file.inner().bytes();
        let access = dataset.select(&region(start, start + 10)).unwrap();
        let wanted = (0..u64::from(rows)).filter(|number| {
            let (used, first, last) = row(*number);
            used && first <= start + 10 && start <= last
        });
        assert_eq!(found(&access), wanted.map(|number| number as u32).collect::<Vec<_>>());
        reads.push(file.inner().bytes() - before);
    }
    assert!(reads[0] > u64::from(rows) * ROW && reads[1..].iter().all(|read| *read < LITTLE), "{reads:?} bytes were read");
}

/// Random tables against a scan of all rows.
#[test]
fn searching_finds_what_scanning_finds() {
    let seed = RefCell::new(7u64);
    let random = |below: u64| {
        let mut seed = seed.borrow_mut();
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (*seed >> 33) % below
    };
    for round in 0..24 {
        let (apart, threshold) = (round % 2 == 0, random(300) as u32);
        let used = 1 + random(9);
        let mut at = 0;
        let rows: Vec<Row> = (0..3000 + random(3000))
            .map(|_| {
                if random(10) >= used {
                    return (false, random(1 << 20), random(1 << 20)); // to be ignored
                }
                // The range of the unit, and how far its last record reaches beyond.
                let (start, range, reach) = (at, random(500), random(u64::from(threshold) + 1));
                at = if apart { start + range + 1 } else { start + random(400) };
                (true, start, start + range + reach)
            })
            .collect();
        let length = at + 1;
        let file = File::new(Computed::new(rows.len() as u32, apart, threshold, |row| rows[row as usize])).unwrap();
        let dataset = file.dataset(1).unwrap();
        for _ in 0..20 {
            let start = random(length);
            let end = start + random(2000);
            let wanted = rows.iter().zip(0u32..).filter(|((used, first, last), _)| *used && *first <= end && start <= *last);
            let wanted: Vec<u32> = wanted.map(|(_, number)| number).collect();
            assert_eq!(found(&dataset.select(&region(start, end)).unwrap()), wanted, "round {round}, {start}-{end}");
        }
    }
}
