//! Bytes that another part of the standard defines: told as the structure that they are, where they fit it to the last bit.

use super::frame::{Args, Frame};
use super::port::run_table;
use super::reader::{Reader, Spot};
use super::visitor::{FieldEvent, FieldValue, Finding, FindingKind, StructEvent, Visitor};
use super::{Cursor, Record, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::table::Table;

impl<'s> Reader<'_, 's> {
    /// Tells of so many bits at the cursor as a structure; `false`: they are none, and nothing has been told but the reason.
    ///
    /// The structure is read in silence first. So it is opened only where all is right: no error, no bit left, nothing reserved in use.
    pub(super) fn open(&mut self, frame: &Frame<'_>, spot: &Spot<'_>, bits: u64, table: &'static Table) -> Result<bool> {
        if self.depth >= self.limits.depth {
            return Ok(false);
        }
        let inside = || Cursor::range(self.cursor.source(), spot.bit, spot.bit.saturating_add(bits));
        let fits = read_whole(&mut inside(), table, frame.scope(), self.limits);
        let mut cursor = inside();
        match fits {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => {
                let place = if error.path().is_empty() { String::new() } else { format!("{}: ", error.path()) };
                self.tell(spot, FindingKind::Opaque, format!("these bytes are no {} ({place}{})", table.name, error.message()));
                return Ok(false);
            }
        }
        if let Some(row) = spot.row {
            let event = StructEvent { table, outer: spot.table, row, name: spot.name, index: spot.index, bit: spot.bit };
            self.visitor.enter_struct(&event);
        }
        let told = {
            let mut reader = Reader::new(&mut cursor, &mut *self.visitor, self.limits);
            reader.depth = self.depth.saturating_add(1);
            run_table(&mut reader, &mut Frame::new(table, Args::Scope(frame.scope()), None, 0), table.rows)
        };
        if spot.row.is_some() {
            self.visitor.leave_struct();
        }
        told.map_err(|error| error.in_field(spot.name, spot.index))?;
        self.cursor.skip(bits)?;
        Ok(true)
    }
}

/// Reads a structure in silence that must be right up to the last bit that the cursor may read: no error, no bit left, nothing reserved in
/// use, no padding that is not zero. Alignment counts from the first bit.
pub fn read_whole(cursor: &mut Cursor<'_>, table: &'static Table, scope: &dyn Scope, limits: &Limits) -> Result<Record> {
    let mut strict = Strict::default();
    let mut reader = Reader::new(cursor, &mut strict, limits);
    let mut frame = Frame::new(table, Args::Scope(scope), None, 0);
    let read = run_table(&mut reader, &mut frame, table.rows);
    match (strict.wrong, cursor.remaining()) {
        (Some(wrong), _) => Err(wrong),
        (None, 0) => read.map(|()| frame.into_record()),
        (None, left) => read.and_then(|()| Err(Error::malformed(cursor.position(), format!("{left} bits behind the last row")))),
    }
}

/// Takes nothing that readers elsewhere pass over.
#[derive(Default)]
struct Strict {
    wrong: Option<Error>,
}

impl Visitor for Strict {
    fn field(&mut self, event: &FieldEvent<'_>) {
        if let FieldValue::Int(value @ 1..) = event.value
            && event.name.starts_with("reserved")
        {
            self.wrong.get_or_insert(Error::malformed(event.bit, format!("{} is {value}, not 0", event.name)));
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.wrong.get_or_insert(Error::malformed(finding.bit, finding.message));
    }

    fn stop(&self) -> bool {
        self.wrong.is_some()
    }
}
