//! The boxes of dataset groups and datasets, but for access units and annotation tables.

use super::header::{of_stream, set_of_stream};
use super::parcel::Parcel;
use super::sids::{Sids, Streams};
use super::{Content, MuxDataset, Notes, annotation, units};
use crate::file::{BoxRef, Dataset, Front, Group};
use crate::tables::{DataType, DatasetHeader, DatasetMappingTableList, DatasetParameterSet, DatasetType, descriptions};
use crate::walk::{first_child, listed, repeats};
use mpegg_runtime::table::Table;
use mpegg_runtime::{Error, Result};

/// A dataset group to be sent.
pub(super) struct MuxGroup<'s> {
    /// The list of its mapping tables.
    pub list: Vec<u8>,
    /// The mapping table of each dataset and its stream.
    pub tables: Vec<(u16, Vec<u8>)>,
    /// The boxes of the group, then header and parameter sets of each dataset (6.1.2).
    pub front: Vec<Parcel<'s>>,
    pub datasets: Vec<MuxDataset<'s>>,
}

/// Prepares a group: gives its streams their numbers.
pub(super) fn group<'s>(group: &Group<'s>, sids: &mut Sids, notes: &mut Notes) -> Result<MuxGroup<'s>> {
    let header = group.located(group.header())?;
    let mut of_group = Streams::default();
    let mut front = vec![];
    let children = group.located(group.node().children())?;
    notes.unknown(&descriptions::DATASET_GROUP, &children);
    for node in valid_children(&descriptions::DATASET_GROUP, &children) {
        if let Some(sid) = of_group.open_key(node.key(), sids)? {
            front.push(group.located(group_box(sid, &node))?);
        }
    }
    let (mut list, mut tables, mut datasets) = (DatasetMappingTableList { dataset_group_id: header.dataset_group_id, ..Default::default() }, vec![], vec![]);
    for one in group.located(group.datasets())? {
        let mut streams = of_group.clone();
        let made = dataset(&one, &mut streams, sids, &mut front, notes)?;
        let sid = sids.take()?;
        list.dataset_mapping_table_sid.push(sid);
        tables.push((sid, streams.table(made.id).to_box()?));
        datasets.push(made);
    }
    if datasets.is_empty() {
        notes.add(format!("group {}: without datasets it has no stream, and is left out", header.dataset_group_id));
        front.clear();
    }
    Ok(MuxGroup { list: list.to_box()?, tables, front, datasets })
}

/// The boxes that count among children, in the order of a table: of those that may occur once the one that an `offs` addresses, else the
/// first (R4).
pub(super) fn valid_children<'a, 's>(table: &'static Table, children: &'a [BoxRef<'s>]) -> impl Iterator<Item = BoxRef<'s>> + use<'a, 's> {
    let mut keys: Vec<[u8; 4]> = listed(table).into_iter().filter_map(|(_, table)| table.key).collect();
    keys.dedup();
    keys.into_iter().flat_map(move |key| {
        let all: Vec<BoxRef<'s>> = children.iter().filter(|child| child.key() == key).copied().collect();
        if repeats(Some(table), key) {
            return all;
        }
        all.iter().find(|child| child.through_offs()).or(all.first()).copied().into_iter().collect()
    })
}

/// A box of a group. The list of labels has its labels in it, whether they stood there or not.
fn group_box<'s>(sid: u16, node: &BoxRef<'s>) -> Result<Parcel<'s>> {
    if Some(node.key()) != descriptions::LABEL_LIST.key {
        return Ok(Parcel::of_range(sid, node.source(), node.range()));
    }
    let mut parcel = Parcel::new(sid, node.key(), node.source());
    let (value, _) = node.value();
    parcel.push_range(value, first_child(&descriptions::LABEL_LIST, node.offset()).saturating_sub(value));
    node.children()?.iter().for_each(|label| parcel.push_range(label.offset(), label.length()));
    Ok(parcel.closed())
}

fn dataset<'s>(dataset: &Dataset<'s>, streams: &mut Streams, sids: &mut Sids, front: &mut Vec<Parcel<'s>>, notes: &mut Notes) -> Result<MuxDataset<'s>> {
    let known = dataset.front()?;
    let header = &known.header;
    let reference = match header.reference_id {
        Some(id) => dataset.group().reference(id)?.map(|(_, reference)| reference),
        None => None,
    };
    let name = format!("dataset {}:{}", header.dataset_group_id, header.dataset_id);
    let sent = of_stream(header, reference.as_ref());
    let header_sid = streams.open(DataType::Dthd, sids)?;
    let source = dataset.node().source();
    let made = sent.to_box().map_err(|error| error.in_field("dthd", &[]));
    front.push(Parcel::of_bytes(header_sid, source, &dataset.located(made)?));
    let set_sid = streams.open(DataType::Pars, sids)?;
    for (set, node) in known.parameter_sets.iter().zip(&known.parameter_set_boxes) {
        front.push(dataset.located(parameter_set(set_sid, (set, node), dataset, &known, &sent))?);
    }
    let mut boxes = vec![];
    let children = dataset.located(metadata(dataset, &name, notes))?;
    for node in valid_children(&descriptions::DATASET, &children) {
        if node.key() == DatasetHeader::KEY || node.key() == DatasetParameterSet::KEY {
            continue;
        }
        if let Some(sid) = streams.open_key(node.key(), sids)? {
            boxes.push(Parcel::of_range(sid, source, node.range()));
        }
    }
    let content = match header.dataset_type {
        DatasetType::Annotation => Content::Annotation(annotation::tables(dataset, streams, sids, &name, notes)?),
        _ => Content::Sequencing(Box::new(units::sequencing(dataset, streams, sids)?)),
    };
    Ok(MuxDataset { id: header.dataset_id, end: header_sid, boxes, content })
}

fn parameter_set<'s>(
    sid: u16,
    (set, node): (&DatasetParameterSet, &BoxRef<'s>),
    dataset: &Dataset<'s>,
    front: &Front<'s>,
    sent: &DatasetHeader,
) -> Result<Parcel<'s>> {
    let file = dataset.file_header();
    match set_of_stream(set, file, &front.header) {
        None => Ok(Parcel::of_range(sid, node.source(), node.range())),
        Some(set) => {
            let made = set.to_box(file, sent).map_err(|error: Error| error.in_field("pars", &[]))?;
            Ok(Parcel::of_bytes(sid, node.source(), &made))
        }
    }
}

/// The boxes of a dataset that are sent as they are, or not at all; those of access units and tables are left to others.
fn metadata<'s>(dataset: &Dataset<'s>, name: &str, notes: &mut Notes) -> Result<Vec<BoxRef<'s>>> {
    let mut found = vec![];
    for node in dataset.node().each_child() {
        let node = node?;
        match &node.key() {
            b"aucn" | b"atcn" | b"mitb" => {}
            b"dscn" => {
                if node.first_child(*b"dspr")?.is_some() {
                    notes.add(format!("{name}: the protection of a descriptor stream (dspr) exists in files only, and is left out"));
                }
            }
            _ => found.push(node),
        }
    }
    notes.unknown(&descriptions::DATASET, &found);
    Ok(found)
}
