//! Descriptor streams: the blocks that the master index table places in them (6.5.3, R15, R16).

use super::access_units::{Units, header_field};
use super::finding::Findings;
use super::model::{Dataset, DescriptorStream};
use super::rule::rules;
use crate::tables::DatasetHeader;
use std::collections::HashMap;

rules! {
    /// No two descriptor streams of a dataset have the same class and descriptor.
    TWICE: Error "dscn.unique" "6.5.3.1"
    /// A block begins in the payload of the descriptor stream of its class and descriptor, or at its end where it is empty.
    OFFSET: Error "mitb.block_byte_offset" "6.5.2.1.3"
    /// With ordered_blocks_flag 1, the offsets of the blocks of a descriptor stream ascend in the order of the table.
    ORDER: Error "mitb.block_byte_offset_order" "6.4.3.2.5"
    /// An empty access unit has no blocks.
    OF_NOTHING: Error "mitb.block_byte_offset_empty" "6.5.2.1.1"
    /// num_blocks of a descriptor stream is the number of its blocks that are not empty.
    NUM_BLOCKS: Error "dshd.num_blocks" "6.5.3.2.3"
    /// num_blocks of an access unit is the number of its blocks that are not empty.
    UNIT_BLOCKS: Error "auhd.num_blocks" "6.4.4.3.3"
    /// The blocks of a descriptor stream begin where its payload does: every byte belongs to one of them.
    GAP: Error "dscn.block_payload" "6.5.3.1"
}

/// The blocks of one descriptor and class, in the order of the table.
struct Blocks<'d> {
    stream: Option<&'d DescriptorStream>,
    what: (u64, u8),
    /// The least offset in use.
    first: Option<u64>,
    /// Ordered: the last entry in use, of which the next one decides whether it is empty.
    last: Option<Entry>,
    /// Not ordered: all entries in use.
    all: Vec<Entry>,
    /// How many blocks are not empty.
    many: u64,
}

/// The access unit of a row.
#[derive(Clone, Copy)]
pub(super) enum Placed {
    /// This one.
    Unit(usize),
    /// None: the row is empty.
    Empty,
    /// The row is wrong about it.
    Unknown,
}

#[derive(Clone, Copy)]
struct Entry {
    offset: u64,
    unit: Placed,
    /// The row, to name it: three subscripts, or one (the others are then `u64::MAX`).
    row: [u64; 3],
}

/// All descriptor streams of a dataset.
pub(super) struct Streams<'d> {
    dataset: &'d Dataset<'d>,
    ordered: bool,
    /// From where offsets count.
    base: u64,
    empty: u64,
    table_at: u64,
    /// By class and descriptor, as the header numbers them.
    blocks: Vec<Vec<Blocks<'d>>>,
    /// Of each access unit the least and the greatest number of blocks that are not empty.
    of_unit: Vec<(u16, u16)>,
}

impl<'d> Streams<'d> {
    /// Those of a dataset with so many access units.
    pub fn new(dataset: &'d Dataset<'d>, header: &DatasetHeader, units: usize) -> Streams<'d> {
        let mut by_what: HashMap<(u64, u8), &DescriptorStream> = HashMap::new();
        for stream in &dataset.streams {
            if let Some(header) = &stream.header {
                by_what.entry((header.value.class_id.code(), header.value.descriptor_id)).or_insert(stream);
            }
        }
        let of_class = |class: &crate::tables::DatasetHeaderClass| {
            let blocks = class.descriptor_id.iter().map(|descriptor| {
                let what = (class.clid.code(), *descriptor);
                Blocks { stream: by_what.get(&what).copied(), what, first: None, last: None, all: vec![], many: 0 }
            });
            blocks.collect()
        };
        let in_streams = !header.block_header_flag;
        Streams {
            dataset,
            ordered: header.ordered_blocks_flag.unwrap_or(true),
            base: dataset.node.as_ref().map_or(0, |node| node.head.offset.saturating_add(12)),
            empty: if header.byte_offset_size_flag { u64::MAX } else { u64::from(u32::MAX) },
            table_at: dataset.table.as_ref().map_or(0, |table| table.at),
            blocks: if in_streams { header.classes.iter().map(of_class).collect() } else { vec![] },
            of_unit: if in_streams { vec![(0, 0); units] } else { vec![] },
        }
    }

    /// A row of the table: its class, its access unit, the offsets of its blocks.
    pub fn row(&mut self, ci: u64, unit: Placed, offsets: &[u64], index: &[u64], findings: &mut Findings) {
        let Some(class) = usize::try_from(ci).ok().and_then(|ci| self.blocks.get_mut(ci)) else { return };
        let row = match index {
            [seq, ci, au_id] => [*seq, *ci, *au_id],
            [number] => [*number, u64::MAX, u64::MAX],
            _ => return,
        };
        for (di, (blocks, offset)) in (0u64..).zip(class.iter_mut().zip(offsets)).filter(|(_, (_, offset))| **offset != self.empty) {
            let entry = Entry { offset: self.base.saturating_add(*offset), unit, row };
            let complain = |rule, message: String, findings: &mut Findings| {
                findings.field(rule, self.table_at, "block_byte_offset", &subscripts(row, di), message);
            };
            let Some(stream) = blocks.stream else {
                let (class, descriptor) = blocks.what;
                complain(&OFFSET, format!("there is no descriptor stream of the class {class} and the descriptor {descriptor}"), findings);
                continue;
            };
            let (start, end) = stream.payload;
            if entry.offset < start || entry.offset > end {
                complain(&OFFSET, format!("the byte {} is not in the payload, which is {start} to {end}", entry.offset), findings);
                continue;
            }
            blocks.first = Some(blocks.first.map_or(entry.offset, |first| first.min(entry.offset)));
            if !self.ordered {
                blocks.all.push(entry);
                continue;
            }
            if let Some(last) = blocks.last.replace(entry) {
                if entry.offset < last.offset {
                    complain(&ORDER, format!("the block begins at byte {}, the one before it at {}", entry.offset, last.offset), findings);
                } else if entry.offset > last.offset {
                    blocks.many = blocks.many.saturating_add(1);
                    not_empty(&mut self.of_unit, last, self.table_at, di, findings);
                }
            }
        }
    }

    /// All rows have been told.
    pub fn finish(&mut self, units: &Units, placed: &[bool], findings: &mut Findings) {
        let Streams { blocks, of_unit, table_at, ordered, .. } = self;
        for class in blocks.iter_mut() {
            for (di, blocks) in (0u64..).zip(class.iter_mut()) {
                let Some(stream) = blocks.stream else { continue };
                if *ordered {
                    if let Some(last) = blocks.last.filter(|last| last.offset < stream.payload.1) {
                        blocks.many = blocks.many.saturating_add(1);
                        not_empty(of_unit, last, *table_at, di, findings);
                    }
                } else {
                    unordered(blocks, stream.payload.1, of_unit, *table_at, di, findings);
                }
                whole(blocks, stream, findings);
            }
        }
        self.of_units(units, placed, findings);
        self.twice(findings);
    }

    fn of_units(&self, units: &Units, placed: &[bool], findings: &mut Findings) {
        let placed = units.facts.iter().zip(&self.of_unit).zip(placed).filter(|(_, placed)| **placed);
        for ((unit, (least, most)), _) in placed {
            let told = u16::from(unit.blocks);
            if told < *least || told > *most {
                let many = if least == most { least.to_string() } else { format!("{least} to {most}") };
                let message = format!("num_blocks is {told}, the table places {many} blocks that are not empty");
                findings.below(&UNIT_BLOCKS, unit.header_at(), header_field(unit, "num_blocks"), message);
            }
        }
    }

    fn twice(&self, findings: &mut Findings) {
        let mut seen = std::collections::HashSet::new();
        for header in self.dataset.streams.iter().filter_map(|stream| stream.header.as_ref()) {
            let what = (header.value.class_id.code(), header.value.descriptor_id);
            if !seen.insert(what) {
                let message = format!("another descriptor stream has the class {} and the descriptor {} too", what.0, what.1);
                findings.field(&TWICE, header.at, "descriptor_ID", &[], message);
            }
        }
    }
}

fn subscripts([a, b, c]: [u64; 3], di: u64) -> Vec<u64> {
    if b == u64::MAX { vec![a, di] } else { vec![a, b, c, di] }
}

/// A block that has bytes, for sure.
fn not_empty(of_unit: &mut [(u16, u16)], entry: Entry, table_at: u64, di: u64, findings: &mut Findings) {
    match entry.unit {
        Placed::Unknown => {}
        Placed::Unit(unit) => {
            if let Some((least, most)) = of_unit.get_mut(unit) {
                *least = least.saturating_add(1);
                *most = most.saturating_add(1);
            }
        }
        Placed::Empty => {
            let message = format!("a block begins at byte {}, but the row places no access unit", entry.offset);
            findings.field(&OF_NOTHING, table_at, "block_byte_offset", &subscripts(entry.row, di), message);
        }
    }
}

/// Blocks in any order: of several that begin at one byte, one is not empty, and it is not known which.
fn unordered(blocks: &mut Blocks, end: u64, of_unit: &mut [(u16, u16)], table_at: u64, di: u64, findings: &mut Findings) {
    blocks.all.sort_by_key(|entry| entry.offset);
    for same in blocks.all.chunk_by(|a, b| a.offset == b.offset) {
        let Some(first) = same.first().filter(|first| first.offset < end) else { continue };
        blocks.many = blocks.many.saturating_add(1);
        if same.len() == 1 {
            not_empty(of_unit, *first, table_at, di, findings);
            continue;
        }
        for entry in same {
            if let Placed::Unit(unit) = entry.unit
                && let Some((_, most)) = of_unit.get_mut(unit)
            {
                *most = most.saturating_add(1);
            }
        }
    }
}

/// The stream as a whole.
fn whole(blocks: &Blocks, stream: &DescriptorStream, findings: &mut Findings) {
    if let Some(header) = stream.header.as_ref().filter(|header| u64::from(header.value.num_blocks) != blocks.many) {
        let message = format!("num_blocks is {}, the table places {} blocks that are not empty", header.value.num_blocks, blocks.many);
        findings.field(&NUM_BLOCKS, header.at, "num_blocks", &[], message);
    }
    let (start, end) = stream.payload;
    let first = blocks.first.unwrap_or(end);
    if first > start {
        findings.field(&GAP, stream.at, "block_payload", &[], format!("the first {} bytes belong to no block", first.saturating_sub(start)));
    }
}
