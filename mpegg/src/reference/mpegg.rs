//! References that are datasets, of the same file or of another one. Their bases need Part 2, so only the dataset itself is looked at.

use super::lines::{unreadable, within};
use super::{Entry, Location, Resolver};
use crate::file::{Dataset, File, Group};
use crate::tables::DatasetType;
use mpegg_runtime::source::{FileSource, Source};
use mpegg_runtime::{Error, Result};
use std::path::Path;

/// What was found of a dataset by its two IDs.
enum Found<'f> {
    Nothing,
    Group,
    Dataset(Box<Dataset<'f>>, DatasetType),
}

/// `own`: the number of a group that goes by this ID too.
fn find<'f>(groups: &[Group<'f>], group: u8, dataset: u16, own: Option<usize>) -> Result<Found<'f>> {
    let mut found = Found::Nothing;
    let mut broken = None;
    for (number, candidate) in groups.iter().enumerate() {
        if own != Some(number) && candidate.header()?.dataset_group_id != group {
            continue;
        }
        found = Found::Group;
        for entry in candidate.datasets()? {
            match entry.header() {
                Ok(header) if header.dataset_id == dataset => return Ok(Found::Dataset(Box::new(entry), header.dataset_type)),
                Ok(_) => {}
                // Another dataset than the wanted one may be damaged.
                Err(error) => broken = Some(error),
            }
        }
    }
    broken.map_or(Ok(found), Err)
}

impl<'s> Entry<'s> {
    /// The dataset of an internal reference: it exists and holds a reference. Nothing for an external reference.
    ///
    /// # Errors
    ///
    /// A cross-reference error at the field that names what is not there; I/O; a dataset that cannot be read.
    pub fn dataset(&self) -> Result<Option<Dataset<'s>>> {
        let Location::Internal { group, dataset } = self.location() else { return Ok(None) };
        // Existing software writes another ID of the group into its `dghd` than into the boxes beside it.
        let own = (self.table.dataset_group_id == group).then_some(self.group_number);
        self.checked(find(&self.groups, group, dataset, own)?, group, dataset, "internal").map(Some)
    }

    fn checked<'f>(&self, found: Found<'f>, group: u8, dataset: u16, side: &str) -> Result<Dataset<'f>> {
        let wrong = |field: &str, message: String| Err(self.wrong(Error::cross_reference, &format!("{side}_{field}"), &[], message));
        match found {
            Found::Nothing => wrong("dataset_group_ID", format!("there is no dataset group {group}")),
            Found::Group => wrong("dataset_ID", format!("dataset group {group} has no dataset {dataset}")),
            Found::Dataset(_, kind) if kind != DatasetType::Reference => {
                let kind = kind.symbol().unwrap_or("reserved");
                wrong("dataset_ID", format!("dataset {group}:{dataset} has the type {kind}; a reference is of type reference (2)"))
            }
            Found::Dataset(dataset, _) => Ok(*dataset),
        }
    }
}

/// Hashes the Value of the dataset of another file (6.4.2.3.3, ref_checksum); `range` gets its source, first byte and end.
pub(super) fn hash(entry: &Entry<'_>, path: &Path, group: u8, dataset: u16, range: impl FnOnce(&dyn Source, u64, u64) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let file = open(path)?;
    let groups = file.groups().map_err(|error| within(path, error))?;
    let found = find(&groups, group, dataset, None).map_err(|error| within(path, error))?;
    let dataset = entry.checked(found, group, dataset, "external")?;
    let node = dataset.node();
    let start = node.offset().saturating_add(mpegg_runtime::bits::BOX_HEAD);
    range(file.source(), start, node.offset().saturating_add(node.length())).map_err(|error| within(path, error))
}

fn open(path: &Path) -> Result<File<FileSource>> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, 0, error))?;
    File::new(FileSource::new(file)?).map_err(|error| within(path, error))
}

/// Why the bases of a reference cannot be had: it is a dataset, or nobody knows what it is. A dataset that is not there is the better reason.
pub(super) fn undecoded(entry: &Entry<'_>, resolver: &Resolver) -> Error {
    match entry.location() {
        Location::Reserved { code, .. } => entry.wrong(Error::unsupported, "reference_type", &[], format!("reference_type {code} is reserved")),
        Location::Mpegg { uri, group, dataset } => {
            let checked = resolver.find(uri).ok().map(|path| hash(entry, &path, group, dataset, |_, _, _| Ok(vec![])));
            let message = format!("dataset {group}:{dataset} of `{uri}` is a coded reference; its bases need Part 2, which is not decoded");
            checked.and_then(Result::err).unwrap_or_else(|| entry.wrong(Error::unsupported, "reference_type", &[], message))
        }
        Location::Internal { group, dataset } => {
            let message = format!("dataset {group}:{dataset} is a coded reference; its bases need Part 2, which is not decoded");
            entry.dataset().err().unwrap_or_else(|| entry.wrong(Error::unsupported, "internal_dataset_ID", &[], message))
        }
        Location::Raw { .. } | Location::Fasta { .. } => entry.wrong(Error::unsupported, "reference_type", &[], "no coded reference".to_owned()),
    }
}
