//! The names of members in JSON: those that the standard prints, numbered where a structure has one several times.

mod columns;
mod counted;

use std::collections::{HashMap, HashSet};

use crate::table::{Field, Row, Table, What};

pub(crate) use counted::counted_row;

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
    /// By table and row: of a column, how many subscripts belong to the object that it stands in.
    columns: HashMap<(usize, usize), usize>,
}

/// The member that a row becomes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub name: String,
    /// Where the value goes in the array under this name: a row of which the printed subscripts say it (`tflag[0]` outside of a loop,
    /// `tflag[i]` and `thres[i]` in one). `None`: the member itself, or the element of the loop around the row.
    pub column: Option<Vec<u64>>,
}

fn address<T>(of: &'static T) -> usize {
    std::ptr::from_ref(of).addr()
}

impl Names {
    /// The member that stands for a row of a table, or for its array.
    pub(crate) fn member(&mut self, table: &'static Table, row: &'static Row) -> Option<String> {
        let name = row_name(row)?;
        self.load(table);
        Some(match self.numbers.get(&(address(table), address(row))) {
            Some(number) => format!("{name}_{number}"),
            None => name.to_owned(),
        })
    }

    /// The same for a row with these subscripts.
    pub(crate) fn element(&mut self, table: &'static Table, row: &'static Row, index: &[u64]) -> Option<Member> {
        let name = self.member(table, row)?;
        let skip = self.columns.get(&(address(table), address(row)));
        let column = skip.map(|skip| index.get(*skip..).unwrap_or(&[]).to_vec());
        Some(Member { name, column })
    }

    /// The member that stands for a loop; none where its fields are columns.
    pub(crate) fn loop_member(&mut self, table: &'static Table, row: &'static Row) -> Option<String> {
        self.load(table);
        let is_column = |array: &&Row| self.columns.contains_key(&(address(table), std::ptr::from_ref::<Row>(array).addr()));
        let mut arrays = Vec::new();
        array_rows(row, &mut arrays);
        let array = arrays.into_iter().find(|array| !is_column(array))?;
        self.member(table, array)
    }

    fn load(&mut self, table: &'static Table) {
        if self.loaded.insert(address(table)) {
            self.object(table, table.rows, &[]);
        }
    }

    /// Names the rows that are members of one object, which stands in loops with these variables.
    fn object(&mut self, table: &'static Table, rows: &'static [Row], around: &[u16]) {
        let columns = columns::of(rows, around);
        let mut members = Vec::new();
        self.collect(table, rows, around, &mut members);
        let mut seen: HashMap<&str, Vec<&'static Row>> = HashMap::new();
        for row in members {
            if let Some(name) = row_name(row)
                && !columns.iter().any(|(column, _)| std::ptr::eq(*column, row))
            {
                seen.entry(name).or_default().push(row);
            }
        }
        for (name, rows_of_name) in seen {
            let several = rows_of_name.len() > 1 && (REPEATED.contains(&name) || at_once(rows, name) > 1);
            if several {
                let numbered = rows_of_name.into_iter().zip(1usize..);
                self.numbers.extend(numbered.map(|(row, number)| ((address(table), address(row)), number)));
            }
        }
        let columns = columns.into_iter().map(|(row, skip)| ((address(table), address(row)), skip));
        self.columns.extend(columns);
    }

    fn collect(&mut self, table: &'static Table, rows: &'static [Row], around: &[u16], members: &mut Vec<&'static Row>) {
        for row in rows {
            match row {
                Row::Field(_) | Row::Align { .. } => members.push(row),
                Row::If { then, otherwise, .. } => {
                    self.collect(table, then, around, members);
                    self.collect(table, otherwise, around, members);
                }
                Row::For { var, name, body, .. } => {
                    let around = [around, &[*var]].concat();
                    if name.is_some() {
                        members.push(row);
                        self.object(table, body, &around);
                    } else {
                        self.collect(table, body, &around, members);
                    }
                }
                Row::Form { row, .. } => self.collect(table, std::slice::from_ref(*row), around, members),
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
        Row::If { then, otherwise, .. } => at_once(then, name).max(at_once(otherwise, name)),
        Row::For { name: None, body, .. } => at_once(body, name).min(1),
        Row::Form { row, .. } => at_once(std::slice::from_ref(*row), name),
        _ => usize::from(row_name(row) == Some(name)),
    });
    many.fold(0, usize::saturating_add)
}

/// The row that gives an array its name: of a loop with a name the loop, else the first field or such a loop in it.
pub(crate) fn array_row(row: &'static Row) -> Option<&'static Row> {
    let mut found = Vec::new();
    array_rows(row, &mut found);
    found.first().copied()
}

fn array_rows(row: &'static Row, found: &mut Vec<&'static Row>) {
    match row {
        Row::Field(_) | Row::For { name: Some(_), .. } => found.push(row),
        Row::For { body, .. } => body.iter().for_each(|row| array_rows(row, found)),
        Row::If { then, otherwise, .. } => then.iter().chain(*otherwise).for_each(|row| array_rows(row, found)),
        Row::Form { row, .. } => array_rows(row, found),
        _ => {}
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

/// Whether writers leave the field out where it has its usual value.
pub(crate) fn may_be_left_out(field: &Field) -> bool {
    field.counts.is_some() || matches!(field.what, What::Fixed { .. })
}
