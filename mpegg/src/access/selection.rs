//! What is wanted of a dataset of sequencing data.

use super::Region;
use crate::tables::DataClass;
use mpegg_runtime::Result;

/// What is wanted of a dataset: the access units that lie in any of the regions, belong to any of the labels or have any of the
/// signatures, as far as they are of the wanted classes and have one of the wanted identifiers. What is not given does not restrict.
///
/// ```
/// use mpegg::access::Selection;
/// use mpegg::tables::DataClass;
///
/// let selection = Selection::all().region("chr3:20,000,000-30,000,000")?.class(DataClass::ClassM);
/// assert!(!selection.is_everything());
/// # Ok::<(), mpegg::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Access units whose covered region shares a base with one of these; never those of class U (R21).
    pub regions: Vec<Region>,
    /// Those that belong to one of these labels (R13).
    pub labels: Vec<String>,
    /// Those of class U that list exactly one of these signatures (R22).
    pub signatures: Vec<String>,
    /// Only those of these classes.
    pub classes: Vec<DataClass>,
    /// Only those with one of these values of access_unit_ID.
    pub access_unit_ids: Vec<u32>,
    /// All parameter sets, not only those that the access units need (R20).
    pub all_parameter_sets: bool,
}

impl Selection {
    /// The whole dataset.
    pub fn all() -> Self {
        Selection::default()
    }

    /// Whether nothing restricts what is taken: then the order of the master index table counts, else that of the file (R20).
    pub fn is_everything(&self) -> bool {
        self.is_everywhere() && self.classes.is_empty() && self.access_unit_ids.is_empty()
    }

    /// Whether no place restricts what is taken.
    pub(super) fn is_everywhere(&self) -> bool {
        self.regions.is_empty() && self.labels.is_empty() && self.signatures.is_empty()
    }

    /// Also what lies in this region, written as [`Region`] says.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn region(mut self, region: &str) -> Result<Self> {
        self.regions.push(region.parse()?);
        Ok(self)
    }

    /// Also what belongs to this label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    /// Also what has this signature.
    #[must_use]
    pub fn signature(mut self, signature: impl Into<String>) -> Self {
        self.signatures.push(signature.into());
        self
    }

    /// Only what is of this class, or of one that is given too.
    #[must_use]
    pub fn class(mut self, class: DataClass) -> Self {
        self.classes.push(class);
        self
    }

    /// Only what has this access_unit_ID, or one that is given too.
    #[must_use]
    pub fn access_unit_id(mut self, id: u32) -> Self {
        self.access_unit_ids.push(id);
        self
    }
}
