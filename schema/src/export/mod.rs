//! The intermediate form as text again: expressions as a reader of the table would write them, tables for the terminal, a
//! reference in HTML, and what of the tables a set of files exercises.

mod atlas;
mod coverage;
mod facts;
mod html;
mod pieces;
mod printed;
mod rust;
mod show;
#[cfg(test)]
mod tests;

pub(crate) use facts::printed_at;

pub use coverage::{Coverage, CoverageReport, MissingBranch, MissingRow, TableCoverage};
pub use html::html;
pub use show::show;

use crate::ir::{Expr, Schema, Table};

/// An expression of a table, as text.
pub fn expression(schema: &Schema, table: &Table, expr: &Expr) -> String {
    let e = |expr: &Expr| expression(schema, table, expr);
    let operand = |expr: &Expr| match expr {
        Expr::Binary(..) | Expr::Choose(..) | Expr::Default(..) => format!("({})", e(expr)),
        _ => e(expr),
    };
    match expr {
        Expr::Int(value) => value.to_string(),
        Expr::Text(text) => format!("\"{text}\""),
        Expr::Slot(slot) => table.slots.get(*slot).map_or(String::new(), |slot| slot.name.clone()),
        Expr::Param(param) => table.params.get(*param).map_or(String::new(), |param| param.name.clone()),
        Expr::Member(base, table, slot) => {
            let name = schema.tables.get(*table).and_then(|table| table.slots.get(*slot)).map_or("", |slot| slot.name.as_str());
            format!("{}.{name}", e(base))
        }
        Expr::Index(list, index) => format!("{}[{}]", e(list), e(index)),
        Expr::Not(a) => format!("!{}", operand(a)),
        Expr::Negate(a) => format!("-{}", operand(a)),
        Expr::Binary(op, a, b) => format!("{} {op} {}", operand(a), operand(b)),
        Expr::Choose(c, a, b) => format!("{} ? {} : {}", operand(c), operand(a), operand(b)),
        // An array that is not there has no elements: that needs no word.
        Expr::Default(a, b) if **b == Expr::Int(0) && counts(schema, table, a) => e(a),
        Expr::Default(a, b) => format!("{} ?? {}", operand(a), operand(b)),
        Expr::CeilDiv(a, b) => format!("Ceil({} / {})", operand(a), operand(b)),
        Expr::CeilLog2(a) => format!("Ceil(Log2({}))", e(a)),
        Expr::Min(a, b) => format!("Min({}, {})", e(a), e(b)),
        Expr::Max(a, b) => format!("Max({}, {})", e(a), e(b)),
        Expr::Find(a, b) => format!("Find({}, {})", e(a), e(b)),
        Expr::Count(a) => format!("count({})", e(a)),
        Expr::Length => "Length".to_owned(),
        Expr::Remaining => "remaining()".to_owned(),
    }
}

fn counts(schema: &Schema, table: &Table, expr: &Expr) -> bool {
    let slot = match expr {
        Expr::Slot(slot) => table.slots.get(*slot),
        Expr::Member(_, table, slot) => schema.tables.get(*table).and_then(|table| table.slots.get(*slot)),
        _ => None,
    };
    slot.is_some_and(|slot| slot.counts.is_some())
}
