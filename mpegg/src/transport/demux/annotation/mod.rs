//! Datasets of annotation data (6.7.2): boxes find their tables by trails of identifiers, which files do not have.

mod group;
mod offsets;
mod sizes;
mod table;

use super::build::Build;
use super::collect::{Came, Stored};
use crate::encapsulate::Node;
use crate::tables::{
    AnnotationAccessUnitHeader, AnnotationTableHeader, AtCdl, AtMetadata, AtProtection, AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader,
    DatasetHeaderAnnTable, DatasetParameterSet, descriptions,
};
use group::Group;
use mpegg_runtime::bits::{BOX_HEAD, BitReader};
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;
use table::Table;

/// To what a box belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trail {
    /// AT_ID.
    table: u8,
    /// AG_class, of annotation access units only.
    class: Option<u8>,
}

/// What came of an annotation table, in the order in which it came.
#[derive(Default)]
struct TableCame {
    boxes: BTreeMap<[u8; 4], Vec<Stored>>,
    units: BTreeMap<u8, Vec<Stored>>,
}

/// Bytes in front of what files have: the identifiers of a group, a dataset and a table.
const TRAIL: u64 = 4;

impl<'c> Build<'c> {
    /// A dataset with its annotation tables.
    pub(super) fn annotation(&mut self, came: &Came, header: DatasetHeader, name: &str) -> Result<Node> {
        let sets = self.parameter_sets(came, &header, name)?;
        let mut known = self.by_table(came, name)?;
        // Tables that the header lists, then those that came beside.
        let listed = header.ann_tables.iter().map(|table| table.at_id);
        let mut order: Vec<u8> = vec![];
        for id in listed.chain(known.iter().map(|(id, _)| *id)) {
            if !order.contains(&id) && known.iter().any(|(other, _)| *other == id) {
                order.push(id);
            }
        }
        let mut made_header = of_file(&header);
        let mut tables: Vec<Table> = vec![];
        for id in order {
            let Some((_, came)) = known.iter_mut().find(|(other, _)| *other == id) else { continue };
            let what = format!("{name}, table {id}");
            let table = self.table(std::mem::take(came), &header, &sets, &what);
            if let Some(table) = self.attempt(&what, table)? {
                made_header.byte_offset_size_flag |= table.needs_wide_offsets();
                made_header.ann_tables.push(DatasetHeaderAnnTable { at_id: id, at_index_exists: false });
                tables.push(table);
            }
        }
        let mut children = vec![Node::Bytes(made_header.to_box().map_err(|error| error.in_field("dthd", &[]))?)];
        let but = [DatasetHeader::KEY, DatasetParameterSet::KEY];
        children.extend(self.boxes(came, &descriptions::DATASET, &but, name)?);
        for set in sets {
            children.push(Node::Bytes(set.to_box(&self.file, &made_header).map_err(|error| error.in_field("pars", &[]))?));
        }
        for table in tables {
            children.push(table.node(self, &made_header)?);
        }
        Ok(Node::container(*b"dtcn", vec![], children))
    }

    /// The boxes of annotation tables, table by table, in the order in which something of each came first.
    fn by_table(&mut self, came: &Came, name: &str) -> Result<Vec<(u8, TableCame)>> {
        let keys =
            [AnnotationTableHeader::KEY, AtMetadata::KEY, AtCdl::KEY, AtProtection::KEY, AttributeGroupTileConfiguration::KEY, AttributeGroupHeader::KEY];
        let boxes = keys.iter().flat_map(|key| came.all(*key).iter().map(|stored| (*key, *stored)));
        let mut all: Vec<([u8; 4], Stored)> = boxes.chain(came.units.iter().map(|stored| (*b"aauc", *stored))).collect();
        all.sort_by_key(|(_, stored)| stored.at);
        let mut tables: Vec<(u8, TableCame)> = vec![];
        for (key, stored) in all {
            let what = format!("{name}: a box `{}`", key.escape_ascii());
            let trail = self.trail(key, stored);
            let Some(trail) = self.attempt(&what, trail)? else { continue };
            let place = match tables.iter().position(|(id, _)| *id == trail.table) {
                Some(place) => place,
                None => {
                    tables.push((trail.table, TableCame::default()));
                    tables.len().saturating_sub(1)
                }
            };
            let Some((_, table)) = tables.get_mut(place) else { continue };
            match trail.class {
                Some(class) => table.units.entry(class).or_default().push(stored),
                None => table.boxes.entry(key).or_default().push(stored),
            }
        }
        Ok(tables)
    }

    /// The identifiers in front of a box, or of the header of a unit.
    fn trail(&self, key: [u8; 4], stored: Stored) -> Result<Trail> {
        let position = stored.at.saturating_mul(8);
        if key == *b"aauc" {
            let start = self.read_front(stored, 2 * BOX_HEAD, 5)?;
            // What follows depends on what the trail names; any will do to read the trail.
            let bytes = [start.as_slice(), &[0; 16]].concat();
            let (table, group) = (AnnotationTableHeader::default(), AttributeGroupHeader::default());
            let mut r = BitReader::at(&bytes, position);
            let read = AnnotationAccessUnitHeader::read(&mut r, 1, &table, &group, &[]).map_err(|error| error.in_field("aauh", &[]))?;
            return Ok(Trail { table: read.at_id.unwrap_or(0), class: read.ag_class.and_then(|class| u8::try_from(class.code()).ok()) });
        }
        let start = self.read_front(stored, BOX_HEAD, TRAIL)?;
        if key == AnnotationTableHeader::KEY {
            // Its own identifier follows those of group and dataset, as in the others.
            return start.last().map(|table| Trail { table: *table, class: None }).ok_or_else(|| Error::truncated(position, 8));
        }
        let read = AtCdl::read(&mut BitReader::at(&start, position), 1)?;
        Ok(Trail { table: read.at_id.unwrap_or(0), class: None })
    }

    /// Some bytes near the front of a box.
    fn read_front(&self, stored: Stored, skip: u64, count: u64) -> Result<Vec<u8>> {
        let missing = skip.saturating_add(count).saturating_sub(stored.length);
        if missing > 0 {
            let end = stored.at.saturating_add(stored.length).saturating_mul(8);
            return Err(Error::truncated(end, missing.saturating_mul(8)).with_message("the box ends before its identifiers do"));
        }
        self.sources.read(&self.payload(stored.offset.saturating_add(skip), count))
    }
}

/// The header of a dataset of annotation data in a file; the tables that it lists are those that came.
fn of_file(header: &DatasetHeader) -> DatasetHeader {
    let mut made = DatasetHeader { ann_tables: vec![], num_u_access_units: 0, nesting_zero_bit: 0, ..header.clone() };
    (made.reserved_1, made.reserved_2, made.reserved_flag_1, made.reserved_flag_2) = (None, None, None, None);
    (made.u_signature_flag, made.u_signature_constant_length, made.u_signature_length) = (None, None, None);
    made
}
