//! Which tiles of a tile structure (6.4.6.7) touch what is asked for. Numbers are 0-based.

use super::demand::{Axis, Demand};
use super::genomic;
use crate::file::annotation::TileIndex;
use crate::tables::{AnnotationAccessUnitHeader, AttributeDataTileStructure, AttributeGroupHeader, GenomicRangeIndex};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::ops::RangeInclusive;

/// The tiles of a structure that touch what is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tiles {
    /// Tiles that each have a size of their own: an answer for each.
    Listed(Vec<bool>),
    /// Tiles of one size, in one dimension.
    Row(Line),
    /// Tiles of one size, in two dimensions: rows and columns of tiles.
    Grid(Line, Line),
}

/// Tiles of one size in one dimension.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// How many there are, where that is known.
    count: Option<u64>,
    /// The tiles that touch the range of indexes, where one is asked for; `None` in it: no tile does.
    wanted: Option<Option<(u64, u64)>>,
    /// The tiles that touch the positions, where some are asked for.
    hits: Option<Vec<bool>>,
}

/// Errors here have no position yet: who asks knows the box.
fn malformed(message: String) -> Error {
    Error::without_position(ErrorKind::Malformed, message)
}

/// The part of a range that the data has; a size of 0 is not known.
fn within(range: &RangeInclusive<u64>, size: u64) -> Option<(u64, u64)> {
    let last = if size == 0 { u64::MAX } else { size - 1 };
    let (start, end) = (*range.start(), (*range.end()).min(last));
    (start <= end).then_some((start, end))
}

impl Line {
    fn new(tile_size: u64, size: u64, axis: &Axis, hits: Option<Vec<bool>>) -> Result<Line> {
        if tile_size == 0 {
            return Err(malformed("tiles of no row or column (tile_size 0)".to_owned()));
        }
        let wanted = axis.indexes.as_ref().map(|range| within(range, size).map(|(start, end)| (start / tile_size, end / tile_size)));
        Ok(Line { count: (size > 0).then(|| size.div_ceil(tile_size)), wanted, hits })
    }

    fn has(&self, tile: u64) -> Result<bool> {
        if self.count.is_some_and(|count| tile >= count) {
            return Err(malformed(format!("tile {tile} lies behind the data: there are {} tiles", self.count.unwrap_or(0))));
        }
        let by_index = self.wanted.is_none_or(|wanted| wanted.is_some_and(|(first, last)| (first..=last).contains(&tile)));
        Ok(by_index && self.hits.as_ref().map_or(Ok(true), |hits| listed(hits, tile, "genomic range index"))?)
    }
}

fn listed(list: &[bool], tile: u64, name: &str) -> Result<bool> {
    let found = usize::try_from(tile).ok().and_then(|tile| list.get(tile)).copied();
    found.ok_or_else(|| malformed(format!("the {name} has {} tiles, there is no tile {tile}", list.len())))
}

/// The dimension of an index that has the columns of the main data. An index of one dimension has them where only they are sorted, and
/// where rows and columns have the same ranges: symmetric data in square tiles of one size (6.5.2.4.4.3).
fn dimension_of_columns(structure: &AttributeDataTileStructure, index: &GenomicRangeIndex, only_columns: bool) -> Result<usize> {
    let square = !structure.variable_size_tiles && structure.tile_size.first() == structure.tile_size.get(1);
    match index.index_2d {
        true => Ok(1),
        false if only_columns || square => Ok(0),
        false => Err(malformed("the genomic range index has no ranges of the columns (index_2d 0)".to_owned())),
    }
}

impl Tiles {
    /// The tiles of a structure. `index` is its genomic range index, which is needed where positions are asked for.
    ///
    /// # Errors
    ///
    /// Without position: tiles of no size, or that end before they start; an index that does not fit.
    pub fn new(
        group: &AttributeGroupHeader,
        structure: &AttributeDataTileStructure,
        demand: &Demand,
        index: Option<&GenomicRangeIndex>,
        only_columns: bool,
    ) -> Result<Tiles> {
        let variable = structure.variable_size_tiles;
        let hits = |axis: &Axis, columns: bool| {
            let index = index.filter(|_| !axis.regions.is_empty());
            let one = |index| {
                let dimension = if columns { dimension_of_columns(structure, index, only_columns)? } else { 0 };
                genomic::hits(index, variable, dimension, &axis.regions)
            };
            index.map(one).transpose()
        };
        let (rows, columns) = (hits(&demand.rows, false)?, hits(&demand.columns, true)?);
        let size = |dimension: usize| group.dimension_size.get(dimension).copied().unwrap_or(0);
        let tile_size = |dimension: usize| structure.tile_size.get(dimension).copied().unwrap_or(0);
        if variable {
            let axes = [(&demand.rows, rows, size(0)), (&demand.columns, columns, size(1))];
            return (0..structure.tiles.len()).map(|number| variable_tile(structure, number, &axes)).collect::<Result<_>>().map(Tiles::Listed);
        }
        let row = Line::new(tile_size(0), size(0), &demand.rows, rows)?;
        if !group.two_dimensional {
            return Ok(Tiles::Row(row));
        }
        Ok(Tiles::Grid(row, Line::new(tile_size(1), size(1), &demand.columns, columns)?))
    }

    /// Whether a unit that is a tile is wanted.
    ///
    /// # Errors
    ///
    /// Without position: a tile that is not in the structure.
    pub fn has_tile(&self, tile: TileIndex) -> Result<bool> {
        match self {
            Tiles::Listed(list) => listed(list, tile.first, "tile structure"),
            Tiles::Row(row) => row.has(tile.first),
            Tiles::Grid(rows, columns) => Ok(rows.has(tile.first)? & columns.has(tile.second.unwrap_or(0))?),
        }
    }

    /// Whether a block of a unit that is a field is wanted.
    ///
    /// # Errors
    ///
    /// Without position: as [`has_tile`](Self::has_tile); a header that says that rows or columns have no tile.
    pub fn has_block(&self, unit: &AnnotationAccessUnitHeader, number: u64) -> Result<bool> {
        let Tiles::Grid(..) = self else { return self.has_tile(TileIndex { first: number, second: None }) };
        // Row after row of tiles, or column after column (6.4.7.2.3).
        let (length, column_major) = match (unit.n_tiles_per_row, unit.n_tiles_per_col) {
            (Some(length), _) => (length, false),
            (None, length) => (length.unwrap_or(0), true),
        };
        let (Some(line), Some(place)) = (number.checked_div(length), number.checked_rem(length)) else {
            return Err(malformed("rows or columns of no tile".to_owned()));
        };
        let (row, column) = if column_major { (place, line) } else { (line, place) };
        self.has_tile(TileIndex { first: row, second: Some(column) })
    }
}

/// Whether a tile with a size of its own touches what is asked for in each dimension: the range of indexes, the positions, the size of the data.
fn variable_tile(structure: &AttributeDataTileStructure, number: usize, axes: &[(&Axis, Option<Vec<bool>>, u64)]) -> Result<bool> {
    let ranges = structure.tiles.get(number).map(|tile| tile.dimensions.as_slice()).unwrap_or_default();
    let mut wanted = true;
    for (range, (axis, hits, size)) in ranges.iter().zip(axes) {
        if range.start_index > range.end_index {
            return Err(malformed(format!("tile {number} ends at {} before it starts at {}", range.end_index, range.start_index)));
        }
        let asked = axis.indexes.as_ref().map(|range| within(range, *size));
        wanted &= asked.is_none_or(|asked| asked.is_some_and(|(start, end)| start <= range.end_index && end >= range.start_index));
        if let Some(hits) = hits {
            wanted &= listed(hits, number as u64, "genomic range index")?;
        }
    }
    Ok(wanted)
}
