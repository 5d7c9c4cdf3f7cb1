//! Where a box stands: keys from the top, counted among siblings of the same key.

use super::listed;
use crate::tables::descriptions;
use mpegg_runtime::table::{Row, Table, What};
use std::fmt;

/// A step of a path: a box by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The key.
    pub key: [u8; 4],
    /// How many siblings of this key stand before it, in logical order.
    pub ordinal: u64,
    /// Whether it may occur more than once, so that the number is written.
    pub repeats: bool,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key.escape_ascii())?;
        if self.repeats || self.ordinal > 0 { write!(f, "[{}]", self.ordinal) } else { Ok(()) }
    }
}

/// Whether a box of this key may occur more than once in a structure of this table (`None`: the top level).
pub fn repeats(parent: Option<&Table>, key: [u8; 4]) -> bool {
    match parent {
        None => key != *b"flhd",
        Some(parent) => count(parent.rows, key, 1) != 1,
    }
}

/// Whether boxes of this key may occur once where they stand, so that one which an `offs` addresses replaces the others (R4).
pub fn occurs_once(key: [u8; 4]) -> bool {
    let listing = |table: &&&'static Table| listed(table).iter().any(|(_, child)| child.key == Some(key));
    let mut containers = descriptions::ALL.iter().filter(listing).peekable();
    containers.peek().is_some() && containers.all(|container| !repeats(Some(container), key))
}

/// In how many places of these rows the key may stand; a loop counts twice. Unknown boxes stand in none.
fn count(rows: &[Row], key: [u8; 4], times: u32) -> u32 {
    rows.iter()
        .map(|row| match row {
            Row::Child { table, many, .. } if table.key == Some(key) => times + u32::from(*many),
            Row::Field(field) => match field.what {
                What::Table { table, .. } if table.key == Some(key) => times,
                _ => 0,
            },
            Row::If { then, otherwise, .. } => {
                let (then, otherwise) = (count(then, key, times), count(otherwise, key, times));
                // One of two branches, unless both rows name the same thing.
                then.max(otherwise)
            }
            Row::For { body, .. } => count(body, key, times + 1),
            Row::Form { row, .. } => count(std::slice::from_ref(*row), key, times),
            _ => 0,
        })
        .sum()
}
