//! What a packed file shall be, as a plan that can be written down in JSON. What a plan leaves out is inferred from the data units.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A file to be packed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// minor_version of the file header: 1900 (the first edition, with other layouts), 2000, or 2500, the usual one.
    pub minor_version: Option<String>,
    /// Brands of four characters that the file is compatible with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compatible_brands: Vec<String>,
    /// The dataset groups. None: one, with all that the inputs hold.
    pub groups: Vec<GroupPlan>,
    /// What datasets are like that no group lists: they have numbers from its `dataset_ID` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_datasets: Option<DatasetPlan>,
}

/// A dataset group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct GroupPlan {
    /// Its number.
    #[serde(rename = "dataset_group_ID")]
    pub dataset_group_id: u8,
    /// How often its definition has changed, modulo 256.
    pub version_number: u8,
    /// The references.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferencePlan>,
    /// The labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelPlan>,
    /// Boxes whose contents other parts define: rfmd, dgmd, dgcd, dgpr; with `dataset_ID` also those of a dataset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<BoxPlan>,
    /// Keys of boxes for which an `offs` stands ready that addresses nothing yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub placeholders: Vec<String>,
    /// The datasets. None: one for each input and type of data in it.
    pub datasets: Vec<DatasetPlan>,
}

/// A reference (Table 15).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReferencePlan {
    /// Its number in the group.
    #[serde(rename = "reference_ID")]
    pub reference_id: u8,
    /// reference_name; the name of the file unless it is said.
    pub name: Option<String>,
    /// Major, minor and patch version, such as 1.0.0.
    pub version: Option<String>,
    /// Where it is. Nothing: where `fasta` or `raw` is.
    pub location: Option<LocationPlan>,
    /// A FASTA file that tells names, lengths and checksums of the sequences; their IDs count from `first_sequence_ID` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fasta: Option<PathBuf>,
    /// The ID of the first sequence of `fasta`; 0 unless it is said.
    #[serde(rename = "first_sequence_ID", skip_serializing_if = "Option::is_none")]
    pub first_sequence_id: Option<u16>,
    /// A file with a raw reference that tells IDs, lengths and checksums.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<PathBuf>,
    /// MD5 or SHA-256, the usual one; of external references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_alg: Option<ChecksumPlan>,
    /// The sequences, where no file tells them or other names are wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<SequencePlan>,
    /// The contents of the box reference_metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ValuePlan>,
}

/// Where a reference is (Table 16).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "type")]
pub enum LocationPlan {
    /// A FASTA file.
    Fasta {
        /// ref_uri.
        uri: String,
    },
    /// A file with a raw reference of Part 2.
    Raw {
        /// ref_uri.
        uri: String,
    },
    /// A dataset of another file, coded as a reference.
    Mpegg {
        /// ref_uri.
        uri: String,
        /// Its dataset group.
        #[serde(rename = "dataset_group_ID")]
        dataset_group_id: u8,
        /// The dataset.
        #[serde(rename = "dataset_ID")]
        dataset_id: u16,
        /// In the first edition: the checksum of the dataset, in hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checksum: Option<String>,
    },
    /// A dataset of this file, coded as a reference.
    Dataset {
        /// Its dataset group.
        #[serde(rename = "dataset_group_ID")]
        dataset_group_id: u8,
        /// The dataset.
        #[serde(rename = "dataset_ID")]
        dataset_id: u16,
    },
}

/// A hash function (Table 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub enum ChecksumPlan {
    /// For backward compatibility only.
    #[serde(rename = "MD5")]
    Md5,
    /// The usual one.
    #[serde(rename = "SHA-256")]
    Sha256,
}

/// A sequence of a reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SequencePlan {
    /// sequence_name.
    pub name: String,
    /// sequence_length, in bases.
    pub length: u32,
    /// sequence_ID.
    #[serde(rename = "sequence_ID")]
    pub sequence_id: u16,
    /// ref_seq_checksum, in hexadecimal digits; of external references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// A label (Table 21).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelPlan {
    /// label_ID, the name.
    #[serde(rename = "label_ID")]
    pub label_id: String,
    /// What it stands for.
    pub datasets: Vec<LabelDatasetPlan>,
}

/// What a label stands for in a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelDatasetPlan {
    /// The dataset.
    #[serde(rename = "dataset_ID")]
    pub dataset_id: u16,
    /// The regions; none: the whole dataset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<LabelRegionPlan>,
}

/// A region of a label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelRegionPlan {
    /// NAME:START-END (1-based, inclusive) or @ID:START-END (sequence_ID, 0-based, inclusive).
    pub region: String,
    /// Classes: P, N, M, I, HM, U; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassPlan>,
}

/// A data class (Table 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub enum ClassPlan {
    /// Perfectly matching reads.
    P,
    /// Mismatches are unknown bases only.
    N,
    /// Mismatches are substitutions.
    M,
    /// Insertions, deletions, clips.
    I,
    /// Half mapped pairs.
    HM,
    /// Unmapped reads.
    U,
}

impl ClassPlan {
    /// class_ID.
    pub fn code(self) -> u64 {
        match self {
            ClassPlan::P => 1,
            ClassPlan::N => 2,
            ClassPlan::M => 3,
            ClassPlan::I => 4,
            ClassPlan::HM => 5,
            ClassPlan::U => 6,
        }
    }
}

/// A box whose contents another part defines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BoxPlan {
    /// Its key.
    pub key: String,
    /// Its contents, without the identifiers in front.
    pub value: ValuePlan,
    /// Of rfmd: the reference.
    #[serde(default, rename = "reference_ID", skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<u8>,
    /// In the list of a group: the dataset to which it belongs.
    #[serde(default, rename = "dataset_ID", skip_serializing_if = "Option::is_none")]
    pub dataset_id: Option<u16>,
    /// Whether it stands behind the dataset groups, with an `offs` in its place.
    #[serde(default, skip_serializing_if = "is_false")]
    pub behind_offs: bool,
}

/// Bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum ValuePlan {
    /// Those of a file; a relative path starts from the folder of the plan.
    File(PathBuf),
    /// A text, in UTF-8.
    Text(String),
    /// Hexadecimal digits.
    Hex(String),
}

/// A dataset of sequencing data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DatasetPlan {
    /// Its number.
    #[serde(rename = "dataset_ID")]
    pub dataset_id: u16,
    /// The inputs with its data units; none: all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<PathBuf>,
    /// The type of its data units; others of the inputs belong to other datasets. Must be said where parameter sets cannot be read.
    pub dataset_type: Option<TypePlan>,
    /// The version of Part 2; minor_version unless it is said.
    pub version: Option<String>,
    /// The contiguity of blocks.
    pub mode: ModePlan,
    /// In DSC: whether blocks are in the order of the master index table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered: Option<bool>,
    /// Whether there is a master index table; DSC has one always.
    #[serde(rename = "MIT")]
    pub mit: Option<bool>,
    /// The bits of its offsets, 32 or 64; nothing: 64 where 32 are not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offsets: Option<u8>,
    /// The reference; the first of the group unless it is said.
    #[serde(rename = "reference_ID", skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<u8>,
    /// The sequences in the order of `seq_ID`; those of the access units, ascending, unless they are said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<u16>,
    /// thres of each sequence, in their order; the longest region that an access unit covers unless they are said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<u32>,
    /// Whether ranges of access units of one type do not overlap. This cannot be told from access units.
    #[serde(rename = "non_overlapping_AU_range", skip_serializing_if = "is_false")]
    pub non_overlapping_au_range: bool,
    /// Whether parameter sets repeat the flags; they do where these differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_update: Option<bool>,
    /// What parameter sets say that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagsPlan>,
    /// What single parameter sets say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameter_sets: Vec<ParameterSetPlan>,
    /// Boxes whose contents other parts define: dtmd, dtmt, dtcd, dtpr.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<BoxPlan>,
    /// Keys of boxes for which an `offs` stands ready that addresses nothing yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub placeholders: Vec<String>,
    /// Boxes of access units: auin, aumt, aupr.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_units: Vec<AccessUnitPlan>,
    /// Protection of descriptor streams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub descriptor_streams: Vec<StreamPlan>,
}

/// dataset_type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TypePlan {
    /// Reads that are not aligned.
    NonAligned,
    /// Aligned reads.
    Aligned,
    /// A reference.
    Reference,
}

/// The contiguity of blocks (6.4.3.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModePlan {
    /// Access units by their start positions, the blocks of each together.
    #[default]
    AucGrc,
    /// Access units class by class, the blocks of each together.
    AucCc,
    /// The blocks of each descriptor and class together.
    Dsc,
}

/// What decides the form of access unit headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FlagsPlan {
    /// Whether access units have extended positions.
    pub multiple_alignment: bool,
    /// Whether positions have 40 bits, not 32.
    pub pos_40_bits: bool,
    /// The alphabet of signatures.
    #[serde(rename = "alphabet_ID")]
    pub alphabet_id: u8,
    /// Whether access units of class U have signatures.
    #[serde(rename = "U_signature")]
    pub u_signature: bool,
    /// The length of all signatures; nothing: each has its own.
    #[serde(rename = "U_signature_length", skip_serializing_if = "Option::is_none")]
    pub u_signature_length: Option<u8>,
}

/// What a parameter set says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParameterSetPlan {
    /// The set.
    #[serde(rename = "parameter_set_ID")]
    pub parameter_set_id: u8,
    /// What it says.
    pub flags: FlagsPlan,
}

/// Boxes of an access unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessUnitPlan {
    /// Its class.
    pub class: ClassPlan,
    /// Its sequence; nothing for class U.
    #[serde(default, rename = "sequence_ID", skip_serializing_if = "Option::is_none")]
    pub sequence_id: Option<u16>,
    /// Its number.
    #[serde(rename = "access_unit_ID")]
    pub access_unit_id: u32,
    /// The boxes.
    pub boxes: Vec<BoxPlan>,
}

/// Protection of a descriptor stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StreamPlan {
    /// Its class.
    pub class: ClassPlan,
    /// Its descriptor.
    #[serde(rename = "descriptor_ID")]
    pub descriptor_id: u8,
    /// The contents of DS_protection.
    pub protection: ValuePlan,
}

fn is_false(value: &bool) -> bool {
    !*value
}
