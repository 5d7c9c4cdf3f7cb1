//! The wavelet tree of the transformed text (Tables 78, 79, 81): bitmap after bitmap, each of the characters that the one before
//! did not take.

use super::super::binomial::{BLOCK, Blocks, encode};
use super::superblock::Superblocks;
use super::writer::{Bits, Writer};

/// The bits of a class of a block of 63.
const CLASS_BITS: u32 = 6;

/// Writes the nodes and their bitmaps.
pub(super) fn write(mut characters: Vec<u8>, alpha: u32, out: &mut Writer) {
    let last = alpha.saturating_sub(1);
    out.u32(alpha.saturating_mul(2).saturating_sub(1));
    let mut places = Vec::new();
    for code in 0..alpha {
        out.u32(code << 16 | last);
        if code < last {
            places.push(out.at());
        }
        out.u32(0);
        if code < last {
            out.u32(code << 16 | code);
            out.u32(0);
        }
    }
    let blocks = Blocks::new(BLOCK);
    for (code, place) in (0u8..=255).zip(places) {
        let start = out.at();
        bitmap(&mut characters, code, &blocks, out);
        out.set_u32(place, out.at().saturating_sub(start) as u32);
    }
}

/// Writes which characters are above a code, and drops the others.
fn bitmap(characters: &mut Vec<u8>, code: u8, blocks: &Blocks, out: &mut Writer) {
    let n = characters.len() as u32;
    let superblocks = Superblocks::new(n);
    let num_blocks = n.div_ceil(BLOCK);
    let mut classes = Bits::with_capacity(u64::from(num_blocks).saturating_mul(CLASS_BITS.into()).saturating_add(n.into()));
    let mut indexes = Bits::with_capacity(n.into());
    let (mut ranks, mut offsets) = (Vec::new(), Vec::new());
    let mut kept = 0usize;
    for block in 0..num_blocks {
        if block % superblocks.size == 0 {
            ranks.push(kept as u32);
            offsets.push(indexes.len() as u32);
        }
        let from = (block as usize).saturating_mul(BLOCK as usize);
        let to = from.saturating_add(BLOCK as usize).min(characters.len());
        let bits = part(characters, from, to, code, &mut kept);
        let (class, index) = encode(bits);
        classes.push(class.into(), CLASS_BITS);
        indexes.push(index, blocks.width(class));
    }
    characters.truncate(kept);
    let classes_bits = classes.len() as u32;
    out.u32(n);
    out.u32(superblocks.size << 8 | BLOCK);
    let place = out.at();
    out.u32(0);
    out.u32(classes_bits);
    let start = out.at();
    superblocks.write(&ranks, out);
    superblocks.write(&offsets, out);
    out.set_u32(place, out.at().saturating_sub(start) as u32);
    classes.append(&indexes);
    classes.write(out);
}

/// Which of these characters are above a code, the first one at the most significant bit; those are moved up to the kept ones.
#[inline]
fn part(characters: &mut [u8], from: usize, to: usize, code: u8, kept: &mut usize) -> u64 {
    let mut bits = 0u64;
    let mut block = [0u8; BLOCK as usize];
    let Some(source) = characters.get(from..to) else { return 0 };
    let Some(block) = block.get_mut(..source.len()) else { return 0 };
    block.copy_from_slice(source);
    for (i, &character) in block.iter().enumerate() {
        let above = character > code;
        bits |= u64::from(above) << 63u32.wrapping_sub(i as u32);
        // What is not kept is written over by the next one.
        if let Some(place) = characters.get_mut(*kept) {
            *place = character;
        }
        *kept = kept.wrapping_add(usize::from(above));
    }
    bits
}
