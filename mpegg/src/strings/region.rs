//! The units of a string index with positions in a genomic range.

use super::index::{StringIndex, Unit};
use crate::access::annotation::{AnnotationSelection, GenomicRange, TouchedTiles};
use crate::file::AttributeGroup;
use mpegg_runtime::{Error, Result};

impl StringIndex<'_> {
    /// Of each sub-index, which of its units have a position in one of some genomic ranges, by the genomic range index of the table (6.5.2.4.4).
    /// Groups that no one relates to positions have all (6.4.7.2.3).
    ///
    /// # Errors
    ///
    /// I/O; unsupported: a table that is not sorted by position or has no index, access units that are fields with all their tiles.
    pub fn units_in(&self, regions: &[GenomicRange]) -> Result<Vec<Vec<bool>>> {
        let table = self.table();
        let missing =
            || self.at(Error::cross_reference(table.node().offset().saturating_mul(8), format!("there is no group of the class {}", self.ag_class())));
        let group = self.group()?.ok_or_else(missing)?;
        let selection = AnnotationSelection { regions: regions.to_vec(), ..AnnotationSelection::default() };
        let field = self.fields().first().copied();
        let touched = TouchedTiles::new(&group, field, selection)?;
        let tiles = self.tiles_of_units(&group)?;
        let has = |unit: Unit| match unit {
            Unit::Tile(tile) => touched.has(tile),
            Unit::AccessUnit(id) => match usize::try_from(id).ok().and_then(|id| tiles.get(id).copied()) {
                Some(tile) => touched.has(tile),
                None => Err(Error::cross_reference(table.node().offset().saturating_mul(8), format!("there is no access unit {id}"))),
            },
        };
        let of_part = |part: &super::SubIndex| part.units.iter().map(|unit| has(unit.unit)).collect::<Result<Vec<_>>>();
        self.sub_indexes().iter().map(|part| of_part(part).map_err(|error| self.at(error))).collect()
    }

    /// The tiles of the access units of the group, where the index has access units.
    fn tiles_of_units(&self, group: &AttributeGroup<'_>) -> Result<Vec<crate::file::annotation::TileIndex>> {
        if self.by_tile() {
            return Ok(vec![]);
        }
        let unit_is_field = || {
            let message = "genomic ranges where the units of a string index are fields with all their tiles";
            self.at(Error::unsupported(group.node().offset().saturating_mul(8), message))
        };
        group.units()?.map(|unit| unit?.tile()?.ok_or_else(unit_is_field)).collect()
    }
}
