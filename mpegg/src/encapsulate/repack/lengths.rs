//! The lengths of reference sequences, for files of the first edition, which do not have them.

use super::Rewriter;
use crate::file::Group;
use crate::tables::Reference;
use mpegg_runtime::{Error, ErrorKind, Result};

impl<'s> Rewriter<'_, 's> {
    /// From the reference itself: a file, or the access units of a dataset.
    pub fn sequence_lengths(&self, reference: &Reference) -> Result<Vec<u32>> {
        let count = reference.sequences.len();
        if let Some((group_id, dataset)) = reference.internal_dataset_group_id.zip(reference.internal_dataset_id) {
            return self.of_dataset(group_id, dataset, count);
        }
        crate::reference::lengths(reference, &self.old, self.resolver())
    }

    /// The furthest base of each sequence that an access unit of the reference carries.
    fn of_dataset(&self, group_id: u8, dataset: u16, count: usize) -> Result<Vec<u32>> {
        let here = |group: &Group<'s>| group.header().is_ok_and(|header| header.dataset_group_id == group_id);
        let missing = || Error::without_position(ErrorKind::CrossReference, format!("the file has no dataset group {group_id}"));
        let group = self.groups.iter().find(|group| here(group)).ok_or_else(missing)?;
        let access = group.dataset(dataset)?.select(&crate::access::Selection::all())?;
        let mut lengths = vec![0u32; count];
        for found in access.found() {
            let (_, unit) = found?;
            let end = unit.header.ref_end_position.unwrap_or(0).saturating_add(1);
            if let Some(length) = unit.header.ref_sequence_id.and_then(|id| lengths.get_mut(usize::from(id))) {
                *length = (*length).max(u32::try_from(end).unwrap_or(u32::MAX));
            }
        }
        Ok(lengths)
    }
}
