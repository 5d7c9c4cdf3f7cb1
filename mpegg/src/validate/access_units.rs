//! Access units one by one: their headers against the dataset, their blocks, and what counts them (6.4.4, 6.4.5).

use super::coding;
use super::finding::Findings;
use super::model::{Dataset, Group, Input, Unit, sequence_ids};
use super::rule::rules;
use crate::tables::{AccessUnitHeader, DatasetHeader, DatasetType, Reference};
use mpegg_runtime::Result;
use std::collections::{HashMap, HashSet};

rules! {
    /// The parameter set of an access unit is one of the dataset.
    SET: Error "auhd.parameter_set_ID" "6.4.4.3.3"
    /// The sequence of an access unit is one of those that the dataset header lists.
    SEQUENCE: Error "auhd.sequence_ID" "6.4.4.3.3"
    /// A covered region ends on its sequence.
    END: Error "auhd.AU_end_position_in_sequence" "3.15"
    /// The sequence of a part of a reference is one of the reference that names the dataset.
    REF_SEQUENCE: Error "auhd.ref_sequence_id" "6.4.4.3.3"
    /// A part of a reference ends on its sequence.
    REF_END: Error "auhd.ref_end_position_in_sequence" "3.15"
    /// The letters of a signature are those of its alphabet.
    LETTERS: Error "auhd.U_cluster_signature" "6.4.3.2.4"
    /// No two access units of a type and, except class U, of a sequence have the same identifier.
    UNIT_ID: Error "auhd.access_unit_ID" "6.4.4.3.3"
    /// An access unit has a block at least.
    NO_BLOCKS: Note "auhd.num_blocks_none" "6.4.4.1"
    /// An access unit has one block of a descriptor.
    BLOCK_TWICE: Error "aucn.block_descriptor_ID" "5.4"
    /// Without a table, num_U_access_units is the number of access units of class U. In a stream it is a flag that there are some.
    NUM_U: Error "dthd.num_U_access_units_count" "6.4.3.2.3"
    /// seq_blocks is the number of identifiers of access units of a sequence; without a table it may be 0, with one some units may be empty.
    SEQ_BLOCKS: Error "dthd.seq_blocks" "6.4.3.2.3"
    /// A file can say how many access units a sequence has; 0 says nothing.
    UNSPECIFIED: Note "dthd.seq_blocks_unspecified" "6.4.3.2.3"
}

/// What is kept of an access unit: as little as can be, because there are many.
pub(super) struct Facts {
    /// The byte of Key of the unit.
    pub at: u64,
    /// How many bytes behind it the box begins in which findings about its header are placed.
    header: u32,
    /// access_unit_ID.
    pub id: u32,
    /// AU_type.
    pub class: u8,
    /// num_blocks.
    pub blocks: u8,
    /// The sequence on which it lies; of a unit that a table places, known from there.
    pub sequence: Option<u16>,
    /// AU_start_position and AU_end_position, where the sequence is known.
    pub covered: (u64, u64),
}

impl Facts {
    /// The byte by which findings name the header.
    pub fn header_at(&self) -> u64 {
        self.at.saturating_add(u64::from(self.header))
    }
}

/// The access units of a dataset, in the order of storage or arrival.
#[derive(Default)]
pub(super) struct Units {
    pub facts: Vec<Facts>,
    /// Of a reference: ref_sequence_id, ref_start_position and ref_end_position of each.
    pub references: Vec<(u16, u64, u64)>,
    /// Whether all headers could be read.
    pub complete: bool,
}

/// The sequences to which a dataset can refer: the lengths, where they are known.
pub(super) type Lengths = HashMap<u16, Option<u32>>;

fn lengths(reference: &Reference) -> Lengths {
    sequence_ids(reference).zip(reference.sequences.iter().map(|sequence| sequence.sequence_length)).collect()
}

/// The sequences to which a dataset is aligned.
pub(super) fn aligned_to(group: &Group, header: &DatasetHeader) -> Lengths {
    header.reference_id.and_then(|id| group.reference(id)).map(|reference| lengths(&reference.value)).unwrap_or_default()
}

/// The sequences of a dataset that holds a reference; `None` where no reference says that it is this dataset.
fn held(input: &Input, group: &Group, dataset: &Dataset) -> Option<Lengths> {
    let here = group.id().zip(dataset.id())?;
    let mut all = input.groups.iter().flat_map(|group| &group.references).map(|reference| &reference.value);
    let mut found: Option<Lengths> = None;
    for reference in all.by_ref().filter(|reference| reference.internal_dataset_group_id.zip(reference.internal_dataset_id) == Some(here)) {
        found.get_or_insert_default().extend(lengths(reference));
    }
    found
}

/// Reads and checks the access units of a dataset.
///
/// # Errors
///
/// I/O.
pub(super) fn check(input: &Input, group: &Group, dataset: &Dataset, findings: &mut Findings) -> Result<Units> {
    let (Some(header), file) = (&dataset.header, input.header.as_ref().map(|header| header.value.clone()).unwrap_or_default()) else {
        return Ok(Units::default());
    };
    let header = &header.value;
    let context = Context {
        header,
        dataset,
        first_edition: file.minor_version.0 == *b"1900",
        sets: dataset.sets.iter().map(|set| set.parameter_set_id).collect(),
        parameters: coding::parameters(dataset),
        sequences: header.seq_id.iter().copied().collect(),
        lengths: aligned_to(group, header),
        held: if header.dataset_type == DatasetType::Reference { held(input, group, dataset) } else { None },
    };
    // What could not be read may be an access unit.
    let mut units = Units { complete: !findings.is_unreadable(), ..Units::default() };
    for unit in dataset.units(&file) {
        context.unit(&unit?, &mut units, findings)?;
    }
    Ok(units)
}

struct Context<'c, 's> {
    header: &'c DatasetHeader,
    dataset: &'c Dataset<'s>,
    first_edition: bool,
    sets: HashSet<u8>,
    parameters: coding::Parameters,
    sequences: HashSet<u16>,
    lengths: Lengths,
    held: Option<Lengths>,
}

impl Context<'_, '_> {
    fn unit(&self, unit: &Unit, units: &mut Units, findings: &mut Findings) -> Result<()> {
        let (at, Some(found)) = (unit.at(), &unit.header) else {
            units.complete = false;
            return Ok(());
        };
        let header = &found.value;
        if !self.sets.contains(&header.parameter_set_id) {
            findings.field(&SET, at, &self.field(unit, "parameter_set_ID"), &[], format!("the dataset has no parameter set {}", header.parameter_set_id));
        }
        coding::unit(&self.parameters, unit, header, &self.field(unit, "AU_type"), findings);
        self.positions(unit, header, findings);
        self.signatures(unit, header, findings);
        self.blocks(unit, header, findings)?;
        if let (Some(id), Some(start), Some(end)) = (header.ref_sequence_id, header.ref_start_position, header.ref_end_position) {
            units.references.push((id, start, end));
        }
        let at = unit.node.at;
        units.facts.push(Facts {
            at,
            header: u32::try_from(unit.at().saturating_sub(at)).unwrap_or(0),
            id: header.access_unit_id,
            class: u8::try_from(header.au_type.code()).unwrap_or(0),
            blocks: header.num_blocks,
            sequence: header.sequence_id,
            covered: header.au_start_position.zip(header.au_end_position).unwrap_or_default(),
        });
        Ok(())
    }

    /// The path of a header's field: in a stream, below the box of the whole unit.
    fn field(&self, unit: &Unit, name: &str) -> String {
        if unit.at() == unit.node.at { format!("auhd.{name}") } else { name.to_owned() }
    }

    fn positions(&self, unit: &Unit, header: &AccessUnitHeader, findings: &mut Findings) {
        let at = unit.at();
        if let (Some(sequence), Some(end)) = (header.sequence_id, header.au_end_position) {
            if !self.sequences.contains(&sequence) {
                findings.field(&SEQUENCE, at, &self.field(unit, "sequence_ID"), &[], format!("the dataset lists no sequence {sequence}"));
            }
            if let Some(length) = beyond(&self.lengths, sequence, end) {
                let message = format!("the sequence {sequence} has {length} bases, the unit ends at {end}");
                findings.field(&END, at, &self.field(unit, "AU_end_position"), &[], message);
            }
        }
        if let (Some(held), Some(sequence), Some(end)) = (&self.held, header.ref_sequence_id, header.ref_end_position) {
            if !held.contains_key(&sequence) {
                let message = format!("the reference has no sequence {sequence}");
                findings.field(&REF_SEQUENCE, at, &self.field(unit, "ref_sequence_id"), &[], message);
            } else if let Some(length) = beyond(held, sequence, end) {
                let message = format!("the sequence {sequence} has {length} bases, the part ends at {end}");
                findings.field(&REF_END, at, &self.field(unit, "ref_end_position"), &[], message);
            }
        }
    }

    fn signatures(&self, unit: &Unit, header: &AccessUnitHeader, findings: &mut Findings) {
        let of_set = |id: u8| self.dataset.sets.iter().find(|set| set.parameter_set_id == id).and_then(|set| set.alphabet_id);
        let update = self.header.parameters_update_flag && !self.first_edition;
        let alphabet = if update { of_set(header.parameter_set_id).unwrap_or_default() } else { self.header.alphabet_id };
        for (i, signature) in (0u64..).zip(&header.signatures) {
            if signature.u_cluster_signature.letters(alphabet.code()).is_none() {
                let message = format!("not every code is a letter of the alphabet {}", alphabet.code());
                findings.field(&LETTERS, unit.at(), &self.field(unit, "U_cluster_signature"), &[i], message);
            }
        }
    }

    fn blocks(&self, unit: &Unit, header: &AccessUnitHeader, findings: &mut Findings) -> Result<()> {
        if header.num_blocks == 0 {
            findings.field(&NO_BLOCKS, unit.at(), &self.field(unit, "num_blocks"), &[], "the access unit has no blocks");
        }
        if !self.header.block_header_flag {
            return Ok(());
        }
        let mut seen = HashSet::new();
        for block in unit.blocks()? {
            let descriptor = block.header.descriptor_id;
            if !seen.insert(descriptor) {
                let below = format!("block[{}].block_header.descriptor_ID", block.number);
                findings.below(&BLOCK_TWICE, unit.node.at, below, format!("another block of the unit has the descriptor {descriptor} too"));
            }
        }
        Ok(())
    }
}

/// The length of a sequence that ends at or before a position. Of sequences so long that 32 bits do not hold their length nothing is said.
pub(super) fn beyond(lengths: &Lengths, sequence: u16, position: u64) -> Option<u32> {
    if position > u64::from(u32::MAX) {
        return None;
    }
    lengths.get(&sequence).copied().flatten().filter(|length| position >= u64::from(*length))
}

/// What the access units make together; those that a table places have been placed.
pub(super) fn together(input: &Input, dataset: &Dataset, units: &Units, findings: &mut Findings) {
    let Some(header) = &dataset.header else { return };
    let key = |unit: &Facts| {
        let sequence = if unit.class == 6 { None } else { unit.sequence };
        (u64::from(unit.class) << 56) | (sequence.map_or(1 << 48, u64::from) << 32) | u64::from(unit.id)
    };
    let mut keys: Vec<(u64, usize)> = units.facts.iter().enumerate().map(|(number, unit)| (key(unit), number)).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        let [(first, _), (second, number)] = pair else { continue };
        if let Some(unit) = units.facts.get(*number).filter(|_| first == second) {
            let message = format!("another access unit of the type {} has the identifier {} too", unit.class, unit.id);
            findings.below(&UNIT_ID, unit.header_at(), header_field(unit, "access_unit_ID"), message);
        }
    }
    if units.complete && !findings.is_unreadable() {
        counts(input.is_stream, header.at, &header.value, units, findings);
    }
}

/// The path of a header's field below the box by which findings name it.
pub(super) fn header_field(unit: &Facts, name: &str) -> String {
    if unit.header == 0 { format!("auhd.{name}") } else { name.to_owned() }
}

fn counts(is_stream: bool, at: u64, header: &DatasetHeader, units: &Units, findings: &mut Findings) {
    let has_table = header.mit_flag.unwrap_or(true);
    if header.dataset_type.code() >= 3 {
        return;
    }
    let of_class_u = units.facts.iter().filter(|unit| unit.class == 6).count();
    let told = header.num_u_access_units as usize;
    // Where there is a table, the number is that of its rows, some of which may be empty.
    let is_wrong = if is_stream { told == 0 && of_class_u > 0 } else { told != of_class_u };
    if is_wrong && !has_table {
        findings.field(&NUM_U, at, "num_U_access_units", &[], format!("num_U_access_units is {told}, there are {of_class_u} access units of class U"));
    }
    let mut identifiers: Vec<(u16, u32)> = units.facts.iter().filter_map(|unit| Some((unit.sequence?, unit.id))).collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    for (seq, (id, told)) in (0u64..).zip(header.seq_id.iter().zip(&header.seq_blocks)) {
        let from = identifiers.partition_point(|(sequence, _)| sequence < id);
        let many = identifiers.partition_point(|(sequence, _)| sequence <= id).saturating_sub(from);
        if has_table && many <= *told as usize {
            continue; // rows may be empty
        }
        if *told == 0 && many > 0 && !is_stream && !has_table {
            findings.field(&UNSPECIFIED, at, "seq_blocks", &[seq], format!("the number of access units of the sequence {id} is not told; there are {many}"));
        } else if *told != 0 && *told as usize != many {
            findings.field(&SEQ_BLOCKS, at, "seq_blocks", &[seq], format!("seq_blocks is {told}, the sequence {id} has {many} access units"));
        }
    }
}
