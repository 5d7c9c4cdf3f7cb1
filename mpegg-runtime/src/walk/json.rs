//! A visitor that makes JSON of a box or structure, from which [`compose_box`](super::compose_box) makes the same bits.

mod counts;
mod place;
mod text;

use serde_json::Value as Json;

use super::names::{FORM, GAP, Member, Names, PADDING, VALUE, array_field, counted_row, may_be_left_out};
use super::visitor::{BoxHead, FieldEvent, FieldValue, LoopEvent, StructEvent, Visitor};
use crate::error::{Error, ErrorKind, Result};
use crate::table::{Field, Row, Table, What};
pub(crate) use counts::elements;
use place::{Place, Places};
use text::{bits_json, number_json};

/// Builds the JSON of one box or structure.
#[derive(Debug)]
pub struct JsonBuilder {
    places: Places,
    names: Names,
    /// The greatest byte string that is taken in.
    limit: u64,
    error: Option<Error>,
    done: Option<Json>,
}

impl Default for JsonBuilder {
    fn default() -> JsonBuilder {
        JsonBuilder::new(crate::Limits::default().allocation)
    }
}

impl JsonBuilder {
    /// Takes in byte strings of at most `limit` bytes each; a longer one is an error of [`JsonBuilder::finish`].
    pub fn new(limit: u64) -> JsonBuilder {
        let mut places = Places::default();
        places.open(Member::default());
        JsonBuilder { places, names: Names::default(), limit, error: None, done: None }
    }

    /// The JSON of the box that was walked, else of the fields that were told without a box.
    pub fn finish(mut self) -> Result<Json> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(done) = self.done {
            return Ok(done);
        }
        Ok(self.places.close().map_or(Json::Null, |(_, json)| json))
    }

    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// Puts a value where the walk stands.
    fn put(&mut self, target: Member, value: Json) {
        let name = target.name.clone();
        if !self.places.put(target, value) {
            self.fail(Error::without_position(ErrorKind::Limit, "a subscript too great").in_field(&name, &[]));
        }
    }

    /// Puts a member that no row describes.
    fn put_extra(&mut self, name: &str, value: Json) {
        self.put(Member { name: name.to_owned(), column: None }, value);
    }

    fn json_of(&mut self, event: &FieldEvent<'_>) -> Json {
        match &event.value {
            FieldValue::Int(number) => number_json(*number),
            FieldValue::Text(text) => Json::from(*text),
            FieldValue::Letters(letters) => Json::from(letters.as_str()),
            FieldValue::Bytes(handle) => match handle.read(self.limit) {
                Ok(Some(bits)) => bits_json(event.row, &bits),
                Ok(None) => {
                    let message = format!("a string of {} bits", event.bits);
                    self.fail(Error::limit(event.bit, message).in_field(event.name, event.index));
                    Json::Null
                }
                Err(error) => {
                    self.fail(error.in_field(event.name, event.index));
                    Json::Null
                }
            },
        }
    }

    /// A field that a row of a table describes.
    fn row_field(&mut self, table: &'static Table, row: &'static Row, event: &FieldEvent<'_>) {
        let Row::Field(field) = row else {
            if let FieldValue::Int(bits) = event.value
                && bits != 0
                && let Some(member) = self.names.member(table, row)
            {
                self.places.put_beside(&member, number_json(bits));
            }
            return;
        };
        let target = self.names.element(table, row, event.index).unwrap_or_default();
        if target.column.is_none() && is_usual(field, &event.value) {
            return;
        }
        let value = self.json_of(event);
        if let Some(counted) = field.counts
            && let Some(counted) = counted_row(table, row, counted)
            && let Some(counted) = self.names.member(table, counted)
        {
            self.places.note_count(target.name.clone(), counted);
        }
        self.put(target, value);
    }
}

impl Visitor for JsonBuilder {
    fn enter_box(&mut self, head: &BoxHead) {
        let target = head.row.and_then(|(table, row)| self.names.element(table, row, &head.index));
        self.places.open(target.unwrap_or_default());
        if let Some(table) = head.table
            && head.form != 0
            && let Some(form) = table.forms.get(usize::from(head.form))
        {
            self.put_extra(FORM, Json::from(*form));
        }
    }

    fn leave_box(&mut self, head: &BoxHead) {
        let Some((target, json)) = self.places.close() else {
            return;
        };
        if head.row.is_none() && self.places.0.len() == 1 {
            self.done = Some(json);
        } else {
            self.put(target, json);
        }
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        let target = self.names.element(event.outer, event.row, event.index);
        self.places.open(target.unwrap_or_default());
    }

    fn leave_struct(&mut self) {
        if let Some((target, json)) = self.places.close() {
            self.put(target, json);
        }
    }

    fn enter_loop(&mut self, event: &LoopEvent) {
        let member = self.names.loop_member(event.table, event.row);
        let fixed = array_field(event.row).is_some_and(|field| matches!(field.what, What::Fixed { .. }));
        let of_objects = event.name.is_some();
        self.places.0.push(Place::Array { elements: Vec::new(), member, of_objects, optional: fixed });
    }

    fn enter_element(&mut self, _: u64) {
        let number = match self.places.0.last() {
            Some(Place::Array { of_objects: true, .. }) => return self.places.open(Member::default()),
            Some(Place::Array { elements, .. }) => elements.len() as u64,
            _ => 0,
        };
        self.places.0.push(Place::Round { number, value: None });
    }

    fn leave_element(&mut self) {
        let element = match self.places.0.last_mut() {
            Some(Place::Round { value, .. }) => {
                let value = value.take();
                self.places.0.pop();
                value.unwrap_or(Json::Null)
            }
            _ => self.places.close().map_or(Json::Null, |(_, json)| json),
        };
        if let Some(Place::Array { elements, .. }) = self.places.0.last_mut() {
            elements.push(element);
        }
    }

    fn leave_loop(&mut self) {
        let Some(Place::Array { elements, member: Some(name), optional, .. }) = self.places.0.pop() else {
            return;
        };
        if !(optional && elements.iter().all(Json::is_null)) {
            self.put(Member { name, column: None }, Json::Array(elements));
        }
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        match (event.table, event.row, event.name) {
            (Some(table), Some(row), _) => self.row_field(table, row, event),
            (_, _, "Key" | "Length") => {}
            (_, _, VALUE) => {
                let value = self.json_of(event);
                self.put_extra("hex", value);
            }
            (_, _, GAP | "SubKey" | "Offset") => {
                let value = self.json_of(event);
                self.put_extra(event.name, value);
            }
            _ => {
                if let FieldValue::Int(bits) = event.value
                    && bits != 0
                {
                    self.put_extra(PADDING, number_json(bits));
                }
            }
        }
    }
}

/// Whether writers know the value anyway.
fn is_usual(field: &Field, value: &FieldValue<'_>) -> bool {
    match (&field.what, value) {
        (What::Fixed { value: usual, .. }, FieldValue::Int(number)) => usual == number,
        _ => false,
    }
}

/// Whether a loop may be missing in JSON although it has rounds.
pub(super) fn may_be_missing(row: &'static Row) -> bool {
    array_field(row).is_none_or(may_be_left_out)
}
