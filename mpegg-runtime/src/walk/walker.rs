//! Walking a box, a structure, an `offs` or an unknown box.

use super::frame::{Args, Frame};
use super::opaque::OFFS;
use super::port::run_table;
use super::reader::Reader;
use super::visitor::{BoxHead, Visitor};
use super::{Cursor, Record, Scope};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::table::Table;

/// Where a box stands among others, as far as it does not show itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The printed name of the row that the box is a child by; empty: the name of its table.
    pub name: &'static str,
    /// How many siblings of the same key stand before it.
    pub ordinal: u64,
    /// Whether an `offs` addresses it.
    pub through_offs: bool,
    /// In how many containers it stands, for the limit.
    pub depth: u32,
}

impl Place {
    fn head(&self, key: [u8; 4], table: Option<&'static Table>, bit: u64, length: u64) -> BoxHead {
        let mut head = BoxHead::new(key, table, bit, length);
        if !self.name.is_empty() {
            head.name = self.name;
        }
        head.ordinal = self.ordinal;
        head.through_offs = self.through_offs;
        head
    }
}

/// Reads the box that starts at the cursor: Key, Length and, by its table, the Value.
///
/// Afterwards the cursor is behind the box, also where the Value is malformed. The error of a wrong Key or Length leaves
/// it where it was, or behind what is there of the box.
pub fn walk_box(cursor: &mut Cursor<'_>, table: &'static Table, scope: &dyn Scope, visitor: &mut dyn Visitor, limits: &Limits) -> Result<Record> {
    walk_box_at(cursor, table, scope, visitor, limits, Place::default())
}

/// The same for a box of which the place is known.
pub fn walk_box_at(
    cursor: &mut Cursor<'_>,
    table: &'static Table,
    scope: &dyn Scope,
    visitor: &mut dyn Visitor,
    limits: &Limits,
    place: Place,
) -> Result<Record> {
    let mut reader = Reader::new(cursor, visitor, limits);
    reader.depth = place.depth;
    let head = reader.head(table.key)?;
    let shown = place.head(head.key, Some(table), head.start, head.length);
    let length = head.length;
    if reader.visitor.skips(&shown) {
        reader.read_opaque(head, shown)?;
        return Ok(Frame::new(table, Args::Scope(scope), Some(length), 0).into_record());
    }
    reader.read_box(head, table, shown, |form| Frame::new(table, Args::Scope(scope), Some(length), form))
}

/// Reads a structure without Key and Length at the cursor; alignment in it counts from its first bit.
///
/// The visitor hears of its fields only.
pub fn walk_struct(cursor: &mut Cursor<'_>, table: &'static Table, scope: &dyn Scope, visitor: &mut dyn Visitor, limits: &Limits) -> Result<Record> {
    let mut reader = Reader::new(cursor, visitor, limits);
    let mut frame = Frame::new(table, Args::Scope(scope), None, 0);
    run_table(&mut reader, &mut frame, table.rows)?;
    Ok(frame.into_record())
}

/// Reads any box as Key, Length and one field `Value`; returns its key and its Length.
pub fn walk_opaque_box(cursor: &mut Cursor<'_>, visitor: &mut dyn Visitor, limits: &Limits, place: Place) -> Result<([u8; 4], u64)> {
    let mut reader = Reader::new(cursor, visitor, limits);
    let head = reader.head(None)?;
    let (key, length) = (head.key, head.length);
    let shown = place.head(key, None, head.start, length);
    reader.read_opaque(head, shown)?;
    Ok((key, length))
}

/// Reads the `offs` at the cursor; returns SubKey and Offset.
pub fn walk_offs(cursor: &mut Cursor<'_>, visitor: &mut dyn Visitor, limits: &Limits, place: Place) -> Result<([u8; 4], u64)> {
    let start = cursor.position();
    if let Some(key) = cursor.peek_key()?
        && key != OFFS
    {
        let message = format!("the box `{}` where `offs` is expected", key.escape_ascii());
        return Err(Error::malformed(start, message));
    }
    let mut reader = Reader::new(cursor, visitor, limits);
    reader.read_offs(place.head(OFFS, None, start, 16))
}
