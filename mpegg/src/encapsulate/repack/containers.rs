//! The children of containers: kept, moved, replaced.

use super::super::Node;
use super::{Boxes, Path, Rewriter};
use crate::file::{BoxRef, Dataset, Group, Place};
use crate::tables::DatasetType;
use crate::walk::{listed, repeats};
use mpegg_runtime::{Error, Result};
use std::collections::HashSet;

/// A child of a container, by its key; of an `offs` the key of the box that it stands for.
pub(super) type Child = ([u8; 4], Node);

impl<'s> Rewriter<'_, 's> {
    /// A dataset group.
    pub fn group(&mut self, group: &Group<'s>, number: u64) -> Result<Node> {
        let node = *group.node();
        let path: Path = vec![(*b"dgcn", number)];
        let mut datasets = group.datasets()?.into_iter().zip(0..);
        let children = self.children(&node, &path, &mut |this, child| {
            Ok(Some(match &child.key() {
                b"dtcn" => match datasets.next() {
                    Some((dataset, ordinal)) => this.any_dataset(&dataset, &path, ordinal)?,
                    None => this.copy(child),
                },
                b"labl" => {
                    let mut path = path.clone();
                    path.push((*b"labl", 0));
                    let labels = this.children(child, &path, &mut |this, label| Ok(Some(this.copy(label)))).map_err(|error| error.in_field("labl", &[]))?;
                    this.container(child, labels)?
                }
                _ => this.of_edition(child, group, None)?,
            }))
        });
        let children = children.map_err(|error| if is_located(&error) { error } else { error.in_field("dgcn", &[number]) });
        self.container(&node, children?)
    }

    /// A dataset of any type.
    fn any_dataset(&mut self, dataset: &Dataset<'s>, group: &Path, number: u64) -> Result<Node> {
        let mut path = group.clone();
        path.push((*b"dtcn", number));
        let dataset_type = dataset.header().map_err(|error| error.in_field("dtcn", &[number]))?.dataset_type;
        match dataset_type {
            DatasetType::NonAligned | DatasetType::Aligned | DatasetType::Reference => {
                self.dataset(dataset, &path).map_err(|error| if is_located(&error) { error } else { error.in_field("dtcn", &[number]) })
            }
            _ => self.annotation(dataset, &path).map_err(|error| error.in_field("dtcn", &[number])),
        }
    }

    /// A dataset of annotation data: its offsets count from containers that are kept as they are.
    fn annotation(&mut self, dataset: &Dataset<'s>, path: &Path) -> Result<Node> {
        self.check_annotation_edition(dataset)?;
        let node = *dataset.node();
        let mut tables = 0;
        let children = self.children(&node, path, &mut |this, child| {
            if child.key() != *b"atcn" {
                return this.of_edition(child, dataset.group(), Some(dataset)).map(Some);
            }
            let number = tables;
            tables += 1;
            this.annotation_table(dataset, child, path, number).map(Some).map_err(|error| error.in_field("atcn", &[number]))
        })?;
        self.container(&node, children)
    }

    fn annotation_table(&mut self, dataset: &Dataset<'s>, table: &BoxRef<'s>, outer: &Path, number: u64) -> Result<Node> {
        let mut path = outer.clone();
        path.push((*b"atcn", number));
        let children = self.children(table, &path, &mut |this, child| match &child.key() {
            b"atix" => this.table_index(dataset, table, child).map(Some),
            _ => Ok(Some(this.copy(child))),
        })?;
        self.container(table, children)
    }

    /// A container around other children.
    pub fn container(&self, node: &BoxRef<'s>, children: Vec<Child>) -> Result<Node> {
        let (offset, length) = node.fields();
        let fields = self.sources.read(&self.payload(offset, length))?;
        Ok(Node::container(node.key(), fields, children.into_iter().map(|(_, node)| node).collect()))
    }

    /// The children of a container, as `convert` makes them; it gives nothing for a child that it keeps elsewhere.
    pub fn children(&mut self, node: &BoxRef<'s>, path: &Path, convert: &mut dyn FnMut(&mut Self, &BoxRef<'s>) -> Result<Option<Node>>) -> Result<Vec<Child>> {
        let table = node.table();
        // Keys of boxes that occur once and that an `offs` addresses: others of the key do not count (R4).
        let mut addressed = HashSet::new();
        for place in node.each_place() {
            if let Place::Offs { sub_key, target: Some(_), .. } = place?
                && !repeats(table, sub_key)
            {
                addressed.insert(sub_key);
            }
        }
        let mut made: Vec<Child> = vec![];
        for place in node.each_place() {
            let (child, moved) = match place? {
                Place::Here(child) => (child, false),
                Place::Offs { sub_key, target: None, .. } => {
                    made.push((sub_key, Node::Placeholder(sub_key)));
                    continue;
                }
                Place::Offs { at, target: Some(child), .. } => {
                    self.take(at, &child)?;
                    (child, true)
                }
            };
            let key = child.key();
            let ignored = !moved && addressed.contains(&key);
            if ignored {
                let stays = match &self.change.boxes {
                    Boxes::AsFound => true,
                    Boxes::Behind(keys) => !keys.contains(&key),
                    Boxes::InPlace => false,
                };
                if stays {
                    made.push((key, self.copy(&child)));
                }
                continue;
            }
            match self.edit(path, &child)? {
                Some(edited) => made.push((key, self.at_its_place(key, edited, moved))),
                None => {
                    if let Some(converted) = convert(self, &child)? {
                        made.push((key, self.at_its_place(key, converted, moved)));
                    }
                }
            }
        }
        self.add_boxes(node, path, &mut made);
        Ok(made)
    }

    /// The box that takes the place of this one, if any.
    fn edit(&mut self, path: &Path, child: &BoxRef<'s>) -> Result<Option<Node>> {
        let mut found = None;
        for (number, edit) in self.edits.iter().enumerate() {
            if edit.path == *path && edit.key == child.key() && (edit.replaces)(child)? {
                found = Some(number);
                break;
            }
        }
        Ok(found.map(|number| Node::Bytes(self.edits.remove(number).bytes)))
    }

    /// New boxes, and placeholders, behind those that the table has in front of them.
    fn add_boxes(&mut self, node: &BoxRef<'s>, path: &Path, made: &mut Vec<Child>) {
        while let Some(number) = self.edits.iter().position(|edit| edit.path == *path) {
            let edit = self.edits.remove(number);
            let new = self.at_its_place(edit.key, Node::Bytes(edit.bytes), false);
            insert(node, made, (edit.key, new));
        }
        for key in &self.change.placeholders {
            let has = made.iter().any(|(known, node)| known == key && matches!(node, Node::Placeholder(_)));
            if !has && rank(node, *key).is_some() {
                insert(node, made, (*key, Node::Placeholder(*key)));
            }
        }
    }

    fn at_its_place(&self, key: [u8; 4], node: Node, moved: bool) -> Node {
        let behind = match &self.change.boxes {
            Boxes::AsFound => moved,
            Boxes::Behind(keys) => moved || keys.contains(&key),
            Boxes::InPlace => false,
        };
        if behind { Node::Elsewhere { key, node: Box::new(node) } } else { node }
    }
}

/// Whether an error tells the whole path already.
fn is_located(error: &Error) -> bool {
    error.path().starts_with("dgcn[")
}

/// The place of a key among the rows of a container's table.
fn rank(node: &BoxRef<'_>, key: [u8; 4]) -> Option<usize> {
    listed(node.table()?).iter().position(|(_, table)| table.key == Some(key))
}

fn insert(node: &BoxRef<'_>, made: &mut Vec<Child>, child: Child) {
    let own = rank(node, child.0);
    let behind = made.iter().rposition(|(key, _)| rank(node, *key).is_some_and(|other| Some(other) <= own));
    made.insert(behind.map_or(0, |last| last + 1), child);
}
