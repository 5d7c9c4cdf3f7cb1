//! Writing boxes and structures.

use serde_json::Value as Json;

use super::place::Place;
use super::port::{Composer, all_used};
use super::{FORM, GAP, PADDING, wrong};
use crate::error::{Error, Result};
use crate::table::{Expr, Field, Kind, Table, What};
use crate::walk::frame::{Args, Frame};
use crate::walk::opaque::OFFS;
use crate::walk::port::{Port, at, run_table};
use crate::walk::{Record, Value};

impl<'j> Composer<'_, 'j> {
    /// Runs what writes an object, in that object; all its members must be used.
    pub(super) fn write_object(&mut self, table: &'static Table, json: &'j Json, run: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let in_table = |error: Error| error.in_table(table.name, table.clause, table.number);
        let place = Place::object(json).map_err(|error| in_table(error.at(self.position())))?;
        self.places.push(place);
        let written = run(self);
        let place = self.places.pop();
        written?;
        place.map_or(Ok(()), |place| all_used(place, self.position())).map_err(in_table)
    }

    /// Writes a box. Where an expression needs its Length, it is written again when that is known.
    pub(super) fn write_box<'f>(&mut self, table: &'static Table, json: &'j Json, make: impl Fn(Option<u64>, u8) -> Frame<'f>) -> Result<Record> {
        let in_table = |error: Error| error.in_table(table.name, table.clause, table.number);
        let form = self.form(table, json).map_err(in_table)?;
        let (missed, room, before) = (self.length_missed, self.room, self.writer.position());
        self.length_missed = false;
        let mut frame = make(None, form);
        let first = self.write_box_once(table, json, &mut frame, None);
        if self.length_missed
            && let Ok(length) = first
        {
            self.writer.truncate(before);
            self.room = room;
            self.length_missed = false;
            frame = make(Some(length), form);
            let again = self.write_box_once(table, json, &mut frame, Some(length))?;
            if again != length {
                let message = format!("{again} bytes where Length says {length}");
                return Err(in_table(wrong(before, message)));
            }
        }
        // what is still missed is the Length of a box around this one
        self.length_missed |= missed;
        first?;
        Ok(frame.into_record())
    }

    /// Writes a box whose Length is known already, or not; returns it.
    fn write_box_once(&mut self, table: &'static Table, json: &'j Json, frame: &mut Frame<'_>, length: Option<u64>) -> Result<u64> {
        let (base, end) = (self.base, self.end);
        self.base = self.writer.position();
        self.end = length.map(|length| self.base.saturating_add(length.saturating_mul(8)));
        let mark = self.writer.begin_box(table.key.unwrap_or_default());
        let written = self.write_object(table, json, |composer| {
            run_table(composer, frame, table.rows)?;
            composer.write_rest()
        });
        let start = self.base;
        (self.base, self.end) = (base, end);
        written?;
        let natural = self.writer.end_box(mark)?;
        if let Some(other) = json.get("Length") {
            let other = self.number(other).map_err(|error| error.in_field("Length", &[]))?;
            self.writer.patch(start.saturating_add(32), other);
        }
        Ok(natural)
    }

    /// Padding at the end of a box that is not zero, and bits behind it.
    pub(super) fn write_rest(&mut self) -> Result<()> {
        if let Some(padding) = self.places.value(PADDING) {
            let bits = self.small(padding).map_err(|error| error.in_field(PADDING, &[]))?;
            self.writer.pad(self.base, bits)?;
        }
        if let Some(gap) = self.places.value(GAP) {
            let bits = self.bits(gap).map_err(|error| error.in_field(GAP, &[]))?;
            self.writer.bit_string(&bits);
        }
        Ok(())
    }

    /// The form that the JSON names.
    fn form(&self, table: &'static Table, json: &Json) -> Result<u8> {
        let Some(name) = json.get(FORM) else {
            return Ok(0);
        };
        let found = table.forms.iter().position(|form| name.as_str() == Some(form));
        found.and_then(|form| u8::try_from(form).ok()).ok_or_else(|| wrong(self.position(), format!("{} has no form {name}", table.name)).in_field(FORM, &[]))
    }

    pub(super) fn write_embedded(&mut self, frame: &Frame<'_>, field: &'static Field, json: Option<&'j Json>) -> Result<Value> {
        let What::Table { table, args, or_offs, deferred } = &field.what else {
            return Err(Error::unsupported(self.position(), "a leaf is no structure"));
        };
        if self.depth >= self.limits.depth {
            let message = format!("more than {} structures inside each other", self.limits.depth);
            return Err(Error::limit(self.position(), message));
        }
        let json = json.ok_or_else(|| wrong(self.position(), "the member is missing"))?;
        if *or_offs && json.get("SubKey").is_some() {
            return self.write_offs(json);
        }
        if deferred.is_some() && !frame.scope().deferred(frame.table) {
            // Written only to learn its values: a box that is decoded on demand has none of them.
            return Ok(Value::Absent);
        }
        if deferred.is_some() && json.get("hex").is_some() {
            let mark = self.writer.begin_box(table.key.unwrap_or_default());
            let bits = self.bits(json)?;
            self.writer.bit_string(&bits);
            self.writer.end_box(mark)?;
            return Ok(Value::Absent);
        }
        self.depth = self.depth.saturating_add(1);
        let written = self.write_table(frame, table, args, json);
        self.depth = self.depth.saturating_sub(1);
        written.map(Value::from)
    }

    fn write_table(&mut self, frame: &Frame<'_>, table: &'static Table, args: &'static [Expr], json: &'j Json) -> Result<Record> {
        let here = at(self, frame);
        match table.kind {
            Kind::Struct => {
                let mut inner = Frame::new(table, Args::Row(args, frame), frame.length, 0);
                inner.settle(here.position, here.remaining).or_else(|error| self.unknown(error))?;
                self.write_object(table, json, |composer| run_table(composer, &mut inner, table.rows))?;
                Ok(inner.into_record())
            }
            Kind::Box | Kind::Container => self.write_box(table, json, |length, form| {
                let inner = Frame::new(table, Args::Row(args, frame), length, form);
                // where this fails, so does the expression that uses it
                let _ = inner.settle(here.position, here.remaining);
                inner
            }),
        }
    }

    /// Writes an `offs` in the place of a box.
    fn write_offs(&mut self, json: &'j Json) -> Result<Value> {
        let sub_key = json.get("SubKey").unwrap_or(&Json::Null);
        let sub_key = self.characters(sub_key).ok().filter(|characters| characters.len() == 4);
        let sub_key = sub_key.ok_or_else(|| wrong(self.position(), "four characters are expected").in_field("SubKey", &[]))?;
        let offset = json.get("Offset").unwrap_or(&Json::Null);
        let offset = self.number(offset).map_err(|error| error.in_field("Offset", &[]))?;
        self.writer.bytes(&OFFS);
        self.writer.bytes(&sub_key);
        self.writer.unsigned(offset, 64)?;
        Ok(Value::Absent)
    }
}
