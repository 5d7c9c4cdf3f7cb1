//! General FM-indexes that others made.

use crate::texts::Text;
use bio::alphabets::Alphabet;
use bio::data_structures::bwt::{BWT, Less, Occ, bwt, less};
use bio::data_structures::fmindex::{BackwardSearchResult, FMIndex, FMIndexable};
use bio::data_structures::suffix_array::{SampledSuffixArray, SuffixArray, suffix_array};
use genedex::{FmIndexConfig, FmIndexFlat64};

/// Strings of a look-up table at most, as many as ours has.
const LOOKUP: usize = 1 << 18;

/// The bytes of a text but its terminator, once each.
fn symbols(text: &Text) -> Vec<u8> {
    (1..=255).filter(|byte| text.bytes.contains(byte)).collect()
}

/// The crate genedex, its fastest form.
pub struct Genedex(FmIndexFlat64<i32>);

impl Genedex {
    pub fn new(text: &Text) -> Genedex {
        let symbols = symbols(text);
        let depth = (1..).take_while(|&depth| symbols.len().pow(depth) <= LOOKUP).last().unwrap_or(0) as usize;
        let alphabet = genedex::Alphabet::from_io_symbols(&symbols, 0);
        let config = FmIndexConfig::new().suffix_array_sampling_rate(32).lookup_table_depth(depth);
        Genedex(config.construct_index([&text.bytes[..text.bytes.len() - 1]], alphabet))
    }

    pub fn count(&self, pattern: &[u8]) -> usize {
        self.0.count(pattern)
    }

    pub fn count_many(&self, patterns: &[&[u8]]) -> Vec<usize> {
        self.0.count_many(patterns.iter().copied()).collect()
    }

    /// Ascending.
    pub fn locate(&self, pattern: &[u8]) -> Vec<u32> {
        let mut positions: Vec<u32> = self.0.locate(pattern).map(|hit| hit.position as u32).collect();
        positions.sort_unstable();
        positions
    }
}

/// The crate bio.
pub struct Bio {
    index: FMIndex<BWT, Less, Occ>,
    positions: SampledSuffixArray<BWT, Less, Occ>,
}

impl Bio {
    pub fn new(text: &Text) -> Bio {
        let mut symbols = symbols(text);
        symbols.push(0);
        let alphabet = Alphabet::new(&symbols);
        let sorted = suffix_array(&text.bytes);
        let transformed = bwt(&text.bytes, &sorted);
        let less = less(&transformed, &alphabet);
        let occ = Occ::new(&transformed, 32, &alphabet);
        let positions = sorted.sample(&text.bytes, transformed.clone(), less.clone(), occ.clone(), 32);
        Bio { index: FMIndex::new(transformed, less, occ), positions }
    }

    pub fn count(&self, pattern: &[u8]) -> usize {
        match self.index.backward_search(pattern.iter()) {
            BackwardSearchResult::Complete(rows) => rows.upper - rows.lower,
            _ => 0,
        }
    }

    /// Ascending.
    pub fn locate(&self, pattern: &[u8]) -> Vec<u32> {
        let BackwardSearchResult::Complete(rows) = self.index.backward_search(pattern.iter()) else { return vec![] };
        let mut positions: Vec<u32> = rows.occ(&self.positions).into_iter().map(|position| position as u32).collect();
        positions.sort_unstable();
        positions
    }
}
