//! What a receiver must make of a stream (6.7), told from the model and the order in which boxes came.

use super::super::expect::{Query, dataset_units};
use super::super::model::{
    AnnotationUnit, AttributeGroup, Class, Content, Dataset, Field, File, Group, Sequence, Sequencing, Storage, TileSizes, TileStructure, Unit, UnitKey,
    signature_number,
};
use super::{Item, Open, Stream};
use crate::units::split;

/// How the received file stores access units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether blocks are in descriptor streams.
    pub descriptor_streams: bool,
    /// Whether there is a master index table.
    pub index: bool,
}

/// Where a unit stands among others: the number of its sequence, class U behind all; its class; its start position or the number of its
/// first signature, where it has one.
pub type Rank = (usize, u8, Option<u128>);

/// The data units of a received dataset.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Parameter sets, in their order.
    pub sets: Vec<Vec<u8>>,
    /// Access units, each with its rank. Their order is free where ranks are equal.
    pub units: Vec<(Rank, Vec<u8>)>,
}

/// The data units of a dataset.
pub fn units(stream: &Stream, group: u8, id: u16, mode: Mode) -> Received {
    let Some(mut dataset) = received(stream, group, id, mode) else { return Received::default() };
    let mut ranks: Vec<Rank> = match &mut dataset.content {
        Content::Sequencing(content) => {
            // All units in the order of the model: rows of a table are not told by identifiers.
            content.storage = Storage::Auc { index: false, class_contiguity: false };
            content.units.iter().map(|unit| rank(content, unit)).collect()
        }
        Content::Annotation(_) => vec![],
    };
    let file = File { groups: vec![Group { id: group, datasets: vec![dataset], ..Group::default() }], ..stream.file.clone() };
    let (sets, units): (Vec<_>, Vec<_>) = split(&dataset_units(&file, group, id, &Query::default())).into_iter().partition(|unit| unit[0] % 2 == 1);
    ranks.resize(units.len(), (0, 0, None));
    Received { sets, units: ranks.into_iter().zip(units).collect() }
}

/// A dataset as it is after transport: what the header says is that of the received file, the order of units is that of arrival.
pub fn received(stream: &Stream, group: u8, id: u16, mode: Mode) -> Option<Dataset> {
    let mut dataset = stream.file.group(group)?.dataset(id)?.clone();
    let came: Vec<Item> = stream.sent.iter().filter(|one| one.group == group && one.dataset == Some(id)).map(|one| one.item).collect();
    let sets = std::mem::take(&mut dataset.parameter_sets);
    dataset.parameter_sets = came.iter().filter_map(|item| if let Item::ParameterSet(number) = item { Some(sets[*number].clone()) } else { None }).collect();
    match &mut dataset.content {
        Content::Sequencing(content) => sequencing(content, &came, mode),
        Content::Annotation(tables) => {
            tables.iter_mut().for_each(|table| table.index = None);
            if stream.open.get(&(group, id)).is_some_and(|open| open.tables) {
                let place = |id: u8| came.iter().position(|item| matches!(item, Item::Table(other) | Item::AnnotationUnit(other, _) if *other == id));
                tables.sort_by_key(|table| place(table.id));
            }
        }
    }
    Some(dataset)
}

fn sequencing(content: &mut Sequencing, came: &[Item], mode: Mode) {
    let units: Vec<Unit> =
        came.iter().filter_map(|item| if let Item::AccessUnit(number) = item { Some(content.units[*number].clone()) } else { None }).collect();
    let mut known: Vec<usize> = vec![];
    units.iter().filter_map(|unit| unit.sequence).for_each(|sequence| {
        if !known.contains(&sequence) {
            known.push(sequence);
        }
    });
    let threshold = |number: usize| content.sequences[..=number].iter().rev().find_map(|sequence| sequence.threshold);
    let blocks = |number: usize| {
        let mut ids: Vec<u32> = units.iter().filter(|unit| unit.sequence == Some(number)).map(|unit| unit.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len() as u32
    };
    content.sequences = known.iter().map(|number| Sequence { blocks: blocks(*number), threshold: threshold(*number), ..content.sequences[*number] }).collect();
    content.classes = classes(&units);
    content.u_units = units.iter().filter(|unit| unit.class == 6).count() as u32;
    content.units = units;
    for unit in &mut content.units {
        unit.sequence = unit.sequence.and_then(|sequence| known.iter().position(|other| *other == sequence));
        if mode.descriptor_streams {
            let class = content.classes.iter().find(|class| class.id == unit.class);
            unit.blocks.sort_by_key(|block| class.and_then(|class| class.descriptors.iter().position(|descriptor| *descriptor == block.descriptor)));
        }
    }
    if mode.index {
        let class_contiguity = matches!(content.storage, Storage::Auc { class_contiguity: true, .. });
        content.storage = Storage::Auc { index: true, class_contiguity };
    }
}

/// The classes, ascending, each with its descriptors as they came.
fn classes(units: &[Unit]) -> Vec<Class> {
    let mut classes: Vec<Class> = (1..=6).map(|id| Class { id, descriptors: vec![] }).collect();
    for unit in units {
        let descriptors = &mut classes[usize::from(unit.class) - 1].descriptors;
        for block in &unit.blocks {
            if !descriptors.contains(&block.descriptor) {
                descriptors.push(block.descriptor);
            }
        }
    }
    classes.retain(|class| units.iter().any(|unit| unit.class == class.id));
    classes
}

fn rank(content: &Sequencing, unit: &Unit) -> Rank {
    match unit.sequence {
        Some(sequence) => (sequence, unit.class, Some(unit.range.0.into())),
        None => (usize::MAX, unit.class, unit.signatures.first().map(|signature| signature_number(signature, content.form.alphabet))),
    }
}

/// The dimensions of a group and the number of tiles of each of its structures, as a receiver tells them (Tables 71 and 72): the last
/// tile is a whole one as far as its header tells.
pub fn sizes(group: &AttributeGroup, open: Open) -> (Vec<u64>, Vec<u64>) {
    let counts = (0..group.dimensions.len()).map(|number| group.tiles.count(&group.dimensions, number));
    let mut dimensions = group.dimensions.clone();
    if open.dimensions && dimensions_can_be_found(group) {
        dimensions = match &group.tiles.sizes {
            TileSizes::Variable(tiles) => (0..dimensions.len()).map(|number| tiles.iter().map(|tile| tile[number].1 + 1).max().unwrap_or(0)).collect(),
            TileSizes::Fixed(sizes) => {
                let along: Vec<u64> = match (group.attribute_contiguity, found_tiles(group, &group.tiles)) {
                    (true, Some(tiles)) if group.two_dimensional() => {
                        let counts: Vec<u64> = counts.collect();
                        if group.column_major { vec![counts[0], tiles.div_ceil(counts[0])] } else { vec![tiles.div_ceil(counts[1]), counts[1]] }
                    }
                    (true, Some(tiles)) => vec![tiles],
                    _ => largest_tile(group).into_iter().map(|index| index + 1).collect(),
                };
                along.iter().zip(sizes).map(|(count, size)| count * size).collect()
            }
        };
    }
    let tiles = group.all_structures().map(|structure| match &structure.sizes {
        TileSizes::Fixed(_) if open.tiles && tiles_can_be_found(group) => found_tiles(group, structure).unwrap_or(0),
        TileSizes::Fixed(_) => (0..group.dimensions.len()).map(|number| structure.count(&group.dimensions, number)).product(),
        TileSizes::Variable(tiles) => tiles.len() as u64,
    });
    let tiles = tiles.collect();
    (dimensions, tiles)
}

/// Whether units tell the number of tiles of every structure that has tiles of fixed sizes.
pub fn tiles_can_be_found(group: &AttributeGroup) -> bool {
    let fixed = |structure: &TileStructure| matches!(structure.sizes, TileSizes::Fixed(_));
    group.all_structures().all(|structure| !fixed(structure) || found_tiles(group, structure).is_some())
}

/// Whether the dimensions follow from the default tile structure and the units.
pub fn dimensions_can_be_found(group: &AttributeGroup) -> bool {
    matches!(group.tiles.sizes, TileSizes::Variable(_)) || found_tiles(group, &group.tiles).is_some()
}

/// The number of tiles of a structure of the group (Table 72).
fn found_tiles(group: &AttributeGroup, structure: &TileStructure) -> Option<u64> {
    if !group.attribute_contiguity {
        let largest = largest_tile(group);
        return (!largest.is_empty()).then(|| largest.iter().map(|index| index + 1).product());
    }
    let own = |field: Field| std::ptr::eq(group.tiles_of(field), structure);
    let blocks = |unit: &AnnotationUnit| matches!(unit.key, UnitKey::Field(field) if own(field)).then_some(unit.blocks.len() as u64);
    group.units.iter().filter_map(blocks).max().filter(|count| *count > 0)
}

/// The largest tile indexes of units by tile; none without a unit.
fn largest_tile(group: &AttributeGroup) -> Vec<u64> {
    let keys = || group.units.iter().filter_map(|unit| if let UnitKey::Tile(first, second) = unit.key { Some((first, second)) } else { None });
    let (first, second) = (keys().map(|key| key.0).max(), keys().filter_map(|key| key.1).max());
    first.into_iter().chain(second).collect()
}
