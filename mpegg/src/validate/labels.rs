//! The label list and its labels (6.4.2.5).

use super::finding::Findings;
use super::model::{Found, Group, Input, sequence_ids};
use super::rule::rules;
use crate::tables::{Label, LabelDatasetRegion};
use std::collections::{HashMap, HashSet};

rules! {
    /// num_labels is the number of labels that the list has.
    NUM_LABELS: Error "labl.num_labels" "6.4.2.5.3"
    /// No two labels of a list have the same identifier.
    LABEL_ID: Error "lbll.label_ID_unique" "6.4.2.5.4.3"
    /// A labelled dataset is one of those that the group lists.
    DATASET: Error "lbll.dataset_ID" "6.4.2.5.4.3"
    /// A label that names a dataset twice says nothing more than one that names it once.
    DATASET_TWICE: Note "lbll.dataset_ID_twice" "6.4.2.5.4.3"
    /// A labelled sequence is one of a reference of the group.
    SEQUENCE: Error "lbll.seq_ID" "6.4.2.5.4.3"
    /// A labelled class is one of the six data classes.
    CLASS: Error "lbll.class_ID" "6.4.2.5.4.3"
    /// A labelled region ends behind its start.
    END: Error "lbll.end_pos" "3.17"
    /// A labelled region ends on its sequence.
    END_OF_SEQUENCE: Note "lbll.end_pos_in_sequence" "3.15"
}

/// Checks them.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    for group in &input.groups {
        let Some((many, labels)) = &group.labels else { continue };
        let found = labels.len();
        if usize::from(many.value) != found && !findings.is_unreadable() {
            findings.field(&NUM_LABELS, many.at, "num_labels", &[], format!("num_labels is {}, the list has {found} labels", many.value));
        }
        let known = Known::of(group);
        let mut seen = HashSet::new();
        for label in labels {
            if !seen.insert(&label.value.label_id) {
                findings.field(&LABEL_ID, label.at, "label_ID", &[], format!("another label is called {:?} too", label.value.label_id));
            }
            known.label(label, findings);
        }
    }
}

/// What labels can refer to.
struct Known {
    datasets: Option<HashSet<u16>>,
    /// The greatest length that a reference gives for a sequence, where it gives one.
    sequences: HashMap<u16, Option<u32>>,
}

impl Known {
    fn of(group: &Group) -> Known {
        let mut sequences: HashMap<u16, Option<u32>> = HashMap::new();
        for reference in &group.references {
            for (sequence, id) in reference.value.sequences.iter().zip(sequence_ids(&reference.value)) {
                let length = sequences.entry(id).or_default();
                *length = (*length).max(sequence.sequence_length);
            }
        }
        Known { datasets: group.header.as_ref().map(|header| header.value.dataset_id.iter().copied().collect()), sequences }
    }

    fn label(&self, label: &Found<Label>, findings: &mut Findings) {
        let mut seen = HashSet::new();
        for (i, dataset) in (0u64..).zip(&label.value.datasets) {
            let id = dataset.dataset_id;
            if self.datasets.as_ref().is_some_and(|datasets| !datasets.contains(&id)) {
                findings.field(&DATASET, label.at, "dataset_ID", &[i], format!("the group does not list the dataset {id}"));
            }
            if !seen.insert(id) {
                findings.field(&DATASET_TWICE, label.at, "dataset_ID", &[i], format!("the label names the dataset {id} before"));
            }
            for (j, region) in (0u64..).zip(&dataset.regions) {
                self.region(label.at, [i, j], region, findings);
            }
        }
    }

    fn region(&self, at: u64, [i, j]: [u64; 2], region: &LabelDatasetRegion, findings: &mut Findings) {
        let LabelDatasetRegion { seq_id, class_id, start_pos, end_pos } = region;
        for (k, class) in (0u64..).zip(class_id) {
            if !(1..=6).contains(&class.code()) {
                findings.field(&CLASS, at, "class_ID", &[i, j, k], format!("{} is no data class", class.code()));
            }
        }
        if end_pos < start_pos {
            findings.field(&END, at, "end_pos", &[i, j], format!("the region from {start_pos} ends at {end_pos}"));
        }
        match self.sequences.get(seq_id) {
            None => findings.field(&SEQUENCE, at, "seq_ID", &[i, j], format!("no reference of the group has a sequence {seq_id}")),
            Some(Some(length)) if *end_pos >= u64::from(*length) => {
                findings.field(&END_OF_SEQUENCE, at, "end_pos", &[i, j], format!("the sequence {seq_id} has {length} bases, the region ends at {end_pos}"));
            }
            Some(_) => {}
        }
    }
}
