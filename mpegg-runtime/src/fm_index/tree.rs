//! The wavelet tree where it stands (Tables 78 and 79): a comb of bitmaps. Node k parts code k, its left leaf, from the greater ones.

use super::bitmap::{Bitmap, BitmapSizes};
use super::layout::{Fields, Table};
use crate::{Error, Result};

const T: Table = Table::TREE;

/// The transformed text.
pub(super) struct Tree<'a> {
    pub(super) n: u32,
    /// The characters with smaller codes, of each code, and n behind them.
    pub(super) c: Vec<u32>,
    /// The row of the whole text.
    pub(super) red_isa_0: u32,
    /// The code of the last character of the text.
    pub(super) char_red_isa_0: u32,
    char_red_isa_0_at: u64,
    /// Of each code but the last one, which characters behind it in the order of codes are greater.
    pub(super) bitmaps: Vec<Bitmap<'a>>,
}

impl<'a> Tree<'a> {
    /// Reads the fields of the tree of a text of `n` characters, `alpha` of them different.
    pub(super) fn read(fields: &mut Fields<'a>, n: u32, alpha: u32) -> Result<Tree<'a>> {
        for (name, expected) in [("n", n), ("alpha", alpha)] {
            let at = fields.bit();
            let stored = fields.u32(T, name, &[])?;
            if stored != expected {
                return Err(T.wrong(at, name, &[], format!("{stored}, the index has {expected}")));
            }
        }
        let c = read_counts(fields, n, alpha)?;
        let at = fields.bit();
        let red_isa_0 = fields.u32(T, "red_isa_0", &[])?;
        if red_isa_0 >= n {
            return Err(T.wrong(at, "red_isa_0", &[], format!("row {red_isa_0} of {n}")));
        }
        let last_at = fields.bit();
        let char_red_isa_0 = fields.u32(T, "char_red_isa_0", &[])?;
        if char_red_isa_0 >= alpha {
            return Err(T.wrong(last_at, "char_red_isa_0", &[], format!("code {char_red_isa_0} of {alpha}")));
        }
        let sizes = read_nodes(fields, alpha)?;
        let mut bitmaps = Vec::with_capacity(sizes.len());
        for (k, &bytes) in sizes.iter().enumerate() {
            let greater = |k: usize| n.saturating_sub(c.get(k).copied().unwrap_or(n));
            let bitmap = Bitmap::read(fields, bytes, greater(k), greater(k.saturating_add(1)));
            bitmaps.push(bitmap.map_err(|error| in_bitmap(k, error))?);
        }
        Ok(Tree { n, c, red_isa_0, char_red_isa_0, bitmaps, char_red_isa_0_at: last_at })
    }

    /// Checks every block of all bitmaps.
    pub(super) fn check(&self) -> Result<()> {
        for (k, bitmap) in self.bitmaps.iter().enumerate() {
            bitmap.check().map_err(|error| damaged(k, error))?;
        }
        let (code, _) = self.descend(self.red_isa_0)?;
        if code != self.char_red_isa_0 {
            let message = format!("{}, row {} of the tree has code {code}", self.char_red_isa_0, self.red_isa_0);
            return Err(in_index(T.wrong(self.char_red_isa_0_at, "char_red_isa_0", &[], message)));
        }
        Ok(())
    }

    /// Compares the counters of superblocks with the blocks.
    pub(super) fn check_counters(&self) -> Result<()> {
        self.bitmaps.iter().enumerate().try_for_each(|(k, bitmap)| bitmap.check_counters().map_err(|error| damaged(k, error)))
    }

    /// The code of a row, and how many rows in front of it have the same.
    #[inline]
    fn descend(&self, row: u32) -> Result<(u32, u32)> {
        let mut place = row;
        for (k, bitmap) in self.bitmaps.iter().enumerate() {
            let (rank, bit) = bitmap.rank_and_bit(place).map_err(|error| damaged(k, error))?;
            if !bit {
                return Ok((k as u32, place.wrapping_sub(rank)));
            }
            place = rank;
        }
        Ok((self.bitmaps.len() as u32, place))
    }

    /// The characters with codes below this one.
    #[inline]
    pub(super) fn first(&self, code: u32) -> u32 {
        self.c.get(code as usize).copied().unwrap_or(self.n)
    }

    /// The rows of suffixes that begin with this code.
    pub(super) fn rows(&self, code: u32) -> (u32, u32) {
        (self.first(code), self.first(code.saturating_add(1)))
    }

    /// LF mapping (7.2.7) and the character decoded on the way (7.2.6): the code in front of the suffix of a row, and the row of
    /// the suffix that begins with it.
    #[inline]
    pub(super) fn step(&self, row: u32) -> Result<(u32, u32)> {
        let (code, place) = self.descend(row)?;
        let first = self.first(code);
        if row == self.red_isa_0 {
            return Ok((code, first));
        }
        let swapped = u32::from(code == self.char_red_isa_0 && row < self.red_isa_0);
        Ok((code, first.wrapping_add(place).wrapping_add(swapped)))
    }

    /// Extended LF mapping (7.2.8) of two rows, not the first step of a search: which rows begin with this code, of those that go on
    /// as rows low to high (excluded) do.
    #[inline]
    pub(super) fn extend(&self, code: u32, low: u32, high: u32) -> Result<(u32, u32)> {
        let (mut a, mut b) = (low, high);
        for (k, bitmap) in self.bitmaps.get(..=code as usize).unwrap_or(&self.bitmaps).iter().enumerate() {
            let (ones_a, ones_b) = bitmap.ranks(a, b).map_err(|error| damaged(k, error))?;
            (a, b) = if k == code as usize { (a.wrapping_sub(ones_a), b.wrapping_sub(ones_b)) } else { (ones_a, ones_b) };
            if a == b {
                return Ok((0, 0));
            }
        }
        let first = self.first(code);
        // The row of the suffix of one character comes first; the place of its character in the rows is another one.
        let swapped = |row: u32| u32::from(code == self.char_red_isa_0 && row <= self.red_isa_0);
        Ok((first.wrapping_add(a).wrapping_add(swapped(low)), first.wrapping_add(b).wrapping_add(swapped(high))))
    }

    /// Where the rows from one on are in each bitmap of a checked tree, and in the last leaf.
    pub(super) fn places(&self, row: u32) -> Vec<u32> {
        let mut place = row;
        let ranks = self.bitmaps.iter().map(|bitmap| {
            place = bitmap.rank(place).unwrap_or(0);
            place
        });
        std::iter::once(row).chain(ranks).collect()
    }

    /// Of each code, the first row of suffixes that begin with it and go on as the row of these places does.
    pub(super) fn ranks(&self, places: &[u32]) -> Vec<u32> {
        let greater = places.iter().skip(1).copied().chain([0]);
        let counts = places.iter().zip(greater).map(|(place, greater)| place.wrapping_sub(greater));
        self.c.iter().zip(counts).map(|(first, count)| first.wrapping_add(count)).collect()
    }

    /// The sizes of all bitmaps, added up.
    pub(super) fn sizes(&self) -> BitmapSizes {
        self.bitmaps.iter().map(Bitmap::sizes).fold(BitmapSizes::default(), |sum, sizes| BitmapSizes {
            superblocks: sum.superblocks.saturating_add(sizes.superblocks),
            classes: sum.classes.saturating_add(sizes.classes),
            indexes: sum.indexes.saturating_add(sizes.indexes),
        })
    }
}

/// An error in the bitmap of an inner node.
fn in_bitmap(k: usize, error: Error) -> Error {
    T.of(error.in_field("bitmap", &[(k as u64).saturating_mul(2)]))
}

/// An error in the tree, found when it was already open.
fn in_index(error: Error) -> Error {
    Table::INDEX.of(error.in_field("wt", &[]))
}

#[cold]
fn damaged(k: usize, error: Error) -> Error {
    in_index(in_bitmap(k, error))
}

fn read_counts(fields: &mut Fields<'_>, n: u32, alpha: u32) -> Result<Vec<u32>> {
    let mut c = Vec::with_capacity(257);
    let mut last = 0;
    for i in 0..257u32 {
        let at = fields.bit();
        let count = fields.u32(T, "c", &[i.into()])?;
        let fits = if i == 0 {
            count == 0
        } else if i >= alpha {
            count == n
        } else {
            (last..=n).contains(&count)
        };
        if !fits {
            return Err(T.wrong(at, "c", &[i.into()], format!("{count} of {n} characters have a smaller code; {last} have one smaller than the code before")));
        }
        last = count;
        if i <= alpha {
            c.push(count);
        }
    }
    Ok(c)
}

/// The nodes in pre-order: the bytes of the bitmaps of the inner ones.
fn read_nodes(fields: &mut Fields<'_>, alpha: u32) -> Result<Vec<u32>> {
    let at = fields.bit();
    let num_nodes = fields.u32(T, "num_nodes", &[])?;
    let expected = alpha.saturating_mul(2).saturating_sub(1);
    if num_nodes != expected {
        return Err(T.wrong(at, "num_nodes", &[], format!("{num_nodes} nodes, {alpha} codes have {expected}")));
    }
    let mut sizes = Vec::with_capacity(256);
    for i in 0..num_nodes {
        let (k, leaf) = (i / 2, i % 2 == 1);
        let last = alpha.saturating_sub(1);
        let at = fields.bit();
        // One number: in the other byte order the two halves are exchanged too.
        let node = fields.u32(T, "nodes", &[i.into()])?;
        let expected = k << 16 | if leaf { k } else { last };
        if node != expected {
            let message = format!(
                "codes {} to {}, {} to {} in a tree that parts one code after the other from the greater ones",
                node >> 16,
                node & 0xFFFF,
                expected >> 16,
                expected & 0xFFFF
            );
            return Err(T.wrong(at, "nodes", &[i.into()], message));
        }
        let at = fields.bit();
        let bytes = fields.u32(T, "bitmap_bytes", &[i.into()])?;
        let inner = !leaf && k < last;
        if inner == (bytes == 0) {
            let message = if inner { "an inner node has a bitmap" } else { "a leaf has no bitmap" };
            return Err(T.wrong(at, "bitmap_bytes", &[i.into()], message));
        }
        if inner {
            sizes.push(bytes);
        }
    }
    Ok(sizes)
}
