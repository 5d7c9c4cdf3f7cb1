//! The encoding parameters of Part 2 against what Part 1 says of the same access units (6.4.3.2.3, 6.4.3.7.3).
//!
//! Only parameters that are a structure of Part 2 to the last bit are looked at. Others may be those of an encoder that this project does
//! not know: they are bytes, and nothing is said about them.

use super::finding::Findings;
use super::model::{Dataset, Input, Unit};
use super::rule::{Rule, rules};
use crate::tables::coding::EncodingParameters;
use crate::tables::{AccessUnitHeader, DatasetHeader, DatasetParameterSet};
use mpegg_runtime::walk::{Cursor, NoScope, read_whole};
use mpegg_runtime::{Limits, source::Bytes};
use std::collections::HashMap;

rules! {
    /// Encoding parameters are for the type of the dataset.
    DATASET_TYPE: Error "pars.encoding_dataset_type" "6.4.3.2.3"
    /// Encoding parameters have positions of 40 bits where the parameter set, or else the dataset header, says so.
    POSITIONS: Error "pars.encoding_pos_40_bits_flag" "6.4.3.7.3"
    /// Encoding parameters have multiple alignments where the parameter set, or else the dataset header, says so.
    ALIGNMENTS: Error "pars.encoding_multiple_alignments_flag" "6.4.3.7.3"
    /// Encoding parameters have cluster signatures, of one length or of any, where the parameter set, or else the dataset header, says so.
    SIGNATURES: Error "pars.encoding_U_signature" "6.4.3.7.3"
    /// Where there are cluster signatures, encoding parameters have the alphabet of the parameter set, or else of the dataset header.
    ALPHABET: Error "pars.encoding_alphabet_ID" "6.4.3.7.3"
    /// The class of an access unit is one for which its parameter set has encoding parameters.
    CLASS: Error "auhd.encoding_class_ID" "6.4.4.3.3"
}

/// The encoding parameters of a dataset by parameter_set_ID, where they could be opened.
pub(super) type Parameters = HashMap<u8, EncodingParameters>;

/// Opens those of a dataset.
pub(super) fn parameters(dataset: &Dataset) -> Parameters {
    dataset.sets.iter().filter_map(|set| Some((set.parameter_set_id, open(set)?))).collect()
}

fn open(set: &DatasetParameterSet) -> Option<EncodingParameters> {
    let bytes = Bytes(set.encoding_parameters.as_deref()?);
    read_whole(&mut Cursor::new(&bytes), EncodingParameters::TABLE, &NoScope, &Limits::default()).ok()?;
    EncodingParameters::from_bytes(bytes.0).ok()
}

/// Checks the parameter sets of all datasets.
pub(super) fn check(input: &Input, findings: &mut Findings) {
    for dataset in input.groups.iter().flat_map(|group| &group.datasets) {
        let Some(header) = dataset.header.as_ref().filter(|header| header.value.dataset_type.code() < 3) else { continue };
        for (at, set) in dataset.sets() {
            if let Some(parameters) = open(set) {
                parameter_set(&header.value, at, set, &parameters, findings);
            }
        }
    }
}

/// What holds for the access units of a set: its own fields where it has them, else those of the dataset header (R12).
struct Outside {
    positions: bool,
    alignments: bool,
    alphabet: u64,
    /// U_signature_flag and the constant length; nothing where neither says it.
    signatures: Option<(bool, Option<u8>)>,
}

impl Outside {
    fn of(header: &DatasetHeader, set: &DatasetParameterSet) -> Outside {
        let constant = |flag: Option<bool>, length: Option<u8>| length.filter(|_| flag == Some(true));
        match (set.multiple_alignment_flag, set.pos_40_bits_flag, set.alphabet_id) {
            (Some(alignments), Some(positions), Some(alphabet)) => Outside {
                positions,
                alignments,
                alphabet: alphabet.code(),
                signatures: set.u_signature_flag.map(|flag| (flag, constant(set.u_signature_constant_length, set.u_signature_length))),
            },
            _ => Outside {
                positions: header.pos_40_bits_flag,
                alignments: header.multiple_alignment_flag,
                alphabet: header.alphabet_id.code(),
                signatures: header.u_signature_flag.map(|flag| (flag, constant(header.u_signature_constant_length, header.u_signature_length))),
            },
        }
    }
}

fn parameter_set(header: &DatasetHeader, at: u64, set: &DatasetParameterSet, parameters: &EncodingParameters, findings: &mut Findings) {
    let outside = Outside::of(header, set);
    let mut compare = |rule: &'static Rule, name: &str, inside: u64, outside: u64| {
        if inside != outside {
            let message = format!("{name} is {inside} in the encoding parameters, but {outside} holds for the access units of this set");
            findings.below(rule, at, format!("encoding_parameters.{name}"), message);
        }
    };
    compare(&DATASET_TYPE, "dataset_type", parameters.dataset_type.code(), header.dataset_type.code());
    compare(&POSITIONS, "pos_40_bits_flag", parameters.pos_40_bits_flag.into(), outside.positions.into());
    compare(&ALIGNMENTS, "multiple_alignments_flag", parameters.multiple_alignments_flag.into(), outside.alignments.into());
    let Some((flag, length)) = outside.signatures else { return };
    compare(&SIGNATURES, "U_signature_flag", parameters.u_signature_flag.into(), flag.into());
    if flag && parameters.u_signature_flag {
        let constant = parameters.u_signature_length.filter(|_| parameters.u_signature_constant_length == Some(true));
        compare(&SIGNATURES, "U_signature_constant_length", constant.is_some().into(), length.is_some().into());
        if let (Some(inside), Some(outside)) = (constant, length) {
            compare(&SIGNATURES, "U_signature_length", inside.into(), outside.into());
        }
        compare(&ALPHABET, "alphabet_ID", parameters.alphabet_id.code(), outside.alphabet);
    }
}

/// Checks an access unit; `field` is the path of its type below the byte by which findings name its header.
pub(super) fn unit(parameters: &Parameters, unit: &Unit, header: &AccessUnitHeader, field: &str, findings: &mut Findings) {
    let Some(set) = parameters.get(&header.parameter_set_id) else { return };
    if !set.class_id.iter().any(|class| class.code() == header.au_type.code()) {
        let message = format!("the encoding parameters of the set {} are for other classes than {}", header.parameter_set_id, header.au_type.code());
        findings.field(&CLASS, unit.at(), field, &[], message);
    }
}
