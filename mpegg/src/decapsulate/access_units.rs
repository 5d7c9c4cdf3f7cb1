//! The data units of a selection of sequencing data: parameter sets, then access units (6.4.4.1).

use super::DataUnit;
use super::parameters::NeededSets;
use crate::access::{Access, Block, Found};
use crate::file::AccessUnit;
use crate::tables::{BlockHeader, DataUnitType};
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::{Error, Result};
use std::collections::VecDeque;

/// An access unit with what belongs to it, as it is stored.
pub(crate) struct Stored<'s> {
    /// Where it was found.
    pub found: Found,
    /// The access unit.
    pub unit: AccessUnit<'s>,
    /// Its blocks, where they are in descriptor streams.
    pub blocks: Option<Vec<Block>>,
}

impl<'s> Access<'s> {
    /// The data units: the parameter sets that the access units need, in file order, then the access units; nothing at all where no
    /// access unit is selected (R20).
    ///
    /// # Errors
    ///
    /// I/O; what is wrong with the headers of access units, or with the table; each item can be one of the same.
    pub fn units(&self) -> Result<impl Iterator<Item = Result<DataUnit<'s>>> + '_> {
        let needed = self.needed_sets()?;
        let sets: Vec<Result<DataUnit<'s>>> = needed.units(&self.front).map(|unit| self.dataset.located(unit)).collect();
        let units = self.stored(self.found()).map(|stored| stored.and_then(|stored| self.dataset.located(self.unit(&stored))));
        Ok(sets.into_iter().chain(UntilFailed { items: units, failed: false }))
    }

    /// Looks up the blocks of access units that are in descriptor streams.
    pub(crate) fn stored<'a>(
        &'a self,
        found: Box<dyn Iterator<Item = Result<(Found, AccessUnit<'s>)>> + 'a>,
    ) -> impl Iterator<Item = Result<Stored<'s>>> + use<'a, 's> {
        UntilFailed { items: AccessUnits { found, access: self, batch: VecDeque::new() }, failed: false }
    }

    /// The parameter sets that the selected access units need: their headers are read until all sets are needed.
    pub(crate) fn needed_sets(&self) -> Result<NeededSets> {
        let mut needed = NeededSets::none(&self.front);
        for found in self.found() {
            let (_, unit) = found?;
            self.dataset.located(self.need(&mut needed, &unit))?;
            if self.selection.all_parameter_sets {
                needed.add_all();
            }
            if needed.is_all() {
                break;
            }
        }
        Ok(needed)
    }

    fn need(&self, needed: &mut NeededSets, unit: &AccessUnit<'_>) -> Result<()> {
        let at = unit.header_at.saturating_add(5).saturating_mul(8);
        needed.add(&self.front, unit.header.parameter_set_id, at).map_err(|error| error.in_field("auhd", &[]).in_field("aucn", &[]))
    }

    /// The data unit of an access unit whose blocks stand in it, or in the descriptor streams.
    fn unit(&self, stored: &Stored<'s>) -> Result<DataUnit<'s>> {
        let Stored { found, unit, .. } = stored;
        if !self.front.parameter_sets.iter().any(|set| set.parameter_set_id == unit.header.parameter_set_id) {
            self.need(&mut NeededSets::none(&self.front), unit)?;
        }
        let mut made = DataUnit::new(DataUnitType::AccessUnit, unit.node.source());
        made.push_bytes(&self.header_bytes(found.row, unit)?);
        stored.blocks(&mut |part| match part {
            StoredPart::Bytes(bytes) => made.push_bytes(bytes),
            StoredPart::Range(offset, length) => made.push_range(offset, length),
        })?;
        made.finish().map_err(|error| error.at(found.offset.saturating_mul(8)).in_field("aucn", &[]))
    }
}

/// A part of an access unit: bytes, or a range of the source.
pub(crate) enum StoredPart<'b> {
    Bytes(&'b [u8]),
    Range(u64, u64),
}

impl Stored<'_> {
    /// Its blocks, each with its header.
    pub fn blocks(&self, give: &mut dyn FnMut(StoredPart<'_>)) -> Result<()> {
        let unit = &self.unit;
        let Some(blocks) = &self.blocks else {
            unit.each_block(&mut |_| ())?;
            give(StoredPart::Range(unit.blocks_at, unit.node.end().saturating_sub(unit.blocks_at)));
            return Ok(());
        };
        for block in blocks {
            give(StoredPart::Bytes(&block_header(block)?));
            give(StoredPart::Range(block.offset, block.length));
        }
        Ok(())
    }
}

/// The header in front of a block of a descriptor stream.
fn block_header(block: &Block) -> Result<Vec<u8>> {
    let size = u32::try_from(block.length).unwrap_or(u32::MAX);
    let header = BlockHeader { descriptor_id: block.descriptor_id, block_payload_size: size, ..BlockHeader::default() };
    let mut w = BitWriter::new();
    header.write(&mut w).map_err(|_| {
        let message = format!("a block of {} bytes does not fit the 29 bits of block_payload_size", block.length);
        Error::limit(block.offset.saturating_mul(8), message).in_field("dscn", &[])
    })?;
    Ok(w.into_bytes())
}

/// Access units, with their blocks.
struct AccessUnits<'a, 's> {
    access: &'a Access<'s>,
    found: Box<dyn Iterator<Item = Result<(Found, AccessUnit<'s>)>> + 'a>,
    /// Those whose blocks were looked up together.
    batch: VecDeque<Stored<'s>>,
}

impl<'s> AccessUnits<'_, 's> {
    fn take(&mut self) -> Result<Option<Stored<'s>>> {
        if self.access.front.header.block_header_flag {
            let found = self.found.next().transpose()?;
            return Ok(found.map(|(found, unit)| Stored { found, unit, blocks: None }));
        }
        if self.batch.is_empty() {
            let units: Vec<(Found, AccessUnit<'s>)> = self.found.by_ref().take(self.access.batch()).collect::<Result<_>>()?;
            let wanted: Vec<(Found, u8)> = units.iter().map(|(found, unit)| (*found, unit.header.num_blocks)).collect();
            let blocks = self.access.dataset.located(self.access.blocks(&wanted))?;
            self.batch = units.into_iter().zip(blocks).map(|((found, unit), blocks)| Stored { found, unit, blocks: Some(blocks) }).collect();
        }
        Ok(self.batch.pop_front())
    }
}

impl<'s> Iterator for AccessUnits<'_, 's> {
    type Item = Result<Stored<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take().transpose()
    }
}

/// The first error is the last item.
struct UntilFailed<I> {
    items: I,
    failed: bool,
}

impl<T, I: Iterator<Item = Result<T>>> Iterator for UntilFailed<I> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let item = self.items.next();
        self.failed = matches!(item, Some(Err(_)));
        item
    }
}
