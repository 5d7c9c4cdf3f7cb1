//! Tile structures against the sizes of the data (6.4.6.7).

use crate::tables::{AttributeDataTileStructure, AttributeGroupHeader};
use crate::validate::finding::Findings;
use crate::validate::model::Parts;
use crate::validate::rule::rules;
use std::collections::{BTreeMap, HashSet};

rules! {
    /// A field with a tile structure of its own is one of its group.
    ATTRIBUTE: Error "agtc.attribute_ID" "6.4.6.6.3"
    /// A field with a tile structure of its own is one of its group.
    DESCRIPTOR: Error "agtc.descriptor_ID" "6.4.6.6.3"
    /// A field has one tile structure.
    FIELD_TWICE: Error "agtc.field_unique" "6.4.6.6.3"
    /// A tile of a uniform size has elements.
    SIZE: Error "adts.tile_size" "6.4.6.7.3"
    /// n_tiles is the number of tiles of the uniform size that the data needs.
    COUNT: Error "adts.n_tiles" "6.4.6.7.3"
    /// A tile ends behind its start.
    END: Error "adts.end_index" "6.4.6.7.3"
    /// A tile ends in the data.
    END_OF_DATA: Error "adts.end_index_in_dimension" "6.4.6.7.3"
    /// No two tiles have an element in common.
    OVERLAP: Error "adts.tiles_overlap" "5.6"
    /// The tiles have all elements of the data.
    COVER: Error "adts.tiles_cover" "5.6"
}

/// Checks them.
pub(super) fn check(parts: &Parts, is_stream: bool, findings: &mut Findings) {
    for (configuration, at) in parts.configurations.iter().zip(&parts.configurations_at) {
        let class = configuration.ag_class.code();
        let Some(group) = parts.group_of(class).and_then(|group| parts.headers.get(group)) else { continue };
        let mut check = Check { at: *at, prefix: "adts[0]".to_owned(), group, is_stream, findings };
        check.structure(&configuration.default_tile_structure);
        let fields = parts.fields(class);
        let mut seen = HashSet::new();
        for (i, additional) in (0u64..).zip(&configuration.add_tile_structures) {
            let attributes = (0u64..).zip(&additional.attribute_id).map(|(j, id)| ("attribute_ID", j, (true, *id)));
            let descriptors = (0u64..).zip(&additional.descriptor_id).map(|(j, id)| ("descriptor_ID", j, (false, u16::from(*id))));
            for (name, j, field) in attributes.chain(descriptors) {
                if fields.as_ref().is_some_and(|fields| !fields.contains(&field)) {
                    let rule = if field.0 { &ATTRIBUTE } else { &DESCRIPTOR };
                    check.findings.field(rule, *at, name, &[i, j], format!("the group {class} has no such field {}", field.1));
                }
                if !seen.insert(field) {
                    check.findings.field(&FIELD_TWICE, *at, name, &[i, j], format!("the field {} has a tile structure before", field.1));
                }
            }
            check.prefix = format!("adts[{}]", i.saturating_add(1));
            check.structure(&additional.additional_tile_structure);
        }
    }
}

struct Check<'c> {
    at: u64,
    prefix: String,
    group: &'c AttributeGroupHeader,
    is_stream: bool,
    findings: &'c mut Findings,
}

/// A tile: its first and last row, its first and last column.
type Rectangle = [(u64, u64); 2];

impl Check<'_> {
    fn field(&mut self, rule: &'static crate::validate::rule::Rule, name: &str, message: String) {
        let below = format!("{}.{name}", self.prefix);
        self.findings.below(rule, self.at, below, message);
    }

    fn structure(&mut self, structure: &AttributeDataTileStructure) {
        if structure.variable_size_tiles {
            self.variable(structure);
        } else {
            self.uniform(structure);
        }
    }

    fn uniform(&mut self, structure: &AttributeDataTileStructure) {
        let mut needed: Option<u128> = Some(1);
        for (j, (tile, size)) in (0u64..).zip(structure.tile_size.iter().zip(&self.group.dimension_size)) {
            if *tile == 0 {
                self.field(&SIZE, &format!("tile_size[{j}]"), "a tile has no elements".to_owned());
                return;
            }
            // The size of the data of a stream may be open.
            needed = needed.filter(|_| *size > 0).map(|needed| needed.saturating_mul(u128::from(size.div_ceil(*tile))));
        }
        let Some(needed) = needed.filter(|_| !(self.is_stream && structure.n_tiles == 0)) else { return };
        let told = u128::from(structure.n_tiles);
        // Of symmetric data the tiles of one half may be left out.
        let is_symmetric = self.group.symmetry_mode.is_some_and(|mode| mode.code() > 0);
        if told > needed || told < needed && !is_symmetric {
            self.field(&COUNT, "n_tiles", format!("n_tiles is {told}, the data has {needed} tiles"));
        }
    }

    fn variable(&mut self, structure: &AttributeDataTileStructure) {
        let sizes = self.group.dimension_size.clone();
        let (mut tiles, mut whole): (Vec<(Rectangle, usize)>, bool) = (vec![], true);
        for (i, tile) in structure.tiles.iter().enumerate() {
            let mut rectangle: Rectangle = [(0, 0); 2];
            for (j, dimension) in tile.dimensions.iter().enumerate() {
                let (start, end) = (dimension.start_index, dimension.end_index);
                if end < start {
                    self.field(&END, &format!("end_index[{i}][{j}]"), format!("the tile from {start} ends at {end}"));
                    whole = false;
                }
                if let Some(size) = sizes.get(j).filter(|size| **size > 0 && end >= **size) {
                    self.field(&END_OF_DATA, &format!("end_index[{i}][{j}]"), format!("the tile ends at {end}, the data has the size {size}"));
                    whole = false;
                }
                if let Some(part) = rectangle.get_mut(j) {
                    *part = (start, end);
                }
            }
            tiles.push((rectangle, i));
        }
        if !whole {
            return;
        }
        if let Some((one, other)) = overlap(&mut tiles) {
            let message = format!("the tiles {one} and {other} have elements in common");
            self.field(&OVERLAP, &format!("start_index[{other}][0]"), message);
            return;
        }
        let area = |rectangle: &Rectangle| rectangle.iter().map(|(start, end)| u128::from(end - start) + 1).fold(1, u128::saturating_mul);
        let covered = tiles.iter().map(|(tile, _)| area(tile)).fold(0, u128::saturating_add);
        let all = sizes.iter().map(|size| u128::from(*size)).fold(1, u128::saturating_mul);
        let is_symmetric = self.group.symmetry_mode.is_some_and(|mode| mode.code() > 0);
        if covered < all && !is_symmetric {
            self.field(&COVER, "n_tiles", format!("the tiles have {covered} of {all} elements"));
        }
    }
}

/// Two tiles with elements in common: the numbers of both. A line goes over the rows and knows the columns of the tiles that it meets.
fn overlap(tiles: &mut [(Rectangle, usize)]) -> Option<(usize, usize)> {
    tiles.sort_unstable();
    // The tiles that the line meets: by their first column, the last column, the last row and the number.
    let mut met: BTreeMap<u64, (u64, u64, usize)> = BTreeMap::new();
    let mut ends: std::collections::BinaryHeap<std::cmp::Reverse<(u64, u64)>> = Default::default();
    for ([(top, bottom), (left, right)], number) in tiles.iter().copied() {
        while let Some(std::cmp::Reverse((row, column))) = ends.peek().copied()
            && row < top
        {
            ends.pop();
            met.remove(&column);
        }
        let before = met.range(..=right).next_back();
        if let Some((_, (_, _, other))) = before.filter(|(_, (last, ..))| *last >= left) {
            return Some((*other.min(&number), *other.max(&number)));
        }
        met.insert(left, (right, bottom, number));
        ends.push(std::cmp::Reverse((bottom, left)));
    }
    None
}
