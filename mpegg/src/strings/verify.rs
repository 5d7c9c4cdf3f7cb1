//! A string index checked whole: its structure, its text, and whether both fit the table.

use super::check::{Layout, Problem};
use super::index::{Located, StringIndex, SubIndex, Unit};
use super::text::Text;
use crate::file::annotation::TileIndex;
use crate::tables::{AttributeDataTileStructure, AttributeGroupHeader};
use mpegg_runtime::{Error, Result};
use std::collections::HashSet;

/// What a check of a sub-index found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Bytes of its text, where it can be read.
    pub text: u64,
    /// Tiles or access units.
    pub units: usize,
    /// What is wrong with the text.
    pub problems: Vec<Problem>,
    /// What is wrong with the structure, with its place in the file.
    pub error: Option<Error>,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.problems.is_empty() && self.error.is_none()
    }
}

impl StringIndex<'_> {
    /// Checks a sub-index whole: its structure, its samples against its text, where its units begin, its strings and record indexes, and how many
    /// records its units have by the tile structure. Decodes the text once: O(n) time and memory.
    ///
    /// # Errors
    ///
    /// I/O, and tables around the index that cannot be read; what is wrong with the sub-index itself is the result.
    pub fn verify(&self, part: &SubIndex) -> Result<Verified> {
        let content = self.content(part)?;
        let mut verified = Verified { units: part.units.len(), ..Verified::default() };
        let mut units = HashSet::new();
        let listed = part.units.iter().find(|unit| !units.insert(unit.unit));
        let twice = listed.map(|unit| self.inside(part, Error::malformed(part.content().0, format!("{} is listed twice", unit.unit))));
        verified.error = match Text::open(self, part, &content).and_then(|text| text.verified()) {
            Ok(text) => {
                verified.text = text.len() as u64;
                let sizes = Sizes::of(self)?;
                let records_of = |unit: Unit| sizes.as_ref().and_then(|sizes| sizes.records(unit));
                let layout = Layout { text: &text, units: &part.units, strings_of_record: self.strings_of_record()?, records_of: &records_of };
                verified.problems = layout.problems();
                twice
            }
            Err(error) => Some(error),
        };
        Ok(verified)
    }
}

/// How many records the tiles of an attribute group have.
struct Sizes<'t> {
    group: &'t AttributeGroupHeader,
    structure: &'t AttributeDataTileStructure,
    /// Of each access unit its tile, where units are tiles.
    tiles: Vec<Option<TileIndex>>,
}

impl<'t> Sizes<'t> {
    /// Of the group of an index; nothing where its records cannot be counted: the group or its size is not known, or only a half of its data counts.
    fn of(index: &'t StringIndex<'_>) -> Result<Option<Self>> {
        let Some(group) = index.group()? else { return Ok(None) };
        let headers = index.table().group_headers()?;
        let class = u64::from(index.ag_class());
        let (Some(header), Some(structure)) = (headers.iter().find(|header| header.ag_class.code() == class), index.structure()?) else { return Ok(None) };
        if header.dimension_size.contains(&0) || header.symmetry_mode.is_some_and(|mode| mode.code() > 0) {
            return Ok(None);
        }
        let tiles = if index.by_tile() { vec![] } else { group.units()?.map(|unit| unit?.tile()).collect::<Result<_>>()? };
        Ok(Some(Sizes { group: header, structure, tiles }))
    }

    fn records(&self, unit: Unit) -> Option<u64> {
        match unit {
            Unit::Tile(tile) => self.of_tile(tile),
            Unit::AccessUnit(_) if self.group.attribute_contiguity => self.group.dimension_size.iter().try_fold(1u64, |all, size| all.checked_mul(*size)),
            Unit::AccessUnit(id) => self.of_tile((*self.tiles.get(usize::try_from(id).ok()?)?)?),
        }
    }

    fn of_tile(&self, tile: TileIndex) -> Option<u64> {
        if self.structure.variable_size_tiles {
            let ranges = &self.structure.tiles.get(usize::try_from(tile.first).ok()?)?.dimensions;
            let of = |range: &crate::tables::AttributeDataTileStructureTileDimension| range.end_index.checked_sub(range.start_index)?.checked_add(1);
            return ranges.iter().try_fold(1u64, |all, range| all.checked_mul(of(range)?));
        }
        let indexes = std::iter::once(tile.first).chain(tile.second);
        let mut all = 1u64;
        for ((size, tile_size), number) in self.group.dimension_size.iter().zip(&self.structure.tile_size).zip(indexes) {
            let start = number.checked_mul(*tile_size).filter(|start| start < size)?;
            all = all.checked_mul((*tile_size).min(size.saturating_sub(start)))?;
        }
        Some(all)
    }
}
