//! What an input holds, as far as rules look at it: headers decoded, access units and tables as boxes to be read one by one.

mod annotation;
mod dataset;
mod file;
mod node;
mod rows;
mod stream;
mod units;

pub use annotation::{FieldId, Part, Parts, Unit as AnnotationUnit};
pub use dataset::{AnnotationTable, AttributeGroup, Dataset, DescriptorStream};
pub use file::read as read_file;
pub use node::{Found, Node, Origin, Tails};
pub use rows::{Row, Rows};
pub use stream::{Arrived, Stream, Trail};
pub use units::Unit;

use crate::tables::{DatasetGroupHeader, FileHeader, Label, Reference};

/// A file, or a stream as a whole.
pub struct Input<'s> {
    /// The file header.
    pub header: Option<Found<FileHeader>>,
    /// The dataset groups.
    pub groups: Vec<Group<'s>>,
    /// Whether it is a stream.
    pub is_stream: bool,
}

/// A dataset group.
pub struct Group<'s> {
    /// Its header.
    pub header: Option<Found<DatasetGroupHeader>>,
    /// Its references.
    pub references: Vec<Found<Reference>>,
    /// Reference metadata: the reference that each belongs to.
    pub reference_metadata: Vec<Found<u8>>,
    /// Its list of labels: num_labels, and the labels.
    pub labels: Option<(Found<u16>, Vec<Found<Label>>)>,
    /// Its datasets.
    pub datasets: Vec<Dataset<'s>>,
}

impl Group<'_> {
    /// dataset_group_ID, where the header can be read.
    pub fn id(&self) -> Option<u8> {
        Some(self.header.as_ref()?.value.dataset_group_id)
    }

    /// The reference of an ID.
    pub fn reference(&self, id: u8) -> Option<&Found<Reference>> {
        self.references.iter().find(|reference| reference.value.reference_id == id)
    }
}

/// The IDs of the sequences of a reference: those that it names, or 0, 1, 2 and so on in the first edition (R10).
pub fn sequence_ids(reference: &Reference) -> impl Iterator<Item = u16> + '_ {
    let counted = (0u16..).zip(&reference.sequences);
    counted.map(|(number, sequence)| sequence.sequence_id.unwrap_or(number))
}
