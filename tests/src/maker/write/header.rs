//! Dataset headers, parameter sets, access unit headers, block headers.

use super::super::bits::Bits;
use super::super::model::{Content, Dataset, Form, ParameterSet, Sequencing, Signatures, Unit, bits_per_symbol, letter_index};

/// Table 26.
pub fn dataset_header(group: u8, dataset: &Dataset) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(group.into(), 8);
    bits.u(dataset.id.into(), 16);
    bits.raw(&dataset.version);
    match &dataset.content {
        Content::Sequencing(content) => sequencing_header(&mut bits, dataset, content),
        Content::Annotation(tables) => {
            bits.flag(false);
            bits.flag(dataset.wide_offsets);
            // No overlap rule, 32 bits; block headers; no index, regions; no sequence.
            bits.u(0b0_0100, 5);
            bits.u(0, 16);
            bits.u(3, 4);
            bits.u(0, 1 + 7 + 32);
            bits.u(tables.len() as u64, 7);
            for table in tables {
                bits.u(table.id.into(), 8);
                bits.flag(table.index.is_some());
            }
        }
    }
    bits.align();
    bits.finish()
}

fn sequencing_header(bits: &mut Bits, dataset: &Dataset, content: &Sequencing) {
    use super::super::model::Storage::{Auc, Dsc};
    bits.flag(content.form.multiple_alignment);
    bits.flag(dataset.wide_offsets);
    bits.flag(content.non_overlapping);
    bits.flag(content.form.wide_positions);
    match content.storage {
        Auc { index, class_contiguity } => {
            bits.flag(true);
            bits.flag(index);
            bits.flag(class_contiguity);
        }
        Dsc { ordered, .. } => {
            bits.flag(false);
            bits.flag(ordered);
        }
    }
    bits.u(content.sequences.len() as u64, 16);
    if !content.sequences.is_empty() {
        bits.u(content.reference.into(), 8);
        content.sequences.iter().for_each(|sequence| bits.u(sequence.id.into(), 16));
        content.sequences.iter().for_each(|sequence| bits.u(sequence.blocks.into(), 32));
    }
    bits.u(content.dataset_type.into(), 4);
    if content.has_index() {
        bits.u(content.classes.len() as u64, 4);
        for class in &content.classes {
            bits.u(class.id.into(), 4);
            if content.is_dsc() {
                bits.u(class.descriptors.len() as u64, 5);
                class.descriptors.iter().for_each(|descriptor| bits.u((*descriptor).into(), 7));
            }
        }
    }
    bits.flag(content.parameters_update);
    bits.u(content.form.alphabet.into(), 7);
    bits.u(content.u_units.into(), 32);
    if content.u_units > 0 {
        bits.u(0, 62);
        signature_form(bits, content.form.signatures);
        bits.flag(content.reserved.is_some());
        content.reserved.iter().for_each(|byte| bits.u((*byte).into(), 8));
        if !content.last_flag_missing {
            bits.flag(false);
        }
    }
    for sequence in &content.sequences {
        bits.flag(sequence.threshold.is_some());
        sequence.threshold.iter().for_each(|threshold| bits.u((*threshold).into(), 31));
    }
}

fn signature_form(bits: &mut Bits, signatures: Signatures) {
    bits.flag(signatures != Signatures::Absent);
    match signatures {
        Signatures::Absent => {}
        Signatures::Variable => bits.flag(false),
        Signatures::Constant(length) => {
            bits.flag(true);
            bits.u(length.into(), 8);
        }
    }
}

/// Table 32.
pub fn parameter_set(group: u8, dataset: &Dataset, set: &ParameterSet) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(group.into(), 8);
    bits.u(dataset.id.into(), 16);
    bits.u(set.id.into(), 8);
    bits.u(set.parent.into(), 8);
    if let Some(form) = &set.form {
        bits.flag(form.multiple_alignment);
        bits.flag(form.wide_positions);
        bits.u(form.alphabet.into(), 8);
        if dataset.sequencing().is_some_and(|content| content.u_units > 0) {
            signature_form(&mut bits, form.signatures);
        }
        bits.align();
    }
    bits.raw(&set.payload);
    bits.finish()
}

/// Table 34: all of it where there is no index, as in a data unit; without the fields of the index otherwise.
pub fn unit_header(content: &Sequencing, form: &Form, unit: &Unit, all: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(unit.id.into(), 32);
    bits.u(unit.blocks.len() as u64, 8);
    bits.u(unit.parameter_set.into(), 8);
    bits.u(unit.class.into(), 4);
    bits.u(unit.reads.into(), 32);
    if unit.class == 2 || unit.class == 3 {
        bits.u(unit.mismatches.0.into(), 16);
        bits.u(unit.mismatches.1.into(), 32);
    }
    let size = form.position_size();
    if content.dataset_type == 2 {
        bits.u(unit.part.0.into(), 16);
        bits.u(unit.part.1, size);
        bits.u(unit.part.2, size);
    }
    if let (true, Some(sequence)) = (all, unit.sequence) {
        bits.u(content.sequences[sequence].id.into(), 16);
        bits.u(unit.range.0, size);
        bits.u(unit.range.1, size);
        if form.multiple_alignment {
            bits.u(unit.extended.0, size);
            bits.u(unit.extended.1, size);
        }
    } else if all {
        signatures(&mut bits, form, &unit.signatures);
    }
    bits.align();
    bits.finish()
}

/// num_signatures and what follows, where the form has signatures.
pub fn signatures(bits: &mut Bits, form: &Form, signatures: &[String]) {
    if form.signatures == Signatures::Absent {
        return;
    }
    bits.u(signatures.len() as u64, 16);
    for signature in signatures {
        match form.signatures {
            Signatures::Constant(length) => assert_eq!(usize::from(length), signature.len(), "{signature}"),
            _ => bits.u(signature.len() as u64, 8),
        }
        signature.chars().for_each(|letter| bits.u(letter_index(letter, form.alphabet).into(), bits_per_symbol(form.alphabet)));
    }
}

/// Table 39.
pub fn block_header(descriptor: u8, size: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(descriptor.into(), 8);
    bits.u(size as u64, 32);
    bits.finish()
}
