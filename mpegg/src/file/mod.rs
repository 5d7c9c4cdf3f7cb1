//! A file opened lazily: a tree of boxes found by their Lengths. Opening costs the first few bytes; a box is read when it is decoded.
//!
//! ```
//! use mpegg::file::File;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! println!("minor_version {}", file.header()?.minor_version);
//! for group in file.groups()? {
//!     println!("group {}", group.header()?.dataset_group_id);
//!     for dataset in group.datasets()? {
//!         let header = dataset.header()?;
//!         println!("  dataset {}: {:?}, {} access units", header.dataset_id, header.dataset_type, dataset.access_units()?.count());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod access_unit;
pub mod annotation;
mod boxes;
mod dataset;
mod front;
mod group;
mod id;

pub use access_unit::{AccessUnit, Block};
pub use annotation::{AnnotationAccessUnit, AnnotationTable, AttributeGroup, Field};
pub use boxes::BoxRef;
pub use dataset::Dataset;
pub use front::Front;
pub use group::Group;
pub use id::DatasetId;

use crate::tables::FileHeader;
use crate::walk::{Head, read_head};
use mpegg_runtime::source::{FileSource, Source};
use mpegg_runtime::{Error, ErrorKind, Limits, Result};
use std::path::Path;

/// A file over any source of bytes.
pub struct File<S> {
    source: S,
    limits: Limits,
}

impl File<FileSource> {
    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// I/O; a file that does not begin with the box `flhd`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        File::new(FileSource::open(path)?)
    }
}

impl<S: Source> File<S> {
    /// A file in any source, for example `mpegg::source::Bytes(&bytes)`.
    ///
    /// # Errors
    ///
    /// I/O; bytes that do not begin with the box `flhd`.
    pub fn new(source: S) -> Result<Self> {
        let head = read_head(&source, 0, source.len())?;
        if head.key != FileHeader::KEY {
            let message = format!("a file begins with `flhd`, not `{}`", head.key.escape_ascii());
            return Err(Error::malformed(0, message).in_table("file_header", FileHeader::TABLE.clause, FileHeader::TABLE.number));
        }
        Ok(File { source, limits: Limits::default() })
    }

    /// Other bounds than the usual ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The bytes.
    pub fn source(&self) -> &dyn Source {
        &self.source
    }

    /// The source that it was made of.
    pub fn inner(&self) -> &S {
        &self.source
    }

    /// The boxes of the top level, in the order of the bytes.
    ///
    /// # Errors
    ///
    /// I/O; a box whose Length cannot be.
    pub fn boxes(&self) -> Result<Vec<BoxRef<'_>>> {
        let mut found = vec![];
        let mut at = 0;
        while at < self.source.len() {
            let head = read_head(&self.source, at, self.source.len())?;
            at = head.end();
            found.push(self.at(head));
        }
        Ok(found)
    }

    fn at(&self, head: Head) -> BoxRef<'_> {
        BoxRef { source: &self.source, head, through_offs: false, limits: &self.limits }
    }

    /// The file header (Table 12).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn header(&self) -> Result<FileHeader> {
        self.at(read_head(&self.source, 0, self.source.len())?).decode(FileHeader::read_box)
    }

    /// The dataset groups.
    ///
    /// # Errors
    ///
    /// As [`File::boxes`]; a file header that cannot be read.
    pub fn groups(&self) -> Result<Vec<Group<'_>>> {
        let file = self.header()?;
        let groups = self.boxes()?.into_iter().filter(|node| node.key() == *b"dgcn");
        Ok(groups.zip(0..).map(|(node, ordinal)| Group { node, ordinal, file: file.clone() }).collect())
    }

    /// The dataset group of this dataset_group_ID; without one, the only group of the file.
    ///
    /// # Errors
    ///
    /// As [`File::groups`]; no such group, or no number where the file has several.
    pub fn group(&self, id: Option<u8>) -> Result<Group<'_>> {
        let mut groups = self.groups()?;
        let Some(id) = id else {
            return match (groups.pop(), groups.is_empty()) {
                (Some(only), true) => Ok(only),
                (None, _) => Err(Error::without_position(ErrorKind::CrossReference, "the file has no dataset group")),
                (Some(_), false) => Err(Error::without_position(ErrorKind::CrossReference, "the file has several dataset groups: say which, as G:D")),
            };
        };
        let mut failed = None;
        for group in groups {
            match group.header() {
                Ok(header) if header.dataset_group_id == id => return Ok(group),
                Ok(_) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(|| Error::without_position(ErrorKind::CrossReference, format!("the file has no dataset group {id}"))))
    }

    /// A dataset by its number, or by those of its group and itself: `file.dataset(2)`, `file.dataset((0, 2))`.
    ///
    /// # Errors
    ///
    /// As [`File::group`]; no such dataset.
    pub fn dataset(&self, id: impl Into<DatasetId>) -> Result<Dataset<'_>> {
        let id = id.into();
        self.group(id.group)?.dataset(id.dataset)
    }
}
