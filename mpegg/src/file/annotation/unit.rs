//! An annotation access unit.

use super::block::{AnnotationBlocks, Extent};
use super::{AttributeGroup, Field, TileIndex, kept};
use crate::file::BoxRef;
use crate::tables::{AauProtection, AnnotationAccessUnitHeader};
use crate::walk::{first_child, read_head};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::cell::OnceCell;

/// An annotation access unit (6.4.8, Table 52). Its header is read when it is asked for, its payloads never.
#[derive(Clone)]
pub struct AnnotationAccessUnit<'s> {
    group: AttributeGroup<'s>,
    node: BoxRef<'s>,
    number: u64,
    parts: OnceCell<Parts<'s>>,
    header: OnceCell<AnnotationAccessUnitHeader>,
}

/// The boxes in front of the blocks, and where these begin.
#[derive(Clone, Copy)]
struct Parts<'s> {
    header: BoxRef<'s>,
    protection: Option<BoxRef<'s>>,
    blocks: u64,
}

impl<'s> AnnotationAccessUnit<'s> {
    pub(super) fn new(group: AttributeGroup<'s>, node: BoxRef<'s>, number: u64) -> Self {
        AnnotationAccessUnit { group, node, number, parts: OnceCell::new(), header: OnceCell::new() }
    }

    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.node
    }

    /// The group in which it stands.
    pub fn group(&self) -> &AttributeGroup<'s> {
        &self.group
    }

    /// How many units of the group stand before it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where it stands in its dataset: `atcn[0].agcn[1].aauc[5]`.
    pub fn path(&self) -> String {
        format!("{}.aauc[{}]", self.group.path(), self.number)
    }

    /// The same error with the place of the unit in front of its path.
    pub(crate) fn inside(&self, error: Error) -> Error {
        self.group.inside(error.in_field("aauc", &[self.number]))
    }

    /// The box of the header.
    ///
    /// # Errors
    ///
    /// I/O; a unit without header.
    pub fn header_node(&self) -> Result<BoxRef<'s>> {
        Ok(self.parts()?.header)
    }

    /// The header (Table 53).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a unit without header.
    pub fn header(&self) -> Result<&AnnotationAccessUnitHeader> {
        kept(&self.header, || {
            let (table, group) = (self.group.table().header()?, self.group.header()?);
            // Where a unit is a tile, nothing in its header depends on tile structures.
            let configurations = if group.attribute_contiguity { self.group.table().configurations()? } else { &[] };
            let read = self.header_node()?.decode(|r| AnnotationAccessUnitHeader::read_box(r, 0, table, group, configurations));
            read.map_err(|error| self.inside(error))
        })
    }

    /// The Value of the header with another number of blocks, everything else as it is.
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header); a number that does not fit its field.
    pub fn header_with_blocks(&self, n_aau_blocks: u64) -> Result<Vec<u8>> {
        let (table, group) = (self.group.table().header()?, self.group.header()?);
        let configurations = if group.attribute_contiguity { self.group.table().configurations()? } else { &[] };
        let header = AnnotationAccessUnitHeader { n_aau_blocks, ..self.header()?.clone() };
        let mut writer = mpegg_runtime::bits::BitWriter::new();
        header.write(&mut writer, 0, table, group, configurations).map_err(|error| self.inside(error.in_field("aauh", &[])))?;
        Ok(writer.into_bytes())
    }

    /// The protection (Table 54), where there is one.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn protection(&self) -> Result<Option<AauProtection>> {
        self.parts()?.protection.map(|node| node.decode(AauProtection::read_box).map_err(|error| self.inside(error))).transpose()
    }

    /// The field of a unit that is a field (attribute_contiguity 1).
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header).
    pub fn field(&self) -> Result<Option<Field>> {
        let header = self.header()?;
        Ok(header.attribute_id.map(Field::Attribute).or(header.descriptor_id.map(Field::Descriptor)))
    }

    /// The tile of a unit that is a tile (attribute_contiguity 0).
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header).
    pub fn tile(&self) -> Result<Option<TileIndex>> {
        let header = self.header()?;
        Ok(header.tile_index_1.map(|first| TileIndex { first, second: header.tile_index_2 }))
    }

    /// Where the blocks stand: the first byte and the number of bytes.
    ///
    /// # Errors
    ///
    /// As [`header_node`](Self::header_node).
    pub fn block_bytes(&self) -> Result<(u64, u64)> {
        let start = self.parts()?.blocks;
        Ok((start, self.node.end().saturating_sub(start)))
    }

    /// The blocks, found one behind the other as the iterator goes on: the head of each is read, its payload is not.
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header). Each item can be an error: a block that ends behind the unit, and bytes behind the last block.
    pub fn blocks(&self) -> Result<AnnotationBlocks<'s>> {
        let (start, _) = self.block_bytes()?;
        self.blocks_from(0, start)
    }

    /// The blocks from a number on, the first of which stands at this byte.
    pub(crate) fn blocks_from(&self, number: u64, at: u64) -> Result<AnnotationBlocks<'s>> {
        let extent = Extent { at, end: self.node.end(), number, count: self.header()?.n_aau_blocks };
        Ok(AnnotationBlocks::new(self.clone(), self.node.source, self.field()?, self.tile()?, extent))
    }

    fn parts(&self) -> Result<&Parts<'s>> {
        kept(&self.parts, || {
            let start = self.node.table().map_or(self.node.offset(), |table| first_child(table, self.node.offset()));
            let (mut header, mut protection, mut blocks) = (None, None, start);
            // Blocks follow, whose first bytes may be no head of a box.
            loop {
                let head = match read_head(self.node.source, blocks, self.node.end()) {
                    Err(error) if error.kind() == ErrorKind::Io => return Err(self.inside(error)),
                    Err(_) => break,
                    Ok(head) => head,
                };
                match &head.key {
                    b"aauh" if header.is_none() => header = Some(BoxRef { head, ..self.node }),
                    b"aaup" if protection.is_none() => protection = Some(BoxRef { head, ..self.node }),
                    _ => break,
                }
                blocks = head.end();
            }
            let missing = || self.inside(Error::malformed(start.saturating_mul(8), "an annotation access unit without `aauh`"));
            header.map(|header| Parts { header, protection, blocks }).ok_or_else(missing)
        })
    }
}
