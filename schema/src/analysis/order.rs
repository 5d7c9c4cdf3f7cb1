//! What runs to the end of a box stands last in it; a container lists its fields, then children, then blocks.

use crate::ast::TableKind;
use crate::diagnostic::Diagnostic;
use crate::ir::{Row, RowKind, Schema, What};

/// Checks the order of rows.
pub fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    for table in &schema.tables {
        open_end(&table.rows, false, diagnostics);
        if table.kind == TableKind::Container {
            let mut stage = Stage::Fields;
            container(&table.rows, &mut stage, diagnostics);
        }
    }
}

/// Whether bits follow these rows is `followed`; the result says whether the rows take bits.
fn open_end(rows: &[Row], followed: bool, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let mut bits_behind = followed;
    for row in rows.iter().rev() {
        match &row.kind {
            RowKind::Field(field) => {
                if bits_behind && matches!(field.what, What::Bytes(None)) {
                    diagnostics.push(Diagnostic::new("MG032", &row.span, "`bytes(..)` takes all that is left, but more follows", "not last in its box"));
                }
                bits_behind = true;
            }
            RowKind::If { then, otherwise, .. } => {
                let first = open_end(then, bits_behind, diagnostics);
                let second = open_end(otherwise, bits_behind, diagnostics);
                bits_behind |= first || second;
            }
            RowKind::For { body, .. } => {
                // A round may be followed by another one.
                bits_behind |= open_end(body, true, diagnostics);
            }
            // Alignment at the end takes bits only where something unaligned stands before it.
            RowKind::Align { .. } => {}
            RowKind::Child { .. } => bits_behind = true,
            _ => {}
        }
    }
    bits_behind
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Fields,
    Children,
    Blocks,
}

fn container(rows: &[Row], stage: &mut Stage, diagnostics: &mut Vec<Diagnostic>) {
    for row in rows {
        let wrong = match &row.kind {
            RowKind::Child { .. } => {
                let late = *stage == Stage::Blocks;
                *stage = if late { Stage::Blocks } else { Stage::Children };
                late
            }
            RowKind::Field(_) | RowKind::Align { .. } => {
                if *stage == Stage::Children {
                    *stage = Stage::Blocks;
                }
                false
            }
            RowKind::If { then, otherwise, .. } => {
                container(then, stage, diagnostics);
                container(otherwise, stage, diagnostics);
                false
            }
            RowKind::For { body, .. } => {
                container(body, stage, diagnostics);
                false
            }
            _ => false,
        };
        if wrong {
            diagnostics.push(Diagnostic::new("MG035", &row.span, "a child stands behind blocks", "children come before blocks"));
        }
    }
}
