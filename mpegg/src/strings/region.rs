//! What of a string index has positions in a genomic range.

use super::index::{StringIndex, Unit};
use crate::access::annotation::{AnnotationSelection, GenomicRange, TouchedTiles};
use crate::file::AttributeGroup;
use crate::file::annotation::TileIndex;
use mpegg_runtime::{Error, Result};
use std::ops::Range;

/// What is wanted of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// Some of its records: ascending ranges of their numbers, 0-based, the ends excluded.
    Records(Vec<Range<u64>>),
}

impl Wanted {
    fn of(ranges: Vec<Range<u64>>) -> Wanted {
        if ranges.is_empty() { Wanted::Nothing } else { Wanted::Records(ranges) }
    }

    /// Whether a record of the unit is wanted.
    pub fn has(&self, record: u64) -> bool {
        match self {
            Wanted::Nothing => false,
            Wanted::All => true,
            Wanted::Records(ranges) => ranges.get(ranges.partition_point(|range| range.end <= record)).is_some_and(|range| range.start <= record),
        }
    }
}

impl From<bool> for Wanted {
    fn from(all: bool) -> Wanted {
        if all { Wanted::All } else { Wanted::Nothing }
    }
}

impl StringIndex<'_> {
    /// Of each sub-index, what of its units has a position in one of some genomic ranges, by the genomic range index of the table (6.5.2.4.4): units
    /// that are tiles, or the records of the tiles of units that are fields. A tile counts as a whole, if one of its records has such a position.
    /// Groups that no one relates to positions have all (6.4.7.2.3).
    ///
    /// # Errors
    ///
    /// I/O; unsupported: a table that is not sorted by position or has no index, access units that are fields of two dimensions.
    pub fn units_in(&self, regions: &[GenomicRange]) -> Result<Vec<Vec<Wanted>>> {
        let table = self.table();
        let missing =
            || self.at(Error::cross_reference(table.node().offset().saturating_mul(8), format!("there is no group of the class {}", self.ag_class())));
        let group = self.group()?.ok_or_else(missing)?;
        let selection = AnnotationSelection { regions: regions.to_vec(), ..AnnotationSelection::default() };
        let field = self.fields().first().copied();
        let touched = TouchedTiles::new(&group, field, selection)?;
        if !self.by_tile() && group.header()?.attribute_contiguity {
            // Units are fields, named by the identifier of the field: all have the same tiles.
            let records = self.records_of_tiles(&group, &touched).map_err(|error| self.at(error))?;
            return Ok(self.sub_indexes().iter().map(|part| vec![records.clone(); part.units.len()]).collect());
        }
        let tiles = if self.by_tile() { vec![] } else { group.units()?.map(|unit| unit?.tile()).collect::<Result<Vec<_>>>()? };
        let tile = |unit: Unit| match unit {
            Unit::Tile(tile) => Ok(tile),
            Unit::AccessUnit(id) => usize::try_from(id)
                .ok()
                .and_then(|id| tiles.get(id).copied().flatten())
                .ok_or_else(|| Error::cross_reference(table.node().offset().saturating_mul(8), format!("there is no access unit {id} that is a tile"))),
        };
        let of_unit = |unit: Unit| tile(unit).and_then(|tile| touched.has(tile)).map(Wanted::from);
        let of_part = |part: &super::SubIndex| part.units.iter().map(|unit| of_unit(unit.unit)).collect::<Result<Vec<_>>>();
        self.sub_indexes().iter().map(|part| of_part(part).map_err(|error| self.at(error))).collect()
    }

    /// The records of a field with all its tiles, one tile behind the other.
    fn records_of_tiles(&self, group: &AttributeGroup<'_>, touched: &TouchedTiles<'_>) -> Result<Wanted> {
        if touched.has_all() {
            return Ok(Wanted::All);
        }
        let header = group.header()?;
        let unsupported =
            |what: &str| Error::unsupported(group.node().offset().saturating_mul(8), format!("genomic ranges in a string index by field, {what}"));
        if header.two_dimensional {
            return Err(unsupported("of two dimensions"));
        }
        let Some(structure) = self.structure()? else { return Err(unsupported("without a tile structure")) };
        let mut ranges = vec![];
        let mut start = 0u64;
        let mut add = |first: u64, length: u64| {
            let end = start.saturating_add(length);
            if touched.has(TileIndex { first, second: None })? {
                ranges.push(start..end);
            }
            start = end;
            Ok::<(), Error>(())
        };
        if structure.variable_size_tiles {
            for (number, tile) in (0..).zip(&structure.tiles) {
                let length = tile.dimensions.first().map_or(0, |range| range.end_index.saturating_sub(range.start_index).saturating_add(1));
                add(number, length)?;
            }
            return Ok(Wanted::of(ranges));
        }
        let (size, tile_size) = (header.dimension_size.first().copied().unwrap_or(0), structure.tile_size.first().copied().unwrap_or(0));
        if size == 0 {
            return Err(unsupported("of no known size"));
        }
        // The genomic range index has an entry for each tile: a number of tiles that the file does not have ends with an error.
        for number in 0..size.checked_div(tile_size).map_or(0, |whole| whole.saturating_add(u64::from(!size.is_multiple_of(tile_size)))) {
            add(number, tile_size.min(size.saturating_sub(number.saturating_mul(tile_size))))?;
        }
        Ok(Wanted::of(ranges))
    }
}
