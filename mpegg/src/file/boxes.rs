//! A box in a file, not read yet.

use crate::walk::{Child, Head, first_child, read_head, strict_children, table_of};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind, Table};
use mpegg_runtime::{Error, Limits, Result};
use std::borrow::Cow;

/// Bytes of Key and Length.
const HEAD: u64 = mpegg_runtime::bits::BOX_HEAD;

/// What stands in a container: a box, or an `offs`.
pub(crate) enum Place<'s> {
    /// A box.
    Here(BoxRef<'s>),
    /// An `offs`: the byte at which it stands, its SubKey, and the box that it addresses; none for a placeholder.
    Offs {
        /// Its first byte.
        at: u64,
        /// SubKey.
        sub_key: [u8; 4],
        /// The box.
        target: Option<BoxRef<'s>>,
    },
}

/// A box: where it stands and what it is. Cheap to copy; the bytes are read by [`bytes`](Self::bytes) and [`decode`](Self::decode).
#[derive(Clone, Copy)]
pub struct BoxRef<'s> {
    pub(super) source: &'s dyn Source,
    pub(super) head: Head,
    pub(super) through_offs: bool,
    pub(super) limits: &'s Limits,
}

impl<'s> BoxRef<'s> {
    /// A box of a source.
    pub(crate) fn new(source: &'s dyn Source, head: Head, limits: &'s Limits) -> Self {
        BoxRef { source, head, through_offs: false, limits }
    }

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

    /// The whole box: its first byte in the file, and the number of bytes.
    pub(crate) fn range(&self) -> (u64, u64) {
        (self.head.offset, self.head.length)
    }

    /// The bounds on what may be read.
    pub(crate) fn limits(&self) -> &'s Limits {
        self.limits
    }

    /// The box that begins at another byte of the file.
    ///
    /// # Errors
    ///
    /// I/O; a Length that cannot be.
    pub(crate) fn elsewhere(&self, offset: u64) -> Result<BoxRef<'s>> {
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
        self.each_child().collect()
    }

    /// The same one by one: who looks for a box that stands in front does not read the heads of a million access units behind it.
    ///
    /// # Errors
    ///
    /// None at the start; each item can be one of [`children`](Self::children), or a box that cannot be.
    pub fn each_child(&self) -> impl Iterator<Item = Result<BoxRef<'s>>> + use<'s> {
        let node = *self;
        let table = node.table().filter(|table| table.kind == Kind::Container);
        let start = table.map(|table| first_child(table, node.head.offset));
        let boxes = start.into_iter().flat_map(move |start| strict_children(node.source, table, start, node.head.end()));
        boxes.filter_map(move |child| match child.and_then(|child| node.resolved(child)) {
            Ok(Some(child)) => Some(Ok(BoxRef { head: child.head, through_offs: child.through_offs, ..node })),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The first child of a key that no `offs` can address: all but those of 6.5.4.1.1.
    ///
    /// # Errors
    ///
    /// As [`children`](Self::children).
    pub fn first_child(&self, key: [u8; 4]) -> Result<Option<BoxRef<'s>>> {
        self.each_child().find(|child| child.as_ref().map_or(true, |child| child.key() == key)).transpose()
    }

    /// The children of a container as they stand: of an `offs` the key and the box that it addresses, if any.
    pub(crate) fn each_place(&self) -> impl Iterator<Item = Result<Place<'s>>> + use<'s> {
        let node = *self;
        let table = node.table().filter(|table| table.kind == Kind::Container);
        let start = table.map(|table| first_child(table, node.head.offset));
        let boxes = start.into_iter().flat_map(move |start| strict_children(node.source, table, start, node.head.end()));
        boxes.map(move |child| {
            let child = child?;
            if child.head.key != *b"offs" {
                return Ok(Place::Here(BoxRef { head: child.head, through_offs: false, ..node }));
            }
            let sub_key = child.sub_key(node.source)?;
            let target = node.resolved(child)?.map(|target| BoxRef { head: target.head, through_offs: true, ..node });
            Ok(Place::Offs { at: child.head.offset, sub_key, target })
        })
    }

    /// The bytes of a container in front of its first child, behind Key and Length.
    pub(crate) fn fields(&self) -> (u64, u64) {
        let start = self.head.offset.saturating_add(HEAD);
        let first = self.table().filter(|table| table.kind == Kind::Container).map_or(start, |table| first_child(table, self.head.offset));
        (start, first.min(self.head.end()).saturating_sub(start))
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

    /// Gives bytes of the file to a function, borrowed where they are in memory.
    pub(crate) fn with_bytes<T>(&self, offset: u64, length: u64, take: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if let Some(bytes) = self.source.slice(offset, length) {
            return take(bytes);
        }
        let left = self.source.len().saturating_sub(offset);
        if length > left {
            return Err(Error::truncated(self.source.len().saturating_mul(8), (length - left).saturating_mul(8)));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        self.source.read_at(offset, &mut bytes)?;
        take(&bytes)
    }

    /// The box of this key that stands at a byte inside this one.
    pub(crate) fn at(&self, offset: u64, key: [u8; 4]) -> Result<BoxRef<'s>> {
        if offset < self.head.offset || offset >= self.head.end() {
            return Err(Error::malformed(offset.saturating_mul(8), "it is outside of the dataset"));
        }
        let head = read_head(self.source, offset, self.head.end())?;
        if head.key != key {
            let message = format!("`{}` stands there, not `{}`", head.key.escape_ascii(), key.escape_ascii());
            return Err(Error::malformed(offset.saturating_mul(8), message));
        }
        Ok(BoxRef { head, through_offs: false, ..*self })
    }

    /// The bytes of the file that the box stands in.
    pub(crate) fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// The first byte behind the box.
    pub(crate) fn end(&self) -> u64 {
        self.head.end()
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
        let read = self.bytes().and_then(|bytes| read(&mut BitReader::at(&bytes, self.head.offset.saturating_mul(8))));
        read.map_err(|error| error.in_field(&self.head.key.escape_ascii().to_string(), index))
    }
}
