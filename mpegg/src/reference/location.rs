//! Which kinds of references there are, and where each one is (Tables 15 and 16).

use super::Entry;
use crate::tables::ReferenceType;

/// Where a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location<'t> {
    /// A dataset of the same file, coded as a reference.
    Internal {
        /// internal_dataset_group_ID.
        group: u8,
        /// internal_dataset_ID.
        dataset: u16,
    },
    /// A dataset of another file, coded as a reference (MPEGG_REF).
    Mpegg {
        /// ref_uri.
        uri: &'t str,
        /// external_dataset_group_ID.
        group: u8,
        /// external_dataset_ID.
        dataset: u16,
    },
    /// A raw reference of Part 2 (RAW_REF).
    Raw {
        /// ref_uri.
        uri: &'t str,
    },
    /// A FASTA file (FASTA_REF).
    Fasta {
        /// ref_uri.
        uri: &'t str,
    },
    /// A `reference_type` that the standard reserves.
    Reserved {
        /// ref_uri.
        uri: &'t str,
        /// reference_type.
        code: u64,
    },
}

impl Location<'_> {
    /// The name of the kind, as Table 16 prints it.
    pub fn kind(&self) -> &'static str {
        match self {
            Location::Internal { .. } | Location::Mpegg { .. } => "MPEGG_REF",
            Location::Raw { .. } => "RAW_REF",
            Location::Fasta { .. } => "FASTA_REF",
            Location::Reserved { .. } => "reserved",
        }
    }
}

impl Entry<'_> {
    /// Where the reference is.
    pub fn location(&self) -> Location<'_> {
        let table = &self.table;
        let Some(uri) = table.ref_uri.as_deref() else {
            return Location::Internal { group: table.internal_dataset_group_id.unwrap_or_default(), dataset: table.internal_dataset_id.unwrap_or_default() };
        };
        match table.reference_type.unwrap_or_default() {
            ReferenceType::MpeggRef => {
                Location::Mpegg { uri, group: table.external_dataset_group_id.unwrap_or_default(), dataset: table.external_dataset_id.unwrap_or_default() }
            }
            ReferenceType::RawRef => Location::Raw { uri },
            ReferenceType::FastaRef => Location::Fasta { uri },
            ReferenceType::Unknown(code) => Location::Reserved { uri, code },
        }
    }
}
