//! A dataset group.

use super::{BoxRef, Dataset};
use crate::tables::{DatasetGroupHeader, FileHeader, Label, Reference};
use mpegg_runtime::{Error, Result};

/// A dataset group (6.4.2).
#[derive(Clone)]
pub struct Group<'s> {
    pub(super) node: BoxRef<'s>,
    pub(super) file: FileHeader,
}

impl<'s> Group<'s> {
    /// The box.
    pub fn node(&self) -> &BoxRef<'s> {
        &self.node
    }

    /// The header (Table 14).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`]; a group without header.
    pub fn header(&self) -> Result<DatasetGroupHeader> {
        let node = self.node.child(DatasetGroupHeader::KEY)?;
        let node = node.ok_or_else(|| Error::malformed(self.node.offset().saturating_mul(8), "a dataset group without `dghd`").in_field("dgcn", &[]))?;
        node.decode(DatasetGroupHeader::read_box)
    }

    /// The references (Table 15).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn references(&self) -> Result<Vec<Reference>> {
        let nodes = self.node.children()?.into_iter().filter(|node| node.key() == Reference::KEY);
        nodes.map(|node| node.decode(|r| Reference::read_box(r, &self.file))).collect()
    }

    /// The labels (Table 21).
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn labels(&self) -> Result<Vec<Label>> {
        let Some(list) = self.node.child(*b"labl")? else { return Ok(vec![]) };
        let nodes = list.children()?.into_iter().filter(|node| node.key() == Label::KEY);
        nodes.map(|node| node.decode(Label::read_box)).collect()
    }

    /// The datasets.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::children`].
    pub fn datasets(&self) -> Result<Vec<Dataset<'s>>> {
        let nodes = self.node.children()?.into_iter().filter(|node| node.key() == *b"dtcn");
        Ok(nodes.map(|node| Dataset { node, file: self.file.clone() }).collect())
    }
}
