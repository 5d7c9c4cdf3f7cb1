//! Dataset groups and their boxes.

use super::build::Build;
use super::collect::{Came, Stored};
use crate::encapsulate::Node;
use crate::tables::{DatasetGroupHeader, DatasetHeader, DatasetType, Reference, descriptions};
use crate::walk::{listed, repeats};
use mpegg_runtime::table::Table;
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;

impl Build<'_> {
    /// A dataset group with those of the listed datasets that came.
    pub fn group(&mut self, id: u8, listed_datasets: &[u16]) -> Result<Option<Node>> {
        let nothing = Came::default();
        let came = self.collect.groups.get(&id).unwrap_or(&nothing);
        let mut datasets: Vec<(u16, Node)> = vec![];
        for dataset in listed_datasets {
            if datasets.iter().all(|(other, _)| other != dataset)
                && let Some(node) = self.dataset(id, *dataset)?
            {
                datasets.push((*dataset, node));
            }
        }
        let header = self.group_header(id, came, &mut datasets)?;
        let mut children = vec![Node::Bytes(header.to_box()?)];
        for node in self.boxes(came, &descriptions::DATASET_GROUP, &[DatasetGroupHeader::KEY], &format!("group {id}"))? {
            children.push(node);
        }
        children.extend(datasets.into_iter().map(|(_, node)| node));
        Ok(Some(Node::container(*b"dgcn", vec![], children)))
    }

    /// The header of a group, which lists what came. Puts the datasets in its order.
    fn group_header(&mut self, id: u8, came: &Came, datasets: &mut [(u16, Node)]) -> Result<DatasetGroupHeader> {
        let missing = || Error::truncated(self.end, 14 * 8).with_message(format!("no header (dghd) of group {id} came"));
        let read = came
            .last(DatasetGroupHeader::KEY)
            .ok_or_else(missing)
            .and_then(|stored| self.decode(stored, DatasetGroupHeader::KEY, DatasetGroupHeader::read_box));
        let made = DatasetGroupHeader { dataset_group_id: id, version_number: 0, dataset_id: vec![] };
        let mut header = self.attempt(&format!("the header of group {id}"), read)?.unwrap_or(made);
        header.dataset_id.retain(|id| datasets.iter().any(|(other, _)| other == id));
        let unlisted: Vec<u16> = datasets.iter().map(|(id, _)| *id).filter(|id| !header.dataset_id.contains(id)).collect();
        header.dataset_id.extend(unlisted);
        datasets.sort_by_key(|(id, _)| header.dataset_id.iter().position(|other| other == id));
        Ok(header)
    }

    /// The boxes of a group or a dataset that are stored as they came, in the order of a table, but for these.
    pub fn boxes(&mut self, came: &Came, table: &'static Table, but: &[[u8; 4]], name: &str) -> Result<Vec<Node>> {
        let mut nodes = vec![];
        let mut keys: Vec<[u8; 4]> = listed(table).into_iter().filter_map(|(_, table)| table.key).filter(|key| !but.contains(key)).collect();
        keys.dedup();
        for key in keys {
            let stored = match (repeats(Some(table), key), key == Reference::KEY) {
                (true, true) => self.references(came.all(key), name)?,
                (true, false) => self.different(came.all(key))?,
                (false, _) => came.last(key).into_iter().collect(),
            };
            nodes.extend(stored.into_iter().map(|stored| self.copy(stored)));
        }
        Ok(nodes)
    }

    /// The references: the last of each reference_ID, in the order in which these came first.
    fn references(&mut self, all: &[Stored], name: &str) -> Result<Vec<Stored>> {
        let mut last: Vec<(u8, Stored)> = vec![];
        for stored in all {
            let read = self.decode(*stored, Reference::KEY, |r| Reference::read_box(r, &self.file));
            let Some(reference) = self.attempt(&format!("{name}: a reference"), read)? else { continue };
            match last.iter_mut().find(|(id, _)| *id == reference.reference_id) {
                Some((_, known)) => *known = *stored,
                None => last.push((reference.reference_id, *stored)),
            }
        }
        Ok(last.into_iter().map(|(_, stored)| stored).collect())
    }

    /// Those of several boxes that are not a second copy of another one.
    fn different(&self, all: &[Stored]) -> Result<Vec<Stored>> {
        if all.len() < 2 {
            return Ok(all.to_vec());
        }
        let mut known: BTreeMap<Vec<u8>, ()> = BTreeMap::new();
        let mut found = vec![];
        for stored in all {
            if known.insert(self.bytes(*stored)?, ()).is_none() {
                found.push(*stored);
            }
        }
        Ok(found)
    }

    /// A dataset, if its header came.
    fn dataset(&mut self, group: u8, id: u16) -> Result<Option<Node>> {
        let name = format!("dataset {group}:{id}");
        let collect = self.collect;
        let missing = || Error::truncated(self.end, 28 * 8).with_message(format!("no header (dthd) of {name} came"));
        let came = collect.datasets.get(&(group, id));
        let header = came.and_then(|came| Some((came, came.last(DatasetHeader::KEY)?)));
        let read = header.ok_or_else(missing).and_then(|(came, stored)| Ok((came, stored, self.decode(stored, DatasetHeader::KEY, DatasetHeader::read_box)?)));
        let Some((came, stored, header)) = self.attempt(&name, read)? else { return Ok(None) };
        let made = match header.dataset_type {
            DatasetType::Annotation => self.annotation(came, header, &name),
            DatasetType::NonAligned | DatasetType::Aligned | DatasetType::Reference => self.sequencing(came, stored, header, &name),
            other => {
                let message = format!("dataset_type {} is reserved", other.code());
                Err(Error::unsupported(stored.at.saturating_mul(8), message).in_field("dataset_type", &[]).in_field("dthd", &[]))
            }
        };
        self.attempt(&name, made)
    }
}
