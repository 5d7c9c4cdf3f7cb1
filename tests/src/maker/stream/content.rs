//! What is sent: a random file without what only files have.

use super::super::model::{AnnotationTable, Content as DatasetContent, Dataset, File, Group, Place, Reference, Sequence, Sequencing, Storage};
use super::super::random::{Rng, annotation_file, sequencing_file};
use super::{Open, expect};
use std::collections::{BTreeMap, BTreeSet};

pub struct Content {
    pub file: File,
    pub open: BTreeMap<(u8, u16), Open>,
    pub conformant: bool,
}

/// Sequencing data, annotation data, or both.
pub fn content(case: u64, rng: &mut Rng) -> Content {
    let mut file = if case % 4 == 3 { annotation_file(case / 4).file } else { sequencing_file(case / 4 * 3 + case % 4).file };
    if case % 4 != 3 && !file.first_edition() && rng.chance(35) {
        annotation_data_too(rng, &mut file);
    }
    file.extras = Default::default();
    let mut open = BTreeMap::new();
    let mut conformant = true;
    for group in &mut file.groups {
        let id = group.id;
        without_offsets(group);
        for dataset in &mut group.datasets {
            dataset.place = Place::Here;
            dataset.extras = Default::default();
            dataset.boxes.iter_mut().for_each(|one| one.place = Place::Here);
            match &mut dataset.content {
                DatasetContent::Sequencing(content) => {
                    let reference = group.references.iter().find(|reference| reference.id == content.reference);
                    sequencing(rng, content, reference);
                    conformant &= content.reserved.is_none() && !content.units.is_empty();
                }
                DatasetContent::Annotation(tables) => {
                    tables.iter_mut().for_each(|table| annotation_table(rng, table));
                    let left = Open { tables: rng.chance(30), dimensions: rng.chance(30), tiles: rng.chance(30), blocks: rng.chance(30) };
                    let groups = || tables.iter().flat_map(|table| &table.groups);
                    // What is found out may be more or less than there is: the last tile counts as a whole one, and tiles may be missing.
                    conformant &= groups().all(|group| !group.units.is_empty() && expect::sizes(group, left) == expect::sizes(group, Open::default()));
                    open.insert((id, dataset.id), left);
                }
            }
        }
    }
    Content { file, open, conformant }
}

/// Another dataset, in a group of its own or in one that is there.
fn annotation_data_too(rng: &mut Rng, file: &mut File) {
    let Some(mut group) = annotation_file(rng.between(0, 999)).file.groups.pop() else { return };
    if rng.chance(50) {
        group.id = 33;
        let at = rng.between(0, file.groups.len() as u64) as usize;
        file.groups.insert(at, group);
    } else {
        let at = rng.between(0, file.groups.len() as u64 - 1) as usize;
        for mut dataset in group.datasets {
            dataset.id = 65535;
            file.groups[at].datasets.push(dataset);
        }
    }
}

/// No `offs`, nothing unknown.
fn without_offsets(group: &mut Group) {
    group.place = Place::Here;
    group.extras = Default::default();
    group.references.iter_mut().for_each(|reference| reference.place = Place::Here);
    group.boxes.iter_mut().chain(group.reference_metadata.iter_mut().map(|(_, one)| one)).for_each(|one| one.place = Place::Here);
    if let Some(labels) = &mut group.labels {
        labels.place = Place::Here;
        labels.extras = Default::default();
        labels.list.iter_mut().for_each(|label| label.place = Place::Here);
    }
}

/// No index, no descriptor streams; all sequences of the reference; identifiers of access units in any order.
fn sequencing(rng: &mut Rng, content: &mut Sequencing, reference: Option<&Reference>) {
    content.storage = Storage::Auc { index: false, class_contiguity: rng.chance(40) };
    content.streams.clear();
    content.last_flag_missing = false;
    // A flag only: it may be there without a unit of the class.
    content.u_units = (content.u_units > 0 || rng.chance(15)).into();
    if let (Some(reference), false) = (reference, content.sequences.is_empty()) {
        let known = std::mem::take(&mut content.sequences);
        for sequence in &reference.sequences {
            let threshold = (content.sequences.is_empty() || rng.chance(60)).then(|| rng.between(0, 0x7FFF_FFFF) as u32);
            content.sequences.push(Sequence { id: sequence.id, blocks: 0, threshold });
        }
        for unit in &mut content.units {
            let id = unit.sequence.map(|sequence| known[sequence].id);
            unit.sequence = id.and_then(|id| content.sequences.iter().position(|sequence| sequence.id == id));
        }
    }
    if rng.chance(40) {
        // The same number for the same row of every class, so that rows stay together; or any.
        let together = rng.chance(50);
        let (salt, spread) = (rng.any() as u32, if rng.chance(50) { 0x9E37_79B1 } else { 7 });
        for unit in &mut content.units {
            let class = if together { 0 } else { u32::from(unit.class) };
            unit.id = (unit.id ^ class << 4).wrapping_mul(spread).wrapping_add(salt);
        }
    }
    if rng.chance(20) {
        // Counted beforehand; usually 0 says that nobody did.
        for number in 0..content.sequences.len() {
            let ids: BTreeSet<u32> = content.units.iter().filter(|unit| unit.sequence == Some(number)).map(|unit| unit.id).collect();
            content.sequences[number].blocks = ids.len() as u32;
        }
    }
    if rng.chance(4) && !content.units.is_empty() {
        let at = rng.between(0, content.units.len() as u64 - 1) as usize;
        content.units[at].blocks[0].payload = rng.bytes(30_000, 70_000);
    }
}

/// No table index but for the flag that one is to be made.
fn annotation_table(rng: &mut Rng, table: &mut AnnotationTable) {
    if rng.chance(60) {
        table.sort_mode = 0;
    }
    table.index = (table.sort_mode > 0 && rng.chance(50)).then_some(Place::Here);
    table.place = Place::Here;
    table.extras = Default::default();
    table.boxes.iter_mut().for_each(|one| one.place = Place::Here);
    if let Some((_, place)) = &mut table.metadata {
        *place = Place::Here;
    }
    for group in &mut table.groups {
        group.extras = Default::default();
        group.missing_units = false;
    }
}

/// The tables of a dataset of type 3.
pub fn tables(dataset: &Dataset) -> &[AnnotationTable] {
    match &dataset.content {
        DatasetContent::Annotation(tables) => tables,
        DatasetContent::Sequencing(_) => &[],
    }
}
