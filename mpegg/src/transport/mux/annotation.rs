//! Annotation tables: each box says by a trail of identifiers to what it belongs.

use super::Notes;
use super::groups::valid_children;
use super::parcel::Parcel;
use super::sids::{Sids, Streams};
use crate::file::{AnnotationAccessUnit, AnnotationTable, AttributeGroup, BoxRef, Dataset};
use crate::tables::{
    AnnotationAccessUnitHeader, AnnotationTableHeader, AnnotationTableIndex, AtCdl, AtMetadata, AtProtection, AttributeGroupHeader,
    AttributeGroupTileConfiguration, DataType, descriptions,
};
use mpegg_runtime::bits::BitWriter;
use mpegg_runtime::{Error, Result};

/// The annotation tables of a dataset to be sent.
pub(super) struct Annotation<'s> {
    /// Headers and tile configurations of all tables (6.1.2).
    pub front: Vec<Parcel<'s>>,
    /// Metadata of all tables.
    pub boxes: Vec<Parcel<'s>>,
    groups: Vec<(AttributeGroup<'s>, Trail)>,
    /// The stream of annotation access units.
    units: Option<u16>,
}

/// To what a box belongs.
#[derive(Clone, Copy)]
struct Trail {
    group: u8,
    dataset: u16,
    table: u8,
}

/// Gives the boxes of the tables their streams.
pub(super) fn tables<'s>(dataset: &Dataset<'s>, streams: &mut Streams, sids: &mut Sids, name: &str, notes: &mut Notes) -> Result<Annotation<'s>> {
    let header = dataset.front()?.header.clone();
    let mut made = Annotation { front: vec![], boxes: vec![], groups: vec![], units: None };
    for table in dataset.tables()? {
        let at_id = table.header()?.at_id;
        let trail = Trail { group: header.dataset_group_id, dataset: header.dataset_id, table: at_id };
        made.units = Some(streams.open(DataType::Aauc, sids)?);
        made.table(&table, trail, streams, sids)?;
        let children = table.node().children().map_err(|error| table.inside(error))?;
        notes.unknown(&descriptions::ANNOTATION_TABLE, &children);
        if children.iter().any(|child| child.key() == AnnotationTableIndex::KEY) {
            notes.add(format!("{name}, table {at_id}: the index (atix) exists in files only, and is left out"));
        }
    }
    Ok(made)
}

impl<'s> Annotation<'s> {
    fn table(&mut self, table: &AnnotationTable<'s>, trail: Trail, streams: &mut Streams, sids: &mut Sids) -> Result<()> {
        let source = table.node().source();
        let (dataset, header, groups) = (table.dataset_header()?, table.header()?, table.group_headers()?);
        let inside = |error: Error| table.inside(error);
        let sent = AnnotationTableHeader { dataset_group_id: Some(trail.group), dataset_id: Some(trail.dataset), ..header.clone() };
        let bytes = sent.to_box(1).map_err(inside)?;
        self.front.push(Parcel::of_bytes(streams.open(DataType::Athd, sids)?, source, &bytes));
        for configuration in table.configurations()? {
            let sent = AttributeGroupTileConfiguration {
                dataset_group_id: Some(trail.group),
                dataset_id: Some(trail.dataset),
                at_id: Some(trail.table),
                attribute_data_byte_offset: None,
                nesting_zero_bit: 0,
                ..configuration.clone()
            };
            let bytes = sent.to_box(1, dataset, header, groups, &[]).map_err(|error| inside(error.in_field("agtc", &[])))?;
            self.front.push(Parcel::of_bytes(streams.open(DataType::Agtc, sids)?, source, &bytes));
        }
        for group in groups {
            let sent = AttributeGroupHeader { dataset_group_id: Some(trail.group), dataset_id: Some(trail.dataset), at_id: Some(trail.table), ..group.clone() };
            let bytes = sent.to_box(1, header).map_err(|error| inside(error.in_field("aghd", &[])))?;
            self.front.push(Parcel::of_bytes(streams.open(DataType::Aghd, sids)?, source, &bytes));
        }
        for node in valid_children(&descriptions::ANNOTATION_TABLE, &table.node().children().map_err(inside)?) {
            let Some(prefix) = trail.of_box(node.key())? else { continue };
            if let Some(sid) = streams.open_key(node.key(), sids)? {
                self.boxes.push(prefixed(sid, &node, &prefix));
            }
        }
        self.groups.extend(table.groups()?.into_iter().map(|group| (group, trail)));
        Ok(())
    }

    /// The annotation access units, group by group.
    pub fn parcels(&self) -> impl Iterator<Item = Result<Parcel<'s>>> + '_ {
        let sid = self.units.unwrap_or_default();
        self.groups.iter().flat_map(move |(group, trail)| {
            let (units, failed) = match group.units() {
                Ok(units) => (Some(units), None),
                Err(error) => (None, Some(Err(error))),
            };
            units.into_iter().flatten().map(move |unit| access_unit(sid, &unit?, *trail)).chain(failed)
        })
    }
}

/// A box with identifiers in front of what it has.
fn prefixed<'s>(sid: u16, node: &BoxRef<'s>, prefix: &[u8]) -> Parcel<'s> {
    let mut parcel = Parcel::new(sid, node.key(), node.source());
    parcel.push(prefix);
    let (offset, length) = node.value();
    parcel.push_range(offset, length);
    parcel.closed()
}

fn access_unit<'s>(sid: u16, unit: &AnnotationAccessUnit<'s>, trail: Trail) -> Result<Parcel<'s>> {
    let mut parcel = Parcel::new(sid, unit.node().key(), unit.node().source());
    let node = unit.header_node()?;
    let class = unit.group().header()?.ag_class;
    let header = AnnotationAccessUnitHeader {
        reserved_1: Some(0),
        dataset_group_id: Some(trail.group),
        dataset_id: Some(trail.dataset),
        at_id: Some(trail.table),
        ag_class: Some(class),
        nesting_zero_bit: 0,
        ..unit.header()?.clone()
    };
    let (table, group) = (unit.group().table().header()?, unit.group().header()?);
    let configurations = if group.attribute_contiguity { unit.group().table().configurations()? } else { &[] };
    let bytes = header.to_box(1, table, group, configurations).map_err(|error| unit.inside(error.in_field("aauh", &[])))?;
    parcel.push(&bytes);
    // Blocks are looked at, so that none is sent that is cut.
    unit.blocks()?.try_for_each(|block| block.map(|_| ()))?;
    let (first, _) = unit.node().value();
    let (before, behind) = (node.offset(), node.end());
    parcel.push_range(first, before.saturating_sub(first));
    parcel.push_range(behind, unit.node().end().saturating_sub(behind));
    Ok(parcel.closed())
}

impl Trail {
    /// The identifiers in front of a box whose payload other parts define; nothing for other boxes.
    fn of_box(self, key: [u8; 4]) -> Result<Option<Vec<u8>>> {
        let (group, dataset, table) = (Some(self.group), Some(self.dataset), Some(self.table));
        let mut w = BitWriter::new();
        match key {
            AtCdl::KEY => AtCdl { dataset_group_id: group, dataset_id: dataset, at_id: table, at_cdl_value: vec![] }.write(&mut w, 1)?,
            AtProtection::KEY => AtProtection { dataset_group_id: group, dataset_id: dataset, at_id: table, at_protection_value: vec![] }.write(&mut w, 1)?,
            // The flags and reserved bits behind the identifiers are a byte.
            AtMetadata::KEY => AtMetadata { dataset_group_id: group, dataset_id: dataset, at_id: table, ..AtMetadata::default() }.write(&mut w, 1)?,
            _ => return Ok(None),
        }
        let mut bytes = w.into_bytes();
        bytes.truncate(4);
        Ok(Some(bytes))
    }
}
