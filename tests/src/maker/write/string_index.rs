//! String indexes in the index of a table (6.5.2.4.5, 7.1.2 to 7.1.4).

use super::super::bits::Bits;
use super::super::model::{AnnotationTable, AttributeGroup, Field, StringIndex, StringPart, StringUnitId, TileSizes};
use super::text_index::text_index;

/// Table 62.
pub fn value_index(table: &AnnotationTable, group: &AttributeGroup, index: &StringIndex) -> Vec<u8> {
    let mut bits = Bits::default();
    let descriptors: Vec<u8> = index.fields.iter().filter_map(|field| if let Field::Descriptor(id) = field { Some(*id) } else { None }).collect();
    let attributes: Vec<u16> = index.fields.iter().filter_map(|field| if let Field::Attribute(id) = field { Some(*id) } else { None }).collect();
    bits.u(descriptors.len() as u64, 8);
    descriptors.iter().for_each(|id| bits.u((*id).into(), 8));
    bits.u(attributes.len() as u64, 8);
    attributes.iter().for_each(|id| bits.u((*id).into(), 16));
    bits.flag(index.compressed.is_some());
    index.compressed.iter().for_each(|algorithm| bits.u((*algorithm).into(), 8));
    bits.u(if index.by_tile { 2 } else { 0 }, 7);
    match index.compressed {
        Some(_) => bits.raw(b"no one knows"),
        None => bits.nested(b"msix", &master(table, group, index)),
    }
    bits.align();
    bits.finish()
}

/// Tables 73 and 74.
fn master(table: &AnnotationTable, group: &AttributeGroup, index: &StringIndex) -> Vec<u8> {
    let mut header = Bits::default();
    header.u(index.id.into(), 16);
    header.u(index.parts.len() as u64, 8);
    for number in 0..index.parts.len() {
        match index.fields[if index.first_again { 0 } else { number % index.fields.len() }] {
            Field::Attribute(id) => {
                header.flag(true);
                header.u(id.into(), 16);
            }
            Field::Descriptor(id) => {
                header.flag(false);
                header.u(id.into(), 7);
            }
        }
    }
    header.align();
    let mut bits = Bits::default();
    bits.nested(b"mshd", &header.finish());
    index.parts.iter().for_each(|one| bits.nested(b"ssix", &part(table, group, index, one)));
    bits.finish()
}

/// Table 75.
fn part(table: &AnnotationTable, group: &AttributeGroup, index: &StringIndex, part: &StringPart) -> Vec<u8> {
    let mut bits = Bits::default();
    let (text, starts) = part.text();
    let second = group.two_dimensional() && matches!(group.tiles_of(index.fields[0]).sizes, TileSizes::Fixed(_));
    bits.u(part.units.len() as u64, if index.by_tile { table.coord_bits() } else { 24 });
    for (number, (unit, start)) in part.units.iter().zip(starts).enumerate() {
        match unit.id {
            StringUnitId::Unit(id) => bits.u(id.into(), 32),
            StringUnitId::Tile(row, column) => {
                bits.u(row, table.coord_bits());
                column.iter().filter(|_| second).for_each(|column| bits.u(*column, table.coord_bits()));
            }
        }
        if number > 0 {
            bits.u(start as u64, 32);
        }
    }
    bits.u(0, 8);
    bits.nested(b"csix", &text_index(&text, part.form));
    bits.finish()
}
