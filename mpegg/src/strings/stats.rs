//! What a sub-index takes, and what it gives for it.

use super::STRING_END;
use super::index::{Located, StringIndex, SubIndex};
use mpegg_runtime::fm_index::{ByteOrder, Index};
use mpegg_runtime::{Error, Result};
use serde::Serialize;

/// The sizes of a sub-index, all in bytes, and what queries in place cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// Tiles or access units.
    pub units: usize,
    /// Strings: terminators in the text.
    pub strings: u64,
    /// The text.
    pub text: u64,
    /// The index, without the head of its box.
    pub index: u64,
    /// Of it: lengths, rates, codes, counts, nodes of the tree.
    pub header: u64,
    /// Samples of positions (suffix array).
    pub positions: u64,
    /// Samples of rows, from which decoding begins.
    pub rows: u64,
    /// Headers and superblock counters of the bitmaps.
    pub superblocks: u64,
    /// Classes of blocks.
    pub classes: u64,
    /// Indexes of blocks.
    pub blocks: u64,
    /// Bytes of the index for each byte of the text.
    pub bytes_per_symbol: f64,
    /// Different bytes in the text.
    pub symbols: u32,
    /// Bits of information of a byte of the text without regard to its neighbours.
    pub entropy: f64,
    /// Rows between two samples of positions.
    pub sampling_rate_sa: u32,
    /// Bytes of text between two samples of rows.
    pub sampling_rate_lf: u32,
    /// Whether the index is written in little-endian numbers, as existing software does.
    pub little_endian: bool,
    /// Bitmaps that are looked at in a step through the text, in the mean: a search takes two for each of them and byte of the pattern.
    pub ranks_per_step: f64,
    /// Steps from a match to its position, in the mean.
    pub steps_to_position: f64,
    /// Steps before the first byte of a part of the text is decoded, in the mean; a step a byte follows.
    pub steps_to_text: f64,
    /// Bytes of a tile or access unit, in the mean: the record of a string is found by decoding on from the beginning of its unit.
    pub text_of_unit: f64,
}

impl StringIndex<'_> {
    /// The sizes of a sub-index. Reads it once.
    ///
    /// # Errors
    ///
    /// I/O; an index that contradicts itself.
    pub fn stats(&self, part: &SubIndex) -> Result<Stats> {
        let content = self.content(part)?;
        let start = part.content().0;
        let moved = |error: Error| self.inside(part, error.moved(|bit| start.saturating_add(bit)).in_field("csix", &[]));
        let index = Index::parse(&content).map_err(moved)?;
        let (sizes, rates, length) = (index.sizes(), index.options(), f64::from(index.len()));
        let of = |count: u32| f64::from(count) / length;
        let entropy = index.alphabet().filter(|(_, count)| *count > 0).map(|(_, count)| -of(count) * of(count).log2()).sum();
        Ok(Stats {
            units: part.units.len(),
            strings: u64::from(index.count(&[STRING_END]).map_err(moved)?),
            text: u64::from(index.len()),
            index: content.len() as u64,
            header: sizes.header,
            positions: sizes.sa,
            rows: sizes.lf,
            superblocks: sizes.superblocks,
            classes: sizes.classes,
            blocks: sizes.indexes,
            bytes_per_symbol: content.len() as f64 / length,
            symbols: index.alphabet_size(),
            entropy,
            sampling_rate_sa: rates.sampling_rate_sa,
            sampling_rate_lf: rates.sampling_rate_lf,
            little_endian: index.byte_order() == ByteOrder::LittleEndian,
            ranks_per_step: index.bits_per_symbol(),
            steps_to_position: f64::from(rates.sampling_rate_sa.saturating_sub(1)),
            steps_to_text: f64::from(rates.sampling_rate_lf.saturating_sub(1)) / 2.0,
            text_of_unit: length / part.units.len().max(1) as f64,
        })
    }
}
