//! Which rows of the tables an input exercises.

use super::input;
use super::status::{Failure, Status};
use crate::tables::descriptions;
use crate::walk::{Kind, Packet, Visitor, walk};
use mpegg_runtime::source::{Bytes, Source};
use mpegg_runtime::table::{Field, Row, Table};
use mpegg_runtime::walk::{BoxHead, FieldEvent, StructEvent, Visitor as FieldVisitor};
use mpegg_runtime::{Error, Limits};
use mpegg_schema::export::Coverage;
use std::path::Path;

/// Adds the rows that an input exercises; of a test vector (JSON with a member `hex`) those of its bytes. What is wrong with an input
/// is no matter here.
pub fn hits(path: &Path, coverage: &mut Coverage) -> Result<(), Failure> {
    let source: Box<dyn Source> =
        if path.extension().is_some_and(|extension| extension == "json") { Box::new(Bytes(vector(path)?)) } else { input::source(path)? };
    let kind = Kind::of(&source).map_err(|error| Failure::input(path, error))?;
    walk(&source, kind, &mut Rows(coverage, false), &Limits::default()).map_err(|error| Failure::input(path, error))
}

fn vector(path: &Path) -> Result<Vec<u8>, Failure> {
    let text = input::text(path)?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|error| Failure::Other(format!("{}: {error}", path.display()), Status::Usage))?;
    let hex = json.get("hex").and_then(serde_json::Value::as_str).and_then(mpegg_runtime::bits::BitString::from_hex);
    let bits = hex.ok_or_else(|| Failure::Other(format!("{}: no member \"hex\" of hexadecimal digits", path.display()), Status::Usage))?;
    Ok(bits.bytes().to_vec())
}

/// The second says whether the fields at hand are those of an `offs`.
struct Rows<'c>(&'c mut Coverage, bool);

impl Rows<'_> {
    fn hit(&mut self, table: Option<&'static Table>, row: Option<&'static Row>) {
        let line = match row {
            Some(Row::Field(field)) => field.line,
            Some(Row::Align { line }) => *line,
            _ => return,
        };
        if let Some(table) = table {
            self.0.hit(table.name, table.clause, usize::from(line));
        }
    }
}

impl Rows<'_> {
    /// A row that events name without pointing to it.
    fn named(&mut self, table: &'static Table, name: &str) {
        fn find(rows: &'static [Row], name: &str) -> Option<&'static Row> {
            rows.iter().find_map(|row| match row {
                Row::Field(field) if field.name == name => Some(row),
                Row::For { body, .. } => find(body, name),
                _ => None,
            })
        }
        self.hit(Some(table), find(table.rows, name));
    }
}

impl FieldVisitor for Rows<'_> {
    fn field(&mut self, event: &FieldEvent<'_>) {
        self.hit(event.table, event.row);
        if event.row.is_none() && self.1 {
            self.named(&descriptions::OFFSET, event.name);
        }
    }

    fn leave_box(&mut self, head: &BoxHead) {
        // Alignment at the end of a box that is aligned already has no bits; the row was there all the same.
        let rows = head.table.map_or(&[][..], |table| table.rows);
        for row in rows.iter().filter(|row| matches!(row, Row::Align { .. })) {
            self.hit(head.table, Some(row));
        }
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.hit(Some(event.outer), Some(event.row));
    }

    fn opens(&self, _: &'static Field, _: &[u64]) -> bool {
        true
    }

    fn enter_box(&mut self, head: &BoxHead) {
        self.1 = head.key == *b"offs";
        if let Some((table, row)) = head.row {
            self.hit(Some(table), Some(row));
        }
    }
}

impl Visitor for Rows<'_> {
    fn error(&mut self, _: Error) {}

    fn packet(&mut self, packet: &Packet) {
        if packet.payload().1 > 0 {
            self.named(&descriptions::PACKET, "packet_payload");
        }
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
