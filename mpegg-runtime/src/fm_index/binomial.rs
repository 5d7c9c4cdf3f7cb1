//! Blocks of a compressed bitmap as numbers: the combinatorial number system (7.2.2.3; the standard does not print the patterns).
//!
//! A block is a word of `size` bits, the first bit the most significant. Its class is how many ones it has, its index its rank
//! among all words with as many ones, in increasing order. Blocks with more ones than zeros are complemented first.

/// The most bits that a block has.
pub(super) const BLOCK: u32 = 63;

/// `WAYS[k][w]` is the number of ways to choose k of w. Of no one there is no word to stand before: 0, so that it is never decoded.
static WAYS: [[u64; 64]; 32] = {
    let mut table = choose();
    table[0] = [0; 64];
    table
};

const fn choose() -> [[u64; 64]; 32] {
    let mut table = [[0u64; 64]; 32];
    let mut w = 0;
    while w < 64 {
        table[0][w] = 1;
        let mut k = 1;
        while k < 32 && w > 0 {
            table[k][w] = table[k][w - 1] + table[k - 1][w - 1];
            k += 1;
        }
        w += 1;
    }
    table
}

#[inline]
fn ways(k: u32) -> &'static [u64; 64] {
    &WAYS[k as usize & 31]
}

/// `WIDTHS[size][class]` is the width of the indexes of the blocks of a class.
static WIDTHS: [[u8; 64]; 64] = {
    let choose = choose();
    let mut table = [[0u8; 64]; 64];
    let mut size = 1;
    while size < 64 {
        let mut class = 0;
        while class <= size {
            let few = if class <= size / 2 { class } else { size - class };
            table[size][class] = (64 - (choose[few][size] - 1).leading_zeros()) as u8;
            class += 1;
        }
        size += 1;
    }
    table
};

/// Blocks of one size.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    size: u32,
    widths: &'static [u8; 64],
}

impl Blocks {
    /// Blocks of 1 to 63 bits.
    pub(super) fn new(size: u32) -> Blocks {
        Blocks { size, widths: &WIDTHS[size as usize & 63] }
    }

    #[inline]
    pub(super) fn size(self) -> u32 {
        self.size
    }

    /// The bits of the index of a block of this class.
    #[inline]
    pub(super) fn width(self, class: u32) -> u32 {
        self.widths[class as usize & 63].into()
    }

    /// How many blocks of this class there are.
    #[inline]
    pub(super) fn choices(self, class: u32) -> u64 {
        let few = class.min(self.size.wrapping_sub(class));
        if few == 0 { 1 } else { ways(few)[self.size as usize & 63] }
    }

    /// A block of a class; none if there are not so many.
    #[inline]
    pub(super) fn block(self, class: u32, index: u64) -> Option<Block> {
        let many = class > self.size / 2;
        let ones = if many { self.size.wrapping_sub(class) } else { class };
        (class <= self.size && index < self.choices(class)).then_some(Block { size: self.size, ones, index, many })
    }
}

/// A block that is not decoded yet.
#[derive(Clone, Copy)]
pub(super) struct Block {
    size: u32,
    /// Those of the word or, of many, of its complement.
    ones: u32,
    index: u64,
    many: bool,
}

impl Block {
    /// All bits, the first one at the most significant bit of the result, zeros behind them.
    #[inline]
    pub(super) fn bits(mut self) -> u64 {
        let mut bits = 0u64;
        while self.ones > 0 {
            let (weight, below) = self.first();
            // The first bit has the weight size - 1.
            bits |= 1 << (weight.wrapping_sub(self.size) & 63);
            self.drop_first(below);
        }
        if self.many { !bits & !(u64::MAX >> self.size) } else { bits }
    }

    /// How many of the first `bits` bits are set, and whether the next one is.
    #[inline]
    pub(super) fn rank_and_bit(mut self, bits: u32) -> (u32, bool) {
        let end = self.size.wrapping_sub(bits);
        let all = self.ones;
        let mut next = 0;
        while self.ones > 0 {
            let (weight, below) = self.first();
            next = weight.wrapping_add(1);
            if weight < end {
                break;
            }
            self.drop_first(below);
        }
        let is_next = self.ones > 0 && next == end;
        (self.rank(all, bits), is_next != self.many)
    }

    /// How many of the first `low` and of the first `high` bits are set, the first no more than the second.
    #[inline]
    pub(super) fn two_ranks(mut self, low: u32, high: u32) -> (u32, u32) {
        let (low_end, high_end) = (self.size.wrapping_sub(low), self.size.wrapping_sub(high));
        let (all, mut behind_low) = (self.ones, self.ones);
        while self.ones > 0 {
            let (weight, below) = self.first();
            if weight < high_end {
                break;
            }
            behind_low = behind_low.wrapping_sub((weight >= low_end).into());
            self.drop_first(below);
        }
        (Block { ones: behind_low, ..self }.rank(all, low), self.rank(all, high))
    }

    /// How many of the first bits of two blocks are set. Side by side, since each step of one waits for the one before.
    #[inline]
    pub(super) fn ranks(mut a: Block, a_bits: u32, mut b: Block, b_bits: u32) -> (u32, u32) {
        let (a_all, b_all) = (a.ones, b.ones);
        let (a_end, b_end) = (a.size.wrapping_sub(a_bits), b.size.wrapping_sub(b_bits));
        loop {
            let (a_first, b_first) = (a.first(), b.first());
            let (a_goes, b_goes) = (a.ones > 0 && a_first.0 >= a_end, b.ones > 0 && b_first.0 >= b_end);
            if !(a_goes | b_goes) {
                return (a.rank(a_all, a_bits), b.rank(b_all, b_bits));
            }
            a.drop_if(a_goes, a_first.1);
            b.drop_if(b_goes, b_first.1);
        }
    }

    /// The ones of the first bits, of which the word had `all` before those were dropped.
    #[inline]
    fn rank(&self, all: u32, bits: u32) -> u32 {
        let ones = all.wrapping_sub(self.ones);
        if self.many { bits.wrapping_sub(ones) } else { ones }
    }

    #[inline]
    fn drop_first(&mut self, below: u64) {
        self.index = self.index.wrapping_sub(below);
        self.ones = self.ones.wrapping_sub(1);
    }

    #[inline]
    fn drop_if(&mut self, goes: bool, below: u64) {
        self.index = self.index.wrapping_sub(if goes { below } else { 0 });
        self.ones = self.ones.wrapping_sub(goes.into());
    }

    /// The weight of the first of the ones, and how many words have it at a smaller one: it is the greatest weight for which these
    /// are no more than the index says.
    #[inline]
    fn first(&self) -> (u32, u64) {
        let ways = ways(self.ones);
        let mut weight: u32 = START[self.ones as usize & 31][key(self.index)].into();
        let (mut below, smaller) = (ways[weight as usize & 63], ways[weight.wrapping_sub(1) as usize & 63]);
        // A key seldom has more than two weights: no branch between these, which would be guessed wrong every other time.
        let above = u64::from(below > self.index);
        below = smaller ^ (below ^ smaller) & above.wrapping_sub(1);
        weight = weight.wrapping_sub(above as u32);
        while below > self.index {
            weight = weight.wrapping_sub(1);
            below = ways[weight as usize & 63];
        }
        (weight, below)
    }
}

/// Bits of a number behind its first one that its key has.
const BEHIND: u32 = 4;

/// Keys of all numbers of 64 bits.
const KEYS: usize = 65 << BEHIND;

/// The length of a number and the bits behind its first one: numbers with the same key are close to each other.
#[inline]
const fn key(index: u64) -> usize {
    // 0 as 1: of no bits the length would be a case of its own.
    let zeros = (index | 1).leading_zeros();
    let behind = index.wrapping_shl(zeros) >> (63 - BEHIND) & ((1 << BEHIND) - 1);
    ((64u32.wrapping_sub(zeros) as usize) << BEHIND) | behind as usize
}

/// `START[k][key]` is the greatest weight that the first of k ones may have in a word whose index has this key.
static START: [[u8; KEYS]; 32] = start();

const fn start() -> [[u8; KEYS]; 32] {
    let choose = choose();
    let mut table = [[0u8; KEYS]; 32];
    let mut k = 1;
    while k < 32 {
        let mut weight = 63;
        let mut at = KEYS;
        while at > 0 {
            at -= 1;
            while weight > 0 && key(choose[k][weight]) > at {
                weight -= 1;
            }
            table[k][at] = weight as u8;
        }
        k += 1;
    }
    table
}

/// The class and the index of a block of 63 bits, the first bit of which is the most significant of the 64.
#[inline]
pub(super) fn encode(block: u64) -> (u32, u64) {
    let class = block.count_ones();
    let few = if class > BLOCK / 2 { !block & !1 } else { block };
    let mut rest = few >> 1;
    let mut index = 0u64;
    let mut k = 0u32;
    while rest != 0 {
        k = k.wrapping_add(1);
        // The lowest one is the last when counting from the left.
        index = index.wrapping_add(ways(k)[rest.trailing_zeros() as usize & 63]);
        rest &= rest.wrapping_sub(1);
    }
    (class, index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block is these bits, asked for them in every way.
    fn is(block: Block, whole: u64) {
        assert_eq!(block.bits(), whole, "{whole:b}");
        let rank = |bits: u32| (whole & !(u64::MAX >> bits)).count_ones();
        for bits in 0..block.size {
            assert_eq!(block.rank_and_bit(bits), (rank(bits), whole << bits >> 63 != 0), "{whole:b} {bits}");
            for more in [bits, (bits + block.size) / 2, block.size] {
                assert_eq!(Block::ranks(block, bits, block, more), (rank(bits), rank(more)), "{whole:b} {bits} {more}");
                assert_eq!(block.two_ranks(bits, more), (rank(bits), rank(more)), "{whole:b} {bits} {more}");
            }
        }
    }

    /// All words with k ones in order.
    #[test]
    fn order() {
        for size in [3u32, 5, 7, 11, 15] {
            let blocks = Blocks::new(size);
            for class in 0..=size {
                let words: Vec<u64> = (0..1u64 << size).filter(|word| word.count_ones() == class).collect();
                assert_eq!(words.len() as u64, blocks.choices(class));
                assert!(words.len() as u64 <= 1 << blocks.width(class));
                assert!(blocks.block(class, words.len() as u64).is_none());
                for (index, word) in (0..).zip(&words) {
                    let complemented = class > size / 2;
                    let index = if complemented { words.len() as u64 - 1 - index } else { index };
                    is(blocks.block(class, index).unwrap(), word << (64 - size));
                }
            }
        }
    }

    #[test]
    fn there_and_back() {
        let blocks = Blocks::new(BLOCK);
        let mut word = 0x9e37_79b9_7f4a_7c15u64;
        for round in 0..2000u32 {
            word = word.wrapping_mul(0xd129_0d3b_3cc4_1d45).rotate_left(23) ^ u64::from(round);
            for block in [word, word & word.rotate_left(7) & word.rotate_left(31), word | word.rotate_left(9), 0, u64::MAX] {
                let block = block & !1;
                let (class, index) = encode(block);
                assert!(index < blocks.choices(class));
                is(blocks.block(class, index).unwrap(), block);
            }
        }
    }
}
