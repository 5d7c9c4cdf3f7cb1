//! Datasets of types 0, 1 and 2: access units, and how they are stored.

use super::Opaque;

/// The letters of the alphabets (Table 27).
pub const ALPHABETS: [&str; 2] = ["ACGTN", "ACGTRYSWKMBDHVN-"];

/// The content of a dataset of type 0, 1 or 2.
#[derive(Clone, Debug)]
pub struct Sequencing {
    /// 0 non-aligned, 1 aligned, 2 reference.
    pub dataset_type: u8,
    /// How access units and blocks are stored.
    pub storage: Storage,
    /// Widths and signatures as the dataset header says.
    pub form: Form,
    /// Whether parameter sets have a form of their own: parameters_update_flag.
    pub parameters_update: bool,
    /// non_overlapping_AU_range_flag.
    pub non_overlapping: bool,
    /// reference_ID; on no wire where there are no sequences.
    pub reference: u8,
    /// The sequences.
    pub sequences: Vec<Sequence>,
    /// The classes, ascending; on no wire without a master index table.
    pub classes: Vec<Class>,
    /// num_U_access_units, those that are empty included.
    pub u_units: u32,
    /// The byte behind the first reserved_flag, where that is 1.
    pub reserved: Option<u8>,
    /// Whether the last reserved_flag is missing, as in files of existing software.
    pub last_flag_missing: bool,
    /// The access units that are not empty, in file order.
    pub units: Vec<Unit>,
    /// The descriptor streams, in file order; only in DSC mode.
    pub streams: Vec<Stream>,
}

impl Sequencing {
    /// Whether there is a master index table.
    pub fn has_index(&self) -> bool {
        match self.storage {
            Storage::Auc { index, .. } => index,
            Storage::Dsc { .. } => true,
        }
    }

    /// Whether blocks are in descriptor streams.
    pub fn is_dsc(&self) -> bool {
        matches!(self.storage, Storage::Dsc { .. })
    }

    /// The number of the unit with that place in the master index table; class U has no sequence.
    pub fn unit_at(&self, sequence: Option<usize>, class: u8, id: u32) -> Option<usize> {
        self.units.iter().position(|unit| unit.class == class && unit.id == id && (class == 6 || unit.sequence == sequence))
    }
}

/// How access units and blocks are stored (6.4.3.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Blocks in their access unit.
    Auc {
        /// MIT_flag.
        index: bool,
        /// CC_mode_flag.
        class_contiguity: bool,
    },
    /// Blocks in descriptor streams.
    Dsc {
        /// ordered_blocks_flag.
        ordered: bool,
        /// What the table says of an empty block.
        empty: EmptyBlocks,
    },
}

/// The offset of an empty block in DSC mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyBlocks {
    /// All bits one.
    AllOnes,
    /// The offset of the next block of the stream, or the end of its payload.
    Next,
}

/// Widths and signatures of access unit headers: of a dataset, or of a parameter set where parameters_update_flag is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// multiple_alignment_flag.
    pub multiple_alignment: bool,
    /// pos_40_bits_flag.
    pub wide_positions: bool,
    /// alphabet_ID.
    pub alphabet: u8,
    /// U_signature_flag and what belongs to it.
    pub signatures: Signatures,
}

impl Form {
    /// posSize.
    pub fn position_size(&self) -> u32 {
        if self.wide_positions { 40 } else { 32 }
    }
}

/// Whether there are signatures, and how long they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// None.
    Absent,
    /// All of this length.
    Constant(u8),
    /// A length each.
    Variable,
}

/// A parameter set (Table 32).
#[derive(Clone, Debug)]
pub struct ParameterSet {
    /// parameter_set_ID.
    pub id: u8,
    /// parent_parameter_set_ID: its own ID at the top.
    pub parent: u8,
    /// Its own form, where parameters_update_flag is 1.
    pub form: Option<Form>,
    /// encoding_parameters().
    pub payload: Vec<u8>,
}

/// A sequence of a dataset.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// seq_ID.
    pub id: u16,
    /// seq_blocks: rows of the table, those that are empty included.
    pub blocks: u32,
    /// thres; none repeats the one before, the first is always there.
    pub threshold: Option<u32>,
}

/// A class of a dataset.
#[derive(Clone, Debug)]
pub struct Class {
    /// clid.
    pub id: u8,
    /// descriptor_ID; on no wire in AUC mode.
    pub descriptors: Vec<u8>,
}

/// An access unit. It has at least a block.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// access_unit_ID, and its row in the table.
    pub id: u32,
    /// parameter_set_ID.
    pub parameter_set: u8,
    /// AU_type.
    pub class: u8,
    /// reads_count.
    pub reads: u32,
    /// mm_threshold and mm_count, of classes N and M.
    pub mismatches: (u16, u32),
    /// The number of its sequence in the dataset; none in class U.
    pub sequence: Option<usize>,
    /// AU_start_position and AU_end_position.
    pub range: (u64, u64),
    /// The extended positions.
    pub extended: (u64, u64),
    /// ref_sequence_id, ref_start_position, ref_end_position, in dataset type 2.
    pub part: (u16, u64, u64),
    /// U_cluster_signature, ascending.
    pub signatures: Vec<String>,
    /// auin, aumt, aupr.
    pub boxes: Vec<Opaque>,
    /// Its blocks, empty ones left out: in DSC mode in the order of the class's descriptors.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// descriptor_ID.
    pub descriptor: u8,
    /// block_payload.
    pub payload: Vec<u8>,
}

/// A descriptor stream (Table 63).
#[derive(Clone, Debug)]
pub struct Stream {
    /// class_ID.
    pub class: u8,
    /// descriptor_ID.
    pub descriptor: u8,
    /// DS_protection_value.
    pub protection: Option<Vec<u8>>,
    /// The numbers of the access units whose blocks it holds, as they are stored.
    pub units: Vec<usize>,
}

/// bits_per_symbol of an alphabet.
pub fn bits_per_symbol(alphabet: u8) -> u32 {
    if alphabet == 0 { 3 } else { 5 }
}

/// The number that a signature is, most significant digit first: at most 128 bits are compared.
pub fn signature_number(signature: &str, alphabet: u8) -> u128 {
    signature.chars().fold(0, |number, letter| number << bits_per_symbol(alphabet) | u128::from(letter_index(letter, alphabet)))
}

/// The place of a letter in its alphabet.
pub(crate) fn letter_index(letter: char, alphabet: u8) -> u8 {
    let index = ALPHABETS[usize::from(alphabet)].find(letter);
    index.unwrap_or_else(|| panic!("{letter} is not in alphabet {alphabet}")) as u8
}
