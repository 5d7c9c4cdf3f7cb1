//! Headers as a stream has them: nothing is known of what follows (6.4.3.2.3).

use crate::tables::{DatasetHeader, DatasetParameterSet, DatasetType, FileHeader, Reference};

/// The header of a dataset in a stream. Blocks have headers, and there is no master index table. The sequences are all of the
/// reference, how many access units each has is not said, and there may be such of class U.
pub(super) fn of_stream(header: &DatasetHeader, reference: Option<&Reference>) -> DatasetHeader {
    let mut made = header.clone();
    made.cc_mode_flag = Some(header.cc_mode_flag.unwrap_or(false));
    (made.block_header_flag, made.mit_flag, made.ordered_blocks_flag) = (true, Some(false), None);
    made.classes.clear();
    if let Some(reference) = reference.filter(|_| header.dataset_type != DatasetType::Annotation && !header.seq_id.is_empty()) {
        all_sequences(&mut made, header, reference);
    }
    made.seq_blocks = vec![0; made.seq_id.len()];
    if header.dataset_type != DatasetType::Annotation {
        made.num_u_access_units = 1;
        made.reserved_1.get_or_insert(0);
        made.u_signature_flag.get_or_insert(false);
        made.reserved_flag_1.get_or_insert(0);
        if made.form == 0 {
            made.reserved_flag_2.get_or_insert(0);
        }
    }
    // The index of a table is not sent (Table 10).
    made.ann_tables.iter_mut().for_each(|table| table.at_index_exists = false);
    made.nesting_zero_bit = 0;
    // A reader takes the shorter form only where it fits.
    let read = made.to_box().ok().and_then(|bytes| DatasetHeader::from_box(&bytes).ok());
    if made.form != 0 && read.as_ref() != Some(&made) {
        made.form = 0;
        made.reserved_flag_2 = Some(0);
    }
    made
}

/// Lists the sequences of the reference, in its order, and behind them those that only the dataset has.
fn all_sequences(made: &mut DatasetHeader, header: &DatasetHeader, reference: &Reference) {
    let mut ids: Vec<u16> = reference.sequences.iter().zip(0u16..).map(|(sequence, number)| sequence.sequence_id.unwrap_or(number)).collect();
    ids.extend(header.seq_id.iter().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
    ids.truncate(usize::from(u16::MAX));
    let threshold = |id: &u16| header.seq_id.iter().position(|other| other == id).and_then(|number| header.thres.get(number)).copied();
    let mut last = 0;
    made.thres = ids.iter().map(|id| threshold(id).inspect(|found| last = *found).unwrap_or(last)).collect();
    made.tflag = (0..ids.len()).map(|number| number == 0 || made.thres.get(number) != made.thres.get(number.saturating_sub(1))).collect();
    made.seq_id = ids;
}

/// A parameter set in a stream, where it differs from that of the file: the flag of signatures exists where the header says that there
/// are access units of class U.
pub(super) fn set_of_stream(set: &DatasetParameterSet, file: &FileHeader, header: &DatasetHeader) -> Option<DatasetParameterSet> {
    let repeats = header.parameters_update_flag && file.minor_version != *"1900" && header.dataset_type != DatasetType::Annotation;
    (repeats && header.num_u_access_units == 0).then(|| DatasetParameterSet { u_signature_flag: Some(false), nesting_zero_bit: Some(0), ..set.clone() })
}
