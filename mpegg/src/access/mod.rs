//! Taking out of a file what is wanted of it, and reading nothing else.
//!
//! A [`Selection`] says what is wanted of a dataset of sequencing data. [`Dataset::select`] makes it an [`Access`], which finds the access
//! units: with a master index table by searching it where it stands, without one by the headers of the units. [`Access::units`] gives the
//! data units (6.3), parameter sets first; [`Access::plan`] tells what would be read, and why.
//!
//! Units of class M of dataset 2 over chr3:20-30M:
//!
//! ```
//! use mpegg::{access::Selection, file::File, tables::DataClass};
//!
//! # fn main() -> mpegg::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/sample.mgg");
//! # let file = File::open(path)?;
//! # let wanted = Selection::all().region("@1:0-200")?;
//! # assert_eq!(file.dataset(1)?.select(&wanted)?.units()?.count(), 4);
//! # stringify! {
//! for unit in file.dataset(2)?.select(&Selection::all().region("chr3:20,000,000-30,000,000")?.class(DataClass::ClassM))?.units()? {
//!     unit?.write_to(&mut out, &mut buffer)?;
//! }
//! # };
//! # Ok(())
//! # }
//! ```

pub mod annotation;
mod blocks;
mod found;
mod plan;

mod query;
mod reference;
mod region;
mod search;
mod selection;
mod table;

pub use plan::Step;
pub use reference::{ReferenceNeed, ReferencePart};
pub use region::{Region, Sequence};
pub use selection::Selection;

pub(crate) use blocks::{Block, Streams};
pub(crate) use found::{Found, RowRef};
pub(crate) use search::Search;

use crate::file::{AccessUnit, BoxRef, Dataset, Front};
use crate::tables::DatasetType;
use mpegg_runtime::{Error, ErrorKind, Result};
use query::Query;
use std::rc::Rc;
use table::Table;

/// Access to a selection of a dataset: what has to be known of the dataset to find its access units.
pub struct Access<'s> {
    pub(crate) dataset: Dataset<'s>,
    pub(crate) front: Rc<Front<'s>>,
    pub(crate) selection: Selection,
    query: Query,
    index: Option<Table<'s>>,
    streams: Option<Rc<Streams>>,
    /// The first byte of the Value of the dataset, from which offsets count (R14).
    base: u64,
}

impl<'s> Dataset<'s> {
    /// Prepares access to a selection: reads the headers of the dataset, and looks up the names and labels of the selection.
    ///
    /// # Errors
    ///
    /// I/O; headers that cannot be read; a sequence name that the reference does not have; a dataset of type 3, whose selections are of
    /// another kind, or of a reserved type.
    pub fn select(&self, selection: &Selection) -> Result<Access<'s>> {
        let front = self.front()?;
        let query = Query::new(selection, self, &front.header)?;
        Access::open(self, front, query, selection)
    }

    /// Prepares access to what is needed of the reference that this dataset of type 2 holds.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select).
    pub fn select_reference(&self, need: &ReferenceNeed) -> Result<Access<'s>> {
        Access::open(self, self.front()?, Query::of_reference(need), &Selection::all())
    }
}

impl<'s> Access<'s> {
    fn open(dataset: &Dataset<'s>, front: Rc<Front<'s>>, query: Query, selection: &Selection) -> Result<Self> {
        let at = front.header_box.offset().saturating_mul(8);
        match front.header.dataset_type {
            DatasetType::NonAligned | DatasetType::Aligned | DatasetType::Reference => {}
            DatasetType::Annotation => return Err(Error::unsupported(at, "access units of sequencing data are asked of a dataset of annotation data")),
            other => return dataset.located(Err(Error::unsupported(at, format!("dataset_type {} is reserved", other.code())).in_field("dthd", &[]))),
        }
        let index = dataset.located(Table::open(&front))?;
        let streams = match front.header.block_header_flag {
            true => None,
            false => Some(dataset.located(Streams::of(dataset, &front))?),
        };
        let base = dataset.node().offset().saturating_add(12);
        Ok(Access { dataset: dataset.clone(), front, selection: selection.clone(), query, index, streams, base })
    }

    /// What was asked for and is not there, in words: an unknown label, a sequence without data.
    pub fn notes(&self) -> &[String] {
        &self.query.notes
    }

    /// Whether the dataset has a master index table.
    pub fn has_index(&self) -> bool {
        self.index.is_some()
    }

    /// The dataset.
    pub fn dataset(&self) -> &Dataset<'s> {
        &self.dataset
    }

    /// What stands in front of the access units.
    pub fn front(&self) -> &Front<'s> {
        &self.front
    }

    /// The wanted access units, opened, in their order (R20): of the table where it has one and all is wanted, else of the file.
    pub(crate) fn found(&self) -> Box<dyn Iterator<Item = Result<(Found, AccessUnit<'s>)>> + '_> {
        if self.index.is_none() {
            let boxes = self.dataset.access_units();
            let boxes = boxes
                .into_iter()
                .flatten()
                .map(|node| node.and_then(|node| self.open_unit(&node).map(|unit| (Found { offset: unit.node.offset(), row: None }, unit))));
            return Box::new(boxes.filter_map(|unit| match unit {
                Ok((found, unit)) => match self.alphabet(&unit) {
                    Ok(alphabet) => self.query.takes(&unit.header, alphabet).then_some(Ok((found, unit))),
                    Err(error) => Some(Err(error)),
                },
                Err(error) => Some(self.dataset.located(Err(error))),
            }));
        }
        let found: Box<dyn Iterator<Item = Result<Found>>> =
            if self.query.everything { Box::new(self.in_table_order()) } else { Box::new(self.in_file_order()) };
        let opened = found.map(|found| self.dataset.located(found.and_then(|found| Ok((found, self.open_found(&found)?)))));
        Box::new(opened.filter(|unit| unit.as_ref().map_or(true, |(_, unit)| self.query.wants_id(unit.header.access_unit_id))))
    }

    fn open_unit(&self, node: &BoxRef<'s>) -> Result<AccessUnit<'s>> {
        AccessUnit::open(*node, self.dataset.file_header(), &self.front)
    }

    /// The access unit that a row of the table addresses.
    fn open_found(&self, found: &Found) -> Result<AccessUnit<'s>> {
        let node = self.dataset.node().at(found.offset, *b"aucn").map_err(|error| self.bad_offset(found, error))?;
        self.open_unit(&node)
    }

    /// An offset of the table that addresses no access unit: the fault is the table's.
    fn bad_offset(&self, found: &Found, error: Error) -> Error {
        if error.kind() == ErrorKind::Io {
            return error;
        }
        let message = format!("AU_byte_offset addresses no access unit at byte {}: {}", found.offset, error.message());
        let at = self.index.as_ref().map_or(0, |table| self.bit_of_row(table, found));
        let index: Vec<u64> = match found.row {
            Some(RowRef::Aligned { seq, ci, row }) => vec![u64::from(seq), u64::from(ci), u64::from(row)],
            Some(RowRef::Unaligned { number, .. }) => vec![u64::from(number)],
            None => vec![],
        };
        Error::malformed(at, message).in_field("AU_byte_offset", &index).in_table("master_index_table", "6.5.2.1", Some(57)).in_field("mitb", &[])
    }

    /// The row of a sequence and a class, as its number among rows that were read together.
    pub(crate) fn row(&self, seq: usize, ci: usize, row: u64) -> Result<Option<(usize, table::Near)>> {
        let Some((table, run)) = self.index.as_ref().and_then(|table| Some((table, table.run(seq, ci)?))) else { return Ok(None) };
        let near = table.near(&run, row)?;
        Ok(Some((usize::try_from(row.saturating_sub(near.0)).unwrap_or(usize::MAX), near)))
    }

    /// The row of class U that stands at a byte.
    pub(crate) fn u_row(&self, at: u64, bytes: u64) -> Result<table::URow> {
        self.index.as_ref().map_or(Ok(table::URow::default()), |table| table.u_row(at, bytes))
    }

    /// The alphabet of the signatures in the header of an access unit.
    pub(crate) fn alphabet(&self, unit: &AccessUnit<'_>) -> Result<u64> {
        let alphabet = unit.header.alphabet(self.dataset.file_header(), &self.front.header, &self.front.parameter_sets)?;
        Ok(u64::try_from(alphabet).unwrap_or(u64::MAX))
    }
}
