//! Which stream carries what, as the mapping tables say (6.6.3, 6.6.4, R29).

use super::super::{FILE_HEADER, LISTS, PacketCode, data_type};
use crate::tables::{DataType, DatasetMappingTable, DatasetMappingTableList};
use mpegg_runtime::transport::HeaderCode;
use mpegg_runtime::{Error, Result};
use std::collections::BTreeMap;

/// To what the boxes of a stream belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// dataset_group_ID.
    pub group: u8,
    /// dataset_ID; nothing for what belongs to the group as a whole.
    pub dataset: Option<u16>,
    /// What they are.
    pub data_type: DataType,
}

/// What the tables say, the last that came on each stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    /// The streams of mapping tables, by group, in the order in which the groups came.
    lists: Vec<(u8, Vec<u16>)>,
    /// The mapping table of each stream; the group may not be known yet.
    tables: BTreeMap<u16, DatasetMappingTable>,
    /// What each stream carries; follows from the others.
    places: BTreeMap<u16, Vec<Place>>,
}

impl Mapping {
    /// Takes a list. Gives the streams of mapping tables.
    pub fn list(&mut self, list: &DatasetMappingTableList, position: u64) -> Result<Vec<u16>> {
        let usable = |sid: &&u16| ![LISTS, FILE_HEADER].contains(sid) && **sid < PacketCode::STREAMS;
        let sids: Vec<u16> = list.dataset_mapping_table_sid.iter().filter(usable).copied().collect();
        match self.lists.iter_mut().find(|(group, _)| *group == list.dataset_group_id) {
            Some((_, known)) => known.clone_from(&sids),
            None => self.lists.push((list.dataset_group_id, sids.clone())),
        }
        self.resolve(position)?;
        Ok(sids)
    }

    /// Takes a mapping table.
    pub fn table(&mut self, sid: u16, table: DatasetMappingTable, position: u64) -> Result<()> {
        self.tables.insert(sid, table);
        self.resolve(position)
    }

    /// Finds out what each stream carries.
    fn resolve(&mut self, position: u64) -> Result<()> {
        let mut places: BTreeMap<u16, Vec<Place>> = BTreeMap::new();
        for (group, sids) in &self.lists {
            for table in sids.iter().filter_map(|sid| self.tables.get(sid)) {
                for stream in table.data_streams.iter().filter(|stream| data_type::key(stream.data_type).is_some()) {
                    let dataset = (!data_type::is_of_group(stream.data_type)).then_some(table.dataset_id);
                    let place = Place { group: *group, dataset, data_type: stream.data_type };
                    let known = places.entry(stream.data_sid).or_default();
                    if known.iter().any(|other| (other.group, other.dataset) != (place.group, place.dataset)) {
                        let message = format!("stream {} would belong to several datasets or dataset groups", stream.data_sid);
                        let table = &DatasetMappingTable::TABLE;
                        return Err(Error::cross_reference(position, message).in_field("data_SID", &[]).in_table(table.name, table.clause, table.number));
                    }
                    if !known.contains(&place) {
                        known.push(place);
                    }
                }
            }
        }
        self.places = places;
        Ok(())
    }

    /// What each stream carries.
    pub fn places(&self) -> impl Iterator<Item = (u16, Place)> + '_ {
        self.places.iter().flat_map(|(sid, places)| places.iter().map(|place| (*sid, *place)))
    }

    /// To what a box of a key belongs that came in a stream.
    pub fn place(&self, sid: u16, key: [u8; 4]) -> Option<Place> {
        self.places.get(&sid)?.iter().find(|place| data_type::key(place.data_type) == Some(key)).copied()
    }

    /// The datasets of the groups, in the order in which they were listed.
    pub fn datasets(&self) -> impl Iterator<Item = (u8, Vec<u16>)> + '_ {
        self.lists.iter().map(|(group, sids)| {
            let tables = sids.iter().filter_map(|sid| self.tables.get(sid));
            (*group, tables.map(|table| table.dataset_id).collect())
        })
    }

    /// Whether a mapping table names the stream for a reserved data type: it is known, but not what it carries.
    pub fn is_reserved(&self, sid: u16) -> bool {
        let named = |table: &DatasetMappingTable| table.data_streams.iter().any(|stream| stream.data_sid == sid && data_type::key(stream.data_type).is_none());
        self.lists.iter().flat_map(|(_, sids)| sids).filter_map(|sid| self.tables.get(sid)).any(named)
    }

    /// Whether a list names the stream as one of mapping tables.
    pub fn has_table(&self, sid: u16) -> bool {
        self.lists.iter().any(|(_, sids)| sids.contains(&sid))
    }

    /// The group and the dataset of a stream.
    pub fn owner(&self, sid: u16) -> Option<(u8, Option<u16>)> {
        self.places.get(&sid)?.first().map(|place| (place.group, place.dataset))
    }
}
