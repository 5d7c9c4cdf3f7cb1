//! Annotation tables, attribute groups, tile configurations, annotation access units (6.4.6 to 6.4.9, 6.5.2.3).

use super::super::bits::Bits;
use super::super::model::{AnnotationBlock, AnnotationTable, AnnotationUnit, AttributeGroup, Dataset, Field, Place, TileSizes, TileStructure, UnitKey};
use super::super::piece::Piece;
use super::{Children, range_index, string_index};

/// Table 40.
const ORDER: [&[u8; 4]; 7] = [b"athd", b"atmd", b"atcd", b"atpr", b"agtc", b"atix", b"agcn"];

/// The Value of an annotation table.
pub fn table(dataset: &Dataset, table: &AnnotationTable) -> Piece {
    let mut boxes = Children::default();
    boxes.add(Piece::boxed(b"athd", header(table)));
    if let Some((parts, place)) = &table.metadata {
        boxes.placed(b"atmd", metadata(parts), *place);
    }
    table.boxes.iter().for_each(|metadata| boxes.opaque(metadata, &[]));
    for group in &table.groups {
        boxes.add(Piece::boxed(b"agtc", tile_configuration(dataset, table, group)));
    }
    if let Some(place) = table.index {
        boxes.placed(b"atix", index(table), place);
    }
    for group in &table.groups {
        boxes.placed(b"agcn", attribute_group(table, group).0, Place::Here);
    }
    boxes.value(&table.extras, &ORDER)
}

/// Table 41, without the identifiers of a stream.
pub fn header(table: &AnnotationTable) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(table.id.into(), 8);
    table.kind.iter().for_each(|part| bits.u((*part).into(), 4));
    bits.text(&table.name);
    bits.u(table.version.into(), 8);
    bits.u(table.coord_size.into(), 2);
    bits.u(table.sort_mode.into(), 2);
    bits.flag(table.wide_positions);
    bits.u(table.parameter_set.into(), 8);
    bits.u(table.groups.len() as u64 - 1, 3);
    bits.flag(table.group_info);
    if table.group_info {
        for group in &table.groups {
            bits.u(group.class.into(), 3);
            bits.text(&group.name);
            bits.u(group.fields.len() as u64, 16);
            group.fields.iter().for_each(|one| field(&mut bits, *one));
        }
    }
    bits.align();
    bits.finish()
}

/// A flag, and 16 or 7 bits.
fn field(bits: &mut Bits, field: Field) {
    match field {
        Field::Attribute(id) => {
            bits.flag(true);
            bits.u(id.into(), 16);
        }
        Field::Descriptor(id) => {
            bits.flag(false);
            bits.u(id.into(), 7);
        }
    }
}

/// Table 44, without the identifiers of a stream.
pub fn metadata(parts: &[Option<Vec<u8>>; 4]) -> Vec<u8> {
    let mut bits = Bits::default();
    for part in parts {
        bits.flag(part.is_some());
        if let Some(part) = part {
            bits.u(part.len() as u64, 16);
            bits.raw(part);
        }
    }
    bits.u(0, 4);
    bits.finish()
}

/// Table 47. Its boxes stand wherever bits are free.
fn tile_configuration(dataset: &Dataset, table: &AnnotationTable, group: &AttributeGroup) -> Vec<u8> {
    let mut bits = tile_structures(table, group);
    bits.nested(b"adbo", &byte_offsets(dataset, table, group));
    bits.align();
    bits.finish()
}

/// What Table 47 has in front of `adbo`, without the identifiers of a stream.
pub fn tile_structures(table: &AnnotationTable, group: &AttributeGroup) -> Bits {
    let mut bits = Bits::default();
    bits.u(group.class.into(), 3);
    bits.flag(!group.additional.is_empty());
    bits.nested(b"adts", &tile_structure(table, group, &group.tiles));
    if !group.additional.is_empty() {
        bits.u(group.additional.len() as u64, 16);
        for (fields, tiles) in &group.additional {
            let attributes: Vec<u16> = fields.iter().filter_map(|field| if let Field::Attribute(id) = field { Some(*id) } else { None }).collect();
            let descriptors: Vec<u8> = fields.iter().filter_map(|field| if let Field::Descriptor(id) = field { Some(*id) } else { None }).collect();
            bits.u(attributes.len() as u64, 16);
            attributes.iter().for_each(|id| bits.u((*id).into(), 16));
            bits.u(descriptors.len() as u64, 7);
            descriptors.iter().for_each(|id| bits.u((*id).into(), 7));
            bits.nested(b"adts", &tile_structure(table, group, tiles));
        }
    }
    bits
}

/// Table 48.
fn tile_structure(table: &AnnotationTable, group: &AttributeGroup, tiles: &TileStructure) -> Vec<u8> {
    let mut bits = Bits::default();
    let size = table.coord_bits();
    bits.u(0, 7);
    match &tiles.sizes {
        TileSizes::Fixed(sizes) => {
            bits.flag(false);
            bits.u((0..sizes.len()).map(|number| tiles.count(&group.dimensions, number)).product(), size);
            sizes.iter().for_each(|one| bits.u(*one, size));
        }
        TileSizes::Variable(tiles) => {
            bits.flag(true);
            bits.u(tiles.len() as u64, size);
            for (start, end) in tiles.iter().flatten() {
                bits.u(*start, size);
                bits.u(*end, size);
            }
        }
    }
    bits.finish()
}

/// Table 58. A unit that does not exist has the offset 0.
fn byte_offsets(dataset: &Dataset, table: &AnnotationTable, group: &AttributeGroup) -> Vec<u8> {
    let mut bits = Bits::default();
    group.fields.iter().for_each(|one| field(&mut bits, *one));
    let offsets = attribute_group(table, group).1;
    let keys: Vec<UnitKey> = if group.missing_units { group.all_keys() } else { group.units.iter().map(|unit| unit.key).collect() };
    for key in keys {
        let Some(number) = group.units.iter().position(|unit| unit.key == key) else {
            bits.u(0, dataset.offset_size());
            continue;
        };
        let (unit, blocks) = &offsets[number];
        bits.u(*unit, dataset.offset_size());
        blocks.iter().for_each(|block| bits.u(*block, dataset.offset_size()));
    }
    bits.align();
    bits.finish()
}

/// The Value of a group (Table 49), and where its units are from its Key, and their blocks from theirs.
fn attribute_group(table: &AnnotationTable, group: &AttributeGroup) -> (Piece, Vec<(u64, Vec<u64>)>) {
    let mut boxes = Children::default();
    boxes.add(Piece::boxed(b"aghd", group_header(table, group)));
    let mut inner = vec![];
    for (number, unit) in group.units.iter().enumerate() {
        let (value, blocks) = annotation_unit(table, group, unit);
        inner.push(blocks);
        boxes.marked(Piece::boxed(b"aauc", value), number);
    }
    let (mut value, mut offsets) = (Piece::default(), vec![(0, vec![]); group.units.len()]);
    for (piece, mark) in boxes.with(&group.extras, &[b"aghd", b"aauc"]) {
        if let Some(number) = mark {
            offsets[number] = (12 + value.len() as u64, std::mem::take(&mut inner[number]));
        }
        value.push(piece);
    }
    (value, offsets)
}

/// Table 50, without the identifiers of a stream.
pub fn group_header(table: &AnnotationTable, group: &AttributeGroup) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(group.class.into(), 3);
    bits.flag(group.attribute_contiguity);
    bits.flag(group.two_dimensional());
    if group.two_dimensional() {
        bits.u(0, 6);
        bits.flag(group.column_major);
        bits.u(group.symmetry_mode.into(), 3);
        bits.flag(group.minor_diagonal);
    } else {
        bits.u(0, 3);
    }
    group.dimensions.iter().for_each(|size| bits.u(*size, table.coord_bits()));
    bits.finish()
}

/// The Value of a unit (Table 52), and where its blocks are from its Key: 0 where there is no payload.
fn annotation_unit(table: &AnnotationTable, group: &AttributeGroup, unit: &AnnotationUnit) -> (Vec<u8>, Vec<u64>) {
    let mut head = Piece::boxed(b"aauh", unit_header(table, group, unit.key, unit.blocks.len()));
    if let Some(protection) = &unit.protection {
        head.push(Piece::boxed(b"aaup", protection.clone()));
    }
    let mut value = head.finish();
    let mut offsets = vec![];
    for block in &unit.blocks {
        offsets.push(if block.payload.is_empty() { 0 } else { 12 + value.len() as u64 });
        value.extend(block_header(group, block));
        value.extend(&block.payload);
    }
    (value, offsets)
}

/// Table 53, with this many blocks.
pub fn unit_header(table: &AnnotationTable, group: &AttributeGroup, key: UnitKey, blocks: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    let size = table.coord_bits();
    match key {
        UnitKey::Field(field) => {
            match field {
                Field::Attribute(id) => {
                    bits.flag(true);
                    bits.u(0, 7);
                    bits.u(id.into(), 16);
                }
                Field::Descriptor(id) => bits.u(id.into(), 8),
            }
            let tiles = group.tiles_of(field);
            if let (TileSizes::Fixed(_), true) = (&tiles.sizes, group.two_dimensional()) {
                // Tiles of a column are as many as there are rows of tiles.
                bits.u(tiles.count(&group.dimensions, if group.column_major { 0 } else { 1 }), size);
            }
            bits.u(blocks as u64, size);
        }
        UnitKey::Tile(first, second) => {
            bits.u(first, size);
            bits.u(0, 7);
            bits.flag(second.is_some());
            second.iter().for_each(|second| bits.u(*second, size));
            bits.u(blocks as u64, 16);
        }
    }
    bits.align();
    bits.finish()
}

/// Table 56.
pub fn block_header(group: &AttributeGroup, block: &AnnotationBlock) -> Vec<u8> {
    let mut bits = Bits::default();
    if !group.attribute_contiguity {
        match block.field {
            Field::Descriptor(id) => bits.u(id.into(), 8),
            Field::Attribute(id) => {
                bits.u(31, 8);
                bits.u(id.into(), 16);
            }
        }
    }
    bits.u(0, 1);
    bits.flag(block.indexed);
    bits.flag(block.encrypted);
    bits.u(block.payload.len() as u64, 29);
    bits.finish()
}

/// Table 59.
fn index(table: &AnnotationTable) -> Piece {
    let (mut bits, mut away) = (Bits::default(), vec![]);
    for group in &table.groups {
        bits.u(group.class.into(), 3);
        for tiles in group.all_structures().filter(|_| table.sort_mode > 0) {
            if let Some(ranges) = &tiles.ranges {
                bits.nested(b"grix", &range_index::range_index(table, tiles, ranges));
            }
        }
        bits.u(group.strings.len() as u64, 8);
        for strings in &group.strings {
            let value = string_index::value_index(table, group, strings);
            if strings.place == Place::Here {
                bits.nested(b"avix", &value);
            } else {
                bits.raw(b"offsavix");
                away.push((bits.len(), Piece::boxed(b"avix", value)));
                bits.u(0, 64);
            }
        }
    }
    bits.align();
    away.into_iter().fold(Piece::from(bits.finish()), |piece, (bit, target)| piece.with_offset(bit, target))
}
