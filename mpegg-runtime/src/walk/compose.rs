//! The rows run backwards: from JSON to bits.
//!
//! The JSON of a box or structure is an object with the fields as members, under their printed names and in the printed
//! order. A loop with one field is an array under the name of that field (`null` for a round without it), a loop with a
//! name an array of objects; where the subscripts of fields in and around a loop say where each element goes (`tflag[0]` before it,
//! `tflag[i]` and `thres[i]` in it), each of them is an array of its own, with `null` for what is not there. Numbers over 2^53 are strings of decimal digits; byte strings, checksums and other strings of
//! bits are hexadecimal digits, with `:` and the number of bits where these are not whole bytes; signatures are letters;
//! `{"hex": ..}` stands for characters or letters that are none, and for a box that is kept as bits; an `offs` in the
//! place of a box is `{"SubKey": .., "Offset": ..}`. Left out are: counts that an array tells, fixed bits that are as they
//! should be, alignment bits that are zero. `form` names a form that is not the printed one. Names that a structure has
//! several times are numbered (`reserved_1`, `reserved_2`). Padding at the end of a box that is not zero is
//! `nesting_zero_bit_end`; bits behind the last row are `gap`.

mod boxes;
mod leaf;
mod place;
mod port;

use serde_json::Value as Json;

use super::container::parts;
use super::frame::{Args, Frame};
use super::names::{FORM, GAP, Names, PADDING};
use super::port::run_table;
use super::{Record, Scope};
use crate::bits::BitWriter;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::table::Table;
use place::Place;
use port::Composer;

/// Writes the box that this JSON describes.
pub fn compose_box(table: &'static Table, json: &Json, scope: &dyn Scope, limits: &Limits, writer: &mut BitWriter) -> Result<Record> {
    let mut composer = Composer::new(writer, limits);
    let make = |length, form| Frame::new(table, Args::Scope(scope), length, form);
    composer.write_box(table, json, make)
}

/// Writes the structure without Key and Length that this JSON describes; alignment counts from its first bit.
pub fn compose_struct(table: &'static Table, json: &Json, scope: &dyn Scope, limits: &Limits, writer: &mut BitWriter) -> Result<Record> {
    let mut composer = Composer::new(writer, limits);
    let mut frame = Frame::new(table, Args::Scope(scope), None, 0);
    composer.write_object(table, json, |composer| run_table(composer, &mut frame, table.rows))?;
    Ok(frame.into_record())
}

/// A container while it is written. Whoever writes it writes Key and Length, and the children.
pub struct ContainerComposer<'a> {
    frame: Frame<'a>,
    json: &'a Json,
    /// The first bit of the container.
    base: u64,
}

impl<'a> ContainerComposer<'a> {
    /// The container whose Key starts at bit `base` of the writer; `json` holds its own fields, among other members.
    pub fn new(table: &'static Table, json: &'a Json, scope: &'a dyn Scope, base: u64) -> ContainerComposer<'a> {
        let frame = Frame::new(table, Args::Scope(scope), None, 0);
        ContainerComposer { frame, json, base }
    }

    /// Writes the rows before the children.
    pub fn before(&mut self, writer: &mut BitWriter, limits: &Limits) -> Result<()> {
        self.run(writer, limits, 0)
    }

    /// Writes the rows behind the children, and padding and gap where the JSON has them.
    pub fn behind(&mut self, writer: &mut BitWriter, limits: &Limits) -> Result<()> {
        self.run(writer, limits, 2)?;
        let mut composer = Composer::new(writer, limits);
        composer.base = self.base;
        composer.places.push(Place::object(self.json)?);
        composer.write_rest()
    }

    /// The values of the container's own fields.
    pub fn record(&self) -> Record {
        let (table, form) = (self.frame.table, self.frame.form);
        Record { table, form, slots: self.frame.slots.clone() }
    }

    fn run(&mut self, writer: &mut BitWriter, limits: &Limits, part: usize) -> Result<()> {
        let mut composer = Composer::new(writer, limits);
        composer.base = self.base;
        composer.places.push(Place::object(self.json)?);
        let rows = parts(self.frame.table.rows);
        run_table(&mut composer, &mut self.frame, rows.get(part).copied().unwrap_or(&[]))
    }
}

/// The members that are no rows.
fn is_extra(member: &str) -> bool {
    [FORM, GAP, PADDING, "Length"].contains(&member)
}

/// An error for JSON that does not fit.
fn wrong(position: u64, message: impl Into<String>) -> Error {
    Error::malformed(position, message.into())
}
