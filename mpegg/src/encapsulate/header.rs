//! The header of a dataset whose access units are known (Table 26).

use super::storage::{Mode, Storage};
use crate::tables::{DataClass, DatasetHeader, DatasetHeaderClass, DatasetParameterSet, DatasetType, FileHeader};
use mpegg_runtime::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// The header under which the headers of access units have positions and signatures, as a decoder takes them.
pub(super) fn with_positions(header: &DatasetHeader) -> DatasetHeader {
    DatasetHeader { block_header_flag: true, mit_flag: Some(false), cc_mode_flag: Some(false), ordered_blocks_flag: None, ..header.clone() }
}

/// Sets the flags of the contiguity mode.
pub(super) fn set_mode(header: &mut DatasetHeader, storage: &Storage) {
    let auc = storage.mode.is_auc();
    header.block_header_flag = auc;
    header.mit_flag = auc.then_some(storage.index);
    header.cc_mode_flag = auc.then_some(storage.mode == Mode::AucCc);
    header.ordered_blocks_flag = (!auc).then_some(storage.mode == Mode::Dsc { ordered: true });
}

/// Sets the fields that exist for class U only.
pub(super) fn set_class_u(header: &mut DatasetHeader, count: u32) {
    header.num_u_access_units = count;
    if count == 0 {
        header.u_signature_flag = None;
        header.u_signature_constant_length = None;
        header.u_signature_length = None;
        (header.reserved_1, header.reserved_2) = (None, None);
        (header.reserved_flag_1, header.reserved_flag_2) = (None, None);
        return;
    }
    let signed = *header.u_signature_flag.get_or_insert(false);
    let constant = signed.then(|| header.u_signature_constant_length.unwrap_or(false));
    header.u_signature_constant_length = constant;
    header.u_signature_length = constant.filter(|constant| *constant).map(|_| header.u_signature_length.unwrap_or(0));
    header.reserved_1.get_or_insert(0);
    let more = *header.reserved_flag_1.get_or_insert(0);
    header.reserved_2 = (more != 0).then(|| header.reserved_2.unwrap_or(0));
    // The form without the last flag stays where it was found (R8).
    header.reserved_flag_2 = (header.form == 0).then(|| header.reserved_flag_2.unwrap_or(0));
}

/// Sets the classes, and in DSC mode their descriptors.
pub(super) fn set_classes(header: &mut DatasetHeader, storage: &Storage, found: &BTreeMap<u8, Vec<u8>>) {
    header.classes = vec![];
    if storage.has_index() {
        let descriptors = |found: &Vec<u8>| if storage.mode.is_auc() { vec![] } else { found.clone() };
        header.classes = found
            .iter()
            .map(|(class, found)| DatasetHeaderClass { clid: DataClass::from_code(u64::from(*class)), descriptor_id: descriptors(found) })
            .collect();
    }
}

/// The sequences: how many rows each has, and a threshold for those that have none yet.
pub(super) fn set_sequences(header: &mut DatasetHeader, rows: Vec<u32>, thresholds: &[u32]) {
    header.seq_blocks = rows;
    if header.seq_id.is_empty() {
        header.reference_id = None;
        (header.tflag, header.thres) = (vec![], vec![]);
        return;
    }
    header.reference_id.get_or_insert(0);
    for number in header.thres.len()..header.seq_id.len() {
        header.thres.push(thresholds.get(number).copied().unwrap_or(0));
        header.tflag.push(true);
    }
}

/// Gives a parameter set the fields that it has in a dataset of this header.
pub(super) fn fit_set(set: &mut DatasetParameterSet, file: &FileHeader, header: &DatasetHeader) {
    set.dataset_group_id = header.dataset_group_id;
    set.dataset_id = header.dataset_id;
    let repeated = file.minor_version != *"1900" && header.parameters_update_flag && header.dataset_type != DatasetType::Annotation;
    if !repeated {
        (set.multiple_alignment_flag, set.pos_40_bits_flag, set.alphabet_id) = (None, None, None);
        (set.u_signature_flag, set.u_signature_constant_length, set.u_signature_length) = (None, None, None);
        set.nesting_zero_bit = None;
        return;
    }
    set.multiple_alignment_flag.get_or_insert(header.multiple_alignment_flag);
    set.pos_40_bits_flag.get_or_insert(header.pos_40_bits_flag);
    set.alphabet_id.get_or_insert(header.alphabet_id);
    let had = (set.u_signature_flag, set.u_signature_constant_length, set.u_signature_length);
    if header.num_u_access_units == 0 {
        (set.u_signature_flag, set.u_signature_constant_length, set.u_signature_length) = (None, None, None);
    } else {
        let signed = *set.u_signature_flag.get_or_insert(header.u_signature_flag.unwrap_or(false));
        let constant = signed.then(|| set.u_signature_constant_length.unwrap_or(false));
        set.u_signature_constant_length = constant;
        set.u_signature_length = constant.filter(|constant| *constant).map(|_| set.u_signature_length.unwrap_or(0));
    }
    if set.nesting_zero_bit.is_none() || had != (set.u_signature_flag, set.u_signature_constant_length, set.u_signature_length) {
        set.nesting_zero_bit = Some(0);
    }
}

/// A table holds the positions and signatures of access units as the dataset header says, access units themselves as their parameter sets say.
/// The header has a flag where one of them has it (6.4.3.2.3): else nobody knows which of them is right.
pub(super) fn check_agreement(header: &DatasetHeader, sets: &[DatasetParameterSet]) -> Result<()> {
    let missing = |set: &DatasetParameterSet| {
        let flags = [
            ("multiple_alignment_flag", header.multiple_alignment_flag, set.multiple_alignment_flag),
            ("pos_40_bits_flag", header.pos_40_bits_flag, set.pos_40_bits_flag),
            ("U_signature_flag", header.num_u_access_units == 0 || header.u_signature_flag == Some(true), set.u_signature_flag),
        ];
        flags.into_iter().find(|(_, own, of_set)| !own && *of_set == Some(true)).map(|(name, ..)| name)
    };
    match sets.iter().find_map(|set| missing(set).map(|flag| (set.parameter_set_id, flag))) {
        None => Ok(()),
        Some((id, flag)) => {
            let message = format!(
                "{flag} is 0 in the dataset header and 1 in the parameter set {id}: what a master index table is to hold is not known, and without one there is no question"
            );
            Err(Error::without_position(ErrorKind::CrossReference, message).in_field("dthd", &[]))
        }
    }
}

/// The box of a header; where its form is not what a reader will find, the other one.
pub(super) fn to_box(header: &mut DatasetHeader) -> Result<Vec<u8>> {
    let bytes = header.to_box()?;
    if header.form == 0 || DatasetHeader::from_box(&bytes).is_ok_and(|read| read == *header) {
        return Ok(bytes);
    }
    header.form = 0;
    header.reserved_flag_2 = (header.num_u_access_units > 0).then_some(0);
    header.to_box()
}
