//! Genomic range indexes against the tiles that they are about (6.5.2.4.4).

use crate::tables::{AttributeDataTileStructure, AttributeGroupHeader, GenomicRangeIndex};
use crate::validate::finding::Findings;
use crate::validate::model::{Part, Parts};
use crate::validate::rule::{Rule, rules};
use std::collections::HashSet;

rules! {
    /// An index is about both dimensions where both are sorted, unless the data is symmetric with square tiles of one size.
    TWO: Error "grix.index_2d" "6.5.2.4.4.3"
    /// A chromosome stands once in the list of a dimension.
    CHROMOSOME: Error "grix.chr_ID" "6.5.2.4.4.3"
    /// The number of ranges is that of the tiles, of rows of tiles, or of columns of tiles (Table 61).
    COUNT: Error "grix.tile_count" "6.5.2.4.4.3"
    /// A range starts on a chromosome of the list.
    START: Error "grix.start_chr_idx" "6.5.2.4.4.3"
    /// A range ends on a chromosome of the list.
    END: Error "grix.end_chr_idx" "6.5.2.4.4.3"
    /// A range ends behind its start.
    ORDER: Error "grix.end_pos" "6.5.2.4.4.3"
}

/// An index in its place.
pub(super) struct InPlace<'i> {
    /// The byte of the index of the table.
    pub at: u64,
    /// How many indexes stand before it there.
    pub number: u64,
    pub index: &'i GenomicRangeIndex,
    pub group: &'i AttributeGroupHeader,
    pub part: &'i Part,
    pub structure: &'i AttributeDataTileStructure,
}

/// Checks an index.
pub(super) fn check(place: &InPlace, parts: &Parts, findings: &mut Findings) {
    let InPlace { index, group, structure, .. } = place;
    let mode = parts.header.value.at_genomic_pos_sort_mode.code();
    let is_symmetric = group.symmetry_mode.is_some_and(|mode| mode.code() > 0);
    let square = !structure.variable_size_tiles && structure.tile_size.first() == structure.tile_size.get(1);
    if group.two_dimensional && mode == 3 && !(is_symmetric && square) && !index.index_2d {
        place.field(&TWO, "index_2d", "the index is about one dimension, but both are sorted".to_owned(), findings);
    }
    for (i, chromosomes) in index.chromosomes.iter().enumerate() {
        let mut seen = HashSet::new();
        for (j, name) in chromosomes.chr_id.iter().enumerate() {
            if !seen.insert(name) {
                place.field(&CHROMOSOME, &format!("chr_ID[{i}][{j}]"), format!("the chromosome {name:?} stands before"), findings);
            }
        }
    }
    place.counts(mode, findings);
    place.ranges(findings);
}

impl InPlace<'_> {
    fn field(&self, rule: &'static Rule, name: &str, message: String, findings: &mut Findings) {
        findings.below(rule, self.at, format!("grix[{}].{name}", self.number), message);
    }

    /// The numbers of ranges against Table 61. Rows and columns of tiles are those that the sizes make, or those that access units use.
    fn counts(&self, mode: u64, findings: &mut Findings) {
        let InPlace { index, group, structure, .. } = self;
        if structure.variable_size_tiles {
            self.count("tile_count", index.ranges.len() as u64, &[structure.n_tiles], findings);
            return;
        }
        let dimension = |i: usize| index.dimensions.get(i).map_or(0, |dimension| dimension.tiles.len() as u64);
        if !group.two_dimensional {
            self.count("tile_count[0]", dimension(0), &[structure.n_tiles], findings);
            return;
        }
        let Some([rows, columns]) = super::units::uniform(structure, group) else { return };
        let used =
            |of: fn(&crate::validate::model::AnnotationUnit) -> Option<u64>| self.part.units.iter().filter_map(of).max().map(|most| most.saturating_add(1));
        let rows = [Some(rows), used(|unit| unit.header.tile_index_1)];
        let columns = [Some(columns), used(|unit| unit.header.tile_index_2)];
        let first = if mode == 2 { columns } else { rows };
        self.count("tile_count[0]", dimension(0), &first.into_iter().flatten().collect::<Vec<_>>(), findings);
        if index.index_2d {
            self.count("tile_count[1]", dimension(1), &columns.into_iter().flatten().collect::<Vec<_>>(), findings);
        }
    }

    fn count(&self, name: &str, told: u64, wanted: &[u64], findings: &mut Findings) {
        if let Some(first) = wanted.first().filter(|_| !wanted.contains(&told)) {
            self.field(&COUNT, name, format!("the index has {told} ranges, there are {first} tiles"), findings);
        }
    }

    fn ranges(&self, findings: &mut Findings) {
        let many = |i: usize| self.index.chromosomes.get(i).map_or(0, |chromosomes| chromosomes.chr_id.len());
        for (i, dimension) in self.index.dimensions.iter().enumerate() {
            for (j, tile) in dimension.tiles.iter().enumerate() {
                let range = [(tile.start_chr_idx, tile.start_pos), (tile.end_chr_idx, tile.end_pos)];
                self.range(range, many(i), &format!("[{j}][{i}]"), findings);
            }
        }
        for (i, range) in self.index.ranges.iter().enumerate() {
            for (j, (start, end)) in range.starts.iter().zip(&range.ends).enumerate() {
                let range = [(start.start_chr_idx, start.start_pos), (end.end_chr_idx, end.end_pos)];
                self.range(range, many(j), &format!("[{i}][{j}]"), findings);
            }
        }
    }

    fn range(&self, [start, end]: [(u16, u64); 2], many: usize, index: &str, findings: &mut Findings) {
        for (rule, name, number) in [(&START, "start_chr_idx", start.0), (&END, "end_chr_idx", end.0)] {
            if usize::from(number) >= many {
                self.field(rule, &format!("{name}{index}"), format!("there is no chromosome {number}, but {many} of them"), findings);
            }
        }
        if end < start {
            let message = format!("the range from {} of the chromosome {} ends at {} of {}", start.1, start.0, end.1, end.0);
            self.field(&ORDER, &format!("end_pos{index}"), message, findings);
        }
    }
}
