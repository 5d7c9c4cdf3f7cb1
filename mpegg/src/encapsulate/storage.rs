//! How a dataset is stored.

/// The contiguity of blocks (6.4.3.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The blocks of an access unit together, access units by their start positions (AUC-GRC).
    AucGrc,
    /// The blocks of an access unit together, access units class by class (AUC-CC).
    AucCc,
    /// The blocks of a descriptor and a class together (DSC).
    Dsc {
        /// In the order of the master index table.
        ordered: bool,
    },
}

impl Mode {
    /// Whether blocks stand in their access units, with headers: block_header_flag.
    pub fn is_auc(self) -> bool {
        !matches!(self, Mode::Dsc { .. })
    }
}

/// How the access units of a dataset are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// The contiguity.
    pub mode: Mode,
    /// Whether there is a master index table; DSC has one always.
    pub index: bool,
    /// Whether its offsets have 64 bits; `None`: if 32 are not enough. Without table it is only a flag, and `None` keeps what the
    /// header says.
    pub wide_offsets: Option<bool>,
}

impl Storage {
    /// Whether the dataset has a master index table.
    pub fn has_index(&self) -> bool {
        self.index || !self.mode.is_auc()
    }
}
