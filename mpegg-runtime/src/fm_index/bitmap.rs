//! A compressed bitmap where it stands (Table 81), asked for ranks and bits.
//!
//! It is opened by its fields alone: what lies in front of a block is then told by the counters of superblocks, and a block is
//! checked when it is looked at. A check of the whole bitmap is one pass over it, which leaves a denser directory behind; it is made
//! too when counters are in doubt, or contradict the blocks.

use super::binomial::{BLOCK, Block, Blocks};
use super::layout::{Fields, Table, Words};
use super::superblocks::{Before, Superblocks};
use crate::Result;
use std::sync::OnceLock;

const T: Table = Table::BITMAP;

/// Blocks between two entries of the directory, and as many as are passed at a time: their classes are within 64 bits.
const STRIDE: u32 = 8;

/// A bitmap of a wavelet tree.
pub(super) struct Bitmap<'a> {
    n: u32,
    ones: u32,
    blocks: Blocks,
    class_width: u32,
    /// The classes, then the indexes of the blocks.
    words: Words<'a>,
    /// Where the indexes begin.
    indexes: u64,
    /// The bit of the index at which the classes begin.
    at: u64,
    superblocks: Superblocks<'a>,
    /// Whether the counters of superblocks end as the blocks do.
    counted: bool,
    /// Of every few blocks, once the bitmap is checked.
    directory: OnceLock<Vec<Before>>,
    sizes: BitmapSizes,
}

/// The bits of a bitmap by what they are for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BitmapSizes {
    /// Fields and counters of superblocks.
    pub(super) superblocks: u64,
    pub(super) classes: u64,
    /// With the zeros that fill the last word.
    pub(super) indexes: u64,
}

impl<'a> Bitmap<'a> {
    /// Reads the fields of the bitmap of a node: `bytes` long, with `n` bits, `ones` of which are set.
    pub(super) fn read(fields: &mut Fields<'a>, bytes: u32, n: u32, ones: u32) -> Result<Bitmap<'a>> {
        let start = fields.bit();
        let end = start.saturating_add(u64::from(bytes).saturating_mul(8));
        let stored = fields.u32(T, "n", &[])?;
        if stored != n {
            return Err(T.wrong(start, "n", &[], format!("{stored} bits, the tree has {n} for this node")));
        }
        let at = fields.bit();
        let sizes = fields.u32(T, "superblock_size", &[])?;
        let (superblock_size, block_size) = (sizes >> 8, sizes & 0xFF);
        if superblock_size == 0 {
            return Err(T.wrong(at, "superblock_size", &[], "a superblock has at least one block"));
        }
        if !(3..=63).contains(&block_size) || block_size.is_power_of_two() {
            let message = format!("blocks of {block_size} bits; 3 to 63 are possible, without powers of two");
            return Err(T.wrong(at.saturating_add(24), "block_size", &[], message));
        }
        let at = fields.bit();
        let superblock_bytes = fields.u32(T, "superblock_bytes", &[])?;
        let classes_at = fields.bit();
        let classes_bits = fields.u32(T, "classes_bits", &[])?;
        let class_width = super::counters::width_of(block_size.into());
        let num_blocks = n.div_ceil(block_size);
        if u64::from(classes_bits) != u64::from(num_blocks).saturating_mul(class_width.into()) {
            let message = format!("{classes_bits} bits are not the classes of {num_blocks} blocks, {class_width} bits each");
            return Err(T.wrong(classes_at, "classes_bits", &[], message));
        }
        let counters_at = fields.bit();
        let superblocks = Superblocks::read(fields, n, superblock_size, block_size).map_err(|error| T.of(error))?;
        let counters = fields.bit().saturating_sub(counters_at) / 8;
        if u64::from(superblock_bytes) != counters {
            return Err(T.wrong(at, "superblock_bytes", &[], format!("{superblock_bytes} bytes, the counters have {counters}")));
        }
        let at = fields.bit();
        let rest = end.checked_sub(at).filter(|&rest| rest >= classes_bits.into() && rest % 64 == 0);
        let Some(rest) = rest else {
            return Err(T.wrong(start, "size_in_bytes", &[], format!("{bytes} bytes do not hold this bitmap, or are no whole words")));
        };
        let words = fields.words(T, "bitmap", rest)?;
        let indexes = u64::from(classes_bits);
        let sizes = BitmapSizes { superblocks: at.saturating_sub(start), classes: indexes, indexes: rest.saturating_sub(indexes) };
        let blocks = Blocks::new(block_size);
        let bitmap = Bitmap { n, ones, blocks, class_width, words, indexes, at, superblocks, counted: false, directory: OnceLock::new(), sizes };
        Ok(Bitmap { counted: bitmap.is_counted(), ..bitmap })
    }

    fn num_blocks(&self) -> u32 {
        self.n.div_ceil(self.blocks.size())
    }

    /// Whether the last superblock ends where the bitmap does.
    fn is_counted(&self) -> bool {
        let last = self.num_blocks().saturating_sub(1) / self.superblocks.size;
        let (Some(first), Some(before)) = (self.superblocks.before(0), self.superblocks.before(last)) else { return false };
        let end = self.pass(before, last.saturating_mul(self.superblocks.size), self.num_blocks());
        let filled = self.indexes.saturating_add(end.bits.into()).div_ceil(64).saturating_mul(64);
        first == Before::default() && end.ones == self.ones && filled == self.words.len()
    }

    /// Checks every block: its class, its index, and that the indexes fill the bitmap. One pass, the first time.
    pub(super) fn check(&self) -> Result<()> {
        if self.directory.get().is_some() {
            return Ok(());
        }
        let (at, num_blocks) = (self.at, self.num_blocks());
        let mut directory = Vec::with_capacity(num_blocks.div_ceil(STRIDE) as usize);
        let mut before = Before::default();
        let mut place = self.indexes;
        for block in 0..num_blocks {
            if block % STRIDE == 0 {
                directory.push(before);
            }
            let class = self.class(block);
            if class > self.blocks.size() {
                let bit = at.saturating_add(u64::from(block).saturating_mul(self.class_width.into()));
                return Err(T.wrong(bit, "classes", &[block.into()], format!("{class} ones in a block of {} bits", self.blocks.size())));
            }
            let width = self.blocks.width(class);
            let index = self.words.bits(place, width);
            if index >= self.blocks.choices(class) {
                let message = format!("block {block} has index {index}; {} blocks have {class} ones", self.blocks.choices(class));
                return Err(T.wrong(at.saturating_add(place), "bitmap", &[], message));
            }
            before.ones = before.ones.wrapping_add(class);
            // Of a block, the index is no longer than the block.
            before.bits = before.bits.wrapping_add(width);
            place = place.wrapping_add(width.into());
        }
        let filled = place.div_ceil(64).saturating_mul(64);
        if filled != self.words.len() {
            let message = format!("the blocks take {filled} bits, {} are there", self.words.len());
            return Err(T.wrong(at.saturating_add(place.min(self.words.len())), "bitmap", &[], message));
        }
        // Ones behind the end would be counted as characters.
        let last = self.n % self.blocks.size();
        if last != 0 {
            let class = self.class(num_blocks.saturating_sub(1));
            let index = place.saturating_sub(self.blocks.width(class).into());
            let bits = self.block(class, index).map_or(0, Block::bits);
            if bits << last != 0 {
                return Err(T.wrong(at.saturating_add(index), "bitmap", &[], "the last block has ones behind the end"));
            }
        }
        if before.ones != self.ones {
            let message = format!("{} ones, the tree has {} greater codes than the one of this node", before.ones, self.ones);
            return Err(T.wrong(at, "bitmap", &[], message));
        }
        // Another thread may have come first, with the same.
        let _ = self.directory.set(directory);
        Ok(())
    }

    /// Compares the counters of superblocks, where they are beyond doubt, with the blocks.
    pub(super) fn check_counters(&self) -> Result<()> {
        self.check()?;
        for superblock in 0..self.num_blocks().div_ceil(self.superblocks.size) {
            let block = superblock.saturating_mul(self.superblocks.size);
            let Some(stored) = self.superblocks.before(superblock) else { break };
            let before = self.before(block).unwrap_or_default();
            for (field, stored, counted) in [("superblock_ranks", stored.ones, before.ones), ("superblock_offsets", stored.bits, before.bits)] {
                if stored != counted {
                    let message = format!("{stored} in front of superblock {superblock}, its blocks say {counted}");
                    return Err(T.wrong(self.at.saturating_sub(self.sizes.superblocks), field, &[], message));
                }
            }
        }
        Ok(())
    }

    /// The bytes of the structure, as they are used.
    pub(super) fn sizes(&self) -> BitmapSizes {
        self.sizes
    }

    /// The bytes of memory that the bitmap takes besides the index.
    pub(super) fn memory(&self) -> u64 {
        self.directory.get().map_or(0, |directory| size_of_val(directory.as_slice()) as u64)
    }

    #[inline(always)]
    fn class(&self, block: u32) -> u32 {
        self.words.bits(u64::from(block).wrapping_mul(self.class_width.into()), self.class_width) as u32
    }

    /// The block of a class whose index is at a place; none if it is damaged.
    #[inline(always)]
    fn block(&self, class: u32, place: u64) -> Option<Block> {
        self.blocks.block(class, self.words.bits(place, self.blocks.width(class)))
    }

    /// The block of a bit, and the place of the bit in it.
    #[inline(always)]
    fn block_of(&self, pos: u32) -> (u32, u32) {
        // A division by a constant is a multiplication.
        if self.blocks.size() == BLOCK { (pos / BLOCK, pos % BLOCK) } else { (pos / self.blocks.size(), pos % self.blocks.size()) }
    }

    /// What lies in front of a block, given what lies in front of one before it.
    #[inline(always)]
    fn pass(&self, mut before: Before, mut from: u32, to: u32) -> Before {
        let shift = 64u32.wrapping_sub(self.class_width) & 63;
        while from < to {
            let count = to.wrapping_sub(from).min(STRIDE);
            let window = self.words.window(u64::from(from).wrapping_mul(self.class_width.into()));
            // Blocks without ones have no index: what lies behind those that count may be passed with them, without a branch.
            let mut classes = window & !(u64::MAX >> (count.wrapping_mul(self.class_width) & 63));
            for _ in 0..STRIDE {
                let class = (classes >> shift) as u32;
                classes <<= self.class_width & 63;
                before.ones = before.ones.wrapping_add(class);
                before.bits = before.bits.wrapping_add(self.blocks.width(class));
            }
            from = from.wrapping_add(count);
        }
        before
    }

    /// What lies in front of a block; none if nothing can be trusted to tell.
    #[inline(always)]
    fn before(&self, block: u32) -> Option<Before> {
        let (from, before) = match self.directory.get() {
            Some(directory) => (block & !STRIDE.wrapping_sub(1), *directory.get((block / STRIDE) as usize)?),
            None if self.counted => {
                let superblock = block.checked_div(self.superblocks.size)?;
                (superblock.wrapping_mul(self.superblocks.size), self.superblocks.before(superblock)?)
            }
            None => return None,
        };
        Some(self.pass(before, from, block))
    }

    /// The ones in front of a block, and the block.
    #[inline(always)]
    fn stored(&self, block: u32) -> Option<(u32, Block)> {
        let before = self.before(block)?;
        Some((before.ones, self.block(self.class(block), self.indexes.wrapping_add(before.bits.into()))?))
    }

    /// The answer of a query; where the bitmap is not what it looked like, that of the checked bitmap.
    #[inline(always)]
    fn answer<A>(&self, query: impl Fn(&Self) -> Option<A>) -> Result<A> {
        match query(self) {
            Some(answer) => Ok(answer),
            None => self.answer_checked(query),
        }
    }

    #[cold]
    fn answer_checked<A>(&self, query: impl Fn(&Self) -> Option<A>) -> Result<A> {
        self.check()?;
        query(self).ok_or_else(|| T.wrong(self.at, "bitmap", &[], "its ranks are beyond it"))
    }

    /// Ones in front of two bits, the first not behind the second; at the end and behind it all of them.
    #[inline]
    pub(super) fn ranks(&self, low: u32, high: u32) -> Result<(u32, u32)> {
        self.answer(|bitmap| {
            if high >= bitmap.n || low >= bitmap.n {
                return Some((bitmap.try_rank(low)?, bitmap.try_rank(high)?));
            }
            let ((low_block, low_bits), (high_block, high_bits)) = (bitmap.block_of(low), bitmap.block_of(high));
            let (low_ones, low_stored) = bitmap.stored(low_block)?;
            let (high_ones, (low_rank, high_rank)) = if low_block == high_block {
                (low_ones, low_stored.two_ranks(low_bits, high_bits))
            } else {
                let (ones, stored) = bitmap.stored(high_block)?;
                (ones, Block::ranks(low_stored, low_bits, stored, high_bits))
            };
            let ranks = (low_ones.wrapping_add(low_rank), high_ones.wrapping_add(high_rank));
            (ranks.0 <= low && ranks.1 <= high).then_some(ranks)
        })
    }

    /// Ones in front of a bit; at the end and behind it all of them.
    #[inline]
    pub(super) fn rank(&self, pos: u32) -> Result<u32> {
        self.answer(|bitmap| bitmap.try_rank(pos))
    }

    #[inline]
    fn try_rank(&self, pos: u32) -> Option<u32> {
        if pos >= self.n { Some(self.ones) } else { Some(self.try_rank_and_bit(pos)?.0) }
    }

    /// Ones in front of a bit, and the bit; zero at the end.
    #[inline]
    pub(super) fn rank_and_bit(&self, pos: u32) -> Result<(u32, bool)> {
        self.answer(|bitmap| bitmap.try_rank_and_bit(pos))
    }

    #[inline]
    fn try_rank_and_bit(&self, pos: u32) -> Option<(u32, bool)> {
        if pos >= self.n {
            return Some((self.ones, false));
        }
        let (block, bits) = self.block_of(pos);
        let (ones, block) = self.stored(block)?;
        let (rank, bit) = block.rank_and_bit(bits);
        let rank = ones.wrapping_add(rank);
        (rank <= pos).then_some((rank, bit))
    }

    /// Blocks of bits of a checked bitmap from a bit on: each with how many bits of it are wanted, the first at the most significant bit.
    pub(super) fn runs(&self, start: u32, end: u32) -> impl Iterator<Item = (u64, u32)> + '_ {
        let size = self.blocks.size();
        let end = end.min(self.n);
        let mut block = start / size;
        let mut place = self.indexes.wrapping_add(self.before(block).unwrap_or_default().bits.into());
        let mut pos = start;
        std::iter::from_fn(move || {
            if pos >= end {
                return None;
            }
            let class = self.class(block);
            let bits = self.block(class, place)?.bits();
            place = place.wrapping_add(self.blocks.width(class).into());
            block = block.wrapping_add(1);
            let skipped = pos % size;
            let count = size.wrapping_sub(skipped).min(end.wrapping_sub(pos));
            pos = pos.wrapping_add(count);
            Some((bits << skipped, count))
        })
    }
}
