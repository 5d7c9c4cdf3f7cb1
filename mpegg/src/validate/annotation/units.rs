//! Annotation access units and their blocks: fields, tiles, order (6.4.8, 6.4.9).

use super::values::Indexed;
use crate::tables::{AttributeDataByteOffset, AttributeDataTileStructure, AttributeGroupHeader, AttributeGroupTileConfiguration};
use crate::validate::finding::Findings;
use crate::validate::model::{AnnotationUnit, FieldId, Parts};
use crate::validate::rule::{Rule, rules};
use std::collections::HashSet;

rules! {
    /// The field of an access unit is one of its group.
    ATTRIBUTE: Error "aauh.attribute_ID" "6.4.8.3.3"
    /// The field of an access unit is one of its group.
    DESCRIPTOR: Error "aauh.descriptor_ID" "6.4.8.3.3"
    /// A group has one access unit of a field, where units are fields.
    FIELD_TWICE: Error "aauh.field_unique" "6.4.7.1"
    /// The number of tiles in a row or column is the one that the tile structure makes.
    TILES_PER: Error "aauh.n_tiles_per" "6.4.8.3.3"
    /// Where a unit is a field, it has a block for each tile, or none at all.
    BLOCKS: Error "aauh.n_AAU_blocks" "6.4.8.3.3"
    /// Where a unit is a tile, it has no more blocks than the group has fields.
    BLOCKS_OF_TILE: Error "aauh.n_AAU_blocks_of_tile" "6.4.8.3.3"
    /// The tile of an access unit is one of the tile structure.
    TILE_1: Error "aauh.tile_index_1" "6.4.8.3.3"
    /// The tile of an access unit is one of the tile structure.
    TILE_2: Error "aauh.tile_index_2" "6.4.8.3.3"
    /// An access unit has a second tile index if the data has two dimensions and tiles of one size.
    SECOND: Error "aauh.tile_index_2_exists_for_tiles" "6.4.8.3.3"
    /// A group has one access unit of a tile, where units are tiles.
    TILE_TWICE: Error "aauh.tile_unique" "6.4.7.1"
    /// Access units stand in the order of their fields, which the byte offsets list, or of their tiles: row by row, or column by column with
    /// column_major_tile_order 1.
    ORDER: Error "aauc.order" "6.4.7.1"
    /// The field of a block is one of the group.
    BLOCK_FIELD: Error "aauc.block_field" "6.4.9.2.3"
    /// An access unit has one block of a field.
    BLOCK_TWICE: Error "aauc.block_unique" "6.4.9.1"
    /// A block whose data is in a string index belongs to a field that has one.
    INDEXED: Error "aauc.block_indexed" "6.4.9.2.3"
    /// Data that is in a string index is not in the access units too: where there is a block, it is empty and `indexed` is 1.
    DOUBLE: Error "aauc.block_indexed_twice" "7.1.1"
}

/// Checks the access units of all groups; `indexed` are the fields with a string index, where they are known.
/// `offsets` are the byte offsets of the tile configurations, where they are known.
pub(super) fn check(parts: &Parts, offsets: &[Option<AttributeDataByteOffset>], indexed: Option<&Indexed>, is_stream: bool, findings: &mut Findings) {
    for (group, header) in parts.groups.iter().zip(&parts.headers) {
        let class = header.ag_class.code();
        let Some(number) = parts.configuration_of(class) else { continue };
        let Some(configuration) = parts.configurations.get(number) else { continue };
        let fields = parts.fields(class);
        // The order of storage need not be that of presentation (6.5.2.3.3).
        let listed = offsets.get(number).and_then(Option::as_ref);
        let order = listed.map(|offsets| offsets.order.iter().map(|field| (field.is_attribute, field.attr_desc_id)).collect());
        let order = order.or_else(|| fields.clone());
        let mut of_group = OfGroup { header, configuration, fields, order, class, indexed, seen: HashSet::new(), tiles: HashSet::new(), last: None, findings };
        for unit in &group.units {
            of_group.unit(unit, is_stream);
        }
    }
}

struct OfGroup<'g> {
    header: &'g AttributeGroupHeader,
    configuration: &'g AttributeGroupTileConfiguration,
    fields: Option<Vec<FieldId>>,
    /// The fields in the order of storage.
    order: Option<Vec<FieldId>>,
    class: u64,
    indexed: Option<&'g Indexed>,
    seen: HashSet<FieldId>,
    tiles: HashSet<(u64, u64)>,
    /// The place of the last unit in the order.
    last: Option<(u64, u64)>,
    findings: &'g mut Findings,
}

impl OfGroup<'_> {
    fn of_header(&mut self, rule: &'static Rule, unit: &AnnotationUnit, name: &str, message: String) {
        self.findings.below(rule, unit.header_at, format!("{}{name}", unit.prefix), message);
    }

    fn knows(&self, field: FieldId) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.contains(&field))
    }

    fn unit(&mut self, unit: &AnnotationUnit, in_any_order: bool) {
        let place = match unit.header.is_attribute {
            Some(is_attribute) => self.of_field(unit, is_attribute),
            None => self.of_tile(unit),
        };
        if let (Some(place), Some(last)) = (place, self.last)
            && place < last
            && !in_any_order
        {
            self.findings.of_box(&ORDER, unit.at, "the unit stands behind one that comes after it");
        }
        self.last = place.max(self.last);
        self.blocks(unit);
    }

    /// A unit that is a field; returns its place in the order.
    fn of_field(&mut self, unit: &AnnotationUnit, is_attribute: bool) -> Option<(u64, u64)> {
        let (name, id) = match is_attribute {
            true => ("attribute_ID", unit.header.attribute_id.unwrap_or(0)),
            false => ("descriptor_ID", u16::from(unit.header.descriptor_id.unwrap_or(0))),
        };
        let field = (is_attribute, id);
        if !self.knows(field) {
            let rule = if is_attribute { &ATTRIBUTE } else { &DESCRIPTOR };
            self.of_header(rule, unit, name, format!("the group {} has no such field {id}", self.class));
        }
        if !self.seen.insert(field) {
            self.of_header(&FIELD_TWICE, unit, name, format!("another access unit has the field {id} too"));
        }
        let structure = structure_of(self.configuration, field);
        if let Some([rows, columns]) = uniform(structure, self.header) {
            for (name, told, made) in [("n_tiles_per_row", unit.header.n_tiles_per_row, columns), ("n_tiles_per_col", unit.header.n_tiles_per_col, rows)] {
                if let Some(told) = told.filter(|told| *told != made) {
                    self.of_header(&TILES_PER, unit, name, format!("{name} is {told}, the tile structure makes {made}"));
                }
            }
        }
        let (told, made) = (unit.header.n_aau_blocks, structure.n_tiles);
        if told != 0 && told != made && made != 0 {
            self.of_header(&BLOCKS, unit, "n_AAU_blocks", format!("the unit has {told} blocks, the field has {made} tiles"));
        }
        let at = self.order.as_ref()?.iter().position(|known| *known == field)?;
        Some((at as u64, 0))
    }

    /// A unit that is a tile; returns its place in the order.
    fn of_tile(&mut self, unit: &AnnotationUnit) -> Option<(u64, u64)> {
        let structure = &self.configuration.default_tile_structure;
        let (first, second) = (unit.header.tile_index_1?, unit.header.tile_index_2);
        let has_second = self.header.two_dimensional && !structure.variable_size_tiles;
        if unit.header.tile_index_2_exists == Some(true) && !has_second && self.header.two_dimensional {
            self.of_header(&SECOND, unit, "tile_index_2_exists", "tiles of different sizes have one index".to_owned());
        }
        // One column of tiles needs no second index.
        let columns = uniform(structure, self.header).map_or(2, |[_, columns]| columns);
        if unit.header.tile_index_2_exists == Some(false) && has_second && columns > 1 {
            self.of_header(&SECOND, unit, "tile_index_2_exists", "tiles in rows and columns have two indexes".to_owned());
        }
        // 0 is not known: a stream may leave dimensions open.
        let (most_1, most_2) = match uniform(structure, self.header) {
            Some([rows, columns]) if has_second => (rows, columns),
            None if has_second => (structure.n_tiles, 0),
            _ => (structure.n_tiles, 1),
        };
        if first >= most_1 && most_1 > 0 {
            self.of_header(&TILE_1, unit, "tile_index_1", format!("there is no tile {first}, but {most_1} of them"));
        }
        if let Some(second) = second.filter(|second| *second >= most_2 && most_2 > 0 && has_second) {
            self.of_header(&TILE_2, unit, "tile_index_2", format!("there is no tile {second}, but {most_2} of them"));
        }
        let tile = (first, second.unwrap_or(0));
        if !self.tiles.insert(tile) {
            self.of_header(&TILE_TWICE, unit, "tile_index_1", "another access unit has the same tile".to_owned());
        }
        let most = self.fields.as_ref().map(|fields| fields.len() as u64);
        if let Some(most) = most.filter(|most| unit.header.n_aau_blocks > *most) {
            let message = format!("the unit has {} blocks, the group {most} fields", unit.header.n_aau_blocks);
            self.of_header(&BLOCKS_OF_TILE, unit, "n_AAU_blocks", message);
        }
        Some(if self.header.column_major_tile_order == Some(true) { (tile.1, tile.0) } else { tile })
    }

    fn blocks(&mut self, unit: &AnnotationUnit) {
        let own = unit.header.is_attribute.map(|is_attribute| match is_attribute {
            true => (true, unit.header.attribute_id.unwrap_or(0)),
            false => (false, u16::from(unit.header.descriptor_id.unwrap_or(0))),
        });
        let mut seen = HashSet::new();
        for (number, (_, block)) in unit.blocks.iter().enumerate() {
            let path = |name: &str| format!("AAU_block[{number}].aau_block_header.{name}");
            let (name, field) = match (own, block.attribute_id, block.descriptor_id) {
                (Some(field), ..) => ("indexed", field),
                (None, Some(attribute), _) => ("attribute_ID", (true, attribute)),
                (None, None, descriptor) => ("descriptor_ID", (false, u16::from(descriptor.unwrap_or(0)))),
            };
            if own.is_none() && !self.knows(field) {
                self.findings.below(&BLOCK_FIELD, unit.at, path(name), format!("the group {} has no such field {}", self.class, field.1));
            }
            if own.is_none() && !seen.insert(field) {
                self.findings.below(&BLOCK_TWICE, unit.at, path(name), format!("another block has the field {} too", field.1));
            }
            let Some(has_index) = self.indexed.map(|indexed| indexed.contains(self.class, field)) else { continue };
            let is_empty = block.block_payload_size == 0;
            if block.indexed && !has_index {
                self.findings.below(&INDEXED, unit.at, path("indexed"), format!("the field {} has no string index", field.1));
            } else if has_index && !(block.indexed && is_empty) {
                let message = format!("the data of the field {} is in its string index", field.1);
                let name = if block.indexed { "block_payload_size" } else { "indexed" };
                self.findings.below(&DOUBLE, unit.at, path(name), message);
            }
        }
    }
}

/// The tile structure of a field: the additional one that lists it, else the default one.
pub(super) fn structure_of(configuration: &AttributeGroupTileConfiguration, (is_attribute, id): FieldId) -> &AttributeDataTileStructure {
    let own = configuration.add_tile_structures.iter().find(|additional| match is_attribute {
        true => additional.attribute_id.contains(&id),
        false => additional.descriptor_id.iter().any(|descriptor| u16::from(*descriptor) == id),
    });
    own.map_or(&configuration.default_tile_structure, |additional| &additional.additional_tile_structure)
}

/// Rows and columns of tiles of one size; nothing for other structures, and where a size is open.
pub(super) fn uniform(structure: &AttributeDataTileStructure, group: &AttributeGroupHeader) -> Option<[u64; 2]> {
    if structure.variable_size_tiles {
        return None;
    }
    let along = |j: usize| {
        let (tile, size) = (structure.tile_size.get(j)?, group.dimension_size.get(j)?);
        (*tile > 0 && *size > 0).then(|| size.div_ceil(*tile))
    };
    Some([along(0)?, if group.two_dimensional { along(1)? } else { 1 }])
}
