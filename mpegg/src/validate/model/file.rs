//! A file as [`Input`].

use super::{AnnotationTable, AttributeGroup, Dataset, DescriptorStream, Found, Group, Input, Node, Tails};
use crate::tables::{
    AnnotationTableHeader, AttributeGroupHeader, DatasetGroupHeader, DatasetHeader, DatasetParameterSet, DescriptorStreamHeader, FileHeader, Label, Reference,
    ReferenceMetadata, descriptions,
};
use crate::walk::read_head;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{Container, Cursor, FieldEvent, FieldValue, NoScope, Visitor};
use mpegg_runtime::{Limits, Result};
use std::rc::Rc;

/// Reads the headers of a file.
///
/// # Errors
///
/// I/O.
pub fn read<'s>(source: &'s dyn Source, limits: &Limits, tails: &Rc<Tails>) -> Result<Input<'s>> {
    let source: Rc<dyn Source + 's> = Rc::new(source);
    let mut top = vec![];
    let mut at = 0;
    while let Ok(head) = read_head(&source, at, source.len()) {
        at = head.end();
        top.push(Node::in_file(&source, head, limits, tails));
        if at >= source.len() {
            break;
        }
    }
    let header = match top.iter().find(|node| node.key() == FileHeader::KEY) {
        Some(node) => node.decode(FileHeader::read_box)?,
        None => None,
    };
    let groups: Vec<&Node> = top.iter().filter(|node| node.key() == *b"dgcn").collect();
    let behind = groups.last().map_or(0, |node| node.end());
    let reader = Reader { file: header.as_ref().map(|header| header.value.clone()).unwrap_or_default(), behind };
    let groups: Result<Vec<Group>> = groups.into_iter().map(|node| reader.group(node)).collect();
    Ok(Input { header, groups: groups?, is_stream: false })
}

struct Reader {
    file: FileHeader,
    /// The first byte behind all dataset groups: what an `offs` addresses stands there.
    behind: u64,
}

/// The children of a container by key, `offs` resolved, access units of sequencing data left out.
struct Children<'s>(Vec<Node<'s>>);

impl<'s> Children<'s> {
    fn all(&self, key: [u8; 4]) -> impl Iterator<Item = &Node<'s>> {
        self.0.iter().filter(move |node| node.key() == key)
    }

    /// The child that may occur once: one that an `offs` addresses is the valid one (R4).
    fn one(&self, key: [u8; 4]) -> Option<&Node<'s>> {
        self.all(key).find(|node| node.through_offs).or_else(|| self.all(key).next())
    }
}

impl Reader {
    fn children<'s>(&self, node: &Node<'s>, table: &'static Table) -> Children<'s> {
        children(node, table, self.behind)
    }

    fn group<'s>(&self, node: &Node<'s>) -> Result<Group<'s>> {
        let children = self.children(node, &descriptions::DATASET_GROUP);
        let header = one(&children, DatasetGroupHeader::KEY, DatasetGroupHeader::read_box)?;
        let references: Result<Vec<_>> = children.all(Reference::KEY).map(|node| node.decode(|r| Reference::read_box(r, &self.file))).collect();
        let metadata = |node: &Node| Ok(node.decode(ReferenceMetadata::read_box)?.map(|found| Found { at: found.at, value: found.value.reference_id }));
        let metadata: Result<Vec<_>> = children.all(ReferenceMetadata::KEY).map(metadata).collect();
        let labels = match children.one(*b"labl") {
            Some(list) => Some(labels(list, self.behind)?),
            None => None,
        };
        let datasets: Result<Vec<Dataset>> = children.all(*b"dtcn").map(|node| self.dataset(node)).collect();
        Ok(Group {
            header,
            references: references?.into_iter().flatten().collect(),
            reference_metadata: metadata?.into_iter().flatten().collect(),
            labels,
            datasets: datasets?,
        })
    }

    fn dataset<'s>(&self, node: &Node<'s>) -> Result<Dataset<'s>> {
        let children = self.children(node, &descriptions::DATASET);
        let header = one(&children, DatasetHeader::KEY, DatasetHeader::read_box)?;
        let (mut sets, mut sets_at) = (vec![], vec![]);
        if let Some(header) = &header {
            for node in children.all(DatasetParameterSet::KEY) {
                if let Some(set) = node.decode(|r| DatasetParameterSet::read_box(r, &self.file, &header.value))? {
                    sets_at.push(set.at);
                    sets.push(set.value);
                }
            }
        }
        let streams: Result<Vec<DescriptorStream>> = children.all(*b"dscn").map(descriptor_stream).collect();
        let tables: Result<Vec<AnnotationTable>> = children.all(*b"atcn").map(|node| self.annotation_table(node)).collect();
        let table = children.one(*b"mitb").cloned();
        Ok(Dataset { node: Some(node.clone()), header, sets, sets_at, table, streams: streams?, tables: tables?, ..Dataset::default() })
    }

    fn annotation_table<'s>(&self, node: &Node<'s>) -> Result<AnnotationTable<'s>> {
        let children = self.children(node, &descriptions::ANNOTATION_TABLE);
        let header = one(&children, AnnotationTableHeader::KEY, |r| AnnotationTableHeader::read_box(r, 0))?;
        let mut groups = vec![];
        for node in children.all(*b"agcn") {
            let inside = self.children(node, &descriptions::ATTRIBUTE_GROUP);
            let of = header.as_ref().map(|header| &header.value);
            let header = match of {
                Some(table) => one(&inside, AttributeGroupHeader::KEY, |r| AttributeGroupHeader::read_box(r, 0, table))?,
                None => None,
            };
            groups.push(AttributeGroup { offset: node.head.offset, at: node.at, header, units: inside.all(*b"aauc").cloned().collect() });
        }
        let configurations = children.all(*b"agtc").cloned().collect();
        Ok(AnnotationTable { header, configurations, index: children.one(*b"atix").cloned(), groups })
    }
}

fn children<'s>(node: &Node<'s>, table: &'static Table, behind: u64) -> Children<'s> {
    let listed = node.boxes(table).filter(|child| child.key() != *b"aucn");
    Children(listed.filter_map(|child| if child.key() == *b"offs" { child.addressed(behind) } else { Some(child) }).collect())
}

/// num_labels and the labels of a list; `behind` is the first byte at which addressed boxes stand.
pub(super) fn labels(list: &Node, behind: u64) -> Result<(Found<u16>, Vec<Found<Label>>)> {
    let many = field_before_children(list, &descriptions::LABEL_LIST, "num_labels");
    let children = children(list, &descriptions::LABEL_LIST, behind);
    let labels: Result<Vec<_>> = children.all(Label::KEY).map(|node| node.decode(Label::read_box)).collect();
    let many = Found { at: list.at, value: u16::try_from(many.unwrap_or(0)).unwrap_or(u16::MAX) };
    Ok((many, labels?.into_iter().flatten().collect()))
}

fn one<T>(children: &Children, key: [u8; 4], read: impl FnOnce(&mut mpegg_runtime::bits::BitReader<'_>) -> Result<T>) -> Result<Option<Found<T>>> {
    children.one(key).map_or(Ok(None), |node| node.decode(read))
}

fn descriptor_stream(node: &Node) -> Result<DescriptorStream> {
    let mut header = None;
    let mut start = node.head.offset.saturating_add(12);
    for child in node.boxes(&descriptions::DESCRIPTOR_STREAM) {
        start = child.end();
        if child.key() == DescriptorStreamHeader::KEY && header.is_none() {
            header = child.decode(DescriptorStreamHeader::read_box)?;
        }
    }
    Ok(DescriptorStream { at: node.at, header, payload: (start, node.end()) })
}

/// A field of a container that stands before its children.
pub(super) fn field_before_children(node: &Node, table: &'static Table, name: &str) -> Option<u64> {
    struct One<'n>(&'n str, Option<u64>);
    impl Visitor for One<'_> {
        fn field(&mut self, event: &FieldEvent<'_>) {
            if let FieldValue::Int(value) = event.value
                && event.name == self.0
            {
                self.1 = Some(value);
            }
        }
    }
    let mut found = One(name, None);
    let (start, end) = (node.head.offset.saturating_mul(8), node.end().saturating_mul(8));
    let mut cursor = Cursor::range(&node.source, start, end);
    // What is wrong with it the walk tells.
    let _ = Container::new(table, &NoScope, start, node.head.length).before(&mut cursor, &mut found, &node.limits);
    found.1
}
