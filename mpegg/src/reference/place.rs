//! Where a field of a reference box stands, for errors.

use super::Entry;
use crate::file::BoxRef;
use crate::tables::{FileHeader, Reference, descriptions};
use mpegg_runtime::source::Bytes;
use mpegg_runtime::table::Table;
use mpegg_runtime::walk::{Cursor, FieldEvent, NoScope, Quiet, Scope, Value, Visitor, walk_box};
use mpegg_runtime::{Error, Limits, Result};

impl Entry<'_> {
    /// An error at a field of the box.
    pub(super) fn wrong(&self, kind: impl FnOnce(u64, String) -> Error, field: &str, index: &[u64], message: String) -> Error {
        let bit = self.bit(field, index);
        self.in_box(kind(bit, message), field, index)
    }

    /// An error that concerns a field of the box; it gets its place where it has none.
    pub(super) fn placed(&self, error: Error, field: &str, index: &[u64]) -> Error {
        let error = error.at(self.bit(field, index));
        self.in_box(error, field, index)
    }

    fn in_box(&self, error: Error, field: &str, index: &[u64]) -> Error {
        let table = &Reference::TABLE;
        let error = error.in_field(field, index).in_table(table.name, table.clause, table.number);
        error.in_field("rfgn", &[self.number as u64]).in_field("dgcn", &[self.group_number as u64])
    }

    /// The first bit of a field; that of the box where there is no such field.
    fn bit(&self, field: &str, index: &[u64]) -> u64 {
        let mut wanted = Wanted { field, index, bit: None };
        // What is behind the field does not matter.
        let _ = walk(&self.node, &self.file, &mut wanted);
        wanted.bit.unwrap_or(self.node.offset().saturating_mul(8))
    }
}

/// The error of a box that cannot be read; it says which field has which value.
pub(super) fn broken(node: &BoxRef<'_>, header: &FileHeader, error: Error) -> Error {
    walk(node, header, &mut Quiet).err().unwrap_or(error)
}

fn walk(node: &BoxRef<'_>, header: &FileHeader, visitor: &mut dyn Visitor) -> Result<()> {
    let mut cursor = Cursor::range(node.source(), node.offset().saturating_mul(8), node.end().saturating_mul(8));
    walk_box(&mut cursor, &descriptions::REFERENCE, &Header(header), visitor, &Limits::default()).map(drop)
}

struct Wanted<'w> {
    field: &'w str,
    index: &'w [u64],
    bit: Option<u64>,
}

impl Visitor for Wanted<'_> {
    fn field(&mut self, event: &FieldEvent<'_>) {
        if event.name == self.field && event.index == self.index {
            self.bit.get_or_insert(event.bit);
        }
    }

    fn stop(&self) -> bool {
        self.bit.is_some()
    }
}

/// Supplies the file header, the one structure that the fields of the box depend on.
struct Header<'f>(&'f FileHeader);

impl Scope for Header<'_> {
    fn one(&self, table: &'static Table) -> Result<Value> {
        if table.key != Some(FileHeader::KEY) {
            return Ok(Value::Absent);
        }
        let header = Bytes(self.0.to_box()?);
        walk_box(&mut Cursor::new(&header), table, &NoScope, &mut Quiet, &Limits::default()).map(Value::from)
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::Absent)
    }

    fn number(&self, _: &str) -> Option<i128> {
        None
    }
}
