//! The boxes in a container, one behind the other.

use super::heads::{Child, HEAD, read_head};
use super::{has_tail, listed};
use mpegg_runtime::source::{Ahead, Source};
use mpegg_runtime::table::Table;
use mpegg_runtime::{ErrorKind, Result};

/// The children of a container from a byte on; they end where the container does, where its blocks begin, or at what is no box.
pub fn children(source: &dyn Source, table: Option<&'static Table>, start: u64, end: u64) -> impl Iterator<Item = Result<Child>> {
    strict_children(source, table, start, end).take_while(|child| child.as_ref().map_or_else(|error| error.kind() == ErrorKind::Io, |_| true))
}

/// The same, but what is no box is an error.
pub fn strict_children(source: &dyn Source, table: Option<&'static Table>, start: u64, end: u64) -> impl Iterator<Item = Result<Child>> {
    let keys: Vec<[u8; 4]> = table.map_or(vec![], |table| listed(table).into_iter().filter_map(|(_, table)| table.key).collect());
    let tail = table.is_some_and(has_tail);
    let mut at = start;
    let mut near: Option<Ahead<&dyn Source>> = None;
    let mut last = u64::MAX;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        // Heads of small boxes one behind the other are read together; those of large ones alone.
        if last < SMALL && near.as_ref().is_none_or(|near| near.end() < at.saturating_add(HEAD)) {
            near = Ahead::new(source, at, AHEAD.min(end.saturating_sub(at))).ok();
        }
        let from: &dyn Source = if last < SMALL { near.as_ref().map_or(source, |near| near) } else { source };
        match read_head(from, at, end) {
            Ok(head) if tail && !keys.contains(&head.key) && head.key != *b"offs" => {
                at = end;
                None
            }
            Ok(head) => {
                (at, last) = (head.end(), head.length);
                Some(Ok(Child { head, through_offs: false }))
            }
            Err(error) => {
                at = end;
                // What is no box may be a block; that is for who reads the container.
                if tail && error.kind() != ErrorKind::Io { None } else { Some(Err(error)) }
            }
        }
    })
}

/// Boxes of fewer bytes are small.
const SMALL: u64 = 2048;
/// Bytes that are read for the heads of small boxes.
const AHEAD: u64 = 32 << 10;

/// The first child of a container whose Key stands at this byte.
pub fn first_child(table: &Table, offset: u64) -> u64 {
    offset.saturating_add(HEAD).saturating_add(fields_before(table))
}

/// Bytes of the fields in front of the children: of `label_list` only, whose fields have literal widths.
fn fields_before(table: &Table) -> u64 {
    use mpegg_runtime::table::{Expr, Row, What};
    let bits = table.rows.iter().map_while(|row| match row {
        Row::Field(field) => match &field.what {
            What::Unsigned(Expr::Int(bits)) => u64::try_from(*bits).ok(),
            _ => None,
        },
        _ => None,
    });
    let leading = table.rows.iter().any(|row| matches!(row, Row::Field(_))) && !has_tail(table);
    if leading { bits.sum::<u64>() / 8 } else { 0 }
}
