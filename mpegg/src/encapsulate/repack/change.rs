//! What a repacked file shall be.

use super::super::{Mode, Storage};
use crate::reference::Resolver;
use crate::tables::DatasetHeader;
use mpegg_runtime::bits::Ascii;

/// The contiguity of blocks, without the order in which DSC has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contiguity {
    /// Access units by their start positions.
    AucGrc,
    /// Access units class by class.
    AucCc,
    /// Descriptor streams.
    Dsc,
}

/// Where boxes stand that an `offs` can address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Boxes {
    /// Where they stood.
    #[default]
    AsFound,
    /// Those of these keys behind the dataset groups.
    Behind(Vec<[u8; 4]>),
    /// In their places.
    InPlace,
}

/// What a repacked file shall be; what is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// How blocks are stored in datasets of sequencing data.
    pub contiguity: Option<Contiguity>,
    /// In DSC: whether blocks are in the order of the master index table.
    pub ordered: Option<bool>,
    /// Whether there is a master index table; without effect in DSC, which has one always.
    pub index: Option<bool>,
    /// Whether the offsets in master index tables have 64 bits.
    pub wide_offsets: Option<bool>,
    /// minor_version.
    pub minor_version: Option<Ascii<4>>,
    /// Where boxes stand.
    pub boxes: Boxes,
    /// Keys of boxes for which every container shall have an `offs` that addresses nothing yet.
    pub placeholders: Vec<[u8; 4]>,
    /// Where external references are: they say the lengths of sequences, which the first edition does not have.
    pub resolver: Resolver,
}

impl Change {
    /// How a dataset of this header is stored.
    pub(super) fn storage(&self, header: &DatasetHeader) -> Storage {
        let found = match (header.block_header_flag, header.cc_mode_flag) {
            (false, _) => Contiguity::Dsc,
            (true, Some(true)) => Contiguity::AucCc,
            (true, _) => Contiguity::AucGrc,
        };
        let mode = match self.contiguity.unwrap_or(found) {
            Contiguity::AucGrc => Mode::AucGrc,
            Contiguity::AucCc => Mode::AucCc,
            Contiguity::Dsc => Mode::Dsc { ordered: self.ordered.or(header.ordered_blocks_flag).unwrap_or(true) },
        };
        let has_index = header.has_mit() == 1;
        let index = self.index.unwrap_or(has_index) || !mode.is_auc();
        // Wide offsets stay wide; others are widened where that is needed.
        let found = (header.byte_offset_size_flag && has_index).then_some(true);
        Storage { mode, index, wide_offsets: self.wide_offsets.or(found) }
    }
}
