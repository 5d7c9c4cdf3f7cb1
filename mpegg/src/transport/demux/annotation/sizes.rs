//! What is counted when all access units are there: the size of the data of a group and the number of tiles (Tables 71 and 72).

use super::group::Unit;
use crate::file::Field;
use crate::tables::{AnnotationTableHeader, AttributeDataTileStructure, AttributeGroupHeader, AttributeGroupTileConfiguration};

/// Sets what is 0: dimension_size and n_tiles. Whether the size is only an upper bound: what the last tiles hold can be counted only by
/// who decodes them.
pub(super) fn complete(table: &AnnotationTableHeader, header: &mut AttributeGroupHeader, tiles: &mut AttributeGroupTileConfiguration, units: &[Unit]) -> bool {
    let most = u64::MAX >> 64u64.saturating_sub(u64::try_from(table.coord_size()).unwrap_or(64));
    let mut estimated = false;
    // A unit may have no blocks at all where all values are missing.
    let of_structure = |number: Option<usize>| units.iter().filter(|unit| structure_of(tiles, unit) == number).max_by_key(|unit| unit.header.n_aau_blocks);
    let of_default = of_structure(None);
    if header.dimension_size.first() == Some(&0)
        && let Some(found) = dimension_size(header, &tiles.default_tile_structure, of_default, units)
    {
        estimated = !tiles.default_tile_structure.variable_size_tiles;
        for (size, found) in header.dimension_size.iter_mut().zip(found) {
            *size = found.min(most);
        }
    }
    let default = number_of_tiles(header, of_default, units);
    let additional: Vec<Option<u64>> = (0..tiles.add_tile_structures.len()).map(|number| number_of_tiles(header, of_structure(Some(number)), units)).collect();
    let structures =
        std::iter::once(&mut tiles.default_tile_structure).chain(tiles.add_tile_structures.iter_mut().map(|one| &mut one.additional_tile_structure));
    for (structure, found) in structures.zip(std::iter::once(default).chain(additional)) {
        if structure.n_tiles == 0 && !structure.variable_size_tiles {
            structure.n_tiles = found.unwrap_or(0).min(most);
        }
    }
    estimated
}

/// The number of the additional tile structure that lists the field of a unit.
fn structure_of(tiles: &AttributeGroupTileConfiguration, unit: &Unit) -> Option<usize> {
    let field = unit.header.attribute_id.map(Field::Attribute).or(unit.header.descriptor_id.map(Field::Descriptor))?;
    tiles.add_tile_structures.iter().position(|structure| match field {
        Field::Attribute(id) => structure.attribute_id.contains(&id),
        Field::Descriptor(id) => structure.descriptor_id.contains(&id),
    })
}

/// Table 71. The unit is one with the default tile structure.
fn dimension_size(header: &AttributeGroupHeader, tiles: &AttributeDataTileStructure, unit: Option<&Unit>, units: &[Unit]) -> Option<Vec<u64>> {
    let dimensions = 1 + usize::from(header.two_dimensional);
    if tiles.variable_size_tiles {
        let last = |dimension: usize| tiles.tiles.iter().filter_map(|tile| tile.dimensions.get(dimension)).map(|range| range.end_index).max();
        return (0..dimensions).map(|dimension| Some(last(dimension)?.saturating_add(1))).collect();
    }
    let counts = if header.attribute_contiguity {
        let unit = unit?;
        let blocks = unit.header.n_aau_blocks;
        match (header.two_dimensional, header.column_major_tile_order.unwrap_or(false)) {
            (false, _) => vec![blocks],
            (true, true) => {
                let rows = unit.header.n_tiles_per_col.filter(|rows| *rows > 0)?;
                vec![rows, blocks.div_ceil(rows)]
            }
            (true, false) => {
                let columns = unit.header.n_tiles_per_row.filter(|columns| *columns > 0)?;
                vec![blocks.div_ceil(columns), columns]
            }
        }
    } else {
        let (rows, columns) = tile_counts(units)?;
        vec![rows, columns.unwrap_or(1)]
    };
    let size = |dimension: usize| Some(counts.get(dimension)?.saturating_mul(*tiles.tile_size.get(dimension)?));
    (0..dimensions).map(size).collect()
}

/// Table 72. The unit is one with the tile structure concerned.
fn number_of_tiles(header: &AttributeGroupHeader, unit: Option<&Unit>, units: &[Unit]) -> Option<u64> {
    if header.attribute_contiguity {
        return unit.map(|unit| unit.header.n_aau_blocks);
    }
    tile_counts(units).map(|(rows, columns)| rows.saturating_mul(columns.unwrap_or(1)))
}

/// The largest tile indexes of all units, plus one.
fn tile_counts(units: &[Unit]) -> Option<(u64, Option<u64>)> {
    let first = units.iter().filter_map(|unit| unit.header.tile_index_1).max()?;
    let second = units.iter().filter_map(|unit| unit.header.tile_index_2).max();
    Some((first.saturating_add(1), second.map(|second| second.saturating_add(1))))
}
