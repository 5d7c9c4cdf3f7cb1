//! An index expanded in memory: all blocks decoded, the transformed text in lines of the cache, samples by position.

mod find;
mod make;
mod rank;
mod table;
mod walk;
mod whole;
mod wide;

use super::Index;
use crate::Result;
use rank::{Narrow, Ranks};
use table::Table;
use walk::Samples;
use wide::Wide;

use std::ops::Range;

/// An index in a larger form that answers faster. It borrows nothing.
///
/// It takes 1 byte for each character of the text with alphabets of up to 16 symbols or so, 2.5 with 50, 3 with 256, and 8 for each
/// sample. Made by [`Index::expand`].
pub struct Expanded(Form);

enum Form {
    Narrow(Body<Narrow>),
    Wide(Body<Wide>),
}

/// The parts of an expanded index.
struct Body<R> {
    n: u32,
    encode: [u16; 256],
    decode: [u8; 256],
    /// The characters with smaller codes, of each code, and n behind them.
    c: Vec<u32>,
    red_isa_0: u32,
    char_red_isa_0: u32,
    ranks: R,
    samples: Samples,
    table: Table,
}

impl Index<'_> {
    /// Expands the index, on the threads of the current rayon pool.
    ///
    /// # Errors
    ///
    /// Malformed: the rows are not those of a text.
    pub fn expand(&self) -> Result<Expanded> {
        Ok(Expanded(if self.alphabet_size() <= Narrow::MOST { Form::Narrow(self.body()?) } else { Form::Wide(self.body()?) }))
    }

    fn body<R: Ranks>(&self) -> Result<Body<R>> {
        self.check()?;
        let mut body = Body {
            n: self.len(),
            encode: self.encode,
            decode: self.decode,
            c: self.tree.c.clone(),
            red_isa_0: self.tree.red_isa_0,
            char_red_isa_0: self.tree.char_red_isa_0,
            ranks: make::transformed(&self.tree, self.alphabet_size()),
            samples: Samples::of_walk(&self.lf, self.sampling_rate_lf),
            table: Table::default(),
        };
        body.sample(self.sampling_rate_sa)?;
        body.table = Table::new(&body);
        Ok(body)
    }
}

/// Calls a method of the form.
macro_rules! form {
    ($self:ident, $body:ident => $call:expr) => {
        match &$self.0 {
            Form::Narrow($body) => $call,
            Form::Wide($body) => $call,
        }
    };
}

impl Expanded {
    /// The length of the text in bytes, at least 1.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u32 {
        form!(self, body => body.n)
    }

    /// How often a pattern occurs in the text, overlaps included; the empty one at every position.
    pub fn count(&self, pattern: &[u8]) -> u32 {
        form!(self, body => body.search(pattern).len() as u32)
    }

    /// The same for many patterns at a time, which is faster than one after the other: the processor waits for several of them at once.
    pub fn count_many<P: AsRef<[u8]>>(&self, patterns: &[P]) -> Vec<u32> {
        form!(self, body => body.count_many(patterns))
    }

    /// The rows of the suffixes that begin with a pattern (7.2.9).
    pub fn search(&self, pattern: &[u8]) -> Range<u32> {
        form!(self, body => body.search(pattern))
    }

    /// Where a pattern occurs in the text, ascending, counted from 0; the empty one at every position.
    ///
    /// # Errors
    ///
    /// Malformed: the rows are not those of a text.
    pub fn locate(&self, pattern: &[u8]) -> Result<Vec<u32>> {
        let mut positions = Vec::new();
        self.locate_rows(self.search(pattern), &mut positions)?;
        positions.sort_unstable();
        Ok(positions)
    }

    /// Appends the positions of rows, in no order.
    ///
    /// # Errors
    ///
    /// Malformed: the rows are not those of a text. Cross-reference: there are no such rows.
    pub fn locate_rows(&self, rows: Range<u32>, into: &mut Vec<u32>) -> Result<()> {
        form!(self, body => body.locate_rows(rows, into))
    }

    /// Appends a part of the text; the end is excluded.
    ///
    /// # Errors
    ///
    /// Cross-reference: the range goes beyond the text, or its end is in front of its start.
    pub fn extract(&self, range: Range<u32>, into: &mut Vec<u8>) -> Result<()> {
        form!(self, body => body.extract(range, into))
    }

    /// The whole text, on the threads of the current rayon pool.
    pub fn text(&self) -> Vec<u8> {
        form!(self, body => body.text())
    }

    /// The bytes of memory that it takes.
    pub fn memory(&self) -> u64 {
        form!(self, body => body.memory())
    }
}

impl std::fmt::Debug for Expanded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expanded index of {} characters in {} bytes", self.len(), self.memory())
    }
}
