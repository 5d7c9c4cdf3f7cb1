//! A visitor that makes JSON of a box or structure, from which [`compose_box`](super::compose_box) makes the same bits.

use serde_json::{Map, Value as Json};

use super::names::{GAP, Names, PADDING, VALUE, array_field, counted_row, may_be_left_out};
use super::visitor::{BoxHead, FieldEvent, FieldValue, LoopEvent, StructEvent, Visitor};
use crate::bits::BitString;
use crate::error::{Error, Result};
use crate::table::{Field, Row, Table, What};

/// Numbers above this are strings of decimal digits.
const EXACT: u64 = 1 << 53;

/// Builds the JSON of one box or structure.
#[derive(Debug)]
pub struct JsonBuilder {
    places: Vec<Place>,
    names: Names,
    /// The greatest byte string that is taken in.
    limit: u64,
    error: Option<Error>,
    done: Option<Json>,
}

/// Where the next value goes.
#[derive(Debug)]
enum Place {
    Object {
        members: Map<String, Json>,
        /// The member of the object around it that this one becomes.
        member: Option<String>,
        /// Members that count others of this object, with the row that they count.
        counts: Vec<(String, String)>,
    },
    Array {
        elements: Vec<Json>,
        member: Option<String>,
        /// Whether a loop with a name makes it: then its elements are objects.
        of_objects: bool,
        /// Whether it may be left out where all its elements are.
        optional: bool,
    },
    Round {
        number: u64,
        value: Option<Json>,
    },
}

impl Default for JsonBuilder {
    fn default() -> JsonBuilder {
        JsonBuilder::new(crate::Limits::default().allocation)
    }
}

impl JsonBuilder {
    /// Takes in byte strings of at most `limit` bytes each; a longer one is an error of [`JsonBuilder::finish`].
    pub fn new(limit: u64) -> JsonBuilder {
        JsonBuilder {
            places: vec![object(None)],
            names: Names::default(),
            limit,
            error: None,
            done: None,
        }
    }

    /// The JSON of the box that was walked, else of the fields that were told without a box.
    pub fn finish(mut self) -> Result<Json> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(done) = self.done {
            return Ok(done);
        }
        match self.places.pop() {
            Some(Place::Object {
                members, counts, ..
            }) => Ok(Json::Object(without_counts(members, counts))),
            _ => Ok(Json::Null),
        }
    }

    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// Puts a value where the walk stands.
    fn put(&mut self, member: Option<String>, value: Json) {
        match (self.places.last_mut(), member) {
            (Some(Place::Object { members, .. }), Some(member)) => {
                members.insert(member, value);
            }
            (Some(Place::Round { value: place, .. }), _) => *place = Some(value),
            _ => {}
        }
    }

    /// Puts a member that no row describes, or that stands for alignment: beside the array where the walk is inside one.
    fn put_beside(&mut self, member: &str, value: Json) {
        let mut name = member.to_owned();
        for round in rounds(&self.places) {
            name.push_str(&format!("[{round}]"));
        }
        let inner = self.places.iter_mut().rev().find_map(|place| match place {
            Place::Object { members, .. } => Some(members),
            _ => None,
        });
        if let Some(members) = inner {
            members.insert(name, value);
        }
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
                self.put_beside(&member, number_json(bits));
            }
            return;
        };
        if is_usual(field, &event.value) {
            return;
        }
        let member = self.names.member(table, row);
        let value = self.json_of(event);
        if let Some(counted) = field.counts
            && let Some(counted) = counted_row(table, row, counted)
            && let (Some(member), Some(counted)) =
                (member.clone(), self.names.member(table, counted))
            && let Some(Place::Object { counts, .. }) = self.object_around()
            && !counts.iter().any(|known| known.0 == member)
        {
            counts.push((member, counted));
        }
        self.put(member, value);
    }

    /// The object in which the walk stands, if it is not inside an array of objects in it.
    fn object_around(&mut self) -> Option<&mut Place> {
        self.places
            .iter_mut()
            .rev()
            .find(|place| matches!(place, Place::Object { .. }))
    }

    fn close_object(&mut self) -> Option<(Option<String>, Json)> {
        match self.places.pop() {
            Some(Place::Object {
                members,
                member,
                counts,
            }) => Some((member, Json::Object(without_counts(members, counts)))),
            _ => None,
        }
    }
}

impl Visitor for JsonBuilder {
    fn enter_box(&mut self, head: &BoxHead) {
        let member = head
            .row
            .and_then(|(table, row)| self.names.member(table, row));
        self.places.push(object(member));
        if let Some(table) = head.table
            && head.form != 0
            && let Some(form) = table.forms.get(usize::from(head.form))
        {
            self.put(Some(super::names::FORM.to_owned()), Json::from(*form));
        }
    }

    fn leave_box(&mut self, _: &BoxHead) {
        let Some((member, json)) = self.close_object() else {
            return;
        };
        if self.places.len() == 1 && member.is_none() {
            self.done = Some(json);
        } else {
            self.put(member, json);
        }
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        let member = self.names.member(event.outer, event.row);
        self.places.push(object(member));
    }

    fn leave_struct(&mut self) {
        if let Some((member, json)) = self.close_object() {
            self.put(member, json);
        }
    }

    fn enter_loop(&mut self, event: &LoopEvent) {
        let member = self.names.loop_member(event.table, event.row);
        let fixed =
            array_field(event.row).is_some_and(|field| matches!(field.what, What::Fixed { .. }));
        let of_objects = event.name.is_some();
        self.places.push(Place::Array {
            elements: Vec::new(),
            member,
            of_objects,
            optional: fixed,
        });
    }

    fn enter_element(&mut self, _: u64) {
        let place = match self.places.last() {
            Some(Place::Array {
                of_objects: true, ..
            }) => object(None),
            Some(Place::Array { elements, .. }) => Place::Round {
                number: elements.len() as u64,
                value: None,
            },
            _ => Place::Round {
                number: 0,
                value: None,
            },
        };
        self.places.push(place);
    }

    fn leave_element(&mut self) {
        let element = match self.places.pop() {
            Some(Place::Object {
                members, counts, ..
            }) => Json::Object(without_counts(members, counts)),
            Some(Place::Round { value, .. }) => value.unwrap_or(Json::Null),
            _ => Json::Null,
        };
        if let Some(Place::Array { elements, .. }) = self.places.last_mut() {
            elements.push(element);
        }
    }

    fn leave_loop(&mut self) {
        if let Some(Place::Array {
            elements,
            member,
            optional,
            ..
        }) = self.places.pop()
        {
            let nothing = optional && elements.iter().all(Json::is_null);
            if member.is_some() && !nothing {
                self.put(member, Json::Array(elements));
            }
        }
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        match (event.table, event.row, event.name) {
            (Some(table), Some(row), _) => self.row_field(table, row, event),
            (_, _, "Key" | "Length") => {}
            (_, _, VALUE) => {
                let value = self.json_of(event);
                self.put(Some("hex".to_owned()), value);
            }
            (_, _, GAP | "SubKey" | "Offset") => {
                let value = self.json_of(event);
                self.put(Some(event.name.to_owned()), value);
            }
            _ => {
                if let FieldValue::Int(bits) = event.value
                    && bits != 0
                {
                    self.put(Some(PADDING.to_owned()), number_json(bits));
                }
            }
        }
    }
}

fn object(member: Option<String>) -> Place {
    Place::Object {
        members: Map::new(),
        member,
        counts: Vec::new(),
    }
}

/// The numbers of the rounds between the innermost object and the place where the walk stands.
fn rounds(places: &[Place]) -> Vec<u64> {
    let inner = places
        .iter()
        .rposition(|place| matches!(place, Place::Object { .. }))
        .unwrap_or(0);
    let rounds = places.iter().skip(inner).filter_map(|place| match place {
        Place::Round { number, .. } => Some(*number),
        _ => None,
    });
    rounds.collect()
}

/// Whether writers know the value anyway.
fn is_usual(field: &Field, value: &FieldValue<'_>) -> bool {
    match (&field.what, value) {
        (What::Fixed { value: usual, .. }, FieldValue::Int(number)) => usual == number,
        _ => false,
    }
}

pub(super) fn number_json(number: u64) -> Json {
    if number > EXACT {
        Json::from(number.to_string())
    } else {
        Json::from(number)
    }
}

/// Hexadecimal digits; in an object of its own where a text is usual.
fn bits_json(row: Option<&'static Row>, bits: &BitString) -> Json {
    let usual_text = match row {
        Some(Row::Field(field)) => matches!(field.what, What::Ascii(_) | What::Letters { .. }),
        Some(_) => false,
        None => false,
    };
    let digits = Json::from(bits.hex());
    if usual_text {
        Json::Object(Map::from_iter([("hex".to_owned(), digits)]))
    } else {
        digits
    }
}

/// Leaves out those members that only say how many elements others have.
fn without_counts(
    mut members: Map<String, Json>,
    counts: Vec<(String, String)>,
) -> Map<String, Json> {
    for (member, counted) in counts {
        let count = members.get(&member);
        if count.is_some_and(|count| says_no_more(count, members.get(&counted))) {
            members.shift_remove(&member);
        }
    }
    members
}

/// Whether a count, or an array of counts, is what the counted array itself tells.
fn says_no_more(count: &Json, counted: Option<&Json>) -> bool {
    match count {
        Json::Array(counts) => {
            let of = |index: usize| counted.and_then(|counted| counted.get(index));
            counts
                .iter()
                .enumerate()
                .all(|(index, count)| says_no_more(count, of(index)))
        }
        Json::Null => true,
        _ => count.as_u64() == Some(elements(counted)),
    }
}

/// How many elements an array has, or bytes a byte string.
pub(super) fn elements(counted: Option<&Json>) -> u64 {
    match counted {
        Some(Json::Array(elements)) => elements.len() as u64,
        Some(Json::String(digits)) => (digits.len() / 2) as u64,
        _ => 0,
    }
}

/// Whether a loop may be missing in JSON although it has rounds.
pub(super) fn may_be_missing(row: &'static Row) -> bool {
    array_field(row).is_none_or(may_be_left_out)
}
