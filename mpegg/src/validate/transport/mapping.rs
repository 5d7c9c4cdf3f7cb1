//! The lists of mapping tables and the mapping tables (6.6.3, 6.6.4).

use super::super::finding::Findings;
use super::super::model::{Found, Input, Stream};
use super::super::rule::rules;
use crate::tables::{DataType, DatasetMappingTable};
use std::collections::{HashMap, HashSet};

rules! {
    /// A list of mapping tables belongs to a dataset group of the stream.
    LIST_GROUP: Error "dmtl.dataset_group_ID" "6.6.3.3"
    /// A stream of mapping tables is listed once, for one dataset group.
    LISTED_TWICE: Error "dmtl.dataset_mapping_table_SID_unique" "6.6.3.3"
    /// A mapping table is sent on each stream that the lists name.
    NO_TABLE: Error "dmtl.dataset_mapping_table_SID_present" "6.6.4.1"
    /// A mapping table is sent on a stream that a list names.
    NOT_LISTED: Error "dmtb.SID" "6.6.3.1"
    /// A mapping table belongs to a dataset that its group lists.
    DATASET: Error "dmtb.dataset_ID" "6.6.4.3"
    /// A dataset has one mapping table.
    DATASET_TWICE: Error "dmtb.dataset_ID_unique" "6.6.4.1"
    /// Each dataset that a group lists has a mapping table.
    NOT_MAPPED: Error "dghd.dataset_ID_mapped" "6.6.4.1"
    /// A data stream does not carry mapping tables.
    OF_TABLES: Error "dmtb.data_SID_of_table" "6.6.2"
    /// A data stream carries data of one type.
    TYPE: Error "dmtb.data_SID_type" "6.6.5.2.3"
    /// A data stream carries data of one dataset, or of one dataset group where its type is one of groups.
    SHARED: Error "dmtb.data_SID_unique" "6.6.4.3"
}

/// Checks them.
pub(super) fn check(stream: &Stream, input: &Input, findings: &mut Findings) {
    let groups: HashMap<u8, HashSet<u16>> =
        input.groups.iter().filter_map(|group| Some((group.id()?, group.header.as_ref()?.value.dataset_id.iter().copied().collect()))).collect();
    let sent: HashSet<u16> = stream.tables.iter().map(|(sid, _)| *sid).collect();
    let mut group_of: HashMap<u16, u8> = HashMap::new();
    for list in &stream.lists {
        let group = list.value.dataset_group_id;
        if !groups.contains_key(&group) {
            findings.field(&LIST_GROUP, list.at, "dataset_group_ID", &[], format!("the stream has no header of a dataset group {group}"));
        }
        for (i, sid) in (0u64..).zip(&list.value.dataset_mapping_table_sid) {
            if group_of.insert(*sid, group).is_some() {
                findings.field(&LISTED_TWICE, list.at, "dataset_mapping_table_SID", &[i], format!("the stream {sid} is listed before"));
            } else if !sent.contains(sid) {
                findings.field(&NO_TABLE, list.at, "dataset_mapping_table_SID", &[i], format!("no mapping table is sent on the stream {sid}"));
            }
        }
    }
    let mut check = Check { group_of: &group_of, groups: &groups, mapped: HashSet::new(), users: HashMap::new(), findings };
    for (sid, table) in &stream.tables {
        check.table(*sid, table);
    }
    let mapped = check.mapped;
    for header in input.groups.iter().filter_map(|group| group.header.as_ref()) {
        for (i, dataset) in (0u64..).zip(&header.value.dataset_id) {
            if !mapped.contains(&(header.value.dataset_group_id, *dataset)) {
                findings.field(&NOT_MAPPED, header.at, "dataset_ID", &[i], format!("the dataset {dataset} has no mapping table"));
            }
        }
    }
}

struct Check<'c> {
    group_of: &'c HashMap<u16, u8>,
    groups: &'c HashMap<u8, HashSet<u16>>,
    /// The datasets that have a table.
    mapped: HashSet<(u8, u16)>,
    /// Who uses a data stream first: the group and dataset, and the type.
    users: HashMap<u16, (u8, u16, DataType)>,
    findings: &'c mut Findings,
}

impl Check<'_> {
    fn table(&mut self, sid: u16, table: &Found<DatasetMappingTable>) {
        let dataset = table.value.dataset_id;
        let Some(group) = self.group_of.get(&sid).copied() else {
            self.findings.of_box(&NOT_LISTED, table.at, format!("no list names the stream {sid} of this mapping table"));
            return;
        };
        if self.groups.get(&group).is_some_and(|datasets| !datasets.contains(&dataset)) {
            self.findings.field(&DATASET, table.at, "dataset_ID", &[], format!("the dataset group {group} does not list the dataset {dataset}"));
        }
        if !self.mapped.insert((group, dataset)) {
            self.findings.field(&DATASET_TWICE, table.at, "dataset_ID", &[], format!("another mapping table belongs to the dataset {dataset} too"));
        }
        for (i, entry) in (0u64..).zip(&table.value.data_streams) {
            let (on, what) = (entry.data_sid, entry.data_type);
            if self.group_of.contains_key(&on) {
                self.findings.field(&OF_TABLES, table.at, "data_SID", &[i], format!("the stream {on} carries mapping tables"));
            }
            let (of_group, of_dataset, first) = *self.users.entry(on).or_insert((group, dataset, what));
            if first != what {
                let message = format!("the stream {on} carries data of the type {} already", first.code());
                self.findings.field(&TYPE, table.at, "data_SID", &[i], message);
            } else if of_group != group || of_dataset != dataset && !is_of_groups(what) {
                let message = format!("the stream {on} carries data of the dataset {of_dataset} of the group {of_group} already");
                self.findings.field(&SHARED, table.at, "data_SID", &[i], message);
            }
        }
    }
}

/// Whether data of a type belongs to a dataset group, not to a dataset.
fn is_of_groups(data_type: DataType) -> bool {
    matches!(data_type.code(), 0 | 1 | 2 | 5 | 6 | 8 | 17)
}
