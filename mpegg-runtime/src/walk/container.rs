//! A container: the rows before its children, the children it may have, the rows behind them.

use super::boxes::HEAD_BITS;
use super::cursor::Bounds;
use super::eval::At;
use super::frame::{Args, Frame};
use super::port::run_table;
use super::reader::Reader;
use super::visitor::Visitor;
use super::{Cursor, Record, Scope, Value};
use crate::error::Result;
use crate::limits::Limits;
use crate::table::{Row, Table};

/// A container while it is walked. Whoever walks it tells the visitor of the box itself, and walks the children.
pub struct Container<'a> {
    frame: Frame<'a>,
    bounds: Bounds,
    room: u64,
}

/// A child that a container may have.
#[derive(Clone, Copy, Debug)]
pub struct ChildRow {
    /// The printed row number.
    pub line: u16,
    /// The printed name.
    pub name: &'static str,
    /// Its table.
    pub table: &'static Table,
    /// Whether it may occur any number of times.
    pub many: bool,
    /// Whether it may be absent.
    pub optional: bool,
}

/// The rows of a container: before, with and behind its children.
pub(super) fn parts(rows: &'static [Row]) -> [&'static [Row]; 3] {
    let first = rows.iter().position(has_child).unwrap_or(rows.len());
    let last = rows.iter().rposition(has_child).map_or(first, |last| last.saturating_add(1));
    let (before, rest) = rows.split_at(first);
    let (children, behind) = rest.split_at(last.saturating_sub(first).min(rest.len()));
    [before, children, behind]
}

fn has_child(row: &Row) -> bool {
    match row {
        Row::Child { .. } => true,
        Row::If { then, otherwise, .. } => then.iter().chain(*otherwise).any(has_child),
        Row::For { body, .. } => body.iter().any(has_child),
        Row::Form { row, .. } => has_child(row),
        _ => false,
    }
}

impl<'a> Container<'a> {
    /// The container whose Key starts at `bit` and which takes `length` bytes.
    pub fn new(table: &'static Table, scope: &'a dyn Scope, bit: u64, length: u64) -> Container<'a> {
        let end = bit.saturating_add(length.saturating_mul(8));
        Container { frame: Frame::new(table, Args::Scope(scope), Some(length), 0), bounds: Bounds { start: bit, end }, room: u64::MAX }
    }

    /// Reads the rows before the children; afterwards the cursor is at the first child.
    pub fn before(&mut self, cursor: &mut Cursor<'_>, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
        self.room = limits.allocation / size_of::<Value>() as u64;
        cursor.jump(self.bounds.start.saturating_add(HEAD_BITS));
        let [before, ..] = parts(self.frame.table.rows);
        self.run(cursor, visitor, limits, before, false)
    }

    /// The children that it may have, in the printed order; conditions around them are evaluated.
    pub fn children(&mut self) -> Result<Vec<ChildRow>> {
        let [_, children, _] = parts(self.frame.table.rows);
        let mut found = Vec::new();
        self.collect(children, &mut found)?;
        Ok(found)
    }

    fn collect(&mut self, rows: &'static [Row], found: &mut Vec<ChildRow>) -> Result<()> {
        for row in rows {
            let at = At { frame: &self.frame, position: self.bounds.start, remaining: None };
            match row {
                Row::Child { line, name, table, many, optional } => {
                    let (line, many, optional) = (*line, *many, *optional);
                    found.push(ChildRow { line, name, table, many, optional });
                }
                Row::If { cond, then, otherwise, .. } => {
                    let rows = if at.truth(cond)? { then } else { otherwise };
                    self.collect(rows, found)?;
                }
                Row::Let { slot, value, .. } => {
                    let value = at.value(value)?.into_owned();
                    self.frame.set(*slot, &[], value, &mut self.room)?;
                }
                Row::For { body, .. } => self.collect(body, found)?,
                Row::Form { form, row } if *form == self.frame.form => {
                    self.collect(std::slice::from_ref(*row), found)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the rows behind the children, from the cursor to the end of the container.
    pub fn behind(&mut self, cursor: &mut Cursor<'_>, visitor: &mut dyn Visitor, limits: &Limits) -> Result<()> {
        let [_, _, behind] = parts(self.frame.table.rows);
        self.run(cursor, visitor, limits, behind, true)
    }

    fn run(&mut self, cursor: &mut Cursor<'_>, visitor: &mut dyn Visitor, limits: &Limits, rows: &'static [Row], to_the_end: bool) -> Result<()> {
        let outer = cursor.bounds();
        let end = self.bounds.end.min(outer.end);
        cursor.set_bounds(Bounds { start: self.bounds.start, end });
        let mut reader = Reader::new(cursor, visitor, limits);
        reader.base = self.bounds.start;
        let mut run = run_table(&mut reader, &mut self.frame, rows);
        if to_the_end && run.is_ok() {
            run = reader.read_rest(&self.frame);
        }
        cursor.set_bounds(outer);
        run
    }

    /// The values of the container's own fields.
    pub fn record(&self) -> Record {
        Record { table: self.frame.table, form: self.frame.form, slots: self.frame.slots.clone() }
    }
}
