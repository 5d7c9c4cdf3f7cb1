//! Where the rows of each tile are in a genome: the genomic range index (6.5.2.4.4).

use super::input::Row;
use crate::tables::{GenomicRangeIndex, GenomicRangeIndexChromosome, GenomicRangeIndexDimension, GenomicRangeIndexDimensionTile};
use std::collections::HashSet;

/// Follows the places of rows as long as they ascend.
#[derive(Default)]
pub(super) struct Places {
    names: Vec<String>,
    known: HashSet<Vec<u8>>,
    last: Option<(Vec<u8>, u64)>,
    tiles: Vec<GenomicRangeIndexDimensionTile>,
    /// Why there is no index.
    unsorted: Option<String>,
}

/// Positions have 32 bits.
const GREATEST: u64 = u32::MAX as u64;

impl Places {
    /// Takes the next row, which is the first of its tile or not.
    pub fn take(&mut self, row: &Row, begins: bool) {
        if self.unsorted.is_none()
            && let Err(why) = self.next(row, begins)
        {
            self.unsorted = Some(why);
        }
    }

    fn next(&mut self, row: &Row, begins: bool) -> Result<(), String> {
        let (first, end) = row.range;
        if row.sequence.is_empty() {
            return Err(format!("row {} has no position", row.number));
        }
        if end > GREATEST {
            return Err(format!("row {}: positions over {GREATEST}", row.number));
        }
        match &mut self.last {
            Some((sequence, position)) if *sequence == row.sequence => {
                if first < *position {
                    return Err(format!("row {} begins in front of the one before", row.number));
                }
                *position = first;
            }
            _ => {
                let name = String::from_utf8(row.sequence.clone()).map_err(|_| format!("row {}: the name of the sequence is not UTF-8", row.number))?;
                if !self.known.insert(row.sequence.clone()) {
                    return Err(format!("row {} is on {name} again", row.number));
                }
                if u16::try_from(self.names.len()).is_err() || name.len() > 16_384 || name.contains('\0') {
                    return Err(format!("row {}: too many sequences, or a name that is too long", row.number));
                }
                self.names.push(name);
                self.last = Some((row.sequence.clone(), first));
            }
        }
        let chromosome = u16::try_from(self.names.len().saturating_sub(1)).unwrap_or(u16::MAX);
        match self.tiles.last_mut().filter(|_| !begins) {
            Some(tile) if tile.end_chr_idx == chromosome => tile.end_pos = tile.end_pos.max(end),
            Some(tile) => (tile.end_chr_idx, tile.end_pos) = (chromosome, end),
            None => self.tiles.push(GenomicRangeIndexDimensionTile { start_chr_idx: chromosome, start_pos: first, end_chr_idx: chromosome, end_pos: end }),
        }
        Ok(())
    }

    /// The index of the tiles, or why there is none.
    pub fn finish(self) -> Result<GenomicRangeIndex, String> {
        match self.unsorted {
            Some(why) => Err(why),
            None => Ok(GenomicRangeIndex {
                chromosomes: vec![GenomicRangeIndexChromosome { chr_id: self.names }],
                dimensions: vec![GenomicRangeIndexDimension { tiles: self.tiles }],
                ..GenomicRangeIndex::default()
            }),
        }
    }
}
