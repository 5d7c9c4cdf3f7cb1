//! References (6.4.2.3): listed, found, checked, and converted to the raw reference that a decoder takes.
//!
//! [`references`] lists the reference boxes of a file, [`find`] looks one up. [`Entry::location`] says where its sequences are: in a FASTA file, in
//! a file with a raw reference, or in a dataset, of this file ([`Entry::dataset`]) or another one. The first two are opened as a [`RawReference`], which lists the sequences,
//! reads parts of them and writes the data unit. Memory is bounded whatever the size of the reference. The bases of a dataset
//! need Part 2, which is not decoded.
//!
//! ```
//! use mpegg::access::ReferencePart;
//! use mpegg::file::File;
//! use mpegg::reference::{self, RawReference, Resolver};
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! let resolver = Resolver::beside(path);
//! for entry in reference::references(&file)? {
//!     let entry = entry?;
//!     println!("{} {}: {:?}", entry.id(), entry.table.reference_name, entry.location());
//!     // A reference inside the file is a dataset; it is given out as data units like others.
//!     if let Some(dataset) = entry.dataset()? {
//!         println!("  {} access units", dataset.access_units()?.count());
//!         continue;
//!     }
//!     assert_eq!(reference::verify(&entry, &resolver, &|_| ())?, []);
//!     let raw = RawReference::open(&entry, &resolver)?;
//!     let mut bases = vec![];
//!     raw.read(0, 10..=19, &mut bases)?;
//!     assert_eq!(bases, b"GCACTCTCGG");
//!     // The data unit, with what a selection needs of each sequence.
//!     let parts = [ReferencePart { sequence: 1, start: 10, end: 19 }, ReferencePart { sequence: 1, start: 40, end: 49 }];
//!     let mut unit = vec![];
//!     raw.write_unit(Some(&parts), &mut unit)?;
//!     assert_eq!(unit.len(), 9 + 2 + 12 + 40);
//! }
//! # Ok(())
//! # }
//! ```

mod checksum;
mod fasta;
mod genome;
mod lines;
mod location;
mod mpegg;
mod place;
mod raw;
mod region;
mod resolver;
mod sections;
mod unit;

#[cfg(test)]
mod tests;

pub use checksum::{Checksum, Difference, checksums, verify};
pub use location::Location;
pub use resolver::Resolver;
pub use unit::{RawReference, Sequence};

use crate::file::{BoxRef, DatasetId, File, Group};
use crate::tables::{FileHeader, Reference};
use mpegg_runtime::bits::BitReader;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

/// A reference of a file.
#[derive(Clone)]
pub struct Entry<'s> {
    /// dataset_group_ID of the group that it belongs to.
    pub group: u8,
    /// Its box (Table 15).
    pub table: Reference,
    file: FileHeader,
    node: BoxRef<'s>,
    groups: Rc<[Group<'s>]>,
    group_number: usize,
    /// How many references of the group stand before it.
    number: usize,
}

impl Entry<'_> {
    /// The two IDs as `G:R`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.group, self.table.reference_id)
    }

    /// `major.minor.patch`.
    pub fn version(&self) -> String {
        let table = &self.table;
        format!("{}.{}.{}", table.reference_major_version, table.reference_minor_version, table.reference_patch_version)
    }

    /// Whether the file has the layouts of the first edition (R7), where sequences have no length and their IDs are 0, 1, 2 and so on (R10).
    pub fn first_edition(&self) -> bool {
        self.file.minor_version.to_string() == "1900"
    }

    /// The ID of the sequence of this number.
    pub fn sequence_id(&self, number: usize) -> u16 {
        let stored = self.table.sequences.get(number).and_then(|sequence| sequence.sequence_id);
        // There are no more than fit 16 bits.
        stored.unwrap_or(number as u16)
    }

    /// The source has the sequence of this number, and so many bases of it.
    fn check_sequence(&self, number: usize, found: Option<u64>) -> Result<()> {
        let index = [number as u64];
        let Some(sequence) = self.table.sequences.get(number) else { return Ok(()) };
        let name = &sequence.sequence_name;
        match (found, sequence.sequence_length.map(u64::from)) {
            (None, _) => Err(self.wrong(Error::cross_reference, "sequence_name", &index, format!("the source has no sequence `{name}`"))),
            (Some(found), Some(stored)) if found != stored => {
                Err(self.wrong(Error::cross_reference, "sequence_length", &index, format!("the source has {found} bases of `{name}`, not {stored}")))
            }
            _ => Ok(()),
        }
    }

    /// The file of a URI; the error of one that is not read is at the field.
    fn resolve(&self, resolver: &Resolver, uri: &str) -> Result<PathBuf> {
        resolver.find(uri).map_err(|error| self.placed(error, "ref_uri", &[]))
    }
}

/// The references of a file, group by group. A box that cannot be read is an error among the others.
///
/// # Errors
///
/// I/O; groups that cannot be told apart.
pub fn references<S: Source>(file: &File<S>) -> Result<Vec<Result<Entry<'_>>>> {
    let header = file.header()?;
    let groups: Rc<[Group<'_>]> = file.groups()?.into();
    let mut found = vec![];
    for (group_number, group) in groups.iter().enumerate() {
        let id = group.header().map_err(|error| error.in_field("dgcn", &[group_number as u64]))?.dataset_group_id;
        let nodes = group.node().children()?.into_iter().filter(|node| node.key() == Reference::KEY);
        for (number, node) in nodes.enumerate() {
            let table = read(&node, &header, number).map_err(|error| error.in_field("dgcn", &[group_number as u64]));
            found.push(table.map(|table| Entry { group: id, table, file: header.clone(), node, groups: groups.clone(), group_number, number }));
        }
    }
    Ok(found)
}

fn read(node: &BoxRef<'_>, header: &FileHeader, number: usize) -> Result<Reference> {
    let bytes = node.bytes()?;
    let mut reader = BitReader::at(&bytes, lines::bits(node.offset()));
    Reference::read_box(&mut reader, header).map_err(|error| place::broken(node, header, error).in_field("rfgn", &[number as u64]))
}

/// A reference by its number, or by those of its group and itself: `find(&file, 1)`, `find(&file, (0, 1))`. Boxes that are damaged do not
/// matter where it is found.
///
/// # Errors
///
/// Those of [`references`]; no such reference, or no number of a group where several have it.
pub fn find<S: Source>(file: &File<S>, id: impl Into<DatasetId>) -> Result<Entry<'_>> {
    let id = id.into();
    let mut broken = None;
    let mut found: Vec<Entry<'_>> = vec![];
    for entry in references(file)? {
        match entry {
            Ok(entry) if id.group.is_none_or(|group| group == entry.group) && u16::from(entry.table.reference_id) == id.dataset => found.push(entry),
            Ok(_) => {}
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    let missing = |message: String| Error::without_position(ErrorKind::CrossReference, message);
    if found.iter().any(|entry| found.first().is_some_and(|first| first.group_number != entry.group_number)) {
        return Err(missing(format!("several groups have a reference {id}: say which, as G:R")));
    }
    found.into_iter().next().ok_or_else(|| broken.unwrap_or_else(|| missing(format!("the file has no reference {id}"))))
}

/// The sequences that a reference box lists, by name and by ID.
struct Listed {
    names: HashMap<String, usize>,
    ids: HashMap<u16, usize>,
}

impl Listed {
    fn of(entry: &Entry<'_>) -> Listed {
        let mut listed = Listed { names: HashMap::new(), ids: HashMap::new() };
        for (number, sequence) in entry.table.sequences.iter().enumerate() {
            listed.names.entry(sequence.sequence_name.clone()).or_insert(number);
            listed.ids.entry(entry.sequence_id(number)).or_insert(number);
        }
        listed
    }

    fn by_name(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn by_id(&self, id: u16) -> Option<usize> {
        self.ids.get(&id).copied()
    }
}
