//! A field of another table that exists on some paths only is used with `??`.

use crate::diagnostic::Diagnostic;
use crate::ir::{Expr, Row, RowKind, Rule, Schema, SlotKind, Until, What};

/// Reports members that may be absent.
pub fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    for table in &schema.tables {
        for row in &table.rows {
            check_row(row, schema, diagnostics);
        }
    }
}

fn check_row(row: &Row, schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    for expr in row_expressions(row) {
        check_expr(expr, false, row, schema, diagnostics);
    }
    let (first, second): (&[Row], &[Row]) = match &row.kind {
        RowKind::If { then, otherwise, .. } => (then, otherwise),
        RowKind::For { body, .. } => (body, &[]),
        _ => (&[], &[]),
    };
    for inner in first.iter().chain(second) {
        check_row(inner, schema, diagnostics);
    }
}

/// The expressions of a row itself, without those of the rows inside it.
pub fn row_expressions(row: &Row) -> Vec<&Expr> {
    match &row.kind {
        RowKind::Field(field) => {
            let mut found: Vec<&Expr> = field.subs.iter().collect();
            match &field.what {
                What::Unsigned(width) | What::Bits(width) | What::Bytes(Some(width)) => found.push(width),
                What::Letters(bits, alphabet) => found.extend([bits, alphabet]),
                What::Table { args, deferred, .. } => {
                    found.extend(args);
                    found.extend(deferred);
                }
                What::Fixed(..) | What::Ascii(_) | What::Text(_) | What::Bytes(None) => {}
            }
            found
        }
        RowKind::If { cond, .. } | RowKind::Require(cond) | RowKind::Where(Rule { cond, .. }) => vec![cond],
        RowKind::For { from, until: Until::Below(until) | Until::While(until), .. } => vec![from, until],
        RowKind::Let { value, .. } => vec![value],
        RowKind::Element { subs, value, .. } => subs.iter().chain([value]).collect(),
        RowKind::Align { .. } | RowKind::Child { .. } | RowKind::Remark => vec![],
    }
}

fn check_expr(expr: &Expr, allowed: bool, row: &Row, schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    if let Expr::Member(_, table, slot) = expr
        && let Some(table) = schema.tables.get(*table)
        && let Some(slot) = table.slots.get(*slot)
        && !slot.always
        && slot.dims == 0
        && !allowed
        && !matches!(slot.kind, SlotKind::Table(_))
        && slot.owner.is_empty()
    {
        let message = format!("`{}` of `{}` may be absent", slot.name, table.name);
        let help = format!("say what counts then: `{} ?? 0`", slot.name);
        diagnostics.push(Diagnostic::new("MG014", &row.span, message, "not on every path of that table").help(help));
    }
    match expr {
        Expr::Default(a, b) => {
            check_expr(a, true, row, schema, diagnostics);
            check_expr(b, allowed, row, schema, diagnostics);
        }
        // Find looks only at elements that are there.
        Expr::Find(a, b) => {
            check_expr(a, true, row, schema, diagnostics);
            check_expr(b, false, row, schema, diagnostics);
        }
        _ => {
            for operand in expr.operands() {
                check_expr(operand, false, row, schema, diagnostics);
            }
        }
    }
}
