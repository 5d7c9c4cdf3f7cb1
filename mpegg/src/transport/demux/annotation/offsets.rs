//! Where annotation access units and their blocks stand (6.5.2.3, Table 58).

use super::group::Group;
use crate::file::Field;
use crate::tables::{
    AnnotationAccessUnitHeader, AnnotationTableHeader, AnnotationTableHeaderGroup, AttributeDataByteOffset, AttributeDataByteOffsetAau,
    AttributeDataByteOffsetOrder, DatasetHeader,
};
use mpegg_runtime::Result;
use mpegg_runtime::bits::BitString;

/// The box of the byte offsets of a group, which is the one of this number in its table.
pub(super) fn byte_offsets(group: &Group, number: usize, dataset: &DatasetHeader, table: &AnnotationTableHeader) -> Result<BitString> {
    let class = group.header.ag_class;
    let order = fields(group, table);
    // A table that does not list the fields of its groups does not say how many there are; the offsets cannot be read then (R24).
    let mut lists = table.clone();
    if !lists.groups.iter().any(|listed| listed.ag_class == class && listed.fields.len() == order.len()) {
        let fields = vec![Default::default(); order.len()];
        lists.groups = vec![AnnotationTableHeaderGroup { ag_class: class, fields, ..Default::default() }];
    }
    let mut at = group.before_units();
    let mut aaus = Vec::with_capacity(group.units.len());
    for unit in &group.units {
        let block = |place: &Option<u64>| place.map_or(0, |place| unit.before_rest().saturating_add(place));
        aaus.push(AttributeDataByteOffsetAau { aau_offset: at, aau_block_offset: unit.blocks.iter().map(block).collect() });
        at = at.saturating_add(unit.length());
    }
    let order = order.into_iter().map(|field| match field {
        Field::Attribute(id) => AttributeDataByteOffsetOrder { is_attribute: true, attr_desc_id: id },
        Field::Descriptor(id) => AttributeDataByteOffsetOrder { is_attribute: false, attr_desc_id: u16::from(id) },
    });
    let made = AttributeDataByteOffset { order: order.collect(), aaus, nesting_zero_bit: 0 };
    let mut units: Vec<Vec<AnnotationAccessUnitHeader>> = vec![vec![]; number];
    units.push(group.units.iter().map(|unit| unit.header.clone()).collect());
    let place = i128::try_from(number).unwrap_or(0);
    let bytes = made.to_box(dataset, &lists, i128::from(class.code()), place, &units)?;
    Ok(BitString::new((bytes.len() as u64).saturating_mul(8), bytes))
}

/// The fields of a group in the order of storage: as the access units came where each is a field, else as the table lists them.
fn fields(group: &Group, table: &AnnotationTableHeader) -> Vec<Field> {
    let listed: Vec<Field> = table
        .groups
        .iter()
        .filter(|listed| listed.ag_class == group.header.ag_class)
        .flat_map(|listed| &listed.fields)
        .map(|field| if field.is_attribute { Field::Attribute(field.field_id) } else { Field::Descriptor(u8::try_from(field.field_id).unwrap_or(u8::MAX)) })
        .collect();
    let of_units = group.units.iter().flat_map(|unit| {
        let own = unit.header.attribute_id.map(Field::Attribute).or(unit.header.descriptor_id.map(Field::Descriptor));
        own.into_iter().chain(unit.fields.iter().copied())
    });
    let mut found: Vec<Field> = vec![];
    for field in of_units {
        if !found.contains(&field) && (listed.is_empty() || listed.contains(&field)) {
            found.push(field);
        }
    }
    if !group.header.attribute_contiguity && !listed.is_empty() {
        return listed;
    }
    let missing: Vec<Field> = listed.into_iter().filter(|field| !found.contains(field)).collect();
    found.extend(missing);
    found
}
