//! Blocks of a compressed bitmap as numbers: the combinatorial number system (7.2.2.3; the standard does not print the patterns).
//!
//! A block is a word of `size` bits, the first bit the most significant. Its class is how many ones it has, its index its rank
//! among all words with as many ones, in increasing order. Blocks with more ones than zeros are complemented first.

/// The most bits that a block has.
pub(super) const BLOCK: u32 = 63;

/// `WAYS[k][w]` is the number of ways to choose k of w.
static WAYS: [[u64; 64]; 32] = choose();

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

/// A size of blocks, with the number of blocks of each class and the width of their indexes.
#[derive(Clone)]
pub(super) struct Blocks {
    size: u32,
    widths: [u8; 64],
}

impl Blocks {
    /// Blocks of 1 to 63 bits.
    pub(super) fn new(size: u32) -> Blocks {
        let mut widths = [0; 64];
        for (class, width) in (0..).zip(&mut widths) {
            if class <= size {
                *width = super::counters::width_of(choices(size, class)) as u8;
            }
        }
        Blocks { size, widths }
    }

    #[inline]
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// The bits of the index of a block of this class.
    #[inline]
    pub(super) fn width(&self, class: u32) -> u32 {
        self.widths[class as usize & 63].into()
    }

    /// How many blocks of this class there are.
    #[inline]
    pub(super) fn choices(&self, class: u32) -> u64 {
        choices(self.size, class)
    }

    /// The first `bits` bits of a block, the first one at the most significant bit of the result, zeros behind them.
    #[inline]
    pub(super) fn decode(&self, class: u32, index: u64, bits: u32) -> u64 {
        let size = self.size;
        let many = class > size / 2;
        let ones = if many { size.wrapping_sub(class) } else { class };
        let block = decode(size, ones, index, bits);
        let block = if many { !block } else { block };
        // At least one bit of the result lies behind a block.
        block & !(u64::MAX >> bits)
    }
}

fn choices(size: u32, class: u32) -> u64 {
    let few = class.min(size.saturating_sub(class));
    ways(few)[size as usize & 63]
}

/// The words with `ones` ones (at most half of them), from the most significant bit on.
///
/// Of the ones that are left, the first stands at the greatest weight that has no more words below it than the index says.
#[inline]
fn decode(size: u32, mut ones: u32, mut index: u64, bits: u32) -> u64 {
    let mut block = 0u64;
    let end = size.wrapping_sub(bits);
    while ones > 0 {
        let ways = ways(ones);
        let mut weight: u32 = START[ones as usize & 31][usize::from(key(index))].into();
        while ways[weight as usize & 63] > index {
            weight = weight.wrapping_sub(1);
        }
        if weight < end {
            break;
        }
        // The first bit has the weight size - 1.
        block |= 1 << (weight.wrapping_add(64).wrapping_sub(size) & 63);
        index = index.wrapping_sub(ways[weight as usize & 63]);
        ones = ones.wrapping_sub(1);
    }
    block
}

/// The length of a number and the two bits behind its first one: numbers with the same key are close to each other.
#[inline]
const fn key(index: u64) -> u8 {
    let zeros = index.leading_zeros();
    let behind = index.wrapping_shl(zeros) >> 61 & 3;
    (64u32.wrapping_sub(zeros) << 2) as u8 | behind as u8
}

/// `START[k][key]` is the greatest weight that the first of k ones may have in a word whose index has this key.
static START: [[u8; 256]; 32] = start();

const fn start() -> [[u8; 256]; 32] {
    let choose = choose();
    let mut table = [[0u8; 256]; 32];
    let mut k = 1;
    while k < 32 {
        let mut weight = 63;
        let mut at = 256;
        while at > 0 {
            at -= 1;
            while weight > 0 && key(choose[k][weight]) as usize > at {
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

    /// All words with k ones in order.
    #[test]
    fn order() {
        for size in [3u32, 5, 7, 11, 15] {
            let blocks = Blocks::new(size);
            for class in 0..=size {
                let words: Vec<u64> = (0..1u64 << size).filter(|word| word.count_ones() == class).collect();
                assert_eq!(words.len() as u64, blocks.choices(class));
                assert!(words.len() as u64 <= 1 << blocks.width(class));
                for (index, word) in (0..).zip(&words) {
                    let complemented = class > size / 2;
                    let index = if complemented { words.len() as u64 - 1 - index } else { index };
                    for bits in 0..=size {
                        let whole = word << (64 - size);
                        assert_eq!(blocks.decode(class, index, bits), whole & !(u64::MAX >> bits), "{word:b} {bits}");
                    }
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
                for bits in 0..=BLOCK {
                    assert_eq!(blocks.decode(class, index, bits), block & !(u64::MAX >> bits));
                }
            }
        }
    }
}
