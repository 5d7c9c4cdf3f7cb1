//! A box of the input, wherever its bytes are.

use crate::walk::{Head, children, first_child, read_head};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::{Pieces, Source};
use mpegg_runtime::table::Table;
use mpegg_runtime::{ErrorKind, Limits, Result};
use std::collections::HashMap;
use std::rc::Rc;

/// The boxes behind whose last row something stands that should not, by the byte at which they begin: so many bits of them count. The walk
/// tells of the rest; without it they can be read.
pub type Tails = HashMap<u64, u64>;

/// The input from whose packets boxes are put together.
#[derive(Clone)]
pub struct Origin<'s> {
    pub source: &'s dyn Source,
    pub limits: Limits,
    pub tails: Rc<Tails>,
}

/// A box: in a file a range of it, in a stream the bytes of its packets put together.
#[derive(Clone)]
pub struct Node<'s> {
    /// Where the box can be read: the file, or the packets.
    pub source: Rc<dyn Source + 's>,
    /// Key and Length, in that source.
    pub head: Head,
    /// The byte of the input at which the box begins, by which findings name it.
    pub at: u64,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
    pub limits: Limits,
    pub tails: Rc<Tails>,
}

/// What a box says, and where in the input it begins.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The byte of Key.
    pub at: u64,
    /// What it says.
    pub value: T,
}

impl<'s> Node<'s> {
    /// A box of a file.
    pub fn in_file(source: &Rc<dyn Source + 's>, head: Head, limits: &Limits, tails: &Rc<Tails>) -> Node<'s> {
        Node { source: source.clone(), head, at: head.offset, through_offs: false, limits: *limits, tails: tails.clone() }
    }

    /// A box that lies in these pieces of a stream.
    ///
    /// # Errors
    ///
    /// Pieces that are not in the input.
    pub fn in_pieces(origin: &Origin<'s>, pieces: &[(u64, u64)], key: [u8; 4]) -> Result<Node<'s>> {
        let at = pieces.first().map_or(0, |(at, _)| *at);
        let pieces = Pieces::new(origin.source, pieces.iter().copied())?;
        let head = Head { key, offset: 0, length: pieces.len() };
        Ok(Node { source: Rc::new(pieces), head, at, through_offs: false, limits: origin.limits, tails: origin.tails.clone() })
    }

    /// The key.
    pub fn key(&self) -> [u8; 4] {
        self.head.key
    }

    /// The first byte behind the box, in its source.
    pub fn end(&self) -> u64 {
        self.head.end()
    }

    /// A box inside this one.
    fn inner(&self, head: Head) -> Node<'s> {
        // In pieces, boxes inside are named by the box around them.
        let at = if self.at == self.head.offset { head.offset } else { self.at };
        Node { head, at, through_offs: false, ..self.clone() }
    }

    /// The boxes that stand in a container, one behind the other; an `offs` is a box too. Ends at what is no box.
    pub fn boxes(&self, table: &'static Table) -> impl Iterator<Item = Node<'s>> {
        let start = first_child(table, self.head.offset);
        let this = self.clone();
        let source = self.source.clone();
        let mut at = start;
        let end = self.end();
        // The iterator of the walk borrows the source; here it is shared.
        std::iter::from_fn(move || {
            let child = children(&source, Some(table), at, end).next()?.ok()?;
            at = child.head.end();
            Some(this.inner(child.head))
        })
    }

    /// The box that an `offs` addresses, if it is one of its key behind `behind`.
    pub fn addressed(&self, behind: u64) -> Option<Node<'s>> {
        let (sub_key, offset) = self.offs()?;
        if offset < behind {
            return None;
        }
        let head = read_head(&self.source, offset, self.source.len()).ok()?;
        (head.key == sub_key).then(|| Node { head, at: head.offset, through_offs: true, ..self.clone() })
    }

    /// SubKey of an `offs`.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn sub_key(&self) -> Result<[u8; 4]> {
        let mut key = [0; 4];
        self.source.read_at(self.head.offset.saturating_add(4), &mut key)?;
        Ok(key)
    }

    /// SubKey and Offset of an `offs` that is no placeholder.
    pub fn offs(&self) -> Option<([u8; 4], u64)> {
        crate::walk::Child { head: self.head, through_offs: false }.offs(&self.source).ok().flatten()
    }

    /// What the box says; nothing where it cannot be read, which the walk tells.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn decode<T>(&self, read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<Option<Found<T>>> {
        if self.head.length > self.limits.allocation {
            return Ok(None);
        }
        let bit = self.head.offset.saturating_mul(8);
        let tail = self.tail();
        let done = match self.source.slice(self.head.offset, self.head.length).filter(|_| tail.is_none()) {
            Some(bytes) => read(&mut BitReader::at(bytes, bit)),
            None => {
                let mut bytes = vec![0; usize::try_from(self.head.length).unwrap_or(0)];
                self.source.read_at(self.head.offset, &mut bytes)?;
                if let Some(bits) = tail {
                    cut(&mut bytes, bits);
                }
                read(&mut BitReader::at(&bytes, bit))
            }
        };
        match done {
            Ok(value) => Ok(Some(Found { at: self.at, value })),
            Err(error) if error.kind() == ErrorKind::Io => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// So many bits count, if something stands behind them.
    fn tail(&self) -> Option<u64> {
        // In pieces, boxes inside are named by the box around them.
        let is_named = self.at == self.head.offset || self.head.offset == 0;
        self.tails.get(&self.at).copied().filter(|_| is_named)
    }
}

/// Ends a box behind so many bits: the rest of the last byte becomes 0.
fn cut(bytes: &mut Vec<u8>, bits: u64) {
    let length = bits.div_ceil(8);
    bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    if let (Some(last), rest @ 1..) = (bytes.last_mut(), bits % 8) {
        *last &= !(0xff >> rest);
    }
    if let Some(field) = bytes.get_mut(4..12) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}
