//! The boxes of a stream: those of Table 10 that are no containers, with the identifiers that Tables 41 to 53 put in front of some.

use super::super::bits::Bits;
use super::super::model::{AnnotationTable, AnnotationUnit, AttributeGroup, Content as DatasetContent, Dataset, File, Group, Key};
use super::super::piece::Piece;
use super::super::write;
use super::content::{Content, tables};
use super::{Open, expect};

/// A box on its way.
#[derive(Clone, Debug)]
pub struct Sent {
    /// dataset_group_ID.
    pub group: u8,
    /// dataset_ID, of what belongs to a dataset.
    pub dataset: Option<u16>,
    /// data_type (Table 68).
    pub data_type: u8,
    /// What it is of the model.
    pub item: Item,
    /// The whole box.
    pub bytes: Vec<u8>,
}

/// What a box is of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The parameter set of that number in its dataset.
    ParameterSet(usize),
    /// The access unit of that number in its dataset.
    AccessUnit(usize),
    /// A box of the annotation table of that AT_ID.
    Table(u8),
    /// An annotation access unit: AT_ID and AG_class.
    AnnotationUnit(u8, u8),
    /// Anything else.
    Other,
}

/// All boxes of a stream, as the tables order them.
pub fn boxes(content: &Content) -> Vec<Sent> {
    let mut all = vec![];
    for group in &content.file.groups {
        group_boxes(&content.file, group, &mut all);
        for dataset in &group.datasets {
            let open = content.open.get(&(group.id, dataset.id)).copied().unwrap_or_default();
            let mut boxes = Boxes { group: group.id, dataset, open, all: &mut all };
            boxes.dataset(&content.file);
        }
    }
    all
}

fn whole(key: &Key, value: impl Into<Piece>) -> Vec<u8> {
    Piece::boxed(key, value).finish()
}

fn group_boxes(file: &File, group: &Group, all: &mut Vec<Sent>) {
    let mut add = |data_type: u8, bytes: Vec<u8>| all.push(Sent { group: group.id, dataset: None, data_type, item: Item::Other, bytes });
    add(0, whole(b"dghd", write::group_header(group)));
    group.references.iter().for_each(|one| add(1, whole(b"rfgn", write::reference(file, group.id, one))));
    for (reference, metadata) in &group.reference_metadata {
        add(6, whole(b"rfmd", [&[group.id, *reference], &metadata.value[..]].concat()));
    }
    group.labels.iter().for_each(|labels| add(2, whole(b"labl", write::label_list(group.id, labels))));
    for one in &group.boxes {
        let data_type = match &one.key {
            b"dgmd" => 5,
            b"dgcd" => 17,
            _ => 8,
        };
        add(data_type, whole(&one.key, [write::identifiers(file, one, &[group.id]), &one.value].concat()));
    }
}

struct Boxes<'a> {
    group: u8,
    dataset: &'a Dataset,
    open: Open,
    all: &'a mut Vec<Sent>,
}

impl Boxes<'_> {
    fn add(&mut self, data_type: u8, item: Item, key: &Key, value: impl Into<Piece>) {
        self.all.push(Sent { group: self.group, dataset: Some(self.dataset.id), data_type, item, bytes: whole(key, value) });
    }

    fn dataset(&mut self, file: &File) {
        let dataset = self.dataset;
        let trail = [&[self.group], &dataset.id.to_be_bytes()[..]].concat();
        let header = match self.open.tables {
            true => write::dataset_header(self.group, &Dataset { content: DatasetContent::Annotation(vec![]), ..dataset.clone() }),
            false => write::dataset_header(self.group, dataset),
        };
        self.add(3, Item::Other, b"dthd", header);
        for one in &dataset.boxes {
            let data_type = match &one.key {
                b"dtmd" => 7,
                b"dtmt" => 16,
                b"dtcd" => 18,
                _ => 9,
            };
            self.add(data_type, Item::Other, &one.key, [write::identifiers(file, one, &trail), &one.value].concat());
        }
        for (number, set) in dataset.parameter_sets.iter().enumerate() {
            self.add(4, Item::ParameterSet(number), b"pars", write::parameter_set(self.group, dataset, set));
        }
        if let Some(content) = dataset.sequencing() {
            for (number, unit) in content.units.iter().enumerate() {
                self.add(9 + unit.class, Item::AccessUnit(number), b"aucn", write::access_unit(file, dataset, content, unit, &trail));
            }
        }
        tables(dataset).iter().for_each(|table| self.table(&trail, table));
    }

    fn table(&mut self, dataset: &[u8], table: &AnnotationTable) {
        let trail = [dataset, &[table.id]].concat();
        self.add(20, Item::Table(table.id), b"athd", [dataset, &write::annotation_table_header(table)].concat());
        if let Some((parts, _)) = &table.metadata {
            self.add(21, Item::Table(table.id), b"atmd", [&trail[..], &write::annotation_table_metadata(parts)].concat());
        }
        for one in &table.boxes {
            let data_type = if one.key == *b"atcd" { 19 } else { 22 };
            self.add(data_type, Item::Table(table.id), &one.key, [&trail[..], &one.value].concat());
        }
        for group in &table.groups {
            // Counts follow from the dimensions.
            let unknown = AttributeGroup { dimensions: vec![0; group.dimensions.len()], ..group.clone() };
            let tiles = if self.open.tiles && expect::tiles_can_be_found(group) { &unknown } else { group };
            let dimensions = if self.open.dimensions && expect::dimensions_can_be_found(group) { &unknown } else { group };
            // adbo has the scope File (Table 10).
            self.add(23, Item::Table(table.id), b"agtc", [&trail[..], &write::tile_structures(table, tiles).finish()].concat());
            self.add(24, Item::Table(table.id), b"aghd", [&trail[..], &write::attribute_group_header(table, dimensions)].concat());
            for unit in &group.units {
                self.add(25, Item::AnnotationUnit(table.id, group.class), b"aauc", self.annotation_unit(&trail, table, group, unit));
            }
        }
    }

    fn annotation_unit(&self, trail: &[u8], table: &AnnotationTable, group: &AttributeGroup, unit: &AnnotationUnit) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.u(0, 5);
        bits.raw(trail);
        bits.u(group.class.into(), 3);
        let blocks = if self.open.blocks { 0 } else { unit.blocks.len() };
        bits.raw(&write::annotation_unit_header(table, group, unit.key, blocks));
        let mut value = whole(b"aauh", bits.finish());
        unit.protection.iter().for_each(|protection| value.extend(whole(b"aaup", protection.clone())));
        for block in &unit.blocks {
            value.extend(write::annotation_block_header(group, block));
            value.extend(&block.payload);
        }
        value
    }
}
