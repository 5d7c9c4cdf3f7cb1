//! What stands in front of the access units of a dataset: the header, the parameter sets, the master index table.

use super::{BoxRef, Dataset};
use crate::tables::{DatasetHeader, DatasetParameterSet, MasterIndexTable};
use mpegg_runtime::{Error, Result};
use std::rc::Rc;

/// What has to be read of a dataset before its access units mean anything.
#[derive(Clone)]
pub struct Front<'s> {
    /// The header (Table 26).
    pub header: DatasetHeader,
    /// The box of the header.
    pub header_box: BoxRef<'s>,
    /// The parameter sets (Table 32), in file order.
    pub parameter_sets: Vec<DatasetParameterSet>,
    /// Their boxes.
    pub parameter_set_boxes: Vec<BoxRef<'s>>,
    /// The master index table (Table 57), not read yet.
    pub index: Option<BoxRef<'s>>,
}

/// The heads of all boxes of a dataset of fewer bytes than these are read anyway.
const SHORT: u64 = 1 << 20;

impl<'s> Dataset<'s> {
    /// Reads what stands in front of the access units. Boxes behind the first access unit are looked at only where something that must
    /// exist was not found in front of it.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a dataset without header, or whose header announces a master index table that is not there.
    pub fn front(&self) -> Result<Rc<Front<'s>>> {
        if let Some(known) = self.known().front.get() {
            return Ok(known.clone());
        }
        let front = Rc::new(self.located(self.find_front())?);
        Ok(self.known().front.get_or_init(|| front).clone())
    }

    fn find_front(&self) -> Result<Front<'s>> {
        let anywhere = self.node().length() < SHORT;
        let missing = |what: &'static str| Error::malformed(self.node().offset().saturating_mul(8), format!("a dataset without `{what}`"));
        let header_box = self.node().first_child(DatasetHeader::KEY)?.ok_or_else(|| missing("dthd"))?;
        let header = header_box.decode(DatasetHeader::read_box)?;
        let mut front = Front { header, header_box, parameter_sets: vec![], parameter_set_boxes: vec![], index: None };
        let wants_index = front.header.dataset_type.code() < 3 && front.header.has_mit() == 1;
        for child in self.node().each_child() {
            let child = child?;
            match &child.key() {
                b"pars" => front.parameter_set_boxes.push(child),
                b"mitb" if wants_index => front.index = front.index.or(Some(child)),
                b"aucn" | b"dscn" | b"atcn" if !anywhere && (front.index.is_some() || !wants_index) && !front.parameter_set_boxes.is_empty() => break,
                _ => {}
            }
        }
        if wants_index && front.index.is_none() {
            return Err(missing("mitb").in_table("dataset", "6.4.3.1", Some(25)).in_field(&MasterIndexTable::KEY.escape_ascii().to_string(), &[]));
        }
        front.parameter_sets = front.parameter_set_boxes.iter().map(|node| self.parameter_set(node, &front.header)).collect::<Result<_>>()?;
        Ok(front)
    }

    fn parameter_set(&self, node: &BoxRef<'s>, header: &DatasetHeader) -> Result<DatasetParameterSet> {
        node.decode(|r| DatasetParameterSet::read_box(r, self.file_header(), header))
    }
}
