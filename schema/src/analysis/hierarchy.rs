//! Table 10 and the containers agree: a key stands below another in one exactly when it does in the other.

use crate::ast::TableKind;
use crate::diagnostic::Diagnostic;
use crate::ir::{Level, Row, RowKind, Schema, What};
use std::collections::BTreeSet;

/// Compares each line of Table 10 that has a container with the children of that container.
pub fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    for level in &schema.hierarchy {
        check_level(level, schema, diagnostics);
    }
}

fn check_level(level: &Level, schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    let table = schema.tables.iter().find(|table| table.key.as_deref() == Some(level.key.as_str()));
    if let Some(table) = table.filter(|table| table.kind == TableKind::Container) {
        let mut children = BTreeSet::new();
        keys(&table.rows, schema, &mut children);
        let listed: BTreeSet<&str> = level.children.iter().map(|child| child.key.as_str()).collect();
        for child in &children {
            let known = listed.contains(child.as_str()) || below(&schema.hierarchy, child);
            if !known {
                let message = format!("`{}` has the child \"{child}\", which Table 10 does not know", table.name);
                diagnostics.push(Diagnostic::new("MG036", &table.span, message, "not in the hierarchy"));
            }
        }
        for child in level.children.iter().filter(|child| child.scope != crate::ast::Scope::Transport) {
            let is_container_child = schema.tables.iter().any(|other| other.key.as_deref() == Some(child.key.as_str()));
            if is_container_child && !children.contains(&child.key) && !embedded_elsewhere(schema, &child.key) {
                let message = format!("Table 10 puts \"{}\" into \"{}\", but `{}` has no such child", child.key, level.key, table.name);
                diagnostics.push(Diagnostic::new("MG036", &table.span, message, "a child is missing"));
            }
        }
    }
    for child in &level.children {
        check_level(child, schema, diagnostics);
    }
}

fn below(levels: &[Level], key: &str) -> bool {
    levels.iter().any(|level| level.key == key || below(&level.children, key))
}

/// Boxes that stand inside other tables at a fixed place (msix in avix, lbll in labl) are not children here.
fn embedded_elsewhere(schema: &Schema, key: &str) -> bool {
    schema.tables.iter().any(|table| {
        let mut found = BTreeSet::new();
        keys(&table.rows, schema, &mut found);
        found.contains(key)
    })
}

fn keys(rows: &[Row], schema: &Schema, found: &mut BTreeSet<String>) {
    for row in rows {
        match &row.kind {
            RowKind::Child { table, .. } => found.extend(schema.tables.get(*table).and_then(|table| table.key.clone())),
            RowKind::Field(field) => {
                if let What::Table { table, .. } = field.what {
                    found.extend(schema.tables.get(table).and_then(|table| table.key.clone()));
                }
            }
            RowKind::If { then, otherwise, .. } => {
                keys(then, schema, found);
                keys(otherwise, schema, found);
            }
            RowKind::For { body, .. } => keys(body, schema, found),
            _ => {}
        }
    }
}
