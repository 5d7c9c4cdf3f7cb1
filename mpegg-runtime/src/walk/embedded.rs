//! Reading structures and boxes inside tables: deferred boxes, `offs` in the place of a box.

use super::boxes::Head;
use super::eval::At;
use super::frame::{Args, Frame};
use super::leaf::is_missing_reference;
use super::opaque::{OFFS, OFFS_BITS};
use super::port::{at, run_table};
use super::reader::Reader;
use super::visitor::{BoxHead, StructEvent};
use super::{Record, Value};
use crate::error::{Error, Result};
use crate::table::{Expr, Field, Kind, Row, Table, What};

/// The row that embeds a box.
struct Embedding<'e> {
    table: &'static Table,
    args: &'static [Expr],
    row: &'static Row,
    field: &'static Field,
    index: &'e [u64],
    or_offs: bool,
    deferred: &'static Option<Expr>,
}

impl Reader<'_, '_> {
    pub(super) fn read_embedded(&mut self, frame: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Value> {
        let here = at(self, frame);
        let What::Table { table, args, or_offs, deferred } = &field.what else {
            return Err(Error::unsupported(here.position, "a leaf is no structure"));
        };
        let (table, args) = (*table, *args);
        if self.depth >= self.limits.depth {
            let message = format!("more than {} structures inside each other", self.limits.depth);
            return Err(Error::limit(here.position, message).in_field(field.name, index));
        }
        self.depth = self.depth.saturating_add(1);
        let read = match table.kind {
            Kind::Struct => {
                let inner = Frame::new(table, Args::Row(args, frame), frame.length, 0);
                let settled = inner.settle(here.position, here.remaining);
                let read = settled.and_then(|()| self.read_struct(inner, frame, row, field, index));
                read.map(Value::from).map_err(|error| error.in_field(field.name, index))
            }
            Kind::Box | Kind::Container => {
                let embedding = Embedding { table, args, row, field, index, or_offs: *or_offs, deferred };
                self.read_embedded_box(&here, &embedding)
            }
        };
        self.depth = self.depth.saturating_sub(1);
        read
    }

    fn read_struct(&mut self, mut inner: Frame<'_>, outer: &Frame<'_>, row: &'static Row, field: &'static Field, index: &[u64]) -> Result<Record> {
        let table = inner.table;
        if !self.is_quiet() {
            let bit = self.cursor.position();
            let event = StructEvent { table, outer: outer.table, row, name: field.name, index, bit };
            self.visitor.enter_struct(&event);
        }
        let read = run_table(self, &mut inner, table.rows);
        if !self.is_quiet() {
            self.visitor.leave_struct();
        }
        read.map(|()| inner.into_record())
    }

    fn read_embedded_box(&mut self, here: &At<'_>, embedding: &Embedding<'_>) -> Result<Value> {
        let Embedding { table, args, field, index, .. } = *embedding;
        let key = table.key.unwrap_or_default();
        let ordinal = self.next_ordinal(key);
        let mut shown = BoxHead::new(key, Some(table), here.position, 0);
        shown.name = field.name;
        shown.row = Some((here.frame.table, embedding.row));
        shown.index = index.to_vec();
        shown.ordinal = ordinal;
        let segment = |error: Error| {
            let ordinal: &[u64] = if index.is_empty() { &[] } else { &[ordinal] };
            error.in_field(&key.escape_ascii().to_string(), ordinal)
        };
        if embedding.or_offs && self.cursor.peek_key()? == Some(OFFS) {
            // The box that is addressed counts among its siblings; the offs among its own.
            shown.ordinal = self.next_ordinal(OFFS);
            shown.key = OFFS;
            shown.table = None;
            shown.length = OFFS_BITS / 8;
            shown.decoded = false;
            return self.read_offs(shown).map(|_| Value::Absent).map_err(segment);
        }
        let head = self.head(Some(key)).map_err(segment)?;
        shown.length = head.length;
        let length = head.length;
        if self.visitor.skips(&shown) {
            return self.read_opaque(head, shown).map(|()| Value::Absent).map_err(segment);
        }
        let new = |form| Frame::new(table, Args::Row(args, here.frame), Some(length), form);
        new(0).settle(here.position, here.remaining).map_err(segment)?;
        let make = |form| {
            let frame = new(form);
            // this succeeded a moment ago
            let _ = frame.settle(here.position, here.remaining);
            frame
        };
        if !self.can_decode(here, embedding.deferred.as_ref(), &head, &make)? {
            return self.read_opaque(head, shown).map(|()| Value::Absent).map_err(segment);
        }
        self.read_box(head, table, shown, make).map(Value::from).map_err(segment)
    }

    /// Whether a deferred box can be decoded: its condition holds and its parameters can be found.
    fn can_decode<'f>(&mut self, here: &At<'_>, deferred: Option<&'static Expr>, head: &Head, make: &impl Fn(u8) -> Frame<'f>) -> Result<bool> {
        let Some(condition) = deferred else {
            return Ok(true);
        };
        match here.truth(condition) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) if is_missing_reference(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        let mut frame = make(0);
        if !frame.scope().deferred(frame.table) {
            return Ok(false);
        }
        let place = (head.start, std::ptr::from_ref(frame.table).addr());
        if let Some(known) = self.decodable.get(&place) {
            return Ok(*known);
        }
        let outer = self.enter(head);
        let form = self.pick_form(frame.table, make);
        if form != 0 {
            frame = make(form);
        }
        let (read, _) = self.attempt(&mut frame);
        self.leave(outer, head.start);
        let possible = !read.is_err_and(|error| is_missing_reference(&error));
        self.decodable.insert(place, possible);
        Ok(possible)
    }

    fn next_ordinal(&mut self, key: [u8; 4]) -> u64 {
        match self.siblings.iter_mut().find(|sibling| sibling.0 == key) {
            Some(sibling) => {
                sibling.1 = sibling.1.saturating_add(1);
                sibling.1
            }
            None => {
                self.siblings.push((key, 0));
                0
            }
        }
    }
}
