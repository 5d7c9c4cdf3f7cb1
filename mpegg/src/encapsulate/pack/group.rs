//! A dataset group out of its plan.

use super::plan::{BoxPlan, GroupPlan, LocationPlan, ReferencePlan, SequencePlan};
use super::{Packer, labels, reference, value};
use crate::encapsulate::opaque::Owner;
use crate::encapsulate::{Dataset, Node};
use crate::tables::{DatasetGroupHeader, DatasetType};
use mpegg_runtime::{Error, ErrorKind, Result};

/// Boxes of a group whose contents are bytes.
const METADATA: [&[u8; 4]; 1] = [b"rfmd"];
const BOXES: [&[u8; 4]; 3] = [b"dgmd", b"dgcd", b"dgpr"];

impl Packer<'_, '_> {
    /// A group with its references, labels, boxes and datasets.
    pub fn group(&mut self, plan: &mut GroupPlan) -> Result<Node> {
        let group = plan.dataset_group_id;
        let first_reference = plan.references.first().map(|reference| reference.reference_id);
        let mut datasets = vec![];
        for dataset in &mut plan.datasets {
            datasets.push(self.dataset(dataset, group, first_reference)?);
        }
        for reference in &mut plan.references {
            self.sequences_of_dataset(reference, group, &datasets)?;
            reference::complete(reference, self.places)?;
        }
        self.check_references(plan, &datasets)?;
        let header = DatasetGroupHeader {
            dataset_group_id: group,
            version_number: plan.version_number,
            dataset_id: plan.datasets.iter().map(|dataset| dataset.dataset_id).collect(),
        };
        let mut children = vec![Node::Bytes(header.to_box()?)];
        for reference in &plan.references {
            children.push(Node::Bytes(reference::table(reference, group, self.first_edition())?.to_box(self.file)?));
        }
        let owner = |reference: u8| Owner { group, dataset: 0, reference };
        for reference in &plan.references {
            if let Some(metadata) = &reference.metadata {
                let plan = BoxPlan { key: "rfmd".to_owned(), value: metadata.clone(), reference_id: None, dataset_id: None, behind_offs: false };
                children.extend(self.boxes(&[plan], &[], &METADATA, "a reference", owner(reference.reference_id))?);
            }
        }
        let of = |keys: &[&[u8; 4]], key: &str| keys.iter().any(|known| known.as_slice() == key.as_bytes());
        let (metadata, boxes): (Vec<BoxPlan>, Vec<BoxPlan>) = plan.boxes.iter().cloned().partition(|one| of(&METADATA, &one.key));
        children.extend(self.boxes(&metadata, &[], &METADATA, "a dataset group", owner(first_reference.unwrap_or(0)))?);
        // These are not of boxes whose contents are bytes.
        let (ready, placeholders): (Vec<String>, Vec<String>) =
            plan.placeholders.iter().cloned().partition(|key| ["rfgn", "rfmd", "labl"].contains(&key.as_str()));
        if !plan.labels.is_empty() {
            children.push(labels::list(&plan.labels, &plan.references, group)?);
        }
        for key in ["rfgn", "rfmd", "labl"] {
            let count = ready.iter().filter(|ready| *ready == key).count();
            let key: [u8; 4] = value::characters(key)?.0;
            children.extend((0..count).map(|_| Node::Placeholder(key)));
        }
        children.extend(self.boxes(&boxes, &placeholders, &BOXES, "a dataset group", owner(0))?);
        children.extend(datasets.into_iter().map(|dataset| Node::Dataset(Box::new(dataset))));
        Ok(Node::container(*b"dgcn", vec![], children))
    }

    /// The sequences of a reference that is a dataset of this group, where nothing else tells them.
    fn sequences_of_dataset(&self, plan: &mut ReferencePlan, group: u8, datasets: &[Dataset]) -> Result<()> {
        let Some(LocationPlan::Dataset { dataset_group_id, dataset_id }) = &plan.location else { return Ok(()) };
        if !plan.sequences.is_empty() || plan.fasta.is_some() || plan.raw.is_some() || *dataset_group_id != group {
            return Ok(());
        }
        let Some(dataset) = datasets.iter().find(|dataset| dataset.header().dataset_id == *dataset_id) else { return Ok(()) };
        for (id, length) in dataset.carried()? {
            let length = u32::try_from(length).map_err(|_| Error::without_position(ErrorKind::Limit, "a sequence of more bases than 32 bits say"))?;
            plan.sequences.push(SequencePlan { name: id.to_string(), length, sequence_id: id, checksum: None });
        }
        Ok(())
    }

    /// The sequences of datasets are those of their references.
    fn check_references(&mut self, plan: &GroupPlan, datasets: &[Dataset]) -> Result<()> {
        for dataset in datasets {
            let header = dataset.header();
            let Some(id) = header.reference_id else { continue };
            let Some(reference) = plan.references.iter().find(|reference| reference.reference_id == id) else {
                if header.dataset_type == DatasetType::Aligned && plan.references.is_empty() {
                    self.notes.push(format!("dataset {}:{} is aligned, but no reference is given", header.dataset_group_id, header.dataset_id));
                    continue;
                }
                return Err(value::wrong(format!("dataset {} names reference {id}, which the group does not have", header.dataset_id)));
            };
            let known = |id: &u16| reference.sequences.iter().any(|sequence| sequence.sequence_id == *id);
            if let Some(missing) = header.seq_id.iter().find(|id| !known(id)) {
                let message = format!("access units of dataset {} lie on sequence {missing}, which reference {id} does not have", header.dataset_id);
                return Err(Error::without_position(ErrorKind::CrossReference, message));
            }
        }
        Ok(())
    }
}
