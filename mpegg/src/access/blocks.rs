//! The blocks of descriptor stream contiguity: where they stand is in the table, how long they are follows from the others (R16).

use super::Access;
use super::found::{Found, RowRef};
use super::search::CHUNK;
use super::table::Table;
use crate::file::{Dataset, Front};
use crate::tables::DescriptorStreamHeader;
use mpegg_runtime::{Error, Result};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The payloads of the descriptor streams: by the numbers of class and descriptor in the dataset header, first byte and the byte behind.
pub(crate) struct Streams(HashMap<(usize, usize), (u64, u64)>);

/// A block of an access unit that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its descriptor.
    pub descriptor_id: u8,
    /// The first byte of its payload in the file.
    pub offset: u64,
    /// Bytes of its payload.
    pub length: u64,
}

/// An offset of a table row: of a block that is or may be in use.
#[derive(Clone, Copy)]
struct Entry {
    /// The class of the stream, and the descriptor, by their numbers in the dataset header.
    stream: (usize, usize),
    /// The row that has it: of sequences by their order in the table, then those of class U.
    row: u64,
    /// From the first byte of the Value of the dataset.
    offset: u64,
}

impl Streams {
    /// The streams of a dataset, looked up once.
    pub fn of(dataset: &Dataset<'_>, front: &Front<'_>) -> Result<Rc<Streams>> {
        if let Some(known) = dataset.known().streams.get() {
            return Ok(known.clone());
        }
        let streams = Rc::new(Streams::open(dataset, front)?);
        Ok(dataset.known().streams.get_or_init(|| streams).clone())
    }

    /// Finds the streams by their headers.
    fn open(dataset: &Dataset<'_>, front: &Front<'_>) -> Result<Streams> {
        let mut streams = HashMap::new();
        for node in dataset.node().each_child() {
            let node = node?;
            if node.key() != *b"dscn" {
                continue;
            }
            let (mut header, mut payload) = (None, node.offset().saturating_add(12));
            for child in node.each_child() {
                let child = child?;
                payload = child.end();
                if child.key() == DescriptorStreamHeader::KEY {
                    header = Some(child.decode(DescriptorStreamHeader::read_box)?);
                }
            }
            let missing = || Error::malformed(node.offset().saturating_mul(8), "a descriptor stream without `dshd`").in_field("dscn", &[]);
            let header = header.ok_or_else(missing)?;
            let class = front.header.classes.iter().position(|class| class.clid == header.class_id);
            let place = class.and_then(|ci| {
                let class = front.header.classes.get(ci)?;
                Some((ci, class.descriptor_id.iter().position(|id| *id == header.descriptor_id)?))
            });
            if let Some(place) = place {
                streams.entry(place).or_insert((payload, node.end()));
            }
        }
        Ok(Streams(streams))
    }
}

/// How many blocks are looked up in one go.
const BATCH: usize = 1 << 17;

impl<'s> Access<'s> {
    /// How many access units of this dataset to look up in one go.
    pub(crate) fn batch(&self) -> usize {
        let most = self.front.header.classes.iter().map(|class| class.descriptor_id.len()).max().unwrap_or(0);
        (BATCH / most.max(1)).max(1)
    }

    /// The blocks of some access units, as `num_blocks` and the table say.
    pub(crate) fn blocks(&self, units: &[(Found, u8)]) -> Result<Vec<Vec<Block>>> {
        let (Some(table), Some(streams)) = (&self.index, &self.streams) else { return Ok(vec![]) };
        let mut entries = Vec::with_capacity(units.len());
        for (found, _) in units {
            entries.push(self.entries_of(table, found)?);
        }
        let mut wanted: Vec<Entry> = entries.iter().flatten().filter(|entry| entry.offset != table.none).copied().collect();
        wanted.sort_unstable_by_key(|entry| (entry.stream, entry.row));
        let ends = if self.front.header.ordered_blocks_flag == Some(true) { self.ends_in_order(table, &wanted)? } else { self.ends_anywhere(table, &wanted)? };
        let mut blocks = Vec::with_capacity(units.len());
        for ((found, num_blocks), entries) in units.iter().zip(entries) {
            blocks.push(self.of_unit(table, streams, &ends, found, *num_blocks, &entries)?);
        }
        Ok(blocks)
    }

    /// The offsets in the row of an access unit.
    fn entries_of(&self, table: &Table<'_>, found: &Found) -> Result<Vec<Entry>> {
        let (ci, row, offsets) = match found.row {
            Some(RowRef::Aligned { seq, ci, row }) => {
                let Some(run) = table.run(usize::from(seq), usize::from(ci)) else { return Ok(vec![]) };
                let near = table.near(&run, u64::from(row))?;
                let (first, rows) = near.as_ref();
                let blocks = self.front.header.classes.get(usize::from(ci)).map_or(0, |class| class.descriptor_id.len());
                let number = usize::try_from(u64::from(row).saturating_sub(*first)).unwrap_or(usize::MAX);
                let offsets = (0..blocks).filter_map(|di| rows.block_byte_offset.get(number.saturating_mul(blocks).saturating_add(di)));
                (usize::from(ci), (u64::from(seq) << 32) | u64::from(row), offsets.collect::<Vec<u64>>())
            }
            Some(RowRef::Unaligned { number, at, bytes }) => {
                let row = table.u_row(at, u64::from(bytes))?;
                (self.front.header.classes.len().saturating_sub(1), u64::from(number), row.block_byte_offset)
            }
            None => return Ok(vec![]),
        };
        Ok(offsets.into_iter().enumerate().map(|(di, offset)| Entry { stream: (ci, di), row, offset }).collect())
    }

    /// The non-empty blocks of an access unit.
    fn of_unit(&self, table: &Table<'_>, streams: &Streams, ends: &Ends, found: &Found, num_blocks: u8, entries: &[Entry]) -> Result<Vec<Block>> {
        let at = self.bit_of_blocks(table, found);
        let fail = |message: String| {
            Err(Error::malformed(at, message).in_field("block_byte_offset", &[]).in_field("mitb", &[]).in_table("master_index_table", "6.5.2.1", Some(57)))
        };
        let (mut blocks, mut shared) = (vec![], vec![]);
        for entry in entries.iter().filter(|entry| entry.offset != table.none) {
            let (ci, di) = entry.stream;
            let class = self.front.header.classes.get(ci);
            let Some(descriptor_id) = class.and_then(|class| class.descriptor_id.get(di)).copied() else { continue };
            let Some((start, payload_end)) = streams.0.get(&entry.stream).copied() else {
                return fail(format!("block of descriptor {descriptor_id}, of which the class has no descriptor stream"));
            };
            let offset = self.base.saturating_add(entry.offset);
            if offset < start || offset > payload_end {
                return fail(format!("block_byte_offset {} is outside the payload of the descriptor stream of descriptor {descriptor_id}", entry.offset));
            }
            let (end, others) = ends.of(entry);
            let end = end.map_or(payload_end, |end| self.base.saturating_add(end).min(payload_end));
            let Some(length) = end.checked_sub(offset) else {
                return fail(format!("the blocks of descriptor {descriptor_id} are not in ascending order, although ordered_blocks_flag is 1"));
            };
            let block = Block { descriptor_id, offset, length };
            match length {
                0 => {}
                _ if others => shared.push(block),
                _ => blocks.push(block),
            }
        }
        // Of blocks that share an offset one is not empty; how many of this unit's are, its header says.
        match usize::from(num_blocks).checked_sub(blocks.len()) {
            _ if shared.is_empty() => {}
            Some(0) => {}
            Some(more) if more == shared.len() => {
                let order = |block: &Block| entries.iter().position(|entry| self.base.saturating_add(entry.offset) == block.offset && self.is_of(entry, block));
                blocks.append(&mut shared);
                blocks.sort_by_key(order);
            }
            _ => return fail("several blocks have the same offset, and num_blocks does not say which of them are empty".to_owned()),
        }
        Ok(blocks)
    }

    fn is_of(&self, entry: &Entry, block: &Block) -> bool {
        let class = self.front.header.classes.get(entry.stream.0);
        class.and_then(|class| class.descriptor_id.get(entry.stream.1)) == Some(&block.descriptor_id)
    }

    /// The bit of the row of an access unit.
    pub(super) fn bit_of_row(&self, table: &Table<'_>, found: &Found) -> u64 {
        match found.row {
            Some(RowRef::Aligned { seq, ci, row }) => table.run(usize::from(seq), usize::from(ci)).map_or(0, |run| table.bit(&run, u64::from(row))),
            Some(RowRef::Unaligned { at, .. }) => at.saturating_mul(8),
            None => found.offset.saturating_mul(8),
        }
    }

    /// The bit behind the row of an access unit, less that of its block offsets.
    fn bit_of_blocks(&self, table: &Table<'_>, found: &Found) -> u64 {
        let (ci, bytes) = match found.row {
            Some(RowRef::Aligned { seq, ci, .. }) => (usize::from(ci), table.run(usize::from(seq), usize::from(ci)).map_or(0, |run| table.row_bytes(&run))),
            Some(RowRef::Unaligned { bytes, .. }) => (self.front.header.classes.len().saturating_sub(1), u64::from(bytes)),
            None => return 0,
        };
        let width = if self.front.header.byte_offset_size_flag { 8 } else { 4 };
        let blocks = self.front.header.classes.get(ci).map_or(0, |class| class.descriptor_id.len() as u64);
        self.bit_of_row(table, found).saturating_add(bytes.saturating_sub(blocks.saturating_mul(width)).saturating_mul(8))
    }

    /// Where blocks end that stand in the order of the table: at the next offset in use.
    fn ends_in_order(&self, table: &Table<'_>, wanted: &[Entry]) -> Result<Ends> {
        let mut ends = Ends::default();
        let (unaligned, aligned): (Vec<Entry>, Vec<Entry>) = wanted.iter().partition(|entry| table.run(0, entry.stream.0).is_none());
        for stream in aligned.chunk_by(|a, b| a.stream == b.stream) {
            // The last look ahead, from a row to the next one in use, holds for all rows between them.
            let mut known: Option<(u64, Option<(u64, u64)>)> = None;
            for entry in stream {
                let next = match known {
                    Some((from, next)) if from <= entry.row && next.is_none_or(|(row, _)| entry.row < row) => next,
                    _ => self.next_in_use(table, entry)?,
                };
                known = Some((entry.row, next));
                ends.next.insert((entry.stream, entry.row), next.map(|(_, offset)| offset));
            }
        }
        if !unaligned.is_empty() {
            ends_of_class_u(table, &unaligned, &mut ends)?;
        }
        Ok(ends)
    }

    /// The next row behind an entry whose block in the same stream is in use, and its offset.
    fn next_in_use(&self, table: &Table<'_>, entry: &Entry) -> Result<Option<(u64, u64)>> {
        let (ci, di) = entry.stream;
        let blocks = self.front.header.classes.get(ci).map_or(1, |class| class.descriptor_id.len().max(1));
        let mut row = (entry.row & u64::from(u32::MAX)).saturating_add(1);
        for seq in usize::try_from(entry.row >> 32).unwrap_or(usize::MAX)..self.front.header.seq_id.len() {
            let Some(run) = table.run(seq, ci) else { break };
            while row < run.rows {
                let near = table.near(&run, row)?;
                let (first, rows) = near.as_ref();
                for number in usize::try_from(row - first).unwrap_or(usize::MAX)..rows.au_byte_offset.len() {
                    let used = rows.au_byte_offset.get(number) != Some(table.none);
                    if let Some(offset) = rows.block_byte_offset.get(number * blocks + di).filter(|offset| used && *offset != table.none) {
                        return Ok(Some(((seq as u64) << 32 | first.saturating_add(number as u64), offset)));
                    }
                }
                row = first.saturating_add(rows.au_byte_offset.len().max(1) as u64);
            }
            row = 0;
        }
        Ok(None)
    }

    /// Where blocks end that stand in any order: at the smallest greater offset of the stream, for which the whole table is read.
    fn ends_anywhere(&self, table: &Table<'_>, wanted: &[Entry]) -> Result<Ends> {
        let mut found: HashMap<(usize, usize), Offsets> = HashMap::new();
        for entry in wanted {
            found.entry(entry.stream).or_default().insert(entry.offset, (None, 0));
        }
        let mut seen = |stream: (usize, usize), offset: u64| {
            let Some(places) = found.get_mut(&stream) else { return };
            if let Some((_, (next, _))) = places.range_mut(..offset).next_back() {
                *next = Some(next.map_or(offset, |next| next.min(offset)));
            }
            if let Some((_, count)) = places.get_mut(&offset) {
                *count = count.saturating_add(1);
            }
        };
        for run in table.runs() {
            let blocks = self.front.header.classes.get(run.ci).map_or(0, |class| class.descriptor_id.len());
            let mut first = 0;
            while first < run.rows && blocks > 0 {
                let rows = table.rows(&run, first, CHUNK)?;
                for (number, offset) in rows.block_byte_offset.iter().enumerate() {
                    let unit = rows.au_byte_offset.get(number / blocks);
                    if offset != table.none && unit != Some(table.none) {
                        seen((run.ci, number % blocks), offset);
                    }
                }
                first = first.saturating_add(CHUNK);
            }
        }
        let last = self.front.header.classes.len().saturating_sub(1);
        for row in table.u_rows() {
            let row = row?.row;
            for (di, offset) in row.block_byte_offset.iter().enumerate() {
                if *offset != table.none && row.au_byte_offset != table.none {
                    seen((last, di), *offset);
                }
            }
        }
        Ok(Ends { next: HashMap::new(), greater: found })
    }
}

/// The same for blocks of class U, whose rows have no fixed size: in one go over them.
fn ends_of_class_u(table: &Table<'_>, wanted: &[Entry], ends: &mut Ends) -> Result<()> {
    let mut waiting: HashMap<u64, Vec<&Entry>> = HashMap::new();
    for entry in wanted {
        waiting.entry(entry.row).or_default().push(entry);
    }
    let mut open: HashMap<usize, Vec<&Entry>> = HashMap::new();
    for row in table.u_rows() {
        let row = row?;
        for (di, offset) in row.row.block_byte_offset.iter().enumerate() {
            if *offset != table.none && row.row.au_byte_offset != table.none {
                for entry in open.remove(&di).unwrap_or_default() {
                    ends.next.insert((entry.stream, entry.row), Some(*offset));
                }
            }
        }
        for entry in waiting.remove(&row.number).unwrap_or_default() {
            open.entry(entry.stream.1).or_default().push(entry);
        }
    }
    for entry in open.into_values().flatten() {
        ends.next.insert((entry.stream, entry.row), None);
    }
    Ok(())
}

/// Offsets of a stream, each with the next greater one and how many blocks have it.
type Offsets = BTreeMap<u64, (Option<u64>, u32)>;

/// Where blocks end.
#[derive(Default)]
struct Ends {
    /// Blocks in order: the offset of the next one, by stream and row.
    next: HashMap<((usize, usize), u64), Option<u64>>,
    /// Blocks in any order: the next greater offset, and how many blocks have this one, by stream and offset.
    greater: HashMap<(usize, usize), Offsets>,
}

impl Ends {
    /// The offset at which a block ends (nothing: where the stream does), and whether others have its offset too.
    fn of(&self, entry: &Entry) -> (Option<u64>, bool) {
        if let Some(end) = self.next.get(&(entry.stream, entry.row)) {
            return (*end, false);
        }
        let place = self.greater.get(&entry.stream).and_then(|places| places.get(&entry.offset));
        place.map_or((None, false), |(next, count)| (*next, *count > 1))
    }
}
