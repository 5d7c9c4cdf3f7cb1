//! A box put into a file that exists: behind it, where an `offs` stands ready for it (6.5.4), or by writing the file anew.
//!
//! ```
//! use mpegg::decapsulate::Chunks;
//! use mpegg::encapsulate::Spool;
//! use mpegg::encapsulate::attach::{Attachment, Target};
//! use mpegg::file::File;
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! let file = File::open(path)?;
//! let attachment = Attachment::new(&file, *b"dtmd", Target::Dataset(1.into()), b"<DatasetMetadata/>".to_vec())?;
//! // Nothing stands ready: the file is written anew.
//! assert_eq!(attachment.placeholder(), None);
//! let spool = Spool::new();
//! let mut out = vec![];
//! attachment.rewrite(&file, &spool)?.write(Chunks::new(&mut out))?;
//! # let file = File::new(mpegg::source::Bytes(&out))?;
//! # let node = file.dataset(1)?.node().child(*b"dtmd")?.unwrap();
//! # assert!(node.bytes()?.ends_with(b"<DatasetMetadata/>"));
//! # Ok(())
//! # }
//! ```

use super::Spool;
use super::opaque::{Owner, opaque_box};
use super::repack::{Change, Edit, Path, Repacked, rewrite};
use crate::file::{BoxRef, Dataset, DatasetId, File, Group, Place};
use crate::tables::ReferenceMetadata;
use crate::walk::repeats;
use mpegg_runtime::source::Source;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::io::{Seek, SeekFrom, Write};

/// To what a box belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A dataset group; without number the only one.
    Group(Option<u8>),
    /// A dataset.
    Dataset(DatasetId),
    /// A reference.
    Reference(DatasetId),
    /// An annotation table of a dataset, by its AT_ID.
    Table(DatasetId, u8),
}

/// A box for a place in a file.
pub struct Attachment {
    key: [u8; 4],
    path: Path,
    bytes: Vec<u8>,
    reference: u8,
    /// The byte of an `offs` that addresses nothing yet and can address this box.
    placeholder: Option<u64>,
    /// The byte behind the last box of the file.
    end: u64,
}

impl Attachment {
    /// A box around a value that another part defines; the identifiers in front are those of the target.
    ///
    /// # Errors
    ///
    /// A target that is not there, or that has no such box; what is wrong with the file.
    pub fn new<S: Source>(file: &File<S>, key: [u8; 4], target: Target, value: Vec<u8>) -> Result<Attachment> {
        let owner = owner(file, target)?;
        Attachment::of_box(file, target, opaque_box(key, value, owner, &file.header()?)?)
    }

    /// A box as it is, Key and Length included.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); bytes that are no box.
    pub fn of_box<S: Source>(file: &File<S>, target: Target, bytes: Vec<u8>) -> Result<Attachment> {
        let length = bytes.get(4..12).and_then(|length| length.try_into().ok()).map(u64::from_be_bytes);
        let key = bytes.get(..4).and_then(|key| <[u8; 4]>::try_from(key).ok());
        let key = key.filter(|_| length == Some(bytes.len() as u64));
        let key = key.ok_or_else(|| Error::without_position(ErrorKind::Malformed, "these bytes are no box: Key, Length and as many bytes as that says"))?;
        let (path, node) = container(file, target)?;
        let allowed: &[[u8; 4]] = match target {
            Target::Group(_) => &[*b"labl", *b"dgmd", *b"dgcd", *b"dgpr"],
            Target::Dataset(_) => &[*b"dtmd", *b"dtmt", *b"dtcd", *b"dtpr"],
            Target::Reference(_) => &[*b"rfmd"],
            Target::Table(..) => &[*b"atmd", *b"atcd", *b"atpr"],
        };
        if !allowed.contains(&key) {
            let names: Vec<String> = allowed.iter().map(|key| key.escape_ascii().to_string()).collect();
            let message = format!("`{}` does not belong there; {} do", key.escape_ascii(), names.join(", "));
            return Err(Error::without_position(ErrorKind::Unsupported, message));
        }
        let reference = if let Target::Reference(id) = target { u8::try_from(id.dataset).unwrap_or(u8::MAX) } else { 0 };
        let mut made = Attachment { key, path, bytes, reference, placeholder: None, end: file.boxes()?.last().map_or(0, BoxRef::end) };
        made.placeholder = made.find_placeholder(&node)?;
        Ok(made)
    }

    /// The byte of an `offs` that stands ready for it.
    pub fn placeholder(&self) -> Option<u64> {
        self.placeholder
    }

    /// An `offs` that addresses nothing. Where another one addresses a box that would be replaced, or where a box that may occur often
    /// would occur twice, the file has to be written anew.
    fn find_placeholder(&self, node: &BoxRef<'_>) -> Result<Option<u64>> {
        let often = repeats(node.table(), self.key);
        let mut found = None;
        for place in node.each_place() {
            match place? {
                Place::Offs { at, sub_key, target: None } if sub_key == self.key => found = found.or(Some(at)),
                Place::Offs { sub_key, target: Some(child), .. } if sub_key == self.key && (!often || self.replaces(&child)?) => return Ok(None),
                Place::Here(child) if often && child.key() == self.key && self.replaces(&child)? => return Ok(None),
                // These stand behind all boxes that an `offs` can address.
                Place::Here(child) if matches!(&child.key(), b"aucn" | b"dscn" | b"agcn") => break,
                _ => {}
            }
        }
        Ok(found)
    }

    fn replaces(&self, child: &BoxRef<'_>) -> Result<bool> {
        same(self.key, self.reference, child)
    }

    /// Puts the box behind everything in a file that is open for reading and writing, and then lets the `offs` address it. At any moment
    /// the boxes that were there are where they were. Where that fails, the file is as it was.
    ///
    /// # Errors
    ///
    /// I/O; no `offs` that stands ready.
    pub fn append(&self, file: &mut std::fs::File) -> Result<()> {
        let offs = self.placeholder.ok_or_else(|| Error::without_position(ErrorKind::Unsupported, "no `offs` stands ready for the box"))?;
        let (end, before) = (self.end, file.metadata()?.len());
        let appended = append(file, end, &self.bytes).and_then(|()| {
            file.sync_all()?;
            file.seek(SeekFrom::Start(offs.saturating_add(8)))?;
            file.write_all(&end.to_be_bytes())
        });
        if let Err(error) = appended {
            // The box behind the others belongs to nothing yet.
            let _ = file.set_len(before);
            return Err(error.into());
        }
        file.sync_all()?;
        Ok(())
    }

    /// The whole file with the box in it, in the place of the one that was there.
    ///
    /// # Errors
    ///
    /// As [`repack`](super::repack::repack).
    pub fn rewrite<'s, S: Source>(self, file: &'s File<S>, spool: &'s Spool) -> Result<Repacked<'s>> {
        let (key, reference) = (self.key, self.reference);
        let edit = Edit { path: self.path, key, bytes: self.bytes, replaces: Box::new(move |child| same(key, reference, child)) };
        rewrite(file, spool, &Change::default(), vec![edit])
    }
}

/// Bytes of a page: what is written of one is there or not.
const PAGE: usize = 4096;

/// Writes a box behind the others, so that who reads the file meanwhile finds boxes: first room, which is no box as long as it is zeros,
/// then Key and Length, then the rest.
fn append(file: &mut std::fs::File, end: u64, bytes: &[u8]) -> std::io::Result<()> {
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    if bytes.len() > PAGE {
        file.set_len(end.saturating_add(bytes.len() as u64))?;
    }
    let (head, rest) = bytes.split_at(if bytes.len() > PAGE { 12 } else { bytes.len() });
    file.write_all(head)?;
    rest.chunks(1 << 20).try_for_each(|chunk| file.write_all(chunk))
}

/// Whether a box has the place of another: a group has one of each kind, a reference too.
fn same(key: [u8; 4], reference: u8, child: &BoxRef<'_>) -> Result<bool> {
    if key != *b"rfmd" {
        return Ok(true);
    }
    Ok(child.decode(ReferenceMetadata::read_box)?.reference_id == reference)
}

fn missing(what: String) -> Error {
    Error::without_position(ErrorKind::CrossReference, what)
}

/// The identifiers of a target.
fn owner<S: Source>(file: &File<S>, target: Target) -> Result<Owner> {
    let (group, dataset) = match target {
        Target::Group(id) => (file.group(id)?, None),
        Target::Reference(id) => (file.group(id.group)?, None),
        Target::Dataset(id) | Target::Table(id, _) => (file.group(id.group)?, Some(id.dataset)),
    };
    let reference = if let Target::Reference(id) = target { u8::try_from(id.dataset).unwrap_or(u8::MAX) } else { 0 };
    Ok(Owner { group: group.header()?.dataset_group_id, dataset: dataset.unwrap_or(0), reference })
}

/// The container of a target, and the way to it.
fn container<'f, S: Source>(file: &'f File<S>, target: Target) -> Result<(Path, BoxRef<'f>)> {
    let id = match target {
        Target::Group(id) => id,
        Target::Dataset(id) | Target::Reference(id) | Target::Table(id, _) => id.group,
    };
    let group = file.group(id)?;
    let number = file.groups()?.iter().position(|other| other.node().offset() == group.node().offset());
    let mut path: Path = vec![(*b"dgcn", number.unwrap_or(0) as u64)];
    let (dataset_id, table) = match target {
        Target::Group(_) => return Ok((path, *group.node())),
        Target::Reference(id) => {
            let found = u8::try_from(id.dataset).ok().map(|id| group.reference(id)).transpose()?.flatten();
            return found.map(|_| (path, *group.node())).ok_or_else(|| missing(format!("the dataset group has no reference {}", id.dataset)));
        }
        Target::Dataset(id) => (id.dataset, None),
        Target::Table(id, table) => (id.dataset, Some(table)),
    };
    let dataset = group.dataset(dataset_id)?;
    path.push((*b"dtcn", ordinal(&group, &dataset)?));
    let Some(at_id) = table else { return Ok((path, *dataset.node())) };
    for found in dataset.tables()? {
        if found.header()?.at_id == at_id {
            path.push((*b"atcn", found.number()));
            return Ok((path, *found.node()));
        }
    }
    Err(missing(format!("dataset {dataset_id} has no annotation table {at_id}")))
}

/// How many datasets stand before one in its group.
fn ordinal(group: &Group<'_>, dataset: &Dataset<'_>) -> Result<u64> {
    let number = group.datasets()?.iter().position(|other| other.node().offset() == dataset.node().offset());
    Ok(number.unwrap_or(0) as u64)
}
