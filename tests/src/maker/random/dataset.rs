//! Datasets of sequencing data: what a case fixes, parameter sets, storage.

use super::super::model::{
    Class, Content, Dataset, EmptyBlocks, Form, Key, ParameterSet, ReferenceSequence, Sequence, Sequencing, Signatures, Storage, Stream,
};
use super::Rng;
use super::units::Units;

/// What the number of a case decides.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub minor_version: Key,
    pub dataset_type: u8,
    /// Unknown boxes, a reserved byte, no last reserved_flag.
    pub unknown: bool,
    pub reserved: bool,
    pub last_flag_missing: bool,
    storage: Storage,
    wide_offsets: bool,
    wide_positions: bool,
    multiple_alignment: bool,
    parameters_update: bool,
}

impl Plan {
    /// The modes are crossed by the number of the case; the rest is chance.
    pub fn of(case: u64, rng: &mut Rng) -> Plan {
        let bit = |number: u64| (case / 6) >> number & 1 == 1;
        let empty = if rng.chance(50) { EmptyBlocks::AllOnes } else { EmptyBlocks::Next };
        let storage = match case % 6 {
            4 => Storage::Dsc { ordered: true, empty },
            5 => Storage::Dsc { ordered: false, empty: EmptyBlocks::AllOnes },
            mode => Storage::Auc { index: mode & 1 == 1, class_contiguity: mode & 2 == 2 },
        };
        let parameters_update = bit(3);
        let versions: &[&Key] = if parameters_update { &[b"2000", b"2500"] } else { &[b"1900", b"2000", b"2500"] };
        Plan {
            minor_version: *rng.pick(versions),
            dataset_type: if rng.chance(15) { 0 } else { 1 },
            unknown: rng.chance(10),
            reserved: rng.chance(5),
            last_flag_missing: rng.chance(5),
            storage,
            wide_offsets: bit(0),
            wide_positions: bit(1),
            multiple_alignment: bit(2),
            parameters_update,
        }
    }

    /// Another plan for a file of the same kind.
    pub fn like(self, file: &Plan) -> Plan {
        let Plan { minor_version, unknown, reserved, last_flag_missing, .. } = *file;
        let parameters_update = self.parameters_update && minor_version != *b"1900";
        Plan { minor_version, unknown, reserved, last_flag_missing, parameters_update, ..self }
    }

    /// A dataset; one of type 2 may be aligned to the reference of that ID.
    pub fn dataset(&self, rng: &mut Rng, id: u16, dataset_type: u8, reference: &[ReferenceSequence], reference_id: u8) -> Dataset {
        let aligned = dataset_type == 1 || dataset_type == 2 && rng.chance(20);
        let mut classes: Vec<u8> = if aligned { rng.some(&[1, 2, 3, 4, 5], 1) } else { vec![] };
        if !aligned || rng.chance(60) {
            classes.push(6);
        }
        let mut sequences = if aligned { rng.some(reference, 1) } else { vec![] };
        if rng.chance(20) {
            rng.shuffle(&mut sequences);
        }
        let last_flag_missing = self.last_flag_missing && aligned;
        let mut content = Sequencing {
            dataset_type,
            storage: self.storage,
            form: self.form(rng, dataset_type, classes.contains(&6)),
            parameters_update: self.parameters_update,
            non_overlapping: rng.chance(30),
            reference: reference_id,
            sequences: sequences
                .iter()
                .enumerate()
                .map(|(number, sequence)| {
                    // Where the flag in front is missing, the first bit of the threshold tells.
                    let threshold = (number == 0 || rng.chance(60)).then(|| rng.between(0, 1000) as u32);
                    Sequence { id: sequence.id, blocks: rng.between(1, 5) as u32, threshold }
                })
                .collect(),
            classes: classes.iter().map(|class| self.class(rng, *class)).collect(),
            u_units: if classes.contains(&6) { rng.between(1, 6) as u32 } else { 0 },
            reserved: (self.reserved && !last_flag_missing).then(|| rng.any() as u8),
            last_flag_missing,
            units: vec![],
            streams: vec![],
        };
        let parameter_sets = self.parameter_sets(rng, &mut content);
        let lengths: Vec<u64> = sequences.iter().map(|sequence| sequence.length.into()).collect();
        Units { content: &mut content, sets: &parameter_sets, lengths: &lengths, reference, first_edition: self.minor_version == *b"1900" }.make(rng);
        streams(rng, &mut content);
        let mut keys: Vec<&Key> = vec![b"dtmd", b"dtpr"];
        if self.minor_version != *b"1900" {
            keys = vec![b"dtmd", b"dtmt", b"dtcd", b"dtpr"];
        }
        Dataset {
            id,
            version: self.minor_version,
            wide_offsets: self.wide_offsets,
            place: rng.place(),
            boxes: rng.opaques(&keys),
            parameter_sets,
            content: Content::Sequencing(Box::new(content)),
            extras: rng.extras(&keys, self.unknown),
        }
    }

    fn form(&self, rng: &mut Rng, dataset_type: u8, has_u: bool) -> Form {
        let signatures = match rng.between(0, 2) {
            0 => Signatures::Absent,
            1 => Signatures::Constant(rng.between(1, 12) as u8),
            _ => Signatures::Variable,
        };
        Form {
            multiple_alignment: self.multiple_alignment && dataset_type != 2,
            wide_positions: self.wide_positions,
            alphabet: rng.between(0, 1) as u8,
            // The table of a reference has no place for them.
            signatures: if has_u && dataset_type != 2 { signatures } else { Signatures::Absent },
        }
    }

    fn class(&self, rng: &mut Rng, id: u8) -> Class {
        let mut descriptors = rng.some(&(0..=17).collect::<Vec<u8>>(), 1);
        rng.shuffle(&mut descriptors);
        descriptors.truncate(rng.between(1, 5) as usize);
        Class { id, descriptors }
    }

    /// A forest of parameter sets. With parameters_update_flag each has its form, and the header what holds for any of them.
    fn parameter_sets(&self, rng: &mut Rng, content: &mut Sequencing) -> Vec<ParameterSet> {
        let mut ids: Vec<u8> = vec![0, 1, 5, 200, 255];
        rng.shuffle(&mut ids);
        ids.truncate(rng.between(1, 5) as usize);
        let has_u = content.u_units > 0;
        let mut sets: Vec<ParameterSet> = vec![];
        for id in ids {
            let parent = if sets.is_empty() || rng.chance(50) { id } else { rng.pick(&sets).id };
            let form = self.parameters_update.then(|| {
                let plan = Plan { multiple_alignment: rng.chance(50), wide_positions: rng.chance(50), ..*self };
                plan.form(rng, content.dataset_type, has_u)
            });
            sets.push(ParameterSet { id, parent, form, payload: rng.bytes(1, 40) });
        }
        if self.parameters_update {
            let any = |of: fn(&Form) -> bool| sets.iter().filter_map(|set| set.form.as_ref()).any(of);
            content.form = Form {
                multiple_alignment: any(|form| form.multiple_alignment),
                wide_positions: any(|form| form.wide_positions),
                alphabet: any(|form| form.alphabet == 1).into(),
                signatures: if any(|form| form.signatures != Signatures::Absent) { Signatures::Variable } else { Signatures::Absent },
            };
        }
        rng.shuffle(&mut sets);
        sets
    }
}

/// The descriptor streams of DSC mode.
fn streams(rng: &mut Rng, content: &mut Sequencing) {
    let Storage::Dsc { ordered, .. } = content.storage else { return };
    for class in &content.classes {
        for descriptor in &class.descriptors {
            let holds =
                |number: &usize| content.units[*number].class == class.id && content.units[*number].blocks.iter().any(|block| block.descriptor == *descriptor);
            let mut units: Vec<usize> = (0..content.units.len()).filter(holds).collect();
            if ordered {
                units.sort_by_key(|number| (content.units[*number].sequence, content.units[*number].id));
            } else {
                rng.shuffle(&mut units);
            }
            if units.is_empty() && rng.chance(50) {
                continue;
            }
            let protection = rng.chance(15).then(|| rng.bytes(0, 20));
            content.streams.push(Stream { class: class.id, descriptor: *descriptor, protection, units });
        }
    }
    if rng.chance(50) {
        rng.shuffle(&mut content.streams);
    }
}
