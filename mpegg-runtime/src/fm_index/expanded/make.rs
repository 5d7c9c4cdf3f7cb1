//! From the compressed tree to rows in memory: all blocks are decoded once.

use super::super::tree::Tree;
use super::rank::{Part, Ranks, SUPER};
use rayon::prelude::*;

/// The transformed text of a tree.
pub(super) fn transformed<R: Ranks>(tree: &Tree<'_>, alpha: u32) -> R {
    let mut ranks = R::new(tree.n, alpha);
    let parts: Vec<(u32, Part<'_>)> = (0u32..).zip(ranks.parts()).collect();
    parts.into_par_iter().for_each_init(
        || Box::new([0u8; SUPER as usize]),
        |codes, (i, mut part)| {
            let from = i.saturating_mul(SUPER);
            let to = tree.n.min(from.saturating_add(SUPER));
            let (starts, ends) = (tree.places(from), tree.places(to));
            part.fill(decode(tree, &starts, &ends, codes), &tree.ranks(&starts));
        },
    );
    ranks
}

/// Of each row of a tree the next one of the walk through the text (7.2.7).
pub(super) fn mapping(tree: &Tree<'_>) -> Vec<u32> {
    let mut next = vec![0; tree.n as usize];
    next.par_chunks_mut(SUPER as usize).enumerate().for_each_init(
        || Box::new([0u8; SUPER as usize]),
        |codes, (i, part)| {
            let from = (i as u32).saturating_mul(SUPER);
            let (starts, ends) = (tree.places(from), tree.places(from.saturating_add(part.len() as u32)));
            let mut ranks = [0u32; 256];
            for (rank, first) in ranks.iter_mut().zip(tree.ranks(&starts)) {
                *rank = first;
            }
            let codes = decode(tree, &starts, &ends, codes);
            let last = &mut ranks[tree.char_red_isa_0 as usize & 255];
            // The row of the suffix of one character comes first; the place of its character is another one.
            *last = last.wrapping_add(u32::from(from <= tree.red_isa_0));
            let red = (tree.red_isa_0.wrapping_sub(from) as usize).min(part.len());
            let (codes, others) = codes.split_at_checked(red).unwrap_or((codes, &[]));
            let (before, behind) = part.split_at_mut(red);
            fill(before, codes, &mut ranks);
            if let (Some((row, behind)), Some((_, others))) = (behind.split_first_mut(), others.split_first()) {
                *row = tree.first(tree.char_red_isa_0);
                fill(behind, others, &mut ranks);
            }
        },
    );
    next
}

fn fill(rows: &mut [u32], codes: &[u8], ranks: &mut [u32; 256]) {
    for (row, &code) in rows.iter_mut().zip(codes) {
        let rank = &mut ranks[usize::from(code)];
        *row = *rank;
        *rank = rank.wrapping_add(1);
    }
}

/// The codes of the rows that have these places in each bitmap.
///
/// The characters of a node are those of its right child and the code of its left one, mixed as its bits say. The buffer is filled
/// from its end: what is read has not been written over.
fn decode<'b>(tree: &Tree<'_>, starts: &[u32], ends: &[u32], buffer: &'b mut Buffer) -> &'b [u8] {
    let length = |level: usize| ends.get(level).copied().unwrap_or(0).wrapping_sub(starts.get(level).copied().unwrap_or(0)) as usize;
    let place = |level: usize| (SUPER as usize).saturating_sub(length(level));
    let last = place(tree.bitmaps.len());
    buffer.get_mut(last..).unwrap_or_default().fill(tree.bitmaps.len() as u8);
    for (level, bitmap) in tree.bitmaps.iter().enumerate().rev() {
        let (mut write, mut read) = (place(level), place(level.wrapping_add(1)));
        let (start, end) = (starts.get(level).copied().unwrap_or(0), ends.get(level).copied().unwrap_or(0));
        for (bits, count) in bitmap.runs(start, end) {
            mix(buffer, &mut write, &mut read, level as u8, bits, count);
        }
    }
    buffer.get(place(0)..).unwrap_or_default()
}

type Buffer = [u8; SUPER as usize];

/// Any place is one of the buffer.
const PLACES: usize = SUPER as usize - 1;

#[inline]
fn mix(buffer: &mut Buffer, write: &mut usize, read: &mut usize, code: u8, mut bits: u64, count: u32) {
    let end = write.wrapping_add(count as usize);
    if bits == 0 {
        // Characters stand in runs.
        buffer.get_mut(*write..end).unwrap_or_default().fill(code);
        *write = end;
        return;
    }
    while *write < end {
        let greater = buffer[*read & PLACES];
        let above = bits >> 63 != 0;
        buffer[*write & PLACES] = if above { greater } else { code };
        *read = read.wrapping_add(usize::from(above));
        *write = write.wrapping_add(1);
        bits <<= 1;
    }
}
