//! Labels (Tables 20 and 21) out of plans.

use super::plan::{LabelPlan, ReferencePlan, SequencePlan};
use super::value;
use crate::access::{LAST, Region, Sequence};
use crate::decapsulate::Chunks;
use crate::encapsulate::{Node, Sources, node};
use crate::file::Group;
use crate::tables::{Label, LabelDataset, LabelDatasetRegion};
use mpegg_runtime::Result;

/// The list of labels of a group.
pub(super) fn list(labels: &[LabelPlan], references: &[ReferencePlan], group: u8) -> Result<Node> {
    let count = u16::try_from(labels.len()).map_err(|_| value::wrong("more than 65535 labels"))?;
    let [high, low] = count.to_be_bytes();
    let made = labels.iter().map(|label| Ok(Node::Bytes(table(label, references)?.to_box()?))).collect::<Result<_>>()?;
    Ok(Node::container(*b"labl", vec![group, high, low], made))
}

/// The box of the labels of a plan for a dataset group that exists.
///
/// # Errors
///
/// A label without a name, or with a region of no reference of the group; what is wrong with the file.
pub fn label_list(labels: &[LabelPlan], group: &Group<'_>) -> Result<Vec<u8>> {
    let references = group.references()?.into_iter().map(|reference| {
        let sequences = (0..).zip(reference.sequences);
        let sequence = |(number, one): (u16, crate::tables::ReferenceSequence)| SequencePlan {
            name: one.sequence_name,
            // The first edition does not have lengths.
            length: one.sequence_length.unwrap_or(u32::MAX),
            sequence_id: one.sequence_id.unwrap_or(number),
            checksum: None,
        };
        ReferencePlan { sequences: sequences.map(sequence).collect(), ..ReferencePlan::default() }
    });
    let references: Vec<ReferencePlan> = references.collect();
    let mut list = [list(labels, &references, group.header()?.dataset_group_id)?];
    let mut bytes = vec![];
    node::write(&mut list, &Sources::new(), Chunks::new(&mut bytes))?;
    Ok(bytes)
}

fn table(label: &LabelPlan, references: &[ReferencePlan]) -> Result<Label> {
    if label.label_id.is_empty() {
        return Err(value::wrong("a label without a name"));
    }
    let mut datasets = vec![];
    for dataset in &label.datasets {
        let mut regions = vec![];
        for region in &dataset.regions {
            let parsed: Region = region.region.parse().map_err(|error: mpegg_runtime::Error| value::wrong(error.message()))?;
            let known = references.iter().flat_map(|reference| &reference.sequences);
            let sequence = match &parsed.sequence {
                Sequence::Id(id) => known.into_iter().find(|sequence| sequence.sequence_id == *id),
                Sequence::Name(name) => known.into_iter().find(|sequence| sequence.name == *name),
            };
            let sequence =
                sequence.ok_or_else(|| value::wrong(format!("no reference has the sequence of the region {} of label `{}`", region.region, label.label_id)))?;
            // A region without end goes to that of the sequence.
            let open = parsed.end == LAST;
            let end = if open { u64::from(sequence.length).saturating_sub(1).max(parsed.start) } else { parsed.end };
            regions.push(LabelDatasetRegion {
                seq_id: sequence.sequence_id,
                class_id: region.classes.iter().map(|class| value::class(*class)).collect(),
                start_pos: parsed.start,
                end_pos: end,
            });
        }
        datasets.push(LabelDataset { dataset_id: dataset.dataset_id, regions });
    }
    Ok(Label { label_id: label.label_id.clone(), datasets, nesting_zero_bit: 0 })
}
