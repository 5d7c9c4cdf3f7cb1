//! Which member a count counts.

use crate::table::{Row, Table};

/// The row whose member holds the array that `count` counts: in the same object, the field of this printed name, or
/// the loop that has this name or the field.
pub(crate) fn counted_row(table: &'static Table, count: &'static Row, name: &str) -> Option<&'static Row> {
    named_row(object_rows(table.rows, count).unwrap_or(table.rows), name)
}

/// The body of the innermost loop with a name in which a row stands.
fn object_rows(rows: &'static [Row], wanted: &'static Row) -> Option<&'static [Row]> {
    rows.iter().find_map(|row| match row {
        Row::For { name: Some(_), body, .. } if contains(body, wanted) => Some(object_rows(body, wanted).unwrap_or(body)),
        Row::For { body, .. } => object_rows(body, wanted),
        Row::If { then, otherwise, .. } => object_rows(then, wanted).or_else(|| object_rows(otherwise, wanted)),
        Row::Form { row, .. } => object_rows(std::slice::from_ref(*row), wanted),
        _ => None,
    })
}

fn named_row(rows: &'static [Row], name: &str) -> Option<&'static Row> {
    rows.iter().find_map(|row| match row {
        Row::Field(field) if field.name == name => Some(row),
        Row::For { name: Some(loop_name), .. } if *loop_name == name => Some(row),
        Row::For { name: Some(_), body, .. } => {
            // a field of its elements, but not an array in each of them
            let inside = named_row(body, name)?;
            if matches!(inside, Row::Field(_)) && !in_loop(body, inside) { Some(row) } else { None }
        }
        Row::For { body, .. } => named_row(body, name),
        Row::If { then, otherwise, .. } => named_row(then, name).or_else(|| named_row(otherwise, name)),
        Row::Form { row, .. } => named_row(std::slice::from_ref(*row), name),
        _ => None,
    })
}

/// Whether a row stands in a loop of these rows.
fn in_loop(rows: &'static [Row], wanted: &'static Row) -> bool {
    let within = |rows: &'static [Row]| contains(rows, wanted);
    rows.iter().any(|row| match row {
        Row::For { body, .. } => within(body),
        Row::If { then, otherwise, .. } => in_loop(then, wanted) || in_loop(otherwise, wanted),
        Row::Form { row, .. } => in_loop(std::slice::from_ref(*row), wanted),
        _ => false,
    })
}

fn contains(rows: &'static [Row], wanted: &'static Row) -> bool {
    rows.iter().any(|row| {
        std::ptr::eq(row, wanted)
            || match row {
                Row::For { body, .. } => contains(body, wanted),
                Row::If { then, otherwise, .. } => contains(then, wanted) || contains(otherwise, wanted),
                Row::Form { row, .. } => contains(std::slice::from_ref(*row), wanted),
                _ => false,
            }
    })
}
