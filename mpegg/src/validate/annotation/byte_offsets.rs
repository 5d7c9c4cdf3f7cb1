//! Where the byte offsets of an attribute group say that its access units and blocks are, and where they are (6.5.2.3).

use crate::tables::{AnnotationAccessUnitHeader, AttributeDataByteOffset, AttributeGroupTileConfiguration, DatasetHeader};
use crate::validate::finding::Findings;
use crate::validate::model::{Part, Parts};
use crate::validate::rule::rules;
use std::collections::HashSet;

rules! {
    /// The order of storage lists each field of the group once.
    FIELD: Error "adbo.attr_desc_ID" "6.5.2.3.3"
    /// An offset is 0, or the place of the Key of an access unit, counted from the Key of its group; the units follow in their order.
    UNIT: Error "adbo.AAU_offset" "6.5.2.3.3"
    /// Each access unit of the group has an offset.
    COUNT: Error "adbo.AAU_count" "6.5.2.3.3"
    /// An offset is the place of the header of a block, counted from the Key of its access unit, or 0 for an empty block.
    BLOCK: Error "adbo.AAU_block_offset" "6.5.2.3.3"
}

/// Those of each tile configuration, where the header of the table tells the fields, and where they can be read.
pub(super) fn read(dataset: &DatasetHeader, parts: &Parts) -> Vec<Option<AttributeDataByteOffset>> {
    if !parts.header.value.ag_info_exists {
        return vec![];
    }
    let headers: Vec<Vec<AnnotationAccessUnitHeader>> = parts.groups.iter().map(|group| group.units.iter().map(|unit| unit.header.clone()).collect()).collect();
    let of = |configuration: &AttributeGroupTileConfiguration| {
        let class = configuration.ag_class.code();
        let number = parts.group_of(class).filter(|number| parts.groups.get(*number).is_some_and(|group| group.complete))?;
        let kept = configuration.attribute_data_byte_offset.as_ref()?;
        AttributeDataByteOffset::read_box(&mut kept.reader(), dataset, &parts.header.value, i128::from(class), number as i128, &headers).ok()
    };
    parts.configurations.iter().map(of).collect()
}

/// Checks them.
pub(super) fn check(parts: &Parts, offsets: &[Option<AttributeDataByteOffset>], findings: &mut Findings) {
    if findings.is_unreadable() {
        return;
    }
    for ((configuration, at), offsets) in parts.configurations.iter().zip(&parts.configurations_at).zip(offsets) {
        let (class, Some(offsets)) = (configuration.ag_class.code(), offsets) else { continue };
        let Some(group) = parts.group_of(class).and_then(|number| parts.groups.get(number)) else { continue };
        order(offsets, parts, class, *at, findings);
        places(offsets, group, *at, findings);
    }
}

fn order(offsets: &AttributeDataByteOffset, parts: &Parts, class: u64, at: u64, findings: &mut Findings) {
    let fields = parts.fields(class).unwrap_or_default();
    let mut seen = HashSet::new();
    for (i, entry) in (0u64..).zip(&offsets.order) {
        let field = (entry.is_attribute, entry.attr_desc_id);
        let message = match (fields.contains(&field), seen.insert(field)) {
            (false, _) => format!("the group {class} has no such field {}", field.1),
            (true, false) => format!("the field {} stands before", field.1),
            (true, true) => continue,
        };
        findings.below(&FIELD, at, format!("adbo.attr_desc_ID[{i}]"), message);
    }
}

fn places(offsets: &AttributeDataByteOffset, group: &Part, at: u64, findings: &mut Findings) {
    let mut units = group.units.iter();
    for (i, entry) in offsets.aaus.iter().enumerate().filter(|(_, entry)| entry.aau_offset != 0) {
        let Some(unit) = units.next() else {
            findings.below(&UNIT, at, format!("adbo.AAU_offset[{i}]"), "the group has fewer access units");
            return;
        };
        let own = unit.offset.saturating_sub(group.offset);
        if entry.aau_offset != own {
            findings.below(&UNIT, at, format!("adbo.AAU_offset[{i}]"), format!("the offset is {}, the access unit is at {own}", entry.aau_offset));
        }
        for (j, (told, (own, block))) in entry.aau_block_offset.iter().zip(&unit.blocks).enumerate() {
            if told != own && !(*told == 0 && block.block_payload_size == 0) {
                findings.below(&BLOCK, at, format!("adbo.AAU_block_offset[{i}][{j}]"), format!("the offset is {told}, the block is at {own}"));
            }
        }
    }
    let left = units.count();
    if left > 0 {
        findings.below(&COUNT, at, "adbo", format!("{left} access units of the group have no offset"));
    }
}
