//! A dataset group.

use super::{BoxRef, Dataset};
use crate::tables::{DatasetGroupHeader, FileHeader, Label, Reference};
use mpegg_runtime::{Error, ErrorKind, Result};

/// A dataset group (6.4.2).
#[derive(Clone)]
pub struct Group<'s> {
    pub(super) node: BoxRef<'s>,
    /// How many groups stand before it.
    pub(super) ordinal: u64,
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
        self.each_dataset().collect()
    }

    fn each_dataset(&self) -> impl Iterator<Item = Result<Dataset<'s>>> + '_ {
        let nodes = self.node.each_child().filter(|node| node.as_ref().map_or(true, |node| node.key() == *b"dtcn"));
        nodes.zip(0..).map(|(node, ordinal)| Ok(Dataset::new(node?, ordinal, self.clone())))
    }

    /// The dataset of this dataset_ID.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::children`]; no such dataset.
    pub fn dataset(&self, id: u16) -> Result<Dataset<'s>> {
        let mut failed = None;
        for dataset in self.each_dataset() {
            match dataset.and_then(|dataset| Ok((dataset.located(dataset.header())?, dataset))) {
                Ok((header, dataset)) if header.dataset_id == id => return Ok(dataset),
                Ok(_) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(|| Error::without_position(ErrorKind::CrossReference, format!("the dataset group has no dataset {id}"))))
    }

    /// The file header (Table 12).
    pub fn file_header(&self) -> &FileHeader {
        &self.file
    }

    /// The reference of this reference_ID (Table 15) and its box.
    ///
    /// # Errors
    ///
    /// As [`BoxRef::decode`].
    pub fn reference(&self, id: u8) -> Result<Option<(BoxRef<'s>, Reference)>> {
        for node in self.node.children()?.into_iter().filter(|node| node.key() == Reference::KEY) {
            let reference = self.located(node.decode(|r| Reference::read_box(r, &self.file)))?;
            if reference.reference_id == id {
                return Ok(Some((node, reference)));
            }
        }
        Ok(None)
    }

    /// Puts the path of the group in front of that of an error.
    pub(crate) fn located<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.in_field("dgcn", &[self.ordinal]))
    }
}
