//! The data units of a selection of sequencing data: parameter sets, then access units (6.4.4.1).

use super::DataUnit;
use super::parameters::NeededSets;
use crate::access::{Access, Block, Found};
use crate::file::AccessUnit;
use crate::tables::{BlockHeader, DataUnitType};
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::{Error, Result};
use std::collections::VecDeque;

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
        Ok(sets.into_iter().chain(AccessUnits { found: self.found(), access: self, batch: VecDeque::new(), failed: false }))
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
    fn unit(&self, found: &Found, unit: &AccessUnit<'s>, blocks: Option<&[Block]>) -> Result<DataUnit<'s>> {
        if !self.front.parameter_sets.iter().any(|set| set.parameter_set_id == unit.header.parameter_set_id) {
            self.need(&mut NeededSets::none(&self.front), unit)?;
        }
        let mut made = DataUnit::new(DataUnitType::AccessUnit, unit.node.source());
        made.push_bytes(&self.header_bytes(found.row, unit)?);
        match blocks {
            None => {
                unit.each_block(&mut |_| ())?;
                made.push_range(unit.blocks_at, unit.node.end().saturating_sub(unit.blocks_at));
            }
            Some(blocks) => {
                for block in blocks {
                    made.push_bytes(&block_header(block)?);
                    made.push_range(block.offset, block.length);
                }
            }
        }
        made.finish().map_err(|error| error.at(found.offset.saturating_mul(8)).in_field("aucn", &[]))
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

/// The access units of a selection.
struct AccessUnits<'a, 's> {
    access: &'a Access<'s>,
    found: Box<dyn Iterator<Item = Result<(Found, AccessUnit<'s>)>> + 'a>,
    /// Those whose blocks were looked up together.
    batch: VecDeque<(Found, AccessUnit<'s>, Vec<Block>)>,
    failed: bool,
}

impl<'s> AccessUnits<'_, 's> {
    fn take(&mut self) -> Result<Option<DataUnit<'s>>> {
        if self.access.front.header.block_header_flag {
            let Some(found) = self.found.next() else { return Ok(None) };
            let (found, unit) = found?;
            return self.access.dataset.located(self.access.unit(&found, &unit, None)).map(Some);
        }
        if self.batch.is_empty() {
            let units: Vec<(Found, AccessUnit<'s>)> = self.found.by_ref().take(self.access.batch()).collect::<Result<_>>()?;
            let wanted: Vec<(Found, u8)> = units.iter().map(|(found, unit)| (*found, unit.header.num_blocks)).collect();
            let blocks = self.access.dataset.located(self.access.blocks(&wanted))?;
            self.batch = units.into_iter().zip(blocks).map(|((found, unit), blocks)| (found, unit, blocks)).collect();
        }
        let Some((found, unit, blocks)) = self.batch.pop_front() else { return Ok(None) };
        self.access.dataset.located(self.access.unit(&found, &unit, Some(&blocks))).map(Some)
    }
}

impl<'s> Iterator for AccessUnits<'_, 's> {
    type Item = Result<DataUnit<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let unit = self.take().transpose();
        self.failed = matches!(unit, Some(Err(_)));
        unit
    }
}
