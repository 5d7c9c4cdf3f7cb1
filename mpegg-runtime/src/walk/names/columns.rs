//! Arrays of which the printed subscripts say where each element goes.
//!
//! Usually a loop without a name is an array of its only field. But `tflag[0]` may stand in front of a loop over `tflag[i]` that has
//! `thres[i]` in it, too: then each of them is an array of its own, a column.

use super::row_name;
use crate::table::{Expr, Field, Row};

/// The rows of an object that are columns, and how many of their subscripts belong to the loops around the object.
pub(super) fn of(rows: &'static [Row], around: &[u16]) -> Vec<(&'static Row, usize)> {
    let mut names = Vec::new();
    outside(rows, around, 0, &mut names);
    loop {
        let before = names.len();
        together(rows, &mut names);
        if names.len() == before {
            break;
        }
    }
    let mut columns = Vec::new();
    fields(rows, &mut |row, field| {
        if names.contains(&field.name) {
            columns.push((row, skipped(field, around)));
        }
    });
    columns
}

/// How many subscripts of a field are the variables of the loops around its object.
fn skipped(field: &Field, around: &[u16]) -> usize {
    let is_around = |sub: &&Expr| matches!(sub, Expr::Slot(slot) if around.contains(slot));
    field.subs.iter().take_while(is_around).count()
}

/// Fields with more subscripts than there are loops around them in the object.
fn outside(rows: &'static [Row], around: &[u16], loops: usize, names: &mut Vec<&'static str>) {
    for row in rows {
        match row {
            Row::Field(field) if field.subs.len() > loops.saturating_add(skipped(field, around)) => {
                add(names, field.name);
            }
            Row::If { then, otherwise, .. } => {
                outside(then, around, loops, names);
                outside(otherwise, around, loops, names);
            }
            Row::For { name: None, body, .. } => outside(body, around, loops.saturating_add(1), names),
            Row::Form { row, .. } => outside(std::slice::from_ref(*row), around, loops, names),
            _ => {}
        }
    }
}

/// All fields of loops without a name that have several, or have a column.
fn together(rows: &'static [Row], names: &mut Vec<&'static str>) {
    for row in rows {
        match row {
            Row::For { name: None, body, .. } => {
                let mut inside = Vec::new();
                members(body, &mut inside);
                if inside.len() > 1 || inside.iter().any(|name| names.contains(name)) {
                    inside.into_iter().for_each(|name| add(names, name));
                }
                together(body, names);
            }
            Row::If { then, otherwise, .. } => {
                together(then, names);
                together(otherwise, names);
            }
            Row::Form { row, .. } => together(std::slice::from_ref(*row), names),
            _ => {}
        }
    }
}

/// The names of the fields and of the loops with a name in these rows, each once.
fn members(rows: &'static [Row], found: &mut Vec<&'static str>) {
    for row in rows {
        match row {
            Row::Field(_) | Row::For { name: Some(_), .. } => {
                row_name(row).into_iter().for_each(|name| add(found, name));
            }
            Row::For { body, .. } => members(body, found),
            Row::If { then, otherwise, .. } => {
                members(then, found);
                members(otherwise, found);
            }
            Row::Form { row, .. } => members(std::slice::from_ref(*row), found),
            _ => {}
        }
    }
}

/// The fields of an object.
fn fields(rows: &'static [Row], tell: &mut impl FnMut(&'static Row, &'static Field)) {
    for row in rows {
        match row {
            Row::Field(field) => tell(row, field),
            Row::For { name: None, body, .. } => fields(body, tell),
            Row::If { then, otherwise, .. } => {
                fields(then, tell);
                fields(otherwise, tell);
            }
            Row::Form { row, .. } => fields(std::slice::from_ref(*row), tell),
            _ => {}
        }
    }
}

fn add(names: &mut Vec<&'static str>, name: &'static str) {
    if !names.contains(&name) {
        names.push(name);
    }
}
