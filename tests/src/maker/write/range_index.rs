//! Genomic range indexes (6.5.2.4.4).

use super::super::bits::Bits;
use super::super::model::{AnnotationTable, Coordinate, GenomicRangeIndex, TileSizes, TileStructure};

/// Table 60.
pub fn range_index(table: &AnnotationTable, tiles: &TileStructure, index: &GenomicRangeIndex) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.flag(index.chromosomes.len() == 2);
    for chromosomes in &index.chromosomes {
        bits.u(chromosomes.len() as u64, 16);
        chromosomes.iter().for_each(|name| bits.text(name));
    }
    let coordinate = |bits: &mut Bits, (chromosome, position): Coordinate| {
        bits.u(chromosome.into(), 16);
        bits.u(position, table.position_size());
    };
    match &tiles.sizes {
        TileSizes::Fixed(_) => {
            for ranges in &index.ranges {
                bits.u(ranges.len() as u64, table.coord_bits());
                for (start, end) in ranges {
                    coordinate(&mut bits, *start);
                    coordinate(&mut bits, *end);
                }
            }
        }
        TileSizes::Variable(_) => {
            bits.u(index.ranges.len() as u64, table.coord_bits());
            for ranges in &index.ranges {
                ranges.iter().for_each(|(start, _)| coordinate(&mut bits, *start));
                ranges.iter().for_each(|(_, end)| coordinate(&mut bits, *end));
            }
        }
    }
    bits.align();
    bits.finish()
}
