//! The string index of clause 7: a compressed FM-index, which holds a text and finds what stands in it.
//!
//! [`build`] makes the Value of a `compressed_string_index` (`csix`) of a text; [`Index::parse`] takes one, of which it checks every
//! bit that an answer depends on, and answers from it where it stands. [`Index::open`] reads its fields only: what an answer depends
//! on is checked when it is looked at, so that a few queries read a few pages of a large file. [`Index::expand`] makes of an index,
//! once, a larger structure in memory that answers faster. All give the same answers, for any text: it need not end with a terminator,
//! nor be free of them.
//!
//! ```
//! use mpegg_runtime::fm_index::{Index, Options, build};
//!
//! let bytes = build(b"rs1801133\x01rs1801131\x01BRCA1\x01\0", &Options::default())?;
//! let index = Index::parse(&bytes)?;
//! assert_eq!(index.count(b"rs18")?, 2);
//! assert_eq!(index.locate(b"113")?, [5, 15]);
//! let mut text = Vec::new();
//! index.extract(20..25, &mut text)?;
//! assert_eq!(text, b"BRCA1");
//! # Ok::<(), mpegg_runtime::Error>(())
//! ```
//!
//! The layout is written down in the schema too, from which the types of all tables are generated. Those hold the values of a table,
//! one by one; a search asks a few of millions of counters and blocks for a few bits, so that it reads them where they stand. A test
//! compares the two on every field.
//!
//! # Cost
//!
//! n is the length of the text, m that of a pattern, h the number of hits, s the sampling rate of the suffix array, l that of the
//! walk. A step is 1 to 3 ranks in most texts, one for each code up to that of the character, codes being given by frequency.
//!
//! | call | in place | expanded |
//! |---|---|---|
//! | [`Index::open`] | the fields | |
//! | [`Index::parse`], [`Index::expand`] | one pass over the index | one pass over the index, n steps |
//! | count | 2m ranks for each step | 2m ranks |
//! | locate | count, then about s steps a hit | count, then at most s steps a hit, s/2 in the mean |
//! | extract r bytes | r + l/2 steps | r + l/2 steps |
//! | the whole text | n steps | n steps, on all processors |

mod binomial;
mod bitmap;
mod build;
mod counters;
mod ends;
mod expanded;
mod layout;
mod query;
mod superblocks;
mod tree;

pub use build::build;
pub use expanded::Expanded;
pub use layout::ByteOrder;
pub use query::Positions;

use counters::{Counters, width_of};
use ends::Ends;
use layout::{Fields, Table};
use tree::Tree;

use crate::{Error, Result};
use std::sync::OnceLock;

/// How densely a text is sampled in its index: denser is larger and faster. Neither rate is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Rows between two stored positions of the suffix array: for where a hit is.
    pub sampling_rate_sa: u32,
    /// Characters between two stored rows: for where the decoding of a part begins.
    pub sampling_rate_lf: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { sampling_rate_sa: 32, sampling_rate_lf: 64 }
    }
}

/// A compressed string index (7.1.5.2, Table 77) where it stands.
///
/// Once it is checked it holds, besides the borrowed bytes, a directory of each bitmap: 8 bytes for each 504 bits of the tree. Searches
/// keep the rows of short ends of their patterns: 256 KiB at most, or half the size of the index.
pub struct Index<'a> {
    order: ByteOrder,
    sampling_rate_sa: u32,
    sampling_rate_lf: u32,
    /// Of each byte its code, or a number beyond all codes.
    encode: [u16; 256],
    decode: [u8; 256],
    sa: Counters<'a>,
    lf: Counters<'a>,
    tree: Tree<'a>,
    bytes: usize,
    ends: Ends,
    checked: OnceLock<()>,
}

/// Where the bytes of an index go. All sizes are in bytes; together they are the whole index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The fields in front of the samples, and those of the tree: lengths, rates, codes, counts, nodes.
    pub header: u64,
    /// Samples of the suffix array.
    pub sa: u64,
    /// Samples of the walk through the text.
    pub lf: u64,
    /// Headers of the bitmaps and their counters of superblocks.
    pub superblocks: u64,
    /// Classes of the blocks, rounded down.
    pub classes: u64,
    /// Indexes of the blocks, and what fills the last word of each bitmap.
    pub indexes: u64,
}

/// The longest text for each byte of an index: blocks of two symbols take a byte for 84 characters at least. A text of one symbol
/// needs no blocks, and could be of any length.
const MOST_PER_BYTE: u64 = 1024;

impl<'a> Index<'a> {
    /// Reads an index, the Value of a `csix` box, from `n` to its last byte, in either byte order, and checks it whole. One pass over
    /// the bytes. No query of it fails but where the rows are not those of a text.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and of [`check`](Self::check).
    pub fn parse(bytes: &'a [u8]) -> Result<Index<'a>> {
        let index = Index::open(bytes)?;
        index.check()?;
        Ok(index)
    }

    /// Reads the fields of an index. Blocks, counters and samples are looked at when a query asks for them, and the blocks checked then:
    /// wrong counters of superblocks or wrong samples may give a wrong answer, where those of a checked index are right or none.
    ///
    /// # Errors
    ///
    /// Truncated or malformed (7.1.5.2 to 7.1.5.7), with the place of the field in bits from the first byte of `bytes`. Limit: it is the
    /// text of one symbol, over a thousand times as long as the index.
    pub fn open(bytes: &'a [u8]) -> Result<Index<'a>> {
        const T: Table = Table::INDEX;
        let mut fields = Fields::new(bytes, ByteOrder::of(bytes));
        let positive = |fields: &mut Fields<'a>, name: &str| {
            let at = fields.bit();
            let value = fields.u32(T, name, &[])?;
            if value == 0 { Err(T.wrong(at, name, &[], format!("{name} is 0"))) } else { Ok(value) }
        };
        let n = positive(&mut fields, "n")?;
        if u64::from(n) > (bytes.len() as u64).saturating_mul(MOST_PER_BYTE) {
            let message = format!("a text of {n} characters in {} bytes; {MOST_PER_BYTE} a byte are possible here", bytes.len());
            return Err(T.of(Error::limit(0, message).in_field("n", &[])));
        }
        let alpha_at = fields.bit();
        let alpha = positive(&mut fields, "alpha")?;
        if alpha > 256 {
            return Err(T.wrong(alpha_at, "alpha", &[], format!("{alpha} symbols; bytes have 256")));
        }
        let sampling_rate_sa = positive(&mut fields, "sampling_rate_sa")?;
        let sampling_rate_lf = positive(&mut fields, "sampling_rate_lf")?;
        let (encode, decode) = read_codes(&mut fields, alpha)?;
        let width = width_of(n.into());
        let samples = |fields: &mut Fields<'a>, name: &str, rate: u32| {
            let counters = Counters::read(fields).and_then(|counters| counters.expect(n.div_ceil(rate), width));
            counters.map_err(|error| T.of(error.in_field(name, &[])))
        };
        let sa = samples(&mut fields, "sa", sampling_rate_sa)?;
        let lf = samples(&mut fields, "lf", sampling_rate_lf)?;
        let tree = Tree::read(&mut fields, n, alpha).map_err(|error| T.of(error.in_field("wt", &[])))?;
        if fields.remaining() != 0 {
            return Err(T.wrong(fields.bit(), "wt", &[], format!("{} bytes behind the index", fields.remaining())));
        }
        let order = fields.order;
        let (ends, checked) = (Ends::new(bytes.len(), alpha), OnceLock::new());
        Ok(Index { order, sampling_rate_sa, sampling_rate_lf, encode, decode, sa, lf, tree, bytes: bytes.len(), ends, checked })
    }

    /// Checks all that answers depend on: samples, and every block of the tree. One pass, the first time. From then on counters of
    /// superblocks, which say again what the blocks do, are not needed; they may be wrong.
    ///
    /// # Errors
    ///
    /// Malformed (7.1.5.2 to 7.1.5.6), with the place in bits from the first byte of the index.
    pub fn check(&self) -> Result<()> {
        if self.is_checked() {
            return Ok(());
        }
        let in_samples = |name: &'static str| move |error: Error| Table::INDEX.of(error.in_field(name, &[]));
        // Of the row of the whole text the position may be stored as n.
        self.sa.at_most(self.len(), "position of the text").map_err(in_samples("sa"))?;
        self.lf.at_most(self.len().saturating_sub(1), "row").map_err(in_samples("lf"))?;
        self.tree.check()?;
        // Another thread may have come first.
        let _ = self.checked.set(());
        Ok(())
    }

    /// Whether [`check`](Self::check) has found nothing.
    pub fn is_checked(&self) -> bool {
        self.checked.get().is_some()
    }

    /// Compares the counters of superblocks (7.1.5.7) with the blocks, besides all that [`check`](Self::check) does. Counters whose sizes
    /// the two readings of Table 82 give differently are not looked at.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_counters(&self) -> Result<()> {
        self.check()?;
        self.tree.check_counters()
    }

    /// The length of the text in bytes, at least 1.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u32 {
        self.tree.n
    }

    /// The byte order it is written in.
    pub fn byte_order(&self) -> ByteOrder {
        self.order
    }

    /// The sampling rates.
    pub fn options(&self) -> Options {
        Options { sampling_rate_sa: self.sampling_rate_sa, sampling_rate_lf: self.sampling_rate_lf }
    }

    /// The bytes of the text in the order of their codes, from 0 on, and how often each occurs.
    pub fn alphabet(&self) -> impl Iterator<Item = (u8, u32)> + '_ {
        let counts = self.tree.c.windows(2).map(|pair| match pair {
            [from, to] => to.saturating_sub(*from),
            _ => 0,
        });
        self.decode.iter().copied().zip(counts)
    }

    /// How many different bytes the text has, 1 to 256.
    pub fn alphabet_size(&self) -> u32 {
        self.tree.c.len().saturating_sub(1) as u32
    }

    /// Where the bytes of the index go.
    pub fn sizes(&self) -> Sizes {
        let bitmaps = self.tree.sizes();
        let sizes = Sizes {
            header: 0,
            sa: self.sa.size(),
            lf: self.lf.size(),
            superblocks: bitmaps.superblocks / 8,
            classes: bitmaps.classes / 8,
            // Classes and indexes fill whole words together.
            indexes: (bitmaps.classes.saturating_add(bitmaps.indexes) / 8).saturating_sub(bitmaps.classes / 8),
        };
        let rest = [sizes.sa, sizes.lf, sizes.superblocks, sizes.classes, sizes.indexes].into_iter().fold(0, u64::saturating_add);
        Sizes { header: (self.bytes as u64).saturating_sub(rest), ..sizes }
    }

    /// The bits of all bitmaps of the tree, uncompressed, for each byte of the text: the mean number of ranks in a step.
    pub fn bits_per_symbol(&self) -> f64 {
        let bits: u64 = self.tree.c.iter().rev().skip(1).map(|&c| u64::from(self.tree.n.saturating_sub(c))).sum();
        let last = self.tree.c.iter().rev().nth(1).map_or(0, |&c| u64::from(self.tree.n.saturating_sub(c)));
        bits.saturating_sub(last) as f64 / f64::from(self.tree.n)
    }

    /// The bytes of memory that it takes besides those it borrows.
    pub fn memory(&self) -> u64 {
        self.tree.bitmaps.iter().map(bitmap::Bitmap::memory).fold(size_of::<Index<'_>>() as u64, u64::saturating_add).saturating_add(self.ends.memory())
    }

    /// The code of a byte, if the text has it.
    #[inline]
    fn code(&self, byte: u8) -> Option<u32> {
        let code = u32::from(self.encode[usize::from(byte)]);
        (code < self.alphabet_size()).then_some(code)
    }
}

impl std::fmt::Debug for Index<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index of {} characters, {} different, in {} bytes", self.len(), self.alphabet_size(), self.bytes)
    }
}

/// encode and decode of Table 77, each the inverse of the other.
fn read_codes(fields: &mut Fields<'_>, alpha: u32) -> Result<([u16; 256], [u8; 256])> {
    const T: Table = Table::INDEX;
    let at = fields.bit();
    let mut encode = [0; 256];
    for (byte, code) in (0u64..).zip(&mut encode) {
        *code = fields.u16(T, "encode", &[byte])?;
    }
    let decode_at = fields.bit();
    let stored = fields.bytes(T, "decode", &[], 256)?;
    let decode = *stored.first_chunk::<256>().unwrap_or(&[0; 256]);
    let mut used = 0u32;
    for (byte, &code) in (0u8..=255).zip(&encode) {
        // The first bit says that the text lacks the byte; 0xFFFF is written.
        if code & 0x8000 != 0 {
            continue;
        }
        used = used.saturating_add(1);
        if u32::from(code) >= alpha || decode.get(usize::from(code)) != Some(&byte) {
            let message = format!("code {code}, which {alpha} codes or decode do not have for byte {byte}");
            return Err(T.wrong(at.saturating_add(u64::from(byte).saturating_mul(16)), "encode", &[byte.into()], message));
        }
    }
    if used != alpha {
        // Two codes of one byte, or a byte without a code.
        let is_lost = |code: &u32| decode.get(*code as usize).and_then(|&byte| encode.get(usize::from(byte))).is_none_or(|&back| u32::from(back) != *code);
        let lost = (0..alpha).find(is_lost).unwrap_or(0);
        let bit = decode_at.saturating_add(u64::from(lost).saturating_mul(8));
        return Err(T.wrong(bit, "decode", &[lost.into()], format!("encode does not give code {lost} to this byte")));
    }
    Ok((encode, decode))
}
