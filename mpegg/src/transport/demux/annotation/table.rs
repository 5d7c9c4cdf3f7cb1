//! An annotation table in a file.

use super::super::build::Build;
use super::super::collect::Stored;
use super::{Group, TRAIL, TableCame};
use crate::encapsulate::Node;
use crate::tables::{
    AnnotationTableHeader, AtCdl, AtGenomicPosSortMode, AtMetadata, AtProtection, AttributeGroupHeader, AttributeGroupTileConfiguration, DatasetHeader,
    DatasetParameterSet,
};
use mpegg_runtime::bits::BOX_HEAD;
use mpegg_runtime::{Error, Result};

/// A table that can be written.
pub(super) struct Table {
    header: AnnotationTableHeader,
    /// Metadata, clinical data links and protection.
    boxes: Vec<([u8; 4], Stored)>,
    groups: Vec<Group>,
}

impl<'c> Build<'c> {
    /// Reads what came of a table.
    pub(super) fn table(&mut self, mut came: TableCame, dataset: &DatasetHeader, sets: &[DatasetParameterSet], name: &str) -> Result<Table> {
        let all = |key: [u8; 4]| came.boxes.get(&key).cloned().unwrap_or_default();
        let missing = || Error::truncated(self.end, 0).with_message(format!("no header (athd) of {name} came"));
        let stored = all(AnnotationTableHeader::KEY).last().copied().ok_or_else(missing)?;
        let header = self.decode(stored, AnnotationTableHeader::KEY, |r| AnnotationTableHeader::read_box(r, 1))?;
        if !sets.iter().any(|set| set.parameter_set_id == header.parameter_set_id) {
            let message = format!("no parameter set {} of the dataset came", header.parameter_set_id);
            let at = stored.at.saturating_mul(8);
            return Err(Error::cross_reference(at, message).in_field("parameter_set_ID", &[]).in_field("athd", &[]));
        }
        if header.at_genomic_pos_sort_mode != AtGenomicPosSortMode::SortedNone {
            self.note(format!("{name} is sorted by position, but streams do not carry its index (atix), which only a decoder can make again"));
        }
        let mut headers: Vec<AttributeGroupHeader> = vec![];
        for stored in all(AttributeGroupHeader::KEY) {
            let read = self.decode(stored, AttributeGroupHeader::KEY, |r| AttributeGroupHeader::read_box(r, 1, &header));
            let Some(read) = self.attempt(&format!("{name}: a group header"), read)? else { continue };
            match headers.iter_mut().find(|known| known.ag_class == read.ag_class) {
                Some(known) => *known = read,
                None => headers.push(read),
            }
        }
        // The main group comes first, the others as the header lists them, or as they came.
        let rank = |group: &AttributeGroupHeader| {
            let listed = header.groups.iter().position(|listed| listed.ag_class == group.ag_class);
            (group.ag_class.code() != 0, listed.unwrap_or(usize::MAX))
        };
        headers.sort_by_key(rank);
        let mut configurations: Vec<AttributeGroupTileConfiguration> = vec![];
        for stored in all(AttributeGroupTileConfiguration::KEY) {
            let read =
                self.decode(stored, AttributeGroupTileConfiguration::KEY, |r| AttributeGroupTileConfiguration::read_box(r, 1, dataset, &header, &headers, &[]));
            let Some(read) = self.attempt(&format!("{name}: a tile configuration"), read)? else { continue };
            match configurations.iter_mut().find(|known| known.ag_class == read.ag_class) {
                Some(known) => *known = read,
                None => configurations.push(read),
            }
        }
        let boxes = [AtMetadata::KEY, AtCdl::KEY, AtProtection::KEY];
        let boxes = boxes.into_iter().filter_map(|key| Some((key, *came.boxes.get(&key)?.last()?))).collect();
        let mut groups = vec![];
        for group in &headers {
            let class = group.ag_class.code();
            let units = came.units.remove(&u8::try_from(class).unwrap_or(u8::MAX)).unwrap_or_default();
            let what = format!("{name}, group {class}");
            let made = self.attribute_group(&header, group, &configurations, &units, &what);
            groups.extend(self.attempt(&what, made)?);
        }
        if let Some((class, units)) = came.units.into_iter().find(|(_, units)| !units.is_empty()) {
            let at = units.first().map_or(0, |unit| unit.at).saturating_mul(8);
            let message = format!("no header (aghd) of group {class} came, to which these access units belong");
            self.attempt::<()>(&format!("{name}, group {class}"), Err(Error::cross_reference(at, message).in_field("AG_class", &[])))?;
        }
        Ok(Table { header, boxes, groups })
    }
}

impl Table {
    /// Whether a byte offset does not fit 32 bits.
    pub fn needs_wide_offsets(&self) -> bool {
        self.groups.iter().any(|group| u32::try_from(group.length()).is_err())
    }

    /// The box of the table.
    pub fn node(self, build: &Build<'_>, dataset: &DatasetHeader) -> Result<Node> {
        let Table { mut header, boxes, groups } = self;
        (header.dataset_group_id, header.dataset_id) = (None, None);
        let mut children = vec![Node::Bytes(header.to_box(0).map_err(|error| error.in_field("athd", &[]))?)];
        for (key, stored) in boxes {
            let length = stored.length.saturating_sub(TRAIL);
            children.push(Node::Bytes([key.as_slice(), &length.to_be_bytes()].concat()));
            let skip = BOX_HEAD.saturating_add(TRAIL);
            children.push(Node::Copy(build.payload(stored.offset.saturating_add(skip), stored.length.saturating_sub(skip))));
        }
        let headers: Vec<AttributeGroupHeader> = groups.iter().map(|group| group.header.clone()).collect();
        for (number, group) in groups.iter().enumerate() {
            children.push(Node::Bytes(group.configuration(number, dataset, &header, &headers)?));
        }
        for group in groups {
            children.push(group.node(build)?);
        }
        Ok(Node::container(*b"atcn", vec![], children))
    }
}
