//! Files of any size, written as a stream: one aligned dataset whose units are all alike, so that every offset is a product.

use super::bits::Bits;
use super::model::{
    Block, Class, Content, Dataset, EmptyBlocks, File, Form, Group, Location, ParameterSet, Reference, ReferenceKind, ReferenceSequence, Sequence, Sequencing,
    Signatures, Storage, Stream, Unit,
};
use super::piece::Piece;
use super::random::Rng;
use super::write::{self, block_header, stream_head, unit_header};
use std::io::{Error, Seek, SeekFrom, Write};

/// Length of each sequence.
const LENGTH: u64 = 4_000_000_000;
/// The classes that a file may have: their headers are alike.
const CLASSES: [u8; 3] = [1, 4, 5];
/// Payloads are windows of so many random bytes, over and over.
const PATTERN: usize = 1 << 16;

/// What the file is like.
#[derive(Clone, Copy, Debug)]
pub struct Big {
    /// How units and blocks are stored.
    pub storage: Storage,
    /// Sequences.
    pub sequences: u16,
    /// Rows of each sequence and class.
    pub rows: u32,
    /// Classes: 1 to 3.
    pub classes: usize,
    /// Only every so many-th row has a unit; the others are empty.
    pub every: u32,
    /// Blocks of a unit.
    pub blocks: u8,
    /// Payload of a block in bytes.
    pub size: u32,
    /// Offsets of 64 bits.
    pub wide_offsets: bool,
    /// Payloads are holes: they read as zeros.
    pub sparse: bool,
}

impl Big {
    /// The same as a model; for tests of small ones.
    pub fn model(&self) -> File {
        let mut file = self.frame();
        let Content::Sequencing(content) = &mut file.groups[0].datasets[0].content else { return file };
        for sequence in 0..self.sequences {
            for row in (0..self.rows).filter(|row| row % self.every == 0) {
                for class in 0..self.classes {
                    let mut unit = self.unit(sequence, row, class);
                    for block in &mut unit.blocks {
                        block.payload = self.payload(content.units.len() as u64, block.descriptor);
                    }
                    content.units.push(unit);
                }
            }
        }
        if content.is_dsc() {
            for (class, id) in CLASSES.into_iter().enumerate().take(self.classes) {
                for descriptor in 0..self.blocks {
                    let mut units = vec![0; self.real_rows() as usize * usize::from(self.sequences)];
                    for number in 0..units.len() as u64 {
                        units[self.place(number) as usize] = number as usize * self.classes + class;
                    }
                    content.streams.push(Stream { class: id, descriptor, protection: None, units });
                }
            }
        }
        file
    }

    /// All but units and streams.
    fn frame(&self) -> File {
        let sequences = (0..self.sequences).map(|id| ReferenceSequence { name: format!("chr{}", id + 1), length: LENGTH as u32, id });
        let location =
            Location::External { uri: "nowhere.fa".into(), algorithm: 1, kind: ReferenceKind::Fasta, checksums: vec![vec![0; 32]; self.sequences.into()] };
        let reference = Reference { id: 0, name: "large".into(), version: [1, 0, 0], sequences: sequences.collect(), location, place: Default::default() };
        let content = Sequencing {
            dataset_type: 1,
            storage: self.storage,
            form: Form { multiple_alignment: false, wide_positions: false, alphabet: 0, signatures: Signatures::Absent },
            parameters_update: false,
            non_overlapping: false,
            reference: 0,
            sequences: (0..self.sequences).map(|id| Sequence { id, blocks: self.rows, threshold: Some(100) }).collect(),
            classes: CLASSES[..self.classes].iter().map(|id| Class { id: *id, descriptors: (0..self.blocks).collect() }).collect(),
            u_units: 0,
            reserved: None,
            last_flag_missing: false,
            units: vec![],
            streams: vec![],
        };
        let dataset = Dataset {
            id: 1,
            version: *b"2000",
            wide_offsets: self.wide_offsets,
            place: Default::default(),
            boxes: vec![],
            parameter_sets: vec![ParameterSet { id: 0, parent: 0, form: None, payload: vec![0x2a; 16] }],
            content: Content::Sequencing(Box::new(content)),
            extras: Default::default(),
        };
        let group = Group { references: vec![reference], datasets: vec![dataset], ..Group::default() };
        File { minor_version: *b"2000", brands: vec![], groups: vec![group], extras: Default::default() }
    }

    /// A unit without payloads.
    fn unit(&self, sequence: u16, row: u32, class: usize) -> Unit {
        Unit {
            id: row,
            class: CLASSES[class],
            reads: 1000,
            sequence: Some(sequence.into()),
            range: self.range(row),
            blocks: (0..self.blocks).map(|descriptor| Block { descriptor, payload: vec![] }).collect(),
            ..Unit::default()
        }
    }

    /// A unit reaches half into the next row.
    fn range(&self, row: u32) -> (u64, u64) {
        let window = LENGTH / u64::from(self.rows);
        let start = window * u64::from(row);
        (start, (start + window + window / 2).min(LENGTH) - 1)
    }

    /// How large the dataset is behind its parameter sets.
    pub fn size_in_bytes(&self) -> u64 {
        let frame = self.frame();
        let dataset = &frame.groups[0].datasets[0];
        dataset.sequencing().map_or(0, |content| Layout::of(self, content, dataset.offset_size()).total)
    }

    fn real_rows(&self) -> u64 {
        self.rows.div_ceil(self.every).into()
    }

    /// The place in its streams of the unit of a class with that number: blocks that are not ordered are far apart.
    fn place(&self, number: u64) -> u64 {
        let count = self.real_rows() * u64::from(self.sequences);
        match self.storage {
            Storage::Dsc { ordered: false, .. } => {
                let mut step = (count * 5 / 8).max(1);
                while gcd(step, count) != 1 {
                    step += 1;
                }
                (u128::from(number) * u128::from(step) % u128::from(count)) as u64
            }
            _ => number,
        }
    }

    fn payload(&self, unit: u64, descriptor: u8) -> Vec<u8> {
        if self.sparse {
            return vec![0; self.size as usize];
        }
        let mut bytes = std::io::Cursor::new(vec![]);
        // A vector takes all bytes.
        let _ = Payload::new(self).write(&mut bytes, unit, descriptor);
        bytes.into_inner()
    }

    /// Writes the file; the end of a sparse one is to be set: its size is given back.
    pub fn write<W: Write + Seek>(&self, out: &mut W) -> Result<u64, Error> {
        let frame = self.frame();
        let dataset = &frame.groups[0].datasets[0];
        let Content::Sequencing(content) = &dataset.content else { return Ok(0) };
        let layout = Layout::of(self, content, dataset.offset_size());
        let mut inner = Piece::boxed(b"dthd", write::dataset_header(0, dataset));
        dataset.parameter_sets.iter().for_each(|set| inner.push(Piece::boxed(b"pars", write::parameter_set(0, dataset, set))));
        let mut outer = Piece::boxed(b"dghd", write::group_header(&frame.groups[0]));
        frame.groups[0].references.iter().for_each(|one| outer.push(Piece::boxed(b"rfgn", write::reference(&frame, 0, one))));
        let base = inner.len() as u64;
        let dataset_length = 12 + base + layout.total;
        out.write_all(b"flhd\0\0\0\0\0\0\0\x16MPEG-G2000")?;
        write_head(out, b"dgcn", 12 + outer.len() as u64 + dataset_length)?;
        let size = 22 + 12 + outer.len() as u64 + dataset_length;
        out.write_all(&outer.finish())?;
        write_head(out, b"dtcn", dataset_length)?;
        out.write_all(&inner.finish())?;
        let mut payload = Payload::new(self);
        if content.has_index() {
            self.write_table(out, &layout, base, dataset.offset_size())?;
        }
        let mut number = 0;
        for sequence in 0..self.sequences {
            for row in (0..self.rows).step_by(self.every as usize) {
                for class in 0..self.classes {
                    let unit = self.unit(sequence, row, class);
                    write_head(out, b"aucn", layout.unit)?;
                    let header = unit_header(content, &content.form, &unit, !content.has_index());
                    write_head(out, b"auhd", header.len() as u64 + 12)?;
                    out.write_all(&header)?;
                    for descriptor in (0..self.blocks).filter(|_| !content.is_dsc()) {
                        out.write_all(&block_header(descriptor, self.size as usize))?;
                        payload.write(out, number, descriptor)?;
                    }
                    number += 1;
                }
            }
        }
        if content.is_dsc() {
            self.write_streams(out, &layout, &mut payload)?;
        }
        Ok(size)
    }

    fn write_table<W: Write + Seek>(&self, out: &mut W, layout: &Layout, base: u64, offset_size: u32) -> Result<(), Error> {
        write_head(out, b"mitb", layout.table)?;
        let none = u64::MAX >> (64 - offset_size);
        for sequence in 0..u64::from(self.sequences) {
            for class in 0..self.classes {
                for row in 0..self.rows {
                    let real = row % self.every == 0;
                    let number = sequence * self.real_rows() + u64::from(row / self.every);
                    let mut bits = Bits::default();
                    let unit = base + layout.table + (number * self.classes as u64 + class as u64) * layout.unit;
                    bits.u(if real { unit } else { none }, offset_size);
                    let (start, end) = if real { self.range(row) } else { (0, 0) };
                    bits.u(start, 32);
                    bits.u(end, 32);
                    for descriptor in (0..u64::from(self.blocks)).filter(|_| layout.stream > 0) {
                        let stream = class as u64 * u64::from(self.blocks) + descriptor;
                        let first = base + layout.table + layout.units + stream * layout.stream + layout.stream_head;
                        bits.u(if real { first + self.place(number) * u64::from(self.size) } else { none }, offset_size);
                    }
                    out.write_all(&bits.finish())?;
                }
            }
        }
        Ok(())
    }

    fn write_streams<W: Write + Seek>(&self, out: &mut W, layout: &Layout, payload: &mut Payload) -> Result<(), Error> {
        let count = self.real_rows() * u64::from(self.sequences);
        let mut at = vec![0; count as usize];
        for number in 0..count {
            at[self.place(number) as usize] = number;
        }
        for (class, id) in CLASSES.into_iter().enumerate().take(self.classes) {
            for descriptor in 0..self.blocks {
                write_head(out, b"dscn", layout.stream)?;
                out.write_all(&stream_head(id, descriptor, count as u32, None))?;
                for number in &at {
                    payload.write(out, number * self.classes as u64 + class as u64, descriptor)?;
                }
            }
        }
        Ok(())
    }
}

/// Sizes in bytes: of boxes, and of what is behind the parameter sets.
struct Layout {
    table: u64,
    unit: u64,
    units: u64,
    stream: u64,
    stream_head: u64,
    total: u64,
}

impl Layout {
    fn of(big: &Big, content: &Sequencing, offset_size: u32) -> Layout {
        let per_class = big.real_rows() * u64::from(big.sequences);
        let (classes, blocks, size) = (big.classes as u64, u64::from(big.blocks), u64::from(big.size));
        let header = unit_header(content, &content.form, &big.unit(0, 0, 0), !content.has_index()).len() as u64;
        let dsc = content.is_dsc();
        let row = u64::from(offset_size / 8) * (1 + if dsc { blocks } else { 0 }) + 8;
        let table = if content.has_index() { 12 + u64::from(big.rows) * u64::from(big.sequences) * classes * row } else { 0 };
        let unit = 12 + 12 + header + if dsc { 0 } else { blocks * (5 + size) };
        let stream_head = 12 + stream_head(1, 0, 0, None).len() as u64;
        let stream = if dsc { stream_head + per_class * size } else { 0 };
        let units = per_class * classes * unit;
        Layout { table, unit, units, stream, stream_head, total: table + units + stream * classes * blocks }
    }
}

/// Payloads: windows of random bytes, or holes.
struct Payload {
    pattern: Vec<u8>,
    size: usize,
    sparse: bool,
}

impl Payload {
    fn new(big: &Big) -> Payload {
        Payload { pattern: Rng::new(1).bytes(PATTERN as u64, PATTERN as u64), size: big.size as usize, sparse: big.sparse }
    }

    fn write<W: Write + Seek>(&mut self, out: &mut W, unit: u64, descriptor: u8) -> Result<(), Error> {
        if self.sparse {
            out.seek(SeekFrom::Current(self.size as i64))?;
            return Ok(());
        }
        let (mut at, mut left) = ((unit as usize).wrapping_mul(61).wrapping_add(usize::from(descriptor) * 7) % PATTERN, self.size);
        while left > 0 {
            let taken = left.min(PATTERN - at);
            out.write_all(&self.pattern[at..at + taken])?;
            (at, left) = (0, left - taken);
        }
        Ok(())
    }
}

fn write_head<W: Write>(out: &mut W, key: &[u8; 4], length: u64) -> Result<(), Error> {
    out.write_all(key)?;
    out.write_all(&length.to_be_bytes())
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A storage of this name: `auc`, `auc-mit`, `dsc-ordered`, `dsc-unordered`.
pub fn storage(name: &str) -> Option<Storage> {
    let empty = EmptyBlocks::AllOnes;
    match name {
        "auc" => Some(Storage::Auc { index: false, class_contiguity: false }),
        "auc-mit" => Some(Storage::Auc { index: true, class_contiguity: false }),
        "dsc-ordered" => Some(Storage::Dsc { ordered: true, empty }),
        "dsc-unordered" => Some(Storage::Dsc { ordered: false, empty }),
        _ => None,
    }
}
