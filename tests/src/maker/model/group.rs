//! References and labels.

use super::{Extras, Place};

/// A reference (Table 15).
#[derive(Clone, Debug)]
pub struct Reference {
    /// reference_ID.
    pub id: u8,
    /// reference_name.
    pub name: String,
    /// Major, minor and patch version.
    pub version: [u16; 3],
    /// Its sequences.
    pub sequences: Vec<ReferenceSequence>,
    /// Where its bases are.
    pub location: Location,
    /// Where the box stands.
    pub place: Place,
}

/// A sequence of a reference.
#[derive(Clone, Debug)]
pub struct ReferenceSequence {
    /// sequence_name.
    pub name: String,
    /// sequence_length.
    pub length: u32,
    /// sequence_ID; the number of the sequence in the first edition.
    pub id: u16,
}

/// Where the bases of a reference are.
#[derive(Clone, Debug)]
pub enum Location {
    /// In a dataset of the file.
    Internal {
        /// internal_dataset_group_ID.
        group: u8,
        /// internal_dataset_ID.
        dataset: u16,
    },
    /// In another file.
    External {
        /// ref_uri.
        uri: String,
        /// checksum_alg.
        algorithm: u8,
        /// reference_type and what belongs to it.
        kind: ReferenceKind,
        /// ref_seq_checksum, one for each sequence; the one ref_checksum of MPEGG_REF in the first edition.
        checksums: Vec<Vec<u8>>,
    },
}

/// The kind of an external reference (Table 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// MPEGG_REF.
    Mpegg {
        /// external_dataset_group_ID.
        group: u8,
        /// external_dataset_ID.
        dataset: u16,
    },
    /// RAW_REF.
    Raw,
    /// FASTA_REF.
    Fasta,
}

/// The label list of a group (Table 20).
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Where `labl` stands.
    pub place: Place,
    /// The labels.
    pub list: Vec<Label>,
    /// Placeholders and unknown boxes.
    pub extras: Extras,
}

/// A label (Table 21).
#[derive(Clone, Debug)]
pub struct Label {
    /// label_ID.
    pub id: String,
    /// What it labels.
    pub datasets: Vec<LabelDataset>,
    /// Where `lbll` stands.
    pub place: Place,
}

/// What a label covers in a dataset.
#[derive(Clone, Debug)]
pub struct LabelDataset {
    /// dataset_ID.
    pub dataset: u16,
    /// The regions; none is the whole dataset.
    pub regions: Vec<LabelRegion>,
}

/// A region of a label, both ends in it.
#[derive(Clone, Debug)]
pub struct LabelRegion {
    /// seq_ID.
    pub sequence: u16,
    /// class_ID; none is every class.
    pub classes: Vec<u8>,
    /// start_pos.
    pub start: u64,
    /// end_pos.
    pub end: u64,
}
