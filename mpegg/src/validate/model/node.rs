//! A box of the input, wherever its bytes are.

use crate::walk::{Head, children, first_child, read_head};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::{ErrorKind, Limits, Result};
use std::rc::Rc;

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
    pub fn in_file(source: &Rc<dyn Source + 's>, head: Head, limits: &Limits) -> Node<'s> {
        Node { source: source.clone(), head, at: head.offset, through_offs: false, limits: *limits }
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
        let done = match self.source.slice(self.head.offset, self.head.length) {
            Some(bytes) => read(&mut BitReader::at(bytes, bit)),
            None => {
                let mut bytes = vec![0; usize::try_from(self.head.length).unwrap_or(0)];
                self.source.read_at(self.head.offset, &mut bytes)?;
                read(&mut BitReader::at(&bytes, bit))
            }
        };
        match done {
            Ok(value) => Ok(Some(Found { at: self.at, value })),
            Err(error) if error.kind() == ErrorKind::Io => Err(error),
            Err(_) => Ok(None),
        }
    }
}
