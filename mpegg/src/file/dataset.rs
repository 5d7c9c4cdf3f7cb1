//! A dataset.

use super::{BoxRef, Front, Group};
use crate::access::{Search, Streams};
use crate::tables::{AccessUnitHeader, AnnotationTableHeader, DatasetHeader, DatasetParameterSet, FileHeader, MasterIndexTable};
use mpegg_runtime::{Error, Result};
use std::cell::OnceCell;
use std::rc::Rc;

/// A dataset (6.4.3). Who asks it for several selections keeps it: what was found out about it once is known to its clones.
#[derive(Clone)]
pub struct Dataset<'s> {
    pub(super) node: BoxRef<'s>,
    /// How many datasets stand before it in its group.
    ordinal: u64,
    group: Group<'s>,
    file: FileHeader,
    /// What was found out about it, for those who ask again.
    known: Rc<Known<'s>>,
}

/// What was found out about a dataset.
#[derive(Default)]
pub(crate) struct Known<'s> {
    pub(super) front: OnceCell<Rc<Front<'s>>>,
    pub(crate) streams: OnceCell<Rc<Streams>>,
    pub(crate) search: Search,
}

impl<'s> Dataset<'s> {
    pub(super) fn new(node: BoxRef<'s>, ordinal: u64, group: Group<'s>) -> Self {
        let file = group.file_header().clone();
        Dataset { node, ordinal, group, file, known: Rc::default() }
    }

    pub(crate) fn known(&self) -> &Known<'s> {
        &self.known
    }

    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.node
    }

    /// The dataset group that it belongs to.
    pub fn group(&self) -> &Group<'s> {
        &self.group
    }

    /// The file header (Table 12).
    pub fn file_header(&self) -> &FileHeader {
        &self.file
    }

    /// Puts the path of the dataset in front of that of an error.
    pub(crate) fn located<T>(&self, result: Result<T>) -> Result<T> {
        self.group.located(result.map_err(|error| error.in_field("dtcn", &[self.ordinal])))
    }

    /// The header (Table 26).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a dataset without header.
    pub fn header(&self) -> Result<DatasetHeader> {
        let node = self.node.first_child(DatasetHeader::KEY)?;
        let node = node.ok_or_else(|| Error::malformed(self.node.offset().saturating_mul(8), "a dataset without `dthd`").in_field("dtcn", &[]))?;
        node.decode(DatasetHeader::read_box)
    }

    /// The parameter sets (Table 32).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn parameter_sets(&self) -> Result<Vec<DatasetParameterSet>> {
        let header = self.header()?;
        let nodes = self.node.children()?.into_iter().filter(|node| node.key() == DatasetParameterSet::KEY);
        nodes.map(|node| node.decode(|r| DatasetParameterSet::read_box(r, &self.file, &header))).collect()
    }

    /// The master index table (Table 57), decoded as a whole.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn master_index_table(&self) -> Result<Option<MasterIndexTable>> {
        let Some(node) = self.node.first_child(MasterIndexTable::KEY)? else { return Ok(None) };
        let header = self.header()?;
        node.decode(|r| MasterIndexTable::read_box(r, &header)).map(Some)
    }

    /// The access units, found one behind the other as the iterator goes on.
    ///
    /// # Errors
    ///
    /// None at the start; each item can be one of I/O.
    pub fn access_units(&self) -> Result<impl Iterator<Item = Result<BoxRef<'s>>> + use<'s>> {
        Ok(self.node.each_child().filter(|child| child.as_ref().map_or(true, |child| child.key() == *b"aucn")))
    }

    /// The header of an access unit (Table 34).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a unit without header.
    pub fn access_unit_header(&self, unit: &BoxRef<'s>, header: &DatasetHeader, sets: &[DatasetParameterSet]) -> Result<AccessUnitHeader> {
        let node = unit.child(AccessUnitHeader::KEY)?;
        let node = node.ok_or_else(|| Error::malformed(unit.offset().saturating_mul(8), "an access unit without `auhd`").in_field("aucn", &[]))?;
        node.decode(|r| AccessUnitHeader::read_box(r, &self.file, header, sets))
    }

    /// The headers of the annotation tables (Table 41).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn annotation_tables(&self) -> Result<Vec<AnnotationTableHeader>> {
        let tables = self.node.children()?.into_iter().filter(|node| node.key() == *b"atcn");
        let headers = tables.filter_map(|table| table.child(AnnotationTableHeader::KEY).transpose());
        headers.map(|node| node?.decode(|r| AnnotationTableHeader::read_box(r, 0))).collect()
    }
}
