//! An annotation table with everything in it decoded: tile configurations, groups, access units and the heads of their blocks.

use super::{AnnotationTable, Dataset, Found, Node};
use crate::tables::{
    AauBlockHeader, AnnotationAccessUnitHeader, AnnotationTableHeader, AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader, descriptions,
};
use mpegg_runtime::Result;
use mpegg_runtime::bits::BitReader;

/// A field of an attribute group: whether it is an attribute, and its ID.
pub type FieldId = (bool, u16);

/// An annotation table.
pub struct Parts {
    /// Its header.
    pub header: Found<AnnotationTableHeader>,
    /// The headers of its attribute groups, as other tables refer to them.
    pub headers: Vec<AttributeGroupHeader>,
    /// Its attribute groups, in the same order.
    pub groups: Vec<Part>,
    /// Its tile configurations, as other tables refer to them, and where each stands.
    pub configurations: Vec<AttributeGroupTileConfiguration>,
    pub configurations_at: Vec<u64>,
    /// Whether all groups and all tile configurations could be read.
    pub complete: bool,
}

/// An attribute group.
pub struct Part {
    /// Where it begins, in the source that its units are read from.
    pub offset: u64,
    /// The byte of the input by which findings name it, and its header.
    pub at: u64,
    pub header_at: u64,
    /// Its access units.
    pub units: Vec<Unit>,
    /// Whether all of them could be read.
    pub complete: bool,
}

/// An annotation access unit.
pub struct Unit {
    /// Where it begins, in its source.
    pub offset: u64,
    /// The byte of the input by which findings name it.
    pub at: u64,
    /// Its header.
    pub header: AnnotationAccessUnitHeader,
    /// The byte by which findings name its header, and what stands before the names of its fields.
    pub header_at: u64,
    pub prefix: &'static str,
    /// The heads of its blocks, and where each begins behind Key of the unit.
    pub blocks: Vec<(u64, AauBlockHeader)>,
}

impl Parts {
    /// Reads an annotation table; nothing where its header cannot be read.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn read(dataset: &Dataset, table: &AnnotationTable, is_stream: bool) -> Result<Option<Parts>> {
        let (Some(header), Some(dataset)) = (&table.header, &dataset.header) else { return Ok(None) };
        let known = table.groups.iter().filter(|group| group.header.is_some());
        let headers: Vec<AttributeGroupHeader> = known.clone().filter_map(|group| group.header.as_ref()).map(|header| header.value.clone()).collect();
        let mut parts = Parts { header: header.clone(), headers, groups: vec![], configurations: vec![], configurations_at: vec![], complete: true };
        parts.complete = parts.headers.len() == table.groups.len();
        let mode = i128::from(is_stream);
        for node in &table.configurations {
            if let Some(found) = parts.configuration(node, mode, &dataset.value)? {
                parts.configurations_at.push(found.at);
                parts.configurations.push(found.value);
            } else {
                parts.complete = false;
            }
        }
        for (group, header) in known.zip(&parts.headers) {
            let header_at = group.header.as_ref().map_or(group.at, |header| header.at);
            let mut part = Part { offset: group.offset, at: group.at, header_at, units: vec![], complete: true };
            for node in &group.units {
                match parts.unit(node, mode, header)? {
                    Some(unit) => part.units.push(unit),
                    None => part.complete = false,
                }
            }
            parts.groups.push(part);
        }
        Ok(Some(parts))
    }

    fn configuration(&self, node: &Node, mode: i128, dataset: &DatasetHeader) -> Result<Option<Found<AttributeGroupTileConfiguration>>> {
        node.decode(|r| AttributeGroupTileConfiguration::read_box(r, mode, dataset, &self.header.value, &self.headers, &[]))
    }

    fn unit(&self, node: &Node, mode: i128, group: &AttributeGroupHeader) -> Result<Option<Unit>> {
        let (mut header, mut behind) = (None, node.head.offset.saturating_add(12));
        for child in node.boxes(&descriptions::ANNOTATION_ACCESS_UNIT) {
            behind = child.end();
            if child.key() == AnnotationAccessUnitHeader::KEY && header.is_none() {
                header = child.decode(|r| AnnotationAccessUnitHeader::read_box(r, mode, &self.header.value, group, &self.configurations))?;
            }
        }
        let Some(header) = header else { return Ok(None) };
        let mut blocks = vec![];
        // Blocks that a stream does not count run to the end of the box (6.7.2).
        let uncounted = mode == 1 && header.value.n_aau_blocks == 0;
        while if uncounted { behind < node.end() } else { (blocks.len() as u64) < header.value.n_aau_blocks } {
            let mut bytes = [0; 8];
            let left = node.end().saturating_sub(behind);
            if left == 0 {
                return Ok(None);
            }
            let part = bytes.get_mut(..usize::try_from(left.min(8)).unwrap_or(8)).unwrap_or_default();
            node.source.read_at(behind, part)?;
            let start = behind.saturating_mul(8);
            let mut reader = BitReader::at(part, start);
            let Ok(block) = AauBlockHeader::read(&mut reader, i128::from(group.attribute_contiguity)) else { return Ok(None) };
            let head = reader.position().saturating_sub(start) / 8;
            let offset = behind.saturating_sub(node.head.offset);
            behind = behind.saturating_add(head).saturating_add(u64::from(block.block_payload_size));
            blocks.push((offset, block));
        }
        let (header_at, prefix) = if header.at == node.at { (node.at, "aauh.") } else { (header.at, "") };
        Ok(Some(Unit { offset: node.head.offset, at: node.at, header: header.value, header_at, prefix, blocks }))
    }

    /// The fields of the group of a class, in the order of presentation; nothing where the header does not tell.
    pub fn fields(&self, class: u64) -> Option<Vec<FieldId>> {
        let group = self.header.value.groups.iter().find(|group| group.ag_class.code() == class)?;
        Some(group.fields.iter().map(|field| (field.is_attribute, field.field_id)).collect())
    }

    /// The number of the tile configuration of a class.
    pub fn configuration_of(&self, class: u64) -> Option<usize> {
        self.configurations.iter().position(|configuration| configuration.ag_class.code() == class)
    }

    /// The number of the group of a class.
    pub fn group_of(&self, class: u64) -> Option<usize> {
        self.headers.iter().position(|header| header.ag_class.code() == class)
    }
}
