//! The access units of a dataset to be made, as an index in memory.

use super::payload::{Block, Payload, SourceId, Sources};
use super::storage::Mode;
use crate::tables::{AccessUnitHeader, AuType, DatasetHeader, DatasetParameterSet, FileHeader};
use mpegg_runtime::bits::{BitReader, BitWriter};
use mpegg_runtime::{Error, ErrorKind, Result};

/// An access unit to be stored.
pub struct Unit<'a> {
    /// Its header as a decoder takes it (6.4.4.2): with positions and signatures. The alignment bits are those of the header that is
    /// stored, which ends before the positions where there is a master index table; zero where the form changes.
    pub header: AccessUnitHeader,
    /// Boxes behind the header: AU_information, AU_metrics, AU_protection. Each range holds whole boxes.
    pub boxes: &'a [Payload],
    /// Its blocks.
    pub blocks: Blocks<'a>,
}

/// The blocks of an access unit.
#[derive(Clone, Copy, Debug)]
pub enum Blocks<'a> {
    /// One behind the other, each behind its header.
    Whole(Payload),
    /// One by one.
    Each(&'a [Block]),
}

/// What is kept of an access unit.
pub(super) struct Entry {
    /// AU_start_position; 0 for class U.
    pub start: u64,
    /// AU_end_position; 0 for class U.
    pub end: u64,
    /// access_unit_ID.
    pub id: u32,
    /// sequence_ID; nothing for class U.
    pub sequence: Option<u16>,
    /// AU_type.
    pub class: u8,
    /// Alignment bits of the stored header.
    padding: u8,
    /// Its header in [`Units::headers`].
    header: u64,
    header_length: u32,
    /// Its parts in [`Units::parts`].
    pub first_part: u64,
    pub parts: u16,
    /// AU_byte_offset, once it is known.
    pub at: u64,
}

/// AU_type of class U.
pub(super) const U: u8 = AuType::UTypeAu.code() as u8;

/// A part of an access unit: boxes and blocks with their headers as they stand, or the payload of a block.
#[derive(Clone, Copy)]
pub(super) struct Part {
    source: SourceId,
    /// 255 is none.
    descriptor: u8,
    offset: u64,
    length: u64,
}

impl Part {
    pub fn payload(&self) -> Payload {
        Payload { source: self.source, offset: self.offset, length: self.length }
    }

    /// The descriptor of the block that it is.
    pub fn descriptor(&self) -> Option<u8> {
        (self.descriptor != NO_DESCRIPTOR).then_some(self.descriptor)
    }
}

const NO_DESCRIPTOR: u8 = u8::MAX;

/// All of them, in the order in which they came.
#[derive(Default)]
pub(super) struct Units {
    pub entries: Vec<Entry>,
    pub parts: Vec<Part>,
    headers: Vec<u8>,
    /// Blocks without payload that DSC does not store.
    pub empty_blocks: u64,
}

/// What the header of an access unit depends on.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub file: &'c FileHeader,
    pub dataset: &'c DatasetHeader,
    pub sets: &'c [DatasetParameterSet],
}

impl Units {
    /// Adds one; `context` is that of a header with positions.
    pub fn push(&mut self, unit: Unit<'_>, mode: Mode, context: Context<'_>, sources: &Sources<'_>) -> Result<()> {
        let Unit { mut header, boxes, blocks } = unit;
        let first_part = self.parts.len();
        self.parts.extend(boxes.iter().filter(|range| range.length > 0).map(|range| part(range, NO_DESCRIPTOR)));
        let split;
        match blocks {
            Blocks::Whole(payload) if mode.is_auc() => {
                let joined = self.parts.get_mut(first_part..).and_then(|parts| parts.last_mut()).filter(|part| {
                    let boxes = part.payload();
                    boxes.source == payload.source && boxes.offset.saturating_add(boxes.length) == payload.offset
                });
                match joined {
                    Some(part) => part.length = part.length.saturating_add(payload.length),
                    None => self.parts.push(part(&payload, NO_DESCRIPTOR)),
                }
            }
            Blocks::Whole(payload) => {
                split = sources.blocks(&payload, header.num_blocks)?;
                self.blocks(&mut header, &split)?;
            }
            Blocks::Each(blocks) => self.blocks(&mut header, blocks)?,
        }
        let parts = u16::try_from(self.parts.len() - first_part).map_err(|_| limit("an access unit of more than 65535 parts"))?;
        let class = u8::try_from(header.au_type.code()).unwrap_or(U);
        let sequence = header.sequence_id.filter(|_| class != U);
        let padding = std::mem::take(&mut header.nesting_zero_bit);
        let mut w = BitWriter::new();
        header.write(&mut w, context.file, context.dataset, context.sets)?;
        let bytes = w.into_bytes();
        let start = self.headers.len() as u64;
        self.headers.extend_from_slice(&bytes);
        if u32::try_from(self.entries.len()).is_err() {
            return Err(limit("a dataset of more than 4294967295 access units"));
        }
        self.entries.push(Entry {
            start: header.au_start_position.unwrap_or(0),
            end: header.au_end_position.unwrap_or(0),
            id: header.access_unit_id,
            sequence,
            class,
            padding,
            header: start,
            header_length: u32::try_from(bytes.len()).map_err(|_| limit("a header of more than 4 GiB"))?,
            first_part: first_part as u64,
            parts,
            at: 0,
        });
        Ok(())
    }

    /// Blocks without payload are no blocks (R15): `num_blocks` does not count them.
    fn blocks(&mut self, header: &mut AccessUnitHeader, blocks: &[Block]) -> Result<()> {
        let mut seen = 0u128;
        for block in blocks {
            if block.payload.length == 0 {
                self.empty_blocks = self.empty_blocks.saturating_add(1);
                continue;
            }
            let bit = 1u128.checked_shl(block.descriptor_id.into()).unwrap_or(0);
            if seen & bit != 0 {
                let message = format!("an access unit with two blocks of descriptor {}", block.descriptor_id);
                return Err(Error::without_position(ErrorKind::Unsupported, message));
            }
            seen |= bit;
            self.parts.push(part(&block.payload, block.descriptor_id));
        }
        header.num_blocks = u8::try_from(seen.count_ones()).unwrap_or(u8::MAX);
        Ok(())
    }

    /// The header of an access unit, with positions; the context is that of [`push`](Self::push).
    pub fn header(&self, entry: &Entry, context: Context<'_>) -> Result<AccessUnitHeader> {
        AccessUnitHeader::read(&mut BitReader::new(self.header_bytes(entry)), context.file, context.dataset, context.sets)
    }

    /// The same with the alignment bits that it is stored with.
    pub fn stored_header(&self, entry: &Entry, context: Context<'_>) -> Result<AccessUnitHeader> {
        Ok(AccessUnitHeader { nesting_zero_bit: entry.padding, ..self.header(entry, context)? })
    }

    /// The bytes of a header that is stored as it came.
    pub fn header_bytes(&self, entry: &Entry) -> &[u8] {
        let start = usize::try_from(entry.header).unwrap_or(usize::MAX);
        self.headers.get(start..).and_then(|bytes| bytes.get(..entry.header_length as usize)).unwrap_or_default()
    }

    /// Whether the header can be stored as it came.
    pub fn is_plain(entry: &Entry) -> bool {
        entry.padding == 0
    }

    /// The parts of an access unit.
    pub fn parts(&self, entry: &Entry) -> &[Part] {
        let start = usize::try_from(entry.first_part).unwrap_or(usize::MAX);
        self.parts.get(start..).and_then(|parts| parts.get(..usize::from(entry.parts))).unwrap_or_default()
    }

    /// The number of a block of an access unit among all parts.
    pub fn block(&self, entry: &Entry, descriptor: u8) -> Option<usize> {
        let found = self.parts(entry).iter().position(|part| part.descriptor() == Some(descriptor))?;
        Some(usize::try_from(entry.first_part).ok()?.saturating_add(found))
    }
}

fn part(payload: &Payload, descriptor: u8) -> Part {
    Part { source: payload.source, descriptor, offset: payload.offset, length: payload.length }
}

fn limit(message: &'static str) -> Error {
    Error::without_position(ErrorKind::Limit, message)
}
