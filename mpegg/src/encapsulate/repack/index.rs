//! The index of an annotation table, in which an `offs` can stand in the place of a box, at any bit.

use super::super::Node;
use super::Rewriter;
use crate::file::{BoxRef, Dataset};
use crate::tables::descriptions;
use crate::walk::{Inside, Level, Step, first_child};
use mpegg_runtime::Result;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{BoxHead, Cursor, FieldEvent, FieldValue, Visitor, walk_box};
use std::rc::Rc;

impl<'s> Rewriter<'_, 's> {
    /// The index as it stands, but for the offsets of boxes that stand elsewhere.
    pub fn table_index(&mut self, dataset: &Dataset<'s>, table: &BoxRef<'s>, index: &BoxRef<'s>) -> Result<Node> {
        let top = Rc::new(Level::top(index.source(), index.limits()));
        let inside = |outer: &Rc<Level<'s>>, node: &BoxRef<'s>, table: &'static Table| {
            let step = Step { key: node.key(), ordinal: 0, repeats: false };
            Rc::new(outer.inside(table, first_child(table, node.offset()), node.end(), step))
        };
        let level = inside(&inside(&top, dataset.node(), &descriptions::DATASET), table, &descriptions::ANNOTATION_TABLE);
        let mut seen = Seen::default();
        let mut cursor = Cursor::range(index.source(), index.offset().saturating_mul(8), index.end().saturating_mul(8));
        // What is wrong with an index is kept with it.
        let _ = walk_box(&mut cursor, &descriptions::ANNOTATION_TABLE_INDEX, &Inside(level), &mut seen, index.limits());
        let mut offsets = vec![];
        for (bit, offset) in seen.0 {
            let target = index.elsewhere(offset)?;
            self.take(bit.saturating_sub(64) / 8, &target)?;
            offsets.push((bit.saturating_sub(index.offset().saturating_mul(8)), self.copy(&target)));
        }
        let payload = self.payload(index.offset(), index.length());
        Ok(if offsets.is_empty() { Node::Copy(payload) } else { Node::Patched { payload, offsets } })
    }
}

/// The bit and the value of each Offset.
#[derive(Default)]
struct Seen(Vec<(u64, u64)>);

impl Visitor for Seen {
    fn skips(&self, head: &BoxHead) -> bool {
        matches!(&head.key, b"grix" | b"avix" | b"msix")
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        if let ("Offset", FieldValue::Int(offset)) = (event.name, &event.value)
            && *offset != u64::MAX
        {
            self.0.push((event.bit, *offset));
        }
    }
}
