//! A box in a file, not read yet.

use crate::walk::{Child, Head, children, first_child, read_head, table_of};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind, Table};
use mpegg_runtime::{Error, Limits, Result};
use std::borrow::Cow;

/// Bytes of Key and Length.
const HEAD: u64 = mpegg_runtime::bits::BOX_HEAD;

/// A box: where it stands and what it is. Cheap to copy; the bytes are read by [`bytes`](Self::bytes) and [`decode`](Self::decode).
#[derive(Clone, Copy)]
pub struct BoxRef<'s> {
    pub(super) source: &'s dyn Source,
    pub(super) head: Head,
    pub(super) through_offs: bool,
    pub(super) limits: &'s Limits,
}

impl<'s> BoxRef<'s> {
    /// The key.
    pub fn key(&self) -> [u8; 4] {
        self.head.key
    }

    /// Where Key stands, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.head.offset
    }

    /// Bytes in all, Key and Length included.
    pub fn length(&self) -> u64 {
        self.head.length
    }

    /// Its table, if its key is known.
    pub fn table(&self) -> Option<&'static Table> {
        table_of(self.head.key)
    }

    /// The Value: its first byte in the file, and the number of bytes.
    pub fn value(&self) -> (u64, u64) {
        (self.head.offset.saturating_add(HEAD), self.head.length.saturating_sub(HEAD))
    }

    /// The bytes of the file.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// The bounds on what may be read.
    pub fn limits(&self) -> &'s Limits {
        self.limits
    }

    /// The box that begins at another byte of the file.
    ///
    /// # Errors
    ///
    /// I/O; a Length that cannot be.
    pub fn elsewhere(&self, offset: u64) -> Result<BoxRef<'s>> {
        let head = read_head(self.source, offset, self.source.len())?;
        Ok(BoxRef { head, through_offs: true, ..*self })
    }

    /// Whether an `offs` addresses it, so that it stands elsewhere than it belongs.
    pub fn through_offs(&self) -> bool {
        self.through_offs
    }

    /// The children of a container in logical order: an `offs` gives the box that it addresses, a placeholder nothing (R4). Nothing
    /// for other boxes.
    ///
    /// # Errors
    ///
    /// I/O; an `offs` that addresses no such box.
    pub fn children(&self) -> Result<Vec<BoxRef<'s>>> {
        let Some(table) = self.table().filter(|table| table.kind == Kind::Container) else { return Ok(vec![]) };
        let start = first_child(table, self.head.offset);
        let mut found = vec![];
        for child in children(self.source, Some(table), start, self.head.end()) {
            if let Some(child) = self.resolved(child?)? {
                found.push(BoxRef { head: child.head, through_offs: child.through_offs, ..*self });
            }
        }
        Ok(found)
    }

    fn resolved(&self, child: Child) -> Result<Option<Child>> {
        if child.head.key != *b"offs" {
            return Ok(Some(child));
        }
        let Some((sub_key, _)) = child.offs(self.source)? else { return Ok(None) };
        match child.target(self.source, sub_key)? {
            Some(target) => Ok(Some(target)),
            None => Err(Error::malformed(child.head.offset.saturating_mul(8), "this `offs` does not address a box of its SubKey")),
        }
    }

    /// The child of a key that may occur once; one that an `offs` addresses is the valid one (R4).
    ///
    /// # Errors
    ///
    /// As [`children`](Self::children).
    pub fn child(&self, key: [u8; 4]) -> Result<Option<BoxRef<'s>>> {
        let all: Vec<BoxRef<'s>> = self.children()?.into_iter().filter(|child| child.key() == key).collect();
        Ok(all.iter().find(|child| child.through_offs).or(all.first()).copied())
    }

    /// The bytes of the whole box; borrowed where they are in memory.
    ///
    /// # Errors
    ///
    /// I/O; more bytes than the limit of an allocation.
    pub fn bytes(&self) -> Result<Cow<'s, [u8]>> {
        if let Some(bytes) = self.source.slice(self.head.offset, self.head.length) {
            return Ok(Cow::Borrowed(bytes));
        }
        let bit = self.head.offset.saturating_mul(8);
        if self.head.length > self.limits.allocation {
            let message = format!("a box of {} bytes is more than the {} that may be read at once", self.head.length, self.limits.allocation);
            return Err(Error::limit(bit, message));
        }
        let mut bytes = vec![0; usize::try_from(self.head.length).map_err(|_| Error::limit(bit, "more bytes than fit the memory"))?];
        self.source.read_at(self.head.offset, &mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// Decodes the box; the reader is at its Key, and positions are those in the file.
    ///
    /// ```
    /// use mpegg::file::File;
    /// use mpegg::tables::{DatasetGroupHeader, FileHeader};
    ///
    /// # fn main() -> mpegg::Result<()> {
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
    /// let file = File::open(path)?;
    /// let boxes = file.boxes()?;
    /// let group = boxes.iter().find(|node| node.key() == *b"dgcn").unwrap();
    /// let header = group.child(DatasetGroupHeader::KEY)?.unwrap();
    /// let header = header.decode(DatasetGroupHeader::read_box)?;
    /// assert!(!header.dataset_id.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// I/O, and those of `read`.
    pub fn decode<T>(&self, read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<T> {
        self.decode_as(&[], read)
    }

    /// The same for a box that is one of several of its key: errors name its number among them.
    ///
    /// # Errors
    ///
    /// I/O, and those of `read`.
    pub fn decode_nth<T>(&self, number: u64, read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<T> {
        self.decode_as(&[number], read)
    }

    fn decode_as<T>(&self, index: &[u64], read: impl FnOnce(&mut BitReader<'_>) -> Result<T>) -> Result<T> {
        let key = self.head.key.escape_ascii().to_string();
        let read = self.bytes().and_then(|bytes| read(&mut BitReader::at(&bytes, self.head.offset.saturating_mul(8))));
        read.map_err(|error| error.in_field(&key, index))
    }
}
