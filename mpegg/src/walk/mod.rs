//! Walking a whole input field by field: a file, a transport stream, or a stream of data units.
//!
//! [`walk`] finds out what the input is and tells a [`Visitor`] everything in it, in the order of the bits. Nothing is kept but the
//! structures that others depend on, so memory does not grow with the input.

mod children;
mod file;
mod heads;
mod level;
mod offsets;
mod packets;
mod path;
mod scope;
mod stream;
mod tracker;
mod units;

pub use children::{children, first_child, strict_children};
pub use heads::{Child, Head, read_head};
pub(crate) use level::Level;
pub use offsets::{Target, Targets};
pub use packets::{Gather, Gathered, Packet, Packets};
pub use path::{Step, occurs_once, repeats};
pub use scope::{Container, Inside, Known};
pub use stream::{Transport, Whole};
pub use tracker::{Part, Tracker};
pub use units::{Unit, Units};

use crate::tables::descriptions;
use mpegg_runtime::source::Source;
use mpegg_runtime::table::{Kind as TableKind, Row, Table};
use mpegg_runtime::walk::{ChildRow, Visitor as FieldVisitor};
use mpegg_runtime::{Error, Limits, Result};

/// Listens to the walk of a whole input.
pub trait Visitor: FieldVisitor {
    /// The boxes that follow stand below this path; told before each box of the top level, because a box that an `offs` addresses
    /// belongs elsewhere. The numbers are those that its place supplies (of an index, the class of the attribute group).
    fn base(&mut self, path: &[Step], numbers: &[(&'static str, i128)]) {
        let _ = (path, numbers);
    }

    /// Something that ends the reading of a box, a container or the input; the walk goes on behind it where it can.
    fn error(&mut self, error: Error) {
        let _ = error;
    }

    /// The fields in front of the children of the container entered last have been told. These are the children that it may have by its
    /// table, in the printed order, the conditions around them evaluated; only where the visitor wants rules and they can be evaluated.
    fn children(&mut self, rows: &[ChildRow]) {
        let _ = rows;
    }

    /// A packet of a stream begins; the fields of its header follow.
    fn packet(&mut self, packet: &Packet) {
        let _ = packet;
    }

    /// The payload of this packet begins: what belongs to it can be told now.
    fn payload(&mut self, packet: &Packet) {
        let _ = packet;
    }

    /// The boxes that follow are those of a stream, reassembled: positions are mapped back to the input by these fragments.
    fn fragments(&mut self, fragments: Option<&[(u64, u64)]>) {
        let _ = fragments;
    }

    /// This visitor as one of fields.
    fn fields(&mut self) -> &mut dyn FieldVisitor;
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file: boxes, the first of them `flhd`.
    File,
    /// A transport stream: packets (6.6.5).
    Stream,
    /// Data units (6.3), one behind the other.
    Units,
}

impl Kind {
    /// What the first bytes say: a file begins with its header box, a packet carries the beginning of a box, a data unit begins
    /// with its type.
    ///
    /// # Errors
    ///
    /// I/O.
    pub fn of(source: &dyn Source) -> Result<Kind> {
        let mut start = [0u8; 9];
        let length = source.len().min(9);
        let part = start.get_mut(..usize::try_from(length).unwrap_or(0)).unwrap_or_default();
        source.read_at(0, part)?;
        let key_at = |at: usize| start.get(at..at + 4).and_then(|key| <[u8; 4]>::try_from(key).ok()).and_then(table_of).is_some();
        if key_at(0) || start.starts_with(b"offs") {
            return Ok(Kind::File);
        }
        if length == 9 && key_at(5) || packets::fits(source)? {
            return Ok(Kind::Stream);
        }
        Ok(if length > 0 && start.first().is_some_and(|first| *first <= 4) { Kind::Units } else { Kind::File })
    }
}

/// Walks a whole input.
///
/// # Errors
///
/// I/O only: what is wrong with the input goes to [`Visitor::error`].
pub fn walk(source: &dyn Source, kind: Kind, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
    match kind {
        Kind::File => file::walk(source, visitor, limits),
        Kind::Stream => stream::walk(source, visitor, limits),
        Kind::Units => units::walk(source, visitor, limits),
    }
}

/// The table of a key, of those that stand as boxes anywhere.
pub fn table_of(key: [u8; 4]) -> Option<&'static Table> {
    descriptions::ALL.iter().copied().find(|table| table.key == Some(key))
}

/// The tables that may stand at the top level of a file.
pub const TOP: [&Table; 2] = [&descriptions::FILE_HEADER, &descriptions::DATASET_GROUP];

/// The children that a container's table lists, whatever the conditions around them.
pub fn listed(table: &Table) -> Vec<(&'static str, &'static Table)> {
    fn collect(rows: &'static [Row], found: &mut Vec<(&'static str, &'static Table)>) {
        for row in rows {
            match row {
                Row::Child { name, table, .. } => found.push((name, table)),
                Row::If { then, otherwise, .. } => {
                    collect(then, found);
                    collect(otherwise, found);
                }
                Row::For { body, .. } => collect(body, found),
                Row::Form { row, .. } => collect(std::slice::from_ref(*row), found),
                _ => {}
            }
        }
    }
    let mut found = vec![];
    collect(table.rows, &mut found);
    found
}

/// Whether fields follow the children of a container (blocks, the payload of a descriptor stream).
pub fn has_tail(table: &Table) -> bool {
    fn has_field(row: &Row) -> bool {
        match row {
            Row::Field(_) => true,
            Row::If { then, otherwise, .. } => then.iter().chain(*otherwise).any(has_field),
            Row::For { body, .. } => body.iter().any(has_field),
            Row::Form { row, .. } => has_field(row),
            _ => false,
        }
    }
    fn has_child(row: &Row) -> bool {
        match row {
            Row::Child { .. } => true,
            Row::If { then, otherwise, .. } => then.iter().chain(*otherwise).any(has_child),
            Row::For { body, .. } => body.iter().any(has_child),
            _ => false,
        }
    }
    let last = table.rows.iter().rposition(has_child).map_or(0, |last| last + 1);
    table.kind == TableKind::Container && table.rows.iter().skip(last).any(has_field)
}
