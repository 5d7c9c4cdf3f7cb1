//! Stream_IDs (6.6.2), and the tables that tell what they carry (6.6.3, 6.6.4).

use super::super::bits::Bits;
use super::super::model::File;
use super::super::piece::Piece;
use super::super::random::Rng;
use super::Sent;
use std::collections::{BTreeMap, BTreeSet};

/// Data types that belong to a group, not to one dataset of it.
const OF_GROUPS: [u8; 7] = [0, 1, 2, 5, 6, 8, 17];
/// Data types of a dataset.
const OF_DATASETS: [u8; 19] = [3, 4, 7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25];

/// A dataset mapping table: its own SID, and data_type and data_SID.
pub struct Table {
    pub group: u8,
    pub dataset: u16,
    pub sid: u16,
    pub streams: Vec<(u8, u16)>,
}

pub struct Mapping {
    /// The tables, group by group.
    pub tables: Vec<Table>,
    /// The SID of each box.
    pub sids: Vec<u16>,
    /// Whether a stream carries data of several types: a validator says that its SID does not identify them (6.6.5.2.3).
    pub shared: bool,
}

impl Mapping {
    /// The list of a group (Table 66).
    pub fn list(&self, group: u8) -> Vec<u8> {
        let mut value = vec![group];
        self.tables.iter().filter(|table| table.group == group).for_each(|table| value.extend(table.sid.to_be_bytes()));
        Piece::boxed(b"dmtl", value).finish()
    }
}

impl Table {
    /// Table 67, with the streams that are wanted.
    pub fn bytes(&self, wanted: impl Fn(u16) -> bool) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.u(self.dataset.into(), 16);
        for (data_type, sid) in self.streams.iter().filter(|(_, sid)| wanted(*sid)) {
            bits.u((*data_type).into(), 8);
            bits.u((*sid).into(), 16);
        }
        Piece::boxed(b"dmtb", bits.finish()).finish()
    }
}

/// SIDs that are not taken.
struct Free(BTreeSet<u16>);

impl Free {
    fn take(&mut self, rng: &mut Rng) -> u16 {
        loop {
            let sid = if rng.chance(10) { rng.pick(&[2, 8191, 255, 256, 4096]) } else { rng.between(2, 8191) as u16 };
            if self.0.insert(sid) {
                return sid;
            }
        }
    }
}

/// A SID or several for each data type; several data types of a dataset, or of a group, may share one.
pub fn allocate(rng: &mut Rng, file: &File, boxes: &[Sent]) -> Mapping {
    let mut free = Free([0, 1].into());
    let mut tables: Vec<Table> = vec![];
    for group in &file.groups {
        let mut datasets: Vec<u16> = group.datasets.iter().map(|dataset| dataset.id).collect();
        if rng.chance(30) {
            rng.shuffle(&mut datasets);
        }
        tables.extend(datasets.into_iter().map(|dataset| Table { group: group.id, dataset, sid: free.take(rng), streams: vec![] }));
    }
    let mut of_type: BTreeMap<(u8, Option<u16>, u8), Vec<usize>> = BTreeMap::new();
    for (number, one) in boxes.iter().enumerate() {
        of_type.entry((one.group, one.dataset, one.data_type)).or_default().push(number);
    }
    // Types that nothing is sent of may be listed as well.
    for table in &tables {
        for data_type in OF_DATASETS {
            if rng.chance(5) {
                of_type.entry((table.group, Some(table.dataset), data_type)).or_default();
            }
        }
        for data_type in OF_GROUPS {
            if rng.chance(5) {
                of_type.entry((table.group, None, data_type)).or_default();
            }
        }
    }
    let mut sids = vec![0; boxes.len()];
    let mut shared: BTreeMap<(u8, Option<u16>), u16> = BTreeMap::new();
    let sharing = rng.chance(10);
    let sharing: BTreeMap<(u8, Option<u16>), u64> =
        of_type.keys().map(|(group, dataset, _)| ((*group, *dataset), if sharing { rng.pick(&[0, 40, 100]) } else { 0 })).collect();
    for ((group, dataset, data_type), numbers) in of_type {
        let place = (group, dataset);
        let mut channel = vec![];
        let count = if numbers.len() > 1 && rng.chance(10) { rng.between(2, 3) } else { 1 };
        for _ in 0..count {
            let sid = if rng.chance(sharing[&place]) { *shared.entry(place).or_insert_with(|| free.take(rng)) } else { free.take(rng) };
            if !channel.contains(&sid) {
                channel.push(sid);
            }
        }
        for number in numbers {
            sids[number] = rng.pick(&channel);
        }
        // What belongs to a group is listed by one of its tables, or by several.
        let mut listing: Vec<usize> = (0..tables.len()).filter(|at| tables[*at].group == group && dataset.is_none_or(|id| id == tables[*at].dataset)).collect();
        rng.shuffle(&mut listing);
        if dataset.is_none() {
            listing.truncate(rng.between(1, listing.len() as u64) as usize);
        }
        for at in listing {
            tables[at].streams.extend(channel.iter().map(|sid| (data_type, *sid)));
        }
    }
    for table in &mut tables {
        rng.shuffle(&mut table.streams);
    }
    Mapping { tables, sids, shared: !shared.is_empty() }
}
