//! The dataset header against the references of the group (6.4.3.2.3).

use super::finding::Findings;
use super::model::{Dataset, Found, Group, Input, sequence_ids};
use super::rule::rules;
use crate::tables::{DatasetHeader, DatasetType};
use std::collections::HashSet;

rules! {
    /// version is that of an edition of Part 2: two digits of the year, one of the amendment and one of the corrigendum.
    VERSION: Warning "dthd.version" "6.4.3.2.3"
    /// A dataset refers to a reference of its group.
    REFERENCE: Error "dthd.reference_ID" "6.4.3.2.3"
    /// A dataset that holds a reference does not refer to itself.
    SELF: Error "dthd.reference_ID_self" "6.4.3.2.3"
    /// A sequence of a dataset is one of its reference.
    SEQUENCE: Error "dthd.seq_ID" "6.4.3.2.3"
    /// A dataset lists no sequence twice.
    SEQUENCE_TWICE: Error "dthd.seq_ID_unique" "6.4.3.2.3"
    /// Aligned data has sequences to which it is aligned.
    ALIGNED: Warning "dthd.seq_count_aligned" "6.4.3.2.3"
    /// In a stream, a dataset lists as many sequences as its reference has.
    STREAM_COUNT: Error "dthd.seq_count_stream" "6.4.3.2.3"
    /// A dataset lists no descriptor of a class twice.
    DESCRIPTOR_TWICE: Error "dthd.descriptor_ID_unique" "6.4.3.2.3"
}

/// Checks them.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    for group in &input.groups {
        for dataset in &group.datasets {
            let Some(header) = &dataset.header else { continue };
            by_itself(header, findings);
            if let Some(id) = header.value.reference_id {
                reference(input, group, dataset, header, id, findings);
            }
        }
    }
}

fn by_itself(header: &Found<DatasetHeader>, findings: &mut Findings) {
    let DatasetHeader { version, seq_id, dataset_type, classes, .. } = &header.value;
    if !version.0.iter().all(u8::is_ascii_digit) {
        findings.field(&VERSION, header.at, "version", &[], format!("`{}` is no year and counters", version.0.escape_ascii()));
    }
    let mut seen = HashSet::new();
    for (i, id) in (0u64..).zip(seq_id) {
        if !seen.insert(id) {
            findings.field(&SEQUENCE_TWICE, header.at, "seq_ID", &[i], format!("the sequence {id} is listed before"));
        }
    }
    if *dataset_type == DatasetType::Aligned && seq_id.is_empty() {
        findings.field(&ALIGNED, header.at, "seq_count", &[], "the dataset is aligned, but to no sequence");
    }
    for (ci, class) in (0u64..).zip(classes) {
        let mut seen = HashSet::new();
        for (di, descriptor) in (0u64..).zip(&class.descriptor_id) {
            if !seen.insert(descriptor) {
                findings.field(&DESCRIPTOR_TWICE, header.at, "descriptor_ID", &[ci, di], format!("the descriptor {descriptor} is listed before"));
            }
        }
    }
}

fn reference(input: &Input, group: &Group, dataset: &Dataset, header: &Found<DatasetHeader>, id: u8, findings: &mut Findings) {
    let Some(reference) = group.reference(id) else {
        findings.field(&REFERENCE, header.at, "reference_ID", &[], format!("the group has no reference {id}"));
        return;
    };
    let internal = reference.value.internal_dataset_group_id.zip(reference.value.internal_dataset_id);
    if header.value.dataset_type == DatasetType::Reference && internal.is_some() && internal == group.id().zip(dataset.id()) {
        findings.field(&SELF, header.at, "reference_ID", &[], format!("the reference {id} is this dataset itself"));
    }
    let known: HashSet<u16> = sequence_ids(&reference.value).collect();
    for (i, sequence) in (0u64..).zip(&header.value.seq_id) {
        if !known.contains(sequence) {
            findings.field(&SEQUENCE, header.at, "seq_ID", &[i], format!("the reference {id} has no sequence {sequence}"));
        }
    }
    let (listed, all) = (header.value.seq_id.len(), reference.value.sequences.len());
    if input.is_stream && listed != all {
        findings.field(&STREAM_COUNT, header.at, "seq_count", &[], format!("{listed} sequences are listed, the reference {id} has {all}"));
    }
}
