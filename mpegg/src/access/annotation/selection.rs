//! What of the annotation tables of a dataset is wanted.

use crate::access::{Region, Sequence};
use crate::file::Field;
use mpegg_runtime::{Error, ErrorKind, Result};
use std::ops::RangeInclusive;

/// Positions on a chromosome.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GenomicRange {
    /// The name of the chromosome, as the genomic range indexes write it.
    pub chromosome: String,
    /// The first position, 0-based.
    pub start: u64,
    /// The last position, inclusive.
    pub end: u64,
}

impl TryFrom<Region> for GenomicRange {
    type Error = Error;

    /// A region by name; annotation data knows no sequence_ID.
    fn try_from(region: Region) -> Result<GenomicRange> {
        match region.sequence {
            Sequence::Name(chromosome) => Ok(GenomicRange { chromosome, start: region.start, end: region.end }),
            Sequence::Id(id) => {
                let message = format!("chromosomes of annotation data have names, @{id} is a sequence_ID");
                Err(Error::without_position(ErrorKind::Unsupported, message))
            }
        }
    }
}

/// What of the annotation tables of a dataset is wanted; the default is everything. All restrictions hold together.
///
/// ```
/// use mpegg::access::Region;
/// use mpegg::access::annotation::{AnnotationSelection, GenomicRange};
/// use mpegg::file::Field;
///
/// # fn main() -> mpegg::Result<()> {
/// let region = GenomicRange::try_from("chr7:55,000,001-55,200,000".parse::<Region>()?)?;
/// assert_eq!(region, GenomicRange { chromosome: "chr7".to_owned(), start: 55_000_000, end: 55_199_999 });
/// let genotypes = AnnotationSelection { groups: Some(vec![0]), fields: vec![Field::Descriptor(15)], regions: vec![region], ..Default::default() };
/// assert!(!genotypes.is_everything());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnotationSelection {
    /// Only these tables (AT_ID).
    pub tables: Option<Vec<u8>>,
    /// Only these attribute groups (AG_class).
    pub groups: Option<Vec<u8>>,
    /// Only these descriptors and attributes; none: all.
    pub fields: Vec<Field>,
    /// Only tiles with one of these rows of the main data, 0-based.
    pub rows: Option<RangeInclusive<u64>>,
    /// Only tiles with one of these columns of the main data, 0-based.
    pub columns: Option<RangeInclusive<u64>>,
    /// Only tiles with a position in one of these: positions of the rows, or of the columns where only these are sorted; none: all.
    pub regions: Vec<GenomicRange>,
    /// Only tiles whose columns have a position in one of these; none: all.
    pub column_regions: Vec<GenomicRange>,
}

impl AnnotationSelection {
    /// Whether nothing is restricted.
    pub fn is_everything(&self) -> bool {
        *self == AnnotationSelection::default()
    }

    /// Whether a table is wanted.
    pub fn has_table(&self, at_id: u8) -> bool {
        self.tables.as_ref().is_none_or(|tables| tables.contains(&at_id))
    }

    /// Whether the groups of a class are wanted.
    pub fn has_group(&self, ag_class: u8) -> bool {
        self.groups.as_ref().is_none_or(|groups| groups.contains(&ag_class))
    }

    /// Whether a field is wanted.
    pub fn has_field(&self, field: Field) -> bool {
        self.fields.is_empty() || self.fields.contains(&field)
    }
}
