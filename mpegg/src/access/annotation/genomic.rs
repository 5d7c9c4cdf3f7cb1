//! Which tiles of a genomic range index share a position with some genomic ranges.

use super::GenomicRange;
use crate::tables::GenomicRangeIndex;
use mpegg_runtime::{Error, ErrorKind, Result};

/// A position in the order of the index: the number of the chromosome, the position on it.
type Place = (u16, u64);

/// An answer for each entry of the index in one of its dimensions: for each row or column of tiles where these have one size, else
/// for each tile.
///
/// # Errors
///
/// Without position: a dimension that the index lacks, a range that ends before it starts, a chromosome that is not in the list.
pub(super) fn hits(index: &GenomicRangeIndex, variable_size_tiles: bool, dimension: usize, regions: &[GenomicRange]) -> Result<Vec<bool>> {
    let malformed = |message: String| Error::without_position(ErrorKind::Malformed, message);
    let missing = || malformed(format!("the genomic range index has no dimension {dimension}"));
    let chromosomes = &index.chromosomes.get(dimension).ok_or_else(missing)?.chr_id;
    let wanted = places(chromosomes, regions);
    let touches = |number: usize, start: Place, end: Place| {
        if start > end {
            return Err(malformed(format!("the genomic range of entry {number} ends before it starts")));
        }
        if usize::from(end.0) >= chromosomes.len() {
            return Err(malformed(format!("entry {number} is on chromosome {}, there are {}", end.0, chromosomes.len())));
        }
        Ok(wanted.iter().any(|(from, to)| start <= *to && end >= *from))
    };
    if variable_size_tiles {
        let one = |(number, range): (usize, &crate::tables::GenomicRangeIndexRange)| {
            let start = range.starts.get(dimension).ok_or_else(missing)?;
            let end = range.ends.get(dimension).ok_or_else(missing)?;
            touches(number, (start.start_chr_idx, start.start_pos), (end.end_chr_idx, end.end_pos))
        };
        return index.ranges.iter().enumerate().map(one).collect();
    }
    let tiles = &index.dimensions.get(dimension).ok_or_else(missing)?.tiles;
    let one = |(number, tile): (usize, &crate::tables::GenomicRangeIndexDimensionTile)| {
        touches(number, (tile.start_chr_idx, tile.start_pos), (tile.end_chr_idx, tile.end_pos))
    };
    tiles.iter().enumerate().map(one).collect()
}

/// First and last position of each range, on each chromosome of its name.
fn places(chromosomes: &[String], regions: &[GenomicRange]) -> Vec<(Place, Place)> {
    let of = |region: &GenomicRange| {
        let (start, end) = (region.start, region.end);
        let named = (0..).zip(chromosomes).filter(|(_, name)| **name == region.chromosome).map(|(number, _)| number);
        named.filter(|_| start <= end).map(|number| ((number, start), (number, end))).collect::<Vec<_>>()
    };
    regions.iter().flat_map(of).collect()
}
