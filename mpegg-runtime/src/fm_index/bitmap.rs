//! A compressed bitmap where it stands (Table 81): checked, and asked for ranks and bits.
//!
//! The stored counters of superblocks are passed over. One pass over the classes gives all they say, and a denser directory.

use super::binomial::{BLOCK, Blocks};
use super::counters::skip_sampled;
use super::layout::{Fields, Table, Words, bits_of};
use crate::Result;

const T: Table = Table::BITMAP;

/// Blocks between two entries of the directory; their classes are within 64 bits.
const STRIDE: u32 = 8;

/// What lies in front of a block: ones, and bits of indexes.
#[derive(Clone, Copy, Default)]
struct Before {
    ones: u32,
    bits: u32,
}

/// A block as it is stored: its class, and where its index begins.
#[derive(Clone, Copy, Default)]
struct Stored {
    class: u32,
    place: u64,
}

/// A bitmap of a wavelet tree.
pub(super) struct Bitmap<'a> {
    n: u32,
    blocks: Blocks,
    class_width: u32,
    /// The classes, then the indexes of the blocks.
    words: Words<'a>,
    /// Where the indexes begin.
    indexes: u64,
    directory: Vec<Before>,
    ones: u32,
    sizes: BitmapSizes,
}

/// The bits of a bitmap by what they are for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BitmapSizes {
    /// Fields and counters of superblocks.
    pub(super) superblocks: u64,
    pub(super) classes: u64,
    pub(super) indexes: u64,
    pub(super) padding: u64,
}

impl<'a> Bitmap<'a> {
    /// Reads and checks the bitmap of a node: `bytes` long, with `n` bits, `ones` of which are set.
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
        let blocks = Blocks::new(block_size);
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
        let ranks = skip_sampled(fields, "superblock_ranks").map_err(|error| T.of(error))?;
        let offsets = skip_sampled(fields, "superblock_offsets").map_err(|error| T.of(error))?;
        if u64::from(superblock_bytes) != ranks.saturating_add(offsets) {
            let message = format!("{superblock_bytes} bytes, the counters have {}", ranks.saturating_add(offsets));
            return Err(T.wrong(at, "superblock_bytes", &[], message));
        }
        let at = fields.bit();
        let rest = end.checked_sub(at).filter(|&rest| rest >= classes_bits.into() && rest % 64 == 0);
        let Some(rest) = rest else {
            return Err(T.wrong(start, "size_in_bytes", &[], format!("{bytes} bytes do not hold this bitmap, or are no whole words")));
        };
        let words = fields.words(T, "bitmap", rest)?;
        let sizes = BitmapSizes { superblocks: at.saturating_sub(start), classes: classes_bits.into(), indexes: 0, padding: 0 };
        let mut bitmap = Bitmap { n, blocks, class_width, words, indexes: classes_bits.into(), directory: Vec::new(), ones: 0, sizes };
        bitmap.index(num_blocks, at)?;
        if bitmap.ones != ones {
            let message = format!("{} ones, the tree has {ones} greater codes than the one of this node", bitmap.ones);
            return Err(T.wrong(at, "bitmap", &[], message));
        }
        Ok(bitmap)
    }

    /// Makes the directory and checks every block: its class, its index, and that the indexes fill the bitmap.
    fn index(&mut self, num_blocks: u32, at: u64) -> Result<()> {
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
            let block = num_blocks.saturating_sub(1);
            let class = self.class(block);
            let index = place.saturating_sub(self.blocks.width(class).into());
            let bits = self.decode(Stored { class, place: index }, self.blocks.size());
            if bits << last != 0 {
                return Err(T.wrong(at.saturating_add(index), "bitmap", &[], "the last block has ones behind the end"));
            }
        }
        self.sizes.indexes = place.saturating_sub(self.indexes);
        self.sizes.padding = filled.saturating_sub(place);
        self.directory = directory;
        self.ones = before.ones;
        Ok(())
    }

    /// The bytes of the structure, as they are used.
    pub(super) fn sizes(&self) -> BitmapSizes {
        self.sizes
    }

    /// The bytes of memory that the bitmap takes besides the index.
    pub(super) fn memory(&self) -> u64 {
        bits_of(self.directory.len())
    }

    #[inline]
    fn class(&self, block: u32) -> u32 {
        self.words.bits(u64::from(block).wrapping_mul(self.class_width.into()), self.class_width) as u32
    }

    /// The first bits of a block.
    #[inline]
    fn decode(&self, Stored { class, place }: Stored, bits: u32) -> u64 {
        self.blocks.decode(class, self.words.bits(place, self.blocks.width(class)), bits)
    }

    /// The block of a bit, and the place of the bit in it.
    #[inline]
    fn block_of(&self, pos: u32) -> (u32, u32) {
        // A division by a constant is a multiplication.
        if self.blocks.size() == BLOCK { (pos / BLOCK, pos % BLOCK) } else { (pos / self.blocks.size(), pos % self.blocks.size()) }
    }

    /// What lies in front of a block, and its class.
    #[inline]
    fn before(&self, block: u32) -> (u32, Stored) {
        let Some(before) = self.directory.get((block / STRIDE) as usize) else { return (self.ones, Stored::default()) };
        let (mut ones, mut place) = (before.ones, self.indexes.wrapping_add(before.bits.into()));
        let first = block & !STRIDE.wrapping_sub(1);
        // All classes of a stride are in one word.
        let mut classes = self.words.window(u64::from(first).wrapping_mul(self.class_width.into()));
        let shift = 64u32.wrapping_sub(self.class_width) & 63;
        for _ in first..block {
            let class = (classes >> shift) as u32;
            classes <<= self.class_width & 63;
            ones = ones.wrapping_add(class);
            place = place.wrapping_add(self.blocks.width(class).into());
        }
        (ones, Stored { class: (classes >> shift) as u32, place })
    }

    /// Ones in front of a bit; at the end and behind it all of them.
    #[inline]
    pub(super) fn rank(&self, pos: u32) -> u32 {
        if pos >= self.n {
            return self.ones;
        }
        let (block, bits) = self.block_of(pos);
        let (ones, stored) = self.before(block);
        ones.wrapping_add(self.decode(stored, bits).count_ones())
    }

    /// Ones in front of two bits, the first of which is not behind the second.
    #[inline]
    pub(super) fn ranks(&self, low: u32, high: u32) -> (u32, u32) {
        let (block, bits) = self.block_of(high);
        let (low_block, low_bits) = self.block_of(low);
        if high >= self.n || low_block != block {
            return (self.rank(low), self.rank(high));
        }
        let (ones, stored) = self.before(block);
        let bits = self.decode(stored, bits);
        let first = bits & !(u64::MAX >> low_bits);
        (ones.wrapping_add(first.count_ones()), ones.wrapping_add(bits.count_ones()))
    }

    /// Ones in front of a bit, and the bit; zero at the end.
    #[inline]
    pub(super) fn rank_and_bit(&self, pos: u32) -> (u32, bool) {
        if pos >= self.n {
            return (self.ones, false);
        }
        let (block, at) = self.block_of(pos);
        let (ones, stored) = self.before(block);
        let bits = self.decode(stored, at.wrapping_add(1));
        let before = bits & !(u64::MAX >> at);
        (ones.wrapping_add(before.count_ones()), bits != before)
    }

    /// Blocks of bits from a bit on: each with how many bits of it are wanted, the first at the most significant bit.
    pub(super) fn runs(&self, start: u32, end: u32) -> impl Iterator<Item = (u64, u32)> + '_ {
        let size = self.blocks.size();
        let end = end.min(self.n);
        let mut block = start / size;
        let (_, Stored { mut place, .. }) = self.before(block);
        let mut pos = start;
        std::iter::from_fn(move || {
            if pos >= end {
                return None;
            }
            let class = self.class(block);
            let bits = self.decode(Stored { class, place }, size);
            place = place.wrapping_add(self.blocks.width(class).into());
            block = block.wrapping_add(1);
            let skipped = pos % size;
            let count = size.wrapping_sub(skipped).min(end.wrapping_sub(pos));
            pos = pos.wrapping_add(count);
            Some((bits << skipped, count))
        })
    }
}
