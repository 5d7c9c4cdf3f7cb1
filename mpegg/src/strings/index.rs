//! The string indexes of a table (7.1): which fields they hold, and which tiles or access units their texts.

use super::find::{self, Found};
use crate::access::annotation::structure_of;
use crate::file::annotation::TileIndex;
use crate::file::{AnnotationTable, AttributeGroup, BoxRef, Dataset, Field};
use crate::tables::AttributeDataTileStructure;
use mpegg_runtime::source::{Reading, Source};
use mpegg_runtime::walk::read_bits;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::borrow::Cow;
use std::fmt;

/// What the records of a string index are grouped by (useTiles), and which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A tile (index_type 2): its number, or its row and column of tiles; 0-based.
    Tile(TileIndex),
    /// An annotation access unit (index_type 0): its number in the group where a unit is a tile, the ID of the field where it is a field (R31).
    AccessUnit(u32),
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Tile(tile) => write!(f, "tile {tile}"),
            Unit::AccessUnit(id) => write!(f, "access unit {id}"),
        }
    }
}

/// A tile or access unit in a sub-index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitStart {
    /// Which.
    pub unit: Unit,
    /// Where its strings begin in the text of the sub-index, in bytes (au_offset or tile_offset; 0 for the first).
    pub start: u32,
}

/// A part of a string index (7.1.4, Table 75): the strings of some tiles or access units. Its text is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubIndex {
    /// How many stand before it in its index.
    pub number: u64,
    /// The field that the header gives for it (7.1.3); with several strings a record it says little (R31).
    pub field: Option<Field>,
    /// Its tiles or access units, in the order of the text. Their starts ascend.
    pub units: Vec<UnitStart>,
    /// coding_mode.
    pub coding_mode: u8,
    /// The first bit of the box `csix`.
    pub(super) bit: u64,
    /// Bytes of the box `csix`.
    pub(super) length: u64,
}

/// Bytes of Key and Length.
const HEAD: u64 = 12;

impl SubIndex {
    /// Where the content of `csix` stands, behind Key and Length: its first bit in the file (it may stand inside a byte), and the number of bytes.
    pub fn content(&self) -> (u64, u64) {
        (self.bit.saturating_add(HEAD * 8), self.length.saturating_sub(HEAD))
    }
}

/// A string index (7.1, Table 73) of some fields of an attribute group. Its header is read, its texts are not. Cheap to copy but for the lists.
#[derive(Clone)]
pub struct StringIndex<'s> {
    table: AnnotationTable<'s>,
    source: &'s dyn Source,
    found: Found,
}

impl<'s> AnnotationTable<'s> {
    /// The string indexes of the table: those of index_type 0 and 2 that are not compressed (R27), in the order of the file; one that an `offs`
    /// addresses in the place of the `offs`. Costs the reading of the index without the texts.
    ///
    /// # Errors
    ///
    /// I/O; an index that cannot be read.
    pub fn string_indexes(&self) -> Result<Vec<StringIndex<'s>>> {
        let Some(node) = self.index_node()? else { return Ok(vec![]) };
        let found = find::value_indexes(self, &node)?.into_iter().filter(Found::is_readable);
        Ok(found.map(|found| StringIndex::new(self.clone(), &node, found)).collect())
    }
}

/// An index of values that this project keeps as bytes: a B-tree (index_type 1, clause 8, whose text is not public), one that is compressed (R27), or
/// one of a reserved type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueIndex {
    /// AG_class of its attribute group.
    pub ag_class: u8,
    /// Its fields.
    pub fields: Vec<Field>,
    /// index_type.
    pub index_type: u8,
    /// Whether its data is compressed.
    pub compressed: bool,
    /// Bytes of its box.
    pub length: u64,
}

impl fmt::Display for OpaqueIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.compressed, self.index_type) {
            (true, _) => f.write_str("opaque compressed index"),
            (false, 1) => f.write_str("opaque B-tree"),
            (false, index_type) => write!(f, "opaque index of the reserved type {index_type}"),
        }
    }
}

impl AnnotationTable<'_> {
    /// The indexes of values that are no string indexes this project reads.
    ///
    /// # Errors
    ///
    /// As [`string_indexes`](Self::string_indexes).
    pub fn opaque_indexes(&self) -> Result<Vec<OpaqueIndex>> {
        let Some(node) = self.index_node()? else { return Ok(vec![]) };
        let opaque = |found: Found| {
            let Found { ag_class, fields, index_type, compressed, length, .. } = found;
            OpaqueIndex { ag_class, fields, index_type, compressed, length }
        };
        Ok(find::value_indexes(self, &node)?.into_iter().filter(|found| !found.is_readable()).map(opaque).collect())
    }
}

impl<'s> Dataset<'s> {
    /// The string indexes of all annotation tables, table by table.
    ///
    /// # Errors
    ///
    /// As [`AnnotationTable::string_indexes`].
    pub fn string_indexes(&self) -> Result<Vec<StringIndex<'s>>> {
        Ok(self.tables()?.iter().map(AnnotationTable::string_indexes).collect::<Result<Vec<_>>>()?.concat())
    }
}

/// What knows where a sub-index stands.
pub(super) trait Located {
    /// The same error as one of a sub-index: at its place where it has none, and with its path in front.
    fn inside(&self, sub_index: &SubIndex, error: Error) -> Error;

    /// All of a sub-index will be read.
    fn expect_whole(&self, sub_index: &SubIndex);
}

impl Located for StringIndex<'_> {
    fn inside(&self, sub_index: &SubIndex, error: Error) -> Error {
        self.at(error.at(sub_index.bit).in_field("ssix", &[sub_index.number]).in_field("msix", &[]))
    }

    fn expect_whole(&self, sub_index: &SubIndex) {
        let (bit, length) = sub_index.content();
        self.source.expect(Reading::Whole, bit / 8, length);
    }
}

impl<'s> StringIndex<'s> {
    fn new(table: AnnotationTable<'s>, node: &BoxRef<'s>, found: Found) -> Self {
        StringIndex { table, source: node.source(), found }
    }

    /// The table in which it stands.
    pub fn table(&self) -> &AnnotationTable<'s> {
        &self.table
    }

    /// AG_class of its attribute group.
    pub fn ag_class(&self) -> u8 {
        self.found.ag_class
    }

    /// string_index_id.
    pub fn id(&self) -> u16 {
        self.found.id
    }

    /// How many value indexes (`avix`) stand before it in the index of the table.
    pub fn number(&self) -> u64 {
        self.found.number
    }

    /// The strings of a record, in their order: descriptors, then attributes, as listed (R31).
    pub fn fields(&self) -> &[Field] {
        &self.found.fields
    }

    /// Whether records are grouped by tile (index_type 2), else by access unit (0).
    pub fn by_tile(&self) -> bool {
        self.found.index_type == find::BY_TILE
    }

    /// Bytes of its box in the file.
    pub fn length(&self) -> u64 {
        self.found.length
    }

    /// Its parts, in the order of the file.
    pub fn sub_indexes(&self) -> &[SubIndex] {
        &self.found.parts
    }

    /// Where it stands in its dataset: `atcn[0].atix.avix[1]`.
    pub fn path(&self) -> String {
        format!("{}.atix.avix[{}]", self.table.path(), self.found.number)
    }

    /// The attribute group, where the table has it.
    pub(super) fn group(&self) -> Result<Option<AttributeGroup<'s>>> {
        for group in self.table.groups()? {
            if group.class()? == self.found.ag_class {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// The tile structure of its fields (7.1.1): that of the first (R31).
    pub(super) fn structure(&self) -> Result<Option<&AttributeDataTileStructure>> {
        let class = u64::from(self.found.ag_class);
        let Some(configuration) = self.table.configurations()?.iter().find(|configuration| configuration.ag_class.code() == class) else { return Ok(None) };
        let number = self.found.fields.first().map_or(0, |field| structure_of(configuration, *field));
        let additional = number.checked_sub(1).and_then(|number| configuration.add_tile_structures.get(number));
        Ok(Some(additional.map_or(&configuration.default_tile_structure, |additional| &additional.additional_tile_structure)))
    }

    /// The same error as one of the index.
    pub(super) fn at(&self, error: Error) -> Error {
        self.table.inside(error.at(self.found.bit).in_field("avix", &[self.found.number]).in_field("atix", &[]))
    }

    /// How many strings a record has: at least one.
    ///
    /// # Errors
    ///
    /// An index of no field.
    pub fn strings_of_record(&self) -> Result<usize> {
        let nothing = || self.at(Error::malformed(self.found.bit, "a string index of no field"));
        if self.found.fields.is_empty() { Err(nothing()) } else { Ok(self.found.fields.len()) }
    }

    /// The content of `csix` of a sub-index: borrowed from the source where it is in memory and the box starts at a whole byte, else copied.
    ///
    /// # Errors
    ///
    /// I/O; unsupported: a coding_mode other than 0; more bytes than the limit of an allocation.
    pub fn content(&self, sub_index: &SubIndex) -> Result<Cow<'s, [u8]>> {
        self.read(sub_index).map_err(|error| self.inside(sub_index, error))
    }

    fn read(&self, sub_index: &SubIndex) -> Result<Cow<'s, [u8]>> {
        if sub_index.coding_mode != 0 {
            return Err(Error::unsupported(sub_index.bit, format!("coding_mode {} (0 is defined)", sub_index.coding_mode)));
        }
        let (bit, length) = sub_index.content();
        if let Some(bytes) = self.source.slice(bit / 8, length).filter(|_| bit.is_multiple_of(8)) {
            return Ok(Cow::Borrowed(bytes));
        }
        let limit = self.table.node().limits().allocation;
        if length > limit {
            return Err(Error::limit(bit, format!("an index of {length} bytes is more than the {limit} that may be read at once")));
        }
        if bit.is_multiple_of(8) {
            let mut bytes = vec![0; usize::try_from(length).map_err(|_| Error::without_position(ErrorKind::Limit, "more bytes than fit the memory"))?];
            self.source.read_at(bit / 8, &mut bytes)?;
            return Ok(Cow::Owned(bytes));
        }
        Ok(Cow::Owned(read_bits(self.source, bit, length.saturating_mul(8))?.bytes().to_vec()))
    }
}
