//! Access units out of data units.

use super::input::{Input, Scanned, ScannedUnit, UNIT_HEAD};
use super::sets::Sets;
use super::{named, value};
use crate::encapsulate::payload::{Payload, SourceId, Sources};
use crate::encapsulate::{Blocks, Dataset, Spool, Unit};
use crate::tables::{AccessUnitHeader, AuType, DataClass};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::{ReadAhead, Source};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::HashMap;

/// Bytes of a header that are read at first.
const FIRST: u64 = 64;

/// Boxes of access units, by class, sequence and number.
pub(super) type UnitBoxes = HashMap<(u64, Option<u16>, u32), Vec<u8>>;

/// Adds the access units of an input that belong to a dataset; gives how many.
pub(super) struct Filler<'a, 's> {
    pub sets: &'a Sets,
    pub boxes: &'a UnitBoxes,
    pub sources: &'a Sources<'s>,
    pub spool: (&'a Spool, SourceId),
    /// The boxes that found their units.
    pub placed: usize,
}

impl Filler<'_, '_> {
    pub fn fill(&mut self, dataset: &mut Dataset, input: &Input<'_>, source: SourceId, scanned: &Scanned) -> Result<u64> {
        let bytes = ReadAhead::new(input.source);
        let mut count = 0u64;
        for unit in &scanned.units {
            let here = |error: Error| named(&input.name, unit.here(error));
            let set = set_of(&bytes, unit).map_err(here)?;
            if !scanned.sets.iter().any(|known| known.id == set) {
                let bit = unit.offset.saturating_add(UNIT_HEAD + 5).saturating_mul(8);
                let error = Error::cross_reference(bit, format!("no parameter set {set} stands in the input"));
                return Err(here(error.in_field("parameter_set_ID", &[]).in_field("access_unit_header", &[])));
            }
            if self.sets.has(set) {
                self.unit(dataset, &bytes, source, unit).map_err(here)?;
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    fn unit(&mut self, dataset: &mut Dataset, bytes: &dyn Source, source: SourceId, unit: &ScannedUnit) -> Result<()> {
        let start = unit.offset.saturating_add(UNIT_HEAD);
        let end = unit.offset.saturating_add(u64::from(unit.size));
        let (mut header, blocks_at) = read_header(dataset, bytes, start, end)?;
        if dataset.storage().has_index() {
            header.nesting_zero_bit = 0;
        }
        let whole = Payload { source, offset: blocks_at, length: end.saturating_sub(blocks_at) };
        let blocks = self.sources.blocks(&whole, header.num_blocks)?;
        let blocks = if dataset.storage().mode.is_auc() { Blocks::Whole(whole) } else { Blocks::Each(&blocks) };
        let key = (header.au_type.code(), header.sequence_id.filter(|_| header.au_type != AuType::UTypeAu), header.access_unit_id);
        let mut boxes = vec![];
        if let Some(bytes) = self.boxes.get(&key) {
            self.placed += 1;
            boxes.push(Payload { source: self.spool.1, offset: self.spool.0.push(bytes)?, length: bytes.len() as u64 });
        }
        dataset.push(Unit { header, boxes: &boxes, blocks }, self.sources)
    }
}

/// The parameter set that an access unit names.
pub(super) fn set_of(source: &dyn Source, unit: &ScannedUnit) -> Result<u8> {
    let mut bytes = [0; 6];
    if u64::from(unit.size) < UNIT_HEAD + 6 {
        let end = unit.offset.saturating_add(u64::from(unit.size));
        return Err(Error::truncated(end.saturating_mul(8), 8).with_message("an access unit without parameter_set_ID"));
    }
    source.read_at(unit.offset.saturating_add(UNIT_HEAD), &mut bytes)?;
    Ok(bytes.last().copied().unwrap_or(0))
}

/// The header that begins at a byte, and the byte behind it.
fn read_header(dataset: &Dataset, source: &dyn Source, start: u64, end: u64) -> Result<(AccessUnitHeader, u64)> {
    let mut size = FIRST;
    loop {
        let length = size.min(end.saturating_sub(start));
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        source.read_at(start, &mut bytes)?;
        let mut r = BitReader::at(&bytes, start.saturating_mul(8));
        match dataset.read_header(&mut r) {
            Ok(header) => return Ok((header, r.position().div_ceil(8))),
            Err(error) if matches!(error.kind(), ErrorKind::Truncated { .. }) && length < end.saturating_sub(start) => {}
            Err(error) => return Err(error.in_field("access_unit_header", &[])),
        }
        size = size.saturating_mul(4);
    }
}

/// The boxes of access units that a plan lists.
pub(super) fn unit_boxes(plan: &super::plan::DatasetPlan, make: impl Fn(&super::plan::BoxPlan) -> Result<([u8; 4], Vec<u8>)>) -> Result<UnitBoxes> {
    let mut found = UnitBoxes::new();
    for unit in &plan.access_units {
        let class = DataClass::from_code(unit.class.code());
        let key = (class.code(), unit.sequence_id.filter(|_| class != DataClass::ClassU), unit.access_unit_id);
        let bytes = found.entry(key).or_default();
        // In the order of the table.
        for wanted in [b"auin", b"aumt", b"aupr"] {
            for one in unit.boxes.iter().filter(|one| one.key.as_bytes() == wanted) {
                bytes.extend(make(one)?.1);
            }
        }
        if let Some(other) = unit.boxes.iter().find(|one| !["auin", "aumt", "aupr"].contains(&one.key.as_str())) {
            return Err(value::wrong(format!("an access unit has no box `{}`", other.key)));
        }
    }
    Ok(found)
}
