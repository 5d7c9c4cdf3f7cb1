//! From the compressed tree to rows in memory: all blocks are decoded once.

use super::super::tree::Tree;
use super::rank::{Part, Ranks, SUPER};
use rayon::prelude::*;

/// The transformed text of a tree.
pub(super) fn transformed<R: Ranks>(tree: &Tree<'_>, alpha: u32) -> R {
    let mut ranks = R::new(tree.n, alpha);
    let parts: Vec<(u32, Part<'_>)> = (0u32..).zip(ranks.parts()).collect();
    parts.into_par_iter().for_each_init(
        || vec![0u8; SUPER as usize],
        |codes, (i, mut part)| {
            let from = i.saturating_mul(SUPER);
            let to = tree.n.min(from.saturating_add(SUPER));
            let (starts, ends) = (tree.places(from), tree.places(to));
            part.fill(decode(tree, &starts, &ends, codes), &tree.ranks(&starts));
        },
    );
    ranks
}

/// The codes of the rows that have these places in each bitmap.
///
/// The characters of a node are those of its right child and the code of its left one, mixed as its bits say. The buffer is filled
/// from its end: what is read has not been written over.
fn decode<'b>(tree: &Tree<'_>, starts: &[u32], ends: &[u32], buffer: &'b mut [u8]) -> &'b [u8] {
    let lengths: Vec<usize> = starts.iter().zip(ends).map(|(start, end)| end.wrapping_sub(*start) as usize).collect();
    let place = |level: usize| buffer_len().saturating_sub(lengths.get(level).copied().unwrap_or(0));
    let last = place(tree.bitmaps.len());
    for code in buffer.get_mut(last..).unwrap_or_default() {
        *code = tree.bitmaps.len() as u8;
    }
    for (level, bitmap) in tree.bitmaps.iter().enumerate().rev() {
        let (mut write, mut read) = (place(level), place(level.wrapping_add(1)));
        let (start, end) = (starts.get(level).copied().unwrap_or(0), ends.get(level).copied().unwrap_or(0));
        for (bits, count) in bitmap.runs(start, end) {
            mix(buffer, &mut write, &mut read, level as u8, bits, count);
        }
    }
    buffer.get(place(0)..).unwrap_or_default()
}

const fn buffer_len() -> usize {
    SUPER as usize
}

#[inline]
fn mix(buffer: &mut [u8], write: &mut usize, read: &mut usize, code: u8, mut bits: u64, count: u32) {
    for _ in 0..count {
        let greater = buffer.get(*read).copied().unwrap_or(code);
        let above = bits >> 63 != 0;
        if let Some(place) = buffer.get_mut(*write) {
            *place = if above { greater } else { code };
        }
        *read = read.wrapping_add(usize::from(above));
        *write = write.wrapping_add(1);
        bits <<= 1;
    }
}
