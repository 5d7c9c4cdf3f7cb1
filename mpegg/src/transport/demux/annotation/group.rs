//! An attribute group in a file: its header, its tile configuration, its access units.

use super::super::build::Build;
use super::super::collect::Stored;
use super::offsets::byte_offsets;
use super::sizes;
use crate::encapsulate::{Node, Payload};
use crate::file::{BoxRef, Field};
use crate::tables::{
    AauBlockHeader, AnnotationAccessUnitHeader, AnnotationTableHeader, AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader, descriptions,
};
use crate::walk::{first_child, read_head};
use mpegg_runtime::bits::{BOX_HEAD, BitReader};
use mpegg_runtime::typed::Deferred;
use mpegg_runtime::{Error, Result};

/// A group that can be written.
pub(super) struct Group {
    pub header: AttributeGroupHeader,
    pub tiles: AttributeGroupTileConfiguration,
    pub units: Vec<Unit>,
    /// The box of the header.
    header_box: Vec<u8>,
}

/// An annotation access unit that can be written.
pub(super) struct Unit {
    pub header: AnnotationAccessUnitHeader,
    /// The box of the header in the file.
    header_box: Vec<u8>,
    /// What follows the header: protection and blocks.
    rest: Payload,
    /// For each block where its header begins, counted from the first byte of the rest; nothing for one without payload.
    pub blocks: Vec<Option<u64>>,
    /// The fields that the blocks name.
    pub fields: Vec<Field>,
}

impl Unit {
    /// Bytes of the box.
    pub fn length(&self) -> u64 {
        self.before_rest().saturating_add(self.rest.length)
    }

    /// Bytes in front of what follows the header.
    pub fn before_rest(&self) -> u64 {
        BOX_HEAD.saturating_add(self.header_box.len() as u64)
    }
}

/// Bytes of the longest head of a block (Table 56).
const LONGEST_BLOCK_HEAD: u64 = 7;

impl<'c> Build<'c> {
    /// Reads what came of a group.
    pub(super) fn attribute_group(
        &mut self,
        table: &AnnotationTableHeader,
        header: &AttributeGroupHeader,
        configurations: &[AttributeGroupTileConfiguration],
        units: &[Stored],
        name: &str,
    ) -> Result<Group> {
        let mut header = AttributeGroupHeader { dataset_group_id: None, dataset_id: None, at_id: None, ..header.clone() };
        let missing = || Error::truncated(self.end, 0).with_message(format!("no tile configuration (agtc) of {name} came"));
        let tiles = configurations.iter().find(|tiles| tiles.ag_class == header.ag_class).ok_or_else(missing)?;
        let mut tiles = AttributeGroupTileConfiguration { dataset_group_id: None, dataset_id: None, at_id: None, ..tiles.clone() };
        let mut read = Vec::with_capacity(units.len());
        for unit in units {
            let made = self.unit(table, &header, configurations, *unit).map_err(|error| unit.located(error));
            read.extend(self.attempt(&format!("{name}: an annotation access unit"), made)?);
        }
        if !header.attribute_contiguity {
            // In the order of the tiles (6.4.7.1).
            let by_column = header.column_major_tile_order == Some(true);
            read.sort_by_key(|unit| {
                let tile = (unit.header.tile_index_1, unit.header.tile_index_2);
                if by_column { (tile.1, tile.0) } else { tile }
            });
        }
        if sizes::complete(table, &mut header, &mut tiles, &read) {
            self.note(format!("{name}: how long the last tiles are is not known without decoding; dimension_size counts them as whole"));
        }
        let header_box = header.to_box(0, table).map_err(|error| error.in_field("aghd", &[]))?;
        Ok(Group { header, tiles, units: read, header_box })
    }

    fn unit(
        &self,
        table: &AnnotationTableHeader,
        group: &AttributeGroupHeader,
        configurations: &[AttributeGroupTileConfiguration],
        stored: Stored,
    ) -> Result<Unit> {
        let node = BoxRef::new(self.spool, self.head(stored, *b"aauc"), self.limits);
        let start = first_child(&descriptions::ANNOTATION_ACCESS_UNIT, stored.offset);
        let end = node.end();
        let head = read_head(self.spool, start, end)?;
        let header_node = BoxRef::new(self.spool, head, self.limits);
        let wrong = |error: Error| error.in_field("aauc", &[]);
        if head.key != AnnotationAccessUnitHeader::KEY {
            return Err(wrong(Error::malformed(start.saturating_mul(8), "an annotation access unit without `aauh`")));
        }
        let read = header_node.decode(|r| AnnotationAccessUnitHeader::read_box(r, 1, table, group, configurations));
        let mut header = read.map_err(wrong)?;
        let mut at = head.end();
        let rest = self.payload(at, end.saturating_sub(at));
        if let Ok(protection) = read_head(self.spool, at, end)
            && Some(protection.key) == descriptions::AAU_PROTECTION.key
        {
            at = protection.end();
        }
        let (mut blocks, mut fields) = (vec![], vec![]);
        while at < end {
            let here = |error: Error| error.in_field("AAU_block", &[blocks.len() as u64]).in_field("aauc", &[]);
            let length = end.saturating_sub(at).min(LONGEST_BLOCK_HEAD);
            let bytes = self.sources.read(&self.payload(at, length))?;
            let mut r = BitReader::at(&bytes, at.saturating_mul(8));
            let block = AauBlockHeader::read(&mut r, i128::from(group.attribute_contiguity)).map_err(here)?;
            let next = (r.position() / 8).saturating_add(u64::from(block.block_payload_size));
            if next > end {
                let error = Error::truncated(end.saturating_mul(8), (next - end).saturating_mul(8)).with_message("the block ends behind its access unit");
                return Err(here(error));
            }
            blocks.push((block.block_payload_size > 0).then_some(at.saturating_sub(head.end())));
            fields.extend(block.attribute_id.map(Field::Attribute).or(block.descriptor_id.map(Field::Descriptor)));
            at = next;
        }
        // 0 says that they were not counted yet (6.7.2).
        if header.n_aau_blocks == 0 {
            header.n_aau_blocks = blocks.len() as u64;
        }
        if header.n_aau_blocks != blocks.len() as u64 {
            let message = format!("there are {} blocks, but `n_AAU_blocks` counts {}", blocks.len(), header.n_aau_blocks);
            return Err(wrong(Error::malformed(head.offset.saturating_mul(8), message).in_field("aauh", &[])));
        }
        (header.reserved_1, header.dataset_group_id, header.dataset_id) = (None, None, None);
        (header.at_id, header.ag_class) = (None, None);
        let header_box = header.to_box(0, table, group, configurations).map_err(|error| wrong(error.in_field("aauh", &[])))?;
        Ok(Unit { header, header_box, rest, blocks, fields })
    }
}

impl Group {
    /// Bytes of the box of the group.
    pub fn length(&self) -> u64 {
        let units = self.units.iter().fold(0u64, |sum, unit| sum.saturating_add(unit.length()));
        self.before_units().saturating_add(units)
    }

    /// Bytes from the Key of the group to the first access unit.
    pub fn before_units(&self) -> u64 {
        BOX_HEAD.saturating_add(self.header_box.len() as u64)
    }

    /// The box of the tile configuration, with the byte offsets of the access units.
    pub fn configuration(&self, number: usize, dataset: &DatasetHeader, table: &AnnotationTableHeader, groups: &[AttributeGroupHeader]) -> Result<Vec<u8>> {
        let offsets = byte_offsets(self, number, dataset, table).map_err(|error| error.in_field("adbo", &[]).in_field("agtc", &[]))?;
        let tiles = AttributeGroupTileConfiguration { attribute_data_byte_offset: Some(Deferred(offsets)), nesting_zero_bit: 0, ..self.tiles.clone() };
        tiles.to_box(0, dataset, table, groups, &[]).map_err(|error| error.in_field("agtc", &[]))
    }

    /// The box of the group.
    pub fn node(self, _: &Build<'_>) -> Result<Node> {
        let mut children = vec![Node::Bytes(self.header_box)];
        for unit in self.units {
            let mut front = [b"aauc".as_slice(), &unit.length().to_be_bytes()].concat();
            front.extend(&unit.header_box);
            children.push(Node::Bytes(front));
            children.push(Node::Copy(unit.rest));
        }
        Ok(Node::container(*b"agcn", vec![], children))
    }
}
