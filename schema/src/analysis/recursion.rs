//! Structures embed each other without cycles, so that depth is bounded by the schema.

use crate::diagnostic::Diagnostic;
use crate::ir::{Row, RowKind, Schema, What};

/// Reports every structure that contains itself.
pub fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    let edges: Vec<Vec<usize>> = schema.tables.iter().map(|table| embedded(&table.rows)).collect();
    let mut state = vec![State::New; edges.len()];
    for start in 0..edges.len() {
        visit(start, &edges, &mut state, schema, diagnostics);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Depth-first without recursion of its own.
fn visit(start: usize, edges: &[Vec<usize>], state: &mut [State], schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    if state.get(start) != Some(&State::New) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((table, next)) = stack.pop() {
        if let Some(state) = state.get_mut(table) {
            *state = State::Open;
        }
        match edges.get(table).and_then(|edges| edges.get(next)).copied() {
            Some(inner) => {
                stack.push((table, next + 1));
                match state.get(inner) {
                    Some(State::New) => stack.push((inner, 0)),
                    Some(State::Open) => {
                        if let Some(found) = schema.tables.get(inner) {
                            let message = format!("`{}` contains itself", found.name);
                            diagnostics.push(Diagnostic::new("MG026", &found.span, message, "without a limit of depth"));
                        }
                    }
                    _ => {}
                }
            }
            None => {
                if let Some(state) = state.get_mut(table) {
                    *state = State::Done;
                }
            }
        }
    }
}

fn embedded(rows: &[Row]) -> Vec<usize> {
    let mut found = vec![];
    for row in rows {
        match &row.kind {
            RowKind::Field(field) => {
                if let What::Table { table, .. } = field.what {
                    found.push(table);
                }
            }
            RowKind::Child { table, .. } => found.push(*table),
            RowKind::If { then, otherwise, .. } => {
                found.extend(embedded(then));
                found.extend(embedded(otherwise));
            }
            RowKind::For { body, .. } => found.extend(embedded(body)),
            _ => {}
        }
    }
    found
}
