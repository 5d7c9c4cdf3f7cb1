//! Parameter sets: their tree, and the fields that the dataset header shares with them (6.4.3.7, 6.4.3.2.3).

use super::finding::Findings;
use super::model::{Dataset, Input};
use super::rule::{Rule, rules};
use crate::tables::{AlphabetId, DatasetParameterSet};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

rules! {
    /// No two parameter sets of a dataset have the same identifier.
    ID: Error "pars.parameter_set_ID" "6.4.3.7.3"
    /// The parent of a parameter set is one of the same dataset.
    PARENT: Error "pars.parent" "6.4.3.7.3"
    /// From parent to parent one comes to a set at the top, which is its own parent.
    CYCLE: Error "pars.parent_cycle" "6.4.3.7.3"
    /// Where parameter sets have the field too, multiple_alignment_flag of the header is 1 if it is 1 in one of them.
    ALIGNMENTS: Error "dthd.multiple_alignment_flag_shared" "6.4.3.2.3"
    /// Where parameter sets have the field too, pos_40_bits_flag of the header is 1 if it is 1 in one of them.
    POSITIONS: Error "dthd.pos_40_bits_flag_shared" "6.4.3.2.3"
    /// Where parameter sets have the field too, alphabet_ID of the header is 1 if it is 1 in one of them.
    ALPHABET: Error "dthd.alphabet_ID_shared" "6.4.3.2.3"
    /// Where parameter sets have the field too, U_signature_flag of the header is 1 if it is 1 in one of them.
    SIGNATURES: Error "dthd.U_signature_flag_shared" "6.4.3.2.3"
}

/// Checks them.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    for dataset in input.groups.iter().flat_map(|group| &group.datasets) {
        let annotation = dataset.header.as_ref().is_none_or(|header| header.value.dataset_type.code() >= 3);
        tree(dataset, annotation, findings);
        shared(dataset, findings);
    }
}

fn tree(dataset: &Dataset, annotation: bool, findings: &mut Findings) {
    // A set that repeats an identifier does not count.
    let mut parents: HashMap<u8, u8> = HashMap::new();
    for (at, set) in dataset.sets() {
        let id = set.parameter_set_id;
        match parents.entry(id) {
            Entry::Occupied(_) => {
                findings.field(&ID, at, "parameter_set_ID", &[], format!("another parameter set of the dataset has the identifier {id} too"));
            }
            Entry::Vacant(place) => {
                place.insert(set.parent_parameter_set_id);
            }
        }
    }
    if annotation {
        return;
    }
    for (at, set) in dataset.sets() {
        let parent = set.parent_parameter_set_id;
        if !parents.contains_key(&parent) {
            findings.field(&PARENT, at, "parent_parameter_set_ID", &[], format!("there is no parameter set {parent}"));
        } else if !reaches_the_top(set.parameter_set_id, &parents) {
            let message = format!("from the parameter set {} one never comes to a set at the top", set.parameter_set_id);
            findings.field(&CYCLE, at, "parent_parameter_set_ID", &[], message);
        }
    }
}

/// Whether one comes to a set that is its own parent, or to one whose parent is missing, which is another finding.
fn reaches_the_top(mut id: u8, parents: &HashMap<u8, u8>) -> bool {
    for _ in 0..=parents.len() {
        match parents.get(&id) {
            Some(parent) if *parent == id => return true,
            Some(parent) => id = *parent,
            None => return true,
        }
    }
    false
}

fn shared(dataset: &Dataset, findings: &mut Findings) {
    let Some(header) = &dataset.header else { return };
    // The first edition has the flag, but not the fields.
    let has_fields = |set: &DatasetParameterSet| set.multiple_alignment_flag.is_some();
    if !header.value.parameters_update_flag || dataset.sets.is_empty() || !dataset.sets.iter().all(has_fields) {
        return;
    }
    let mut compare = |rule: &'static Rule, name: &str, own: bool, of_set: &dyn Fn(&DatasetParameterSet) -> bool| {
        let one = dataset.sets.iter().find(|set| of_set(set));
        let message = match (own, one) {
            (false, Some(set)) => format!("{name} is 0, in the parameter set {} it is 1", set.parameter_set_id),
            (true, None) => format!("{name} is 1, in no parameter set it is"),
            _ => return,
        };
        findings.field(rule, header.at, name, &[], message);
    };
    let own = &header.value;
    compare(&ALIGNMENTS, "multiple_alignment_flag", own.multiple_alignment_flag, &|set| set.multiple_alignment_flag == Some(true));
    compare(&POSITIONS, "pos_40_bits_flag", own.pos_40_bits_flag, &|set| set.pos_40_bits_flag == Some(true));
    compare(&ALPHABET, "alphabet_ID", own.alphabet_id == AlphabetId::Iupac, &|set| set.alphabet_id == Some(AlphabetId::Iupac));
    if own.num_u_access_units > 0 {
        compare(&SIGNATURES, "U_signature_flag", own.u_signature_flag == Some(true), &|set| set.u_signature_flag == Some(true));
    }
}
