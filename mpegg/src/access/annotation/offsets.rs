//! The byte offsets of an attribute group (6.5.2.3) as a way to blocks.

use crate::file::{AnnotationAccessUnit, AttributeGroup};
use crate::tables::AttributeDataByteOffset;
use mpegg_runtime::{Error, Result};
use std::collections::HashMap;

/// The byte offsets of the units of a group.
pub(super) struct Offsets {
    box_: AttributeDataByteOffset,
    /// The entry of each offset in use.
    by_offset: HashMap<u64, usize>,
}

impl Offsets {
    /// Of a group whose units are fields; nothing where the table does not list its fields.
    ///
    /// # Errors
    ///
    /// Units that cannot be read; byte offsets that do not fit them.
    pub fn of(group: &AttributeGroup<'_>) -> Result<Option<Offsets>> {
        let headers = group.units()?.map(|unit| unit?.header().cloned()).collect::<Result<_>>()?;
        let Some(box_) = group.byte_offsets(headers)? else { return Ok(None) };
        let by_offset = box_.aaus.iter().enumerate().filter(|(_, unit)| unit.aau_offset != 0).map(|(entry, unit)| (unit.aau_offset, entry)).collect();
        Ok(Some(Offsets { box_, by_offset }))
    }

    /// The byte offsets of the blocks of a unit, from the Key of its box; 0: a block without payload.
    ///
    /// # Errors
    ///
    /// No entry is that of this unit; offsets that do not ascend or lie outside of its blocks.
    pub fn blocks(&self, unit: &AnnotationAccessUnit<'_>) -> Result<BlockOffsets<'_>> {
        let group = unit.group();
        let offset = unit.node().offset().saturating_sub(group.node().offset());
        let entry = self.by_offset.get(&offset).and_then(|entry| Some((*entry, self.box_.aaus.get(*entry)?)));
        let Some((entry, found)) = entry else {
            return Err(unsound(group, "AAU_offset", &[], format!("no entry is {offset}, the offset of {}", unit.path()))?);
        };
        let (start, length) = unit.block_bytes()?;
        let base = unit.node().offset();
        let (mut last, end) = (start.saturating_sub(base), start.saturating_add(length).saturating_sub(base));
        for (number, offset) in found.aau_block_offset.iter().enumerate().filter(|(_, offset)| **offset != 0) {
            if *offset < last || *offset >= end {
                let message = format!("offset {offset} is not one of the next block, from {last} to under {end}");
                return Err(unsound(group, "AAU_block_offset", &[entry as u64, number as u64], message)?);
            }
            last = offset.saturating_add(1);
        }
        Ok(BlockOffsets { entry, offsets: &found.aau_block_offset })
    }
}

/// The byte offsets of the blocks of a unit.
pub(super) struct BlockOffsets<'a> {
    /// Which entry of the box.
    pub entry: usize,
    /// From the Key of the unit; 0: a block without payload.
    pub offsets: &'a [u64],
}

/// The error of byte offsets that do not fit the boxes.
///
/// # Errors
///
/// The place of the offsets cannot be found out.
pub(super) fn unsound(group: &AttributeGroup<'_>, field: &'static str, index: &[u64], message: String) -> Result<Error> {
    let (number, _) = group.configuration()?;
    let table = &AttributeDataByteOffset::TABLE;
    let error = Error::malformed(group.byte_offsets_bit()?, message).in_field(field, index).in_table(table.name, table.clause, table.number);
    Ok(group.table().inside(error.in_field("adbo", &[]).in_field("agtc", &[number])))
}
