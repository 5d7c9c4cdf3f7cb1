//! What must come out of a file, told from the model: data units (6.3), whole datasets and selections (5.9), references.

mod annotation;
mod reference;
mod select;

pub use annotation::{AnnotationQuery, tile_in_regions};
pub use reference::{fasta, raw_reference, raw_unit};
pub use select::{Query, Region};

use super::bits::Bits;
use super::model::{Content, Dataset, File, Group, Location, ParameterSet, Unit};
use super::write;

/// The data units of a dataset, whole or in part, one behind the other.
pub fn dataset_units(file: &File, group: u8, dataset: u16, query: &Query) -> Vec<u8> {
    let Some((group, dataset)) = find(file, group, dataset) else { return vec![] };
    match &dataset.content {
        Content::Annotation(tables) => annotation::units(dataset, tables, &AnnotationQuery::default()),
        Content::Sequencing(_) => units(dataset, &select::select(group, dataset, query)),
    }
}

/// The data units of a selection from annotation tables.
pub fn annotation_units(file: &File, group: u8, dataset: u16, query: &AnnotationQuery) -> Vec<u8> {
    match find(file, group, dataset) {
        Some((_, dataset @ Dataset { content: Content::Annotation(tables), .. })) => annotation::units(dataset, tables, query),
        _ => vec![],
    }
}

/// The data units of the internal reference that a whole dataset uses, or that a selection from it needs.
pub fn reference_units(file: &File, group: u8, dataset: u16, query: &Query) -> Vec<u8> {
    let Some((group, dataset)) = find(file, group, dataset) else { return vec![] };
    // Without a sequence there is no reference_ID.
    let Some(content) = dataset.sequencing().filter(|content| !content.sequences.is_empty()) else { return vec![] };
    let reference = group.references.iter().find(|reference| reference.id == content.reference);
    let Some(Location::Internal { group: g, dataset: d }) = reference.map(|reference| &reference.location) else { return vec![] };
    let Some((_, holder)) = find(file, *g, *d) else { return vec![] };
    part_units(holder, &select::ranges(group, dataset, query))
}

/// The data units of a reference dataset: all, or those that share a base with a range of the sequence ID.
pub fn part_units(holder: &Dataset, ranges: &Option<Vec<Region>>) -> Vec<u8> {
    let Some(content) = holder.sequencing() else { return vec![] };
    let wanted = |unit: &Unit| {
        let (sequence, start, end) = unit.part;
        ranges.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.sequence == sequence && range.start <= end && start <= range.end))
    };
    let numbers: Vec<usize> = (0..content.units.len()).filter(|number| wanted(&content.units[*number])).collect();
    units(holder, &numbers)
}

/// The dataset of these IDs.
fn find(file: &File, group: u8, dataset: u16) -> Option<(&Group, &Dataset)> {
    let group = file.group(group)?;
    Some((group, group.dataset(dataset)?))
}

/// The parameter sets that the access units of these numbers need, in file order, then the units as they are given (R20).
fn units(dataset: &Dataset, numbers: &[usize]) -> Vec<u8> {
    let Some(content) = dataset.sequencing() else { return vec![] };
    let chosen: Vec<&Unit> = numbers.iter().map(|number| &content.units[*number]).collect();
    let mut bytes = parameter_sets(dataset, chosen.iter().map(|unit| unit.parameter_set), 1);
    for unit in chosen {
        let form = dataset.form(unit.parameter_set).unwrap_or(&content.form);
        let mut body = write::unit_header(content, form, unit, true);
        for block in &unit.blocks {
            body.extend(write::block_header(block.descriptor, block.payload.len()));
            body.extend(&block.payload);
        }
        bytes.extend(unit_of(2, body));
    }
    bytes
}

/// The data units of these parameter sets and of all above them.
fn parameter_sets(dataset: &Dataset, named: impl Iterator<Item = u8>, kind: u8) -> Vec<u8> {
    let mut needed = [false; 256];
    for mut id in named {
        while let Some(set) = dataset.parameter_sets.iter().find(|set| set.id == id && !needed[usize::from(id)]) {
            needed[usize::from(id)] = true;
            id = if kind == 1 { set.parent } else { id };
        }
    }
    let sets = dataset.parameter_sets.iter().filter(|set| needed[usize::from(set.id)]);
    sets.flat_map(|set| unit_of(kind, parameter_set(set, kind))).collect()
}

fn parameter_set(set: &ParameterSet, kind: u8) -> Vec<u8> {
    let identifiers: &[u8] = if kind == 1 { &[set.id, set.parent] } else { &[set.id] };
    [identifiers, &set.payload].concat()
}

/// A data unit of type 1 to 4: type, reserved bits, size.
fn unit_of(kind: u8, body: Vec<u8>) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.u(kind.into(), 8);
    let size = body.len() as u64 + 5;
    assert!(size < if kind % 2 == 1 { 1 << 22 } else { 1 << 29 });
    bits.u(size, 32);
    bits.raw(&body);
    bits.finish()
}
