//! The names of members in JSON: those that the standard prints, numbered where a structure has one several times.

use std::collections::{HashMap, HashSet};

use crate::table::{Field, Row, Table, What};

/// The name of alignment bits.
pub(crate) const ALIGNMENT: &str = "nesting_zero_bit";
/// The member for padding bits at the end of a box that are not zero.
pub(crate) const PADDING: &str = "nesting_zero_bit_end";
/// The name of bits behind the last row of a box.
pub(crate) const GAP: &str = "gap";
/// The member that names the form of a box.
pub(crate) const FORM: &str = "form";
/// The name of the Value of a box that is kept as bits.
pub(crate) const VALUE: &str = "Value";

/// Names that tables use again and again.
const REPEATED: [&str; 3] = ["reserved", "reserved_flag", ALIGNMENT];

/// The names of all rows of the tables seen so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    loaded: HashSet<usize>,
    /// By table and row: the number behind the name.
    numbers: HashMap<(usize, usize), usize>,
}

fn address<T>(of: &'static T) -> usize {
    std::ptr::from_ref(of).addr()
}

impl Names {
    /// The member that stands for a row of a table, or for its array.
    pub(crate) fn member(&mut self, table: &'static Table, row: &'static Row) -> Option<String> {
        let name = row_name(row)?;
        if self.loaded.insert(address(table)) {
            self.load(table, table.rows);
        }
        Some(match self.numbers.get(&(address(table), address(row))) {
            Some(number) => format!("{name}_{number}"),
            None => name.to_owned(),
        })
    }

    /// The member that stands for a loop.
    pub(crate) fn loop_member(
        &mut self,
        table: &'static Table,
        row: &'static Row,
    ) -> Option<String> {
        self.member(table, array_row(row)?)
    }

    /// Numbers the rows that are members of one object.
    fn load(&mut self, table: &'static Table, rows: &'static [Row]) {
        let mut members = Vec::new();
        self.collect(table, rows, &mut members);
        let mut seen: HashMap<&str, Vec<&'static Row>> = HashMap::new();
        for row in members {
            if let Some(name) = row_name(row) {
                seen.entry(name).or_default().push(row);
            }
        }
        for (name, rows_of_name) in seen {
            let several =
                rows_of_name.len() > 1 && (REPEATED.contains(&name) || at_once(rows, name) > 1);
            if several {
                let numbered = rows_of_name.into_iter().zip(1usize..);
                self.numbers
                    .extend(numbered.map(|(row, number)| ((address(table), address(row)), number)));
            }
        }
    }

    fn collect(
        &mut self,
        table: &'static Table,
        rows: &'static [Row],
        members: &mut Vec<&'static Row>,
    ) {
        for row in rows {
            match row {
                Row::Field(_) | Row::Align { .. } => members.push(row),
                Row::If {
                    then, otherwise, ..
                } => {
                    self.collect(table, then, members);
                    self.collect(table, otherwise, members);
                }
                Row::For {
                    name: None, body, ..
                } => self.collect(table, body, members),
                Row::For { body, .. } => {
                    members.push(row);
                    self.load(table, body);
                }
                Row::Form { row, .. } => self.collect(table, std::slice::from_ref(*row), members),
                _ => {}
            }
        }
    }
}

/// The printed name of a row that is a member.
fn row_name(row: &'static Row) -> Option<&'static str> {
    match row {
        Row::Field(field) => Some(field.name),
        Row::For { name, .. } => *name,
        Row::Align { .. } => Some(ALIGNMENT),
        _ => None,
    }
}

/// How many members of this name there are on one path at the most.
fn at_once(rows: &'static [Row], name: &str) -> usize {
    let many = rows.iter().map(|row| match row {
        Row::If {
            then, otherwise, ..
        } => at_once(then, name).max(at_once(otherwise, name)),
        Row::For {
            name: None, body, ..
        } => at_once(body, name).min(1),
        Row::Form { row, .. } => at_once(std::slice::from_ref(*row), name),
        _ => usize::from(row_name(row) == Some(name)),
    });
    many.fold(0, usize::saturating_add)
}

/// The row that gives an array its name: of a loop with a name the loop, else the first field or such a loop in it.
pub(crate) fn array_row(row: &'static Row) -> Option<&'static Row> {
    match row {
        Row::Field(_) | Row::For { name: Some(_), .. } => Some(row),
        Row::For { body, .. } => body.iter().find_map(array_row),
        Row::If {
            then, otherwise, ..
        } => then.iter().chain(*otherwise).find_map(array_row),
        Row::Form { row, .. } => array_row(row),
        _ => None,
    }
}

/// The printed name of the array that a loop makes.
pub(crate) fn array_name(row: &'static Row) -> Option<&'static str> {
    row_name(array_row(row)?)
}

/// The field that a loop without a name is an array of.
pub(crate) fn array_field(row: &'static Row) -> Option<&'static Field> {
    match array_row(row)? {
        Row::Field(field) => Some(field),
        _ => None,
    }
}

/// The row whose member holds the array that `count` counts: in the same object, the field of this printed name, or
/// the loop that has this name or the field.
pub(crate) fn counted_row(
    table: &'static Table,
    count: &'static Row,
    name: &str,
) -> Option<&'static Row> {
    named_row(object_rows(table.rows, count).unwrap_or(table.rows), name)
}

/// The body of the innermost loop with a name in which a row stands.
fn object_rows(rows: &'static [Row], wanted: &'static Row) -> Option<&'static [Row]> {
    rows.iter().find_map(|row| match row {
        Row::For {
            name: Some(_),
            body,
            ..
        } if contains(body, wanted) => Some(object_rows(body, wanted).unwrap_or(body)),
        Row::For { body, .. } => object_rows(body, wanted),
        Row::If {
            then, otherwise, ..
        } => object_rows(then, wanted).or_else(|| object_rows(otherwise, wanted)),
        Row::Form { row, .. } => object_rows(std::slice::from_ref(*row), wanted),
        _ => None,
    })
}

fn named_row(rows: &'static [Row], name: &str) -> Option<&'static Row> {
    rows.iter().find_map(|row| match row {
        Row::Field(field) if field.name == name => Some(row),
        Row::For {
            name: Some(loop_name),
            ..
        } if *loop_name == name => Some(row),
        Row::For {
            name: Some(_),
            body,
            ..
        } => {
            // a field of its elements, but not an array in each of them
            let inside = named_row(body, name)?;
            if matches!(inside, Row::Field(_)) && !in_loop(body, inside) {
                Some(row)
            } else {
                None
            }
        }
        Row::For { body, .. } => named_row(body, name),
        Row::If {
            then, otherwise, ..
        } => named_row(then, name).or_else(|| named_row(otherwise, name)),
        Row::Form { row, .. } => named_row(std::slice::from_ref(*row), name),
        _ => None,
    })
}

/// Whether a row stands in a loop of these rows.
fn in_loop(rows: &'static [Row], wanted: &'static Row) -> bool {
    let within = |rows: &'static [Row]| contains(rows, wanted);
    rows.iter().any(|row| match row {
        Row::For { body, .. } => within(body),
        Row::If {
            then, otherwise, ..
        } => in_loop(then, wanted) || in_loop(otherwise, wanted),
        Row::Form { row, .. } => in_loop(std::slice::from_ref(*row), wanted),
        _ => false,
    })
}

fn contains(rows: &'static [Row], wanted: &'static Row) -> bool {
    rows.iter().any(|row| {
        std::ptr::eq(row, wanted)
            || match row {
                Row::For { body, .. } => contains(body, wanted),
                Row::If {
                    then, otherwise, ..
                } => contains(then, wanted) || contains(otherwise, wanted),
                Row::Form { row, .. } => contains(std::slice::from_ref(*row), wanted),
                _ => false,
            }
    })
}

/// Whether writers leave the field out where it has its usual value.
pub(crate) fn may_be_left_out(field: &Field) -> bool {
    field.counts.is_some() || matches!(field.what, What::Fixed { .. })
}
