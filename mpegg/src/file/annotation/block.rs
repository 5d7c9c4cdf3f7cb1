//! The blocks of an annotation access unit.

use super::AnnotationAccessUnit;
use crate::tables::AauBlockHeader;
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::{Ahead, Source};
use mpegg_runtime::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// A descriptor or an attribute of an attribute group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// attribute_ID.
    Attribute(u16),
    /// descriptor_ID.
    Descriptor(u8),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Attribute(id) => write!(f, "attribute {id}"),
            Field::Descriptor(id) => write!(f, "descriptor {id}"),
        }
    }
}

impl FromStr for Field {
    type Err = String;

    /// `attribute:ID` or `descriptor:ID`.
    fn from_str(text: &str) -> std::result::Result<Field, String> {
        let field = match text.split_once(':') {
            Some(("attribute", id)) => id.parse().ok().map(Field::Attribute),
            Some(("descriptor", id)) => id.parse().ok().map(Field::Descriptor),
            _ => None,
        };
        field.ok_or_else(|| format!("`{text}` is no field: attribute:ID or descriptor:ID is"))
    }
}

/// Which tile of its structure: its number, or its row and column of tiles (two-dimensional tiles of one size in tile contiguity). 0-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TileIndex {
    /// The number, or the row.
    pub first: u64,
    /// The column.
    pub second: Option<u64>,
}

impl fmt::Display for TileIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.second {
            Some(second) => write!(f, "{}, {second}", self.first),
            None => write!(f, "{}", self.first),
        }
    }
}

/// A block (6.4.9): the coded data of one field in one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnotationBlock {
    /// How many blocks of the unit stand before it.
    pub number: u64,
    /// The descriptor or attribute.
    pub field: Field,
    /// The tile.
    pub tile: TileIndex,
    /// Whether the data is in a string index.
    pub indexed: bool,
    /// Whether the payload is encrypted.
    pub encrypted: bool,
    /// Where its head begins, in bytes from the start of the file.
    pub offset: u64,
    /// The payload: the first byte in the file, and the number of bytes.
    pub payload: (u64, u64),
}

impl AnnotationBlock {
    /// The first byte behind the block.
    pub fn end(&self) -> u64 {
        self.payload.0.saturating_add(self.payload.1)
    }
}

/// Where blocks stand and how many.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub at: u64,
    pub end: u64,
    /// The number of the next block.
    pub number: u64,
    pub count: u64,
}

/// The blocks of a unit, one behind the other.
pub struct AnnotationBlocks<'s> {
    unit: AnnotationAccessUnit<'s>,
    source: &'s dyn Source,
    field: Option<Field>,
    tile: Option<TileIndex>,
    left: Extent,
    finished: bool,
    /// What has been read ahead, and the bytes of the last block.
    near: Option<Ahead<&'s dyn Source>>,
    last: u64,
}

/// What Table 55 calls the head of a block.
const HEAD: &str = "aau_block_header";
/// Bytes of the longest head of a block (Table 56).
const LONGEST_HEAD: u64 = 7;
/// Blocks of fewer bytes are small: heads of small blocks one behind the other are read together, so many bytes at once.
const SMALL: u64 = 2048;
const AHEAD: u64 = 32 << 10;

impl<'s> AnnotationBlocks<'s> {
    pub(super) fn new(unit: AnnotationAccessUnit<'s>, source: &'s dyn Source, field: Option<Field>, tile: Option<TileIndex>, left: Extent) -> Self {
        AnnotationBlocks { unit, source, field, tile, left, finished: false, near: None, last: u64::MAX }
    }

    fn read(&mut self) -> Result<AnnotationBlock> {
        let Extent { at, end, number, .. } = self.left;
        let (header, payload) = self.head(at, end)?;
        let named = header.attribute_id.map(Field::Attribute).or(header.descriptor_id.map(Field::Descriptor));
        let block = AnnotationBlock {
            number,
            field: self.field.or(named).unwrap_or(Field::Descriptor(0)),
            tile: self.tile.unwrap_or(TileIndex { first: number, second: None }),
            indexed: header.indexed,
            encrypted: header.encrypted,
            offset: at,
            payload: (payload, u64::from(header.block_payload_size)),
        };
        let left = end.saturating_sub(payload);
        if block.payload.1 > left {
            let message = format!("the payload ends {} bytes behind the access unit", block.payload.1 - left);
            let (error, table) = (Error::malformed(at.saturating_mul(8), message), &AauBlockHeader::TABLE);
            return Err(error.in_field("block_payload_size", &[]).in_field(HEAD, &[]).in_table(table.name, table.clause, table.number));
        }
        self.left.at = block.end();
        self.last = block.end().saturating_sub(at);
        self.left.number = number.saturating_add(1);
        Ok(block)
    }

    /// The head of the block at a byte, and the byte behind it.
    fn head(&mut self, at: u64, end: u64) -> Result<(AauBlockHeader, u64)> {
        let mut bytes = [0; LONGEST_HEAD as usize];
        let there = end.saturating_sub(at).min(LONGEST_HEAD);
        let bytes = bytes.get_mut(..usize::try_from(there).unwrap_or(0)).unwrap_or_default();
        if self.last < SMALL && self.near.as_ref().is_none_or(|near| near.end() < at.saturating_add(there)) {
            self.near = Some(Ahead::new(self.source, at, AHEAD.min(end.saturating_sub(at)))?);
        }
        match self.near.as_ref().filter(|_| self.last < SMALL) {
            Some(near) => near.read_at(at, bytes)?,
            None => self.source.read_at(at, bytes)?,
        }
        let mut reader = BitReader::at(bytes, at.saturating_mul(8));
        let header = AauBlockHeader::read(&mut reader, i128::from(self.field.is_some())).map_err(|error| error.in_field(HEAD, &[]))?;
        Ok((header, reader.position() / 8))
    }
}

impl Iterator for AnnotationBlocks<'_> {
    type Item = Result<AnnotationBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        if self.left.number >= self.left.count {
            self.finished = true;
            let over = self.left.end.saturating_sub(self.left.at);
            let error = || Error::malformed(self.left.at.saturating_mul(8), format!("{over} bytes are left behind the last block"));
            return (over > 0).then(|| Err(self.unit.inside(error())));
        }
        let number = self.left.number;
        let read = self.read();
        self.finished = read.is_err();
        Some(read.map_err(|error| self.unit.inside(error.in_field("AAU_block", &[number]))))
    }
}
