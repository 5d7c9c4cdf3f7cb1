//! Boxes that stand elsewhere (6.5.4): where an `offs` may stand, and which instances of a box count for nothing. An `offs` that addresses
//! no box is an error of reading.

use super::finding::Findings;
use super::model::Node;
use super::rule::{self, rules};
use crate::tables::descriptions;
use crate::walk::{has_tail, listed, read_head, repeats};
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Table};
use mpegg_runtime::walk::{Cursor, NoScope, RuleEvent, Visitor, walk_struct};
use mpegg_runtime::{Limits, Result};
use std::collections::HashSet;
use std::rc::Rc;

rules! {
    /// An `offs` stands in a container that can hold the box that it addresses.
    PLACE: Error "offs.SubKey" "6.5.4"
}

/// Checks the `offs` of a file. Returns the bytes of the boxes that count for nothing, because an `offs` beside them addresses the
/// valid instance (R4).
///
/// # Errors
///
/// I/O.
pub(super) fn check(source: &dyn Source, limits: &Limits, findings: &mut Findings) -> Result<HashSet<u64>> {
    let shared: Rc<dyn Source + '_> = Rc::new(source);
    let (mut groups, mut at) = (vec![], 0);
    while let Ok(head) = read_head(source, at, source.len()) {
        if head.key == *b"dgcn" {
            groups.push(Node::in_file(&shared, head, limits));
        }
        at = head.end();
        if at >= source.len() {
            break;
        }
    }
    let behind = groups.last().map_or(0, Node::end);
    let mut check = Check { behind, ignored: HashSet::new(), findings };
    for group in groups {
        check.container(&group, &descriptions::DATASET_GROUP, 0);
    }
    Ok(check.ignored)
}

struct Check<'f> {
    /// The first byte behind the last dataset group.
    behind: u64,
    ignored: HashSet<u64>,
    findings: &'f mut Findings,
}

impl Check<'_> {
    fn container(&mut self, node: &Node, table: &'static Table, depth: u32) {
        let rows = listed(table);
        let mut once: Vec<Node> = vec![];
        let mut addressed: HashSet<[u8; 4]> = HashSet::new();
        for child in node.boxes(table) {
            let child = if child.key() == *b"offs" {
                self.offs(&child, &rows);
                let Some(target) = child.addressed(self.behind) else { continue };
                addressed.insert(target.key());
                target
            } else {
                child
            };
            let Some((_, inner)) = rows.iter().find(|(_, table)| table.key == Some(child.key())) else { continue };
            // Where blocks follow, no box can stand elsewhere.
            if inner.kind == TableKind::Container && !has_tail(inner) && depth < child.limits.depth {
                self.container(&child, inner, depth + 1);
            } else if !child.through_offs && !repeats(Some(table), child.key()) {
                once.push(child);
            }
        }
        self.ignored.extend(once.iter().filter(|node| addressed.contains(&node.key())).map(|node| node.at));
    }

    fn offs(&mut self, node: &Node, rows: &[(&'static str, &'static Table)]) {
        self.rules_of_schema(node);
        let Ok(sub_key) = node.sub_key() else { return };
        if rows.iter().all(|(_, table)| table.key != Some(sub_key)) {
            let message = format!("a box `{}` does not stand in this container", sub_key.escape_ascii());
            self.findings.field(&PLACE, node.at, "SubKey", &[], message);
        }
    }

    /// The rules of the table, which the walk does not look at for an `offs`.
    fn rules_of_schema(&mut self, node: &Node) {
        let mut broken = Broken::default();
        let start = node.head.offset.saturating_mul(8);
        let mut cursor = Cursor::range(&node.source, start, start.saturating_add(node.head.length.saturating_mul(8)));
        let _ = walk_struct(&mut cursor, &descriptions::OFFSET, &NoScope, &mut broken, &node.limits);
        for (row, field) in broken.0 {
            if let Some(rule) = rule::of_row(row) {
                self.findings.field(rule, node.at, field, &[], rule.text.trim());
            }
        }
    }
}

#[derive(Default)]
struct Broken(Vec<(&'static mpegg_runtime::table::Rule, &'static str)>);

impl Visitor for Broken {
    fn rule(&mut self, event: &RuleEvent) {
        if event.holds == Some(false) {
            self.0.push((event.rule, event.field.unwrap_or("Key")));
        }
    }

    fn wants_rules(&self) -> bool {
        true
    }
}
